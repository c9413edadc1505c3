"""What onechart-nano is to write about a drawn chart, and dense targets for its encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ocr2.onechart.lines import order_lines
from ocr2.onechart.sketch import Sketch, SketchPoint, SketchSeries
from ocr2.reader import PlacedText
from ocr2.synth.charts.content import ROUND
from ocr2.synth.charts.drawn import Role

ROLES: tuple[str, ...] = get_args(Role)
FIELD_OF = {
    "title": "title",
    "source": "source",
    "x_title": "x_title",
    "y_title": "y_title",
    "second_title": "second_title",
    "tick": "value_axis",
    "second_tick": "second_axis",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of writing and what it is for."""

    text: PlacedText
    role: str
    series: int
    index: int


def lines_of(record: dict[str, Any]) -> list[Line]:
    """Return a record's writing in the order in which the model numbers it."""
    known = {id(line.text): line for line in map(_line, record["texts"])}
    return [known[id(text)] for text in order_lines([line.text for line in known.values()], record["height"])]


def _line(row: dict[str, Any]) -> Line:
    x, y, w, h = row["x"], row["y"], row["width"], row["height"]
    text = PlacedText(row["text"], (x - w / 2, y - h / 2, x + w / 2, y + h / 2), row["angle"])
    return Line(text, row["role"], row["series"], row["index"])


def sketch_of(record: dict[str, Any], lines: Sequence[Line]) -> Sketch:
    """Return the sketch of a chart whose writing is found as `lines`; what they lack is said by its place."""
    fields: dict[str, list[int]] = {}
    labels: dict[int, list[int]] = {}
    values: dict[tuple[int, int], int] = {}
    names: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        if line.role in FIELD_OF:
            fields.setdefault(FIELD_OF[line.role], []).append(i)
        elif line.role == "label" and record["numeric_labels"]:
            fields.setdefault("label_axis", []).append(i)
        elif line.role == "label" and line.index >= 0:
            labels.setdefault(line.index, []).append(i)
        elif line.role == "value":
            values[line.series, line.index] = i
        elif line.role == "legend" and line.series >= 0:
            names.setdefault(line.series, []).append(i)
    places = {(p["series"], p["index"]): p for p in record["points"]}
    series = tuple(
        SketchSeries(
            tuple(names.get(i, ())),
            tuple(
                SketchPoint(
                    tuple(labels[j]) if j in labels else _label_place(record, places[i, j]),
                    values[i, j] if (i, j) in values else _value_place(record, s, j, places[i, j]),
                )
                for j, value in enumerate(s["values"])
                if value is not None and (i, j) in places
            ),
            by_line=s["line"],
            on_second=s["second"],
        )
        for i, s in enumerate(record["series"])
    )
    return Sketch(record["kind"], record["arrangement"], {k: tuple(v) for k, v in fields.items()}, series)


def _label_place(record: dict[str, Any], point: dict[str, Any]) -> float:
    share = point["y"] / record["height"] if record["kind"] == "hbar" else point["x"] / record["width"]
    return float(min(1.0, max(0.0, share)))


def _value_place(record: dict[str, Any], series: dict[str, Any], index: int, point: dict[str, Any]) -> float:
    if record["kind"] in ROUND:
        return float(series["values"][index] / max(1e-9, sum(v or 0.0 for v in series["values"])))
    share = point["x"] / record["width"] if record["kind"] == "hbar" else point["y"] / record["height"]
    return float(min(1.0, max(0.0, share)))


def values_in_order(record: dict[str, Any]) -> list[float]:
    """Return all values in the order in which the sketch names them."""
    places = {(p["series"], p["index"]) for p in record["points"]}
    return [
        float(v)
        for i, s in enumerate(record["series"])
        for j, v in enumerate(s["values"])
        if v is not None and (i, j) in places
    ]


def cell_targets(record: dict[str, Any], cells: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return dense targets on a grid of (cells, cells): the role of writing, and where a value ends.

    Returns:
        Roles (cells, cells), 0 for none; marks (cells, cells, 3): whether a value ends in the cell, and where in it.
    """
    roles = np.zeros((cells, cells), np.int64)
    marks = np.zeros((cells, cells, 3), np.float32)
    width, height = record["width"], record["height"]
    for row in record["texts"]:
        turn = np.radians(row["angle"])
        steps = np.linspace(-0.5, 0.5, max(2, int(row["width"] / width * cells * 2)))
        xs = (row["x"] + steps * row["width"] * np.cos(turn)) / width * cells
        ys = (row["y"] - steps * row["width"] * np.sin(turn)) / height * cells
        inside = (xs >= 0) & (xs < cells) & (ys >= 0) & (ys < cells)
        roles[ys[inside].astype(int), xs[inside].astype(int)] = 1 + ROLES.index(row["role"])
    for point in record["points"]:
        x, y = point["x"] / width * cells, point["y"] / height * cells
        if 0 <= x < cells and 0 <= y < cells:
            marks[int(y), int(x)] = (1.0, x % 1, y % 1)
    return roles, marks
