"""From a sketch to an answer: what cannot be is dropped, what is missing is inferred."""

from collections.abc import Mapping

import numpy as np
import pytest

from ocr2.json_types import JsonObject
from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.data_points import Place
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries, tidy_sketch

PICTURE = np.zeros((100, 100, 3), np.uint8)


def line(text: str, x: float, y: float) -> TextBox:
    return TextBox(text, (x - 5, y - 3, x + 5, y + 3))


def compose(sketch: Sketch, texts: list[TextBox], marks: list[Place]) -> JsonObject:
    values = AnswerBuilder(sketch, texts, marks, PICTURE).answer()["values"]
    assert isinstance(values, Mapping)
    return values


def one_series(*points: SketchPoint, kind: str = "bar", **fields: tuple[int, ...]) -> Sketch:
    return Sketch(kind, "single", fields, (SketchSeries((), points),))


TICKS = [line("0", 5, 90), line("10", 5, 50), line("20", 5, 10)]
LABELS = [line("a", 30, 95), line("b", 70, 95)]


def test_marks_are_measured_by_the_ticks() -> None:
    sketch = one_series(SketchPoint((3,), 5), SketchPoint((4,), 6), value_axis=(0, 1, 2))
    values = compose(sketch, TICKS + LABELS, [(0.3, 0.5), (0.7, 0.3)])
    assert [float(str(v)) for v in values.values()] == pytest.approx([10.0, 15.0], abs=0.05)


def test_a_lying_bar_is_measured_from_left_to_right() -> None:
    ticks = [line("0", 10, 95), line("4", 90, 95)]
    sketch = one_series(SketchPoint((2,), 3), kind="hbar", value_axis=(0, 1))
    values = compose(sketch, [*ticks, line("x", 5, 40)], [(0.5, 0.4)])
    assert float(str(values["x"])) == pytest.approx(2.0, abs=0.02)


def test_stacked_parts_are_measured_from_the_part_below() -> None:
    parts = (SketchSeries((), (SketchPoint((3,), 5),)), SketchSeries((), (SketchPoint((3,), 6),)))
    sketch = Sketch("bar", "stacked", {"value_axis": (0, 1, 2)}, parts)
    values = compose(sketch, TICKS + LABELS, [(0.3, 0.7), (0.3, 0.4)])
    sizes = [float(v) for part in values.values() if isinstance(part, dict) for v in part.values()]
    assert sizes == pytest.approx([5.0, 7.5], abs=0.05)


def test_numbers_of_an_axis_are_labels_by_their_mark() -> None:
    texts = [*TICKS, line("2000", 20, 95), line("2010", 80, 95)]
    sketch = one_series(SketchPoint((5,), 5), kind="line", value_axis=(0, 1, 2), label_axis=(3, 4))
    (label,) = compose(sketch, texts, [(0.5, 0.5)])
    assert label == "2005"


def test_a_mark_as_label_without_an_axis_takes_the_nearest_label() -> None:
    sketch = one_series(SketchPoint((3,), 5), SketchPoint((6,), 6), value_axis=(0, 1, 2))
    sketch = Sketch(sketch.kind, "grouped", sketch.fields, (*sketch.series, SketchSeries((), (SketchPoint((4,), 6),))))
    values = compose(sketch, TICKS + LABELS, [(0.3, 0.5), (0.69, 0.3)])
    assert [list(part) for part in values.values() if isinstance(part, dict)] == [["a", "b"], ["b"]]


def test_repeats_are_dropped_and_the_surest_stays() -> None:
    points = (SketchPoint((0,), 1, 0.9), SketchPoint((0,), 2, 0.9), SketchPoint((3,), 4, 0.5))
    other = SketchSeries((7,), (SketchPoint((3,), 4, 0.8), SketchPoint((5,), 20), SketchPoint((6,), 20)))
    sketch = tidy_sketch(Sketch("bar", "grouped", {}, (SketchSeries((), points), other, other)), lines=10)
    first, second = sketch.series
    assert first.points == points[:1]
    assert second == other  # marks may stand for several values, and the series was said twice


def test_slices_are_measured_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def measure(picture: object, marks: list[Place]) -> list[float]:
        asked.append(len(marks))
        return [0.25, 0.75]

    monkeypatch.setattr("ocr2.onechart.nano.answer.measure_slices", measure)
    sketch = one_series(SketchPoint((3,), 5), SketchPoint((4,), 6), kind="pie")
    assert compose(sketch, TICKS + LABELS, [(0.3, 0.5), (0.7, 0.3)]) == {"a": "25.0%", "b": "75.0%"}
    assert asked == [2]
