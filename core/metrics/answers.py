"""Scores of short answers: ANLS of DocVQA, relaxed accuracy of ChartQA, boxes of RefCOCO.

Definitions: Biten et al. 2019 (arXiv 1905.13648), Masry et al. 2022 (arXiv 2203.10244), Yu et al. 2016
(arXiv 1608.00272).
"""

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

ANLS_THRESHOLD = 0.5
RELAXED = 0.05
HALF = 0.5
NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?")


def anls(truths: Sequence[str], answer: str) -> float:
    """Return how like an answer is to the nearest of the truths: 0 if less than half, small and capital letters alike.

    Examples:
        >>> anls(["12 May 1998", "May 12, 1998"], "12 may 1998"), anls(["yes"], "no")
        (1.0, 0.0)
    """
    best = 0.0
    for truth in truths:
        one, other = truth.strip().casefold(), answer.strip().casefold()
        distance = Levenshtein.normalized_distance(one, other)
        best = max(best, 1 - distance if distance < ANLS_THRESHOLD else 0.0)
    return best


def relaxed_match(truth: str, answer: str) -> bool:
    """Say whether an answer is right: numbers within 5 %, texts but for small and capital letters.

    Examples:
        >>> relaxed_match("1,000", "960"), relaxed_match("50%", "50"), relaxed_match("Spain", "spain")
        (True, True, True)
    """
    wanted, given = _number(truth), _number(answer)
    if wanted is not None and given is not None:
        return abs(given - wanted) <= RELAXED * abs(wanted)
    return truth.strip().casefold() == answer.strip().casefold()


def _number(text: str) -> float | None:
    plain = text.strip().rstrip("%").strip().lstrip("$€£")
    if not NUMBER.fullmatch(plain) or not any(c.isdigit() for c in plain):
        return None
    return float(plain.replace(",", ""))


def box_match(truth: Sequence[float], answer: Sequence[float] | None) -> bool:
    """Say whether a box (left, top, right, bottom) overlaps the truth by half, intersection over union."""
    if answer is None or len(answer) != 4:
        return False
    width = min(truth[2], answer[2]) - max(truth[0], answer[0])
    height = min(truth[3], answer[3]) - max(truth[1], answer[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = [max(0.0, b[2] - b[0]) * max(0.0, b[3] - b[1]) for b in (truth, answer)]
    return shared > 0 and shared >= HALF * (sum(areas) - shared)
