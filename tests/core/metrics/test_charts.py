"""Scores of sets of charts, and those that OneChart's script gave for single ones."""

import math
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.chart_overlap import TOLERANCES
from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.charts import PUBLISHED_THRESHOLDS, ChartScores, auroc, score_chart, score_charts

TRUTH = {"A": "10", "B": "20", "C": "30", "D": "40"}
NESTED = {"S": {"A": "10", "B": "20"}, "T": {"A": "30", "B": "40"}}
TURNED = {"A": {"S": "10", "T": "30"}, "B": {"S": "20", "T": "40"}}


def pair(truth: Any, answer: Any, **fields: Any) -> ChartPair:
    return ChartPair("a.png", {"values": truth}, None if answer is None else {"values": answer}, **fields)


def precisions(scores: ChartScores) -> list[float]:
    return [scores.average_precision(level) for level in TOLERANCES]


@pytest.mark.parametrize(
    ("truth", "answer", "published", "clean"),
    [
        (TRUTH, TRUTH | {"B": "20%", "C": "$30"}, [1, 1, 1], [1, 1, 1]),
        (TRUTH, TRUTH | {"D": "41.6"}, [0.2, 1, 1], [0.3, 1, 1]),
        (TRUTH, TRUTH | {"D": "43.2"}, [0.2, 0.2, 1], [0.3, 0.3, 1]),
        (TRUTH, {"A": "10", "B": "20", "C": "30"}, [0.5, 0.5, 0.5], [0.6, 0.6, 0.6]),
        (TRUTH, TRUTH | {"E": "50"}, [0.6, 0.6, 0.6], [0.7, 0.7, 0.7]),
        (NESTED, NESTED, [1, 1, 1], [1, 1, 1]),
        (NESTED, TURNED, [1, 1, 1], [1, 1, 1]),
        ({"Alpha": "10", "Beta": "20"}, {"Alpha": "10", "Betta": "20"}, [0, 1, 1], [0, 1, 1]),
        ({"A": "10", "B": "20"}, {"Sales": {"A": "10", "B": "20"}}, [0, 0, 1], [1, 1, 1]),
        ({"A": "10", "B": "20"}, {"A": {"Sales": "10"}, "B": {"Sales": "20"}}, [1, 1, 1], [1, 1, 1]),
    ],
)
def test_single_charts_score_as_by_the_script(
    truth: Any, answer: Any, published: list[float], clean: list[float]
) -> None:
    scores = score_charts([pair(truth, answer)], compat=True)
    assert precisions(scores) == pytest.approx(published)
    assert scores.exact_match == float(published[0] == 1)
    assert precisions(score_charts([pair(truth, answer)])) == pytest.approx(clean)


def test_three_of_four_values_reach_75_percent_in_either_mode() -> None:
    for compat in (False, True):
        scores = score_charts([pair(TRUTH, {"A": 10, "B": 20, "C": 30})], compat=compat)
        assert [scores.precision_at("strict", threshold) for threshold in (0.5, 0.75, 0.9)] == [1, 1, 0]


def test_the_published_thresholds_are_a_little_off() -> None:
    assert len(PUBLISHED_THRESHOLDS) == 10
    assert PUBLISHED_THRESHOLDS[2] > 3 / 5
    assert PUBLISHED_THRESHOLDS[5] > 3 / 4
    assert PUBLISHED_THRESHOLDS[6] > 4 / 5


def test_answers_that_do_not_parse_are_wrong_or_multiplied_in() -> None:
    pairs = [pair(TRUTH, TRUTH), pair(TRUTH, None, reason="not JSON"), pair(TRUTH, {}), pair(TRUTH, TRUTH)]
    clean, published = score_charts(pairs), score_charts(pairs, compat=True)
    assert clean.structure_accuracy == published.structure_accuracy == 0.75
    assert precisions(clean) == precisions(published) == [0.5, 0.5, 0.5]
    assert clean.exact_match == clean.rnss == clean.rms.f1 == 0.5
    assert published.exact_match == pytest.approx(2 / 3)


def test_a_missing_chart_costs_its_texts_too() -> None:
    truth = {"title": "Sales", "y_title": "None", "values": TRUTH}
    pairs = [ChartPair("a", truth, truth), ChartPair("b", truth, None, reason="there is none", missing=True)]
    clean, published = score_charts(pairs), score_charts(pairs, compat=True)
    assert [clean.text("title"), clean.text("source"), clean.text("y_title")] == [0.5, None, None]
    assert [published.text("title"), published.text("source"), published.text("y_title")] == [1, 9999, 9999]


def test_a_set_of_nothing_scores_0() -> None:
    for compat in (False, True):
        scores = score_charts([], compat=compat)
        assert precisions(scores) == [0, 0, 0]
        assert scores.rms.f1 == scores.rnss == scores.structure_accuracy == 0


def test_trust_is_judged_by_the_charts_read_in_full() -> None:
    pairs = [
        pair(TRUTH, TRUTH | {"D": "43"}, trust=0.9),
        pair(TRUTH, TRUTH, trust=0.6),
        pair(TRUTH, {"A": 1}, trust=0.7),
        pair(TRUTH, {"A": 1}),
    ]
    scores = score_charts(pairs)
    assert (scores.trusted, scores.trust_auroc) == (3, 0.5)
    assert score_charts(pairs[:2]).trust_auroc is None
    assert score_charts([pair(TRUTH, TRUTH)]).trusted == 0


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.booleans()), max_size=12))
def test_auroc_counts_pairs(rows: list[tuple[float, bool]]) -> None:
    hits, misses = ([score for score, is_hit in rows if is_hit is wanted] for wanted in (True, False))
    wins = [(hit > miss) + (hit == miss) / 2 for hit, miss in product(hits, misses)]
    found = auroc([score for score, _ in rows], [is_hit for _, is_hit in rows])
    assert found == (pytest.approx(math.fsum(wins) / len(wins)) if wins else None)


@pytest.mark.parametrize("compat", [False, True])
@pytest.mark.parametrize(
    "values", [{}, [], {"a": None}, {"a": [1, [2]]}, {"": ""}, {"a": "n/a", "b": True}, {"a": {}, "b": {"c": 1e400}}]
)
def test_odd_values_are_scored(values: Any, compat: bool) -> None:
    score = score_chart({"values": values}, {"values": values}, compat=compat)
    assert list(score.overlap.values()) == [1, 1, 1]
    assert score_chart({"values": values}, None, compat=compat).overlap["high"] == 0
    assert 0 <= score_chart({"values": values}, {"values": TRUTH}, compat=compat).rms.f1 <= 1


def test_a_chart_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="expected values as an object, got NoneType"):
        score_chart({"title": "a"}, None)
