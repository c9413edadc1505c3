"""A sketch, the writing it names and the picture's size become an answer in OneChart's form."""

import json
from collections.abc import Sequence
from typing import Any

from ocr2.formats.chart_numbers import Number, is_currency, read_number
from ocr2.onechart.scales import Scale, fit_scale
from ocr2.onechart.sketch import Sketch, SketchPoint, SketchSeries
from ocr2.reader import PlacedText

ROUND = ("pie", "donut", "rose")


class Composer:
    """Knows the writing of one chart.

    Args:
        sketch: What the model wrote.
        texts: The lines of writing, in the order of their numbers.
        width: Of the picture, pixels.
        height: As above.
    """

    def __init__(self, sketch: Sketch, texts: Sequence[PlacedText], *, width: int, height: int) -> None:
        self.sketch = sketch
        self.texts = texts
        self.size = width, height
        self.across = sketch.kind == "hbar"  # values run from left to right
        self.value_axis, self.unit = self._axis("value_axis", across=self.across)
        self.second_axis, self.second_unit = self._axis("second_axis", across=False)
        self.label_axis, _ = self._axis("label_axis", across=not self.across)

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
            points[_unused(label, points)] = self._value(series, point, label)
        return points

    def _label(self, point: SketchPoint) -> str:
        if isinstance(point.label, tuple):
            return self._words(point.label)
        return self.label_axis.show(point.label) if self.label_axis is not None else f"{point.label:.3f}"

    def _value(self, series: SketchSeries, point: SketchPoint, label: str) -> str:
        if isinstance(point.value, int):
            return self._words((point.value,))
        if self.sketch.kind in ROUND:
            return f"{100 * point.value:.1f}%"
        axis, unit = (self.second_axis, self.second_unit) if series.on_second else (self.value_axis, self.unit)
        if axis is None:
            return "None"
        below = self._below(series, point)
        shown = axis.show(point.value)
        if below is not None:
            shown = f"{axis.value(point.value) - axis.value(below):.{axis.decimals}f}"
        if unit is None:
            return shown
        return f"{unit}{shown}" if is_currency(unit) else f"{shown}{unit}" if unit == "%" else f"{shown} {unit}"

    def _below(self, series: SketchSeries, point: SketchPoint) -> float | None:
        """Return where the part below a part of a stack ends, if there is one."""
        if self.sketch.arrangement != "stacked":
            return None
        below = None
        for other in self.sketch.series:
            if other is series:
                return below
            for held in other.points:
                if held.label == point.label and isinstance(held.value, float):
                    below = held.value
        return below


def _unused(name: str, taken: dict[str, Any]) -> str:
    """Return a name that is not taken yet."""
    if name not in taken:
        return name
    return next(f"{name} ({n})" for n in range(2, len(taken) + 3) if f"{name} ({n})" not in taken)
