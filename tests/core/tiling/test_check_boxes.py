"""Check boxes beside lines of text: found whatever stands in them, and no letter is one."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.tiling.check_boxes import find_check_boxes, inside_of, trimmed
from ocr2.tiling.columns import Band

LINE = Band(60.0, 24.0, 300.0, 38.0)  # x-height 14


def page() -> NDArray[np.uint8]:
    return np.zeros((64, 360), np.uint8)


def frame(mask: NDArray[np.uint8], left: int, top: int, side: int = 24, *, thickness: int = 2) -> None:
    cv2.rectangle(mask, (left, top), (left + side - 1, top + side - 1), 1, thickness)


def test_an_empty_and_a_marked_box_are_told_apart() -> None:
    mask = page()
    frame(mask, 20, 18)
    frame(mask, 320, 18)
    cv2.line(mask, (324, 22), (338, 38), 1, 2)
    cv2.line(mask, (338, 22), (324, 38), 1, 2)
    (boxes,) = find_check_boxes(mask, [LINE])
    assert [box.is_marked for box in boxes] == [False, True]
    assert boxes[0].box.as_list() == pytest.approx([19, 17, 45, 43], abs=2)


def test_a_tick_may_reach_out_of_its_box() -> None:
    mask = page()
    frame(mask, 20, 18)
    cv2.polylines(mask, [np.array([(24, 28), (31, 38), (52, 8)], np.int32)], False, 1, 2)
    (boxes,) = find_check_boxes(mask, [LINE])
    assert [box.is_marked for box in boxes] == [True]
    assert boxes[0].box.right < 48


@pytest.mark.parametrize("letter", list("ODQ0BHEMNU8#@□")[:13])
def test_letters_are_no_boxes(letter: str) -> None:
    for size in (24, 32, 44):
        picture = Image.new("L", (360, 64), 0)
        ImageDraw.Draw(picture).text((20, 50), letter, fill=255, font=ImageFont.load_default(size), anchor="ls")
        mask = (np.asarray(picture) > 127).astype(np.uint8)
        assert find_check_boxes(mask, [LINE]) == [[]], size


def test_squares_that_are_filled_far_away_or_large_are_no_boxes() -> None:
    mask = page()
    cv2.rectangle(mask, (20, 18), (44, 42), 1, -1)
    assert find_check_boxes(mask, [LINE]) == [[]]
    mask = page()
    frame(mask, 20, 18)
    assert find_check_boxes(mask, [Band(160.0, 24.0, 300.0, 38.0)]) == [[]]
    mask = page()
    frame(mask, 4, 4, 54)
    assert find_check_boxes(mask, [LINE]) == [[]]


def test_a_square_among_letters_is_a_letter() -> None:
    mask = page()
    frame(mask, 100, 18)
    cv2.rectangle(mask, (96, 20), (97, 38), 1, -1)
    assert find_check_boxes(mask, [LINE]) == [[]]


def test_without_lines_there_are_no_boxes() -> None:
    mask = page()
    frame(mask, 20, 18)
    assert find_check_boxes(mask, []) == []


def test_what_has_no_straight_edges_is_no_frame() -> None:
    ring = np.zeros((24, 24), np.uint8)
    cv2.circle(ring, (12, 12), 10, 1, 2)
    assert inside_of(ring > 0, ring) is None
    assert trimmed(np.zeros((5, 5), np.bool_)).width == 0
