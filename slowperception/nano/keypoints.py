"""Keypoints that slowperception-nano finds in a figure: ends of segments, and circles.

Axis letters: h rows, w columns of cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.results.figure import MarkKind
from ocr2.slowperception.grammar import REACH, Point, rounded
from ocr2.slowperception.nano.circles import fit_circles
from ocr2.slowperception.nano.texts import TextPlace, merge_text_boxes

END, CIRCLE = 0, 1
MAX_KEYPOINTS = 96
CELL_OUTPUTS = 4  # of a cell: logits of an end in it and of round ink, and of where the end is (x, y)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of a cell's letter outputs; the first stands for none
# Of a cell's mark outputs, behind none: kind and count.
MARKS: tuple[tuple[MarkKind, int], ...] = (
    ("square", 1), ("tick", 1), ("tick", 2), ("tick", 3), ("arc", 1), ("arc", 2), ("arc", 3),
    ("chevron", 1), ("chevron", 2),
)  # fmt: skip
MARK_THRESHOLD = 0.5
MARKS_APART = 0.5  # model units: marks closer than this are one
WRITING_OUTPUTS = 2  # of a cell: logits of lying in a text's box, and of the head of an arrow
ARROW_THRESHOLD, WRITING_THRESHOLD = 0.5, 0.4
LETTER_THRESHOLD = 0.5
LETTERS_APART = 0.6  # model units: letters closer than this are one
THRESHOLD = 0.2
AT_MIDDLE = 0.05  # probability from which an end at a circle's middle is one
NEAREST = 0.2  # model units: ends closer than this are one


@dataclass(frozen=True, slots=True)
class Keypoint:
    """An end of a segment, or a circle."""

    place: Point  # of an end, or a circle's middle: model units, rounded as they are written
    kind: int  # END or CIRCLE
    radius: float = 0.0  # of a circle


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the picture."""

    text: str
    place: Point  # of its middle, model units
    sure: float


@dataclass(frozen=True, slots=True)
class SeenMark:
    """A mark in the picture."""

    kind: MarkKind
    count: int
    place: Point  # of its middle, model units
    sure: float


@dataclass(frozen=True, slots=True)
class Signs:
    """What is on a figure besides its strokes."""

    letters: list[Letter]  # the surest first
    marks: list[SeenMark]  # likewise
    arrows: list[Point]  # heads of arrows, model units
    texts: list[TextPlace]  # boxes of writing, the surest first


def read_signs(
    letters: NDArray[np.float32], marks: NDArray[np.float32], writing: NDArray[np.float32], sides: NDArray[np.float32]
) -> Signs:
    """Read everything but strokes off the network's cells.

    Args:
        letters: (h, w, 1 + letters): probabilities of none, and of each, having its middle in the cell.
        marks: (h, w, 1 + marks): likewise.
        writing: (h, w, 2): probabilities of lying in a text's box, and of the head of an arrow.
        sides: (h, w, 4): where that box's sides are.
    """
    arrows = np.stack([1 - writing[..., 1], writing[..., 1]], axis=-1)
    texts = merge_text_boxes(writing[..., 0], sides, threshold=WRITING_THRESHOLD)
    heads = [place for _, place, _ in _peaks(arrows, ARROW_THRESHOLD, MARKS_APART)]
    return Signs(read_letters(letters), read_marks(marks), heads, texts)


def read_marks(cells: NDArray[np.float32]) -> list[SeenMark]:
    """Read marks off the network's cells, the surest first.

    Args:
        cells: (h, w, 1 + marks): probabilities of none, and of each, having its middle in the cell.
    """
    return [SeenMark(*MARKS[best], place, sure) for best, place, sure in _peaks(cells, MARK_THRESHOLD, MARKS_APART)]


def read_letters(cells: NDArray[np.float32]) -> list[Letter]:
    """Read letters off the network's cells, the surest first.

    Args:
        cells: (h, w, 1 + letters): probabilities of none, and of each, having its middle in the cell.
    """
    return [Letter(LETTERS[best], place, sure) for best, place, sure in _peaks(cells, LETTER_THRESHOLD, LETTERS_APART)]


def _peaks(cells: NDArray[np.float32], threshold: float, apart: float) -> list[tuple[int, Point, float]]:
    """Return class, place (model units) and probability of what cells (h, w, 1 + classes) tell, the surest first."""
    height, width = cells.shape[:2]
    rows, columns = np.nonzero(1 - cells[..., 0] > threshold)
    found: list[tuple[int, Point, float]] = []
    for i in np.argsort(cells[rows, columns, 0], kind="stable").tolist():
        row, column = int(rows[i]), int(columns[i])
        place = (column + 0.5) / width * 2 * REACH - REACH, REACH - (row + 0.5) / height * 2 * REACH
        if any(np.hypot(place[0] - other[0], place[1] - other[1]) < apart for _, other, _ in found):
            continue
        best = int(cells[row, column, 1:].argmax())
        found.append((best, place, float(cells[row, column, 1 + best])))
    return found


def read_keypoints(
    cells: NDArray[np.float32], ink: NDArray[np.float32], *, threshold: float = THRESHOLD
) -> list[Keypoint]:
    """Read keypoints off the network's cells.

    Args:
        cells: (h, w, 4): probabilities of an end and of round ink, and where the end is in the cell from left to right
            and from top to bottom, 0 to 1.
        ink: (side, side): of the figure, to fit circles to.
        threshold: Probability from which an end is one.

    Returns:
        Keypoints in order, see `order_keypoints`; the surest ends if there are too many.
    """
    circles = [Keypoint((x, y), CIRCLE, r) for x, y, r in fit_circles(ink, cells[..., 1])]
    height, width = cells.shape[:2]
    rows, columns = np.nonzero(cells[..., 0] > threshold)
    sure = cells[rows, columns, 0]
    x = (columns + cells[rows, columns, 2]) / width * 2 * REACH - REACH
    y = REACH - (rows + cells[rows, columns, 3]) / height * 2 * REACH
    kept: list[int] = []
    for i in np.argsort(-sure, kind="stable").tolist():
        near = (np.hypot(x[i] - x[j], y[i] - y[j]) < NEAREST for j in kept)
        if len(kept) < MAX_KEYPOINTS - 2 * len(circles) and not any(near):
            kept.append(i)
    ends = [Keypoint((float(x[i]), float(y[i])), END) for i in kept]
    for circle in circles:
        if _may_end_at(circle.place, cells[..., 0]) and not any(_apart(circle, end) < 2 * NEAREST for end in ends):
            ends.append(Keypoint(circle.place, END))
    return order_keypoints([*ends, *circles])


def _apart(one: Keypoint, other: Keypoint) -> float:
    return float(np.hypot(one.place[0] - other.place[0], one.place[1] - other.place[1]))


def _may_end_at(place: Point, ends: NDArray[np.float32]) -> bool:
    """Say whether a segment may end at a circle's middle, where many do: less has to speak for it than elsewhere."""
    height, width = ends.shape
    column = int((place[0] + REACH) / (2 * REACH) * width)
    row = int((REACH - place[1]) / (2 * REACH) * height)
    around = ends[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    return bool(around.size and around.max() > AT_MIDDLE)


def order_keypoints(keypoints: list[Keypoint]) -> list[Keypoint]:
    """Round places, and sort keypoints as the grammar sorts ends: from left to right, then from low to high."""
    written = [Keypoint((rounded(t.place[0]), rounded(t.place[1])), t.kind, rounded(t.radius)) for t in keypoints]
    return sorted(written, key=lambda t: (t.place, t.kind, t.radius))
