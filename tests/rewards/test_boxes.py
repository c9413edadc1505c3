"""Boxes and points in answers."""

import pytest

from ocr2.rewards.boxes import Detections, in_thousandths, read_detections, read_points, read_quadruples

CAT = ("cat", (0.0, 0.0, 5.0, 5.0))


def test_three_ways_to_write_a_box_are_read() -> None:
    text = "[1,2,3,4] then (1, 2, 3, 4) then (1,2),(3,4) but not [1,2,3] nor (1,2)"
    assert read_quadruples(text) == [(1, 2, 3, 4)] * 3
    assert len(read_quadruples("[1,2,3,4]" * 5000)) == 1000


def test_shares_become_thousandths() -> None:
    assert in_thousandths((0.1, 0.2, 0.5, 1.0)) == pytest.approx((100, 200, 500, 1000))
    assert in_thousandths((0, 0, 2, 1)) == (0, 0, 2, 1)


@pytest.mark.parametrize("text", ["", "words", "{}", "[1]", '["a"]', "[[1, 2, 3]]", "[[true, false]]", "[[1e400, 0]]"])
def test_what_is_no_list_of_points_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_points(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", Detections(0, ())),
        ('```json\n[{"bbox_2d": [0, 0, 5, 5], "label": " Cat"}]\n```', Detections(1, (CAT,))),
        ("Cat: [000, 0, 5, 5]", Detections(1, (CAT,))),
        ('[{"bbox_2d": [5, 0, 0, 5], "label": "cat"}]', Detections(1, ())),  # left and right exchanged
        ('[{"bbox_2d": [0, 0, 5, 5]}, {"label": "cat"}, {}]', Detections(3, ())),
        ('[{"bbox_2d": [0, 0, true, 5], "label": "cat"}]', Detections(1, ())),
        ('[{"bbox_2d": [0, 0, 5, 5], "label": "unicorn"}]', Detections(1, ())),
        ("words", None),
        ("[1, 2]", None),
        ('{"bbox_2d": []}', None),
    ],
)
def test_named_boxes_are_read_and_wrong_ones_counted(text: str, found: Detections | None) -> None:
    assert read_detections(text, frozenset(("cat", "dog"))) == found
