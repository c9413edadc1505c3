"""Where things are on a chart: legend, axes, plot, titles."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.axes import (
    LabelAxis,
    NumberAxis,
    anchor_labels,
    is_uneven,
    label_axis,
    label_columns,
    label_rows,
    number_axes,
    numbers_of,
    snap_ticks,
    two_ticks,
)
from ocr2.charts.plot.legend import Entry, find_legend
from ocr2.charts.plot.words import Word

RGB = NDArray[np.uint8]  # (height, width, 3)
FEWEST_TICKS = 5  # of an axis that is no legend of numbers
FACTOR = re.compile(r"(?:1e|1E|[×x]10\^?)([+-]?\d{1,2})")  # at the end of an axis: its numbers are so many times larger
UNREAD = 1.6  # pitches above the first label, to which the plot reaches: one above it may not have been found


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A chart's parts."""

    words: tuple[Word, ...]
    legend: tuple[Entry, ...]
    y: NumberAxis | None  # columns of numbers
    second: NumberAxis | None  # on the other side
    x: NumberAxis | None  # rows of numbers
    x_labels: LabelAxis | None
    y_labels: LabelAxis | None
    plot: tuple[int, int, int, int]  # left, top, right, bottom

    @property
    def inside(self) -> list[Word]:
        """Words that are neither of an axis nor of the legend, by place inside the plot."""
        left, top, right, bottom = self.plot
        return [w for w in self.free if left <= w.x <= right and top <= w.y <= bottom]

    @property
    def free(self) -> list[Word]:
        """Words that are neither of an axis nor of the legend."""
        used = {id(e.word) for e in self.legend}
        for axis in (self.y, self.second, self.x, self.x_labels, self.y_labels):
            used |= {id(w) for w in axis.words} if axis is not None else set()
        return [w for w in self.words if id(w) not in used]


def find_layout(picture: RGB, words: Sequence[Word]) -> Layout:
    """Find the parts of a chart (height, width, 3) from its words."""
    width = picture.shape[1]
    legend = _without_ticks(find_legend(picture, words), words)
    named = {id(e.word) for e in legend}
    rest = [w for w in words if id(w) not in named]
    columns, rows = number_axes(rest, upright=True), number_axes(rest, upright=False)
    y, second = _sides(columns, width)
    x = _lowest(rows)
    x = None if x is not None and is_uneven(x, rest) else x
    if y is None and x is None:
        y = two_ticks(rest, upright=True)
        x = two_ticks(rest, upright=False) if y is None else None
    if y is not None and x is not None and {id(w) for w in y.words} & {id(w) for w in x.words}:
        y, x = (y, None) if len(y.words) > len(x.words) else (None, x)
    used = {id(w) for axis in (y, second) if axis is not None for w in axis.words}
    loose = [w for w in rest if id(w) not in used]
    x_labels = _labels_below(loose, y)
    if x_labels is not None and x is not None and not {id(w) for w in x.words} & {id(w) for w in x_labels.words}:
        # Numbers along the bottom, and labels in another row: the one nearer to the plot counts.
        if min(w.top for w in x.words) < min(w.top for w in x_labels.words) or len(x_labels.words) < 2:
            x_labels = None
        else:
            x = None
    if x is None:
        x = numbers_of(x_labels)
    taken = {id(w) for w in (x.words if x is not None else ())}
    y_labels = _labels_beside([w for w in rest if id(w) not in taken], x, y) if x is not None else None
    plot = _plot_of(picture, words, legend, y, second, x, x_labels, y_labels)
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    left, top, right, bottom = plot
    y = snap_ticks(y, gray, (left, right)) if y is not None else None
    second = snap_ticks(second, gray, (left, right)) if second is not None else None
    x = snap_ticks(x, gray, (top, bottom)) if x is not None else None
    x_labels = anchor_labels(x_labels, gray, bottom) if x_labels is not None else None
    y, x, rest = _times(y, x, words)
    return Layout(
        words=tuple(rest),
        legend=tuple(legend),
        y=y,
        second=second,
        x=x,
        x_labels=x_labels,
        y_labels=y_labels,
        plot=plot,
    )


