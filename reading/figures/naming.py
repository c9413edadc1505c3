"""What marks and writing name: the point, side, angle or line that each stands beside.

Lengths are pixels of the picture.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from ocr2.geometry.parts import Angle, Point, along, foot_of, turn_between
from ocr2.geometry.parts import Segment as Piece
from ocr2.models.protocols import TextBox
from ocr2.reading.figures.candidates import (
    DEGREES,
    TURNED,
    Named,
    Parts,
    candidates_of,
    half_of,
    lies_within,
    middle_of,
)
from ocr2.results.figure import Mark

MARK_REACH = 0.06  # of the figure's size: a mark is no farther from the middle of its side
NEXT_TO = 1.2  # heights of writing: nearer than this to a stroke it needs no arrow
SURE = 0.5  # probability below which an arrow is looked for


def marked_points(mark: Mark, parts: Parts) -> tuple[Point, ...]:
    """Return the points that a mark stands on: a side's ends, or an angle's points, the vertex in the middle.

    Nothing where none is near.
    """
    if mark.kind in ("tick", "chevron"):
        reach = MARK_REACH * parts.size
        near = [(p, off_piece(mark.place, p)) for p in parts.pieces]
        fit = [(math.dist(mark.place, along(*p, 0.5)), p) for p, off in near if off <= reach / 2]
        best = min(fit, default=None)
        return best[1] if best is not None and best[0] <= reach + 0.25 * math.dist(*best[1]) else ()
    angles = [a for a in parts.angles if lies_within(mark.place, a)]
    if mark.kind == "square":
        square = [a for a in _right_angles(parts) if lies_within(mark.place, a)]
        right = [a for a in square if math.dist(mark.place, a.vertex) <= 2 * MARK_REACH * parts.size]
        angles = right or angles
    best_angle = min(angles, key=lambda a: math.dist(mark.place, a.vertex), default=None)
    return () if best_angle is None else (best_angle.first, best_angle.vertex, best_angle.second)


def _right_angles(parts: Parts) -> list[Angle]:
    """Return the right angles between any two ways of a point, others between them or not."""
    ways: dict[Point, list[Point]] = {}
    for angle in parts.angles:
        ends = ways.setdefault(angle.vertex, [])
        ends += [end for end in (angle.first, angle.second) if end not in ends]
    found = []
    for vertex, ends in ways.items():
        for a, b in itertools.permutations(ends, 2):
            degrees = turn_between(vertex, a, b) % 360
            if abs(degrees - 90) < TURNED:
                found.append(Angle(vertex, a, b, degrees))
    return found


def off_piece(place: Point, piece: Piece) -> float:
    """Return how far a place is from a piece of a segment."""
    foot, share = foot_of(place, *piece)
    return math.dist(place, foot if 0 <= share <= 1 else piece[share > 1])


def what_is_named(
    text: TextBox, parts: Parts, marks: Sequence[Mark], find_arrow: Callable[[TextBox], Point | None]
) -> Named:
    """Return what writing that is no point's name stands for.

    Args:
        text: The writing.
        parts: Of the figure.
        marks: Of the figure.
        find_arrow: Returns where an arrow leads from writing; asked where that stands beside nothing for certain.
    """
    candidates = candidates_of(text, parts, marks)
    scores = np.array([c.score for c in candidates])
    shares = np.exp(scores - scores.max())
    best = candidates[int(scores.argmax())].named
    if shares.max() / shares.sum() < SURE or best.kind == "free" or _is_far(text, best):
        pointed = find_arrow(text)
        if pointed is not None:
            return _at(pointed, text, parts)
    return best


def _is_far(text: TextBox, named: Named) -> bool:
    """Say whether writing stands so far from a side that it is likelier to have an arrow."""
    if named.kind != "side":
        return False
    start, end = named.points
    foot, _ = foot_of(middle_of(text), start, end)
    return math.dist(middle_of(text), foot) - half_of(text, foot) > NEXT_TO * text.height


def _at(pointed: Point, text: TextBox, parts: Parts) -> Named:
    """Return what lies where an arrow leads to: an angle for degrees, else the nearest side."""
    if DEGREES.search(text.text):
        within = [a for a in parts.angles if lies_within(pointed, a)]
        angle = min(within, key=lambda a: math.dist(pointed, a.vertex), default=None)
        if angle is not None:
            return Named("angle", (angle.first, angle.vertex, angle.second))
    piece = min(parts.pieces, key=lambda p: off_piece(pointed, p), default=None)
    return Named("free") if piece is None else Named("side", piece)
