"""Bar, line, area and scatter charts by Pillow and OpenCV, in about ten milliseconds each.

Margins follow from the widths of the texts; every part is drawn at its position and recorded.
"""

import math

import numpy as np

from ocr2.synth.charts.canvas import text_width
from ocr2.synth.charts.content import ROUND, Content, SeriesContent
from ocr2.synth.charts.pillow_base import Base, contrast
from ocr2.synth.charts.pillow_round import RoundDrawer
from ocr2.synth.charts.rendered import DataPoint, RenderedChart
from ocr2.synth.charts.scale import Axis, nice_axis, tick_decimals
from ocr2.synth.charts.style import Color, Style

DASHES = ((), (8, 4), (2, 3), (8, 3, 2, 3), (12, 4))
MARKERS = ("o", "s", "^", "D", "x")


def draw_fast(content: Content, style: Style, rng: np.random.Generator) -> RenderedChart:
    """Draw a chart."""
    drawer = RoundDrawer if content.kind in ROUND else AxesDrawer
    return drawer(content, style, rng).draw()


class AxesDrawer(Base):
    """Charts with axes."""

    def draw(self) -> RenderedChart:
        """Draw everything, from the outside in."""
        content, style = self.content, self.style
        self._title()
        self._source()
        names = [s.name or "" for s in content.series]
        if style.legend != "none" and all(names):
            colors = [style.palette[i % len(style.palette)] for i in range(len(names))]
            self._legend(names, colors, [self._is_line(s) for s in content.series])
        self._choose_axes()
        self._margins()
        self._ground()
        self._plot()
        if style.legend == "inside" and all(names):
            self._legend_inside(names)
        return self._drawn()

    def _is_line(self, series: SeriesContent) -> bool:
        return series.line or self.content.kind in ("line", "scatter")

    def _choose_axes(self) -> None:
        content, style = self.content, self.style
        first = [s for s in content.series if not s.second_axis]
        values = [v for s in first for v in s.values if v is not None] or [0.0, 1.0]
        if content.arrangement == "stacked":
            sums = [sum(s.values[j] or 0 for s in first) for j in range(len(content.labels))]
            values = [0.0, *sums]
        zero = style.from_zero or content.kind in ("bar", "hbar", "area", "combo")
        self.axis = nice_axis(values, count=style.ticks, from_zero=zero, log=style.log)
        second = [v for s in content.series if s.second_axis for v in s.values if v is not None]
        self.second: Axis | None = nice_axis(second, count=style.ticks, from_zero=True) if second else None
        self.places: Axis | None = None
        if content.places is not None:
            self.places = nice_axis(content.places, count=max(3, style.ticks), from_zero=self.rng.random() < 0.3)
        span = (self.axis.ticks[-1] - self.axis.ticks[0]) or 1.0
        self.tick_texts = [self._tick_text(t, span) for t in self.axis.ticks]

    def _tick_text(self, value: float, span: float) -> str:
        numbers = self.content.numbers
        if self.style.log and value < 1:
            return f"{value:g}"
        decimals = tick_decimals(self.axis)
        digits = f"{abs(value):,.{decimals}f}".replace(",", numbers.thousands)
        return f"{'-' if value < 0 else ''}{numbers.prefix}{digits}{numbers.suffix if self.rng_units else ''}"

    @property
    def rng_units(self) -> bool:
        """Whether ticks have the values' unit."""
        return self.content.numbers.suffix == "%" or self.style.ticks % 2 == 0

    def _margins(self) -> None:
        """Take the room of tick labels and axis titles off the frame, and write the axis titles."""
        content, style, frame = self.content, self.style, self.frame
        line = sum(self.font.getmetrics())
        widest = max((text_width(t, self.small) for t in self.tick_texts), default=0.0) if style.axis_labels else 0.0
        category = self._category_texts()
        longest = max(text_width(t, self.small) for t in category)
        vertical_title, flat_title = content.y_title, content.x_title
        left, below = widest, float(line)
        if content.horizontal:
            left, below = longest, line if style.axis_labels else 0.3 * line
        elif style.label_angle:
            turn = math.radians(style.label_angle)
            below = longest * math.sin(turn) + line * math.cos(turn)
        if vertical_title is not None:
            x = frame.left + line / 2
            middle = (frame.top + frame.bottom - below) / 2
            self.canvas.write(vertical_title, self.font, (x, middle), style.ink, "y_title", angle=90)
            frame.left += line + self.pad * 0.6
        if flat_title is not None:
            at = ((frame.left + left + frame.right) / 2, frame.bottom - line / 2)
            self.canvas.write(flat_title, self.font, at, style.ink, "x_title")
            frame.bottom -= line + self.pad * 0.5
        if self.second is not None:
            right = max(text_width(self._second_text(t), self.small) for t in self.second.ticks)
            if content.second_title is not None:
                at = (frame.right - line / 2, (frame.top + frame.bottom) / 2)
                self.canvas.write(content.second_title, self.font, at, style.ink, "second_title", angle=90)
                frame.right -= line + self.pad * 0.6
            frame.right -= right + 0.6 * self.em
        frame.left += left + 0.6 * self.em
        frame.bottom -= below + 0.5 * self.em
        frame.top += line * 0.6
        frame.right -= self.em * (1.2 if content.horizontal else 0.4)
        frame.right = max(frame.right, frame.left + 40)
        frame.bottom = max(frame.bottom, frame.top + 40)

    def _second_text(self, value: float) -> str:
        assert self.second is not None
        numbers = self.content.second_numbers
        return f"{value:.{tick_decimals(self.second)}f}{numbers.suffix if numbers else ''}"

    def _category_texts(self) -> list[str]:
        if self.places is not None:
            return [f"{t:.{tick_decimals(self.places)}f}" for t in self.places.ticks]
        return list(self.content.labels)

    def _ground(self) -> None:
        style, frame = self.style, self.frame
        if style.ground != style.paper:
            self.canvas.bar(frame.left, frame.top, frame.right, frame.bottom, style.ground, None, 1)
        thin = max(1.0, style.scale * 0.8)
        for tick, text in zip(self.axis.ticks, self.tick_texts, strict=True):
            place = self._value_place(tick, self.axis)
            if self.content.horizontal:
                ends, at, anchor = (
                    [(place, frame.top), (place, frame.bottom)],
                    (place, frame.bottom + 0.4 * self.em),
                    (0.5, 0.0),
                )
            else:
                ends, at, anchor = (
                    [(frame.left, place), (frame.right, place)],
                    (frame.left - 0.4 * self.em, place),
                    (1.0, 0.5),
                )
            if style.grid in (("x" if self.content.horizontal else "y"), "both"):
                self.canvas.line(ends, style.grid_color, thin)
            if style.axis_labels:
                self.canvas.write(text, self.small, at, style.ink, "tick", anchor=anchor)
        if self.second is not None:
            for tick in self.second.ticks:
                at = (frame.right + 0.4 * self.em, self._value_place(tick, self.second))
                self.canvas.write(self._second_text(tick), self.small, at, style.ink, "second_tick", anchor=(0, 0.5))
        self._categories()
        self._borders(thin)

    def _categories(self) -> None:
        style, frame, content = self.style, self.frame, self.content
        if self.places is not None:
            spots = [
                (self._x_of(t), text, -1) for t, text in zip(self.places.ticks, self._category_texts(), strict=True)
            ]
        else:
            spots = [(self._category_place(i), text, i) for i, text in enumerate(content.labels)]
        crossing = style.grid in (("y" if content.horizontal else "x"), "both")
        for place, text, index in spots:
            if content.horizontal:
                if crossing:
                    self.canvas.line([(frame.left, place), (frame.right, place)], style.grid_color, 1)
                at, anchor, angle = (frame.left - 0.4 * self.em, place), (1.0, 0.5), 0
            else:
                if crossing:
                    self.canvas.line([(place, frame.top), (place, frame.bottom)], style.grid_color, 1)
                angle = style.label_angle
                at, anchor = (place, frame.bottom + 0.4 * self.em), (1.0, 0.5) if angle else (0.5, 0.0)
                if angle and angle < 90:
                    anchor = (1.0, 0.3)
            self.canvas.write(text, self.small, at, style.ink, "label", anchor=anchor, angle=angle, index=index)

    def _borders(self, width: float) -> None:
        frame, shape, ink = self.frame, self.style.frame, self.style.ink
        sides = {
            "bottom": [(frame.left, frame.bottom), (frame.right, frame.bottom)],
            "left": [(frame.left, frame.top), (frame.left, frame.bottom)],
            "top": [(frame.left, frame.top), (frame.right, frame.top)],
            "right": [(frame.right, frame.top), (frame.right, frame.bottom)],
        }
        shown = {"box": tuple(sides), "corner": ("bottom", "left"), "bottom": ("bottom",), "none": ()}[shape]
        if shape == "bottom" and self.content.horizontal:
            shown = ("left",)
        for name in shown:
            self.canvas.line(sides[name], ink, width)

    def _value_place(self, value: float, axis: Axis) -> float:
        """Return x (of horizontal charts) or y of a value."""
        frame, share = self.frame, axis.share(value)
        if self.content.horizontal:
            return frame.left + share * (frame.right - frame.left)
        return frame.bottom - share * (frame.bottom - frame.top)

    def _category_place(self, index: int) -> float:
        frame, count = self.frame, len(self.content.labels)
        if self.content.horizontal:  # the first one on top
            return frame.top + (index + 0.5) / count * (frame.bottom - frame.top)
        if self.content.kind in ("area",) and count > 1:
            return frame.left + index / (count - 1) * (frame.right - frame.left)
        return frame.left + (index + 0.5) / count * (frame.right - frame.left)

    def _x_of(self, place: float) -> float:
        assert self.places is not None
        return self.frame.left + self.places.share(place) * (self.frame.right - self.frame.left)

    def _plot(self) -> None:
        content = self.content
        bars = [i for i, s in enumerate(content.series) if content.kind in ("bar", "hbar", "combo") and not s.line]
        lines = [i for i, s in enumerate(content.series) if i not in bars]
        labels: list[tuple[int, int, float, tuple[float, float], tuple[float, float]]] = []
        if bars:
            self._bars(bars, labels)
        if content.kind == "area":
            self._areas(labels)
        else:
            for i in lines:
                self._line(i, labels)
        if self.style.value_labels != "none":
            for series, index, value, at, anchor in labels:
                text = content.numbers_of(content.series[series]).show(value)
                color = self._label_color(series, anchor)
                self.canvas.write(text, self.small, at, color, "value", anchor=anchor, series=series, index=index)

    def _label_color(self, series: int, anchor: tuple[float, float]) -> Color:
        inside = self.style.value_labels in ("inside", "center") and self.content.kind in (
            "bar",
            "hbar",
            "combo",
            "area",
        )
        if not inside or self.content.series[series].line:
            return self.style.ink
        return contrast(self.style.palette[series % len(self.style.palette)])

    def _bars(
        self, members: list[int], labels: list[tuple[int, int, float, tuple[float, float], tuple[float, float]]]
    ) -> None:
        content, style, frame = self.content, self.style, self.frame
        count = len(content.labels)
        room = ((frame.bottom - frame.top) if content.horizontal else (frame.right - frame.left)) / count
        stacked = content.arrangement == "stacked"
        width = room * style.bar_share / (1 if stacked else len(members))
        base = max(self.axis.low, 0.0) if not self.axis.log else self.axis.low
        single = len(members) == 1 and len(content.series) == 1
        rainbow = single and self.rng.random() < 0.25
        for j in range(count):
            sums = 0.0
            for k, i in enumerate(members):
                value = content.series[i].values[j]
                if value is None:
                    continue
                start = sums if stacked else base
                stop = sums + value if stacked else value
                sums = stop
                middle = self._category_place(j)
                side = middle if stacked else middle + (k - (len(members) - 1) / 2) * width
                a, b = self._value_place(start, self.axis), self._value_place(stop, self.axis)
                color = style.palette[(j if rainbow else i) % len(style.palette)]
                edge = style.ink if style.outline else None
                if content.horizontal:
                    self.canvas.bar(min(a, b), side - width / 2, max(a, b), side + width / 2, color, edge, style.scale)
                    self.points.append(DataPoint(i, j, b, side, a, side))
                else:
                    self.canvas.bar(side - width / 2, min(a, b), side + width / 2, max(a, b), color, edge, style.scale)
                    self.points.append(DataPoint(i, j, side, b, side, a))
                labels.append((i, j, value, *self._bar_label(a, b, side, value)))

    def _bar_label(
        self, a: float, b: float, side: float, value: float
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        gap, out = 0.25 * self.em, 1 if value >= 0 else -1
        if self.style.value_labels == "center":
            return ((a + b) / 2, side) if self.content.horizontal else (side, (a + b) / 2), (0.5, 0.5)
        inward = self.style.value_labels == "inside"
        if self.content.horizontal:
            step = -gap * out if inward else gap * out
            return (b + step, side), ((1.0 if inward else 0.0) if out > 0 else (0.0 if inward else 1.0), 0.5)
        step = gap * out if inward else -gap * out
        return (side, b + step), (0.5, (0.0 if inward else 1.0) if out > 0 else (1.0 if inward else 0.0))

    def _line(self, i: int, labels: list[tuple[int, int, float, tuple[float, float], tuple[float, float]]]) -> None:
        content, style = self.content, self.style
        series = content.series[i]
        axis = self.second if series.second_axis and self.second is not None else self.axis
        color = style.palette[i % len(style.palette)]
        runs: list[list[tuple[float, float]]] = [[]]
        for j, value in enumerate(series.values):
            if value is None:
                runs.append([])
                continue
            x = self._x_of(content.places[j]) if content.places is not None else self._category_place(j)
            y = self._value_place(value, axis)
            runs[-1].append((x, y))
            self.points.append(DataPoint(i, j, x, y, x, self.frame.bottom))
            labels.append((i, j, value, (x, y - 0.45 * self.em), (0.5, 1.0)))
        width = style.line_width * style.scale
        dash = tuple(d * style.scale for d in DASHES[i % len(DASHES)]) if style.dashes else ()
        for run in runs:
            if len(run) > 1 and content.kind != "scatter":
                self.canvas.line(smoothed(run) if style.smooth else run, color, width, dash)
            if style.markers or content.kind == "scatter" or len(run) == 1:
                self._markers(run, i, color)

    def _markers(self, run: list[tuple[float, float]], i: int, color: Color) -> None:
        radius = self.em * 0.3
        for x, y in run:
            shape = MARKERS[i % len(MARKERS)] if self.style.dashes else "o"
            if shape == "s":
                self.canvas.bar(x - radius, y - radius, x + radius, y + radius, color, None, 1)
            elif shape in ("^", "D"):
                top, side = (x, y - radius), radius
                corners = (
                    [top, (x + side, y), (x, y + radius), (x - side, y)]
                    if shape == "D"
                    else [top, (x + side, y + radius), (x - side, y + radius)]
                )
                self.canvas.polygon(corners, color)
            else:
                self.canvas.dot(x, y, radius, color if not self.style.outline else self.style.ground, color)

    def _areas(self, labels: list[tuple[int, int, float, tuple[float, float], tuple[float, float]]]) -> None:
        content, style = self.content, self.style
        sums = np.zeros(len(content.labels))
        stacked = content.arrangement == "stacked"
        floor = self._value_place(max(self.axis.low, min(0.0, self.axis.high)), self.axis)
        for i, series in enumerate(content.series):
            values = np.array([v if v is not None else 0.0 for v in series.values])
            tops = sums + values if stacked else values
            xs = [
                self._x_of(content.places[j]) if content.places is not None else self._category_place(j)
                for j in range(len(values))
            ]
            upper = [(x, self._value_place(float(t), self.axis)) for x, t in zip(xs, tops, strict=True)]
            lower = [
                (x, self._value_place(float(s), self.axis) if stacked else floor) for x, s in zip(xs, sums, strict=True)
            ]
            color = style.palette[i % len(style.palette)]
            self.canvas.polygon([*upper, *reversed(lower)], lighten(color, style.ground, 0.35), None)
            self.canvas.line(upper, color, style.line_width * style.scale)
            for j, ((x, y), (_, base)) in enumerate(zip(upper, lower, strict=True)):
                self.points.append(DataPoint(i, j, x, y, x, base))
                labels.append((i, j, float(values[j]), (x, y - 0.35 * self.em), (0.5, 1.0)))
            if stacked:
                sums = tops

    def _legend_inside(self, names: list[str]) -> None:
        style, frame = self.style, self.frame
        step = sum(self.small.getmetrics()) * 1.1
        width = max(text_width(n, self.small) for n in names) + 2.4 * self.em
        right, low = self.rng.random() < 0.6, self.rng.random() < 0.2
        x = frame.right - width if right else frame.left + 0.6 * self.em
        y = frame.bottom - step * len(names) - self.em if low else frame.top + 0.4 * self.em
        if style.legend_frame:
            self.canvas.bar(
                x - 0.3 * self.em,
                y,
                x + width,
                y + step * len(names) + 0.2 * self.em,
                style.ground,
                style.grid_color,
                1,
            )
        places = [(x, y + step * (i + 0.5)) for i in range(len(names))]
        colors = [style.palette[i % len(style.palette)] for i in range(len(names))]
        self._entries(names, colors, [self._is_line(s) for s in self.content.series], places)


def lighten(color: Color, ground: Color, share: float) -> Color:
    """Mix a colour with the background."""
    mixed = [round(c + (g - c) * share) for c, g in zip(color, ground, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def smoothed(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Round a line through its points (Catmull-Rom)."""
    if len(points) < 3:
        return points
    p = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, 9)[:-1, None]
    parts = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return [(float(x), float(y)) for x, y in [*np.concatenate(parts), p[-1]]]
