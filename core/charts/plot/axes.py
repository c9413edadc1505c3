"""Axes of a chart: rows and columns of numbers that fit a scale, and rows and columns of labels."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.scale import Scale, Tick, fit_scale
from ocr2.charts.plot.words import Word, aligned

RGB = NDArray[np.uint8]  # (height, width, 3)
SNAP_REACH = 0.45  # of a line's height: how far a tick's mark may be from the middle of its text
MOST_STRAYS = 1.5  # numbers in a row or column of an axis that are none of its ticks, as a share of these
MARK_REACH = 16  # pixels from the texts of an axis, in which its tick marks lie
EVEN, MOST_UNEVEN = 0.5, 0.9  # pixels on average that moved ticks may always be off their numbers, or at most
SNAP_SHARE = 0.6  # of the ticks that must have a mark, for marks to count
LINE_CONTRAST = 8.0  # grey levels by which a grid line differs from the rows beside it
LINE_SHARE = 0.5  # of an axis' length that a grid line has


@dataclass(frozen=True, slots=True)
class NumberAxis:
    """Numbers along an axis."""

    scale: Scale
    upright: bool  # values run from bottom to top
    words: tuple[Word, ...]
    edge: float  # where the texts end towards the plot, pixels


@dataclass(frozen=True, slots=True)
class LabelAxis:
    """Labels along an axis."""

    upright: bool  # labels stand below each other
    words: tuple[Word, ...]  # by place
    places: tuple[float, ...]  # pixels


def number_axes(words: Sequence[Word], *, upright: bool) -> list[NumberAxis]:
    """Return rows (or, `upright`, columns) of numbers that fit a scale, best first, no word in two of them."""
    numbers = [w for w in words if w.value is not None and not w.slanted]
    level, sideways = [w for w in numbers if w.level], [w for w in numbers if not w.level]
    keys: tuple[Callable[[Word], float], ...]
    keys = (_right, _left, _x) if upright else (_y, _top)
    along = _y if upright else _x
    if not upright:
        level = [w for w in words if w.value is not None]
    groups = [group for part in (level, sideways) for key in keys for group in aligned(part, key, reach=0.5, fewest=3)]
    scales = [(scale, group) for group in groups if (scale := fit_scale(group, along)) is not None]
    scales.sort(key=lambda pair: (-len(pair[0].ticks), pair[0].strays))
    axes: list[NumberAxis] = []
    used: set[int] = set()
    for scale, _ in scales:
        members = tuple(t.word for t in scale.ticks)
        if used & {id(w) for w in members} or scale.strays > MOST_STRAYS * len(members) + 2:
            continue
        if _reversed(scale, upright=upright) and len(members) < 4:
            continue
        used |= {id(w) for w in members}
        edge = max(w.right for w in members) if upright else min(w.top for w in members)
        axes.append(NumberAxis(scale, upright, members, edge))
    return axes


def numbers_of(labels: LabelAxis | None) -> NumberAxis | None:
    """Return two labels that are numbers as an axis; None if there are others."""
    if labels is None or len(labels.words) != 2 or any(w.value is None or not w.level for w in labels.words):
        return None
    scale = fit_scale(labels.words, _x, fewest=2)
    return NumberAxis(scale, False, labels.words, min(w.top for w in labels.words)) if scale is not None else None


def two_ticks(words: Sequence[Word], *, upright: bool) -> NumberAxis | None:
    """Return the two numbers at the left (or the bottom) of a chart as an axis, where nothing better is known."""
    numbers = [w for w in words if w.value is not None and w.level]
    groups = aligned(numbers, _right, reach=0.4) if upright else aligned(numbers, _y, reach=0.4)
    pairs = [g for g in groups if len(g) == 2 and g[0].value != g[1].value]
    along = _y if upright else _x
    pairs = [
        g for g in pairs if abs(along(g[0]) - along(g[1])) > 3 * max(w.width if not upright else w.size for w in g)
    ]
    if not pairs:
        return None
    best = min(pairs, key=lambda g: g[0].right) if upright else max(pairs, key=lambda g: g[0].y)
    scale = fit_scale(best, along, fewest=2)
    if scale is None or _reversed(scale, upright=upright):
        return None
    edge = max(w.right for w in best) if upright else min(w.top for w in best)
    return NumberAxis(scale, upright, tuple(best), edge)


def is_uneven(axis: NumberAxis, words: Sequence[Word]) -> bool:
    """Say whether a row of numbers is evenly set while its values are not even: they are names, not places."""
    row = sorted((w for w in words if w.value is not None and abs(w.y - axis.words[0].y) < 0.5 * w.size), key=_x)
    members = {id(w) for w in axis.words}
    strays = [i for i, w in enumerate(row) if id(w) not in members]
    if len(row) < 4 or all(i in (0, len(row) - 1) for i in strays):  # labels at the ends may be moved inwards
        return False
    steps = np.diff([w.x for w in row])
    return bool(np.ptp(steps) < 0.25 * np.median(steps))


def _reversed(scale: Scale, *, upright: bool) -> bool:
    return scale.slope > 0 if upright else scale.slope < 0


def _x(word: Word) -> float:
    return word.x


def _y(word: Word) -> float:
    return word.y


def _left(word: Word) -> float:
    return word.left


def _right(word: Word) -> float:
    return word.right


def _top(word: Word) -> float:
    return word.top


def snap_ticks(axis: NumberAxis, gray: NDArray[np.uint8], reach: tuple[float, float]) -> NumberAxis:
    """Move an axis' ticks to the grid lines or tick marks beside their texts, where most have one.

    Args:
        axis: To be refined.
        gray: (height, width).
        reach: Of the plot across the axis, pixels: from left to right for an upright axis, else from top to bottom.
    """
    low, high = (int(max(0, v)) for v in reach)
    band = gray[:, low:high] if axis.upright else gray[low:high].T
    if band.shape[1] < 8:
        return axis
    profile = _line_profile(band)
    # Tick marks lie between the texts and the plot.
    near = gray[:, low : low + MARK_REACH] if axis.upright else gray[max(0, high - MARK_REACH) : high].T
    windows = [_line_profile(near[:, k : k + 3]) for k in range(0, max(1, near.shape[1] - 2))]
    marks = np.max(np.stack(windows), axis=0)
    for lines in (profile, marks):
        moved: list[Tick] = []
        for tick in axis.scale.ticks:
            place = _nearest_peak(lines, tick.place, SNAP_REACH * tick.word.size)
            moved += [replace(tick, place=place)] if place is not None else []
        if len(moved) >= max(3, SNAP_SHARE * len(axis.scale.ticks)):
            words = [replace(t.word, x=t.place, y=t.place) for t in moved]
            scale = fit_scale(words, _x)
            good = scale is not None and len(scale.ticks) >= 0.8 * len(moved) and scale.log == axis.scale.log
            if (
                scale is not None
                and good
                and _unevenness(scale) <= max(EVEN, min(MOST_UNEVEN, 1.05 * _unevenness(axis.scale)))
            ):
                ticks = tuple(replace(t, place=scale.place(t.value)) for t in axis.scale.ticks)
                return replace(axis, scale=replace(scale, ticks=ticks, strays=axis.scale.strays))
    return axis


def has_line(picture: RGB, plot: tuple[int, int, int, int]) -> bool:
    """Say whether a straight line runs along or across a plot: an axis, a frame or a grid."""
    left, top, right, bottom = plot
    gray = picture[max(0, top - 6) : bottom + 6, max(0, left - 6) : right + 6].mean(axis=2).astype(np.uint8)
    return bool(_line_profile(gray).any() or _line_profile(gray.T).any())


def _unevenness(scale: Scale) -> float:
    """Return the mean distance of ticks from where their numbers say, pixels."""
    return float(np.mean([abs(t.place - scale.place(t.value)) for t in scale.ticks]))


def _line_profile(band: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return for each row how strongly it is a line across the band (n, m)."""
    values = band.astype(np.float32)
    above, below = np.roll(values, 2, axis=0), np.roll(values, -2, axis=0)
    differs = np.minimum(np.abs(values - above), np.abs(values - below))
    share = (differs > LINE_CONTRAST).mean(axis=1)
    share[:2] = share[-2:] = 0
    return np.asarray(np.where(share >= LINE_SHARE, share, 0), np.float32)


