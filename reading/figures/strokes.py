"""Strokes on paper: how much ink lies under what was traced, which strokes are dashed, and what else is drawn.

Lengths are pixels of the picture. Axis letters: h rows, w columns.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.figure import Circle, Point, Segment

RGB = NDArray[np.uint8]  # (h, w, 3)
Mask = NDArray[np.bool_]  # (h, w)
V = TypeVar("V", bound=np.generic)
FAINT = 0.3  # of the strongest ink: what is weaker is ground
HALF = 0.5  # of the strongest ink: there a stroke's edge is
LEAST_INK = 12  # pixels
LEAST_CONTRAST = 18.0  # grey levels of the strongest ink, else the picture is blank
WIDEST = 0.03  # of the picture's longer side: a stroke
GAP = 0.7  # of a stroke's usual strength: what is weaker is a gap
DASH_GAPS = 3  # at least so many gaps make a stroke dashed
DASHED = (0.2, 0.9)  # share of a dashed stroke that is ink
LONGEST_DASH = 0.35  # of a dashed stroke


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
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    reach = max(3, round(max(gray.shape) / 12) | 1)
    small = cv2.resize(gray, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA) if min(gray.shape) >= 64 else gray
    ground = cv2.medianBlur(np.asarray(small, np.uint8), min(reach, 255))
    level = cv2.resize(ground.astype(np.float32), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    sharp = np.abs(gray - level)
    off = np.abs(cv2.GaussianBlur(gray, (0, 0), 0.7) - level)
    strongest, noise = strongest_ink(off), float(np.median(off))
    if strongest is None:
        return None
    ink = np.asarray(off > max(FAINT * strongest, 4 * noise), np.bool_)
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
    return _look_up(near > 0, path)


def segment_path(segment: Segment) -> NDArray[np.float64]:
    """Return the points of a segment, a pixel apart."""
    count = max(2, round(math.dist(segment.start, segment.end)) + 1)
    return np.linspace(segment.start, segment.end, count)


def circle_path(circle: Circle) -> NDArray[np.float64]:
    """Return the points of a circle, about a pixel apart."""
    turns = np.linspace(0, 2 * math.pi, max(12, round(2 * math.pi * circle.radius)))
    return np.stack(
        [circle.center[0] + circle.radius * np.cos(turns), circle.center[1] + circle.radius * np.sin(turns)], axis=1
    )


def _look_up(values: NDArray[V], path: NDArray[np.float64]) -> NDArray[V]:
    columns, rows = np.floor(path).astype(np.intp).T
    inside = (columns >= 0) & (columns < values.shape[1]) & (rows >= 0) & (rows < values.shape[0])
    found = np.zeros(len(path), values.dtype)
    found[inside] = values[rows[inside], columns[inside]]
    return found


def is_dashed(paper: Paper, segment: Segment) -> bool:
    """Say whether a segment is drawn in dashes: several gaps, and no long piece without one.

    Its ends are left out: other strokes meet there.
    """
    shift = max(1, round(paper.width / 2))
    path = segment_path(segment)
    length = len(path)
    trim = min(length // 8, 2 * shift + 2)
    path = path[trim : length - trim]
    if len(path) < 12:
        return False
    across = np.array([-(path[-1] - path[0])[1], (path[-1] - path[0])[0]]) / max(1e-6, math.dist(path[0], path[-1]))
    profile = np.max([_look_up(paper.strength, path + k * across) for k in (-1, 0, 1)], axis=0)
    seen = profile > GAP * float(np.percentile(profile, 85))
    pieces, gaps = _runs(seen)
    share = float(seen.mean())
    longest = max(pieces, default=0) / len(path)
    return len(gaps) >= DASH_GAPS and DASHED[0] <= share <= DASHED[1] and longest <= LONGEST_DASH


def _runs(seen: Mask) -> tuple[list[int], list[int]]:
    """Return the lengths of pieces of ink, and of gaps between two pieces that are longer than a pixel."""
    edges = np.flatnonzero(np.diff(seen.astype(np.int8)))
    bounds = [0, *(edges + 1).tolist(), len(seen)]
    spans = [(bool(seen[a]), b - a) for a, b in itertools.pairwise(bounds)]
    pieces = [length for is_ink, length in spans if is_ink]
    return pieces, [length for is_ink, length in spans[1:-1] if not is_ink and length > 1]


def covered(paper: Paper, segments: Iterable[Segment], circles: Iterable[Circle]) -> Mask:
    """Return what lies under strokes (h, w), with a little around them."""
    out = np.zeros(paper.ink.shape, np.uint8)
    width = min(paper.width, WIDEST * max(out.shape))
    thick = max(3, round(2 * width + 3))
    for segment in segments:
        cv2.line(out, _pixel(segment.start), _pixel(segment.end), 1, thick)
    for circle in circles:
        cv2.circle(out, _pixel(circle.center), max(1, round(circle.radius)), 1, thick)
    return out > 0


def _pixel(point: Point) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def fit_circle(paper: Paper, circle: Circle, segments: Sequence[Segment]) -> Circle:
    """Move a circle to where its ink is: least squares over the ink near it that no segment explains.

    It stays as it is where too little ink is near, or the ink says something far off.
    """
    reach = 0.12 * circle.radius + 2 * paper.width
    rows, columns = np.nonzero(paper.ink & ~covered(paper, segments, ()))
    x, y = columns + 0.5, rows + 0.5
    fitted = circle
    for share in (1.0, 0.5, 0.25):
        off = np.hypot(x - fitted.center[0], y - fitted.center[1]) - fitted.radius
        near = np.abs(off) <= max(share * reach, paper.width)
        if near.sum() < 24:
            return circle
        system: Any = np.stack([x[near], y[near], np.ones(near.sum())], axis=1)
        (a, b, c), *_ = np.linalg.lstsq(system, x[near] ** 2 + y[near] ** 2, rcond=None)
        squared = c + a * a / 4 + b * b / 4
        if squared <= 0:
            return circle
        fitted = Circle((float(a / 2), float(b / 2)), math.sqrt(float(squared)), circle.confidence)
    moved = math.dist(fitted.center, circle.center) + abs(fitted.radius - circle.radius)
    return fitted if moved <= reach else circle
