"""Whether a text repeats itself, or ends in an endless loop; what its truth repeats is allowed."""

from ocr2.decoder.repetition import find_loop
from ocr2.metrics.repetition import repeated_share
from ocr2.metrics.text import normalise
from ocr2.rewards.reward import RewardResult, clipped


def score_repetition(answer: str, truth: str, /) -> RewardResult:
    """Return 1 - the share that repeats, or the share before a loop's first period ends, whichever is less.

    Args:
        answer: A text.
        truth: What the page says; may be empty, then every repetition counts.

    Examples:
        >>> score_repetition("a page of words, each of them once", "").total
        1.0
    """
    given, wanted = normalise(answer), normalise(truth)
    unique = 1 - repeated_share(wanted, given)
    kept = find_loop(list(map(ord, given)))
    looped = kept is not None and find_loop(list(map(ord, wanted))) is None
    before = kept / len(given) if looped and kept is not None else 1.0
    problem = "the answer ends in a loop" if looped else None
    return RewardResult(clipped(min(unique, before)), {"unique": unique, "before_loop": before}, problem)
