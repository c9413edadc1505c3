"""The writing of a figure: what no stroke explains, small enough to be writing, read by a model that reads strips."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.metrics.assignment import assign
from ocr2.models.protocols import LineReader, TextBox
from ocr2.reading.charts.text_at_boxes import read_places
from ocr2.reading.figures.degrees import Box, split_degree
from ocr2.reading.figures.paper import RGB, Mask, Paper
from ocr2.results.figure import Mark, Point

HEIGHTS = (0.012, 0.14)  # of the picture's longer side: a letter
LOWEST = 5  # pixels of a letter
HEIGHTS_SEEN = 0.008  # of the picture's longer side: a letter where a tracer sees writing
GROWN, INSIDE = 0.2, 0.5  # of a seen box's height that it is grown by, of a piece that lies in it
EDGE = 0.45  # of the strongest ink around: the edge of a letter
SPECK = 2  # pixels of a degree sign
NARROWEST = 0.12  # of its height: a letter
APART = 0.45  # of the height: pieces nearer than this side by side are one text
SURE = 0.6  # a name that the tracer did not see is one from this confidence
ARROW_LENGTH, ARROW_BEGINS = 0.8, 0.7  # of the writing's height: an arrow is longer, and begins no farther from it
REACH = 1.9  # of its height: a letter belongs to a point no farther from its middle
NEVER = 1e6

Seen = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Place:
    """Where writing may be."""

    text: TextBox  # empty
    degree: Box | None  # a degree sign behind it


def find_texts(paper: Paper, explained: Mask, seen: Sequence[Seen] | None = None) -> list[Place]:
    """Return where writing may be: ink that no stroke explains, in pieces of a letter's size.

    Args:
        paper: The picture.
        explained: (h, w): what strokes lie on.
        seen: Boxes of writing that a tracer sees; None if it does not look for any.
    """
    rest = _sharp(paper, explained).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    longest = max(rest.shape)
    low, high = max(LOWEST, HEIGHTS[0] * longest), HEIGHTS[1] * longest
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist() if w <= 2 * high and h <= high]
    if seen is None:
        specks = [b for b in boxes if _size(b) < low and min(b[2] - b[0], b[3] - b[1]) >= SPECK]
        groups = _groups([b for b in boxes if _size(b) >= low])
    else:
        low, specks = max(LOWEST, HEIGHTS_SEEN * longest), []
        groups = _in_boxes(boxes, seen)
    parted = [split_degree(group, specks, rest > 0) for group in groups]
    places = [Place(_around(group), degree) for group, degree in parted]
    fit = [p for p in places if low <= p.text.height <= high and _width(p.text) >= NARROWEST * p.text.height]
    return sorted(fit, key=lambda p: (p.text.box[1], p.text.box[0]))


def _size(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _in_boxes(pieces: Sequence[Box], seen: Sequence[Seen]) -> list[list[Box]]:
    """Put together the pieces most of which lies in one of the boxes that were seen, somewhat grown."""
    groups: list[list[Box]] = [[] for _ in seen]
    for piece in pieces:
        shares = [_share_in(piece, box) for box in seen]
        best = int(np.argmax(shares)) if shares else 0
        if shares and shares[best] >= INSIDE:
            groups[best].append(piece)
    return [group for group in groups if group]


def _share_in(piece: Box, box: Seen) -> float:
    """Return which share of a piece lies in a box that is grown by a part of its height."""
    grow = GROWN * (box[3] - box[1])
    across = min(piece[2], box[2] + grow) - max(piece[0], box[0] - grow)
    down = min(piece[3], box[3] + grow) - max(piece[1], box[1] - grow)
    area = (piece[2] - piece[0]) * (piece[3] - piece[1])
    return max(0.0, across) * max(0.0, down) / max(1, area)


def _sharp(paper: Paper, explained: Mask) -> Mask:
    """Return the ink that no stroke explains without its blurred edges, which join letters."""
    strength = np.where(explained, np.float32(0), paper.strength)
    reach = 2 * max(2, round(1.5 * paper.width)) + 1
    strongest = cv2.dilate(strength, np.ones((reach, reach), np.uint8))
    return np.asarray(paper.ink & ~explained & (strength >= EDGE * strongest), np.bool_)


def _width(text: TextBox) -> float:
    return text.box[2] - text.box[0]


def _groups(boxes: Sequence[Box]) -> list[list[Box]]:
    """Put together pieces that are one text: side by side at one height, or one above the other like an i's."""
    parent = list(range(len(boxes)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i, j in itertools.combinations(range(len(boxes)), 2):
        if _belong(boxes[i], boxes[j]):
            parent[root(i)] = root(j)
    found: dict[int, list[Box]] = {}
    for i, box in enumerate(boxes):
        found.setdefault(root(i), []).append(box)
    return list(found.values())


def _belong(one: Box, other: Box) -> bool:
    height = max(one[3] - one[1], other[3] - other[1])
    beside = max(one[0], other[0]) - min(one[2], other[2])
    shared = min(one[3], other[3]) - max(one[1], other[1])
    above = -shared
    if shared > 0.3 * min(one[3] - one[1], other[3] - other[1]):
        return beside < APART * height
    return beside < 0 and above < 0.25 * height and height < 4 * min(one[3] - one[1], other[3] - other[1])


def _around(group: Sequence[Box]) -> TextBox:
    return TextBox(
        "",
        (
            float(min(b[0] for b in group)),
            float(min(b[1] for b in group)),
            float(max(b[2] for b in group)),
            float(max(b[3] for b in group)),
        ),
    )


def without_strokes(picture: RGB, explained: Mask) -> RGB:
    """Return a picture (h, w, 3) with the colour of the ground where strokes lie."""
    free = picture[~explained]
    ground = np.median(free if len(free) else picture.reshape(-1, 3), axis=0)
    out = picture.copy()
    out[explained] = np.asarray(ground, np.uint8)
    return out


def read_texts(
    picture: RGB, paper: Paper, explained: Mask, seen: Sequence[Seen] | None, load_reader: Callable[[], LineReader]
) -> list[TextBox]:
    """Read all writing of a figure (h, w, 3) whose strokes lie where `explained` says; no writing, no reader."""
    places = find_texts(paper, explained, seen)
    if not places:
        return []
    hidden = explained.copy()
    for place in places:
        if place.degree is not None:
            left, top, right, bottom = place.degree
            hidden[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = True
    found = read_places(without_strokes(picture, hidden), [place.text for place in places], load_reader())
    return [_whole(place, texts) for place, texts in zip(places, found, strict=True) if texts]


def _whole(place: Place, texts: Sequence[TextBox]) -> TextBox:
    """Return what was read at a place as one text, its degree sign behind it."""
    text, (left, top, _, bottom) = " ".join(t.text for t in texts), place.text.box
    sure = float(np.mean([t.confidence for t in texts]))
    if place.degree is None or _name(text):  # a dot beside a name is that of its point
        return replace(place.text, text=text, confidence=sure)
    box = left, min(top, float(place.degree[1])), float(place.degree[2]), bottom
    return replace(place.text, text=f"{text}°", box=box, confidence=sure)


def settle_letters(seen: Sequence[TextBox], texts: Sequence[TextBox]) -> list[TextBox]:
    """Return letters that a tracer saw, each as the surer of it and of the reader has it, and names it did not see.

    Args:
        seen: By the tracer, which sees the figure in a small picture.
        texts: Read in the picture at its full size.
    """
    settled: list[TextBox] = []
    for letter in seen:
        read = [replace(t, text=_name(t.text)) for t in texts if lies_on(t, letter)]
        named = [t for t in read if t.text and t.confidence > letter.confidence]
        best = max(named, key=lambda t: t.confidence, default=letter)
        settled.append(replace(letter, text=best.text, confidence=best.confidence))
    others = [t for t in texts if t.confidence >= SURE and _name(t.text) and not any(lies_on(t, x) for x in seen)]
    return [*settled, *others]


def find_arrow(
    text: TextBox, paper: Paper, explained: Mask, texts: Sequence[TextBox], marks: Sequence[Mark]
) -> Point | None:
    """Return where an arrow that begins beside writing leads to, None if there is none.

    Args:
        text: The writing.
        paper: The picture.
        explained: (h, w): what strokes lie on.
        texts: All writing: it is no arrow.
        marks: Ticks and arcs are none either.
    """
    rest = (paper.ink & ~explained).astype(np.uint8)
    for other in texts:
        left, top, right, bottom = (round(v) for v in other.box)
        rest[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    best: tuple[float, Point] | None = None
    for number, (left, top, width, height, _) in enumerate(stats[1:count].tolist(), start=1):
        if math.hypot(width, height) < ARROW_LENGTH * text.height:
            continue
        if any(left - 2 <= m.place[0] <= left + width + 2 and top - 2 <= m.place[1] <= top + height + 2 for m in marks):
            continue
        rows, columns = np.nonzero(labels[top : top + height, left : left + width] == number)
        x, y = columns + left + 0.5, rows + top + 0.5
        off = np.hypot(
            np.maximum(np.maximum(text.box[0] - x, x - text.box[2]), 0),
            np.maximum(np.maximum(text.box[1] - y, y - text.box[3]), 0),
        )
        if off.min() <= ARROW_BEGINS * text.height and (best is None or off.min() < best[0]):
            far = int(off.argmax())
            best = float(off.min()), (float(x[far]), float(y[far]))
    return None if best is None else best[1]


def name_points(texts: Sequence[TextBox], points: Sequence[Point]) -> dict[str, Point]:
    """Give points the single letters beside them: each letter once, and the shortest ways together.

    Args:
        texts: That were read.
        points: Of the figure.
    """
    names = [t for t in (replace(t, text=_name(t.text)) for t in texts) if t.text]
    sure: dict[str, TextBox] = {}
    for text in names:  # a letter that is read twice is the surer one's
        if text.text not in sure or text.confidence > sure[text.text].confidence:
            sure[text.text] = text
    letters = list(sure.values())
    if not letters or not points:
        return {}
    costs: NDArray[np.float64] = np.array([[_distance(text, p) for p in points] for text in letters])
    costs[costs > np.array([REACH * t.height for t in letters])[:, None]] = NEVER
    rows, columns = assign(costs)
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if costs[i, j] < NEVER]
    return {letters[i].text: points[j] for i, j in sorted(pairs, key=lambda pair: letters[pair[0]].text)}


def _name(text: str) -> str:
    """Return the name a text is, "" if it is none: one capital letter, primes and digits behind it."""
    text = text.strip().strip(".,:;").replace("\u2019", "'").replace("\u2032", "'")
    if not text or not ("A" <= text[0] <= "Z") or len(text) > 3:
        return ""
    return text if all(c in "'0123456789" for c in text[1:]) else ""


def lies_on(text: TextBox, letter: TextBox) -> bool:
    """Say whether a text is at the place of a letter."""
    return math.dist(_middle(text), _middle(letter)) <= 0.6 * letter.height


def _middle(text: TextBox) -> Point:
    return (text.box[0] + text.box[2]) / 2, (text.box[1] + text.box[3]) / 2


def _distance(text: TextBox, point: Point) -> float:
    return math.dist(_middle(text), point)
