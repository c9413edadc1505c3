"""What a network is to find in a drawn figure. Model units, y up; cells are rows from the top."""

import math
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.geometry.figure import Circle, Point, along, circumcenter, crossing

REACH = 10.0
SAME = 1e-3  # units: ends closer than this are one
STROKE_OUTPUTS = 3  # of a cell: a segment, the cosine and sine of twice its direction


def ends_of(record: dict[str, Any]) -> tuple[list[Point], list[tuple[int, int]]]:
    """Return the ends of a figure's segments, each once, and segments as pairs of their numbers."""
    places: list[Point] = []
    pairs = []
    for x0, y0, x1, y1 in record["segments"]:
        pairs.append((_number(places, (x0, y0)), _number(places, (x1, y1))))
    return places, pairs


def _number(places: list[Point], place: Point) -> int:
    for i, known in enumerate(places):
        if math.dist(known, place) < SAME:
            return i
    places.append(place)
    return len(places) - 1


def false_end(record: dict[str, Any], rng: Generator) -> Point:
    """Return a place that may be taken for an end: a crossing, a point of a segment or circle, or any."""
    segments = [((x0, y0), (x1, y1)) for x0, y0, x1, y1 in record["segments"]]
    kind = float(rng.random())
    if kind < 0.4 and len(segments) > 1:
        i, j = rng.choice(len(segments), 2, replace=False).tolist()
        found = crossing(*segments[i], *segments[j])
        if found is not None and max(map(abs, found)) < REACH:
            return found
    if kind < 0.6 and segments:
        a, b = segments[int(rng.integers(len(segments)))]
        return along(a, b, float(rng.uniform(-0.1, 1.1)))
    if kind < 0.75 and record["circles"]:
        x, y, r = record["circles"][0]
        turn = float(rng.uniform(0, 2 * math.pi))
        return x + r * math.cos(turn), y + r * math.sin(turn)
    if kind < 0.85 and record["letters"]:
        return tuple(record["letters"][int(rng.integers(len(record["letters"])))][3:5])
    return float(rng.uniform(-REACH, REACH)), float(rng.uniform(-REACH, REACH))


def false_circle(record: dict[str, Any], rng: Generator) -> Circle:
    """Return a circle that is none: through three ends, or near a true one, or any."""
    ends = ends_of(record)[0]
    if len(ends) >= 3 and rng.random() < 0.5:
        a, b, c = (ends[int(i)] for i in rng.choice(len(ends), 3, replace=False))
        center = circumcenter(a, b, c)
        if center is not None and max(map(abs, center)) < REACH and math.dist(center, a) < REACH:
            return (*center, math.dist(center, a))
    if record["circles"] and rng.random() < 0.5:
        x, y, r = record["circles"][0]
        return x + float(rng.normal(0, 1)), y + float(rng.normal(0, 1)), r * float(rng.uniform(0.5, 1.3))
    x, y = rng.uniform(-REACH / 2, REACH / 2, 2).tolist()
    return x, y, float(rng.uniform(0.5, 5))


def keypoint_cells(record: dict[str, Any], cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, 4): whether an end and round ink lie in a cell, and where in it the end is, 0 to 1."""
    out = np.zeros((cells, cells, 4), np.float32)
    for place in ends_of(record)[0]:
        column, row = _cell(place, cells)
        if 0 <= column < cells and 0 <= row < cells:
            out[int(row), int(column), 0] = 1
            out[int(row), int(column), 2:] = column % 1, row % 1
    for x, y, r in record["circles"]:
        turns = np.linspace(0, 2 * math.pi, 400)
        rows, columns = _passed(x + r * np.cos(turns), y + r * np.sin(turns), cells)
        out[rows, columns, 1] = 1
    return out


def letter_cells(record: dict[str, Any], cells: int) -> NDArray[np.int64]:
    """Return (cells, cells): the number of the letter whose middle lies in a cell, 1 for A; 0 if none does."""
    out = np.zeros((cells, cells), np.int64)
    for name, _, _, x, y in record["letters"]:
        column, row = _cell((x, y), cells)
        if 0 <= column < cells and 0 <= row < cells:
            out[int(row), int(column)] = 1 + ord(name) - ord("A")
    return out


def stroke_cells(record: dict[str, Any], cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, STROKE_OUTPUTS)."""
    out = np.zeros((cells, cells, STROKE_OUTPUTS), np.float32)
    for x0, y0, x1, y1 in record["segments"]:
        turn = 2 * math.atan2(y1 - y0, x1 - x0)
        rows, columns = _passed(np.linspace(x0, x1, 120), np.linspace(y0, y1, 120), cells)
        out[rows, columns] = 1, math.cos(turn), math.sin(turn)
    return out


def _cell(place: Point, cells: int) -> Point:
    return (place[0] + REACH) / (2 * REACH) * cells, (REACH - place[1]) / (2 * REACH) * cells


def _passed(x: NDArray[np.float64], y: NDArray[np.float64], cells: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    columns = ((x + REACH) / (2 * REACH) * cells).astype(np.intp)
    rows = ((REACH - y) / (2 * REACH) * cells).astype(np.intp)
    inside = (columns >= 0) & (columns < cells) & (rows >= 0) & (rows < cells)
    return rows[inside], columns[inside]
