"""A plane figure, and elementary plane geometry. Coordinates are model units, y up."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ocr2.geometry.parts import Point, Segment, along, crossing, foot_of

Circle = tuple[float, float, float]  # x, y, radius
Arc = tuple[float, float, float, float, float]  # x, y, radius, where it starts and ends, degrees, counter-clockwise

NEAR = 1e-6
MAX_OFF_LINE = 1e-4  # distance, in units, of ends from a line that they are on


@dataclass(slots=True)
class Figure:
    """A figure while a scene constructs it."""

    segments: list[Segment] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    named: list[Point] = field(default_factory=list)  # points that may get a letter
    arcs: list[Arc] = field(default_factory=list)
    arrows: list[Point] = field(default_factory=list)  # ends of rays and lines, which go on beyond them
    help: list[Segment] = field(default_factory=list)  # segments that are drawn dashed

    def join(self, *points: Point, close: bool = False) -> None:
        """Add segments from point to point; the points may be named."""
        ends = [*points, points[0]] if close else list(points)
        self.segments += [(a, b) for a, b in itertools.pairwise(ends) if math.dist(a, b) > NEAR]
        self.name(*points)

    def name(self, *points: Point) -> None:
        """Let points have letters."""
        self.named += [p for p in points if all(math.dist(p, q) > NEAR for q in self.named)]


def middle(*points: Point) -> Point:
    """Return the mean of points."""
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def foot(p: Point, a: Point, b: Point) -> Point:
    """Return the foot of the perpendicular from a point to the line through two others."""
    return foot_of(p, a, b)[0]


def away(point: Point, end: Point, distance: float) -> Point:
    """Return what lies so far from a point on the way to another."""
    return along(point, end, distance / max(1e-6, math.dist(point, end)))


def turned(p: Point, about: Point, degrees: float, scale: float = 1.0) -> Point:
    """Return a point turned counter-clockwise about another, its distance scaled."""
    turn = math.radians(degrees)
    x, y = p[0] - about[0], p[1] - about[1]
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    return about[0] + x * cos - y * sin, about[1] + x * sin + y * cos


def mirrored(p: Point, a: Point, b: Point) -> Point:
    """Return a point's mirror image in the line through two others."""
    return along(p, foot(p, a, b), 2.0)


def incenter(a: Point, b: Point, c: Point) -> Point:
    """Return the middle of a triangle's inscribed circle."""
    x, y, z = math.dist(b, c), math.dist(c, a), math.dist(a, b)
    total = x + y + z
    return (x * a[0] + y * b[0] + z * c[0]) / total, (x * a[1] + y * b[1] + z * c[1]) / total


def circumcenter(a: Point, b: Point, c: Point) -> Point | None:
    """Return the middle of the circle through three points; None if they are on a line."""
    ab, ac = middle(a, b), middle(a, c)
    return crossing(ab, turned(b, ab, 90), ac, turned(c, ac, 90))


def merge_lines(segments: Iterable[Segment]) -> list[Segment]:
    """Join collinear segments that touch or overlap, each group into the segment that covers it.

    Examples:
        >>> merge_lines([((0, 0), (2, 0)), ((1, 0), (3, 0)), ((5, 0), (6, 0))])
        [((0, 0), (3, 0)), ((5, 0), (6, 0))]
    """
    left = [(min(s), max(s)) for s in segments if math.dist(*s) > NEAR]
    merged = True
    while merged:
        merged = False
        for i, one in enumerate(left):
            for j in range(i + 1, len(left)):
                if _overlap(one, left[j]):
                    left[i] = min(one[0], left[j][0]), max(one[1], left[j][1])
                    del left[j]
                    merged = True
                    break
            if merged:
                break
    return sorted(left)


def _overlap(one: Segment, other: Segment) -> bool:
    long, short = (one, other) if math.dist(*one) >= math.dist(*other) else (other, one)
    if any(math.dist(p, foot(p, *long)) > MAX_OFF_LINE for p in short):
        return False
    axis = 0 if abs(long[1][0] - long[0][0]) >= abs(long[1][1] - long[0][1]) else 1
    spans = [sorted((s[0][axis], s[1][axis])) for s in (one, other)]
    return max(spans[0][0], spans[1][0]) <= min(spans[0][1], spans[1][1]) + MAX_OFF_LINE


def box_of(figure: Figure) -> tuple[float, float, float, float]:
    """Return the smallest box around a figure: left, bottom, right, top."""
    arcs = [p for arc in figure.arcs for p in arc_points(arc, 24)]
    xs = [p[0] for s in figure.segments for p in s] + [c[0] + k * c[2] for c in figure.circles for k in (-1, 1)]
    ys = [p[1] for s in figure.segments for p in s] + [c[1] + k * c[2] for c in figure.circles for k in (-1, 1)]
    xs, ys = xs + [p[0] for p in arcs], ys + [p[1] for p in arcs]
    return min(xs), min(ys), max(xs), max(ys)


def arc_points(arc: Arc, count: int) -> list[Point]:
    """Return points of an arc, its ends included."""
    x, y, r, start, end = arc
    turns = [math.radians(start + (end - start) * k / (count - 1)) for k in range(count)]
    return [(x + r * math.cos(t), y + r * math.sin(t)) for t in turns]


def placed(figure: Figure, *, extent: float, at: Point, turn: float, mirror: bool) -> Figure:
    """Return a figure turned, mirrored, its larger side so many units, the middle of its box at a point."""

    def move(points: Sequence[Point]) -> list[Point]:
        return [turned((-x if mirror else x, y), (0.0, 0.0), turn) for x, y in points]

    def move_arc(arc: Arc) -> Arc:
        x, y, r, start, end = arc
        ((x, y),) = move([(x, y)])
        start, end = (180 - end, 180 - start) if mirror else (start, end)
        return x, y, r, start + turn, end + turn

    moved = Figure(
        [tuple(move(s)) for s in figure.segments],  # type: ignore[misc]  # two points stay two
        [(*move([(x, y)])[0], r) for x, y, r in figure.circles],
        move(figure.named),
        [move_arc(arc) for arc in figure.arcs],
        move(figure.arrows),
        [tuple(move(s)) for s in figure.help],  # type: ignore[misc]
    )
    left, bottom, right, top = box_of(moved)
    scale = extent / max(right - left, top - bottom)

    def fit(p: Point) -> Point:
        return (p[0] - (left + right) / 2) * scale + at[0], (p[1] - (bottom + top) / 2) * scale + at[1]

    return Figure(
        [(fit(a), fit(b)) for a, b in moved.segments],
        [(*fit((x, y)), r * scale) for x, y, r in moved.circles],
        [fit(p) for p in moved.named],
        [(*fit((x, y)), r * scale, start, end) for x, y, r, start, end in moved.arcs],
        [fit(p) for p in moved.arrows],
        [(fit(a), fit(b)) for a, b in moved.help],
    )
