"""Music."""

import pytest

from ocr2.rewards.music import score_kern

TRUTH = "**kern\t**kern\n4c\t4e 4g\n=\t=\n2c\t2e\n*-\t*-"


def test_one_wrong_note_costs_one_token() -> None:
    # Five lines of two columns and their ends: 15 tokens.
    assert score_kern(TRUTH.replace("2c", "2d"), TRUTH).total == pytest.approx(14 / 15)


def test_comments_and_the_order_of_a_chord_do_not_count() -> None:
    assert score_kern(TRUTH.replace("4e 4g", "4g 4e").replace("=\t=", "!! note\n=\t="), TRUTH).total == 1


def test_spines_that_do_not_end_cost_half() -> None:
    result = score_kern(TRUTH.removesuffix("\n*-\t*-"), TRUTH)
    assert result.problem == "2 spines are not ended by *-"
    assert result.parts == {"edit": pytest.approx(0.8), "valid": 0.0}
    assert result.total == pytest.approx(0.4)


def test_music_within_a_page_is_found() -> None:
    assert score_kern(f"Here it is:\n\n{TRUTH}", TRUTH).total == 1
    assert score_kern("words", TRUTH).total < 0.1
    assert score_kern("", "").total == 1
