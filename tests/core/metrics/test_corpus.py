"""Scores of sets, computed by hand: correct ones, and as GOT's scripts print them."""

import math
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.metrics.corpus import METRICS, ErrorCount, Metric, PartScores, ScoreOptions, score_pairs
from ocr2.metrics.markup_parts import Part
from ocr2.metrics.pairs import Pair
from ocr2.metrics.text import bootstrap_interval, edit_counts
from ocr2.metrics.wordnet import WordNet

TRUTH, ANSWER = "a b c d e", "a b c d"


def score(*texts: tuple[str, str], part: Part = "text", compat: bool = False) -> PartScores:
    pairs = [Pair(str(number), *pair) for number, pair in enumerate(texts)]
    (scores,) = score_pairs(pairs, ScoreOptions(part=part, compat=compat))
    return scores


def means(scores: PartScores) -> dict[Metric, float | None]:
    return {metric: scores.mean(metric) for metric in METRICS}


def test_a_word_that_lacks_costs_recall() -> None:
    assert means(score((TRUTH, ANSWER))) == {
        "edit_distance": pytest.approx(2 / 9),
        "precision": 1,
        "recall": pytest.approx(4 / 5),
        "f1": pytest.approx(8 / 9),
        "bleu": pytest.approx(math.exp(-1 / 4)),  # all n-grams are right, one of five words lacks
        "meteor": None,
    }


def test_gots_scripts_print_precision_as_recall_and_turn_bleu_round() -> None:
    assert means(score((TRUTH, ANSWER), compat=True)) == {
        "edit_distance": pytest.approx(2 / 9),
        "precision": pytest.approx(4 / 5),
        "recall": 1,
        "f1": pytest.approx(8 / 9),
        "bleu": pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)),
        "meteor": None,
    }


@pytest.mark.parametrize(("compat", "expected"), [(False, 0.5 / 0.95), (True, 0.5 / 0.55)])
def test_gots_scripts_turn_meteor_round(wordnet_folder: Path, compat: bool, expected: float) -> None:
    """Two of four words: P = 1, R = 1/2 or the reverse, F = PR / (0.9 P + 0.1 R), one chunk of two."""
    options = ScoreOptions(compat=compat, wordnet=WordNet(wordnet_folder))
    (scores,) = score_pairs([Pair("x", "big dog ran far", "great hound")], options)
    assert scores.mean("meteor") == pytest.approx(expected * (1 - 0.5 / 8))


def test_errors_are_counted_over_the_whole_set() -> None:
    scores = score(("abcdefghi", "abcdefghi"), ("x", "y"), ("a b", "b"))
    assert [item.errors["cer"] for item in scores.items] == [ErrorCount(0, 9), ErrorCount(1, 1), ErrorCount(2, 3)]
    assert [item.errors["wer"] for item in scores.items] == [ErrorCount(0, 1), ErrorCount(1, 1), ErrorCount(1, 2)]
    cer, wer = scores.error_rate("cer"), scores.error_rate("wer")
    assert cer is not None
    assert wer is not None
    assert [cer.percent, wer.percent] == pytest.approx([300 / 13, 50])
    assert (cer.low, cer.high) == bootstrap_interval(edit_counts(["abcdefghi", "x", "a b"], ["abcdefghi", "y", "b"]))


def test_an_empty_answer_scores_0_and_is_left_out_by_gots_scripts() -> None:
    texts = (("a b c d", "a b c d"), ("a", ""), ("", "a"))
    assert means(score(*texts)) == dict.fromkeys(METRICS, pytest.approx(1 / 3)) | {
        "edit_distance": pytest.approx(2 / 3),
        "meteor": None,
    }
    got = score(*texts, compat=True)
    assert (len(got.items), got.dropped, got.mean("f1"), got.error_rate("cer")) == (1, ("1", "2"), 1, None)


def test_a_blank_page_read_as_blank_is_right() -> None:
    scores = score((" \n", ""))
    assert (scores.mean("edit_distance"), scores.mean("f1"), scores.mean("bleu")) == (0, 1, 1)
    assert scores.error_rate("cer") is None  # there is no character to get wrong


def test_white_space_counts_only_for_gots_scripts() -> None:
    texts = ("e\u0301a  b\n", "éa\nb")
    assert score(texts).mean("edit_distance") == 0
    assert score(texts, compat=True).mean("edit_distance") == pytest.approx(5 / 7)