def _nearest_peak(lines: NDArray[np.float32], place: float, reach: float) -> float | None:
    low, high = max(0, round(place - reach)), min(len(lines), round(place + reach) + 1)
    part = lines[low:high]
    if not len(part) or part.max() <= 0:
        return None
    best = np.flatnonzero(part > 0.6 * part.max())
    peak = float(best[np.abs(best + low + 0.5 - place).argmin()]) + low
    around = np.arange(max(0, int(peak) - 1), min(len(lines), int(peak) + 2))
    weight = lines[around]
    return float((weight * (around + 0.5)).sum() / weight.sum())


def label_rows(words: Iterable[Word]) -> list[list[Word]]:
    """Return rows of labels that may stand below a plot: they begin at one height, and do not overlap."""
    rows = []
    labels = list(words)
    # Of short text that reads upwards it is less sure where it begins.
    reach = 0.5 if all(w.level for w in labels) else 0.7
    for group in aligned(labels, _top, reach=reach, fewest=2):
        row = sorted(group, key=_anchor_x)
        slanted = any(w.slanted for w in row)
        if all(b.left > a.left or slanted for a, b in itertools.pairwise(row)):
            rows.append(row)
    return rows


def label_columns(words: Iterable[Word]) -> list[list[Word]]:
    """Return columns of labels that may stand beside a plot: they end, or begin, at one place."""
    level = [w for w in words if w.level or w.slanted]
    columns = []
    for key in (_right, _left, _x):
        for group in aligned(level, key, reach=0.4, fewest=2):
            column = sorted(group, key=_y)
            if all(b.y - a.y > 0.8 * min(a.size, b.size) for a, b in itertools.pairwise(column)):
                columns.append(column)
    return columns


