"""How far onechart-nano trusts itself: confidences of values, and one probability for all."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.charts.reliability import check_estimate
from ocr2.models.protocols import TextBox
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries, read_sketch, write_sketch
from ocr2.onechart.nano.reliability import FEATURES, Trust, trust_features, trust_from
from ocr2.results.chart import ChartValue, Series
from ocr2.train.chart_trust import fit_trust

VALUES = (Series(None, (ChartValue("a", "1", 1.0), ChartValue("b", "2", 2.0))),)
probabilities = st.floats(0, 1)


def test_a_point_is_as_sure_as_its_least_sure_token() -> None:
    points = (SketchPoint((0,), 1), SketchPoint((2, 3), 4))
    ids = write_sketch(Sketch("bar", "single", {}, (SketchSeries((), points),)))
    sure = [1.0] * len(ids)
    sure[-2] = 0.25  # the last value's line
    (series,) = read_sketch(ids, sure).series
    assert [point.sure for point in series.points] == [1.0, 0.25]
    assert [point.sure for point in read_sketch(ids).series[0].points] == [1.0, 1.0]


def test_a_value_is_as_sure_as_its_things_and_their_writing() -> None:
    texts = [TextBox(t, (0, 0, 9, 9), 0.0, c) for t, c in (("a", 0.9), ("3", 0.5), ("b", 1.0))]
    points = (SketchPoint((0,), 1, 0.8), SketchPoint((2,), 3, 0.7))
    sketch = Sketch("bar", "single", {}, (SketchSeries((), points),))
    builder = AnswerBuilder(sketch, texts, [(0.5, 0.5)], np.zeros((9, 9, 3), np.uint8))
    assert builder.confidences() == pytest.approx([0.4, 0.7])


@given(st.lists(probabilities, max_size=30), st.lists(probabilities, max_size=30))
def test_estimates_are_probabilities(confidences: list[float], tokens: list[float]) -> None:
    assert len(trust_features(confidences, tokens)) == FEATURES
    assert 0 <= Trust((3.0,) * FEATURES, 1.0).estimate(confidences, tokens) <= 1


def test_a_fit_tells_sure_charts_from_others() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(200):
        good = bool(rng.random() < 0.5)
        confidences = rng.uniform(0.8 if good else 0.2, 1.0, 8).tolist()
        rows.append((trust_features(confidences, confidences), good))
    trust = trust_from(json.loads(json.dumps({"trust": fit_trust(rows)})))
    assert trust is not None
    assert trust.estimate([0.95] * 8, [0.95] * 8) > 0.9
    assert trust.estimate([0.3] * 8, [0.3] * 8) < 0.1
    with pytest.raises(ValueError, match="all 2 charts are right"):
        fit_trust([([0.0] * FEATURES, True)] * 2)


def test_weights_without_a_fit_have_none() -> None:
    assert trust_from({}) is None
    assert trust_from({"nano": "x"}) is None


def test_an_estimate_is_the_verdict_and_unsure_values_are_marked() -> None:
    check = check_estimate(VALUES, 0.8, [0.9, 0.3])
    assert (check.reliability.verdict, check.reliability.score, check.reliability.distance) == ("reliable", 0.8, None)
    assert check.reliability.reason == "all values are right with an estimated probability of 0.80; 1 of 2 are unsure"
    assert [(v.confidence, v.disagrees) for v in check.series[0].values] == [(0.9, False), (0.3, True)]
    assert check_estimate(VALUES, 0.4, []).reliability.verdict == "unreliable"
    assert check_estimate(VALUES, 0.4, [0.1]).series == VALUES  # not one for each: of no use
    assert check_estimate((), 0.4, []).reliability.verdict == "unverifiable"
