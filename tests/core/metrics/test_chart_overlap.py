"""The share of a chart's values that were read."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.metrics.chart_overlap import TOLERANCES, Level, point_overlap, published_overlap
from ocr2.metrics.chart_points import table_of, transpose

names = st.text("abAB ", max_size=3)
printed = st.sampled_from(["1", "1.04", "2", "1%", "-1", "x", "n/a", None, 0, 3.5])
values = st.one_of(
    st.dictionaries(names, printed, max_size=4), st.dictionaries(names, st.dictionaries(names, printed), max_size=3)
)
MEASURES = (point_overlap, published_overlap)


def overlaps(truth: Any, answer: Any, *, compat: bool = False) -> list[float]:
    """Return the overlap within each tolerance."""
    wanted, given_ = table_of({"values": truth}).points, table_of({"values": answer}).points
    measure = published_overlap if compat else point_overlap
    return [measure(wanted, given_, tolerance) for tolerance in TOLERANCES.values()]


@settings(deadline=None)
@given(values)
def test_a_chart_agrees_with_itself_in_full(chart: Any) -> None:
    assert overlaps(chart, chart) == overlaps(chart, chart, compat=True) == [1, 1, 1]


@settings(deadline=None)
@given(values, values)
def test_overlaps_are_shares_and_grow_with_the_tolerance(truth: Any, answer: Any) -> None:
    found = overlaps(truth, answer)
    assert all(0 <= overlap <= 1 for overlap in found)
    assert all(low <= high for low, high in pairwise(found))
    assert all(overlap >= 0 for overlap in overlaps(truth, answer, compat=True))


@settings(deadline=None)
@given(values, values)
def test_exchanging_series_and_labels_changes_nothing(truth: Any, answer: Any) -> None:
    wanted, given_ = table_of({"values": truth}).points, table_of({"values": answer}).points
    for tolerance in TOLERANCES.values():
        assert point_overlap(wanted, transpose(given_), tolerance) == point_overlap(wanted, given_, tolerance)


@settings(deadline=None)
@given(values, st.randoms())
def test_the_order_of_points_does_not_matter(chart: Any, random: Any) -> None:
    points = list(table_of({"values": chart}).points)
    shuffled = random.sample(points, len(points))
    assert point_overlap(points, shuffled, TOLERANCES["strict"]) == 1


@pytest.mark.parametrize(
    ("truth", "answer", "clean", "compat"),
    [
        # A name that contains the other is as good as equal for the script, however short.
        ({"Revenue": 5}, {"e": 5}, [0, 0, 0], [1, 1, 1]),
        ({"A": {"Revenue": 5}}, {"A": {"Revenue of the year": 5}}, [0, 0, 0], [1, 1, 1]),
        # Several values may match one truth there, by which the overlap can even exceed 1.
        ({"a": 10}, {"a": 10, "b": 10}, [1 / 2] * 3, [1 / 2, 2, 2]),
        ({"a": 10, "b": 10}, {"a": 10}, [1 / 2] * 3, [1 / 2] * 3),
        # Names are glued together.
        ({"ab": {"c": 1}}, {"a": {"bc": 1}}, [0, 1, 1], [1, 1, 1]),
        # Points are brought together by their places.
        ({"A": {"S": 1}, "B": {"S": 2}}, {"S": {"B": 2, "A": 1}}, [1, 1, 1], [1, 1, 1]),
        ({"S": {"A": 1}, "T": {"A": 2}}, {"A": {"S": 1}}, [1 / 2] * 3, [1 / 2] * 3),
        # Numbers lose what is no digit.
        ({"a": "1.2e3"}, {"a": "1200"}, [1, 1, 1], [0, 0, 0]),
        ({"a": "(5)"}, {"a": "5"}, [0, 0, 0], [1, 1, 1]),
        ({"a": "−3"}, {"a": "3"}, [0, 0, 0], [1, 1, 1]),
        # Texts are compared with the names.
        ({"a": "n/a"}, {"a": "N/A"}, [1, 1, 1], [0, 1, 1]),
        ({"a": "low"}, {"b": "lox"}, [0, 1, 1], [0, 1, 1]),
        ({"a": "low"}, {"a": "3"}, [0, 0, 0], [0, 0, 1]),
        # Zero is met by zero only.
        ({"a": 0}, {"a": 0.01}, [0, 0, 0], [0, 0, 0]),
        ({"a": 0}, {"a": "0.0%"}, [1, 1, 1], [1, 1, 1]),
        # A bound belongs to what it allows.
        ({"a": 40}, {"a": 42}, [0, 1, 1], [0, 1, 1]),
        ({"a": 1}, {"a": 1.1}, [0, 0, 1], [0, 0, 1]),
        ({"a": -40}, {"a": -43}, [0, 0, 1], [0, 0, 1]),
        # Something and nothing.
        ({}, {}, [1, 1, 1], [1, 1, 1]),
        ({"a": 1}, {}, [0, 0, 0], [0, 0, 0]),
        ({}, {"a": 1}, [0, 0, 0], [0, 0, 0]),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, [2 / 3] * 3, [2 / 3] * 3),
        # Labels that are equal but for case are points of their own.
        ({"a": 1, "A": 1}, {"A": 1}, [1 / 2] * 3, [1, 1, 1]),
    ],
)
def test_overlaps_by_hand(truth: Any, answer: Any, clean: list[float], compat: list[float]) -> None:
    assert overlaps(truth, answer) == pytest.approx(clean)
    assert overlaps(truth, answer, compat=True) == pytest.approx(compat)


def test_points_are_matched_so_that_most_find_a_partner() -> None:
    """The truth's 100 could take either value, its 108 only the higher one."""
    assert overlaps({"a": 100, "b": 108}, {"x": 109, "y": 95})[2] == 1


@pytest.mark.parametrize("level", TOLERANCES)
@pytest.mark.parametrize("measure", MEASURES)
def test_many_points_are_compared(measure: Any, level: Level) -> None:
    truth = {f"series {i}": {f"label {j}": i * 10 + j for j in range(100)} for i in range(3)}
    answer = {f"label {j}": {f"series {i}": i * 10 + j for i in range(3)} for j in reversed(range(100))}
    points = table_of({"values": truth}).points
    assert measure(points, points, TOLERANCES[level]) == 1
    assert point_overlap(points, table_of({"values": answer}).points, TOLERANCES[level]) == 1


def test_many_equal_points_are_matched_one_to_one() -> None:
    truth, answer = {"S": [5] * 300}, {"S": [5] * 150 + [9] * 150}
    assert overlaps(truth, answer)[0] == 150 / 450
