"""Figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.rewards.geometry import score_geometry_edit, score_geometry_f1, score_geometry_f1_compat
from ocr2.slowperception.grammar import Writing, write_figure

coordinates = st.integers(-9, 9).map(float)
points = st.tuples(coordinates, coordinates)
strokes = st.lists(st.tuples(points, points), max_size=6)
TRUTH = write_figure(Writing((((0.0, 0.0), (4.0, 0.0)), ((0.0, 0.0), (0.0, 3.0))), ((5.0, 5.0, 2.0),)))


def test_segments_and_circles_count_together_and_apart() -> None:
    result = score_geometry_f1("Line:\n(4.2, 0.0) -- (0.0, 0.0)\n(1.0, 1.0) -- (2.0, 2.0)\n", TRUTH)
    # One of two answers right, one of three truths found; 0.2 off is within both tolerances.
    assert result.total == pytest.approx(2 / 5)
    assert result.parts["segments_0.5"] == 0.5
    assert result.parts["circles_0.5"] == 0


def test_a_segment_may_be_written_from_either_end_and_along_an_axis() -> None:
    turned = "Line:\n(4.0, 0.0) -- (0.0, 0.0)\n(0.0, 3.0) -- (0.0, 0.0)\nCircle:\n(5.0, 5.0, 2.0)\n"
    assert score_geometry_f1(turned, TRUTH).total == 1
    assert score_geometry_f1_compat(turned, TRUTH).total == 0


@given(strokes, strokes)
def test_the_order_of_segments_and_of_sides_does_not_count(one: list, other: list) -> None:  # type: ignore[type-arg]
    answer, backwards, truth = (write_figure(Writing(tuple(s))) for s in (one, one[::-1], other))
    reward = score_geometry_f1(answer, truth).total
    assert reward == score_geometry_f1(backwards, truth).total
    assert reward == pytest.approx(score_geometry_f1(truth, answer).total)
    assert score_geometry_f1(answer, answer).total == 1


def test_gaze_points_do_not_count_but_may_cost() -> None:
    truth = write_figure(Writing((((0.0, 0.0), (8.0, 0.0)),)))
    answer = write_figure(Writing((((0.0, 0.0), (4.0, 0.0), (8.0, 0.0)),)))
    assert score_geometry_f1(answer, truth).total == 1
    assert score_geometry_f1(answer, truth, stroke_cost=0.05).total == pytest.approx(0.9)
    assert score_geometry_f1(truth, truth, stroke_cost=0.05).total == pytest.approx(0.95)


def test_two_empty_figures_agree_and_have_nothing_in_the_published_score() -> None:
    assert score_geometry_f1("", "").total == 1
    assert score_geometry_f1_compat("", "").total == 0
    assert score_geometry_f1("words", TRUTH).problem == "there is no figure"


def test_the_edit_reward_compares_the_texts() -> None:
    assert score_geometry_edit("abcx", "abcd").total == 0.75
