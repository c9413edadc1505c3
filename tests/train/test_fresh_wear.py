"""Strips that are worn anew."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.tiling.strips import BACKGROUND
from ocr2.train.fresh_wear import wear_strip


def strips(count: int = 40, width: int = 256) -> NDArray[np.uint8]:
    """Draw bars as letters: the last ends at two thirds of the width."""
    strip = np.full((32, width), BACKGROUND, np.uint8)
    for x in range(10, 2 * width // 3, 14):
        strip[8:24, x : x + 6] = 230
    return np.repeat(strip[None], count, axis=0)


def worn_by(seed: int, drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return np.stack([wear_strip(rng, strip) for strip in drawn])


def bars_of(strip: NDArray[np.uint8]) -> int:
    columns = (cv2.GaussianBlur(strip, (0, 0), 1.0)[14:18].mean(axis=0) > (BACKGROUND + 60)).astype(int)
    return int((np.diff(columns) == 1).sum())


def test_every_strip_is_worn_in_its_own_way_and_the_same_for_the_same_seed() -> None:
    one, again = (worn_by(5, strips()) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert len({strip.tobytes() for strip in one}) > 30
    assert one.shape == strips().shape


def test_what_a_strip_says_stays_inside_it() -> None:
    drawn = strips()
    worn = worn_by(1, drawn)
    assert {bars_of(strip) for strip in worn} == {bars_of(drawn[0])}


@pytest.mark.parametrize("end", [200, 256])
def test_padding_stays_clean(end: int) -> None:
    drawn = strips()
    drawn[:, :, :end] = np.maximum(drawn[:, :, :end], BACKGROUND + 1)
    worn = worn_by(2, drawn)
    for strip in worn:
        tail = np.flatnonzero((strip != BACKGROUND).any(axis=0))[-1]
        assert tail <= end * 1.05 + 4
