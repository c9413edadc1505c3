"""Random quadrilaterals and triangles, and points on and in them."""

import math

from numpy.random import Generator

from ocr2.geometry.parts import Point
from ocr2.synth.geometry.figure import Circle

Corners = list[Point]
HALF, THIRD = 1 / 2, 1 / 3


def uniform(rng: Generator, low: float, high: float) -> float:
    """Return a number between two."""
    return float(rng.uniform(low, high))


def share(rng: Generator) -> float:
    """Return a fraction of a side: its middle and thirds more often than others."""
    return float(rng.choice([HALF, HALF, THIRD, 2 * THIRD, rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)]))


def quadrilateral(rng: Generator) -> Corners:
    """Return four corners of one of eight kinds, counter-clockwise from the lower left."""
    kinds = ("parallelogram", "rectangle", "rhombus", "trapezoid", "square", "right", "isosceles", "irregular")
    kind = rng.choice(kinds, p=(0.36, 0.16, 0.1, 0.1, 0.1, 0.05, 0.05, 0.08))
    w, h = uniform(rng, 3, 10), uniform(rng, 3, 10)
    if kind == "square":
        h = w
    if kind in ("square", "rectangle"):
        return [(0, 0), (w, 0), (w, h), (0, h)]
    if kind == "rhombus":
        a, b = uniform(rng, 3, 5) / 2, uniform(rng, 7, 10) / 2
        return [(-b, 0), (0, -a), (b, 0), (0, a)]
    if kind == "parallelogram":
        lean = uniform(rng, 0.15, 0.6) * h
        return [(0, 0), (w, 0), (w + lean, h), (lean, h)]
    if kind == "irregular":
        return [(0, 0), (w, uniform(rng, -1.5, 1.5)), (w * uniform(rng, 0.7, 1.1), h), (uniform(rng, -1, 1.5), h * 0.9)]
    top = w * uniform(rng, 0.3, 0.75)
    start = {"right": 0.0, "isosceles": (w - top) / 2}.get(str(kind), (w - top) * uniform(rng, 0.1, 0.9))
    return [(0, 0), (w, 0), (start + top, h), (start, h)]


def triangle(rng: Generator) -> Corners:
    """Return three corners: of any, an isosceles, a right, or an equilateral triangle."""
    w = uniform(rng, 4, 10)
    kind = rng.choice(["any", "isosceles", "right", "equilateral"], p=(0.5, 0.2, 0.2, 0.1))
    if kind == "right":
        return [(0, 0), (w, 0), (0, uniform(rng, 3, 10))]
    if kind == "equilateral":
        return [(0, 0), (w, 0), (w / 2, w * math.sqrt(3) / 2)]
    top = w / 2 if kind == "isosceles" else w * uniform(rng, -0.2, 1.2)
    return [(0, 0), (w, 0), (top, uniform(rng, 3, 9))]


def inside(rng: Generator, corners: Corners) -> Point:
    """Return a point well inside a convex polygon."""
    weights = rng.dirichlet([3.0] * len(corners))
    return middle_of(corners, weights.tolist())


def middle_of(corners: Corners, weights: list[float]) -> Point:
    """Return the weighted mean of points."""
    return (
        sum(w * p[0] for w, p in zip(weights, corners, strict=True)),
        sum(w * p[1] for w, p in zip(weights, corners, strict=True)),
    )


def on_circle(circle: Circle, degrees: float) -> Point:
    """Return a point of a circle."""
    turn = math.radians(degrees)
    return circle[0] + circle[2] * math.cos(turn), circle[1] + circle[2] * math.sin(turn)


def sides(corners: Corners) -> list[tuple[Point, Point]]:
    """Return the sides of a polygon."""
    return list(zip(corners, [*corners[1:], corners[0]], strict=True))
