"""Sides of boxes move to the ink, no further than a cell allows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ocr2.results.box import Box
from ocr2.vary.nano.snap import page_mask, snap_box

CELLS = (64, 48)


def page(*boxes: Box, dark: bool = False) -> np.ndarray:
    gray = np.full((640, 480), 255, np.uint8)
    for box in boxes:
        gray[box.top : box.bottom, box.left : box.right] = 20
    return 255 - gray if dark else gray


@given(*[st.integers(-6, 6)] * 4, st.booleans())
def test_a_box_that_is_a_little_off_becomes_the_ink(a: int, b: int, c: int, d: int, dark: bool) -> None:
    true = Box(100, 200, 300, 240)
    near = Box(true.left + a, true.top + b, true.right + c, true.bottom + d)
    assert snap_box(near, page_mask(page(true, dark=dark)), CELLS) == true


@given(st.integers(0, 400), st.integers(0, 500), st.integers(1, 80), st.integers(1, 140))
def test_a_box_stays_on_the_page_and_grows_by_less_than_a_cell(left: int, top: int, width: int, height: int) -> None:
    ink = page_mask(np.where(np.random.default_rng(left).random((640, 480)) < 0.1, 0, 255).astype(np.uint8))
    box = Box(left, top, left + width, top + height)
    found = snap_box(box, ink, CELLS)
    assert 0 <= found.left < found.right <= 480
    assert 0 <= found.top < found.bottom <= 640
    grown = (box.left - found.left, box.top - found.top, found.right - box.right, found.bottom - box.bottom)
    assert max(grown) <= 10


def test_lines_inside_and_neighbours_do_not_draw_a_side() -> None:
    lines = [Box(100, 200 + 20 * i, 300, 212 + 20 * i) for i in range(3)]
    neighbour = Box(306, 200, 400, 260)
    ink = page_mask(page(*lines, neighbour))
    assert snap_box(Box(98, 197, 303, 255), ink, CELLS) == Box(100, 200, 300, 252)


def test_empty_margins_are_cut_off_however_wide() -> None:
    true = Box(100, 200, 300, 240)
    assert snap_box(Box(100, 200, 300, 400), page_mask(page(true)), CELLS) == true


def test_a_side_without_ink_in_reach_stays() -> None:
    assert snap_box(Box(10, 10, 60, 60), page_mask(page(Box(200, 200, 300, 300))), CELLS) == Box(10, 10, 60, 60)
