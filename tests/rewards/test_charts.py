"""Charts."""

import pytest

from ocr2.rewards.charts import score_chart_ap, score_chart_ap_compat, score_chart_numeric, score_chart_numeric_compat

TRUTH = '{"title": "T", "values": {"January": 100, "February": 200, "March": 300, "April": 400}}'


def test_average_precision_is_the_share_of_thresholds_that_the_overlap_reaches() -> None:
    # One of four wrong: 3 matched of 4 + 4 - 3 = 5, so .6, which reaches .50, .55, .60.
    result = score_chart_ap(TRUTH.replace("400", "800"), TRUTH)
    assert result.parts["overlap_strict"] == pytest.approx(0.6)
    assert result.parts["strict"] == pytest.approx(0.3)
    assert result.total == pytest.approx(0.3)


def test_tolerances_let_numbers_differ() -> None:
    # 4 % off: wrong to strict, right to the others.
    result = score_chart_ap(TRUTH.replace("400", "416"), TRUTH)
    assert [result.parts[level] for level in ("strict", "slight", "high")] == pytest.approx([0.3, 1, 1])
    assert result.total == pytest.approx(2.3 / 3)


def test_less_than_half_has_no_average_precision_but_an_overlap() -> None:
    result = score_chart_ap('{"values": {"January": 100}}', TRUTH)
    assert result.total == 0
    assert result.parts["overlap_strict"] == 0.25


def test_the_published_thresholds_miss_an_overlap_of_three_fifths() -> None:
    answer = TRUTH.replace("400", "800")
    assert score_chart_ap_compat(answer, TRUTH).parts["strict"] == pytest.approx(0.2)


def test_numbers_count_wherever_they_stand() -> None:
    # Errors 0, 0, 0 and 100 / 400.
    result = score_chart_numeric(TRUTH.replace("400", "500").replace("January", "Jan"), TRUTH)
    assert result.total == pytest.approx(1 - 0.25 / 4)
    # A missing number counts as 1, in DePlot's script as 0.
    short = '{"title": "T", "values": {"January": 100, "February": 200, "March": 300}}'
    assert score_chart_numeric(short, TRUTH).total == 0.75
    assert score_chart_numeric_compat(short, TRUTH).total == 1


@pytest.mark.parametrize("answer", ["", "[1]", "no chart", '{"title": "x"}', '{"values": 3}'])
def test_what_is_no_chart_has_no_reward_and_a_problem(answer: str) -> None:
    for score in (score_chart_ap, score_chart_numeric, score_chart_ap_compat, score_chart_numeric_compat):
        result = score(answer, TRUTH)
        assert result.total == 0
        assert result.problem is not None
