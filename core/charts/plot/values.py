"""From marks to values: each mark's place along both axes."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.charts.plot.bars import Rect
from ocr2.charts.plot.colours import Layer
from ocr2.charts.plot.labels import Label
from ocr2.charts.plot.marks import Mark
from ocr2.charts.plot.scale import Scale
from ocr2.charts.plot.traces import Trace, bends_of, edges_of

TOUCH = 3.5  # pixels: ends of bars nearer than this touch
OVERLAP = 0.5  # of a bar's width, by which bars at one label lie over each other
DIVISIONS = (1, 2, 3, 4, 5, 6, 7, 10, 12)  # of the distance between two labels, where values may stand
LOOSE = 1.6  # pixels to which bends follow a line
BENT = 0.3  # share of the places between labels where lines must bend
ON_PLACE = 2.0  # pixels: a bend nearer than this stands there
MOST_PLACES = 70


@dataclass(frozen=True, slots=True)
class Spot:
    """A value where it is drawn; places in pixels, along the labels and along the values."""

    series: int  # number of the layer
    along: float
    end: float
    start: float | None  # where its bar begins, if not at the base
    box: tuple[float, float, float, float]


def spots_of_bars(marks: Sequence[Mark], *, upright: bool, base: float) -> tuple[list[Spot], bool]:
    """Return a spot for each bar, and whether bars are stacked.

    Args:
        marks: Those with bars.
        upright: Whether bars stand.
        base: Place of zero, or the end of the axis nearest to it.
    """
    rects = [r for mark in marks for r in mark.rects]
    spots = []
    stacked = 0
    for rect in rects:
        low, high = (rect.top, rect.bottom) if upright else (rect.left, rect.right)
        end, start = (low, high) if abs(low - base) > abs(high - base) else (high, low)
        below = [r for r in rects if r is not rect and _is_below(r, rect, start, upright=upright)]
        stacked += bool(below)
        away = abs(start - base) > TOUCH
        spots.append(Spot(rect.layer, rect.x if upright else rect.y, end, start if away and below else None, rect.box))
    return spots, stacked > 0


def _is_below(other: Rect, rect: Rect, start: float, *, upright: bool) -> bool:
    """Say whether another bar ends where a bar starts, in the same column."""
    a, b = (other.top, other.bottom) if upright else (other.left, other.right)
    if upright:
        shared = min(rect.right, other.right) - max(rect.left, other.left)
        width = min(rect.width, other.width)
    else:
        shared = min(rect.bottom, other.bottom) - max(rect.top, other.top)
        width = min(rect.height, other.height)
    return shared > OVERLAP * width and min(abs(a - start), abs(b - start)) <= TOUCH


def places_of_lines(
    marks: Sequence[Mark], labels: Sequence[Label], scale: Scale | None, plot: tuple[int, int, int, int]
) -> list[float]:
    """Return where lines and areas have values: at markers, labels, even parts of what lies between, or bends.

    Args:
        marks: Lines and areas.
        labels: Of the axis below; those of numbers as well.
        scale: Of the numbers below, if they are some.
        plot: Left, top, right, bottom.
    """
    marked = [b.x for mark in marks for b in mark.blobs]
    spots = merge(marked, 3.0)
    if len(spots) >= 2:
        between = [label for label in labels if spots[0] - 3 <= label.place <= spots[-1] + 3]
        if len(between) <= 1.2 * len(spots):
            return spots
    traces = [mark.trace for mark in marks if mark.trace is not None]
    if not traces:
        return []
    first, last = min(t.xs[0] for t in traces), max(t.xs[-1] for t in traces)
    # A dashed line may have its bend in a gap, and then seems to bend on both sides of it.
    reach = 3.0 + max((t.gap for t in traces), default=0.0)
    bends = merge([x for t in traces for x, _ in bends_of(t, loose=max(LOOSE, 0.8 * t.width))], reach)
    inner = [x for x in bends if first + 3 < x < last - 3]
    ticks = sorted(label.place for label in labels if first - 4 <= label.place <= last + 4)
    if len(ticks) >= 2:
        for division in DIVISIONS:
            grid = _divided(ticks, division, float(first), float(last))
            if len(grid) > MOST_PLACES:
                break
            pitch = min(b - a for a, b in itertools.pairwise(grid))
            loose = min(max(ON_PLACE, 0.01 * (plot[2] - plot[0])) + (reach - 3.0) / 2, 0.22 * pitch)
            on = [x for x in inner if min(abs(x - g) for g in grid) <= loose]
            populated = division == 1 or len(on) >= BENT * (len(grid) - 2)
            if len(on) >= 0.8 * len(inner) and populated and (division == 1 or pitch > 5):
                if scale is not None and len(inner) < 0.7 * (len(grid) - 2):
                    break  # on an axis of numbers bends say where values are better than a grid
                return [_nearest(g, bends, loose) for g in grid]
    return ticks if scale is None and len(ticks) >= 2 else bends


def _nearest(place: float, bends: Sequence[float], reach: float) -> float:
    """Return the bend at a place, whose label's middle is less exact; the place itself without one."""
    best = min(bends, key=lambda x: abs(x - place), default=place)
    return best if abs(best - place) <= reach else place


