"""From strokes to geometry: ends that meet are one point, pieces of one line one segment, and what holds between them.

Lengths are pixels of the picture; tolerances are shares of the figure's larger side.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocr2.geometry.faces import equal_groups
from ocr2.geometry.parts import foot_of
from ocr2.reading.figures.traced import Geometry, arc_path
from ocr2.results.figure import Arc, Circle, Mark, Point, Relation, RelationKind, Segment

SNAP = 0.012  # ends nearer than this are one point
LEVEL = 0.010  # ends whose heights (or places across) differ by less are on one level
TILT = 3.0  # degrees that a segment on one level may be off
ON_LINE = 0.012  # a point nearer than this to a segment, or a circle, is on it
SHORTEST = 0.015  # a segment
ARROW_NEAR = 0.03  # an arrow's head nearer than this to an end is that end's
ANGLE = 2.0  # degrees that parallel and perpendicular segments may be off
EQUAL = 0.02  # of a length: equal ones may differ by so much
MOST_RELATIONS = 200


def tidy_geometry(
    segments: Sequence[Segment], circles: Sequence[Circle], arcs: Sequence[Arc] = (), arrows: Sequence[Point] = ()
) -> Geometry:
    """Let ends that meet meet, level what is nearly level, put ends on the lines and circles they touch, join pieces.

    Args:
        segments: As they were traced, pixels.
        circles: Likewise.
        arcs: Likewise.
        arrows: Where heads of arrows are.
    """
    size = figure_size(Geometry(tuple(segments), tuple(circles), tuple(arcs)))
    if size == 0:
        return Geometry()
    rounds = [*circles, *(Circle(arc.center, arc.radius) for arc in arcs)]
    points = _clusters([p for s in segments for p in (s.start, s.end)], SNAP * size)
    points = _level(points, LEVEL * size)
    ends = iter(points)
    snapped = [replace(segment, start=next(ends), end=next(ends)) for segment in segments]
    snapped = [s for s in snapped if math.dist(s.start, s.end) >= SHORTEST * size]
    snapped = _at_middles(_on_lines(snapped, rounds, ON_LINE * size), circles, ON_LINE * size)
    snapped = [s for s in snapped if math.dist(s.start, s.end) >= SHORTEST * size]
    joined = [_pointed(segment, arrows, ARROW_NEAR * size) for segment in _join(snapped, ON_LINE * size)]
    return Geometry(tuple(joined), tuple(circles), tuple(arcs))


def _pointed(segment: Segment, arrows: Sequence[Point], near: float) -> Segment:
    """Return a segment with arrows at its ends that lie beside the head of one."""
    start, end = (any(math.dist(p, head) <= near for head in arrows) for p in (segment.start, segment.end))
    return replace(segment, arrows=(start, end))


def figure_size(geometry: Geometry) -> float:
    """Return the larger side of the box around a figure, 0 if there is none."""
    points = [p for s in geometry.segments for p in (s.start, s.end)]
    points += [(c.center[0] + k * c.radius, c.center[1] + k * c.radius) for c in geometry.circles for k in (-1, 1)]
    points += [(x, y) for arc in geometry.arcs for x, y in arc_path(arc).tolist()]
    if not points:
        return 0.0
    spread = np.ptp(np.array(points), axis=0)
    return float(spread.max())


def _clusters(points: Sequence[Point], near: float) -> list[Point]:
    """Return for each point the mean of those that it is one with."""
    found: list[list[int]] = []
    for i, point in enumerate(points):
        for members in found:
            mean = np.mean([points[j] for j in members], axis=0)
            if math.dist(point, (float(mean[0]), float(mean[1]))) <= near:
                members.append(i)
                break
        else:
            found.append([i])
    result: list[Point] = list(points)
    for members in found:
        x, y = np.mean([points[j] for j in members], axis=0).tolist()
        for j in members:
            result[j] = x, y
    return result


def _level(points: Sequence[Point], near: float) -> list[Point]:
    """Give pairs of ends (two by two) that are nearly level, or nearly one above the other, one height, or place.

    Levels are shared: all points within reach of one another get one value.
    """
    values = [[p[axis] for p in points] for axis in (0, 1)]
    for row in values:
        parent = list(range(len(row)))

        def root(i: int, parent: list[int] = parent) -> int:
            while parent[i] != i:
                i = parent[i]
            return i

        for i in range(0, len(points), 2):
            tilted = math.tan(math.radians(TILT)) * math.dist(points[i], points[i + 1])
            if 0 < abs(row[i] - row[i + 1]) <= min(near, tilted):
                parent[root(i)] = root(i + 1)
        for i, j in itertools.combinations(range(len(points)), 2):
            if points[i] == points[j]:
                parent[root(i)] = root(j)
        groups: dict[int, list[int]] = {}
        for i in range(len(points)):
            groups.setdefault(root(i), []).append(i)
        for members in groups.values():
            if np.ptp([row[i] for i in members]) <= 2 * near:
                mean = float(np.mean([row[i] for i in members]))
                for i in members:
                    row[i] = mean
    return list(zip(*values, strict=True))


def _at_middles(segments: Sequence[Segment], circles: Sequence[Circle], near: float) -> list[Segment]:
    """Move ends beside the middle of a circle into it."""

    def moved(point: Point) -> Point:
        middles = [c.center for c in circles if math.dist(c.center, point) <= min(near, c.radius / 4)]
        return min(middles, key=lambda m: math.dist(m, point), default=point)

    return [replace(s, start=moved(s.start), end=moved(s.end)) for s in segments]


def _on_lines(segments: Sequence[Segment], circles: Sequence[Circle], near: float) -> list[Segment]:
    """Move ends that nearly touch another segment, or a circle, onto it; ends that several segments share stay."""
    shared = [p for s in segments for p in (s.start, s.end)]
    moved: dict[Point, Point] = {}
    for point in dict.fromkeys(shared):
        if shared.count(point) > 1:
            continue
        for segment in segments:
            if point in (segment.start, segment.end):
                continue
            foot, share = foot_of(point, segment.start, segment.end)
            if 0 < share < 1 and math.dist(point, foot) <= near:
                moved[point] = foot
                break
        else:
            for circle in circles:
                away = math.dist(point, circle.center)
                if away > 0 and abs(away - circle.radius) <= near:
                    grow = circle.radius / away
                    moved[point] = (
                        circle.center[0] + (point[0] - circle.center[0]) * grow,
                        circle.center[1] + (point[1] - circle.center[1]) * grow,
                    )
                    break
    return [replace(s, start=moved.get(s.start, s.start), end=moved.get(s.end, s.end)) for s in segments]


def _join(segments: Sequence[Segment], near: float) -> list[Segment]:
    """Join segments that lie on one line and touch or overlap."""
    left = list(segments)
    i = 0
    while i < len(left):
        for j in range(i + 1, len(left)):
            joined = _joined(left[i], left[j], near)
            if joined is not None:
                left[i] = joined
                del left[j]
                i = -1  # the longer one may touch others
                break
        i += 1
    return left


def _joined(one: Segment, other: Segment, near: float) -> Segment | None:
    long, short = sorted((one, other), key=lambda s: -math.dist(s.start, s.end))
    spans = []
    for point in (short.start, short.end):
        foot, share = foot_of(point, long.start, long.end)
        if math.dist(point, foot) > near:
            return None
        spans.append((share, point))
    low, high = min(spans), max(spans)
    gap = near / max(1e-9, math.dist(long.start, long.end))
    if low[0] > 1 + gap or high[0] < -gap:
        return None
    inside = low[0] >= -gap and high[0] <= 1 + gap  # a piece of the other, whatever it looks like by itself
    if one.dashed is not None and one.dashed != other.dashed and not inside:
        return None
    ends = sorted([(0.0, long.start), (1.0, long.end), low, high])
    sure = [s.confidence for s in (one, other) if s.confidence is not None]
    return replace(long, start=ends[0][1], end=ends[-1][1], confidence=min(sure) if sure else None)


def find_relations(geometry: Geometry, points: dict[Point, str], marks: Sequence[Mark] = ()) -> list[Relation]:
    """Say what is parallel, perpendicular, equal, tangent, and which points are on circles, within tolerances.

    Args:
        geometry: A tidied figure.
        points: Names of its points.
        marks: With the names of what they stand on; what they say comes first.
    """
    size = figure_size(geometry)

    def name(segment: Segment) -> str:
        return points[segment.start] + points[segment.end]

    found = marked_relations(marks)
    real = [s for s in geometry.segments if s.start != s.end]
    for i, circle in enumerate(geometry.circles, start=1):
        for segment in real:
            foot, share = foot_of(circle.center, segment.start, segment.end)
            if -0.01 <= share <= 1.01 and abs(math.dist(foot, circle.center) - circle.radius) <= ON_LINE * size:
                found.append(Relation("tangent", (name(segment), f"circle {i}")))
        for point, label in points.items():
            if abs(math.dist(point, circle.center) - circle.radius) <= ON_LINE * size:
                found.append(Relation("on-circle", (label, f"circle {i}")))
    for one, other in itertools.combinations(real, 2):
        angle = _angle_between(one, other)
        if angle <= ANGLE:
            found.append(Relation("parallel", (name(one), name(other))))
        elif angle >= 90 - ANGLE:
            found.append(Relation("perpendicular", (name(one), name(other))))
        lengths = [math.dist(s.start, s.end) for s in (one, other)]
        if abs(lengths[0] - lengths[1]) <= EQUAL * max(lengths):
            found.append(Relation("equal", (name(one), name(other))))
    return list(dict.fromkeys(found))[:MOST_RELATIONS]  # points close to each other have one name


def marked_relations(marks: Sequence[Mark]) -> list[Relation]:
    """Return what a figure's marks say: equal sides and angles, right angles, parallel sides.

    Examples:
        >>> ticks = [Mark("tick", 1, (0, 0), ("A", "B")), Mark("tick", 1, (5, 0), ("C", "D"))]
        >>> [(r.kind, r.of) for r in marked_relations(ticks)]
        [('equal', ('AB', 'CD'))]
    """
    kinds: dict[str, RelationKind] = {"tick": "equal", "arc": "equal-angles", "chevron": "parallel"}
    found = [
        Relation("perpendicular", (m.of[1] + m.of[0], m.of[1] + m.of[2]), marked=True)
        for m in marks
        if m.kind == "square" and len(m.of) == 3
    ]
    for kind, relation in kinds.items():
        named = [(m.count, "".join(m.of)) for m in marks if m.kind == kind and m.of]
        found += [Relation(relation, pair, marked=True) for pair in equal_groups(named)]
    return found


def _angle_between(one: Segment, other: Segment) -> float:
    """Return the angle between two lines, degrees, 0 to 90."""
    turns = [math.degrees(math.atan2(s.end[1] - s.start[1], s.end[0] - s.start[0])) for s in (one, other)]
    apart = abs(turns[0] - turns[1]) % 180
    return min(apart, 180 - apart)
