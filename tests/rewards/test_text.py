"""The text of a page."""

import pytest

from ocr2.rewards.text import score_page_text, score_page_text_compat


@pytest.mark.parametrize(
    ("answer", "truth", "reward"),
    [
        ("abcd", "abcd", 1.0),
        ("abxd", "abcd", 0.75),
        ("ab", "abcd", 0.5),
        ("abcdabcd", "abcd", 0.5),  # the longer side counts, so that repetition is not free
        ("wxyz", "abcd", 0.0),
        ("", "abcd", 0.0),
        (" a \n b ", "a b", 1.0),
    ],
)
def test_it_is_one_less_the_edits_over_the_longer_length(answer: str, truth: str, reward: float) -> None:
    assert score_page_text(answer, truth).total == reward
    assert score_page_text_compat(answer, truth).total == reward


def test_two_empty_pages_agree_and_have_nothing_in_the_original() -> None:
    assert score_page_text(" ", "").total == 1
    assert score_page_text_compat(" ", "").total == 0


def test_composed_and_decomposed_letters_are_one_and_in_the_original_two() -> None:
    assert score_page_text("e\u0301", "é").total == 1
    assert score_page_text_compat("e\u0301", "é").total == 0
