"""What geometry reads of a chart."""

from dataclasses import dataclass
from typing import Literal

from ocr2.charts.plot.colours import Colour

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class PlotValue:
    """One value."""

    label: str
    printed: str  # as the chart prints it, or as it was measured
    value: float
    measured: bool  # not printed anywhere
    box: Box  # of its mark
    sure: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """Values that belong together."""

    name: str | None
    colour: Colour | None
    values: tuple[PlotValue, ...]


@dataclass(frozen=True, slots=True)
class PlotAxis:
    """An axis."""

    title: str | None
    scale: Literal["linear", "log", "category"]
    unit: str | None
    ticks: tuple[tuple[float, str], ...]  # place in pixels and text


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What tells how well everything fits together."""

    ticks: int = 0  # of the axis of values; 0 of a circle of slices
    unread: int = 0  # ticks that must be between or beside others and were not read
    strays: int = 0  # numbers of the axis that do not fit it
    off: float = 0.0  # mean distance of ticks from where their numbers say, pixels
    least_tick: float = 1.0  # least confidence of a tick's text
    least_label: float = 1.0  # and of a label's
    empty: float = 0.0  # share of the legend's entries that no mark belongs to
    unused: float = 0.0  # numbers inside the plot that no mark explains, as a share of the values
    unnamed: float = 0.0  # share of values whose place has no label of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A chart."""

    kind: str  # bar, hbar, line, area, scatter, pie, donut, combo
    arrangement: str  # single, grouped or stacked
    title: str | None = None
    subtitle: str | None = None
    source: str | None = None
    x: PlotAxis | None = None
    y: PlotAxis | None = None
    series: tuple[PlotSeries, ...]
    signs: Signs
