"""Training targets of onechart-nano: the sketch of a chart, and dense targets for the encoder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.data_points import MAX_POINTS, Place, order_points
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries
from ocr2.onechart.nano.text_lines import order_lines
from ocr2.synth.charts.content import ROUND
from ocr2.synth.charts.records import ChartRecord, TextRecord
from ocr2.synth.charts.rendered import Role

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
    """A line of text and its role; -1 for no series or label."""

    text: TextBox
    role: Role
    series: int
    index: int


def lines_of(record: ChartRecord) -> list[Line]:
    """Return a record's text in the order in which the model numbers it."""
    known = {id(line.text): line for line in map(_line, record["texts"])}
    return [known[id(text)] for text in order_lines([line.text for line in known.values()], record["height"])]


def _line(row: TextRecord) -> Line:
    x, y, w, h = row["x"], row["y"], row["width"], row["height"]
    text = TextBox(row["text"], (x - w / 2, y - h / 2, x + w / 2, y + h / 2), row["angle"])
    return Line(text, row["role"], row["series"], row["index"])


def points_of(record: ChartRecord, cells: int) -> tuple[list[Place], dict[tuple[int, int], int]]:
    """Return the data points of a chart in reading order, at most one in each cell of a grid.

    Returns:
        Normalised coordinates, and for (series, index) the number of its data point; values outside the picture have
        none.
    """
    held: dict[tuple[int, int], list[tuple[int, int]]] = {}
    places: dict[tuple[int, int], Place] = {}
    for point in record["points"]:
        x, y = point["x"] / record["width"], point["y"] / record["height"]
        if 0 <= x < 1 and 0 <= y < 1:
            cell = int(x * cells), int(y * cells)
            held.setdefault(cell, []).append((point["series"], point["index"]))
            places[cell] = x, y
    ordered = order_points(list(places.values()))[:MAX_POINTS]
    numbers = {place: i for i, place in enumerate(ordered)}
    owners = {owner: numbers[p] for cell, p in places.items() if p in numbers for owner in held[cell]}
    return ordered, owners


def sketch_of(
    record: ChartRecord, lines: Sequence[Line], points: Mapping[tuple[int, int], int], first_point: int
) -> tuple[Sketch, list[float]]:
    """Return the sketch of a chart and its values in the same order.

    The order is visible in the picture: series as in the legend, values from left to right (horizontal bars from top to
    bottom, slices in the order of their labels). Values with neither a text line nor a data point are left out.

    Args:
        record: The chart.
        lines: The chart's text lines as they were detected.
        points: Number of the data point of (series, index).
        first_point: Number of the first data point among elements.
    """
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
    nowhere = len(lines)

    def key(owner: tuple[int, int]) -> tuple[float, int]:
        if record["kind"] in ROUND:
            return float(labels.get(owner[1], [nowhere])[0]), owner[1]
        return float(places[owner]["y" if record["kind"] == "hbar" else "x"]), owner[1]

    series: list[SketchSeries] = []
    numbers: list[float] = []
    for i in sorted(range(len(record["series"])), key=lambda i: (names.get(i, [nowhere])[0], i)):
        one, shown = record["series"][i], []
        for owner in sorted((o for o in places if o[0] == i), key=key):
            value = one["values"][owner[1]]
            point = [first_point + points[owner]] if owner in points else []
            label = tuple(labels.get(owner[1], point))
            element = [values[owner]] if owner in values else point
            if value is not None and label and element:
                shown.append(SketchPoint(label, element[0]))
                numbers.append(float(value))
        series.append(SketchSeries(tuple(names.get(i, ())), tuple(shown), one["line"], one["second"]))
    held = {name: tuple(found) for name, found in fields.items()}
    return Sketch(record["kind"], record["arrangement"], held, tuple(series)), numbers


def link_values(
    lines: Sequence[Line], points: Mapping[tuple[int, int], int], first_point: int
) -> dict[int, tuple[int, int]]:
    """Return the label's line and the legend entry of every element that is a value; -1 for none."""
    labels: dict[int, int] = {}
    entries: dict[int, int] = {}
    for i, line in enumerate(lines):
        if line.role == "label" and line.index >= 0:
            labels.setdefault(line.index, i)
        elif line.role == "legend" and line.series >= 0:
            entries.setdefault(line.series, i)
    owners = {first_point + number: owner for owner, number in points.items()}
    owners |= {i: (line.series, line.index) for i, line in enumerate(lines) if line.role == "value"}
    return {element: (labels.get(index, -1), entries.get(series, -1)) for element, (series, index) in owners.items()}


def cell_targets(record: ChartRecord, cells: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return dense targets on a grid: roles of text, and data points.

    Returns:
        Roles (cells, cells), 0 for none; data points (cells, cells, 3): 1 if the cell has one, and its position in the
        cell, 0 to 1.
    """
    roles = np.zeros((cells, cells), np.int64)
    points = np.zeros((cells, cells, 3), np.float32)
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
            points[int(y), int(x)] = (1.0, x % 1, y % 1)
    return roles, points
