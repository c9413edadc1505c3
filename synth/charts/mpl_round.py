"""Pies, donuts and roses by Matplotlib."""

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Wedge

from ocr2.synth.charts.mpl_base import OUTSIDE, Base, hex_color


class RoundDrawer(Base):
    """Pies, donuts and roses."""

    def _plot(self) -> None:
        content, style, rng = self.content, self.style, self.rng
        values = np.array([v or 0.0 for v in content.series[0].values])
        beside = style.legend_on_slices or style.legend in ("none", "inside")
        wedge: dict[str, str | float] = (
            {"edgecolor": hex_color(style.paper), "linewidth": 1.0}
            if not style.outline
            else {"edgecolor": "black", "linewidth": 0.7}
        )
        if content.kind in ("donut", "rose"):
            wedge["width"] = float(rng.uniform(0.3, 0.6))
        start, clockwise = (90 if rng.random() < 0.6 else float(rng.uniform(0, 360))), bool(rng.random() < 0.5)
        if rng.random() < 0.25:
            start = 0
        result = self.axes.pie(
            values,
            labels=list(content.labels) if beside else None,
            colors=[self.colors[j % len(self.colors)] for j in range(len(values))],
            explode=[0.08 if style.explode and j == 0 else 0.0 for j in range(len(values))],
            startangle=start,
            counterclock=not clockwise,
            wedgeprops=wedge,
            textprops={**self._inked()},
        )
        wedges, words = result[0], result[1]
        if beside:
            self.tagged += [(word, "label", -1, j) for j, word in enumerate(words)]
        else:
            self._slice_legend(wedges)
        for j, w in enumerate(wedges):
            self._slice_value(j, w)

    def _slice_legend(self, wedges: Sequence[Wedge]) -> None:
        style, names = self.style, list(self.content.labels)
        columns = 1 if style.legend == "right" else min(3, len(names))
        legend = self.figure.legend(wedges, names, loc=OUTSIDE[style.legend], frameon=style.legend_frame, ncols=columns)
        for j, text in enumerate(legend.get_texts()):
            text.set(**self._inked(0.9))
            self.tagged.append((text, "label", -1, j))

    def _slice_value(self, j: int, w: Wedge) -> None:
        """Note where a slice ends, and print its value into it."""
        mid = np.radians((w.theta1 + w.theta2) / 2)
        cx, cy = w.center
        self.values.append((0, j, cx + np.cos(mid) * w.r, cy + np.sin(mid) * w.r, cx, cy, self.axes))
        if self.style.value_labels == "none":
            return
        inner = w.r - (w.width or w.r)
        radius = (w.r + inner) / 2 if inner else w.r * 0.62
        color = "white" if self.rng.random() < 0.4 else "black"
        value = self.content.series[0].values[j] or 0.0
        artist = self.axes.text(
            cx + radius * np.cos(mid),
            cy + radius * np.sin(mid),
            self.content.numbers.show(float(value)),
            ha="center",
            va="center",
            color=color,
            **self._text_style(0.85),
        )
        self.tagged.append((artist, "value", 0, j))
