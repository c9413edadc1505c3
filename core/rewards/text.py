"""The text of a page: 1 - edit distance over the longer length.

Source: docs/rewards.md; the page reward of Perception-R1 (arXiv 2504.07954).
"""

from ocr2.metrics.text import normalise, normalised_distance
from ocr2.rewards.reward import RewardResult


def score_page_text(answer: str, truth: str, /) -> RewardResult:
    """Return how near the text is in characters, in Unicode NFC with white space collapsed; two empty texts agree.

    Examples:
        >>> score_page_text("abcx", "abcd").total
        0.75
    """
    return RewardResult(1 - normalised_distance(normalise(truth), normalise(answer)))


def score_page_text_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as the published code: characters as they are coded, and 0 where both are empty."""
    given, wanted = (" ".join(text.split()) for text in (answer, truth))
    return RewardResult(1 - normalised_distance(wanted, given) if given or wanted else 0.0)
