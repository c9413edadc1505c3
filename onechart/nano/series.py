"""Series settled by colours and places, where the decoder mistook values or left some out.

The decoder names series one after the other; it may take a value for a neighbour's, or skip a series. The colours
beside values and entries of the legend (`ocr2.onechart.nano.network.EntryReader`) and the places of values tell more.
Axis letters: n elements.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.metrics.assignment import assign
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries

FAINTEST = 1e-4  # probability: below, colours tell nothing more
KEPT = 2.0  # nats: how much surer another series must be than the one that the decoder named
SURE = 0.25  # probability that a value left over belongs to a series
FAINT = 0.02  # mean probability at which something names the series of values left over
NEAR = 0.5  # of the distance between labels: how far a value may be from its label's others
STACKED = 0.008  # of the picture's side: bars of one label nearer than this, along the labels' axis, are a stack

Label = tuple[int, ...]
Columns = dict[Label, dict[int, SketchPoint]]  # by label and by the first element of the series' name


def settle_series(
    sketch: Sketch,
    entries: NDArray[np.float32],
    along: Sequence[float],
    spare: Sequence[int],
    unnamed: Sequence[int] = (),
) -> Sketch:
    """Give every value, those that the decoder left out too, to the series that its colours fit best.

    A label has one value of each series at most, and a value belongs to one series; where that leaves a series without
    a value for a label, what the decoder named there stays.

    Args:
        sketch: What the decoder wrote.
        entries: (n, n): probability that a element belongs to the series that another names.
        along: Of every element, its place along the labels' axis, as a share of the picture's side.
        spare: Elements that may be values and are none in the sketch.
        unnamed: Elements that may name a series and are of no use in the sketch.
    """
    if not sketch.series or any(not series.name for series in sketch.series):
        return sketch
    known: dict[int, SketchSeries] = {}
    columns: Columns = defaultdict(dict)
    for series in sketch.series:
        known.setdefault(series.name[0], series)
        for point in series.points:
            columns[point.label].setdefault(series.name[0], point)
    extra = _place_spare(columns, along, spare)
    votes = Counter(
        int(entries[t].argmax()) for elements in extra.values() for t in elements if entries[t].max() >= SURE
    )
    names = [*known, *(e for e in unnamed if 2 * votes[e] >= len(columns))]
    if len(names) < 2 and not any(extra.values()):
        return sketch
    settled = {label: _settle(label, column, extra[label], names, entries) for label, column in columns.items()}
    names += _name_left(settled, extra, [e for e in unnamed if e not in names], entries)
    completed = (
        replace(
            known.get(name, SketchSeries((name,), ())),
            points=tuple(column[name] for column in settled.values() if name in column),
        )
        for name in sorted(names)
    )
    return replace(sketch, series=tuple(series for series in completed if series.points))


def _place_spare(columns: Columns, along: Sequence[float], spare: Sequence[int]) -> dict[Label, list[int]]:
    """Return for each label the spare elements that stand where its values stand."""
    placed: dict[Label, list[int]] = {label: [] for label in columns}
    labels = list(columns)
    if len(labels) < 2:
        return placed
    middles = np.array([np.mean([along[point.value] for point in columns[label].values()]) for label in labels])
    reach = NEAR * float(np.median(np.diff(np.sort(middles))))
    for element in spare:
        nearest = int(np.abs(middles - along[element]).argmin())
        if abs(middles[nearest] - along[element]) <= reach:
            placed[labels[nearest]].append(element)
    return placed


def _name_left(
    settled: Columns, extra: dict[Label, list[int]], unnamed: Sequence[int], entries: NDArray[np.float32]
) -> list[int]:
    """Make series of elements left over at most labels, named by whatever fits them best; returns their names."""
    named: list[int] = []
    free = list(unnamed)
    while free:
        taken = {label: {point.value for point in column.values()} for label, column in settled.items()}
        left = {label: [t for t in extra[label] if t not in taken[label]] for label in settled}
        elements = [t for part in left.values() for t in part]
        if 2 * sum(bool(part) for part in left.values()) < len(settled):
            break
        fits = entries[np.ix_(elements, free)].sum(axis=0)
        if fits.max() < FAINT * len(elements):
            break
        name = free.pop(int(fits.argmax()))
        named.append(name)
        for label, part in left.items():
            if part:
                best = max(part, key=lambda t: float(entries[t, name]))
                settled[label][name] = SketchPoint(label, best, float(entries[best, name]))
    return named


def _settle(
    label: Label,
    column: dict[int, SketchPoint],
    extra: Sequence[int],
    names: Sequence[int],
    entries: NDArray[np.float32],
) -> dict[int, SketchPoint]:
    """Match the elements of one label with series; those that fit none give way to those that do."""
    points = {point.value: point for point in column.values()}
    elements = [*points, *extra]
    fits = np.maximum(entries[np.ix_(elements, names)].astype(np.float64), FAINTEST)
    costs = -np.log(fits)
    for name, point in column.items():
        costs[elements.index(point.value), names.index(name)] -= KEPT
    nowhere = np.full((len(elements), len(elements)), -np.log(SURE))
    settled: dict[int, SketchPoint] = {}
    for row, chosen in zip(*assign(np.concatenate([costs, nowhere], axis=1)), strict=True):
        if chosen < len(names):
            element = elements[int(row)]
            settled[names[int(chosen)]] = points.get(element) or SketchPoint(label, element, float(fits[row, chosen]))
    return {**{name: point for name, point in column.items() if name not in settled}, **settled}


def arrange_bars(sketch: Sketch, along: Sequence[float], first_mark: int) -> Sketch:
    """Call bars stacked that stand on each other, by their marks, and others grouped.

    Args:
        sketch: Of bars.
        along: Of every element, its place along the labels' axis, as a share of the picture's side.
        first_mark: Number of the first mark among elements.
    """
    columns: dict[Label, set[int]] = defaultdict(set)
    for series in sketch.series:
        for point in series.points:
            if point.value >= first_mark and not series.by_line:
                columns[point.label].add(point.value)
    places = [[along[element] for element in column] for column in columns.values() if len(column) > 1]
    if sketch.kind not in ("bar", "hbar") or not places:
        return sketch
    spread = float(np.median([max(column) - min(column) for column in places]))
    return replace(sketch, arrangement="stacked" if spread < STACKED else "grouped")
