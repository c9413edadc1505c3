"""The legend: words with a sample of their series' colour beside them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.colours import FULL, Colour, usual_colour
from ocr2.charts.plot.words import Word, aligned

RGB = NDArray[np.uint8]  # (height, width, 3)
REACH = 5.0  # line heights left of a word in which its sample lies
GAP = 2.4  # and how far its near end may be from the word
CONTRAST = 20.0  # of a sample with its ground
ONE_COLOUR = 16.0  # distance up to which samples have one colour
NARROW, TALL = 0.7, 0.95  # line heights above and below a word's middle, to which a sample may reach
TICK = 0.85  # line heights of the longest tick mark
SHADE = 0.4  # of the strongest contrast: what differs less is a shadow
RINGS = ("0", "o", "O", "°", "8")  # what a ring that marks a point is read as
STROKES = frozenset("".join(RINGS)) | set("-–—_~=•· ")  # and a line through one
GREY, COLOURFUL = 30.0, 60.0  # most difference of a grey's channels; least of a clear colour's
SAME_WIDTH, NEXT_ROW = 0.25, 2.0  # share by which samples' widths may differ; line heights between rows
LEAST_AREA = 0.1  # of a line height, squared, that a sample covers


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of the legend and its sample."""

    word: Word
    colour: Colour
    box: tuple[float, float, float, float]  # of the sample
    solid: bool  # a patch, not a line or a ring


def find_legend(picture: RGB, words: Sequence[Word]) -> list[Entry]:
    """Find the entries of a legend, from top to bottom, then from left to right.

    Args:
        picture: (height, width, 3).
        words: Of the chart.
    """
    entries = [entry for word in words if word.level and (entry := _entry(picture, word, words)) is not None]
    groups: list[list[Entry]] = []
    for key in (lambda w: w.left, lambda w: w.right, lambda w: w.y):
        for group in aligned([e.word for e in entries], key, reach=0.5, fewest=2):
            chosen = [e for e in entries if any(e.word is w for w in group)]
            groups.append(_of_one_kind(chosen))
    best = max(groups, key=_worth, default=[])
    if len(best) >= 2 and _worth(best) >= 2:
        # A legend of several rows, or of bars and lines: the other entries in line with these.
        more = [e for e in entries if e not in best and _near(e, best) and _fits(e, best)]
        best = [*best, *more]
    else:
        # One number beside a colour is printed beside its bar.
        names = [e for e in entries if e.word.value is None and e.box[0] < e.word.x]
        alone = [e for e in names if e.solid or _chroma(e.colour) > 40]
        best = alone if len(alone) == 1 else []
    return sorted(best, key=lambda e: (round(e.word.y / max(1.0, e.word.size)), e.word.x))


def _worth(entries: Sequence[Entry]) -> float:
    """Return how many colours entries tell apart; samples of one colour are none, numbers are more often an axis."""
    kinds: list[Colour] = []
    for entry in entries:
        if all(math.dist(entry.colour, kind) > ONE_COLOUR for kind in kinds):
            kinds.append(entry.colour)
    if len(kinds) < max(2, 0.5 * len(entries)):
        return 0.0
    numbers = all(e.word.value is not None for e in entries)
    sound = all(e.solid for e in entries)
    return len(kinds) - (0.6 if numbers and not sound else 0.0)


def _of_one_kind(entries: Sequence[Entry]) -> list[Entry]:
    """Keep the entries whose samples lie equally far left of their words."""
    gaps = [_gap(e) for e in entries]
    usual = float(np.median(gaps))
    return [e for e, gap in zip(entries, gaps, strict=True) if abs(gap - usual) < 0.6 * e.word.size]


