"""Charts by Matplotlib, under its own style sheets or ours."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict

import matplotlib
import numpy as np
from matplotlib import style as style_sheets
from matplotlib import ticker
from matplotlib.text import Text

from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.mpl_base import OUTSIDE, Base, TaggedText, TextStyle, hex_color
from ocr2.synth.charts.mpl_round import RoundDrawer
from ocr2.synth.charts.rendered import RenderedChart, Role
from ocr2.synth.charts.style import Style

if TYPE_CHECKING:
    from matplotlib.typing import LegendLocType

SHEETS = (
    "default",
    "ggplot",
    "bmh",
    "fivethirtyeight",
    "seaborn-v0_8-whitegrid",
    "seaborn-v0_8-darkgrid",
    "dark_background",
    "tableau-colorblind10",
    "seaborn-v0_8-deep",
    "classic",
)
HELD_OUT_SHEETS = ("seaborn-v0_8", "seaborn-v0_8-ticks", "grayscale", "petroff10", "Solarize_Light2")
MARKERS = ("o", "s", "^", "D", "v", "x", "*")
INSIDE: "tuple[LegendLocType, ...]" = ("upper right", "upper left", "best", "lower right")


def draw_mpl(content: Content, style: Style, rng: np.random.Generator, *, held_out: bool = False) -> RenderedChart:
    """Draw a chart; half of them as a style sheet would have it, with its fonts and colours."""
    sheets = HELD_OUT_SHEETS if held_out else SHEETS
    sheet = sheets[int(rng.integers(len(sheets)))]
    with matplotlib.rc_context(), style_sheets.context(sheet):
        matplotlib.rcParams.update({"axes.unicode_minus": bool(rng.random() < 0.5), "figure.autolayout": False})
        drawer = RoundDrawer if content.kind in ROUND else AxesDrawer
        return drawer(content, style, rng, own_looks=rng.random() < 0.5).draw()


class _EdgeStyle(TypedDict, total=False):
    """Keywords of Matplotlib for the outline of bars."""

    edgecolor: str
    linewidth: float


class _LegendStyle(TypedDict, total=False):
    """Keywords of Matplotlib for legends."""

    frameon: bool
    loc: "LegendLocType"
    ncols: int


class AxesDrawer(Base):
    """Charts with axes."""

    def _plot(self) -> None:
        content = self.content
        bars = [i for i, s in enumerate(content.series) if content.kind in ("bar", "hbar", "combo") and not s.line]
        for i, series in enumerate(content.series):
            if i not in bars and series.second_axis and self.second is None:
                self.second = self.axes.twinx()
        if bars:
            self._bars(bars)
        if content.kind == "area":
            self._areas()
        for i in range(len(content.series)):
            if i not in bars and content.kind != "area":
                self._line(i)
        self._axes()

    def _places(self) -> list[float]:
        return (
            list(self.content.places)
            if self.content.places is not None
            else [float(i) for i in range(len(self.content.labels))]
        )

    def _bars(self, members: list[int]) -> None:
        content, style, axes = self.content, self.style, self.axes
        stacked = content.arrangement == "stacked"
        share = style.bar_share / (1 if stacked else len(members))
        edge: _EdgeStyle = {"edgecolor": "black", "linewidth": 0.6} if style.outline else {}
        sums = np.zeros(len(content.labels))
        rainbow = len(content.series) == 1 and self.rng.random() < 0.2
        for k, i in enumerate(members):
            series = content.series[i]
            values = np.array([np.nan if v is None else v for v in series.values])
            at = np.arange(len(values)) + (0 if stacked else (k - (len(members) - 1) / 2) * share)
            color = (
                [self.colors[j % len(self.colors)] for j in range(len(values))]
                if rainbow
                else self.colors[i % len(self.colors)]
            )
            start = sums.copy() if stacked else np.zeros(len(values))
            heights = np.nan_to_num(values)
            if content.horizontal:
                axes.barh(at, heights, share, left=start, color=color, label=series.name, **edge)
            else:
                axes.bar(at, heights, share, bottom=start, color=color, label=series.name, **edge)
            if stacked:
                sums = sums + heights
            for j, value in enumerate(series.values):
                if value is None:
                    continue
                end, low = (start[j] + value if stacked else value), start[j] if stacked else 0.0
                point = (end, at[j], low, at[j]) if content.horizontal else (at[j], end, at[j], low)
                self.values.append((i, j, *point, axes))
                self._bar_value(i, j, float(at[j]), float(low), float(end), value)
        if style.log:
            (axes.set_xscale if content.horizontal else axes.set_yscale)("log")

    def _bar_value(self, i: int, j: int, at: float, low: float, end: float, value: float) -> None:
        if self.style.value_labels == "none":
            return
        text = self.content.numbers.show(value)
        middle = self.style.value_labels == "center" or self.content.arrangement == "stacked"
        inside = self.style.value_labels == "inside"
        place = (low + end) / 2 if middle else end
        offset = 0 if middle else (-3 if inside else 3) * (1 if value >= 0 else -1)
        options: TextStyle = {"textcoords": "offset points", **self._text_style(0.85)}
        options["color"] = (
            "white"
            if (middle or inside) and self.rng.random() < 0.5
            else self._ink().get("color", matplotlib.rcParams["text.color"])
        )
        if self.content.horizontal:
            side = "center" if middle else ("right" if (offset < 0) else "left")
            artist = self.axes.annotate(text, (place, at), (offset, 0), ha=side, va="center", **options)
        else:
            side = "center" if middle else ("top" if offset < 0 else "bottom")
            artist = self.axes.annotate(text, (at, place), (0, offset), ha="center", va=side, **options)
        self.tagged.append((artist, "value", i, j))

    def _line(self, i: int) -> None:
        content, style = self.content, self.style
        series = content.series[i]
        axes = self.second if series.second_axis and self.second is not None else self.axes
        xs, ys = self._places(), [np.nan if v is None else v for v in series.values]
        color, marker = self.colors[i % len(self.colors)], MARKERS[i % len(MARKERS)] if style.dashes else "o"
        if content.kind == "scatter":
            axes.scatter(xs, ys, color=color, label=series.name, marker=marker, s=float(self.rng.uniform(15, 50)))
        else:
            lines = ("-", "--", ":", "-.") if style.dashes else ("-",)
            axes.plot(
                xs,
                ys,
                lines[i % len(lines)],
                color=color,
                label=series.name,
                lw=style.line_width,
                marker=marker if style.markers or len(xs) < 3 else None,
                ms=float(self.rng.uniform(3, 7)),
            )
        for j, value in enumerate(series.values):
            if value is None:
                continue
            self.values.append((i, j, xs[j], value, xs[j], value, axes))
            if style.value_labels != "none":
                text = content.numbers_of(series).show(value)
                artist = axes.annotate(text, (xs[j], value), (0, 4), **self._above())
                self.tagged.append((artist, "value", i, j))
        if style.log and content.kind in ("line", "scatter"):
            axes.set_yscale("log")
        if style.from_zero and not style.log and min((v for v in series.values if v is not None), default=-1) >= 0:
            axes.set_ylim(bottom=0)

    def _above(self) -> TextStyle:
        """Return the style of values above their data points."""
        place: TextStyle = {"textcoords": "offset points", "ha": "center", "va": "bottom"}
        return {**place, **self._inked(0.85)}

    def _areas(self) -> None:
        content, xs = self.content, self._places()
        rows = np.array([[v or 0.0 for v in s.values] for s in content.series])
        stacked = content.arrangement == "stacked"
        tops = np.cumsum(rows, axis=0) if stacked else rows
        lows = np.vstack([np.zeros(len(xs)), tops[:-1]]) if stacked else np.zeros_like(rows)
        for i, series in enumerate(content.series):
            color = self.colors[i % len(self.colors)]
            self.axes.fill_between(xs, lows[i], tops[i], color=color, alpha=0.6, label=series.name)
            self.axes.plot(xs, tops[i], color=color, lw=self.style.line_width)
            for j in range(len(xs)):
                self.values.append((i, j, xs[j], tops[i, j], xs[j], lows[i, j], self.axes))
                if self.style.value_labels != "none":
                    text = content.numbers.show(rows[i, j])
                    artist = self.axes.annotate(text, (xs[j], tops[i, j]), (0, 3), **self._above())
                    self.tagged.append((artist, "value", i, j))

    def _axes(self) -> None:
        content, style, axes = self.content, self.style, self.axes
        categories, values = (axes.yaxis, axes.xaxis) if content.horizontal else (axes.xaxis, axes.yaxis)
        if content.places is None:
            categories.set_ticks(range(len(content.labels)), content.labels)
            if content.horizontal and self.rng.random() < 0.75:
                axes.invert_yaxis()
            if not content.horizontal and style.label_angle:
                rotation = {"rotation": style.label_angle, "ha": "center" if style.label_angle == 90 else "right"}
                for label in axes.get_xticklabels():
                    label.set(rotation_mode="anchor" if style.label_angle < 90 else "default", **rotation)
        if not style.log:
            values.set_major_locator(ticker.MaxNLocator(style.ticks))
            show = content.numbers
            if show.thousands or show.prefix or show.suffix == "%":
                values.set_major_formatter(
                    ticker.FuncFormatter(
                        lambda v, _: (
                            f"{show.prefix}{v:,g}{show.suffix}"
                            if not show.thousands
                            else f"{show.prefix}{v:,.{0 if abs(v) >= 10 or v == 0 else 2}f}"
                        )
                    )
                )
            elif self.rng.random() < 0.6:
                values.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{v:g}" if abs(v) < 1e5 else f"{v:.0f}"))
        if not style.axis_labels:
            values.set_ticks([])
        if self.second is not None and content.second_numbers is not None:
            suffix = content.second_numbers.suffix
            self.second.yaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{v:g}{suffix}"))
            if content.second_title is not None:
                artist = self.second.set_ylabel(content.second_title, **self._inked())
                self.tagged.append((artist, "second_title", -1, -1))
        titles: tuple[tuple[str | None, Callable[..., Text], Role], ...] = (
            (content.x_title, axes.set_xlabel, "x_title"),
            (content.y_title, axes.set_ylabel, "y_title"),
        )
        for name, setter, role in titles:
            if name is not None:
                self.tagged.append((setter(name, **self._inked()), role, -1, -1))
        self._looks()
        self._legend()

    def _looks(self) -> None:
        axes, style = self.axes, self.style
        every = [axes] + ([self.second] if self.second is not None else [])
        for a in every:
            for label in [*a.get_xticklabels(), *a.get_yticklabels()]:
                label.set(**self._text_style(0.9))
            if self.own:
                a.tick_params(colors=hex_color(style.ink))
                for spine in a.spines.values():
                    spine.set_color(hex_color(style.ink))
        if self.own:
            axes.grid(
                style.grid != "none",
                axis="both" if style.grid == "none" else style.grid,
                color=hex_color(style.grid_color),
            )
            axes.set_axisbelow(True)
            hidden = {
                "box": (),
                "corner": ("top", "right"),
                "bottom": ("top", "right", "left"),
                "none": ("top", "right", "left", "bottom"),
            }
            for name in hidden[style.frame]:
                axes.spines[name].set_visible(False)

    def _legend(self) -> None:
        style = self.style
        names = [s.name for s in self.content.series]
        if style.legend == "none" or not all(names):
            return
        handles, shown = self.axes.get_legend_handles_labels()
        if self.second is not None:
            more = self.second.get_legend_handles_labels()
            handles, shown = handles + more[0], shown + more[1]
        options: _LegendStyle = {"frameon": style.legend_frame}
        if style.legend == "inside":
            options["loc"] = INSIDE[int(self.rng.integers(4))]
        else:
            options["loc"] = OUTSIDE[style.legend]
            if style.legend != "right":
                options["ncols"] = min(
                    len(names),
                    max(1, int(self.style.width / (max(len(n or "") for n in names) * self.style.points(0.7) + 40))),
                )
        owner = self.axes if style.legend == "inside" else self.figure
        legend = owner.legend(handles, shown, **options)
        for text in legend.get_texts():
            text.set(**self._inked(0.9))
            self.tagged.append((text, "legend", names.index(text.get_text()), -1))

    def _tick_labels(self) -> list[TaggedText]:
        """Return the labels of the ticks that are in view, and the offsets that axes print beside themselves."""
        axes, found = self.axes, []
        flat: Role = "tick" if self.content.horizontal else "label"
        up: Role = "label" if self.content.horizontal else "tick"
        for axis, role in ((axes.xaxis, flat), (axes.yaxis, up)):
            low, high = sorted(axis.get_view_interval())
            for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False):
                if low - 1e-9 <= at <= high + 1e-9:
                    index = round(at) if role == "label" and self.content.places is None else -1
                    found.append((label, role, -1, index))
            offset = axis.get_offset_text()
            if offset.get_text():
                found.append((offset, "other", -1, -1))
        if self.second is not None:
            low, high = self.second.get_ylim()
            axis = self.second.yaxis
            for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=False):
                if low <= at <= high:
                    found.append((label, "second_tick", -1, -1))
        return found
