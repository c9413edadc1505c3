"""The polygons that segments enclose: bounded faces of their plane graph."""

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence

from ocr2.geometry.parts import Point, Segment, pieces_of, points_of

MOST = 60  # faces: more are a grid


def polygons_of(segments: Sequence[Segment], *, near: float) -> list[tuple[Point, ...]]:
    """Return the smallest polygons that segments enclose, their corners in order; corners on a straight side are none.

    Args:
        segments: Of a figure.
        near: Distance below which a point is on a segment, and two points are one.

    Examples:
        >>> triangle = [((0, 0), (4, 0)), ((4, 0), (0, 3)), ((0, 3), (0, 0)), ((0, 3), (2, 0))]
        >>> [sorted(p) for p in polygons_of(triangle, near=0.01)]
        [[(0, 0), (0, 3), (2, 0)], [(0, 3), (2, 0), (4, 0)]]
    """
    points = points_of(segments, (), near=near)

    def one(p: Point) -> Point:
        return min(points, key=lambda q: math.dist(p, q))

    ways: dict[Point, set[Point]] = defaultdict(set)
    for a, b in pieces_of(segments, points, near=near, least=near):
        a, b = one(a), one(b)
        if a != b:
            ways[a].add(b)
            ways[b].add(a)
    _cut_loose_ends(ways)
    around = {p: sorted(ends, key=lambda q: math.atan2(q[1] - p[1], q[0] - p[0])) for p, ends in ways.items()}
    left = {(a, b) for a, ends in ways.items() for b in ends}
    found: list[tuple[Point, ...]] = []
    while left and len(found) <= MOST:
        start = min(left)
        face = [start]
        left.discard(start)
        while True:
            a, b = face[-1]
            following = around[b][around[b].index(a) - 1]  # the next way clockwise
            step = b, following
            if step == start or step not in left:
                break
            left.discard(step)
            face.append(step)
        corners = _corners([a for a, _ in face])
        if len(corners) >= 3 and len(set(corners)) == len(corners) and _area(corners) > near * near:
            found.append(tuple(corners))
    return found if len(found) <= MOST else []


def _cut_loose_ends(ways: dict[Point, set[Point]]) -> None:
    """Take away what ends in nothing: a line that stops inside a polygon does not enclose anything."""
    loose = [p for p, ends in ways.items() if len(ends) == 1]
    while loose:
        p = loose.pop()
        if ways[p]:
            other = ways[p].pop()
            ways[other].discard(p)
            if len(ways[other]) == 1:
                loose.append(other)


def _area(corners: Sequence[Point]) -> float:
    """Return the signed area, positive where corners follow each other as angles grow."""
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def _corners(ring: list[Point]) -> list[Point]:
    """Leave out points of a ring at which it goes straight on."""
    kept = []
    for before, p, after in zip([ring[-1], *ring[:-1]], ring, [*ring[1:], ring[0]], strict=True):
        bend = (p[0] - before[0]) * (after[1] - p[1]) - (p[1] - before[1]) * (after[0] - p[0])
        if abs(bend) > 0.02 * math.dist(before, p) * math.dist(p, after):
            kept.append(p)
    return kept


def equal_groups(pairs: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Return pairs of names that have one count: of equal sides, or angles, by their marks.

    Examples:
        >>> equal_groups([(1, "AB"), (2, "BC"), (1, "CD")])
        [('AB', 'CD')]
    """
    by_count: dict[int, list[str]] = defaultdict(list)
    for count, name in pairs:
        if name not in by_count[count]:
            by_count[count].append(name)
    return [pair for names in by_count.values() for pair in itertools.pairwise(names)]
