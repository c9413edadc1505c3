"""What geometry reads of a chart."""

from dataclasses import dataclass

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
    scale: str  # "linear", "log" or "category"
    unit: str | None
    ticks: tuple[tuple[float, str], ...]  # place in pixels and text


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
    sure: float  # 0 to 1: how well everything fits together
