"""Marks of figures: squares at right angles, ticks of equal sides, arcs of equal angles, chevrons of parallel lines."""

import math
from dataclasses import dataclass

from numpy.random import Generator

from ocr2.geometry.parts import Angle, Point, Segment, along
from ocr2.synth.geometry.figure import away, turned

EQUAL = 0.03  # of a length
SQUARE = 1.5  # degrees that a right angle is off, at most


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark and what it says something about."""

    kind: str  # square, tick, arc, chevron
    count: int
    at: Point  # its middle
    paths: tuple[tuple[Point, ...], ...]
    on: tuple[Point, ...]  # both ends of a side; of an angle the vertex and a point of each way


def pick_marks(rng: Generator, pieces: list[Segment], angles: list[Angle], size: float) -> list[Mark]:
    """Choose the marks of a figure.

    Args:
        rng: For the choice.
        pieces: Sides, and parts of them.
        angles: Between neighbouring ways.
        size: Of a mark, units.
    """
    used = float(rng.uniform(0.15, 0.9))
    kinds = rng.random(4) < (0.6, 0.4, 0.4, 0.12)
    found: list[Mark] = []
    radius = size * float(rng.uniform(1.0, 2.2))
    shared = int(rng.choice([1, 1, 1, 2, 3]))
    for angle in angles:
        room = 0.6 * min(math.dist(angle.vertex, end) for end in (angle.first, angle.second))
        if abs(angle.degrees - 90) < SQUARE:
            if kinds[0] and rng.random() < used and room > 0.4 * size and size < room:
                found.append(_square(angle, size))
        elif kinds[2] and 15 < angle.degrees < 165 and rng.random() < 0.6 * used and radius < room:
            count = shared if rng.random() < 0.7 else int(rng.integers(1, 4))
            found.append(_arc(angle, radius * float(rng.uniform(0.85, 1.2)), count, 0.3 * size + 0.06))
    count = 0
    marked: list[tuple[float, int]] = []
    for piece in pieces:
        length = math.dist(*piece)
        if kinds[1] and length > 2.2 * size and rng.random() < 0.55 * used:
            same = [n for other, n in marked if abs(other - length) < EQUAL * length]
            count = same[0] if same else min(3, len({n for _, n in marked}) + 1)
            marked.append((length, count))
            found.append(_ticks(rng, piece, count, size))
        elif kinds[3] and length > 3 * size and rng.random() < 0.5 * used:
            found.append(_chevrons(piece, int(rng.choice([1, 1, 2])), size))
    return found


def _square(angle: Angle, size: float) -> Mark:
    first, second = away(angle.vertex, angle.first, size), away(angle.vertex, angle.second, size)
    corner = first[0] + second[0] - angle.vertex[0], first[1] + second[1] - angle.vertex[1]
    on = (angle.vertex, angle.first, angle.second)
    return Mark("square", 1, along(angle.vertex, corner, 0.5), ((first, corner, second),), on)


def _arc(angle: Angle, radius: float, count: int, gap: float) -> Mark:
    paths = []
    for k in range(count):
        start = away(angle.vertex, angle.first, radius + k * gap)
        paths.append(tuple(turned(start, angle.vertex, angle.degrees * i / 14) for i in range(15)))
    reach = away(angle.vertex, angle.first, radius + (count - 1) * gap / 2)
    on = (angle.vertex, angle.first, angle.second)
    return Mark("arc", count, turned(reach, angle.vertex, angle.degrees / 2), tuple(paths), on)


def _ticks(rng: Generator, piece: Segment, count: int, size: float) -> Mark:
    length, lean = math.dist(*piece), 90.0 if rng.random() < 0.8 else 65.0
    gap = max(0.22, 0.35 * size)
    paths = []
    for k in range(count):
        at = along(*piece, 0.5 + (k - (count - 1) / 2) * gap / length)
        end = turned(away(at, piece[1], size / 2), at, lean)
        paths.append((end, along(end, at, 2.0)))
    return Mark("tick", count, along(*piece, 0.5), tuple(paths), piece)


def _chevrons(piece: Segment, count: int, size: float) -> Mark:
    length = math.dist(*piece)
    paths = []
    for k in range(count):
        tip = along(*piece, 0.5 + (k - (count - 1) / 2) * 0.5 * size / length + 0.2 * size / length)
        back = away(tip, piece[0], 0.6 * size)
        wings = [turned(back, tip, turn) for turn in (32, -32)]
        paths.append((wings[0], tip, wings[1]))
    return Mark("chevron", count, along(*piece, 0.5), tuple(paths), piece)
