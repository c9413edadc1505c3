"""RNSS, RMS and relaxed accuracy: values computed by hand."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.metrics.chart_points import Point, Table, table_of
from ocr2.metrics.chart_tables import read_linear_table, relaxed_accuracy, relaxed_match, rms, rnss
from ocr2.metrics.overlap import Agreement

names = st.text("abcAB", min_size=1, max_size=3)
printed = st.sampled_from(["1", "1.04", "2", "1%", "-1", "x", "n/a", None, 0, 3.5])
charts = st.fixed_dictionaries(
    {
        "title": st.sampled_from([None, "None", "Sales"]),
        "values": st.one_of(
            st.dictionaries(names, printed, max_size=4),
            st.dictionaries(names, st.dictionaries(names, printed), max_size=3),
        ),
    }
)


def table(values: Any, title: str | None = None) -> Table:
    return table_of({"title": title, "values": values})


@settings(deadline=None)
@given(charts, charts)
def test_scores_are_shares(truth: dict[str, Any], answer: dict[str, Any]) -> None:
    for compat in (False, True):
        score = rms(table_of(truth), table_of(answer), compat=compat)
        assert 0 <= rnss(table_of(truth), table_of(answer), compat=compat) <= 1
        assert all(0 <= part <= 1 + 1e-12 for part in (score.precision, score.recall, score.f1))


@settings(deadline=None)
@given(charts)
def test_a_table_agrees_with_itself(chart: dict[str, Any]) -> None:
    assert rnss(table_of(chart), table_of(chart)) == 1
    assert rms(table_of(chart), table_of(chart)).f1 == pytest.approx(1)


@pytest.mark.parametrize(
    ("truth", "answer", "clean", "published"),
    [
        ({"a": 10, "b": 20}, {"x": 20, "y": 10}, 1, 1),
        ({"a": 10, "b": 20}, {"x": 11, "y": 20}, 0.95, 0.95),
        ({"a": 10, "b": 20}, {"a": 10}, 0.5, 1),  # the missing number costs the script nothing
        ({"a": 10}, {"a": 10, "b": 9}, 0.5, 1),
        ({"a": 10}, {"a": 50}, 0, 0),
        ({"a": 0, "b": -4}, {"a": 0, "b": -5}, 0.875, 0.875),
        ({"a": 0}, {"a": 1}, 0, 0),
        ({"a": "20%", "b": "1,000"}, {"a": "20", "b": "1000"}, 1, 0),  # no number for the script
        ({"2019": 1}, {"2018": 1}, 1, 1 - 1 / 2019 / 2),  # there a label is a number like others
        ({}, {}, 1, 1),
        ({"a": 1}, {}, 0, 0),
        ({"a": 1}, {"a": "x"}, 0, 0),
    ],
)
def test_number_sets_by_hand(truth: Any, answer: Any, clean: float, published: float) -> None:
    assert rnss(table(truth), table(answer)) == pytest.approx(clean)
    assert rnss(table(truth), table(answer), compat=True) == pytest.approx(published)


@pytest.mark.parametrize(
    ("truth", "answer", "score"),
    [
        ({"a": 10, "b": 20}, {"a": 10, "b": 20}, (1, 1, 1)),
        ({"a": 10, "b": 20}, {"a": 10}, (1, 1 / 2, 2 / 3)),
        ({"a": 10}, {"a": 10, "b": 20}, (1 / 2, 1, 2 / 3)),
        ({"a": 100}, {"a": 105}, (0.95, 0.95, 0.95)),
        ({"a": 100}, {"a": 110}, (0, 0, 0)),
        ({"alpha": 5}, {"alphb": 5}, (0.8, 0.8, 0.8)),
        ({"ab": 5}, {"ax": 5}, (0, 0, 0)),
        ({"S": {"a": 1, "b": 2}}, {"a": 1, "b": 2}, (1, 1, 1)),
        ({"a": {"S": 1, "T": 3}}, {"S": {"a": 1}, "T": {"a": 3}}, (1, 1, 1)),
        ({"a": 0}, {"a": "0.0"}, (1, 1, 1)),
        ({"a": 0}, {"a": 1}, (0, 0, 0)),
        ({"a": "20%"}, {"a": "20"}, (1, 1, 1)),
        ({"a": "north"}, {"a": "norts"}, (0.8, 0.8, 0.8)),
        ({"a": "north"}, {"a": "5"}, (0, 0, 0)),
        ({}, {}, (1, 1, 1)),
        ({"a": 1}, {}, (0, 0, 0)),
    ],
)
def test_mappings_by_hand(truth: Any, answer: Any, score: tuple[float, float, float]) -> None:
    found = rms(table(truth), table(answer))
    assert (found.precision, found.recall, found.f1) == pytest.approx(score)


@pytest.mark.parametrize(
    ("truth", "answer", "precision", "recall"),
    [
        ({"a": 10, "b": 20}, {"a": 10}, 1, 1 / 2),
        ({"a": 10}, {"a": 10, "b": 20}, 1 / 2, 1),
        ({"a": "20%"}, {"a": "0.2"}, 1, 1),
        ({"a": "20%"}, {"a": "20"}, 0, 0),
        ({"a": "0"}, {"a": "0.00"}, 0, 0),  # a truth of 0 is a text
        ({"a": "0"}, {"a": "0"}, 1, 1),
        ({"a": {"S": 1, "T": 3}}, {"S": {"a": 1}, "T": {"a": 3}}, 1, 1),
    ],
)
def test_published_mappings_give_the_recall_as_f1(truth: Any, answer: Any, precision: float, recall: float) -> None:
    assert rms(table(truth), table(answer), compat=True) == Agreement(precision, recall, recall)


@pytest.mark.parametrize("compat", [False, True])
def test_a_title_is_an_entry(compat: bool) -> None:
    found = rms(table({"a": 1}, "Sales"), table({"a": 1}, "None"), compat=compat)
    assert (found.precision, found.recall) == (1, 0.5)
    assert rms(table({"a": 1}, "Sales"), table({"a": 1}, "SALES"), compat=compat).f1 == 1


def test_tables_as_text_are_read() -> None:
    text = "title | Sales | of all <0x0A> year | a | b <0x0A> 2019 | 1 | 2 <0x0A> <0x0A> 2020 | 3"
    points = (Point("a", "2019", "1"), Point("b", "2019", "2"), Point("a", "2020", "3"))
    assert read_linear_table(text) == Table("Sales | of all", points)
    assert read_linear_table("") == read_linear_table("title | ") == Table(None, ())
    flat = table({"a": {"2019": 1, "2020": 3}, "b": {"2019": 2}}, "Sales | of all")
    assert rms(flat, read_linear_table(text)).f1 == rnss(flat, read_linear_table(text)) == 1


def test_many_entries_are_compared() -> None:
    truth = table({f"series {i}": {f"label {j}": i * 100 + j + 1 for j in range(100)} for i in range(3)})
    answer = table({f"label {j}": {f"series {i}": i * 100 + j + 1 for i in range(3)} for j in range(100)})
    for compat in (False, True):
        assert rms(truth, answer, compat=compat).f1 == pytest.approx(1)
        assert rnss(truth, answer, compat=compat) == 1


@pytest.mark.parametrize(
    ("truth", "answer", "is_right"),
    [
        ("100", "105", True),
        ("100", "105.1", False),
        ("-100", "-96", True),
        ("5%", "0.05", True),
        ("5%", "5", False),
        ("0", "0.0", True),
        ("0", "0.01", False),
        ("Yes", " yes", True),
        ("Yes", "no", False),
        ("10", "ten", False),
        ("nan", "NaN", True),
    ],
)
def test_relaxed_matches(truth: str, answer: str, is_right: bool) -> None:
    assert relaxed_match(truth, answer) is is_right


def test_relaxed_accuracy_is_a_share() -> None:
    assert relaxed_accuracy(["1", "a"], ["1", "b"]) == 0.5
    assert relaxed_accuracy([], []) == 1
