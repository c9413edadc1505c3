"""Repetition."""

from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.repetition import repeated_share
from ocr2.rewards.repetition import score_repetition

LINE = "the same line of words again and again. "


def test_the_share_is_that_of_ngrams_that_come_too_often() -> None:
    # ab ba ab ba ab: five, of which two are first.
    assert repeated_share("", "ababab", size=2) == 0.6
    assert repeated_share("abab", "ababab", size=2) == 0.4
    assert repeated_share("", "ab", size=3) == 0


def test_what_the_truth_repeats_is_allowed() -> None:
    page = "First line. " + LINE * 60
    assert score_repetition(page, page).total == 1
    assert score_repetition(page, "First line. " + LINE).total < 0.05


def test_an_endless_loop_leaves_what_stands_before_it() -> None:
    start = "".join(chr(0x4E00 + k) for k in range(1000))
    result = score_repetition(start + "ab" * 500, start)
    assert result.problem == "the answer ends in a loop"
    assert result.parts["before_loop"] == 1002 / 2000


@given(st.text(max_size=200))
def test_a_page_repeats_nothing_beyond_itself(text: str) -> None:
    assert score_repetition(text, text).total == 1
