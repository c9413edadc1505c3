"""The values of a chart: OneChart's average precision, and how near the numbers are.

Both sides are JSON as OneChart writes it, {"title", "source", "x_title", "y_title", "values"}.
"""

from collections.abc import Mapping

from ocr2.metrics.chart_points import table_of
from ocr2.metrics.chart_records import ChartPair, parse_answer
from ocr2.metrics.charts import ChartScores, score_charts
from ocr2.rewards.reward import RewardResult, clipped

Chart = Mapping[str, object]


def score_chart_ap(answer: str, truth: str, /, *, compat: bool = False) -> RewardResult:
    """Return the mean of the average precisions at the tolerances strict, slight and high.

    Of one chart, average precision is the share of the thresholds .50, .55, ... .95 that the overlap reaches. The
    overlaps themselves, which tell more of a chart read by less than half, are parts `overlap_strict` and so on.

    Args:
        answer: A chart.
        truth: A chart.
        compat: Whether overlap and thresholds are those of OneChart's script; the overlap may be above 1.

    Raises:
        ValueError: If the truth is no chart.
    """
    scores, problem = _score(answer, truth, compat=compat)
    overlap = scores.scores[0].overlap
    parts = {str(level): clipped(scores.average_precision(level)) for level in overlap}
    total = sum(parts.values()) / len(parts)
    parts |= {f"overlap_{level}": clipped(value) for level, value in overlap.items()}
    return RewardResult(clipped(total), parts, problem)


def score_chart_numeric(answer: str, truth: str, /, *, compat: bool = False) -> RewardResult:
    """Return RNSS: how near the numbers are, wherever they stand; RMS, by the names they stand under, is in the parts.

    Args:
        answer: A chart.
        truth: A chart.
        compat: As DePlot's published script computes both.

    Raises:
        ValueError: If the truth is no chart.
    """
    scores, problem = _score(answer, truth, compat=compat)
    score = scores.scores[0]
    rms = score.rms
    parts = {"rnss": score.rnss, "rms_precision": rms.precision, "rms_recall": rms.recall, "rms_f1": rms.f1}
    return RewardResult(clipped(score.rnss), {name: clipped(value) for name, value in parts.items()}, problem)


def score_chart_ap_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as OneChart's script."""
    return score_chart_ap(answer, truth, compat=True)


def score_chart_numeric_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as DePlot's script."""
    return score_chart_numeric(answer, truth, compat=True)


def _score(answer: str, truth: str, *, compat: bool) -> tuple[ChartScores, str | None]:
    wanted = _chart_of(truth)
    try:
        given, problem = _chart_of(answer), None
    except ValueError as error:
        given, problem = None, str(error)
    return score_charts([ChartPair("", wanted, given, problem)], compat=compat), problem


def _chart_of(text: str) -> Chart:
    chart = parse_answer(text)
    table_of(chart)
    return chart
