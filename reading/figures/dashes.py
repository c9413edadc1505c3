"""Dashed segments that a tracer missed: short strokes in a row that nothing else explains.

Lengths are pixels of the picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.geometry.parts import crossing, is_on
from ocr2.reading.figures.paper import Mask, Paper, covered
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Point, Segment

FEWEST = 6  # dashes of a row
EVEN = 0.2  # spread of steps and lengths, of their mean: above it is chalk, or a pattern
SHORTEST = 0.1  # of the picture's longer side: a row
LONGEST = 0.1  # of the picture's longer side: a dash
THIN = 2.2  # times as long as wide: a dash
TURN = 9.0  # degrees that a dash is off its row
OFF = 1.5  # pixels, and half a stroke, that a dash's middle is off its row
ALIKE = 1.7  # times as long as the usual one: a dash
GAPS = 2.6  # times the usual gap: the row ends
REACH = 1.6  # gaps to a stroke that the row goes on to
SURE = 0.6  # confidence of what was found so

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Dash:
    middle: Point
    turn: float  # degrees, 0 to 180
    length: float


def missed_dashes(paper: Paper, geometry: Geometry, texts: Sequence[Box]) -> list[Segment]:
    """Return dashed segments in ink that neither strokes nor writing explain.

    Args:
        paper: The picture.
        geometry: What was traced.
        texts: Boxes of writing.
    """
    rest = paper.ink & ~covered(paper, geometry)
    for left, top, right, bottom in texts:
        rest[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = False
    dashes = _dashes(rest, LONGEST * max(rest.shape))
    found = []
    while len(dashes) >= FEWEST:
        rows = [_row_of(dash, dashes, OFF + paper.width / 2) for dash in dashes]
        best = max(rows, key=len)
        if len(best) < FEWEST:
            break
        found.append(_segment(best, geometry))
        dashes = [dash for dash in dashes if dash not in best]
    least = SHORTEST * max(rest.shape)
    return [s for s in found if math.dist(s.start, s.end) >= least]


def _dashes(rest: Mask, longest: float) -> list[_Dash]:
    """Return the straight short pieces of ink."""
    count, labels = cv2.connectedComponents(rest.astype(np.uint8), connectivity=8)
    found = []
    for number in range(1, min(count, 400)):
        rows, columns = np.nonzero(labels == number)
        if len(rows) < 4:
            continue
        (x, y), (w, h), angle = cv2.minAreaRect(np.stack([columns, rows], axis=1).astype(np.float32))
        long, short = max(w, h) + 1, min(w, h) + 1
        if long > longest or long < THIN * short:
            continue
        found.append(_Dash((float(x), float(y)), (angle if w >= h else angle + 90) % 180, float(long)))
    return found


def _row_of(first: _Dash, dashes: Sequence[_Dash], off: float) -> list[_Dash]:
    """Return the dashes in line with one, in order, without those beyond a wide gap."""
    way = _way(first)
    line = [d for d in dashes if _turned(d, first) <= TURN and abs(_across(d, first, way)) <= off]
    usual = float(np.median([d.length for d in line]))
    line = sorted((d for d in line if d.length <= ALIKE * usual), key=lambda d: _along(d, first, way))
    if len(line) < FEWEST or first not in line:
        return []
    steps = np.diff([_along(d, first, way) for d in line])
    usual_step = float(np.median(steps))
    wide = np.flatnonzero(steps > GAPS * usual_step)
    at = line.index(first)
    low = max((int(i) + 1 for i in wide if i < at), default=0)
    high = min((int(i) + 1 for i in wide if i >= at), default=len(line))
    return line[low:high] if _is_even(line[low:high], steps[low : high - 1]) else []


def _is_even(row: Sequence[_Dash], steps: NDArray[np.float64]) -> bool:
    """Say whether a row's dashes are alike and as far apart, but for those that other strokes cross."""
    if len(row) < FEWEST:
        return False
    lengths = np.array([d.length for d in row[1:-1]])
    once = steps[steps < 1.5 * float(np.median(steps))]
    return bool(lengths.std() <= EVEN * lengths.mean() and once.std() <= EVEN * once.mean())


def _way(dash: _Dash) -> NDArray[np.float64]:
    return np.array([math.cos(math.radians(dash.turn)), math.sin(math.radians(dash.turn))])


def _turned(one: _Dash, other: _Dash) -> float:
    apart = abs(one.turn - other.turn) % 180
    return min(apart, 180 - apart)


def _along(dash: _Dash, first: _Dash, way: NDArray[np.float64]) -> float:
    return float((np.array(dash.middle) - first.middle) @ way)


def _across(dash: _Dash, first: _Dash, way: NDArray[np.float64]) -> float:
    x, y = dash.middle[0] - first.middle[0], dash.middle[1] - first.middle[1]
    return float(way[0] * y - way[1] * x)


def _segment(row: Sequence[_Dash], geometry: Geometry) -> Segment:
    """Return the segment of a row, on to the strokes that its ends nearly reach."""
    start, end = np.array(row[0].middle), np.array(row[-1].middle)
    length = float(np.linalg.norm(end - start))
    way = (end - start) / max(1e-6, length)
    gap = length / (len(row) - 1) - float(np.mean([d.length for d in row]))
    ends = [start - way * row[0].length / 2, end + way * row[-1].length / 2]
    reach = REACH * max(gap, 2.0)
    first, last = ((float(x), float(y)) for x, y in ends)
    return Segment(
        _reached(first, (-float(way[0]), -float(way[1])), reach, geometry),
        _reached(last, (float(way[0]), float(way[1])), reach, geometry),
        dashed=True,
        confidence=SURE,
    )


def _reached(end: Point, way: Point, reach: float, geometry: Geometry) -> Point:
    """Return where a row meets a segment no farther on than so much, else its end."""
    beyond = end[0] + way[0] * reach, end[1] + way[1] * reach
    back = end[0] - way[0] * reach / 2, end[1] - way[1] * reach / 2
    met = []
    for segment in geometry.segments:
        point = crossing(back, beyond, segment.start, segment.end)
        if point is not None and all(is_on(point, s, 2.0) for s in ((back, beyond), (segment.start, segment.end))):
            met.append(point)
    return min(met, key=lambda p: math.dist(p, end), default=end)
