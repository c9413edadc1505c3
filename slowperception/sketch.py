"""What slowperception-nano writes: which of the things found in a figure its strokes join, and where they pass.

Things are ends of segments and circles (`ocr2.slowperception.things`), numbered in their order. A segment is its first
end, the gaze points on the way as two steps of a grid each, and its last end; a circle is itself.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ocr2.slowperception.grammar import REACH, Point, Stroke, Writing, rounded, split_segment
from ocr2.slowperception.things import MOST_THINGS, Thing

RULERS = (math.inf, 12.0, 10.0, 8.0, 4.0)  # model units
STEPS = 160  # of the grid, from edge to edge
NAMES = ("pad", "image", "end", "circles", *(f"ruler {r:g}" for r in RULERS), *(f"step {i}" for i in range(STEPS)))
IDS = {name: i for i, name in enumerate(NAMES)}
FIRST_STEP = IDS["step 0"]
FIRST_THING = len(NAMES)
VOCAB_SIZE = FIRST_THING + MOST_THINGS  # things come last: what they are differs from figure to figure


@dataclass(frozen=True, slots=True)
class SketchStroke:
    """A segment, by numbers of things."""

    start: int
    end: int
    gaze: tuple[Point, ...] = ()  # model units
    sure: float = field(default=1.0, compare=False)  # probability of its ends


@dataclass(frozen=True, slots=True)
class SketchCircle:
    """A circle, by its number."""

    thing: int
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
    """Return segments, by numbers of their ends, in order and with the gaze points of a ruler."""
    ordered = sorted({(min(pair), max(pair)) for pair in ends if pair[0] != pair[1]})
    return [SketchStroke(a, b, split_segment(places[a], places[b], ruler)[1:-1]) for a, b in ordered]


def write_sketch(sketch: Sketch) -> list[int]:
    """Return the ids of a sketch, the end last.

    Examples:
        >>> sketch = Sketch((SketchStroke(0, 2),), (SketchCircle(1),))
        >>> read_sketch(write_sketch(sketch)) == sketch
        True
    """
    ids: list[int] = []
    for stroke in sketch.strokes:
        ids.append(FIRST_THING + stroke.start)
        ids += [FIRST_STEP + step for x, y in stroke.gaze for step in (_step(x + REACH), _step(y + REACH))]
        ids.append(FIRST_THING + stroke.end)
    if sketch.circles:
        ids.append(IDS["circles"])
        ids += [FIRST_THING + circle.thing for circle in sketch.circles]
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
    steps: list[float] = []
    for token, sure in tokens:
        if token >= FIRST_THING:
            thing = token - FIRST_THING
            if start is None:
                start, steps = (thing, sure), []
            else:
                gaze = tuple(zip(steps[::2], steps[1::2], strict=False))
                if thing != start[0]:
                    strokes.setdefault(
                        (min(start[0], thing), max(start[0], thing)),
                        SketchStroke(start[0], thing, gaze, start[1] * sure),
                    )
                start = None
        elif token >= FIRST_STEP:
            steps.append(_value(token - FIRST_STEP) - REACH)
    return tuple(strokes.values())


def _read_circles(tokens: Sequence[tuple[int, float]]) -> tuple[SketchCircle, ...]:
    circles: dict[int, SketchCircle] = {}
    for token, sure in tokens:
        if token >= FIRST_THING:
            circles.setdefault(token - FIRST_THING, SketchCircle(token - FIRST_THING, sure))
    return tuple(circles.values())


@dataclass(frozen=True, slots=True)
class Written:
    """A sketch in the published language, and the probabilities of its parts."""

    writing: Writing
    strokes_sure: tuple[float, ...]
    circles_sure: tuple[float, ...]


def to_writing(sketch: Sketch, things: Sequence[Thing]) -> Written:
    """Return a sketch in the language of the published models, its parts in order; what names no thing is left out."""
    strokes: list[tuple[Stroke, float]] = []
    for stroke in sketch.strokes:
        if max(stroke.start, stroke.end) < len(things):
            path = (things[stroke.start].place, *stroke.gaze, things[stroke.end].place)
            points = tuple((rounded(x), rounded(y)) for x, y in path)
            strokes.append((points if points[0] <= points[-1] else points[::-1], stroke.sure))
    circles = []
    for circle in sketch.circles:
        thing = things[circle.thing] if circle.thing < len(things) else None
        if thing is not None and thing.radius > 0:
            circles.append(((*thing.place, thing.radius), circle.sure))
    strokes.sort()
    circles.sort()
    writing = Writing(tuple(path for path, _ in strokes), tuple(circle for circle, _ in circles))
    return Written(writing, tuple(sure for _, sure in strokes), tuple(sure for _, sure in circles))


def _step(value: float) -> int:
    """Return the step of the grid in which 0 to 2 REACH lies."""
    return min(STEPS - 1, max(0, int(value / (2 * REACH) * STEPS)))


def _value(step: int) -> float:
    """Return the middle of a step."""
    return (step + 0.5) / STEPS * 2 * REACH
