"""A plane figure, and elementary plane geometry. Coordinates are model units, y up."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
Segment = tuple[Point, Point]
Circle = tuple[float, float, float]  # x, y, radius

NEAR = 1e-6
MAX_OFF_LINE = 1e-4  # distance, in units, of ends from a line that they are on


@dataclass(slots=True)
class Figure:
    """A figure while a scene constructs it."""

    segments: list[Segment] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    named: list[Point] = field(default_factory=list)  # points that may get a letter

    def join(self, *points: Point, close: bool = False) -> None:
        """Add segments from point to point; the points may be named."""
        ends = [*points, points[0]] if close else list(points)
        self.segments += [(a, b) for a, b in itertools.pairwise(ends) if math.dist(a, b) > NEAR]
        self.name(*points)

    def name(self, *points: Point) -> None:
        """Let points have letters."""
        self.named += [p for p in points if all(math.dist(p, q) > NEAR for q in self.named)]


def along(a: Point, b: Point, share: float) -> Point:
    """Interpolate between two points; `share` is 0 at the first and 1 at the second."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def middle(*points: Point) -> Point:
    """Return the mean of points."""
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def foot(p: Point, a: Point, b: Point) -> Point:
    """Return the foot of the perpendicular from a point to the line through two others."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    return along(a, b, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy))


def turned(p: Point, about: Point, degrees: float, scale: float = 1.0) -> Point:
    """Return a point turned counter-clockwise about another, its distance scaled."""
    turn = math.radians(degrees)
    x, y = p[0] - about[0], p[1] - about[1]
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    return about[0] + x * cos - y * sin, about[1] + x * sin + y * cos


def mirrored(p: Point, a: Point, b: Point) -> Point:
    """Return a point's mirror image in the line through two others."""
    return along(p, foot(p, a, b), 2.0)


def crossing(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Return where the lines ab and cd meet; None if they are (nearly) parallel."""
    det = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if abs(det) < 1e-3 * math.dist(a, b) * math.dist(c, d):
        return None
    share = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / det
    return along(a, b, share)


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
    xs = [p[0] for s in figure.segments for p in s] + [c[0] + k * c[2] for c in figure.circles for k in (-1, 1)]
    ys = [p[1] for s in figure.segments for p in s] + [c[1] + k * c[2] for c in figure.circles for k in (-1, 1)]
    return min(xs), min(ys), max(xs), max(ys)


def placed(figure: Figure, *, extent: float, at: Point, turn: float, mirror: bool) -> Figure:
    """Return a figure turned, mirrored, its larger side so many units, the middle of its box at a point."""

    def move(points: Sequence[Point]) -> list[Point]:
        return [turned((-x if mirror else x, y), (0.0, 0.0), turn) for x, y in points]

    moved = Figure(
        [tuple(move(s)) for s in figure.segments],  # type: ignore[misc]  # two points stay two
        [(*move([(x, y)])[0], r) for x, y, r in figure.circles],
        move(figure.named),
    )
    left, bottom, right, top = box_of(moved)
    scale = extent / max(right - left, top - bottom)

    def fit(p: Point) -> Point:
        return (p[0] - (left + right) / 2) * scale + at[0], (p[1] - (bottom + top) / 2) * scale + at[1]

    return Figure(
        [(fit(a), fit(b)) for a, b in moved.segments],
        [(*fit((x, y)), r * scale) for x, y, r in moved.circles],
        [fit(p) for p in moved.named],
    )
