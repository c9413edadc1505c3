"""Lines that draw the marks of a trace: squares at right angles, ticks, arcs, chevrons. Pixels of its picture."""

import math
from collections.abc import Sequence

from ocr2.results.figure import Mark, Point, Trace

SIZE = 0.035  # of the picture's longer side: a square, a tick
GAP = 0.3  # of a mark's size, between two ticks or arcs
STEPS = 14  # of an arc
TURN = 32.0  # degrees of a chevron's wings


def mark_paths(trace: Trace) -> list[list[Point]]:
    """Return the lines, each of points, that draw a trace's marks; those that name nothing have none."""
    size = SIZE * max(1, trace.width, trace.height)
    paths: list[list[Point]] = []
    for mark in trace.marks:
        points = [trace.points[name] for name in mark.of if name in trace.points]
        if len(points) == 2 and points[0] != points[1]:
            draw = _ticks if mark.kind == "tick" else _chevrons
            paths += draw(mark, points[0], points[1], size)
        elif len(points) == 3:
            first, vertex, second = points
            paths += _square(vertex, first, second, size) if mark.kind == "square" else _arcs(mark, points, size)
    return paths


def _ticks(mark: Mark, start: Point, end: Point, size: float) -> list[list[Point]]:
    way = _way(start, end)
    paths = []
    for k in range(mark.count):
        shift = (k - (mark.count - 1) / 2) * GAP * size
        x, y = mark.place[0] + shift * way[0], mark.place[1] + shift * way[1]
        half = -way[1] * size / 2, way[0] * size / 2
        paths.append([(x - half[0], y - half[1]), (x + half[0], y + half[1])])
    return paths


def _chevrons(mark: Mark, start: Point, end: Point, size: float) -> list[list[Point]]:
    turn = math.atan2(end[1] - start[1], end[0] - start[0])
    paths = []
    for k in range(mark.count):
        shift = (k - (mark.count - 1) / 2) * 2 * GAP * size
        tip = mark.place[0] + shift * math.cos(turn), mark.place[1] + shift * math.sin(turn)
        wings = [turn + math.pi + math.radians(way) for way in (TURN, -TURN)]
        ends = [(tip[0] + size / 2 * math.cos(w), tip[1] + size / 2 * math.sin(w)) for w in wings]
        paths.append([ends[0], tip, ends[1]])
    return paths


def _square(vertex: Point, first: Point, second: Point, size: float) -> list[list[Point]]:
    (ax, ay), (bx, by) = _way(vertex, first), _way(vertex, second)
    side = 0.7 * size
    corners = [(side * ax, side * ay), (side * (ax + bx), side * (ay + by)), (side * bx, side * by)]
    return [[(vertex[0] + x, vertex[1] + y) for x, y in corners]]


def _arcs(mark: Mark, points: Sequence[Point], size: float) -> list[list[Point]]:
    first, vertex, second = points
    radius = max(0.5 * size, math.dist(mark.place, vertex) - (mark.count - 1) / 2 * GAP * size)
    start = math.atan2(first[1] - vertex[1], first[0] - vertex[0])
    whole = math.remainder(math.atan2(second[1] - vertex[1], second[0] - vertex[0]) - start, 2 * math.pi)
    turns = [start + whole * k / STEPS for k in range(STEPS + 1)]
    radii = [radius + k * GAP * size for k in range(mark.count)]
    return [[(vertex[0] + r * math.cos(t), vertex[1] + r * math.sin(t)) for t in turns] for r in radii]


def _way(start: Point, end: Point) -> Point:
    length = max(1e-9, math.dist(start, end))
    return (end[0] - start[0]) / length, (end[1] - start[1]) / length