def _without_ticks(legend: Sequence[Entry], words: Sequence[Word]) -> list[Entry]:
    """Return no legend where its entries are numbers of an axis, beside which marks or lines of the grid lie."""
    if all(e.solid for e in legend) or any(e.word.value is None for e in legend):
        return list(legend)
    axes = [*number_axes(words, upright=True), *number_axes(words, upright=False)]
    ticks = {id(w) for axis in axes if len(axis.words) >= FEWEST_TICKS for w in axis.words}
    return [] if all(id(e.word) in ticks for e in legend) else list(legend)


def _times(
    y: NumberAxis | None, x: NumberAxis | None, words: Sequence[Word]
) -> tuple[NumberAxis | None, NumberAxis | None, list[Word]]:
    """Apply a factor that stands at the end of an axis, such as "1e6"; returns the axes and the other words."""
    rest = []
    for word in words:
        match = FACTOR.fullmatch(word.text.replace(" ", "").replace("−", "-"))
        if match is None:
            rest.append(word)
            continue
        factor = 10.0 ** int(match[1])
        above = y is not None and word.y < min(t.place for t in y.scale.ticks) - 0.5 * word.size
        if y is not None and above:
            y = replace(y, scale=y.scale.times(factor))
        elif x is not None and word.top > x.edge - word.size:
            x = replace(x, scale=x.scale.times(factor))
        else:
            rest.append(word)
    return y, x, rest


def _sides(columns: Sequence[NumberAxis], width: int) -> tuple[NumberAxis | None, NumberAxis | None]:
    """Return the axis of values on the left (on the right, if it alone is there), and the second one on the right."""
    if not columns:
        return None, None
    first = columns[0]
    middle = float(np.mean([w.x for w in first.words]))
    for other in columns[1:]:
        there = float(np.mean([w.x for w in other.words]))
        apart = abs(there - middle) > 0.35 * width
        a, b = sorted(([w.y for w in first.words], [w.y for w in other.words]), key=len)
        if apart and min(b) - 20 < np.mean(a) < max(b) + 20:
            return (first, other) if middle < there else (other, first)
    return first, None


def _lowest(rows: Sequence[NumberAxis]) -> NumberAxis | None:
    """Return the row of numbers with most ticks, the lowest of those that have nearly as many."""
    if not rows:
        return None
    most = len(rows[0].words)
    good = [r for r in rows if len(r.words) >= max(3, 0.7 * most)]
    return max(good, key=lambda r: r.edge)


def _labels_below(words: Sequence[Word], y: NumberAxis | None) -> LabelAxis | None:
    """Return the row of labels below the plot."""
    rows = [row for row in label_rows(words) if len(row) >= 2]
    if y is None:
        return None
    low = max(t.place for t in y.scale.ticks)
    size = y.words[0].size
    low_enough = [row for row in rows if min(w.top for w in row) > low - 0.9 * size]
    if low_enough:
        # Numbers at the feet of bars are printed values where a row of names stands below them.
        names = [row for row in low_enough if any(w.value is None for w in row)]
        feet = [r for r in low_enough if r not in names and any(_below(n, r, size) for n in names)]
        low_enough = [row for row in low_enough if row not in feet]
        best = min(low_enough, key=lambda row: (round(min(w.top for w in row) / (2.5 * size)), -len(row)))
        return label_axis(best, upright=False)
    single = [w for w in words if w.top > low - 0.6 * size and w.level]
    inside = [row for row in rows if len(row) >= 3 and min(w.top for w in row) > min(t.place for t in y.scale.ticks)]
    if inside:
        return label_axis(max(inside, key=len), upright=False)
    return label_axis([min(single, key=lambda w: w.top)], upright=False) if single else None


def _below(names: Sequence[Word], numbers: Sequence[Word], size: float) -> bool:
    """Say whether a row of names stands right below one of numbers, and is as long."""
    down = min(w.top for w in names) - min(w.top for w in numbers)
    return 0 < down < 3 * size and len(names) >= len(numbers)


