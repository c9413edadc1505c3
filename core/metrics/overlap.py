"""What two lists of tokens share: precision, recall and F1 of their sets, BLEU, METEOR."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr2.metrics.wordnet import WordNet


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a hypothesis agrees with its reference, in tokens or entries of tables, 0..1 each."""

    precision: float  # share of the hypothesis that the reference has
    recall: float  # share of the reference that the hypothesis has
    f1: float  # their harmonic mean


def set_overlap(reference: Sequence[str], hypothesis: Sequence[str]) -> Agreement:
    """Compare the sets of tokens; how often and where a token comes does not count.

    Two empty lists agree; an empty one and another do not.

    Examples:
        >>> set_overlap(["a", "b", "b", "c", "d"], ["a", "b", "x"])
        Agreement(precision=0.6666666666666666, recall=0.5, f1=0.5714285714285714)
    """
    wanted, given = set(reference), set(hypothesis)
    if not wanted or not given:
        share = float(wanted == given)
        return Agreement(share, share, share)
    common = len(wanted & given)
    return Agreement(common / len(given), common / len(wanted), 2 * common / (len(given) + len(wanted)))


def bleu(reference: Sequence[str], hypothesis: Sequence[str], *, shorten: bool) -> float:
    """Return sentence BLEU: n-grams up to four, equal weights, no smoothing, computed by nltk.

    Args:
        reference: Tokens that should be there.
        hypothesis: Tokens that are there.
        shorten: Whether a hypothesis of one to three tokens is judged by n-grams up to its length. Without, it
            has no 4-grams, and so almost no BLEU (about 1e-77) even where it equals the reference.

    Raises:
        ImportError: If nltk is not installed.
    """
    if not reference or not hypothesis:
        return float(not reference and not hypothesis)
    from nltk.translate.bleu_score import sentence_bleu

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nltk warns of every text without a common 4-gram
        return float(sentence_bleu([list(reference)], list(hypothesis), auto_reweigh=shorten))


def meteor(reference: Sequence[str], hypothesis: Sequence[str], wordnet: "WordNet") -> float:
    """Return METEOR with nltk's defaults: equal words, equal stems, then synonyms.

    Even equal texts stay a little below 1: of n words `1 - 0.5 / n**3`.

    Args:
        reference: Tokens that should be there.
        hypothesis: Tokens that are there.
        wordnet: Where synonyms come from.

    Raises:
        ImportError: If nltk is not installed.
    """
    if not reference or not hypothesis:
        return float(not reference and not hypothesis)
    from nltk.translate.meteor_score import single_meteor_score

    return float(single_meteor_score(list(reference), list(hypothesis), wordnet=wordnet))
