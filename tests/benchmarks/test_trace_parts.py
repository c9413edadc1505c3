"""Counts of marks, measures, arrows and arcs of a trace against the record of a figure."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.trace_parts import (
    arrow_counts,
    mark_counts,
    measure_counts,
    rounds_of_record,
    rounds_of_trace,
)
from ocr2.results.figure import Arc, Circle, Label, Mark, Point, Segment, Trace

# A right triangle at the vertex A, in pixels of a picture of 200 with ten to a unit.
A, B, C = (40.0, 160.0), (160.0, 160.0), (40.0, 60.0)
RECORD: dict[str, Any] = {
    "circles": [[0.0, 0.0, 3.0]],
    "arcs": [[1.0, 1.0, 2.0, 0.0, 90.0]],
    "arrows": [[6.0, -6.0], [-6.0, 4.0]],
    "marks": [
        ["square", 1, -5.5, -5.5, -6.0, -6.0, 6.0, -6.0, -6.0, 4.0],  # the vertex first
        ["tick", 2, 0.0, -6.0, -6.0, -6.0, 6.0, -6.0],
    ],
    "texts": [
        ["12 − x", "side", -1.0, -8.0, 1.0, -7.0, -6.0, -6.0, 6.0, -6.0],
        ["40°", "angle", 3.0, -6.0, 4.0, -5.0, 6.0, -6.0, -6.0, -6.0, -6.0, 4.0],
    ],
}
TRACE = Trace(
    file="x", page=1, width=200, height=200, model="m", weights_sha256="", ruler=None,
    segments=(Segment(A, B, arrows=(False, True)), Segment(A, C)),
    circles=(Circle((100.0, 100.0), 30.0),),
    arcs=(Arc((110.0, 90.0), 20.0, 0.0, 40.0), Arc((110.0, 90.0), 20.0, 50.0, 90.0)),
    points={"A": A, "B": B, "C": C},
    marks=(Mark("square", 1, (45.0, 155.0), ("C", "A", "B")), Mark("tick", 2, (101.0, 160.0), ("B", "A"))),
    labels=(
        Label("12-x", (90.0, 170.0, 110.0, 180.0), "side", ("A", "B")),
        Label("4°", (130.0, 150.0, 140.0, 160.0), "angle", ("A", "B", "C")),
        Label("A", (20.0, 165.0, 30.0, 175.0), "point", ("A",)),
    ),
)  # fmt: skip


def to_units(pixel: Point) -> Point:
    return pixel[0] / 10 - 10, 10 - pixel[1] / 10


@pytest.mark.parametrize("placed", [False, True])
def test_marks_at_their_places_count(placed: bool) -> None:
    counts = mark_counts(TRACE, RECORD, to_units, placed=placed)
    assert (counts.found, counts.answers, counts.truths) == (2, 2, 2)


def test_marks_on_another_side_count_where_names_do_not() -> None:
    square, tick = TRACE.marks
    wrong = replace(TRACE, marks=(square, replace(tick, of=("A", "C"))))
    assert mark_counts(wrong, RECORD, to_units, placed=False).found == 2
    assert mark_counts(wrong, RECORD, to_units, placed=True).found == 1
    other = replace(TRACE, marks=(replace(square, count=2), replace(tick, place=(120.0, 160.0)), tick, tick))
    assert mark_counts(other, RECORD, to_units, placed=True).found == 1  # each truth once


def test_measures_count_at_what_they_name_and_as_they_are_read() -> None:
    placed, read = measure_counts(TRACE, RECORD, to_units, "side")
    assert (placed.found, read.found, placed.truths) == (1, 1, 1)
    placed, read = measure_counts(TRACE, RECORD, to_units, "angle")
    assert (placed.found, read.found, placed.truths) == (1, 0, 1)
    first, *others = TRACE.labels
    moved = replace(TRACE, labels=(replace(first, of=("A", "C")), *others))
    assert measure_counts(moved, RECORD, to_units, "side")[0].found == 0


def test_arrows_and_rounds_count_once() -> None:
    counts = arrow_counts(TRACE, RECORD, to_units)
    assert (counts.found, counts.answers, counts.truths) == (1, 1, 2)
    assert rounds_of_trace(TRACE) == [((100.0, 100.0), 30.0), ((110.0, 90.0), 20.0)]
    assert rounds_of_record(RECORD) == [(0.0, 0.0, 3.0), (1.0, 1.0, 2.0)]
    plain: dict[str, Any] = {"circles": [], "marks": []}
    assert arrow_counts(TRACE, plain, to_units).truths == mark_counts(TRACE, plain, to_units, placed=True).truths == 0
