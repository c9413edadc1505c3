"""Detection of all things in a picture."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.detection import match_regions
from ocr2.metrics.regions import NamedRegion, generalised_overlaps
from ocr2.rewards.detection import score_detection, score_detection_compat

Boxes = list[tuple[str, list[int]]]
TRUTH: Boxes = [("cat", [0, 0, 100, 100]), ("dog", [500, 500, 600, 600])]
boxes = st.lists(
    st.tuples(
        st.sampled_from(("cat", "dog")),
        st.tuples(*[st.integers(0, 50)] * 2, *[st.integers(51, 99)] * 2).map(list),
    ),
    max_size=5,
)


def _write(regions: Boxes) -> str:
    return json.dumps([{"bbox_2d": box, "label": label} for label, box in regions])


@pytest.mark.parametrize(
    ("answer", "reward"),
    [
        (TRUTH, 3.0),
        (TRUTH[::-1], 3.0),
        # One of two: .25 + .75 * 2/3 + 1 + 1 - .5 * (0 + 1/2)
        (TRUTH[:1], 2.5),
        # One right, one elsewhere: .25 + .75 * 1/2 + 1 + 1 - .5 * (1/2 + 1/2)
        ([TRUTH[0], ("dog", [900, 900, 950, 950])], 2.125),
        # Both found, one by a wrong name: .25 + .75 + 1/2 + 1
        ([TRUTH[0], ("cow", TRUTH[1][1])], 2.5),
        # Found with an overlap of .8: .25 + .75 + 1 + .9
        ([("cat", [0, 0, 100, 80]), TRUTH[1]], 2.9),
        # An overlap of .5 is not more than .5: one of two found.
        ([("cat", [0, 0, 100, 50]), TRUTH[1]], 2.125),
        # Each found twice: .25 + .75 * 2/3 + 1 + 1 - .5 * (2/4 + 0)
        (TRUTH * 2, 2.5),
        # Nothing found: the format alone.
        ([("cat", [900, 900, 950, 950])], 0.25),
        ([], 0.0),
    ],
)
def test_the_parts_add_up_as_published(answer: Boxes, reward: float) -> None:
    result = score_detection_compat(_write(answer), _write(TRUTH))
    assert result.parts["published"] == pytest.approx(reward)
    assert result.total == pytest.approx(reward / 3)
    assert score_detection(_write(answer), _write(TRUTH)).total == pytest.approx(reward / 3)


def test_entries_wrong_in_form_cost_format_and_count_as_wrong() -> None:
    answer = _write(TRUTH)[:-1] + ', {"label": "cat"}]'
    # Two of three: .25 * 2/3 + .75 * 4/5 + 1 + 1 - .5 * 1/3; published: .25 * 2/3 + .75 + 2.
    assert score_detection(answer, _write(TRUTH)).total == pytest.approx((1 / 6 + 0.6 + 2 - 1 / 6) / 3)
    assert score_detection_compat(answer, _write(TRUTH)).parts["published"] == pytest.approx(1 / 6 + 2.75)


def test_unknown_names_are_wrong_in_form() -> None:
    assert score_detection(_write(TRUTH), _write(TRUTH), kinds=["Cat", "DOG"]).total == pytest.approx(1)
    assert score_detection(_write(TRUTH), _write(TRUTH), kinds=["cat"]).parts["format"] == 0.5


def test_a_poor_match_is_no_worse_than_none() -> None:
    truth = [("cat", [100 * k, 0, 100 * k + 90, 90]) for k in range(9)]
    poor = _write([("dog", [0, 0, 90, 60])] + [("dog", [100 * k, 500, 100 * k + 90, 590]) for k in range(9)])
    # .25 + .75 * 2/19 + 0 + 2/3 - .5 * (9/10 + 8/9) = 0.10, less than the .25 of nothing found.
    assert score_detection_compat(poor, _write(truth)).parts["published"] == pytest.approx(0.1012, abs=1e-3)
    assert score_detection(poor, _write(truth)).total == pytest.approx(0.25 / 3)


def test_nothing_of_nothing_is_right_and_has_nothing_in_the_original() -> None:
    assert score_detection("[]", "[]").total == 1
    assert score_detection_compat("[]", "[]").total == 0
    assert score_detection("", "[]").problem is not None


def test_answers_may_name_boxes_as_vary_does() -> None:
    assert score_detection("Cat: [000, 000, 100, 100]; Dog: [500, 500, 600, 600]", _write(TRUTH)).total == 1


@given(boxes, boxes)
def test_the_truth_in_any_order_is_right_and_all_else_in_range(one: Boxes, other: Boxes) -> None:
    truth = _write(other)
    assert score_detection(_write(other[::-1]), truth).total == pytest.approx(1)
    assert 0 <= score_detection(_write(one), truth).total <= 1


def test_lengths_matter_to_the_matching_as_shares_of_the_side() -> None:
    # Far apart in pixels the nearer box is taken, whatever its name; as shares of the side names weigh more.
    answers: list[NamedRegion] = [("cat", (0.0, 0.0, 100.0, 100.0)), ("dog", (0.0, 0.0, 100.0, 99.0))]
    truth: list[NamedRegion] = [("dog", (0.0, 0.0, 100.0, 100.0))]
    assert match_regions(answers, truth, side=1.0).right_kind == 0
    assert match_regions(answers, truth, side=1000.0).right_kind == 1


def test_generalised_overlap_of_boxes_apart_is_negative() -> None:
    # Two squares with a gap as wide: union 2, box around them 3.
    assert generalised_overlaps([(0, 0, 1, 1)], [(2, 0, 3, 1)])[0, 0] == pytest.approx(-1 / 3)
    assert generalised_overlaps([(0, 0, 2, 1)], [(1, 0, 2, 1)])[0, 0] == pytest.approx(0.5)
