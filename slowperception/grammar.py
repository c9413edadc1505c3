"""The language in which a figure is written: segments as strokes no longer than a ruler, circles, labels.

Coordinates run from -10 to 10 across the square view, x to the right, y up, with two decimals.
Source: docs/models/slowperception.md, "Answer".
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from numpy.random import Generator

Point = tuple[float, float]  # model units
Stroke = tuple[Point, ...]  # start, gaze points, end

REACH = 10.0  # units from the middle of the view to its edge
DECIMALS = 2
MOST = 1000  # segments, circles or labels that are read; more are a loop
JITTER = 0.1  # of a segment's length
FAR = 1000.0  # units: no coordinate of a figure

NUMBER = r"[-+]?\d{1,6}(?:\.\d{0,8})?"
POINT = re.compile(rf"\(\s*({NUMBER})\s*,\s*({NUMBER})\s*\)")
CIRCLE = re.compile(rf"\(\s*({NUMBER})\s*,\s*({NUMBER})\s*,\s*({NUMBER})\s*\)")
LABEL = re.compile(rf"([^\s,:()]{{1,8}})\s*:\s*\(\s*({NUMBER})\s*,\s*({NUMBER})\s*\)")
SEGMENT = re.compile(rf"(?:[^()]{{0,20}}:\s*)?{POINT.pattern}(?:\s*--\s*{POINT.pattern})+")
HEADS = re.compile(r"^[ \t]*(Line|Circle|Label):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Writing:
    """A figure in model units, as a model writes it."""

    strokes: tuple[Stroke, ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()  # x, y, radius
    labels: dict[str, Point] = field(default_factory=dict)


def write_figure(figure: Writing) -> str:
    """Return a figure as text, its parts in the order they are in.

    Examples:
        >>> write_figure(Writing((((-1.0, 0.5), (3.0, 0.25)),), ((0.0, 0.0, 2.5),)))
        'Line:\\n(-1.0, 0.5) -- (3.0, 0.25)\\nCircle:\\n(0.0, 0.0, 2.5)\\n'
    """
    lines = ["Line:", *(" -- ".join(_numbers(point) for point in stroke) for stroke in figure.strokes)]
    if figure.circles:
        lines += ["Circle:", *(_numbers(circle) for circle in figure.circles)]
    if figure.labels:
        lines += ["Label:", ",".join(f"{name}:{_numbers(point)}" for name, point in figure.labels.items())]
    return "".join(f"{line}\n" for line in lines)


def _numbers(values: Sequence[float]) -> str:
    return f"({', '.join(repr(rounded(v)) for v in values)})"


def rounded(value: float) -> float:
    """Return a coordinate as it is written; there is no minus zero."""
    return round(value, DECIMALS) + 0.0


def read_figure(text: str) -> Writing:
    """Read a figure from a model's answer; what is cut short, or is no segment, circle or label, is left out.

    Examples:
        >>> read_figure("Line:\\n(0.0, 1.0) -- (2.0, 1.0)\\n(3.0, 1.0) -- (4.0").strokes
        (((0.0, 1.0), (2.0, 1.0)),)
    """
    strokes: list[Stroke] = []
    circles: list[tuple[float, float, float]] = []
    labels: dict[str, Point] = {}
    for head, body in _sections(text):
        if head == "Line":
            strokes += _strokes(body)[: MOST - len(strokes)]
        elif head == "Circle":
            rows = [tuple(float(v) for v in match.groups()) for match in CIRCLE.finditer(body)]
            circles += [(x, y, r) for x, y, r in rows if max(abs(x), abs(y), r) < FAR and r > 0][: MOST - len(circles)]
        else:
            for match in LABEL.finditer(body):
                point = float(match[2]), float(match[3])
                if max(map(abs, point)) < FAR and len(labels) < MOST:
                    labels.setdefault(match[1], point)
    return Writing(tuple(strokes), tuple(circles), labels)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield heads and what follows each; what stands before the first is taken for lines."""
    heads = list(HEADS.finditer(text))
    starts = [head.start() for head in heads] + [len(text)]
    if starts[0]:
        yield "Line", text[: starts[0]]
    for head, end in zip(heads, starts[1:], strict=True):
        yield head[1], text[head.end() : end]


def _strokes(body: str) -> list[Stroke]:
    strokes = []
    for line in body.split("\n"):
        if SEGMENT.fullmatch(line.strip()) is None:
            continue
        points = tuple((float(x), float(y)) for x, y in POINT.findall(line))
        if max(abs(v) for point in points for v in point) < FAR:
            strokes.append(points)
    return strokes


def split_segment(start: Point, end: Point, ruler: float = math.inf) -> Stroke:
    """Return a segment as strokes as long as the ruler, the last as long as what is left.

    Args:
        start: Where it begins.
        end: Where it ends.
        ruler: Model units; infinite for one stroke.

    Raises:
        ValueError: If the ruler is not positive.

    Examples:
        >>> split_segment((0.0, 0.0), (10.0, 0.0), 4.0)
        ((0.0, 0.0), (4.0, 0.0), (8.0, 0.0), (10.0, 0.0))
    """
    if not ruler > 0:
        raise ValueError(f"a ruler is longer than 0, got {ruler}")
    first, last = _point(start), _point(end)
    length = math.dist(first, last)
    if length <= ruler:
        return first, last
    steps = math.floor(length / ruler)
    if steps > MOST:
        raise ValueError(f"a ruler of {ruler} makes more than {MOST} strokes of a segment {length:.2f} units long")
    shares = [ruler * k / length for k in range(1, steps + 1)]
    gaze = [_point((first[0] + s * (last[0] - first[0]), first[1] + s * (last[1] - first[1]))) for s in shares]
    return (first, *gaze) if gaze[-1] == last else (first, *gaze, last)


def shake_gaze(stroke: Stroke, rng: Generator, share: float = JITTER) -> Stroke:
    """Move each gaze point along the diagonal, by one random offset for x and y, as the released data script does.

    Args:
        stroke: Its ends stay.
        rng: Of the offsets.
        share: Of the segment's length that an offset is at most. The paper found it no help; nothing uses it unasked.
    """
    most = share * math.dist(stroke[0], stroke[-1])
    offsets = rng.uniform(-most, most, len(stroke) - 2).tolist()
    moved = (_point((x + d, y + d)) for (x, y), d in zip(stroke[1:-1], offsets, strict=True))
    return (stroke[0], *moved, stroke[-1])


def _point(point: Point) -> Point:
    return rounded(point[0]), rounded(point[1])


def order_segments(segments: Sequence[tuple[Point, Point]]) -> list[tuple[Point, Point]]:
    """Return segments as they are written: ends rounded and sorted, each once, sorted; points are no segments."""
    known = {tuple(sorted((_point(a), _point(b)))) for a, b in segments}
    return sorted((a, b) for a, b in known if a != b)


def gaze_residual(stroke: Stroke) -> float:
    """Return how far gaze points stray from the straight way between the ends, as a share of its length.

    Examples:
        >>> gaze_residual(((0.0, 0.0), (4.0, 0.0), (8.0, 1.0), (10.0, 0.0)))
        0.1
    """
    (x0, y0), (x1, y1) = stroke[0], stroke[-1]
    length = math.dist(stroke[0], stroke[-1])
    if len(stroke) < 3 or length == 0:
        return 0.0
    return max(abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) for x, y in stroke[1:-1]) / length**2
