"""Where a chart's labels follow a pattern that says one more stands there: ticks, labels, entries of a legend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import read_number
from ocr2.charts.plot.axes import LabelAxis, NumberAxis
from ocr2.charts.plot.labels import is_unnamed
from ocr2.charts.plot.layout import find_layout
from ocr2.charts.plot.legend import Entry
from ocr2.charts.plot.result import Plot
from ocr2.charts.plot.words import Word, words_of
from ocr2.models.protocols import TextBox

RGB = NDArray[np.uint8]  # (height, width, 3)
EVEN = 0.15  # of the usual distance between labels, by which others may differ from a whole multiple
MOSTLY = 0.6  # share of the distances that must be so
FEWEST = 3  # labels that show a pattern
MOST = 12  # places of one axis or legend: more of them mean that the pattern is none
ROOM = 0.4  # of the pitch: how near to a plot's end a label may stand
SURE = 0.5  # confidence from which a label is taken; a tick's number must be the one that stands there
WHOLE = 0.01  # of a step, by which ticks may be off whole steps
EQUAL = 1e-6  # relative


@dataclass(frozen=True, slots=True)
class Expected:
    """A place and, on an axis of numbers, what must stand there."""

    place: TextBox  # without text
    value: float | None = None


def expected_labels(picture: RGB, texts: Sequence[TextBox]) -> list[Expected]:
    """Return where a chart (height, width, 3) must have labels that its texts lack."""
    words = [w for w in words_of(texts) if w.text.strip()]
    layout = find_layout(picture, words)
    left, top, right, bottom = layout.plot
    found: list[Expected] = []
    for axis in (layout.y, layout.second, layout.x):
        if axis is not None:
            found += _ticks(axis, (top, bottom) if axis.upright else (left, right))
    for labels in (layout.x_labels, layout.y_labels):
        if labels is not None:
            found += _labels(labels, (top, bottom) if labels.upright else (left, right))
    found += _entries(layout.legend)
    height, width = picture.shape[:2]
    known = {id(w) for axis in (layout.y, layout.second, layout.x) if axis is not None for w in axis.words}
    # What was read where a number of an axis must stand, and is another, is read again.
    taken = {True: [w for w in words if id(w) in known], False: words}
    return [
        e
        for e in found
        if _is_inside(e.place, width, height) and not any(lies_at(w, e.place) for w in taken[e.value is not None])
    ]


def labels_of_bars(picture: RGB, texts: Sequence[TextBox], plot: Plot) -> list[Expected]:
    """Return where labels must stand of bars that have none, in the row or column of the others.

    Args:
        picture: (height, width, 3).
        texts: That were found.
        plot: What was read with them.
    """
    upright = plot.kind != "hbar"
    values = [v for series in plot.series for v in series.values if is_unnamed(v.label)]
    if not values or plot.kind not in ("bar", "hbar", "combo"):
        return []
    layout = find_layout(picture, [w for w in words_of(texts) if w.text.strip()])
    labels = layout.x_labels if upright else layout.y_labels
    if labels is None or any(w.slanted for w in labels.words) or len({w.angle for w in labels.words}) > 1:
        return []
    middles = sorted((v.box[0] + v.box[2]) / 2 if upright else (v.box[1] + v.box[3]) / 2 for v in values)
    places = [place for i, place in enumerate(middles) if i == 0 or place - middles[i - 1] > _size(labels.words)]
    pitch = min((b - a for a, b in pairwise(sorted([*labels.places, *places])) if b > a), default=0.0)
    found = [_label(labels, place, pitch) for place in places]
    height, width = picture.shape[:2]
    return [e for e in found if _is_inside(e.place, width, height)][:MOST]


def with_expected(texts: Sequence[TextBox], found: Sequence[tuple[Expected, TextBox]]) -> list[TextBox]:
    """Return texts with those that were read where they were expected, in place of what was read there before."""
    places = [one.place for one, _ in found if one.value is not None]
    kept = [
        text
        for text, word in zip(texts, words_of(texts), strict=True)
        if not any(lies_at(word, place) for place in places)
    ]
    return [*kept, *(text for _, text in found)]


def is_expected(text: TextBox, expected: Expected) -> bool:
    """Say whether a text may stand where it was looked for."""
    if expected.value is None:
        return text.confidence >= SURE and bool(text.text.strip())
    value = read_number(text.text).value
    return value is not None and abs(value - expected.value) <= EQUAL * max(1.0, abs(expected.value))


def _ticks(axis: NumberAxis, ends: tuple[int, int]) -> list[Expected]:
    """Return the places of numbers that are missing between an axis' ticks and up to its ends."""
    scale = axis.scale
    if scale.log or len(scale.ticks) < FEWEST or any(not w.level for w in axis.words):
        return []
    first, pitch = min(t.place for t in scale.ticks), scale.step
    unit = abs(scale.slope * pitch)
    if any(abs(t.value / unit - round(t.value / unit)) > WHOLE for t in scale.ticks):
        return []
    last = max(t.place for t in scale.ticks)
    wide, middle = max(w.width for w in axis.words), float(np.median([w.y for w in axis.words]))
    found = []
    for place in _between_ends(first, last, pitch, ends):
        x, y = (axis.edge - wide / 2, place) if axis.upright else (place, middle)
        value = round((scale.start + scale.slope * place) / unit) * unit
        found.append(Expected(_place(x, y, wide, _size(axis.words), 0.0), value))
    return found[:MOST]


