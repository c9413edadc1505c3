"""Check boxes beside writing: small square frames, empty or with a mark inside."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box
from ocr2.tiling.columns import Band
from ocr2.tiling.ink import Mask

# All in x-heights of the line beside it.
MIN_SIDE, MAX_SIDE = 1.2, 3.2
LETTER = 1.6  # no letter is as wide and as high: a mark may reach out of larger boxes
AWAY = 0.45  # white that parts it from letters, which is what a square letter lacks
REACH = 3.5  # how far from the line's end it may stand
SMALLEST = 12  # pixels: smaller letters cannot be told from frames
# All shares of its side.
SQUARE = 0.15  # by how much width and height may differ
MAX_FRAME = 0.25  # thickest frame
EDGE = 0.9  # of each edge that is inked in two rows of pixels
CORNER = 0.05  # how far ink is from its corners, but a pixel: round letters have none there
EMPTY, FULL = 0.05, 0.85  # share of the inside that is inked


@dataclass(frozen=True, slots=True)
class CheckBox:
    """A box and whether something stands in it."""

    box: Box
    is_marked: bool


def find_check_boxes(mask: Mask, bands: Sequence[Band]) -> list[list[CheckBox]]:
    """Return the check boxes of each band, from left to right.

    Args:
        mask: (height, width): all that is drawn or written, rules left out.
        bands: Lines of text; a box belongs to the nearest of those that it is level with.
    """
    found: list[list[CheckBox]] = [[] for _ in bands]
    if not bands:
        return found
    edges = np.array([(b.left, b.top, b.right, b.bottom, b.x_height) for b in bands])
    for pieces in (mask, _straight(mask, MIN_SIDE * float(edges[:, 4].min()))):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(pieces, connectivity=8)
        parts = np.asarray(stats, np.int32)
        for number in _square_parts(parts, float(edges[:, 4].min()), float(edges[:, 4].max())):
            left, top, width, height = parts[number, :4].tolist()
            whole = labels[top : top + height, left : left + width] == number
            box = trimmed(np.asarray(whole, np.bool_)).shifted(left, top)
            band = _band_beside(box, edges) if _is_square(box) else None
            if band is None or any(box.overlaps(other.box) for other in found[band]):
                continue
            here = slice(box.top, box.bottom), slice(box.left, box.right)
            inside = inside_of(np.asarray(labels[here] == number, np.bool_), mask[here])
            if inside is None or inside > FULL:
                continue
            is_marked = inside > EMPTY
            size = bands[band].x_height
            if _stands_alone(mask, box, AWAY * size, crossed=is_marked and box.width > LETTER * size):
                found[band].append(CheckBox(box, is_marked))
    return [sorted(boxes, key=lambda found: found.box.left) for boxes in found]


def _straight(mask: Mask, side: float) -> Mask:
    """Return level and upright strokes about as long as `side` or longer: frames without what crosses them."""
    length = max(5, round(0.9 * side))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    level = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(level, upright), np.uint8)


def _square_parts(parts: NDArray[np.int32], smallest: float, largest: float) -> list[int]:
    """Return the numbers of pieces that may be frames: about square, with what reaches out of them."""
    width, height = parts[:, 2], parts[:, 3]
    side = np.maximum(width, height)
    fits = (side >= max(float(SMALLEST), MIN_SIDE * smallest)) & (side <= 1.5 * MAX_SIDE * largest)
    fits &= np.abs(width - height) <= 2 * SQUARE * side
    fits[0] = False
    return np.flatnonzero(fits).tolist()


def trimmed(piece: NDArray[np.bool_]) -> Box:
    """Return the box between the outermost rows and columns that are inked for half of their length."""
    rows = np.flatnonzero(piece.mean(axis=1) >= 0.5)
    columns = np.flatnonzero(piece.mean(axis=0) >= 0.5)
    if not rows.size or not columns.size:
        return Box(0, 0, 0, 0)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _is_square(box: Box) -> bool:
    return min(box.width, box.height) >= SMALLEST and abs(box.width - box.height) <= max(2, SQUARE * box.height)


def _band_beside(box: Box, edges: NDArray[np.float64]) -> int | None:
    """Return the nearest band that a box is level with and has the size for."""
    left, top, right, bottom, size = edges.T
    level = (top < (box.top + box.bottom) / 2) & ((box.top + box.bottom) / 2 < bottom)
    level |= (np.minimum(bottom, box.bottom) - np.maximum(top, box.top)) > 0.8 * size
    side = max(box.width, box.height)
    fits = level & (side >= MIN_SIDE * size) & (side <= MAX_SIDE * size)
    away = np.maximum(np.maximum(left - box.right, box.left - right), 0) / size
    away = np.where(fits, away, np.inf)
    nearest = int(away.argmin())
    return nearest if away[nearest] <= REACH else None


def _stands_alone(mask: Mask, box: Box, room: float, *, crossed: bool) -> bool:
    """Say whether there is white beside a box; on its right a tick may reach out of it, if it is crossed."""
    away = max(2, round(room))
    left = mask[box.top : box.bottom, max(0, box.left - away) : box.left]
    right = mask[box.top : box.bottom, box.right : box.right + away]
    return not left.any() and (crossed or not right.any())


def inside_of(frame: NDArray[np.bool_], ink: Mask) -> float | None:
    """Return the share of a frame's inside that is inked; None if it is no frame.

    Args:
        frame: (height, width): ink of one piece, cut out.
        ink: (height, width): all ink there.
    """
    height, width = frame.shape
    side = min(height, width)
    if side < SMALLEST:
        return None
    reach = max(2, round(MAX_FRAME / 2 * side))
    sides = (frame[:reach], frame[::-1][:reach], frame[:, :reach].T, frame[:, ::-1][:, :reach].T)
    if any(_straightest(part) < EDGE for part in sides) or not _has_sharp_corners(frame, max(1.0, CORNER * side)):
        return None
    middle = height // 2, width // 2
    across, down = frame[middle[0]], frame[:, middle[1]]
    thick = [_run(line) for line in (across, across[::-1], down, down[::-1])]
    edge = 1 + min(max(1, round(float(np.median(thick)))), max(1, round(MAX_FRAME * side)))
    inner = ink[edge : height - edge, edge : width - edge]
    return float(inner.mean()) if inner.size else None


def _straightest(rows: NDArray[np.bool_]) -> float:
    """Return the share that is inked of the fullest two neighbouring rows."""
    return float((rows[:-1] | rows[1:]).mean(axis=1).max())


def _has_sharp_corners(frame: NDArray[np.bool_], away: float) -> bool:
    """Say whether ink comes near to all four corners."""
    height, width = frame.shape
    rows, columns = np.nonzero(frame)
    points = ((0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1))
    return all(float(np.hypot(rows - y, columns - x).min()) <= away for y, x in points)


def _run(line: NDArray[np.bool_]) -> int:
    """Return how many pixels at a line's beginning are inked, from the first that is."""
    start = int(line.argmax()) if line.any() else 0
    rest = line[start:]
    return int(rest.argmin()) if not rest.all() else int(rest.size)
