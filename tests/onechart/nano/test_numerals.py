"""Printed values are set right by their fellows, and left alone where these say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.onechart.nano.numerals import agree


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("1.25; 2,70; 3.10; 4.95", "1.25; 2.70; 3.10; 4.95"),
        ("1,250; 2.700; 3,100; 4,950", "1,250; 2,700; 3,100; 4,950"),
        ("1,5; 2,7; 3.1; 4,9", "1,5; 2,7; 3,1; 4,9"),
        ("€76/7; €81.2; €90.4; €12.0", "€76.7; €81.2; €90.4; €12.0"),
        ("I10 km; 194 km; 1.O5", "110 km; 194 km; 1.05"),
        ("47.70; 60.00; 4000; 22.10", "47.70; 60.00; 40.00; 22.10"),
        ("1.90M; 190M; 2.05M; 7.14M", "1.90M; 1.90M; 2.05M; 7.14M"),
    ],
)
def test_what_most_others_show_is_taken(read: str, meant: str) -> None:
    assert agree(read.split("; ")) == meant.split("; ")


@pytest.mark.parametrize(
    "texts",
    [
        ["1.25", "2,70"],  # one against one
        ["5 m", "12 m", "Bob"],
        ["1,234", "12.5", "3"],
        ["0.5", "1", "2", "12"],
        ["2010-20", "2011-21", "2012-22"],
        ["", "-", "n/a"],
        ["100", "20.5", "30.5", "7"],  # not nearly all have the mark
    ],
)
def test_where_nothing_speaks_for_a_change_there_is_none(texts: list[str]) -> None:
    assert agree(texts) == texts


def test_the_axis_rules_out_what_lies_far_beyond_it() -> None:
    assert agree(["1,177", "1,032"], farthest=1.5) == ["1.177", "1.032"]
    assert agree(["1,177", "1,032"], farthest=1500) == ["1,177", "1,032"]
    assert agree(["1,177", "1,032"]) == ["1,177", "1,032"]


@given(st.lists(st.text(alphabet="0123456789.,-%O l", max_size=8), max_size=6), st.none() | st.floats(0.1, 1e6))
def test_nothing_is_lost_and_it_settles(texts: list[str], farthest: float | None) -> None:
    found = agree(texts, farthest)
    assert len(found) == len(texts)
    assert agree([], farthest) == []


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=12), st.integers(0, 3))
def test_numbers_printed_in_one_way_stay(values: list[float], decimals: int) -> None:
    texts = [f"{value:.{decimals}f}" for value in values]
    assert agree(texts, max(map(abs, values)) + 1) == texts
