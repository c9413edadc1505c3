"""Strokes looked at again on their ink: which are dashed, where a circle lies, and whether all of it is there.

Lengths are pixels of the picture.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ocr2.reading.figures.paper import Mask, Paper, covered, ink_along, look_up
from ocr2.reading.figures.traced import Geometry, circle_path, segment_path
from ocr2.results.figure import Arc, Circle, Segment

GAP = 0.7  # of a stroke's usual strength: what is weaker is a gap
DASH_GAPS = 3  # at least so many gaps make a stroke dashed
DASHED = (0.2, 0.9)  # share of a dashed stroke that is ink
EMPTY, UNEVEN = 0.35, 0.4  # ink left in gaps, or spread of dashes' lengths: above both it is chalk, or pencil
LONGEST_DASH = 0.35  # of a dashed stroke
GAP_DEGREES = 9.0  # of a circle: gaps of dashes
WHOLE = 0.9  # share of a turn from which a circle is whole
LEAST_ARC = 18.0  # degrees


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
    profile = np.max([look_up(paper.strength, path + k * across) for k in (-1, 0, 1)], axis=0)
    seen = profile > GAP * float(np.percentile(profile, 85))
    pieces, gaps = _runs(seen)
    share = float(seen.mean())
    longest = max(pieces, default=0) / len(path)
    if len(gaps) < DASH_GAPS or not DASHED[0] <= share <= DASHED[1] or longest > LONGEST_DASH:
        return False
    emptiest = float(np.percentile(profile, 10)) / max(1e-6, float(np.percentile(profile, 85)))
    inner = np.array(pieces[1:-1] or [0, 1], np.float64)
    return emptiest <= EMPTY or float(inner.std() / max(1e-6, inner.mean())) <= UNEVEN


def _runs(seen: Mask) -> tuple[list[int], list[int]]:
    """Return the lengths of pieces of ink, and of gaps between two pieces that are longer than a pixel."""
    edges = np.flatnonzero(np.diff(seen.astype(np.int8)))
    bounds = [0, *(edges + 1).tolist(), len(seen)]
    spans = [(bool(seen[a]), b - a) for a, b in itertools.pairwise(bounds)]
    pieces = [length for is_ink, length in spans if is_ink]
    return pieces, [length for is_ink, length in spans[1:-1] if not is_ink and length > 1]


def fit_circle(paper: Paper, circle: Circle, segments: Sequence[Segment]) -> Circle:
    """Move a circle to where its ink is: least squares over the ink near it that no segment explains.

    It stays as it is where too little ink is near, or the ink says something far off.
    """
    reach = 0.12 * circle.radius + 2 * paper.width
    rows, columns = np.nonzero(paper.ink & ~covered(paper, Geometry(tuple(segments))))
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


def whole_or_arcs(paper: Paper, circle: Circle) -> tuple[Circle | None, list[Arc]]:
    """Return a circle if its ink goes all around, else the arcs of it that have ink; short gaps are those of dashes."""
    path = circle_path(circle)[:-1]  # counter to how degrees are counted: y points down
    seen = ink_along(paper, path)
    degrees = 360 / len(path)
    seen = _close_gaps(seen, math.floor(GAP_DEGREES / degrees))
    if seen.mean() >= WHOLE:
        return circle, []
    arcs = []
    first = int(np.flatnonzero(~seen)[0])
    seen = np.roll(seen, -first)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (end - start) * degrees >= LEAST_ARC:
            a, b = -(start + first) * degrees, -(end - 1 + first) * degrees
            arcs.append(Arc(circle.center, circle.radius, b % 360, b % 360 + (a - b), circle.confidence))
    return None, arcs


def _close_gaps(seen: Mask, longest: int) -> Mask:
    """Return a ring of samples with its gaps closed that are no longer than so many."""
    closed = seen.copy()
    count = len(seen)
    inked = np.flatnonzero(seen)
    if not len(inked):
        return closed
    for here, there in zip(inked.tolist(), [*inked[1:].tolist(), int(inked[0]) + count], strict=True):
        if there - here - 1 <= longest:
            closed[np.arange(here, there) % count] = True
    return closed
