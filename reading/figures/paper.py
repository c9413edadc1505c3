"""A picture as ink on paper: what is ink, how wide its strokes are, and how much of it lies under what was traced.

Lengths are pixels of the picture. Axis letters: h rows, w columns.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.reading.figures.traced import Geometry, arc_path, circle_path, segment_path
from ocr2.results.figure import Point, Segment
from ocr2.tiling.contrast import contrast_to_ground

RGB = NDArray[np.uint8]  # (h, w, 3)
Mask = NDArray[np.bool_]  # (h, w)
V = TypeVar("V", bound=np.generic)
FAINT = 0.08  # of the strongest ink: what is weaker is ground; strokes may be pale beside black letters
HALF = 0.5  # of the strongest ink: there a stroke's edge is
LEAST_INK = 12  # pixels
LEAST_CONTRAST = 18.0  # levels of the strongest ink, else the picture is blank
FAINTEST = 9.0  # levels: what is weaker is ground in any picture
SPAN = 3  # the ground is the usual colour in such a part of the longer side
WIDEST = 0.03  # of the picture's longer side: a stroke
ARROW, ARROW_HALF = 3.0, 0.6  # of a stroke's width: the length of an arrow's head; half its angle, radians
AROUND = 2.0  # pixels of a stroke's blurred edges


@dataclass(frozen=True, slots=True)
class Paper:
    """A picture as ink on ground."""

    ink: Mask
    width: float  # of a stroke, pixels
    strength: NDArray[np.float32]  # (h, w): of the ink, 1 the strongest


def ink_on_paper(picture: RGB) -> Paper | None:
    """Tell ink from ground, uneven light allowed for; None if there is no ink.

    Whatever is rarer than the ground is ink, so that chalk on a board is too.
    """
    span = max(picture.shape) // SPAN
    sharp = contrast_to_ground(picture, span=span)
    off = contrast_to_ground(np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), np.uint8), span=span)
    strongest, noise = strongest_ink(off), float(np.median(off))
    if strongest is None:
        return None
    ink = np.asarray(off > max(FAINTEST, FAINT * strongest, 4 * noise), np.bool_)
    if not ink.any():
        return None
    edge = HALF * (strongest_ink(sharp) or strongest)
    width = _stroke_width(np.asarray(sharp > edge, np.bool_))
    return Paper(ink, width, np.asarray(off / strongest, np.float32))


def strongest_ink(off: NDArray[np.float32]) -> float | None:
    """Return how far the strongest ink is from the ground, grey levels, however little of it there is; None if none is.

    Args:
        off: (h, w): how far each pixel is.
    """
    strong = off[off > LEAST_CONTRAST]
    return float(np.percentile(strong, 90)) if len(strong) >= LEAST_INK else None


def _stroke_width(ink: Mask) -> float:
    """Return the usual width of strokes: twice the usual distance of their middles from the ground."""
    padded = np.pad(ink.astype(np.uint8), 1)
    inner = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    ridge = (inner >= cv2.dilate(inner, np.ones((3, 3), np.uint8)) - 1e-6) & (inner > 0)
    return max(1.0, 2 * float(np.median(inner[ridge])) - 1) if ridge.any() else 1.0


def ink_along(paper: Paper, path: NDArray[np.float64], *, explained: Mask | None = None) -> Mask:
    """Say for points (n, 2) of a path whether ink is there, or beside it within half a stroke and a pixel.

    Args:
        paper: The picture.
        path: Pixels.
        explained: (h, w): ink that does not count.
    """
    reach = max(1, round(paper.width / 2 + 1))
    ink = paper.ink if explained is None else paper.ink & ~explained
    near = cv2.dilate(ink.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return look_up(near > 0, path)


def width_along(paper: Paper, path: NDArray[np.float64]) -> float:
    """Return the usual width of the ink that a path (n, 2) lies on, pixels; crossings do not count."""
    steps = np.gradient(path, axis=0) if len(path) > 1 else np.zeros_like(path)
    lengths = np.linalg.norm(steps, axis=1)
    some = np.linspace(0.1 * (len(path) - 1), 0.9 * (len(path) - 1), min(len(path), 64)).astype(np.intp)
    some = some[lengths[some] > 0]
    if not len(some):
        return paper.width
    normals = np.stack([-steps[some, 1], steps[some, 0]], axis=1) / lengths[some, None]
    reach = max(3, math.ceil(WIDEST * max(paper.ink.shape)))
    across = np.arange(-reach, reach + 1)
    points = path[some, None] + across[None, :, None] * normals[:, None]
    ink = look_up(paper.ink, points.reshape(-1, 2)).reshape(len(some), -1)
    near = np.abs(across) <= 2
    middle = np.where(ink & near, np.abs(across), reach + 1).argmin(axis=1)  # the ink nearest to the path
    runs = []
    for row, at in zip(ink, middle.tolist(), strict=True):
        if row[at]:
            gaps = np.flatnonzero(~row)
            right, left = gaps[gaps > at], gaps[gaps < at]
            runs.append((right[0] if len(right) else len(row)) - (left[-1] if len(left) else -1) - 1)
    return float(np.quantile(runs, 0.35)) if runs else paper.width


def covered(paper: Paper, geometry: Geometry) -> Mask:
    """Return what lies under strokes (h, w), each as wide as its ink, with a little around them."""
    out = np.zeros(paper.ink.shape, np.uint8)
    for segment in geometry.segments:
        path = segment_path(segment)
        cv2.line(out, _pixel(segment.start), _pixel(segment.end), 1, _thick(paper, path))
        for end, other, is_arrow in _ends(segment):
            if is_arrow:
                cv2.fillPoly(out, [_head(end, other, ARROW * paper.width + 6)], 1)
    for circle in geometry.circles:
        cv2.circle(out, _pixel(circle.center), max(1, round(circle.radius)), 1, _thick(paper, circle_path(circle)))
    for arc in geometry.arcs:
        path = arc_path(arc)
        cv2.polylines(out, [np.rint(path).astype(np.int32)], False, 1, _thick(paper, path))
    return out > 0


def _thick(paper: Paper, path: NDArray[np.float64]) -> int:
    """Return the pixels that a stroke along a path takes, with a little on both sides."""
    return max(3, round(width_along(paper, path) + AROUND))


def _ends(segment: Segment) -> tuple[tuple[Point, Point, bool], tuple[Point, Point, bool]]:
    start, end = segment.start, segment.end
    return (start, end, segment.arrows[0]), (end, start, segment.arrows[1])


def _head(tip: Point, other: Point, size: float) -> NDArray[np.int32]:
    """Return the corners of an arrow's head, somewhat beyond its tip."""
    turn = math.atan2(tip[1] - other[1], tip[0] - other[0])
    front = tip[0] + 0.2 * size * math.cos(turn), tip[1] + 0.2 * size * math.sin(turn)
    wings = [
        (tip[0] - size * math.cos(turn + way), tip[1] - size * math.sin(turn + way))
        for way in (ARROW_HALF, -ARROW_HALF)
    ]
    return np.asarray(np.rint(np.array([front, *wings])), np.int32)


def _pixel(point: Point) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def look_up(values: NDArray[V], path: NDArray[np.float64]) -> NDArray[V]:
    columns, rows = np.floor(path).astype(np.intp).T
    inside = (columns >= 0) & (columns < values.shape[1]) & (rows >= 0) & (rows < values.shape[0])
    found = np.zeros(len(path), values.dtype)
    found[inside] = values[rows[inside], columns[inside]]
    return found
