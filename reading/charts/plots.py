"""Charts of what geometry read, and how far to trust them: how well it fits together, and with the network's answer."""

import math
from collections.abc import Sequence
from dataclasses import replace

from ocr2.charts.numbers import read_number
from ocr2.charts.parse_answer import parse_answer
from ocr2.charts.plot.result import Plot, PlotAxis, PlotValue
from ocr2.charts.reliability import check_as_authors, check_estimate
from ocr2.models.protocols import ChartReading
from ocr2.options import ReliabilityRule
from ocr2.results.chart import Chart, ChartAxis, ChartValue, Series

NEAR = 0.05  # by which the network's value may differ from ours, as a share of it, to be the same
# A logistic model of `trust_features`, fitted by `ocr2.train.plot_trust` on charts of libraries' default looks.
WEIGHTS = (
    1.0531, 1.4188, -0.5861, -0.554, 0.0099, -0.029, -0.435, -1.1684, 1.4388, -0.4079, 2.3519, -1.5194, 0.3199, -2.8984,
    -0.7946, -1.6156, 0.7728, -0.8587, -0.1274, 0.1822, -0.704,
)  # fmt: skip
BIAS = -1.3841


def chart_of_plot(plot: Plot, reading: ChartReading, blank: Chart, *, rule: ReliabilityRule = "ours") -> Chart:
    """Make a chart of what geometry read.

    Args:
        plot: What it read, with values.
        reading: What the network read.
        blank: The chart without what is read.
        rule: Of its reliability; "authors" asks the authors' script about the network's answer.
    """
    series = tuple(
        Series(
            one.name if one.name is not None or len(plot.series) == 1 else f"series {number}",
            tuple(_value(value) for value in one.values),
            None if one.colour is None else "#" + "".join(f"{round(c):02x}" for c in one.colour),
        )
        for number, one in enumerate(plot.series, start=1)
    )
    values = [value for one in plot.series for value in one.values]
    trust = estimate(trust_features(plot, reading))
    check = check_estimate(series, trust, [value.sure for value in values])
    reliability = check.reliability if rule == "ours" else check_as_authors(reading.answer, reading.numbers)
    return replace(
        blank,
        title=plot.title,
        subtitle=plot.subtitle,
        source=plot.source,
        x_title=plot.x.title if plot.x is not None else None,
        y_title=plot.y.title if plot.y is not None else None,
        kind=plot.kind,
        arrangement=plot.arrangement,
        x=_axis(plot.x),
        y=_axis(plot.y),
        series=check.series,
        reliability=reliability,
        raw=reading.answer,
        stopped=reading.stopped,
    )


def _value(value: PlotValue) -> ChartValue:
    unit = read_number(value.printed).unit
    return ChartValue(value.label, value.printed, value.value, unit, measured=value.measured, box=value.box)


def _axis(axis: PlotAxis | None) -> ChartAxis | None:
    return ChartAxis(axis.title, axis.scale, axis.unit, axis.ticks) if axis is not None else None


def trust_features(plot: Plot, reading: ChartReading) -> list[float]:
    """Return what tells charts read well from others; `WEIGHTS` says what for."""
    values = [value for one in plot.series for value in one.values]
    signs = plot.signs
    printed = sum(not value.measured for value in values) / len(values)
    return [
        _agreement(values, reading),
        reading.trust if reading.trust is not None else 0.5,
        printed,
        math.log(len(values)),
        math.log(1 + len(plot.series)),
        min(signs.ticks, 8) / 8,
        float(signs.unread > 0),
        min(signs.strays, 4) / 4,
        min(signs.off, 4.0) / 4,
        signs.least_tick,
        signs.least_label,
        signs.empty,
        min(signs.unused, 1.0),
        signs.unnamed,
        *(float(plot.kind == kind) for kind in ("line", "area", "scatter", "combo", "pie", "donut")),
        float(plot.arrangement == "stacked"),
    ]


def _agreement(values: Sequence[PlotValue], reading: ChartReading) -> float:
    """Return the share of our values that the network has as well, whatever it calls them."""
    answer = parse_answer(reading.answer, cut=reading.stopped != "end")
    theirs = [v.value for one in answer.series for v in one.values if v.value is not None]
    hits = 0
    for value in values:
        near = next((i for i, t in enumerate(theirs) if abs(t - value.value) <= NEAR * abs(value.value)), None)
        if near is not None:
            theirs.pop(near)
            hits += 1
    return hits / len(values)


def estimate(features: Sequence[float]) -> float:
    """Return the probability that all values are right."""
    score = BIAS + sum(w * f for w, f in zip(WEIGHTS, features, strict=True))
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, score))))
