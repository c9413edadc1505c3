"""Pieces that speech programs can take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formats.speech.pieces import CLAUSE_END, MAX_SECONDS, cut_pieces, seconds_of

WORDS = st.lists(st.sampled_from(["rain", "in", "October,", "1,024", "falls;", "it's"]), min_size=1, max_size=120)
SENTENCES = st.lists(WORDS.map(" ".join), max_size=8)


def test_a_minute_has_150_words() -> None:
    assert seconds_of("word " * 150) == 60
    assert seconds_of("it's 42 %") == 4 * 60 / 150


@given(SENTENCES)
def test_pieces_hold_every_word_once_in_order(sentences: list[str]) -> None:
    assert " ".join(cut_pieces(sentences)).split() == " ".join(sentences).split()


@given(SENTENCES)
def test_a_piece_is_longer_than_the_limit_only_if_it_is_one_clause(sentences: list[str]) -> None:
    for piece in cut_pieces(sentences):
        assert seconds_of(piece) <= MAX_SECONDS + 1e-9 or len(CLAUSE_END.split(piece)) == 1


@given(SENTENCES)
def test_sentences_that_fit_stay_whole(sentences: list[str]) -> None:
    joined = "\n".join(cut_pieces(sentences))
    assert all(sentence in joined for sentence in sentences if seconds_of(sentence) <= MAX_SECONDS)


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="max_seconds must be positive, got 0"):
        list(cut_pieces(["a"], 0))
