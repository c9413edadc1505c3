"""How much of a text repeats itself, beyond what its truth repeats."""

from collections import Counter

SIZE = 20  # characters: longer than common words and phrases, shorter than a line


def repeated_share(truth: str, answer: str, *, size: int = SIZE) -> float:
    """Return the share of an answer's character n-grams that come too often: more than once, and than in the truth.

    Args:
        truth: What may repeat, as rows of tables and dotted leaders do; may be empty.
        answer: The text.
        size: n.

    Examples:
        >>> repeated_share("", "ab" * 4, size=2), repeated_share("ab" * 4, "ab" * 4, size=2)
        (0.7142857142857143, 0.0)
    """
    counts, allowed = _ngrams(answer, size), _ngrams(truth, size)
    total = sum(counts.values())
    excess = sum(max(0, count - max(1, allowed[gram])) for gram, count in counts.items())
    return excess / total if total else 0.0


def _ngrams(text: str, size: int) -> Counter[str]:
    return Counter(text[at : at + size] for at in range(len(text) - size + 1))
