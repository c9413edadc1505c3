"""Scores of read text: character error with its uncertainty, edit distance of pages, calibration."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

# Typographic variants that engines write differently and readers do not tell apart.
FOLDED = str.maketrans(
    {"‘": "'", "’": "'", "‚": ",", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "‑": "-", "–": "-",
     "—": "-", "−": "-", "…": "...", "•": "*", "ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": ""}
)  # fmt: skip

MAX_DRAWN = 2**23  # rows a bootstrap draws at once: bounds its memory on large sets


def normalise(text: str, *, fold: bool = False) -> str:
    """Return text in NFC with white space collapsed; `fold` also makes quotes, dashes and ligatures plain.

    Examples:
        >>> normalise(" a  \\n b ")
        'a b'
        >>> normalise("“x” – ﬁ", fold=True)
        '"x" - fi'
    """
    text = unicodedata.normalize("NFC", text)
    if fold:
        text = text.translate(FOLDED).replace("''", '"')
    return " ".join(text.split())


def edit_counts(truths: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """Return (n, 2): Levenshtein distance and length of the truth, for every pair of texts or lists of words."""
    rows = [(Levenshtein.distance(t, a), len(t)) for t, a in zip(truths, answers, strict=True)]
    return np.array(rows, np.int64).reshape(-1, 2)


def micro_error(counts: NDArray[np.int64]) -> float:
    """Return all edits over all characters (or words), percent.

    Examples:
        >>> micro_error(edit_counts(["abcd", "ef"], ["abxd", "ef"])) == 100 / 6
        True
    """
    return float(100 * counts[:, 0].sum() / max(1, counts[:, 1].sum()))


def bootstrap_interval(counts: NDArray[np.int64], *, samples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of `micro_error` when rows are drawn again with replacement."""
    rng = np.random.default_rng(seed)
    at_once = max(1, MAX_DRAWN // len(counts))
    sizes = [min(at_once, samples - done) for done in range(0, samples, at_once)]
    sums = np.concatenate([counts[rng.integers(len(counts), size=(size, len(counts)))].sum(axis=1) for size in sizes])
    errors = 100 * sums[:, 0] / np.maximum(1, sums[:, 1])
    return float(np.percentile(errors, 2.5)), float(np.percentile(errors, 97.5))


def normalised_distance(truth: Sequence[str], answer: Sequence[str]) -> float:
    """Return Levenshtein distance over the longer length: 0 for equal texts or lists of tokens, at most 1."""
    return float(Levenshtein.normalized_distance(truth, answer))


def expected_calibration_error(confidences: Sequence[float], correct: Sequence[bool], *, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over bins of equal mass (Guo et al. 2017).

    Examples:
        >>> expected_calibration_error([0.9, 0.9, 0.6, 0.6], [True, True, True, False], bins=2)
        0.1
    """
    p, hit = np.asarray(confidences, np.float64), np.asarray(correct, np.float64)
    if not p.size:
        return 0.0
    order = np.random.default_rng(0).permutation(p.size)  # equal confidences fall into bins at random
    order = order[np.argsort(p[order], kind="stable")]
    gaps = [abs(p[part].mean() - hit[part].mean()) * part.size for part in np.array_split(order, bins) if part.size]
    return round(float(sum(gaps) / p.size), 12)
