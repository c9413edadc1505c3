"""Scores of regions and of short answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.answers import anls, box_match, relaxed_match
from ocr2.metrics.regions import RegionCounts, count_regions

PAGE = [("title", (0.0, 0.0, 100.0, 10.0)), ("paragraph", (0.0, 20.0, 100.0, 60.0)), ("chart", (0.0, 70.0, 50.0, 99.0))]


def test_the_truth_itself_is_right_and_in_order() -> None:
    counts = count_regions(PAGE, PAGE).total
    assert counts == RegionCounts(3, 3, 3, 3, 3)
    assert (counts.precision, counts.recall, counts.f1, counts.order) == (1, 1, 1, 1)


def test_another_kind_a_shifted_box_and_a_twin_are_wrong() -> None:
    wrong_kind = [("list", PAGE[0][1])]
    shifted = [("paragraph", (0.0, 40.0, 100.0, 80.0))]  # a third of the union
    assert count_regions(wrong_kind, PAGE).total.found == 0
    assert count_regions(shifted, PAGE).total.found == 0
    twins = count_regions([PAGE[1], PAGE[1]], PAGE).total
    assert (twins.found, twins.answers) == (1, 2)


def test_the_order_of_what_was_found_counts() -> None:
    assert count_regions(PAGE[::-1], PAGE).total.order == 0
    assert count_regions([PAGE[1], PAGE[0], PAGE[2]], PAGE).total.order == pytest.approx(2 / 3)


def test_counts_by_kind_add_up_over_pages() -> None:
    one = count_regions(PAGE[:2], PAGE)
    assert one.by_kind["chart"] == RegionCounts(0, 0, 1)
    assert (one.total + one.total).f1 == one.total.f1
    assert count_regions([], []).total.f1 == 1


@pytest.mark.parametrize(
    ("truths", "answer", "score"),
    [(["abcd"], "ABCD ", 1.0), (["abcd"], "abcx", 0.75), (["abcd"], "abxy", 0.0), (["x", "abcd"], "abcd", 1.0)],
)
def test_anls_forgives_little_and_takes_the_nearest(truths: list[str], answer: str, score: float) -> None:
    assert anls(truths, answer) == pytest.approx(score)


@pytest.mark.parametrize(
    ("truth", "answer", "right"),
    [("100", "105", True), ("100", "106", False), ("0", "0.0", True), ("2,000", "1950", True), ("Yes", "yes ", True),
     ("1.5.2", "1.5.3", False), ("-4", "-4.1", True), ("ten", "10", False)],
)  # fmt: skip
def test_numbers_may_be_off_by_a_twentieth(truth: str, answer: str, right: bool) -> None:
    assert relaxed_match(truth, answer) is right


@given(st.tuples(*[st.floats(0, 400)] * 2), st.tuples(*[st.floats(1, 400)] * 2))
def test_a_box_matches_itself_and_not_one_far_away(corner: tuple[float, float], size: tuple[float, float]) -> None:
    box = (*corner, corner[0] + size[0], corner[1] + size[1])
    far = tuple(v + 1000 for v in box)
    assert box_match(box, box)
    assert not box_match(box, far)
    assert not box_match(box, None)
