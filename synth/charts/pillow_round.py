"""Pies, donuts and roses by Pillow and OpenCV."""

import math
from dataclasses import replace

import numpy as np

from ocr2.synth.charts.canvas import text_width
from ocr2.synth.charts.pillow_base import Base, contrast
from ocr2.synth.charts.rendered import DataPoint, RenderedChart
from ocr2.synth.charts.style import Color


class RoundDrawer(Base):
    """Pies, donuts and roses."""

    def draw(self) -> RenderedChart:
        """Draw everything."""
        content, style = self.content, self.style
        self._title()
        self._source()
        colors = [style.palette[i % len(style.palette)] for i in range(len(content.labels))]
        beside = style.legend_on_slices or style.legend in ("none", "inside")
        if not beside:
            self._legend(list(content.labels), colors, [False] * len(colors))
            for k, mark in enumerate(self.canvas.texts):
                if mark.role == "legend":
                    self.canvas.texts[k] = replace(mark, role="label", series=-1, index=mark.series)
        self._slices(colors, beside)
        return self._drawn()

    def _slices(self, colors: list[Color], beside: bool) -> None:
        content, style, frame, rng = self.content, self.style, self.frame, self.rng
        values = np.array([v or 0.0 for v in content.series[0].values])
        middle_x, middle_y = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
        spare = max(text_width(t, self.small) for t in content.labels) + self.em if beside else self.em
        full = min((frame.right - frame.left) / 2 - spare, (frame.bottom - frame.top) / 2 - 1.6 * self.em)
        full = max(full, 0.22 * min(frame.right - frame.left, frame.bottom - frame.top))
        hole = full * rng.uniform(0.35, 0.7) if content.kind == "donut" else 0.0
        rose = content.kind == "rose"
        shares = np.full(len(values), 1 / len(values)) if rose else values / values.sum()
        clockwise = rng.random() < 0.6
        angle = math.pi / 2 if rng.random() < 0.7 else rng.uniform(0, 2 * math.pi)
        for j, share in enumerate(shares):
            turn = 2 * math.pi * share * (-1 if clockwise else 1)
            radius = full * math.sqrt(values[j] / values.max()) if rose else full
            mid = angle + turn / 2
            shift = full * 0.07 if style.explode and j == 0 else 0.0
            center = middle_x + shift * math.cos(mid), middle_y - shift * math.sin(mid)
            self._slice(center, angle, turn, radius, hole, colors[j])
            at = center[0] + radius * math.cos(mid), center[1] - radius * math.sin(mid)
            self.points.append(DataPoint(0, j, at[0], at[1], center[0], center[1]))
            self._slice_words(j, center, mid, radius, hole, colors[j], beside)
            angle += turn

    def _slice(
        self, center: tuple[float, float], angle: float, turn: float, radius: float, hole: float, color: Color
    ) -> None:
        steps = np.linspace(angle, angle + turn, max(3, int(abs(turn) * 24)))
        outer = [(center[0] + radius * math.cos(a), center[1] - radius * math.sin(a)) for a in steps]
        inner = (
            [(center[0] + hole * math.cos(a), center[1] - hole * math.sin(a)) for a in steps[::-1]]
            if hole
            else [center]
        )
        edge = self.style.paper if not self.style.outline else self.style.ink
        self.canvas.polygon([*outer, *inner], color, edge, self.style.scale)

    def _slice_words(
        self, j: int, center: tuple[float, float], mid: float, radius: float, hole: float, color: Color, beside: bool
    ) -> None:
        content, style = self.content, self.style
        value = content.series[0].values[j]
        assert value is not None
        shown = content.numbers.show(value)
        printed = style.value_labels != "none" or self._always()
        out = radius + 0.6 * self.em
        at = center[0] + out * math.cos(mid), center[1] - out * math.sin(mid)
        anchor = (
            0.0 if math.cos(mid) > 0.2 else 1.0 if math.cos(mid) < -0.2 else 0.5,
            0.5 if abs(math.sin(mid)) < 0.9 else (1.0 if math.sin(mid) > 0 else 0.0),
        )
        if beside:
            self.canvas.write(content.labels[j], self.small, at, style.ink, "label", anchor=anchor, index=j)
        if not printed:
            return
        middle = (radius + hole) / 2 * (1.15 if not hole else 1.0)
        inside = center[0] + middle * math.cos(mid), center[1] - middle * math.sin(mid)
        small = value / max(1e-9, sum(v or 0 for v in content.series[0].values)) < 0.05 or content.kind == "rose"
        if small and not beside:
            self.canvas.write(shown, self.small, at, style.ink, "value", anchor=anchor, series=0, index=j)
        else:
            self.canvas.write(shown, self.small, inside, contrast(color), "value", series=0, index=j)

    def _always(self) -> bool:
        return self.content.kind == "rose"  # whose slices no axis measures
