"""Points of a chart, and numbers as they are printed."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.chart_points import Point, arrangements, parse_number, table_of, tidy, transpose


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("1,234", 1234),
        ("1,234.5", 1234.5),
        ("12,34,567", 1234567),
        ("0,123", 0.123),
        ("12,5", 12.5),
        ("1.234.567,8", 1234567.8),
        ("1 234,5", 1234.5),
        ("1'234", 1234),
        ("1.2e3", 1200),
        ("2E-2", 0.02),
        (".5", 0.5),
        ("5.", 5),
        ("(5)", -5),
        ("(1,234.5)", -1234.5),
        ("($5)", -5),
        ("12 %", 12),
        ("12％", 12),
        ("−3", -3),
        ("–3.5", -3.5),
        ("+7", 7),
        ("-$5", -5),
        ("$-5", -5),
        ("US$ 1.50", 1.5),
        ("EUR 20", 20),
        ("30 kg", 30),
        ("12[3]", 12),
        ("12 (3)", 12),
        ("１２", 12),
        ("3万", 3),
        (7, 7),
        (-2.5, -2.5),
    ],
)
def test_printed_numbers_are_read(printed: object, number: float) -> None:
    assert parse_number(printed) == number


@pytest.mark.parametrize(
    "printed",
    [
        "", " ", "-", "n/a", "None", "10-20", "2020-01", "12:30", "1,234,5", "5%%5", "Level 3", "e5", "()", "(a)",
        "nan", "inf", "1e999", "1" * 500, "1,2" * 40, 10**400, math.nan, math.inf, True, None, [1], {"a": 1},
    ],
)  # fmt: skip
def test_what_is_no_number_is_none(printed: object) -> None:
    assert parse_number(printed) is None


@given(st.floats(-1e12, 1e12, allow_subnormal=False))
def test_what_python_prints_is_read_back(number: float) -> None:
    assert parse_number(str(number)) == parse_number(number) == number
    assert parse_number(f"{number:,.6f} %") == pytest.approx(float(f"{number:.6f}"))


@given(st.text("0123456789.,-()eE% $'", max_size=70))
def test_any_row_of_characters_is_a_finite_number_or_none(text: str) -> None:
    number = parse_number(text)
    assert number is None or math.isfinite(number)


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ({}, []),
        ([], []),
        ({"a": "1"}, [(None, "a", "1")]),
        ({"S": {"a": 1}, "b": None}, [("S", "a", 1), (None, "b", None)]),
        ({"a": ["1", 2]}, [("a", "1", "1"), ("a", "2", 2)]),
        (["x", {"a": 3}], [(None, "1", "x"), ("2", "a", 3)]),
        ({"a": {"b": {"c": 1}}}, [("a b", "c", 1)]),
    ],
)
@pytest.mark.parametrize("key", ["values", "data"])
def test_values_are_walked_in_order(values: object, points: list[tuple[Any, ...]], key: str) -> None:
    assert [(p.series, p.label, p.value) for p in table_of({key: values}).points] == points


@pytest.mark.parametrize("chart", [{}, {"values": None}, {"values": "1"}, {"values": 3}])
def test_a_chart_without_values_is_refused(chart: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected values as an object, got "):
        table_of(chart)


def test_values_without_end_are_refused() -> None:
    values: object = 1
    for _ in range(500):
        values = {"a": values}
    with pytest.raises(ValueError, match="at most 20 levels"):
        table_of({"values": values})


def test_names_are_compared_without_case_and_blanks() -> None:
    assert tidy([Point(" Net  Sales", "STRASSE\n", " N/A "), Point(None, "Straße", None)]) == [
        Point("net sales", "strasse", "n/a"),
        Point(None, "strasse", ""),
    ]


def test_a_series_without_a_name_stands_beside_a_named_one_either_way_round() -> None:
    flat = [Point(None, "a", 1.0), Point(None, "b", 2.0)]
    named = [Point("sales", "a", 1.0), Point("sales", "b", 2.0)]
    for other in (named, transpose(named)):
        assert (flat, flat) in list(arrangements(flat, other))
        assert (flat, flat) in list(arrangements(other, flat))
    assert list(arrangements(flat, flat)) == [(flat, flat)]
    assert list(arrangements(named, named)) == [(named, named), (named, transpose(named))]
