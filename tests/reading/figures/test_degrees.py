"""Degree signs behind measures, told by their shape."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.figures.degrees import Box, split_degree

SIX, ZERO = (10, 20, 20, 40), (23, 20, 33, 40)
INK = np.ones((80, 80), np.bool_)


def hollow(box: Box) -> NDArray[np.bool_]:
    ink = INK.copy()
    left, top, right, bottom = box
    ink[top + 2 : bottom - 2, left + 2 : right - 2] = False
    return ink


@pytest.mark.parametrize("sign", [(36, 18, 43, 25), (35, 20, 39, 24), (34, 17, 42, 25), (32, 19, 39, 26)])
def test_a_small_round_sign_at_the_upper_right_is_one(sign: Box) -> None:
    assert split_degree([SIX, ZERO, sign], [], INK) == ([SIX, ZERO], sign)
    assert split_degree([SIX, ZERO], [sign], INK) == ([SIX, ZERO], sign)  # too small for a letter


@pytest.mark.parametrize(
    "other",
    [
        (36, 20, 46, 40),  # a digit
        (36, 35, 41, 40),  # a full stop
        (36, 28, 43, 30),  # a minus
        (50, 18, 57, 25),  # too far off
        (2, 18, 8, 25),  # in front
        (36, 2, 43, 9),  # high above
        (36, 20, 37, 21),  # a speck of dust
    ],
)
def test_other_pieces_are_none(other: Box) -> None:
    assert split_degree([SIX, ZERO, other], [], INK) == ([SIX, ZERO, other], None)


def test_a_large_sign_has_no_ink_in_its_middle() -> None:
    digits: list[Box] = [(10, 20, 30, 60), (34, 20, 54, 60)]
    sign = (57, 18, 71, 32)
    assert split_degree([*digits, sign], [], hollow(sign)) == (digits, sign)
    assert split_degree([*digits, sign], [], INK) == ([*digits, sign], None)


def test_nothing_stands_behind_nothing() -> None:
    assert split_degree([], [(36, 18, 43, 25)], INK) == ([], None)
    assert split_degree([SIX], [], INK) == ([SIX], None)
