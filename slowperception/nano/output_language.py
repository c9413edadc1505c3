"""What slowperception-nano writes: which of the keypoints found in a figure its strokes join, and where they pass.

Keypoints are ends of segments and circles (`keypoints`), numbered in their order. A segment is its first
end, the direction in which each stroke as long as the ruler leads on, and its last end; a circle is itself. Directions
become the gaze points of the published language.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr2.slowperception.grammar import Point, Stroke, Writing, rounded, split_segment
from ocr2.slowperception.nano.keypoints import MAX_KEYPOINTS, Keypoint

RULERS = (math.inf, 12.0, 10.0, 8.0, 4.0)  # model units
DIRECTIONS = 160  # of half a turn: from straight down, over to the right, to straight up
NAMES = (
    "pad",
    "image",
    "end",
    "circles",
    *(f"ruler {r:g}" for r in RULERS),
    *(f"direction {i}" for i in range(DIRECTIONS)),
)
IDS = {name: i for i, name in enumerate(NAMES)}
FIRST_DIRECTION = IDS["direction 0"]
FIRST_KEYPOINT = len(NAMES)
VOCAB_SIZE = FIRST_KEYPOINT + MAX_KEYPOINTS  # keypoints come last: they differ from figure to figure
KEYPOINT_IDS = range(FIRST_KEYPOINT, VOCAB_SIZE)


@dataclass(frozen=True, slots=True)
class SketchStroke:
    """A segment, by numbers of keypoints."""

    start: int
    end: int
    directions: tuple[float, ...] = ()  # of the strokes before the last, radians from the right, -pi/2 to pi/2
    sure: float = field(default=1.0, compare=False)  # probability of its ends


@dataclass(frozen=True, slots=True)
class SketchCircle:
    """A circle, by its number."""

    keypoint: int
    sure: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A figure."""

    strokes: tuple[SketchStroke, ...] = ()
    circles: tuple[SketchCircle, ...] = ()


def ruler_id(ruler: float) -> int:
    """Return the token that asks for a ruler.

    Raises:
        ValueError: If the model has no such ruler.
    """
    if ruler not in RULERS:
        raise ValueError(f"ruler must be one of {', '.join(f'{r:g}' for r in RULERS)}, got {ruler:g}")
    return IDS[f"ruler {ruler:g}"]


def sketch_strokes(ends: Sequence[tuple[int, int]], places: Sequence[Point], ruler: float) -> list[SketchStroke]:
    """Return segments, by numbers of their ends, in order and with the directions of their strokes.

    Args:
        ends: Pairs of keypoints.
        places: Of the keypoints, in order.
        ruler: Model units.
    """
    strokes = []
    for a, b in sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]}):
        count = len(split_segment(places[a], places[b], ruler)) - 2
        direction = math.atan2(places[b][1] - places[a][1], places[b][0] - places[a][0])
        strokes.append(SketchStroke(a, b, (direction,) * count))
    return strokes


def write_sketch(sketch: Sketch) -> list[int]:
    """Return the ids of a sketch, the end last.

    Examples:
        >>> sketch = Sketch((SketchStroke(0, 2),), (SketchCircle(1),))
        >>> read_sketch(write_sketch(sketch)) == sketch
        True
    """
    ids: list[int] = []
    for stroke in sketch.strokes:
        ids.append(FIRST_KEYPOINT + stroke.start)
        ids += [FIRST_DIRECTION + _bin(direction) for direction in stroke.directions]
        ids.append(FIRST_KEYPOINT + stroke.end)
    if sketch.circles:
        ids.append(IDS["circles"])
        ids += [FIRST_KEYPOINT + circle.keypoint for circle in sketch.circles]
    return [*ids, IDS["end"]]


def read_sketch(ids: Sequence[int], probabilities: Sequence[float] = ()) -> Sketch:
    """Understand what was written; whatever makes no sense is left out, and nothing raises.

    Args:
        ids: What was written.
        probabilities: Of each id; those that are missing count as 1.
    """
    sure = [*probabilities[: len(ids)], *[1.0] * (len(ids) - len(probabilities))]
    body = list(zip(ids, sure, strict=True))
    stop = next((i for i, (token, _) in enumerate(body) if token == IDS["end"]), len(body))
    cut = next((i for i, (token, _) in enumerate(body[:stop]) if token == IDS["circles"]), stop)
    return Sketch(_read_strokes(body[:cut]), _read_circles(body[cut:stop]))


def _read_strokes(tokens: Sequence[tuple[int, float]]) -> tuple[SketchStroke, ...]:
    strokes: dict[tuple[int, int], SketchStroke] = {}
    start: tuple[int, float] | None = None
    directions: list[float] = []
    for token, sure in tokens:
        if token >= FIRST_KEYPOINT:
            keypoint = token - FIRST_KEYPOINT
            if start is None:
                start, directions = (keypoint, sure), []
            else:
                if keypoint != start[0]:
                    strokes.setdefault(
                        (min(start[0], keypoint), max(start[0], keypoint)),
                        SketchStroke(start[0], keypoint, tuple(directions), start[1] * sure),
                    )
                start = None
        elif token >= FIRST_DIRECTION:
            directions.append(_middle(token - FIRST_DIRECTION))
    return tuple(strokes.values())


def _read_circles(tokens: Sequence[tuple[int, float]]) -> tuple[SketchCircle, ...]:
    circles: dict[int, SketchCircle] = {}
    for token, sure in tokens:
        if token >= FIRST_KEYPOINT:
            circles.setdefault(token - FIRST_KEYPOINT, SketchCircle(token - FIRST_KEYPOINT, sure))
    return tuple(circles.values())


@dataclass(frozen=True, slots=True)
class Written:
    """A sketch in the published language, and the probabilities of its parts."""

    writing: Writing
    strokes_sure: tuple[float, ...]
    circles_sure: tuple[float, ...]


def to_writing(sketch: Sketch, keypoints: Sequence[Keypoint], ruler: float) -> Written:
    """Return a sketch in the published models' language, its parts in order; what names no keypoint is left out."""
    strokes: list[tuple[Stroke, float]] = []
    for stroke in sketch.strokes:
        if max(stroke.start, stroke.end) < len(keypoints):
            start = keypoints[stroke.start].place
            path = (start, *_gaze_points(start, stroke.directions, ruler), keypoints[stroke.end].place)
            points = tuple((rounded(x), rounded(y)) for x, y in path)
            strokes.append((points if points[0] <= points[-1] else points[::-1], stroke.sure))
    circles = []
    for circle in sketch.circles:
        keypoint = keypoints[circle.keypoint] if circle.keypoint < len(keypoints) else None
        if keypoint is not None and keypoint.radius > 0:
            circles.append(((*keypoint.place, keypoint.radius), circle.sure))
    strokes.sort()
    circles.sort()
    writing = Writing(tuple(path for path, _ in strokes), tuple(circle for circle, _ in circles))
    return Written(writing, tuple(sure for _, sure in strokes), tuple(sure for _, sure in circles))


def _gaze_points(start: Point, directions: Sequence[float], ruler: float) -> list[Point]:
    points = [start]
    for direction in directions if math.isfinite(ruler) else ():
        x, y = points[-1]
        points.append((x + ruler * math.cos(direction), y + ruler * math.sin(direction)))
    return points[1:]


def _bin(direction: float) -> int:
    """Return the number of a direction."""
    return min(DIRECTIONS - 1, max(0, int((direction / math.pi + 0.5) * DIRECTIONS)))


def _middle(number: int) -> float:
    """Return the direction in the middle of those that have a number."""
    return ((number + 0.5) / DIRECTIONS - 0.5) * math.pi