def _labels(axis: LabelAxis, ends: tuple[int, int]) -> list[Expected]:
    """Return the places of labels that are missing in an even row or column."""
    words = axis.words
    pitch = _pitch(axis.places)
    if pitch is None or any(w.slanted for w in words) or len({w.angle for w in words}) > 1:
        return []
    places = _between_ends(axis.places[0], axis.places[-1], pitch, ends)
    missing = [p for p in places if all(abs(p - other) >= ROOM * pitch for other in axis.places)]
    return [_label(axis, place, pitch) for place in missing][:MOST]


def _label(axis: LabelAxis, place: float, pitch: float) -> Expected:
    """Return where a label of a row or column stands whose place along it is known."""
    words = axis.words
    long = max(max(w.width, w.height) for w in words)
    if axis.upright:  # beside the plot, where their column ends
        x, y = float(np.median([w.right for w in words])) - long / 2, place
    elif words[0].level:
        x, y, long = place, float(np.median([w.y for w in words])), min(long, 0.9 * pitch)
    else:  # they hang from the axis
        x, y = place, float(np.median([w.top for w in words])) + long / 2
    return Expected(_place(x, y, long, _size(words), words[0].angle))


def _entries(legend: Sequence[Entry]) -> list[Expected]:
    """Return the places of names that are missing in a column of a legend, one above and one below it included."""
    lefts = [e.word.left for e in legend]
    size = _size([e.word for e in legend]) if legend else 0.0
    if len(legend) < 2 or float(np.ptp(lefts)) > 0.6 * size:
        return []
    ys = sorted(e.word.y for e in legend)
    pitches = np.diff(ys)
    pitch = float(pitches.min())
    wide = max(e.word.width for e in legend) + size
    if pitch < 0.9 * size:
        return []
    # Of two entries nothing tells whether others stand between them: half their distance is tried too.
    pitch = pitch / 2 if len(legend) == 2 and pitch > 2.2 * size else pitch
    places = _between_ends(ys[0], ys[-1], pitch, (round(ys[0] - 1.3 * pitch), round(ys[-1] + 1.3 * pitch)))
    left = float(np.median(lefts))
    missing = [y for y in places if all(abs(y - other) > ROOM * pitch for other in ys)]
    return [Expected(_place(left + wide / 2, y, wide, size, 0.0)) for y in missing][:MOST]


def _pitch(places: Sequence[float]) -> float | None:
    """Return the distance of which most others are whole multiples; None without an even pattern."""
    gaps = np.array([b - a for a, b in pairwise(sorted(places))])
    if len(places) < FEWEST or not len(gaps) or gaps.min() <= 0:
        return None
    pitch = float(np.median(gaps[gaps < 1.5 * gaps.min()]))
    off = np.abs(gaps / pitch - np.round(gaps / pitch))
    return pitch if float((off <= EVEN).mean()) >= MOSTLY else None


def _between_ends(first: float, last: float, pitch: float, ends: tuple[int, int]) -> list[float]:
    """Return places a pitch apart from the first to the last, and further as far as both ends allow."""
    before = max(0, int((first - ends[0] + ROOM * pitch) / pitch))
    behind = max(0, int((ends[1] - last + ROOM * pitch) / pitch))
    inner = round((last - first) / pitch)
    return [first + i * pitch for i in range(-before, inner + behind + 1)]


def _size(words: Iterable[Word]) -> float:
    return float(np.median([w.size for w in words]))


def _place(x: float, y: float, long: float, high: float, angle: float) -> TextBox:
    return TextBox("", (x - long / 2, y - high / 2, x + long / 2, y + high / 2), angle)


def _is_inside(place: TextBox, width: int, height: int) -> bool:
    x, y = (place.box[0] + place.box[2]) / 2, (place.box[1] + place.box[3]) / 2
    return 0 <= x < width and 0 <= y < height


def lies_at(word: Word, place: TextBox) -> bool:
    """Say whether a word lies where a label is looked for."""
    left, top, right, bottom = place.box
    if place.angle:
        x, y, long, high = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        left, top, right, bottom = x - high / 2, y - long / 2, x + high / 2, y + long / 2
    across = min(word.right, right) - max(word.left, left)
    down = min(word.bottom, bottom) - max(word.top, top)
    return across > 0.2 * min(word.width, right - left) and down > 0.3 * min(word.height, bottom - top)
