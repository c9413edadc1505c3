"""Counting by finding."""

import math

import pytest

from ocr2.metrics.detection import match_points
from ocr2.rewards.counting import score_count, score_count_compat

TRUTH = "[[100, 100], [500, 500]]"
MARKED = "<|object_ref_start|>cats<|object_ref_end|><|box_start|>(90,90),(110,110)<|box_end|>"


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        ("[90, 90, 110, 110], [490, 490, 510, 510]", 1.0),
        ("[490, 490, 510, 510], [90, 90, 110, 110]", 1.0),
        ("[90, 90, 110, 110]", 0.5),
        ("[90, 90, 110, 110], [490, 490, 510, 510], [0, 0, 10, 10]", 2 / 3),
        # One exact, one (30, 40) off: mean distance 25.
        ("[90, 90, 110, 110], [520, 530, 540, 550]", 1 - 25 / (1000 * math.sqrt(2))),
        ("no box", 0.0),
    ],
)
def test_it_is_the_ratio_of_counts_times_nearness(answer: str, reward: float) -> None:
    assert score_count(answer, TRUTH).total == pytest.approx(reward)


def test_nothing_of_nothing_is_right() -> None:
    assert score_count("There is none.", "[]").total == 1
    assert score_count("[0, 0, 9, 9]", "[]").total == 0


def test_truths_may_be_boxes() -> None:
    assert score_count("[90, 90, 110, 110]", "[[90, 90, 110, 110]]").total == 1


def test_the_original_wants_the_format_first() -> None:
    assert score_count_compat("[90, 90, 110, 110]", TRUTH).total == 0
    assert score_count_compat(MARKED, TRUTH).total == 0  # the end mark is missing
    assert score_count_compat(f"{MARKED}<|im_end|>", TRUTH).total == 0.5
    assert score_count_compat("There is none.", "[]").total == 0


def test_points_farther_apart_than_the_reach_have_no_nearness() -> None:
    assert match_points([(0.0, 0.0)], [(9.0, 0.0)], reach=3.0).nearness == 0
