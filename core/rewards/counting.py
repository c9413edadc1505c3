"""Counting by finding: how many boxes there are, and how near their middles are to the true points.

Source: Perception-R1 (arXiv 2504.07954); docs/rewards.md.
"""

import math

from ocr2.metrics.detection import match_points
from ocr2.multimodal.named_boxes import BOX_RANGE
from ocr2.rewards.boxes import middle, read_points, read_quadruples
from ocr2.rewards.formats import has_format
from ocr2.rewards.reward import RewardResult

DIAGONAL = BOX_RANGE * math.sqrt(2)


def score_count(answer: str, truth: str, /) -> RewardResult:
    """Return smaller count over larger, times 1 - mean distance over the picture's diagonal, matched by Hungarian.

    Args:
        answer: Boxes in thousandths of the picture's sides.
        truth: JSON list of points `[x, y]` or boxes, the same unit. Nothing and nothing agree.

    Raises:
        ValueError: If the truth is no such list.

    Examples:
        >>> score_count("[0, 0, 20, 20]", "[[10, 10], [500, 500]]").total
        0.5
    """
    points = [middle(box) for box in read_quadruples(answer)]
    wanted = read_points(truth)
    matches = match_points(points, wanted, reach=DIAGONAL)
    parts = {"count": matches.count, "nearness": matches.nearness, "exact": float(len(points) == len(wanted))}
    problem = "there is no box" if wanted and not points else None
    return RewardResult(matches.count * matches.nearness, parts, problem)


def score_count_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as the published code: 0 unless the answer is one reference followed by its boxes, in Qwen's marks."""
    if not has_format(answer, "count_compat"):
        return RewardResult(0.0, {"format": 0.0}, "the answer is not a reference followed by boxes")
    result = score_count(answer, truth)
    return RewardResult(result.total, {**result.parts, "format": 1.0}, result.problem)
