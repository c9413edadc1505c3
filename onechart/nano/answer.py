"""Chart values as JSON: the decoder's sketch, whose ids name elements of the chart, resolved to texts and numbers."""

import functools
import json
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import Number, is_currency, read_number
from ocr2.json_types import Json, JsonObject
from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.axis_scales import Scale, fit_scale
from ocr2.onechart.nano.data_points import Place
from ocr2.onechart.nano.numerals import agree
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries, tidy_sketch
from ocr2.onechart.nano.series import arrange_bars, settle_series
from ocr2.onechart.nano.slices import measure_slices

ROUND = ("pie", "donut", "rose")
MAX_LABEL_DISTANCE = 0.01  # between data points of one label along the label axis, normalised


class AnswerBuilder:
    """Build the answer to one chart from the decoder's sketch and the elements that its ids select.

    Args:
        sketch: Predicted structure of the chart, as ids of elements.
        texts: Text lines of the chart; their ids are 0 to len(texts) - 1.
        data_points: Predicted data points in normalised coordinates, whose ids follow those of the text lines.
        picture: Pixels (height, width, 3) of the chart.
        entries: Probabilities (n, n) that an element belongs to the series that another names; None if unknown.
    """

    def __init__(
        self,
        sketch: Sketch,
        texts: Sequence[TextBox],
        data_points: Sequence[Place],
        picture: NDArray[np.uint8],
        entries: NDArray[np.float32] | None = None,
    ) -> None:
        self.sketch = tidy_sketch(sketch, len(texts))
        self.texts = texts
        self.data_points = data_points
        self.picture = picture
        self.size = picture.shape[1], picture.shape[0]
        self.across = self.sketch.kind == "hbar"  # values run from left to right
        if entries is not None and self.sketch.kind not in ROUND:
            self.sketch = self._by_colours(entries)
        self.value_axis, self.unit = self._axis("value_axis", across=self.across)
        self.second_axis, self.second_unit = self._axis("second_axis", across=False)
        self.label_axis, _ = self._axis("label_axis", across=not self.across)

    def _by_colours(self, entries: NDArray[np.float32]) -> Sketch:
        """Complete the predicted series and reassign values to them by colour and position."""
        points = [point for series in self.sketch.series for point in series.points]
        numeric = any(self._data_point(point.label[0]) is not None for point in points)
        used = {element for lines in self.sketch.fields.values() for element in lines}
        used |= {element for point in points for element in (*point.label, point.value)}
        used |= {element for series in self.sketch.series for element in series.name}
        first = len(self.texts)
        printed = 2 * sum(point.value < first for point in points) > len(points)
        numbers = [i for i, text in enumerate(self.texts) if read_number(text.text).value is not None]
        values = numbers if printed else range(first, first + len(self.data_points))
        side = 1 if self.across else 0
        along = [(t.box[side] + t.box[side + 2]) / 2 / self.size[side] for t in self.texts]
        along += [position[side] for position in self.data_points]
        spare = [] if numeric else [i for i in values if i not in used]
        unnamed = [i for i in range(first) if i not in used and i not in spare]
        return arrange_bars(settle_series(self.sketch, entries, along, spare, unnamed), along, first)

    def answer(self) -> JsonObject:
        """Return title, source, axis titles and values in OneChart's form."""
        fields = {
            name: self._words(self.sketch.fields.get(name, ())) for name in ("title", "source", "x_title", "y_title")
        }
        parts = [self._points(series) for series in self.sketch.series]
        names = [self._words(series.name) for series in self.sketch.series]
        if len(parts) == 1 and not names[0]:
            values: dict[str, Json] = dict(parts[0])
        else:
            values = {}
            for i, (name, part) in enumerate(zip(names, parts, strict=True)):
                values[_unused(name or f"series {i + 1}", values)] = dict(part)
        return {**{k: v or "None" for k, v in fields.items()}, "values": values}

    def to_json(self) -> str:
        """Return the answer as JSON."""
        return json.dumps(self.answer(), ensure_ascii=False)

    def confidences(self) -> list[float]:
        """Return the confidence of each value, in order: that of its ids times that of the text they select."""
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

    def _data_point(self, element: int) -> Place | None:
        """Return the coordinates of an element that is a data point; None for a text line."""
        number = element - len(self.texts)
        return self.data_points[number] if 0 <= number < len(self.data_points) else None

    def _label(self, point: SketchPoint) -> str:
        position = self._data_point(point.label[0])
        if position is None:
            return self._words(point.label)
        place = position[1] if self.across else position[0]
        if self.label_axis is not None:
            return self.label_axis.show_round(place)
        return self._nearest_label(place) or f"{place:.3f}"

    def _nearest_label(self, place: float) -> str:
        """Return the label of other values that is nearest along the label axis."""
        labels = sorted({p.label for s in self.sketch.series for p in s.points if p.label[0] < len(self.texts)})

        def distance(label: Sequence[int]) -> float:
            box = self.texts[label[0]].box
            low, high, side = (box[1], box[3], self.size[1]) if self.across else (box[0], box[2], self.size[0])
            return float(abs((low + high) / 2 / side - place))

        return self._words(min(labels, key=distance)) if labels else ""

    def _value(self, series: SketchSeries, point: SketchPoint) -> str:
        position = self._data_point(point.value)
        if position is None:
            return self._printed.get(point.value, "")
        if self.sketch.kind in ROUND:
            share = self._shares.get(point.value)
            return f"{100 * share:.1f}%" if share is not None else "None"
        axis, unit = (self.second_axis, self.second_unit) if series.on_second else (self.value_axis, self.unit)
        if axis is None:
            return "None"
        below = self._below(series, point)
        value = axis.value(self._along(position))
        shown = axis.show(self._along(position)) if below is None else f"{value - axis.value(below):.{axis.decimals}f}"
        if unit is None:
            return shown
        return f"{unit}{shown}" if is_currency(unit) else f"{shown}{unit}" if unit == "%" else f"{shown} {unit}"

    def _along(self, position: Place) -> float:
        return position[0] if self.across else position[1]

    @functools.cached_property
    def _printed(self) -> dict[int, str]:
        """Return the values that the chart prints, by the ids of their text lines."""
        values = (point.value for series in self.sketch.series for point in series.points)
        lines = [element for element in dict.fromkeys(values) if element < len(self.texts)]
        ends = [abs(axis.value(end)) for axis in (self.value_axis, self.second_axis) if axis for end in (0.0, 1.0)]
        return dict(zip(lines, agree([self._words((i,)) for i in lines], max(ends, default=None)), strict=True))

    @functools.cached_property
    def _shares(self) -> dict[int, float | None]:
        """Return the measured shares of slices without a printed value, by the ids of their data points."""
        values = dict.fromkeys(point.value for series in self.sketch.series for point in series.points)
        elements = [element for element in values if self._data_point(element) is not None]
        places = [self.data_points[element - len(self.texts)] for element in elements]
        return dict(zip(elements, measure_slices(self.picture, places), strict=True))

    def _below(self, series: SketchSeries, point: SketchPoint) -> float | None:
        """Return the coordinate at which the segment below one of a stacked bar ends; None for the lowest.

        Segments on the same side of zero are stacked in the order of their ends.
        """
        position, axis = self._data_point(point.value), self.value_axis
        if self.sketch.arrangement != "stacked" or position is None or axis is None:
            return None
        end = axis.value(self._along(position))
        below: tuple[float, float] | None = None  # value and coordinate
        for held in (held for other in self.sketch.series if other is not series for held in other.points):
            other_point = self._data_point(held.value)
            if other_point is None or not self._same_label(held, point):
                continue
            value = axis.value(self._along(other_point))
            nearer = value * end > 0 and abs(value) < abs(end)
            if nearer and (below is None or abs(value) > abs(below[0])):
                below = value, self._along(other_point)
        return below[1] if below is not None else None

    def _same_label(self, one: SketchPoint, other: SketchPoint) -> bool:
        points = self._data_point(one.label[0]), self._data_point(other.label[0])
        if points[0] is None or points[1] is None:
            return one.label == other.label
        across = 1 if self.across else 0
        return abs(points[0][across] - points[1][across]) < MAX_LABEL_DISTANCE


def _unused(name: str, used: Collection[str]) -> str:
    """Return the name, numbered if it is in use."""
    if name not in used:
        return name
    return next(f"{name} ({n})" for n in range(2, len(used) + 3) if f"{name} ({n})" not in used)