def _divided(ticks: Sequence[float], division: int, first: float, last: float) -> list[float]:
    """Return ticks, and even parts of what lies between, as far as lines reach."""
    step = float(np.median(np.diff(ticks))) / division
    places = [a + (b - a) * i / division for a, b in itertools.pairwise(ticks) for i in range(division)]
    places.append(ticks[-1])
    while places[0] - step >= first - 0.25 * step:
        places.insert(0, places[0] - step)
    while places[-1] + step <= last + 0.25 * step:
        places.append(places[-1] + step)
    return places


def merge(places: Sequence[float], reach: float) -> list[float]:
    """Return the means of places that are near each other."""
    groups: list[list[float]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= reach:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [float(np.mean(group)) for group in groups]


def spots_of_lines(marks: Sequence[Mark], places: Sequence[float]) -> list[Spot]:
    """Return a spot of each line at each place that it reaches."""
    spots = []
    for mark in marks:
        if mark.trace is None:
            continue
        for i, x in enumerate(places):
            y = _marker_at(mark, x)
            y = y if y is not None else _trace_at(mark.trace, places, i)
            if y is not None:
                spots.append(Spot(mark.layer, x, y, None, (x - 3, y - 3, x + 3, y + 3)))
    return spots


def _marker_at(mark: Mark, x: float) -> float | None:
    near = [b for b in mark.blobs if abs(b.x - x) <= 3.0]
    return min(near, key=lambda b: abs(b.x - x)).y if near else None


def _trace_at(trace: Trace, places: Sequence[float], i: int) -> float | None:
    x = places[i]
    if not trace.xs[0] - 4 <= x <= trace.xs[-1] + 4:
        return None
    gap = float(np.abs(trace.xs - x).min())
    pitch = min((b - a for a, b in itertools.pairwise(places)), default=50.0)
    if gap > max(4.0, 0.3 * pitch):
        return None
    low = places[i - 1] if i > 0 else x - pitch
    high = places[i + 1] if i + 1 < len(places) else x + pitch
    return trace.at(x, low, high)


def spots_of_areas(
    marks: Sequence[Mark],
    layers: Sequence[Layer],
    places: Sequence[float],
    plot: tuple[int, int, int, int],
    base: float,
) -> tuple[list[Spot], bool]:
    """Return spots of areas, and whether they stand on each other."""
    chosen = [layers[mark.layer] for mark in marks]
    tops = edges_of(chosen, plot, base)
    left = plot[0]
    spots = []
    order = np.argsort(-np.nanmean(tops, axis=1)) if len(marks) > 1 else np.array([0])
    steps = np.diff(tops[order], axis=0)
    known = ~np.isnan(steps)
    stacked = len(marks) > 1 and bool(known.any()) and float((steps[known] < 0).mean()) > 0.9
    for rank, k in enumerate(order.tolist()):
        for x in places:
            y = _edge_at(tops[k], x - left)
            under = _edge_at(tops[order[rank - 1]], x - left) if stacked and rank > 0 else None
            if y is not None:
                spots.append(Spot(marks[k].layer, x, y, under, (x - 3, y - 3, x + 3, y + 3)))
    return spots, stacked


def _edge_at(tops: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", x: float) -> float | None:
    """Return the edge at a place, from straight pieces on both sides of it."""
    n = len(tops)
    if x < -3 or x > n + 3:
        return None
    ends = []
    for low, high in ((x - 9, x - 0.5), (x + 0.5, x + 9)):
        columns = np.arange(max(0, int(np.ceil(low))), min(n, int(high) + 1))
        columns = columns[~np.isnan(tops[columns])] if len(columns) else columns
        if len(columns) >= 4:
            slope, start = np.polyfit(columns + 0.5 - x, tops[columns], 1)
            off = np.abs(tops[columns] - slope * (columns + 0.5 - x) - start)
            keep = off <= max(1.0, 2.0 * float(np.median(off)))
            if keep.sum() >= 3:
                slope, start = np.polyfit(columns[keep] + 0.5 - x, tops[columns[keep]], 1)
            ends.append(float(start))
    return float(np.mean(ends)) if ends else None
