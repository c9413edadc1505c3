"""Text of charts: parts of a line that are text, signs that are none, directions that rows agree on."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.models.protocols import DetectedLine, StripReading, TextBox
from ocr2.reading.charts.find_text import MARGIN, cut_parts, find_chart_text

Gray = NDArray[np.uint8]
BLACK, BLUE = (0, 0, 0), (31, 119, 180)


class FakeReader:
    """Finds given lines, and reads of every strip what a function makes of it."""

    name = "fake"
    weights_sha256 = "0" * 64
    max_strip_width = 2000

    def __init__(self, lines: Sequence[DetectedLine] | None, read: Callable[[Gray], str]) -> None:
        self.lines = list(lines) if lines is not None else None
        self.read = read

    def find_lines(self, gray: Gray, x_height: float) -> list[DetectedLine] | None:
        return self.lines

    def read_strips(self, strips: Sequence[Gray], **options: object) -> list[StripReading]:
        texts = [self.read(strip) for strip in strips]
        return [
            StripReading(t, tuple(0.9 for _ in t), tuple((i + 0.5) / len(t) for i in range(len(t))), 1.0, "end")
            for t in texts
        ]


def paper() -> NDArray[np.uint8]:
    return np.full((120, 300, 3), 255, np.uint8)


def letters(picture: NDArray[np.uint8], left: int, count: int, *, top: int = 40) -> int:
    """Draw upright bars like letters; returns where they end."""
    for i in range(count):
        picture[top : top + 12, left + 6 * i : left + 6 * i + 4] = BLACK
        picture[top + 5 : top + 7, left + 6 * i : left + 6 * i + 5] = BLACK
    return left + 6 * count


def place(left: float, right: float) -> TextBox:
    return TextBox("", (left, 37, right, 55))


def test_a_sample_in_another_colour_is_no_text() -> None:
    picture = paper()
    picture[40:52, 40:52] = BLUE
    end = letters(picture, 60, 5)
    (part,) = cut_parts(picture, place(40, end))
    assert part.box[0] == pytest.approx(60, abs=2.5)
    assert part.box[2] == pytest.approx(end, abs=3)


def test_samples_part_the_entries_of_a_legend_in_one_line() -> None:
    picture = paper()
    ends = []
    for left in (40, 120):
        picture[40:52, left : left + 12] = BLUE
        ends.append(letters(picture, left + 20, 4))
    parts = cut_parts(picture, place(40, ends[-1]))
    assert [round(p.box[0] / 10) for p in parts] == [6, 14]


def test_a_tick_mark_behind_a_number_is_no_text() -> None:
    picture = paper()
    end = letters(picture, 60, 2)
    picture[46:48, end + 8 : end + 18] = BLACK
    (part,) = cut_parts(picture, place(60, end + 18))
    assert part.box[2] == pytest.approx(end, abs=3)


def line(x: float, y: float, length: float, angle: float = 0.0) -> DetectedLine:
    return DetectedLine(x=x, y=y, length=length, x_height=9.0, angle=angle, points=(), confidence=0.9)


@pytest.mark.parametrize(
    ("read", "text"), [("40-", "40"), ("-40", "-40"), ("12%—", "12%"), ("A.", "A"), ("a-b", "a-b")]
)
def test_signs_that_are_no_part_of_a_label_are_left_out(read: str, text: str) -> None:
    picture = paper()
    end = letters(picture, 60, len(read))
    found = find_chart_text(picture, FakeReader([line(MARGIN + (60 + end) / 2, MARGIN + 46, end - 60)], lambda _: read))
    assert found is not None
    assert [t.text for t in found] == [text]
    assert found[0].box[0] == pytest.approx(60, abs=4)


def test_a_sign_in_a_row_of_letters_is_a_letter() -> None:
    picture = paper()
    signs = {"g": "9"}
    lines = []
    for i in range(4):
        letters(picture, 50 + 50 * i, 1)
        lines.append(line(MARGIN + 52 + 50 * i, MARGIN + 46, 6))

    names = iter([c for c in "efgh" for _ in range(2)])  # every short line is read level and upright

    def read(_: Gray) -> str:
        letter = next(names)
        return signs.get(letter, letter)

    found = find_chart_text(picture, FakeReader(lines, read))
    assert found is not None
    assert [t.text for t in found] == list("efgh")


def test_a_reader_without_a_detector_finds_none() -> None:
    assert find_chart_text(paper(), FakeReader(None, lambda _: "")) is None
