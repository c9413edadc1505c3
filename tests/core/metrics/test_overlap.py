"""What two lists of tokens share: values computed by hand, and nltk's."""

import math
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.distance import edit_distance
from nltk.metrics.scores import f_measure, precision, recall
from nltk.translate.bleu_score import sentence_bleu

from ocr2.metrics.overlap import bleu, meteor, set_overlap
from ocr2.metrics.text import normalised_distance
from ocr2.metrics.wordnet import WordNet

tokens = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12)
maybe_tokens = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(tokens, tokens)
def test_sets_are_compared_as_nltk_does(reference: list[str], hypothesis: list[str]) -> None:
    ours, wanted, given_ = set_overlap(reference, hypothesis), set(reference), set(hypothesis)
    assert ours.precision == precision(wanted, given_)
    assert ours.recall == recall(wanted, given_)
    assert ours.f1 == pytest.approx(f_measure(wanted, given_))


@given(st.text(max_size=15), st.text(min_size=1, max_size=15))
def test_the_edit_distance_is_nltks(a: str, b: str) -> None:
    assert normalised_distance(a, b) == pytest.approx(edit_distance(a, b) / max(len(a), len(b)))


@settings(deadline=None)
@given(maybe_tokens, maybe_tokens)
def test_swapping_the_sides_swaps_precision_and_recall_and_leaves_f1(a: list[str], b: list[str]) -> None:
    one, other = set_overlap(a, b), set_overlap(b, a)
    assert (one.precision, one.recall, one.f1) == (other.recall, other.precision, other.f1)
    assert 0 <= one.f1 <= 1
    assert min(one.precision, one.recall) <= one.f1 + 1e-12
    assert 0 <= bleu(a, b, shorten=True) <= 1


@settings(deadline=None)
@given(maybe_tokens)
def test_equal_tokens_score_1(a: list[str]) -> None:
    overlap = set_overlap(a, list(a))
    assert (overlap.precision, overlap.recall, overlap.f1) == (1, 1, 1)
    assert bleu(a, list(a), shorten=True) == pytest.approx(1)


@pytest.mark.parametrize(("a", "b"), [([], ["a"]), (["a"], [])])
def test_something_and_nothing_score_0(a: list[str], b: list[str]) -> None:
    assert set_overlap(a, b).f1 == 0
    assert bleu(a, b, shorten=True) == 0


def test_bleu_by_hand() -> None:
    """Precisions 4/5, 3/4, 2/3 and 1/2 multiply to 1/5; the other way round all are 1 and one word lacks."""
    long, short = list("abcde"), list("abcd")
    assert bleu(short, long, shorten=False) == pytest.approx(0.2**0.25)
    assert bleu(long, short, shorten=False) == pytest.approx(math.exp(1 - 5 / 4))


def test_three_equal_words_have_a_bleu_of_1_and_almost_none_without_shortening() -> None:
    words = list("abc")
    assert bleu(words, words, shorten=True) == pytest.approx(1)
    assert bleu(words, words, shorten=False) == pytest.approx(sys.float_info.min**0.25)


@settings(deadline=None)
@given(tokens, tokens)
def test_bleu_is_nltks_and_warns_of_nothing(reference: list[str], hypothesis: list[str]) -> None:
    ours = bleu(reference, hypothesis, shorten=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert ours == sentence_bleu([reference], hypothesis)


def test_meteor_by_hand(wordnet_folder: Path) -> None:
    """Four matches, two by synonyms, in one chunk: 1 - 0.5 * (1/4) ** 3."""
    wordnet = WordNet(wordnet_folder)
    assert meteor(["the", "big", "dog", "ran"], ["The", "great", "hound", "ran"], wordnet) == 1 - 0.5 / 64
    assert meteor(["the", "big", "dog", "ran"], list("abc"), wordnet) == 0


def test_meteor_wants_the_reference_first(wordnet_folder: Path) -> None:
    """Two of four words: P = 1, R = 1/2, F = PR / (0.9 P + 0.1 R), one chunk of two."""
    wordnet = WordNet(wordnet_folder)
    long, short = list("abcd"), list("ab")
    assert meteor(long, short, wordnet) == pytest.approx(0.5 / 0.95 * (1 - 0.5 / 8))
    assert meteor(short, long, wordnet) == pytest.approx(0.5 / 0.55 * (1 - 0.5 / 8))
    assert [meteor([], [], wordnet), meteor([], short, wordnet), meteor(short, [], wordnet)] == [1, 0, 0]