def _fits(entry: Entry, best: Sequence[Entry]) -> bool:
    """Say whether an entry is in line with others, and its sample as far from its word as theirs."""
    size = entry.word.size
    gap = _gap(entry)
    usual = float(np.median([_gap(e) for e in best]))
    level = any(
        abs(e.word.y - entry.word.y) < 0.5 * size or abs(e.word.left - entry.word.left) < 0.7 * size for e in best
    )
    # Rows of a legend may each be in the middle: then the samples tell, which are equally wide.
    width = float(np.median([e.box[2] - e.box[0] for e in best]))
    same = abs(entry.box[2] - entry.box[0] - width) < SAME_WIDTH * width
    near = any(abs(entry.word.y - e.word.y) < NEXT_ROW * size for e in best)
    left, right = min(e.box[0] for e in best), max(e.word.right for e in best)
    row = same and near and len(best) >= 2 and entry.box[0] < right and entry.word.right > left
    return (level or row) and abs(gap - usual) < 0.8 * size


def _gap(entry: Entry) -> float:
    """Return how far a sample's middle is from its word, to the left; of one at the right, less than zero."""
    middle = (entry.box[0] + entry.box[2]) / 2
    return entry.word.left - middle if middle < entry.word.x else entry.word.right - middle


def _near(entry: Entry, best: Sequence[Entry]) -> bool:
    return any(abs(entry.word.y - e.word.y) < 3.5 * e.word.size for e in best)


def _chroma(colour: Colour) -> float:
    return max(colour) - min(colour)


def _entry(picture: RGB, word: Word, everything: Sequence[Word]) -> Entry | None:
    """Return the entry that a word is, by a sample at its left, or else at its right; None if it has none."""
    return _beside(picture, word, everything, right=False) or _beside(picture, word, everything, right=True)


def _beside(picture: RGB, word: Word, everything: Sequence[Word], *, right: bool) -> Entry | None:
    size = word.size
    if right:  # the same picture in a mirror
        width = picture.shape[1]
        turned = [replace(other, x=width - other.x) for other in everything]
        entry = _beside(
            picture[:, ::-1],
            replace(word, x=width - word.x),
            [t for t, o in zip(turned, everything, strict=True) if o is not word],
            right=False,
        )
        if entry is None:
            return None
        box = width - entry.box[2], entry.box[1], width - entry.box[0], entry.box[3]
        return replace(entry, word=word, box=box)
    low, high = round(word.left - REACH * size), round(word.left - 0.05 * size)
    top, bottom = round(word.y - 0.6 * size), round(word.y + 0.6 * size) + 1
    for other in everything:  # what is text is no sample, but a ring in colour that was read as a letter is one
        if (
            other is not word
            and not _is_ring(picture, other)
            and other.left < word.left - 0.3 * size
            and other.top < bottom - 0.2 * size
            and other.bottom > top + 0.2 * size
        ):
            low = max(low, round(other.right + 0.2 * size))
    low, high = max(0, low), min(picture.shape[1], high)
    top, bottom = max(0, top), min(picture.shape[0], bottom)
    if high - low < 0.3 * size or bottom - top < 4:
        return None
    own = picture[max(0, round(word.top)) : round(word.bottom) + 1, max(0, round(word.left)) : round(word.right) + 1]
    if not own.size:
        return None
    ground = np.array(usual_colour(own), np.float32)
    found = _patch(picture, word, (low, high), ground)
    for share in (NARROW, TALL):
        down = round(word.y - share * size), round(word.y + share * size) + 1
        found = found or _sample(picture, word, (low, high), down, ground)
    return found


def _is_ring(picture: RGB, word: Word) -> bool:
    """Say whether a text is a sample: a stroke with or without a ring, or a single round letter in colour."""
    if set(word.text) <= STROKES and any(c not in RINGS for c in word.text):
        return True
    if word.text not in RINGS:
        return False
    top, left = max(0, round(word.top)), max(0, round(word.left))
    part = picture[top : round(word.bottom) + 1, left : round(word.right) + 1].astype(np.float32)
    return bool(part.size) and float(np.percentile(np.ptp(part, axis=2), 90)) > GREY


