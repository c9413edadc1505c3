"""Scores of traces: the published one with its weaknesses pinned, the sound one."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.traces import Counts, circle_counts, join_lines, overlap, segment_counts, sp1_mean, sp1_score

coordinates = st.integers(-9, 9).map(float)
points = st.tuples(coordinates, coordinates)
segments = st.lists(st.tuples(points, points).filter(lambda s: s[0] != s[1]), max_size=8)


def test_a_slanted_segment_is_found_and_one_along_an_axis_never() -> None:
    for end, found in (((3.0, 2.0), 1), ((3.0, 0.0), 0), ((0.0, 2.0), 0)):
        segment = ((0.0, 0.0), end)
        assert sp1_score([segment], [segment]).all.found == found
    assert overlap(((0, 0), (3, 0)), ((0, 0), (3, 0))) == 0.5


def test_nearly_upright_segments_lose_half_by_a_hair() -> None:
    assert overlap(((0, 0), (0.05, 4)), ((0.02, 0), (0.07, 4))) == pytest.approx((0.03 / 0.07 + 1) / 2)


def test_the_diagonals_of_a_box_count_as_one() -> None:
    score = sp1_score([((0, 3), (4, 0))], [((0, 0), (4, 3))], threshold=0.9)
    assert score.all.f1 == 1.0
    assert segment_counts([((0, 3), (4, 0))], [((0, 0), (4, 3))]).f1 == 0.0


def test_an_overlap_must_exceed_the_threshold() -> None:
    truth = [((0.0, 0.0), (4.0, 4.0))]
    assert sp1_score([((0.0, 0.0), (3.0, 3.0))], truth).all.found == 0
    assert sp1_score([((0.0, 0.0), (3.01, 3.01))], truth).all.found == 1


def test_matching_is_greedy_in_the_answers_order() -> None:
    """The first answer takes the truth that only it could share with the second, as in the authors' script."""
    truth = [((0.0, 0.0), (4.0, 4.0)), ((0.0, 0.0), (3.2, 3.2))]
    wide, narrow = ((0.0, 0.0), (3.59, 3.6)), ((0.0, 0.0), (4.7, 4.8))
    assert sp1_score([wide, narrow], truth).all.found == 1
    assert sp1_score([narrow, wide], truth).all.found == 2


def test_answers_on_one_line_are_joined_and_the_truth_is_not() -> None:
    pieces = [((0.0, 0.0), (1.0, 2.0)), ((2.0, 4.0), (1.0, 2.0))]
    assert join_lines(pieces) == [((0.0, 0.0), (2.0, 4.0))]
    assert sp1_score(pieces, [((0.0, 0.0), (2.0, 4.0))]).all == Counts(1, 1, 1)
    assert sp1_score([((0.0, 0.0), (2.0, 4.0))], pieces).all == Counts(0, 1, 2)
    assert join_lines([((1.0, 0.0), (1.0, 2.0)), ((1.0, 5.0), (1.0, 4.0))]) == [((1.0, 0.0), (1.0, 5.0))]


def test_short_and_long_are_scored_apart_and_nothing_counts_nothing() -> None:
    truth = [((0.0, 0.0), (1.0, 2.0)), ((0.0, 1.0), (9.0, 9.0))]
    score = sp1_score(truth[:1], truth)
    assert (score.short, score.long) == (Counts(1, 1, 1), Counts(0, 0, 1))
    assert sp1_mean([score.short, score.long]) == (0.5, 0.5, 0.5)


@given(segments, st.randoms())
def test_the_sound_score_knows_no_order_and_no_direction(
    truth: list[tuple[tuple[float, float], tuple[float, float]]], rng: random.Random
) -> None:
    answer = [(b, a) if rng.random() < 0.5 else (a, b) for a, b in truth]
    rng.shuffle(answer)
    assert segment_counts(answer, truth, tolerance=0.25) == Counts(len(truth), len(truth), len(truth))


@given(segments, segments)
def test_a_wider_tolerance_never_finds_less(
    answer: list[tuple[tuple[float, float], tuple[float, float]]],
    truth: list[tuple[tuple[float, float], tuple[float, float]]],
) -> None:
    found = [segment_counts(answer, truth, tolerance=t).found for t in (0.25, 0.5, 1.5, 40.0)]
    assert found == sorted(found)
    assert found[-1] == min(len(answer), len(truth))


def test_the_matching_is_the_best_one() -> None:
    """Greedy would give the first answer the truth that only the second one fits."""
    truth = [((0.0, 0.0), (4.0, 0.0)), ((0.0, 0.4), (4.0, 0.4))]
    answer = [((0.0, 0.2), (4.0, 0.2)), ((0.0, -0.4), (4.0, -0.4))]
    assert segment_counts(answer, truth).found == 2


def test_circles_are_matched_by_centre_and_radius() -> None:
    truth = [(0.0, 0.0, 2.0), (3.0, 3.0, 1.0)]
    assert circle_counts([(0.3, 0.3, 2.4), (3.0, 3.0, 1.6)], truth) == Counts(1, 2, 2)
    assert circle_counts([], truth).f1 == 0.0
    assert math.isclose(circle_counts(truth[:1], truth).f1, 2 / 3)
