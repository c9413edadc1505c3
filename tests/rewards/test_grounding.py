"""One box for one thing."""

import pytest

from ocr2.rewards.grounding import score_grounding_iou2, score_grounding_iou2_compat, score_grounding_iou2_precursor

TRUTH = "[0, 0, 100, 100]"


@pytest.mark.parametrize(
    ("answer", "iou"),
    [
        ("[0, 0, 100, 100]", 1.0),
        ("(50,0),(150,100)", 1 / 3),
        ("(0, 0, 100, 50)", 0.5),
        ("[200, 200, 300, 300]", 0.0),
        ("[100, 100, 0, 0]", 0.0),
        ("I see no box", 0.0),
        ("[0, 0, 0.1, 0.1]", 1.0),
        ("[0, 0, 100, 100] or [200, 200, 300, 300]", 1.0),  # the first counts
    ],
)
def test_the_reward_is_the_square(answer: str, iou: float) -> None:
    result = score_grounding_iou2(answer, TRUTH)
    assert result.parts["iou"] == pytest.approx(iou)
    assert result.total == pytest.approx(iou**2)


def test_the_original_takes_numbers_without_a_mark_times_a_thousand() -> None:
    assert score_grounding_iou2_compat("[0, 0, 100, 100]", TRUTH).parts["iou"] == pytest.approx(1e-6)
    assert score_grounding_iou2_compat("[0, 0, 0.1, 0.1]", TRUTH).total == 1
    assert score_grounding_iou2_compat("<|box_start|>(0,0),(100,100)<|box_end|>", TRUTH).total == 1


@pytest.mark.parametrize(
    ("answer", "published"),
    [
        ("no box", -1.0),
        ("[9, 0, 5, 9]", -0.6),
        ("[0, 9, 5, 5]", -0.6),
        ("[200, 200, 300, 300]", -0.2),
        ("[0, 0, 100, 50]", 0.25),
    ],
)
def test_the_precursor_grades_what_has_no_overlap(answer: str, published: float) -> None:
    result = score_grounding_iou2_precursor(answer, TRUTH)
    assert result.parts["published"] == pytest.approx(published)
    assert result.total == pytest.approx((1 + published) / 2)
