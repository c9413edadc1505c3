"""A sketch, the elements it names and the picture become an answer in OneChart's form."""

import functools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import Number, is_currency, read_number
from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.axis_scales import Scale, fit_scale
from ocr2.onechart.nano.data_points import Place
from ocr2.onechart.nano.numerals import agree
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries, tidy_sketch
from ocr2.onechart.nano.series import arrange_bars, settle_series
from ocr2.onechart.nano.slices import measure_slices

ROUND = ("pie", "donut", "rose")
SAME_LABEL = 0.01  # of the picture's side: marks nearer than this along the labels' axis stand at one label


class Composer:
    """Knows the elements of one chart.

    Args:
        sketch: What the model wrote.
        texts: The text lines, in the order of their numbers.
        marks: The marks, numbered behind the lines.
        picture: (height, width, 3).
        entries: (n, n): probability that a element belongs to the series that another names; None if not known.
    """

    def __init__(
        self,
        sketch: Sketch,
        texts: Sequence[TextBox],
        marks: Sequence[Place],
        picture: NDArray[np.uint8],
        entries: NDArray[np.float32] | None = None,
    ) -> None:
        self.sketch = tidy_sketch(sketch, len(texts))
        self.texts = texts
        self.marks = marks
        self.picture = picture
        self.size = picture.shape[1], picture.shape[0]
        self.across = self.sketch.kind == "hbar"  # values run from left to right
        if entries is not None and self.sketch.kind not in ROUND:
            self.sketch = self._by_colours(entries)
        self.value_axis, self.unit = self._axis("value_axis", across=self.across)
        self.second_axis, self.second_unit = self._axis("second_axis", across=False)
        self.label_axis, _ = self._axis("label_axis", across=not self.across)

    def _by_colours(self, entries: NDArray[np.float32]) -> Sketch:
        """Complete the sketch's series and exchange their values by colours and places."""
        points = [point for series in self.sketch.series for point in series.points]
        numeric = any(self._mark(point.label[0]) is not None for point in points)
        used = {element for lines in self.sketch.fields.values() for element in lines}
        used |= {element for point in points for element in (*point.label, point.value)}
        used |= {element for series in self.sketch.series for element in series.name}
        first = len(self.texts)
        printed = 2 * sum(point.value < first for point in points) > len(points)
        numbers = [i for i, text in enumerate(self.texts) if read_number(text.text).value is not None]
        values = numbers if printed else range(first, first + len(self.marks))
        side = 1 if self.across else 0
        along = [(t.box[side] + t.box[side + 2]) / 2 / self.size[side] for t in self.texts]
        along += [mark[side] for mark in self.marks]
        spare = [] if numeric else [i for i in values if i not in used]
        unnamed = [i for i in range(first) if i not in used and i not in spare]
        return arrange_bars(settle_series(self.sketch, entries, along, spare, unnamed), along, first)

    def answer(self) -> dict[str, Any]:
        """Return title, source, axis titles and values."""
        fields = {
            name: self._words(self.sketch.fields.get(name, ())) for name in ("title", "source", "x_title", "y_title")
        }
        parts = [self._points(series) for series in self.sketch.series]
        names = [self._words(series.name) for series in self.sketch.series]
        if len(parts) == 1 and not names[0]:
            values: dict[str, Any] = dict(parts[0])
        else:
            values = {}
            for i, (name, part) in enumerate(zip(names, parts, strict=True)):
                values[_unused(name or f"series {i + 1}", values)] = dict(part)
        return {**{k: v or "None" for k, v in fields.items()}, "values": values}

    def to_json(self) -> str:
        """Return the answer as JSON."""
        return json.dumps(self.answer(), ensure_ascii=False)

    def confidences(self) -> list[float]:
        """Return for each value, in order, how sure it is: of its elements, and of the text that they are."""
        return [self._confidence(point) for series in self.sketch.series for point in series.points]

    def _confidence(self, point: SketchPoint) -> float:
        read = [self.texts[i].confidence for i in (*point.label, point.value) if i < len(self.texts)]
        return point.sure * min(read, default=1.0)

    def _words(self, lines: Sequence[int]) -> str:
        return " ".join(self.texts[i].text for i in lines if i < len(self.texts)).strip()

    def _axis(self, name: str, *, across: bool) -> tuple[Scale | None, str | None]:
        ticks: list[tuple[float, float]] = []
        units: list[str] = []
        for i in self.sketch.fields.get(name, ()):
            number = read_number(self.texts[i].text) if i < len(self.texts) else Number()
            if number.value is not None:
                box = self.texts[i].box
                middle = (box[0] + box[2]) / 2 / self.size[0] if across else (box[1] + box[3]) / 2 / self.size[1]
                ticks.append((middle, number.value))
                units += [number.unit] if number.unit else []
        return fit_scale(ticks), max(set(units), key=units.count) if units else None

    def _points(self, series: SketchSeries) -> dict[str, str]:
        points: dict[str, str] = {}
        for point in series.points:
            label = self._label(point)
            points[_unused(label, points)] = self._value(series, point)
        return points

    def _mark(self, element: int) -> Place | None:
        """Return where a element stands, if it is a mark."""
        number = element - len(self.texts)
        return self.marks[number] if 0 <= number < len(self.marks) else None

    def _label(self, point: SketchPoint) -> str:
        mark = self._mark(point.label[0])
        if mark is None:
            return self._words(point.label)
        place = mark[1] if self.across else mark[0]
        if self.label_axis is not None:
            return self.label_axis.show_round(place)
        return self._nearest_label(place) or f"{place:.3f}"

    def _nearest_label(self, place: float) -> str:
        """Return the label, of those that other values have, that stands nearest along the labels' axis."""
        labels = sorted({p.label for s in self.sketch.series for p in s.points if p.label[0] < len(self.texts)})

        def distance(label: Sequence[int]) -> float:
            box = self.texts[label[0]].box
            low, high, side = (box[1], box[3], self.size[1]) if self.across else (box[0], box[2], self.size[0])
            return float(abs((low + high) / 2 / side - place))

        return self._words(min(labels, key=distance)) if labels else ""

    def _value(self, series: SketchSeries, point: SketchPoint) -> str:
        mark = self._mark(point.value)
        if mark is None:
            return self._printed.get(point.value, "")
        if self.sketch.kind in ROUND:
            share = self._shares.get(point.value)
            return f"{100 * share:.1f}%" if share is not None else "None"
        axis, unit = (self.second_axis, self.second_unit) if series.on_second else (self.value_axis, self.unit)
        if axis is None:
            return "None"
        below = self._below(series, point)
        value = axis.value(self._along(mark))
        shown = axis.show(self._along(mark)) if below is None else f"{value - axis.value(below):.{axis.decimals}f}"
        if unit is None:
            return shown
        return f"{unit}{shown}" if is_currency(unit) else f"{shown}{unit}" if unit == "%" else f"{shown} {unit}"

    def _along(self, mark: Place) -> float:
        return mark[0] if self.across else mark[1]

    @functools.cached_property
    def _printed(self) -> dict[int, str]:
        """Return the values that are written, by the numbers of their lines."""
        values = (point.value for series in self.sketch.series for point in series.points)
        lines = [element for element in dict.fromkeys(values) if element < len(self.texts)]
        ends = [abs(axis.value(end)) for axis in (self.value_axis, self.second_axis) if axis for end in (0.0, 1.0)]
        return dict(zip(lines, agree([self._words((i,)) for i in lines], max(ends, default=None)), strict=True))

    @functools.cached_property
    def _shares(self) -> dict[int, float | None]:
        """Return the shares of all slices that nothing prints, by the numbers of their marks."""
        values = dict.fromkeys(point.value for series in self.sketch.series for point in series.points)
        elements = [element for element in values if self._mark(element) is not None]
        places = [self.marks[element - len(self.texts)] for element in elements]
        return dict(zip(elements, measure_slices(self.picture, places), strict=True))

    def _below(self, series: SketchSeries, point: SketchPoint) -> float | None:
        """Return the place where the part below a part of a stack ends, if there is one.

        Parts on the same side of zero stand on each other in the order of their ends.
        """
        mark, axis = self._mark(point.value), self.value_axis
        if self.sketch.arrangement != "stacked" or mark is None or axis is None:
            return None
        end = axis.value(self._along(mark))
        below: tuple[float, float] | None = None  # value and place
        for held in (held for other in self.sketch.series if other is not series for held in other.points):
            other_mark = self._mark(held.value)
            if other_mark is None or not self._same_label(held, point):
                continue
            value = axis.value(self._along(other_mark))
            nearer = value * end > 0 and abs(value) < abs(end)
            if nearer and (below is None or abs(value) > abs(below[0])):
                below = value, self._along(other_mark)
        return below[1] if below is not None else None

    def _same_label(self, one: SketchPoint, other: SketchPoint) -> bool:
        marks = self._mark(one.label[0]), self._mark(other.label[0])
        if marks[0] is None or marks[1] is None:
            return one.label == other.label
        across = 1 if self.across else 0
        return abs(marks[0][across] - marks[1][across]) < SAME_LABEL


def _unused(name: str, taken: dict[str, Any]) -> str:
    """Return a name that is not taken yet."""
    if name not in taken:
        return name
    return next(f"{name} ({n})" for n in range(2, len(taken) + 3) if f"{name} ({n})" not in taken)
