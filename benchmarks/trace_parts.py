"""Marks, measures, arcs and arrows of traced figures against the records of drawn ones: counts for `traces.py`."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.metrics.traces import Counts
from ocr2.reading.figures.paper import ink_on_paper
from ocr2.reading.figures.redraw import draw_figure
from ocr2.results.figure import Trace

RGB = NDArray[np.uint8]
Point = tuple[float, float]
NEAR = 0.7  # units: a mark's middle, an arrow's head, an end of what a measure names
ASIDE = 12.0  # degrees that a way of an angle may be off
ALIKE = {"−": "-", "–": "-", "º": "°", "˚": "°", "′": "'", "’": "'", " ": ""}
Names = Callable[[str], Point]  # the place of a point's name, units


def mark_counts(trace: Trace, record: dict[str, Any], to_units: Callable[[Point], Point], *, placed: bool) -> Counts:
    """Count marks of the right kind and number at their places; `placed`: that name the right side or angle, too."""
    truths = [(str(kind), int(count), (x, y), _points(on)) for kind, count, x, y, *on in record.get("marks", ())]
    left = list(truths)
    found = 0
    for mark in trace.marks:
        at = to_units(mark.place)
        of = [to_units(trace.points[name]) for name in mark.of if name in trace.points]
        for truth in left:
            kind, count, place, on = truth
            if (mark.kind, mark.count) == (kind, count) and math.dist(at, place) <= NEAR:
                if placed and not _same_target(of, _vertex_second(on)):
                    continue
                found += 1
                left.remove(truth)
                break
    return Counts(found, len(trace.marks), len(truths))


def measure_counts(
    trace: Trace, record: dict[str, Any], to_units: Callable[[Point], Point], kind: str
) -> tuple[Counts, Counts]:
    """Count measures of sides, or of angles, given to what they name: whatever was read, and read without an error."""
    truths = [
        (_plain(str(text)), tuple(map(float, values[:4])), _vertex_second(_points(values[4:])))
        for text, told, *values in record.get("texts", ())
        if told == kind
    ]
    answers = [label for label in trace.labels if label.kind == kind]
    left = list(truths)
    found = read = 0
    for label in answers:
        x, y = to_units(((label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2))
        of = [to_units(trace.points[name]) for name in label.of if name in trace.points]
        for truth in left:
            text, (x0, y0, x1, y1), on = truth
            if x0 - 0.3 <= x <= x1 + 0.3 and y0 - 0.3 <= y <= y1 + 0.3 and _same_target(of, on):
                found += 1
                read += _plain(label.text) == text
                left.remove(truth)
                break
    return Counts(found, len(answers), len(truths)), Counts(read, len(answers), len(truths))


def arrow_counts(trace: Trace, record: dict[str, Any], to_units: Callable[[Point], Point]) -> Counts:
    """Count ends of segments that have arrowheads."""
    heads = [to_units(p) for s in trace.segments for p, tip in zip((s.start, s.end), s.arrows, strict=True) if tip]
    left = [(x, y) for x, y in record.get("arrows", ())]
    wanted, found = len(left), 0
    for head in heads:
        near = min(left, key=lambda p: math.dist(p, head), default=None)
        if near is not None and math.dist(near, head) <= NEAR:
            found += 1
            left.remove(near)
    return Counts(found, len(heads), wanted)


def redrawn_difference(trace: Trace, picture: RGB, written: Sequence[Point], away: float) -> float | None:
    """Return which share of a figure's ink its redrawing lacks or has besides, within half a stroke and a pixel.

    Args:
        trace: Of the figure.
        picture: (h, w, 3)
        written: Middles of writing, pixels: nothing within `away` counts.
        away: Pixels.
    """
    paper = ink_on_paper(picture)
    if paper is None or trace.error is not None:
        return None
    drawn = draw_figure(trace, *picture.shape[:2], stroke=paper.width, writing=False)[..., 0] < 128
    counts = np.ones(drawn.shape, np.uint8)
    for x, y in written:
        cv2.circle(counts, (round(x), round(y)), round(away), 0, -1)
    reach = round(paper.width / 2 + 1)
    near = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    missing = paper.ink & (cv2.dilate(drawn.astype(np.uint8), near) == 0) & (counts > 0)
    added = drawn & (cv2.dilate(paper.ink.astype(np.uint8), near) == 0) & (counts > 0)
    return float((missing.sum() + added.sum()) / max(1, (paper.ink & (counts > 0)).sum()))


def rounds_of_trace(trace: Trace) -> list[tuple[Point, float]]:
    """Return middles and radii, pixels, of circles and arcs, those of one circle once."""
    found = [(c.center, c.radius) for c in trace.circles]
    for arc in trace.arcs:
        if (arc.center, arc.radius) not in found:
            found.append((arc.center, arc.radius))
    return found


def rounds_of_record(record: dict[str, Any]) -> list[tuple[float, float, float]]:
    """Return circles, and circles of arcs, of a record, units."""
    return [tuple(c) for c in record["circles"]] + [tuple(a[:3]) for a in record.get("arcs", ())]


def _points(values: Sequence[float]) -> list[Point]:
    numbers = [float(v) for v in values]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _vertex_second(on: list[Point]) -> list[Point]:
    """Return an angle's points with the vertex in the middle, as traces have them; records have it first."""
    return [on[1], on[0], on[2]] if len(on) == 3 else on


def _same_target(of: Sequence[Point], on: Sequence[Point]) -> bool:
    """Say whether points name the same side, or the same angle: its vertex, and the directions of its ways."""
    if len(of) != len(on):
        return False
    if len(on) == 3:
        if math.dist(of[1], on[1]) > NEAR:
            return False
        turns = [[math.atan2(p[1] - v[1], p[0] - v[0]) for p in (a, b)] for a, v, b in (of, on)]
        orders = [zip(order, turns[1], strict=True) for order in (turns[0], turns[0][::-1])]
        return any(
            all(abs(math.remainder(s - t, 2 * math.pi)) <= math.radians(ASIDE) for s, t in order) for order in orders
        )
    return any(
        all(math.dist(p, q) <= NEAR for p, q in zip(order, on, strict=True)) for order in (of, list(reversed(of)))
    )


def _plain(text: str) -> str:
    return "".join(ALIKE.get(c, c) for c in text)