def _patch(picture: RGB, word: Word, across: tuple[int, int], ground: NDArray[np.float32]) -> Entry | None:
    """Return a patch of one colour beside a word; it may touch those above and below."""
    size, (low, high) = word.size, across
    top, bottom = max(0, round(word.y - 0.3 * size)), round(word.y + 0.3 * size) + 1
    part = picture[top:bottom, low:high].astype(np.float32)
    if not part.size:
        return None
    ink = np.linalg.norm(part - ground, axis=2) > CONTRAST
    inked = ink.mean(axis=0) > 0.9
    columns = np.flatnonzero(inked)
    if not len(columns):
        return None
    last = int(columns[-1]) + 1  # of the patch nearest to the word
    first = last - 1
    while first > 0 and inked[first - 1]:
        first -= 1
    rim = 2 if last - first >= 9 else 1 if last - first > 4 else 0
    inner = part[:, first + rim : last - rim]
    colour = np.array(usual_colour(np.asarray(inner, np.uint8)), np.float32)
    same = np.linalg.norm(inner - colour, axis=2) < 24
    clear = first >= 2 and not ink[:, max(0, first - 4) : first - 1].any() and not ink[:, last + 1 :].any()
    if not clear or last - first < 0.35 * size or same.mean() < 0.9 or high - (low + last) > GAP * size:
        return None
    r, g, b = colour.tolist()
    return Entry(word, (r, g, b), (float(low + first), float(top), float(low + last), float(bottom)), True)


def _sample(
    picture: RGB, word: Word, across: tuple[int, int], down: tuple[int, int], ground: NDArray[np.float32]
) -> Entry | None:
    """Return a line, a marker or a patch beside a word that touches nothing else."""
    size, (left, right) = word.size, across
    top, bottom = max(0, down[0]), min(picture.shape[0], down[1])
    part = picture[top:bottom, left:right].astype(np.float32)
    away = np.linalg.norm(part - ground, axis=2)
    ink = away > max(CONTRAST, SHADE * float(np.percentile(away, 97)))
    # What runs out of the part, above, below or at its left, is a line of the plot or a mark.
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    kept = np.zeros_like(ink)
    nearest_first = sorted(range(1, count), key=lambda i: -int(stats[i][0] + stats[i][2]))
    reached = ink.shape[1] - GAP * size  # what is far from the word, and from its sample, is no part of it
    for i in nearest_first:
        x, y, w, h, area = (int(v) for v in stats[i])
        if x + w < reached:
            break
        reached = min(reached, x - 0.6 * size) if kept.any() else x - 0.6 * size
        cut = (x == 0 and left > 0) or (y == 0 and h > 2) or (y + h == ink.shape[0] and h > 2)
        if not cut and area >= 3:
            kept |= labels == i
    if kept.sum() < LEAST_AREA * size * size * 0.6:
        return None
    ys, xs = np.nonzero(kept)
    box = float(left + xs.min()), float(top + ys.min()), float(left + xs.max() + 1), float(top + ys.max() + 1)
    if word.left - box[2] > GAP * size or abs((box[1] + box[3]) / 2 - word.y) > 0.4 * size:
        return None
    if box[3] - box[1] < 0.25 * size and box[2] - box[0] < TICK * size:
        return None
    pixels = part[kept]
    strength = np.linalg.norm(pixels - ground, axis=1)
    chroma = pixels.max(axis=1) - pixels.min(axis=1)
    # An outline in grey may run around a patch in colour; pixels of less strength are blends with the ground.
    by = chroma if float(chroma.max()) > COLOURFUL else strength
    r, g, b = np.median(pixels[by >= FULL * np.percentile(by, 97)], axis=0).tolist()
    inside = (box[2] - box[0]) * (box[3] - box[1])
    solid = bool(kept.sum() > 0.6 * inside and box[3] - box[1] > 0.35 * size)
    return Entry(word, (r, g, b), box, solid)
