"""Training targets of figures: keypoints, false keypoints, dense targets. Model units, y up; rows from the top."""

import math

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.geometry.figure import Circle, Point, along, circumcenter, crossing
from ocr2.synth.geometry.records import FigureRecord, letters_of

REACH = 10.0  # half the square's side, units
MIN_APART = 1e-3  # units: ends closer than this are one
STROKE_OUTPUTS = 3  # of a cell: whether a segment passes, the cosine and sine of twice its direction


def ends_of(record: FigureRecord) -> tuple[list[Point], list[tuple[int, int]]]:
    """Return the ends of a figure's segments, each once, and segments as pairs of their numbers."""
    places: list[Point] = []
    pairs = []
    for x0, y0, x1, y1 in record["segments"]:
        pairs.append((_number(places, (x0, y0)), _number(places, (x1, y1))))
    return places, pairs


def _number(places: list[Point], place: Point) -> int:
    for i, known in enumerate(places):
        if math.dist(known, place) < MIN_APART:
            return i
    places.append(place)
    return len(places) - 1


def false_end(record: FigureRecord, rng: Generator) -> Point:
    """Return a point that may be mistaken for an end: a crossing, a point of a segment or circle, a letter, or any."""
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
        return letters_of(record)[int(rng.integers(len(record["letters"])))][2]
    return float(rng.uniform(-REACH, REACH)), float(rng.uniform(-REACH, REACH))


def false_circle(record: FigureRecord, rng: Generator) -> Circle:
    """Return a false circle: through three ends, or near a true one, or any."""
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


def keypoint_cells(record: FigureRecord, cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, 4): 1 if a cell has an end, 1 if a circle passes, and the end's position in the cell."""
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


def letter_cells(record: FigureRecord, cells: int) -> NDArray[np.int64]:
    """Return (cells, cells): the letter whose middle is in a cell, from 1 for A; 0 for none."""
    out = np.zeros((cells, cells), np.int64)
    for name, _, middle in letters_of(record):
        column, row = _cell(middle, cells)
        if 0 <= column < cells and 0 <= row < cells:
            out[int(row), int(column)] = 1 + ord(name) - ord("A")
    return out


def stroke_cells(record: FigureRecord, cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, STROKE_OUTPUTS): segments that pass through a cell."""
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
