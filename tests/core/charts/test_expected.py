"""Labels that a chart's pattern says are there: where they are looked for, and what is taken."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.charts.plot.expected import Expected, expected_labels, is_expected, with_expected
from ocr2.models.protocols import TextBox

BOTTOM = 300


def picture() -> NDArray[np.uint8]:
    """White with two axes."""
    pixels = np.full((360, 480, 3), 255, np.uint8)
    pixels[20 : BOTTOM + 1, 60] = 0
    pixels[BOTTOM, 60:460] = 0
    return pixels


def level(text: str, x: float, y: float, *, confidence: float = 1.0) -> TextBox:
    half = 3.5 * len(text)
    return TextBox(text, (x - half, y - 6, x + half, y + 6), confidence=confidence)


def ticks(*values: int) -> list[TextBox]:
    """Numbers at the left of the axis, 5 pixels a unit, zero at the bottom; they end at one place."""
    return [level(str(v), 50 - 3.5 * len(str(v)), BOTTOM - 5 * v) for v in values]


def labels(*names: tuple[int, str]) -> list[TextBox]:
    return [level(name, 100 + 80 * i, BOTTOM + 14) for i, name in names]


ALL = labels((0, "Ada"), (1, "Ben"), (2, "Cid"), (3, "Dov"))


def test_a_number_that_is_missing_between_ticks_is_looked_for() -> None:
    found = expected_labels(picture(), [*ticks(0, 10, 30, 40), *ALL])
    at_20 = [e for e in found if e.value == pytest.approx(20)]
    assert len(at_20) == 1
    left, top, right, bottom = at_20[0].place.box
    assert (top + bottom) / 2 == pytest.approx(BOTTOM - 100, abs=2)
    assert left < 40 < right


def test_what_was_read_wrongly_at_a_tick_is_looked_for_too() -> None:
    wrong = level("8", 43, BOTTOM - 100)
    found = [e for e in expected_labels(picture(), [*ticks(0, 10, 30, 40), wrong, *ALL]) if e.value is not None]
    assert any(e.value == pytest.approx(20) for e in found)
    again = next(e for e in found if e.value == pytest.approx(20))
    right = level("20", 43, BOTTOM - 100)
    assert [t.text for t in with_expected([wrong, *ALL], [(again, right)])] == ["Ada", "Ben", "Cid", "Dov", "20"]


def test_a_label_that_is_missing_in_an_even_row_is_looked_for() -> None:
    found = expected_labels(picture(), [*ticks(0, 10, 20, 30, 40), *ALL[:2], *ALL[3:], labels((4, "Eva"))[0]])
    middles = [(e.place.box[0] + e.place.box[2]) / 2 for e in found if e.value is None]
    assert any(abs(x - 260) < 4 for x in middles)


def test_a_chart_with_all_its_labels_misses_none_between_them() -> None:
    found = expected_labels(picture(), [*ticks(0, 10, 20, 30, 40, 50), *ALL])
    assert not [e for e in found if e.value is not None and 0 <= e.value <= 50]
    inner = [e for e in found if e.value is None and 100 < (e.place.box[0] + e.place.box[2]) / 2 < 340]
    assert not inner


@pytest.mark.parametrize(
    ("text", "value", "taken"),
    [("20", 20.0, True), ("2O", 20.0, False), ("25", 20.0, False), ("Eva", None, True), ("", None, False)],
)
def test_only_the_number_that_must_stand_there_is_taken(text: str, value: float | None, taken: bool) -> None:
    place = TextBox("", (0, 0, 20, 12))
    assert is_expected(level(text, 10, 6), Expected(place, value)) is taken


def test_a_doubtful_label_is_not_taken() -> None:
    assert not is_expected(level("Eva", 10, 6, confidence=0.3), Expected(TextBox("", (0, 0, 20, 12))))
