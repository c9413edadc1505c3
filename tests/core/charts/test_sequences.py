"""Labels in a sequence are put right where they were misread, and nowhere else."""

import pytest

from ocr2.charts.plot.sequences import repair_sequence, without_ticks


@pytest.mark.parametrize(
    ("read", "right"),
    [
        (["G", "d", "e", "f", "9", "h"], ["c", "d", "e", "f", "g", "h"]),
        (["A", "8", "C", "D", "E"], ["A", "B", "C", "D", "E"]),
        (["Nov", "Dec", "Jon", "Feb", "Mar"], ["Nov", "Dec", "Jan", "Feb", "Mar"]),
        (["E", "D", "G", "B", "A"], ["E", "D", "C", "B", "A"]),
        (["P1r", "P2", "P3", "p4"], ["P1", "P2", "P3", "P4"]),
        (["Week 1", "Week 2", "Week 3", "Week 4|"], ["Week 1", "Week 2", "Week 3", "Week 4"]),
    ],
)
def test_what_looks_like_its_place_is_put_right(read: list[str], right: list[str]) -> None:
    assert repair_sequence(read) == right


@pytest.mark.parametrize(
    "labels",
    [
        ["A", "B", "C", "E"],  # no D: E is not read for it
        ["P10", "P20", "P30", "P40"],
        ["Line 1", "Line 2", "Line 3", "Line 40"],
        ["2010", "2011", "2O12", "2013"],
        ["cat", "dog", "cow"],
        ["a", "b"],
        [],
    ],
)
def test_what_is_no_misreading_stays(labels: list[str]) -> None:
    assert repair_sequence(labels) == labels


@pytest.mark.parametrize(
    ("read", "label"),
    [("left-", "left"), ("_Fri", "Fri"), ("Sat –", "Sat"), ("A-B", "A-B"), ("-5", "-5"), ("—", "—"), ("", "")],
)
def test_marks_of_ticks_are_no_part_of_labels(read: str, label: str) -> None:
    assert without_ticks(read) == label
