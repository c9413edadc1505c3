"""Plane figures in Slow Perception's notation: F1 of segments and circles, whichever end of a segment comes first.

Source: docs/rewards.md; the rewards that were tried on Slow Perception (github.com/linkangheng/MMR1).
"""

from ocr2.metrics.text import normalised_distance
from ocr2.metrics.traces import TOLERANCES, Counts, Segment, circle_counts, mean_f1, segment_counts, sp1_score
from ocr2.rewards.reward import RewardResult, clipped
from ocr2.slowperception.grammar import Writing, read_figure


def score_geometry_f1(answer: str, truth: str, /, *, stroke_cost: float = 0.0) -> RewardResult:
    """Return F1 of segments and circles together, ends, centres and radii within half a unit of the truth's.

    Each is matched with one of the truth at most, as many as can be. Two figures without anything agree.

    Args:
        answer: A figure, from -10 to 10 across the picture.
        truth: The same.
        stroke_cost: Taken from the reward for as many strokes as the truth has, and more for more, so that a model
            chooses long strokes.
    """
    given, wanted = read_figure(answer), read_figure(truth)
    parts: dict[str, float] = {}
    for tolerance in TOLERANCES:
        lines = segment_counts(_segments(given), _segments(wanted), tolerance=tolerance)
        rings = circle_counts(given.circles, wanted.circles, tolerance=tolerance)
        parts |= {f"{name}_{tolerance}": _f1(counts) for name, counts in (("segments", lines), ("circles", rings))}
        parts[f"f1_{tolerance}"] = _f1(lines + rings)
    strokes = _count_strokes(given) / max(1, _count_strokes(wanted))
    empty = not (given.strokes or given.circles) and bool(wanted.strokes or wanted.circles)
    total = clipped(parts[f"f1_{TOLERANCES[0]}"] - stroke_cost * strokes)
    return RewardResult(total, parts, "there is no figure" if empty else None)


def score_geometry_f1_compat(answer: str, truth: str, /) -> RewardResult:
    """Return the published F1 of segments, `sp1_score`.

    A segment along an axis is never found, circles are left out, and two empty figures have 0.
    """
    score = sp1_score(_segments(read_figure(answer)), _segments(read_figure(truth)))
    parts = {"precision": score.all.precision, "recall": score.all.recall}
    return RewardResult(score.all.f1, parts)


def score_geometry_edit(answer: str, truth: str, /) -> RewardResult:
    """Return 1 - edit distance of the texts over the longer length."""
    return RewardResult(1 - normalised_distance(truth.strip(), answer.strip()))


def _segments(figure: Writing) -> list[Segment]:
    return [(stroke[0], stroke[-1]) for stroke in figure.strokes]


def _count_strokes(figure: Writing) -> int:
    return sum(len(stroke) - 1 for stroke in figure.strokes)


def _f1(counts: Counts) -> float:
    return mean_f1([counts])
