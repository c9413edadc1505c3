"""How far titles, sources and axis titles of charts were read."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from rapidfuzz.distance import Levenshtein

from ocr2.metrics.text import normalise

TextField = Literal["title", "source", "x_title", "y_title"]
TEXT_FIELDS: tuple[TextField, ...] = get_args(TextField)
NOTHING_TO_COMPARE = 9999.0  # printed by OneChart's script where no chart of a set has the text


def compare_texts(
    truth: Mapping[str, object], answer: Mapping[str, object], *, compat: bool = False
) -> dict[TextField, float]:
    """Return how similar the texts of two charts are, 0..1, for those texts that the truth has."""
    scores = {field: text_similarity(truth.get(field), answer.get(field), compat=compat) for field in TEXT_FIELDS}
    return {field: score for field, score in scores.items() if score is not None}


def text_similarity(truth: object, answer: object, *, compat: bool = False) -> float | None:
    """Return 1 - edit distance over the longer length, whatever the letters' case.

    Args:
        truth: What the chart says, or a list of what is as good; nothing is said by None and by "None".
        answer: What was read. A list is judged by its mean.
        compat: Whether texts are taken as they are. Otherwise white space does not count, and neither a blank text
            nor "none" says anything.

    Returns:
        The similarity to the nearest of the truths, 0 if nothing was read; None if the truth says nothing.

    Examples:
        >>> text_similarity("Sales 2020", "sales 2020"), text_similarity(["abc", "xyz"], "abcd")
        (1.0, 0.75)
        >>> text_similarity("abc", "None"), text_similarity(None, "abc")
        (0.0, None)
    """
    wanted, given = alternatives(truth, compat=compat), alternatives(answer, compat=compat)
    if not wanted:
        return None
    if not given:
        return 0.0
    wanted, given = ([text.lower() if compat else text.casefold() for text in texts] for texts in (wanted, given))
    nearest = [max(Levenshtein.normalized_similarity(text, other) for other in wanted) for text in given]
    return float(np.mean(nearest))


def mean_similarity(scores: Sequence[float], *, compat: bool = False) -> float | None:
    """Return the mean over the charts that have the text; if none has it None, in OneChart's script 9999."""
    if not scores:
        return NOTHING_TO_COMPARE if compat else None
    return float(np.mean(scores))


def alternatives(value: object, *, compat: bool) -> list[str]:
    """Return the texts that a field holds; none if it says that there is no text."""
    texts = [str(entry) for entry in (value if isinstance(value, list) else [value]) if entry is not None]
    if compat:
        return [text for text in texts if text != "None"]
    texts = [normalise(text) for text in texts]
    return [text for text in texts if text and text.casefold() != "none"]
