"""Text and numbers of one answer compared: the authors' published cases, their holes, and values that disagree."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.charts.parse_answer import parse_answer
from ocr2.charts.reliability import THRESHOLD, check_as_authors, check_values, score_of
from ocr2.results.chart import ChartValue, Series

# Values, what the token gave, and the distance that the authors print (docs/models/onechart.md).
PUBLISHED = [
    ([4567, 6521, 12602, 10250, 3285, 1832], [0.2754, 0.4492, 1.0078, 0.7891, 0.1729, -0.0067], 0.0159),
    (
        [60, 75, 45, 35, 25, 15, 40, 25, 55, 65, 75, 85],
        [0.6523, 0.8516, 0.4219, 0.2793, 0.1436, -0.0410, 0.32227, 0.1406, 0.5820, 0.7266, 0.8555, 0.9961],
        0.0113,
    ),
    ([60.5, 24.4, 8.4, 4.2, 2.5], [1.0078, 0.37305, 0.099121, 0.032227, 0.00039673], 0.0037),
    (
        [10, 43, 49, 74, 79, 90, 9, 26, 34, 62, 76, 90],
        [
            0.083008, 0.44531, 0.48633, 0.79688, 0.87891, 1.0078,
            0.0025482, 0.20996, 0.33594, 0.69531, 0.83594, 0.98828,
        ],
        0.0186,
    ),
]  # fmt: skip


def series_of(*values: float | None) -> tuple[Series, ...]:
    return (Series(None, tuple(ChartValue(str(i), str(value), value) for i, value in enumerate(values))),)


def answer_of(*prints: object) -> str:
    return json.dumps({"values": {str(i): value for i, value in enumerate(prints)}})


@pytest.mark.parametrize(("values", "numbers", "distance"), PUBLISHED)
def test_the_published_distances_come_out(values: list[float], numbers: list[float], distance: float) -> None:
    text = f"<Number>{answer_of(*(f'{value}%' for value in values))}</s>"
    compat = check_as_authors(text, numbers + [0.5] * (256 - len(numbers)))
    assert compat.distance == pytest.approx(distance, abs=5e-5)
    assert compat.verdict == "reliable"
    ours = check_values(parse_answer(text).series, numbers)
    assert ours.reliability.distance == pytest.approx(distance, abs=1e-4)
    assert ours.reliability.verdict == "reliable"
    assert not any(value.disagrees for value in ours.series[0].values)


@pytest.mark.parametrize(
    ("prints", "numbers", "verdict", "distance"),
    [
        (("10-20", "5"), (0.0, 1.0), "unreliable", None),
        ((["1", "2"], "5"), (0.0, 1.0), "unreliable", None),
        (("7",), (1.0,), "unreliable", 6.0),
        (("0.05",), (0.1,), "reliable", 0.05),
        (("(5)", "1", "3"), (0.0, 1.0), "reliable", 0.0),
        (("2.5e3", "2.53", "9"), (0.0, 0.0, 1.0), "reliable", 0.0),
        (("(1,234)", "0"), (1.0, 0.0), "reliable", 0.0),
        (("-", "*", "None", "", "1", "3"), (0.0, 1.0), "reliable", 0.0),
        ((1, 3.0), (0.0, 1.0), "reliable", 0.0),
        (("5", "5"), (0.0, 0.0), "reliable", 0.0),
        (("5", "5"), (0.9, 0.9), "unreliable", 0.9),
        (tuple(map(str, range(101))), tuple(i / 100 for i in range(101)), "unreliable", None),
        (("1", "2"), (math.nan, 0.0), "unreliable", None),
    ],
)
def test_the_authors_rule_has_its_holes(
    prints: tuple[object, ...], numbers: tuple[float, ...], verdict: str, distance: float | None
) -> None:
    found = check_as_authors(answer_of(*prints), numbers)
    assert found.verdict == verdict
    assert found.distance == (None if distance is None else pytest.approx(distance, abs=1e-4))


@pytest.mark.parametrize(
    "text", ["", "no json", '{"values": {"a": "1"', "{'values': {}}", "{}", '{"values": {}}', "[]", "[" * 100_000]
)
def test_the_authors_rule_calls_what_it_cannot_read_unreliable(text: str) -> None:
    assert check_as_authors(text, (0.5,)).verdict == "unreliable"


@pytest.mark.parametrize(
    ("values", "numbers", "reason"),
    [
        ((), (0.5,), "there are no values"),
        ((1.0, 2.0), None, "the model gave no second opinion"),
        ((5.0,), (0.5,), "one value alone has no scale to compare it on"),
        ((5.0, 5.0, 5.0), (0.5, 0.5, 0.5), "all values are equal, which leaves no scale to compare them on"),
        ((1.0, None, 3.0), (0.0, 0.5, 1.0), "1 of 3 values are no numbers, such as 'None'"),
        (tuple(map(float, range(300))), (0.5,) * 256, "300 values: the model's second opinion has 256"),
        ((1.0, 2.0), (math.nan, 1.0), "the model's second opinion holds no numbers"),
    ],
)
def test_what_cannot_be_compared_is_unverifiable(
    values: tuple[float | None, ...], numbers: tuple[float, ...] | None, reason: str
) -> None:
    check = check_values(series_of(*values), numbers)
    assert (check.reliability.verdict, check.reliability.reason) == ("unverifiable", reason)
    assert (check.reliability.score, check.reliability.distance) == (None, None)
    assert check.series == series_of(*values)


def test_the_value_that_disagrees_is_marked() -> None:
    series = (Series("A", series_of(0, 10)[0].values), Series("B", series_of(5, 2)[0].values))
    check = check_values(series, (0.0, 1.0, 0.9, 0.2))
    assert [value.disagrees for one in check.series for value in one.values] == [False, False, True, False]
    assert [one.name for one in check.series] == ["A", "B"]
    assert check.reliability.verdict == "unreliable"
    assert check.reliability.reason == (
        "the two readings differ by 0.100 on average, not below 0.1; 1 of 4 values disagree"
    )


def test_more_numbers_than_values_are_ignored() -> None:
    assert check_values(series_of(1, 3), (0.0, 1.0, 0.7, math.nan)).reliability.distance == 0


def test_huge_values_have_a_scale() -> None:
    assert check_values(series_of(-1.7e308, 0, 1.7e308), (0.0, 0.5, 1.0)).reliability.distance == pytest.approx(0)


@given(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=20).filter(lambda values: len(set(values)) > 1))
def test_the_distance_of_equal_readings_is_nothing(values: list[float]) -> None:
    top = max(map(abs, values))
    low, high = min(values) / top, max(values) / top
    if high == low:  # too near for floats
        return
    numbers = [(value / top - low) / (high - low) for value in values]
    reliability = check_values(series_of(*values), numbers).reliability
    assert (reliability.distance, reliability.score, reliability.verdict) == (0, 1, "reliable")


@given(st.floats(0, 10), st.floats(0, 10))
def test_the_score_falls_with_the_distance(first: float, second: float) -> None:
    assert 0 < score_of(first) <= 1
    assert first >= second or score_of(first) >= score_of(second)
    assert (score_of(first) > 0.5) == (first < THRESHOLD) or first == pytest.approx(THRESHOLD)
