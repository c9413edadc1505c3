"""Parts of a figure that marks and measures belong to: points, pieces of segments between them, angles.

Lengths are in any one unit; `near` is the distance below which a point is on a segment.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Segment = tuple[Point, Point]
ONE_WAY = 3.0  # degrees: ways closer to each other are one
ANGLES = (8.0, 172.0)  # degrees that an angle has
ALMOST_PARALLEL = 1e-3  # sine of the angle between lines that do not cross


@dataclass(frozen=True, slots=True)
class Angle:
    """Two ways that lead from a point, next to each other, the second after the first as angles grow."""

    vertex: Point
    first: Point
    second: Point
    degrees: float


def points_of(segments: Sequence[Segment], named: Sequence[Point], *, near: float) -> list[Point]:
    """Return named points, ends and crossings of segments, each once."""
    candidates = [*named, *(p for s in segments for p in s)]
    for one, other in itertools.combinations(segments, 2):
        p = crossing(*one, *other)
        if p is not None and all(is_on(p, s, near) for s in (one, other)):
            candidates.append(p)
    found: list[Point] = []
    for p in candidates:
        if all(math.dist(p, q) > near for q in found):
            found.append(p)
    return found


def pieces_of(segments: Sequence[Segment], points: Sequence[Point], *, near: float, least: float) -> list[Segment]:
    """Return the pieces, no shorter than `least`, between neighbouring points of every segment."""
    found = []
    for segment in segments:
        inner = sorted((p for p in points if is_on(p, segment, near)), key=lambda p: math.dist(p, segment[0]))
        ends = [segment[0], *inner, segment[1]]
        found += [(a, b) for a, b in itertools.pairwise(ends) if math.dist(a, b) > least]
    return found


def angles_of(segments: Sequence[Segment], points: Sequence[Point], *, near: float, least: float) -> list[Angle]:
    """Return the angles at points between neighbouring ways no shorter than `least`, all below 180 degrees."""
    found = []
    for point in points:
        ways = [end for s in segments if is_on(point, s, near) for end in s if math.dist(end, point) > least]
        ways.sort(key=lambda end: math.atan2(end[1] - point[1], end[0] - point[0]))
        apart: list[Point] = []
        for end in ways:
            if not apart or abs(turn_between(point, apart[-1], end)) > ONE_WAY:
                apart.append(end)
        if len(apart) < 2:
            continue
        for a, b in itertools.pairwise([*apart, apart[0]]):
            degrees = turn_between(point, a, b) % 360
            if ANGLES[0] < degrees < ANGLES[1]:
                found.append(Angle(point, a, b, degrees))
    return found


def turn_between(point: Point, a: Point, b: Point) -> float:
    """Return the degrees from one way to another, -180 to 180."""
    first, second = math.atan2(a[1] - point[1], a[0] - point[0]), math.atan2(b[1] - point[1], b[0] - point[0])
    return math.degrees(math.remainder(second - first, 2 * math.pi))


def along(a: Point, b: Point, share: float) -> Point:
    """Interpolate between two points; `share` is 0 at the first and 1 at the second."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Return where the lines ab and cd meet; None if they are (nearly) parallel."""
    det = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if abs(det) <= ALMOST_PARALLEL * math.dist(a, b) * math.dist(c, d):
        return None
    share = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / det
    return along(a, b, share)


def foot_of(point: Point, start: Point, end: Point) -> tuple[Point, float]:
    """Return the foot of the perpendicular on the line through two points, and its share of the way between them."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    share = ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length if length else 0.0
    return (start[0] + share * dx, start[1] + share * dy), share


def is_on(point: Point, segment: Segment, near: float) -> bool:
    """Say whether a point is on a segment, its ends included."""
    a, b = segment
    length = math.dist(a, b)
    if length <= near:
        return False
    off = abs((point[0] - a[0]) * (b[1] - a[1]) - (point[1] - a[1]) * (b[0] - a[0])) / length
    return off < near and math.dist(point, a) + math.dist(point, b) < length + near
