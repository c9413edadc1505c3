"""Annotations of figures that are not traced: right-angle signs, ticks, angle arcs, measures."""

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from PIL import ImageFont

from ocr2.geometry.parts import Point, Segment, along
from ocr2.synth.degrade import Coverage
from ocr2.synth.geometry.draw import SHIFT, Hand, Letter, draw_letters, neighbours, to_pixel
from ocr2.synth.geometry.figure import Figure, middle, turned

MEASURES = "0123456789+-x.°()yabcm "  # characters that a font needs
MAX_OFF_SQUARE = 2.0  # degrees that a right angle may be off


@dataclass(frozen=True, slots=True)
class Signs:
    """Annotations of one figure, model units."""

    paths: tuple[tuple[Point, ...], ...] = ()
    texts: tuple[Letter, ...] = ()


def pick_signs(rng: Generator, figure: Figure) -> Signs:
    """Choose the annotations of a figure."""
    kinds = rng.random(4) < (0.5, 0.3, 0.4, 0.6)
    paths: list[tuple[Point, ...]] = []
    texts: list[Letter] = []
    size, reach = float(rng.uniform(0.3, 0.65)), float(rng.uniform(0.6, 1.2))
    used = 0.3 + 0.7 * float(rng.random())  # share of the angles and segments that get one
    for point, a, b in _angles({point: neighbours(figure, point) for point in figure.named}):
        turn = abs(math.degrees(_turn(point, a, b)))
        if rng.random() > used or not 20 < turn < 160:
            continue
        if abs(turn - 90) < MAX_OFF_SQUARE:
            if kinds[0]:
                first, second = _away(point, a, size), _away(point, b, size)
                corner = first[0] + second[0] - point[0], first[1] + second[1] - point[1]
                paths.append((first, corner, second))
        elif kinds[2] and rng.random() < 0.6:
            radius = reach * float(rng.uniform(0.8, 1.2))
            paths += [_arc(point, a, b, radius + 0.2 * k) for k in range(int(rng.choice([1, 1, 2])))]
            if rng.random() < 0.5:
                inner = turned(_away(point, a, radius + 0.6), point, math.degrees(_turn(point, a, b)) / 2)
                texts.append(Letter(_angle_text(rng), point, inner))
    for k, segment in enumerate(figure.segments):
        if kinds[1] and rng.random() < 0.4 * used:
            paths += _ticks(segment, int(rng.choice([1, 1, 2, 3])), size)
        if kinds[3] and rng.random() < 0.5 * used:
            texts.append(_measure(rng, figure, k))
    return Signs(tuple(paths), tuple(texts))


def draw_signs(
    rng: Generator, coverage: Coverage, signs: Signs, hand: Hand, font: ImageFont.FreeTypeFont | None
) -> None:
    """Draw annotations into a figure's ink coverage, in place; no text without a font."""
    side = len(coverage)
    ink = np.zeros((side, side), np.uint8)
    thick = max(1, round(hand.width * float(rng.uniform(0.5, 1.0))))
    for path in signs.paths:
        pixels = np.array([to_pixel(p, side) for p in path])
        cv2.polylines(
            ink, [np.rint((pixels - 0.5) * (1 << SHIFT)).astype(np.int32)], False, 255, thick, cv2.LINE_AA, SHIFT
        )
    np.maximum(coverage, ink / np.float32(255.0) * np.float32(rng.uniform(0.5, 1.0)), out=coverage)
    if font is not None:
        draw_letters(coverage, signs.texts, font)


def _angles(ways: dict[Point, list[Point]]) -> list[tuple[Point, Point, Point]]:
    """Return neighbouring pairs of segment ends around each point."""
    found = []
    for point, ends in ways.items():
        around = sorted(ends, key=lambda end: math.atan2(end[1] - point[1], end[0] - point[0]))
        pairs = itertools.pairwise([*around, around[0]]) if len(around) > 2 else itertools.pairwise(around)
        found += [(point, a, b) for a, b in pairs]
    return found


def _turn(point: Point, a: Point, b: Point) -> float:
    """Return the angle at a point from one end to another, -pi to pi."""
    first, second = math.atan2(a[1] - point[1], a[0] - point[0]), math.atan2(b[1] - point[1], b[0] - point[0])
    return math.remainder(second - first, 2 * math.pi)


def _away(point: Point, end: Point, distance: float) -> Point:
    return along(point, end, distance / max(1e-6, math.dist(point, end)))


def _arc(point: Point, a: Point, b: Point, radius: float) -> tuple[Point, ...]:
    whole = math.degrees(_turn(point, a, b))
    start = _away(point, a, radius)
    return tuple(turned(start, point, whole * k / 12) for k in range(13))


def _ticks(segment: Segment, count: int, size: float) -> list[tuple[Point, ...]]:
    length = math.dist(*segment)
    found: list[tuple[Point, ...]] = []
    for k in range(count):
        at = along(*segment, 0.5 + (k - (count - 1) / 2) * 0.25 / length)
        end = turned(_away(at, segment[1], size / 2), at, 90)
        found.append((end, along(end, at, 2.0)))
    return found


def _measure(rng: Generator, figure: Figure, number: int) -> Letter:
    """Write a length beside the middle of a segment, away from the figure's middle."""
    segment = figure.segments[number]
    at = middle(*segment)
    centre = middle(*[p for s in figure.segments for p in s])
    gap = float(rng.uniform(0.5, 0.9))
    sides = [turned(_away(at, segment[1], gap), at, turn) for turn in (90, -90)]
    return Letter(_length_text(rng), at, max(sides, key=lambda p: math.dist(p, centre)))


def _length_text(rng: Generator) -> str:
    number = str(int(rng.integers(1, 40)))
    name = str(rng.choice(list("xyab")))
    kinds = (
        number,
        name,
        f"{number}{name}",
        f"{number} cm",
        f"{name} + {number}",
        f"{number}.5",
        f"2{name} - {number}",
    )
    return str(rng.choice(kinds, p=(0.4, 0.14, 0.1, 0.1, 0.06, 0.1, 0.1)))


def _angle_text(rng: Generator) -> str:
    number, name = str(int(rng.integers(10, 170))), str(rng.choice(list("xy")))
    return str(rng.choice([f"{number}°", f"{name}°", str(int(rng.integers(1, 9))), f"(2{name} + {number})°"]))
