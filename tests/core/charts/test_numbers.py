"""Prints of numbers: what value and unit they are, and which are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.charts.numbers import read_number


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("7", 7, None), ("-3", -3, None), ("−3", -3, None), ("- 3", -3, None), ("+5%", 5, "%"), ("5.", 5, None),
        (".5", 0.5, None), ("2.5e3", 2500, None), ("1E-2", 0.01, None),
        ("1,234", 1234, None), ("1,234.5", 1234.5, None), ("1.234,5", 1234.5, None), ("1.234", 1.234, None),
        ("1.234.567", 1234567, None), ("0,234", 0.234, None), ("12,5", 12.5, None), ("1,2345", 1.2345, None),
        ("1,23,456", 123456, None), ("1 234 567", 1234567, None), ("1 234,5", 1234.5, None), ("1'234", 1234, None),
        ("1\u202f234", 1234, None), ("(1,234)", -1234, None), ("(5)", -5, None), ("($5)", -5, "$"),
        ("60.5%", 60.5, "%"), ("60.5 %", 60.5, "%"), ("１２．５％", 12.5, "%"), ("٣٫٥", 3.5, None),
        ("$30", 30, "$"), ("-$30", -30, "$"), ("$-30", -30, "$"), ("30 USD", 30, "USD"), ("USD 30", 30, "USD"),
        ("US$ 5 bn", 5e9, "US$"), ("R$ 3", 3, "R$"), ("Rs. 30", 30, "Rs."), ("30元", 30, "元"), ("￥30", 30, "￥"),
        ("€ 1.2M", 1.2e6, "€"), ("1.2M€", 1.2e6, "€"), ("$5m", 5e6, "$"), ("$1.5T", 1.5e12, "$"), ("300K", 3e5, None),
        ("5k+", 5000, None), ("3B", 3e9, None), ("5 million people", 5e6, "people"), ("12 thousand", 12000, None),
        ("3 crores", 3e7, None), ("3万", 3e4, None), ("3.5亿元", 3.5e8, "元"), ("2万亿", 2e12, None),
        ("300 K", 300, "K"), ("5 m", 5, "m"), ("5 kg", 5, "kg"), ("5MW", 5, "MW"), ("5 Mt", 5, "Mt"), ("3 m2", 3, "m2"),
        ("25°C", 25, "°C"), ("5 (kg)", 5, "kg"), ("~5", 5, None), ("12 [3]", 12, None), ("12 (3)", 12, None),
        ("12*", 12, None), ("2020年", 2020, "年"),
    ],
)  # fmt: skip
def test_a_number_has_a_value_and_a_unit(printed: str, value: float, unit: str | None) -> None:
    number = read_number(printed)
    assert number.value == pytest.approx(value)
    assert number.unit == unit


@pytest.mark.parametrize(
    "printed",
    [
        "", " ", "None", "null", "-", "*", "N/A", "NaN", "inf", "-Infinity", "1e400", "9" * 65, "10-20", "10–20",
        "10 to 20", "1/2", "12:30", "2020-01-05", "05.01.2020", "1.2.3", "12,345,6", "Q1", "Jan 2020", "<5", ">= 5",
        "--5", "(-5)", "(−3)", "5 apples and pears and plums and grapes", "12 34", "万", "5e5e5", "1,,2",
    ],
)  # fmt: skip
def test_other_prints_are_no_numbers(printed: str) -> None:
    number = read_number(printed)
    assert (number.value, number.unit) == (None, None)


@given(st.floats(-1e15, 1e15))
def test_what_python_prints_is_read_back(value: float) -> None:
    assert read_number(repr(value)).value == value
    assert read_number(f"{value:,.2f}").value == pytest.approx(round(value, 2))


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    read_number(text)