def _anchor_x(word: Word) -> float:
    """Return where a label below an axis points to: its middle, or the upper end of slanted text."""
    if not word.slanted:
        return word.x
    return word.right - word.size / 2 if word.angle > 0 else word.left + word.size / 2


def anchor_labels(axis: LabelAxis, gray: NDArray[np.uint8], high: int) -> LabelAxis:
    """Return slanted labels below a plot with places that have tick marks or grid lines: their middles or ends.

    Args:
        axis: Of labels that stand side by side, each at its end.
        gray: (height, width).
        high: Lower edge of the plot.
    """
    if not any(w.slanted for w in axis.words) or len(axis.words) < 2:
        return axis
    near = gray[max(0, high - MARK_REACH) : high + 2].T
    windows = [_line_profile(near[:, k : k + 3]) for k in range(0, max(1, near.shape[1] - 2))]
    marks = np.max(np.stack(windows), axis=0)
    best = axis
    most = _marked(axis.places, marks)
    middles = tuple(sorted(w.x for w in axis.words))
    if _marked(middles, marks) > most:
        best = replace(axis, places=middles)
    return best


def _marked(places: Sequence[float], marks: NDArray[np.floating]) -> int:
    """Return how many places have a mark within two pixels."""
    return sum(_nearest_peak(marks, place, 2.5) is not None for place in places)


def label_axis(words: Sequence[Word], *, upright: bool) -> LabelAxis:
    """Return labels in a row or column as an axis."""
    place = _y if upright else _anchor_x
    ordered = sorted(words, key=place)
    return LabelAxis(upright, tuple(ordered), tuple(place(w) for w in ordered))