def test_gots_script_for_markup_strips_pages_and_the_one_for_plain_text_does_not() -> None:
    pairs = [Pair("x", "a b\n", "a b")]
    plain, page = ScoreOptions(compat=True), ScoreOptions(compat=True, part="all")
    assert score_pairs(pairs, plain)[0].mean("edit_distance") == pytest.approx(1 / 4)
    assert score_pairs(pairs, page)[0].mean("edit_distance") == 0


def test_scene_text_is_scored_by_characters() -> None:
    correct, got = score(("ab c", "abc"), part="scene"), score(("ab c", "abc"), part="scene", compat=True)
    assert (correct.mean("recall"), got.mean("precision")) == (1, 3 / 4)  # the blank is a token for GOT's script
    assert (correct.level, correct.error_rate("wer")) == ("char", None)


def test_gots_scripts_take_blanks_between_chinese_words_for_words() -> None:
    texts = ("来到 北京", "来到北京")
    assert score(texts).mean("recall") == 1
    assert score(texts, compat=True).mean("precision") == pytest.approx(2 / 3)


@pytest.mark.parametrize("part", ["formula", "table"])
def test_a_part_that_one_side_lacks_scores_0_and_is_left_out_by_gots_scripts(part: Part) -> None:
    page = r"\(a b c d\) \begin{tabular} a b c d \end{tabular}"
    texts = ((page, page), (page, "text"), ("text", page), ("text", "text"))
    correct, got = score(*texts, part=part), score(*texts, part=part, compat=True)
    assert [len(correct.items), correct.mean("f1")] == pytest.approx([3, 1 / 3])
    assert (correct.without, correct.dropped) == (("3",), ())
    assert (len(got.items), got.mean("f1"), got.without, got.dropped) == (1, 1, ("3",), ("1", "2"))


def test_all_parts_of_a_page_are_scored_apart() -> None:
    parts = score_pairs([Pair("x", r"see \(a\)", r"see \(b\)")], ScoreOptions(part="all"))
    assert [(part.part, len(part.items), part.mean("edit_distance")) for part in parts] == [
        ("text", 1, pytest.approx(1 / 9)),
        ("formula", 1, 1),
        ("table", 0, None),
    ]


def test_nothing_to_score_has_no_scores() -> None:
    scores = score()
    assert set(means(scores).values()) == {None}
    assert scores.error_rate("cer") is None


def test_without_nltk_bleu_and_meteor_are_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nltk", None)
    scores = score((TRUTH, ANSWER))
    assert scores.absent == dict.fromkeys(("meteor", "bleu"), 'needs nltk: pip install "ocr2[eval]"')
    assert (scores.mean("bleu"), scores.mean("recall")) == (None, 4 / 5)


def test_without_jieba_chinese_words_are_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    scores = score(("来到北京", "来到北京"), ("a", "a"))
    assert set(scores.absent) == {"precision", "recall", "f1", "bleu", "meteor", "wer"}
    assert scores.absent["f1"] == '1 of the texts are Chinese, their words need jieba: pip install "ocr2[eval]"'
    assert (scores.mean("f1"), scores.mean("edit_distance"), scores.error_rate("wer")) == (None, 0, None)
    assert scores.error_rate("cer") is not None
    assert score(("来到", "来到"), part="scene").mean("f1") == 1
    assert set(score(("a", "a")).absent) == {"meteor"}


texts = st.text(alphabet="ab 来京\n", max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4), st.booleans())
def test_scores_are_bounded(pairs: list[tuple[str, str]], compat: bool) -> None:
    scores = score(*pairs, compat=compat)
    assert len(scores.items) + len(scores.dropped) == len(pairs)
    assert all(value is None or 0 <= value <= 1 for value in means(scores).values())


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_equal_texts_are_right(several: list[str]) -> None:
    scores = score(*((text, text) for text in several))
    assert means(scores) == dict.fromkeys(METRICS, pytest.approx(1)) | {"edit_distance": 0, "meteor": None}
    rate = scores.error_rate("cer")
    assert rate is None or (rate.percent, rate.low, rate.high) == (0, 0, 0)


@settings(deadline=None)
@given(texts, texts)
def test_gots_scores_are_the_correct_ones_with_the_sides_swapped(truth: str, answer: str) -> None:
    """For plain words; Chinese ones differ by their blanks, short texts in BLEU."""
    truth, answer = truth.replace("来", "").replace("京", ""), answer.replace("来", "").replace("京", "")
    got, swapped = score((truth, answer), compat=True), score((answer, truth))
    if got.items:
        assert [got.mean(m) for m in ("precision", "recall", "f1")] == [
            swapped.mean(m) for m in ("precision", "recall", "f1")
        ]