def _labels_beside(words: Sequence[Word], x: NumberAxis, y: NumberAxis | None) -> LabelAxis | None:
    """Return the column of labels beside the plot."""
    if y is not None:
        return label_axis(y.words, upright=True)
    left = min(t.place for t in x.scale.ticks)
    size = x.words[0].size
    columns = [c for c in label_columns([w for w in words if w.bottom < x.edge + size]) if c]
    outside = [c for c in columns if max(w.right for w in c) < left + 1.2 * size]
    if outside:
        return label_axis(max(outside, key=lambda c: (len(c), max(w.right for w in c))), upright=True)
    inside = [c for c in columns if len(c) >= 3]
    return label_axis(max(inside, key=len), upright=True) if inside else None


def _plot_of(
    picture: RGB,
    words: Sequence[Word],
    legend: Sequence[Entry],
    y: NumberAxis | None,
    second: NumberAxis | None,
    x: NumberAxis | None,
    x_labels: LabelAxis | None,
    y_labels: LabelAxis | None,
) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    left, top, right, bottom = 0.0, 0.0, float(width), float(height)
    below = [*(x.words if x is not None else ()), *(x_labels.words if x_labels is not None else ())]
    if y is not None:
        places = sorted(t.place for t in y.scale.ticks)
        top = max(0.0, places[0] - y.scale.step)
        bottom = min(bottom, places[-1] + y.scale.step)
        ends = [(w.left, w.right) for w in y.words]
        if below and np.mean([w.x for w in y.words]) > np.mean([w.x for w in below]):
            right = min(e[0] for e in ends) - 1
        else:
            left = _right_edge(y.words) + 1
    if second is not None:
        right = min(w.left for w in second.words) - 1
    if below:
        bottom = min(w.top for w in below) if y is None or _all_below(below, y) else bottom
    if x is not None:
        places = sorted(t.place for t in x.scale.ticks)
        left = max(left, places[0] - x.scale.step) if y is None else left
        right = min(right, places[-1] + x.scale.step)
    if y_labels is not None and y is None and x is not None:
        labels = [w.right for w in y_labels.words]
        inside = max(labels) > min(t.place for t in x.scale.ticks) + 20
        left = left if inside else max(left, max(labels) + 1)
        tops = [w.top for w in y_labels.words]
        pitch = float(np.median(np.diff(sorted(y_labels.places)))) if len(y_labels.places) > 1 else 40.0
        top = max(top, min(tops) - UNREAD * pitch)
    if legend:
        edge = min(min(e.box[0], e.word.left) for e in legend)
        spots = [*(t.place for t in x.scale.ticks)] if x is not None else [*(x_labels.places if x_labels else ())]
        if spots and edge > max(spots) - 2:
            right = min(right, edge - 1)
    named = {id(e.word) for e in legend}
    for word in words:  # titles above
        if id(word) in named or word.right < left or word.left > right:
            continue
        if (
            word.level
            and word.bottom < top + (bottom - top) * 0.1
            and word.bottom > top
            and word.size > 6
            and not _is_low(word, y)
        ):
            top = (
                max(top, word.bottom)
                if y is not None and word.bottom < min(t.place for t in y.scale.ticks) - word.size
                else top
            )
    box = max(0, round(left)), max(0, round(top)), min(width, round(right)), min(height, round(bottom))
    return box if box[2] - box[0] > 8 and box[3] - box[1] > 8 else (0, 0, width, height)


def _right_edge(words: Sequence[Word]) -> float:
    """Return where ticks' labels end: they are flush there, and what one has more is a mark that it touches."""
    ends = [w.right for w in words]
    usual = float(np.median(ends))
    return usual if max(ends) - usual < words[0].size else max(ends)


def _is_low(word: Word, y: NumberAxis | None) -> bool:
    return y is not None and any(word is w for w in y.words)


def _all_below(below: Sequence[Word], y: NumberAxis) -> bool:
    return min(w.top for w in below) > max(t.place for t in y.scale.ticks) - y.words[0].size
