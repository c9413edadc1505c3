"""The letters of a figure: what no stroke explains, small enough to be writing, read by a model that reads strips."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.metrics.assignment import assign
from ocr2.models.protocols import LineReader, TextBox
from ocr2.reading.charts.text_at_boxes import recognise_text
from ocr2.reading.figures.strokes import RGB, Mask, Paper
from ocr2.results.figure import Point

HEIGHTS = (0.012, 0.14)  # of the picture's longer side: a letter
LOWEST = 5  # pixels of a letter
NARROWEST = 0.12  # of its height: a letter
APART = 0.45  # of the height: pieces nearer than this side by side are one text
REACH = 1.9  # of its height: a letter belongs to a point no farther from its middle
NEVER = 1e6


def find_texts(paper: Paper, explained: Mask) -> list[TextBox]:
    """Return where writing may be, texts empty: ink that no stroke explains, in pieces of a letter's size.

    Args:
        paper: The picture.
        explained: (h, w): what strokes lie on.
    """
    rest = (paper.ink & ~explained).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    longest = max(rest.shape)
    low, high = max(LOWEST, HEIGHTS[0] * longest), HEIGHTS[1] * longest
    boxes = []
    for left, top, width, height, _area in stats[1:count].tolist():
        if max(width, height) >= low and width <= 2 * high and height <= high:
            boxes.append((left, top, left + width, top + height))
    texts = [_around(group) for group in _groups(boxes)]
    fit = [t for t in texts if low <= t.height <= high and t.box[2] - t.box[0] >= NARROWEST * t.height]
    return sorted(fit, key=lambda t: (t.box[1], t.box[0]))


Box = tuple[int, int, int, int]


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


def read_texts(picture: RGB, paper: Paper, explained: Mask, load_reader: Callable[[], LineReader]) -> list[TextBox]:
    """Read all writing of a figure (h, w, 3) whose strokes lie where `explained` says; no writing, no reader."""
    places = find_texts(paper, explained)
    return recognise_text(without_strokes(picture, explained), places, load_reader()) if places else []


def settle_letters(seen: Sequence[TextBox], texts: Sequence[TextBox]) -> list[TextBox]:
    """Return letters that a tracer saw, each as the surer of it and of the reader has it.

    Args:
        seen: By the tracer, which sees the figure in a small picture.
        texts: Read in the picture at its full size.
    """
    settled = []
    for letter in seen:
        read = [replace(t, text=_name(t.text)) for t in texts if lies_on(t, letter)]
        named = [t for t in read if t.text and t.confidence > letter.confidence]
        best = max(named, key=lambda t: t.confidence, default=letter)
        settled.append(replace(letter, text=best.text, confidence=best.confidence))
    return settled


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
