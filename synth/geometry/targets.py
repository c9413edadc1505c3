"""Training targets of figures: keypoints, false keypoints, dense targets. Model units, y up; rows from the top."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.geometry.parts import Point, along, crossing
from ocr2.synth.geometry.figure import Circle, circumcenter
from ocr2.synth.geometry.records import FigureRecord, circles_of, letters_of

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
    if kind < 0.85 and record.get("texts"):  # somewhere in writing
        left, bottom, right, top = (float(v) for v in record["texts"][int(rng.integers(len(record["texts"])))][2:6])
        return float(rng.uniform(left, right)), float(rng.uniform(bottom, top))
    if kind < 0.85 and record["letters"]:
        return letters_of(record)[int(rng.integers(len(record["letters"])))][2]
    if kind < 0.93 and record.get("marks"):  # an end of a tick, a corner of a square
        x, y = (float(v) for v in record["marks"][int(rng.integers(len(record["marks"])))][2:4])
        return x + float(rng.normal(0, 0.3)), y + float(rng.normal(0, 0.3))
    return float(rng.uniform(-REACH, REACH)), float(rng.uniform(-REACH, REACH))


def false_circle(record: FigureRecord, rng: Generator) -> Circle:
    """Return a false circle: through three ends, or near a true one, or any."""
    ends = ends_of(record)[0]
    if len(ends) >= 3 and rng.random() < 0.5:
        a, b, c = (ends[int(i)] for i in rng.choice(len(ends), 3, replace=False))
        center = circumcenter(a, b, c)
        if center is not None and max(map(abs, center)) < REACH and math.dist(center, a) < REACH:
            return (*center, math.dist(center, a))
    arcs = [mark for mark in record.get("marks", ()) if mark[0] == "arc"]
    if arcs and rng.random() < 0.5:  # around the vertex of an angle
        x, y, vertex_x, vertex_y = (float(v) for v in arcs[int(rng.integers(len(arcs)))][2:6])
        return vertex_x, vertex_y, max(0.2, math.dist((x, y), (vertex_x, vertex_y)))
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
    for x, y, r, start, end in rounds_of(record):
        turns = np.radians(np.linspace(start, end, 400))
        rows, columns = _passed(x + r * np.cos(turns), y + r * np.sin(turns), cells)
        out[rows, columns, 1] = 1
    return out


def rounds_of(record: FigureRecord) -> list[tuple[float, float, float, float, float]]:
    """Return circles, and arcs behind them: x, y, radius, and degrees where they start and end."""
    whole = [(x, y, r, 0.0, 360.0) for x, y, r in circles_of(record)]
    return [*whole, *((x, y, r, start, end) for x, y, r, start, end in record.get("arcs", ()))]


def mark_cells(record: FigureRecord, cells: int, kinds: Sequence[tuple[str, int]]) -> NDArray[np.int64]:
    """Return (cells, cells): the mark whose middle is in a cell, from 1 in the order of `kinds`; 0 for none."""
    out = np.zeros((cells, cells), np.int64)
    for kind, count, x, y, *_ in record.get("marks", ()):
        column, row = _cell((float(x), float(y)), cells)
        if 0 <= column < cells and 0 <= row < cells:
            out[int(row), int(column)] = 1 + kinds.index((str(kind), int(count)))
    return out


def writing_cells(record: FigureRecord, cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, 2): 1 if a cell's middle lies in a text's box, and if the head of an arrow is there."""
    out = np.zeros((cells, cells, 2), np.float32)
    for text in record.get("texts", ()):
        rows, columns = _inside(_text_box(text, cells), cells)
        out[rows, columns, 0] = 1
    for x, y in record.get("arrows", ()):
        column, row = _cell((x, y), cells)
        if 0 <= column < cells and 0 <= row < cells:
            out[int(row), int(column), 1] = 1
    return out


def text_cells(record: FigureRecord, cells: int) -> NDArray[np.float32]:
    """Return (cells, cells, 4): cells from a cell's middle to the left, top, right and bottom of its writing's box.

    0 where there is none; of two boxes the smaller one counts.
    """
    out = np.zeros((cells, cells, 4), np.float32)
    for box in sorted((_text_box(text, cells) for text in record.get("texts", ())), key=lambda b: -_area(b)):
        rows, columns = _inside(box, cells)
        x, y = np.meshgrid(np.arange(cells)[columns] + 0.5, np.arange(cells)[rows] + 0.5)
        out[rows, columns] = np.stack([x - box[0], y - box[1], box[2] - x, box[3] - y], axis=-1)
    return out


def _text_box(text: list[str | float], cells: int) -> tuple[float, float, float, float]:
    """Return the box of writing: left, top, right, bottom in cells."""
    left, bottom, right, top = (float(v) for v in text[2:6])
    (x0, y1), (x1, y0) = _cell((left, bottom), cells), _cell((right, top), cells)
    return x0, y0, x1, y1


def _area(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _inside(box: tuple[float, float, float, float], cells: int) -> tuple[slice, slice]:
    """Return the rows and columns of cells whose middles lie in a box, one at least."""
    x0, y0, x1, y1 = box
    left, top = (min(max(0, round(v)), cells - 1) for v in (x0, y0))
    return slice(top, max(round(y1), top + 1)), slice(left, max(round(x1), left + 1))


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
