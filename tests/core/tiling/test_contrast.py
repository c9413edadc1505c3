"""How far pixels are from the ground around them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.tiling.contrast import contrast_to_ground

Picture = NDArray[np.uint8]
SPAN = 60
WHITE, BLACK, PALE_BLUE = (255, 255, 255), (0, 0, 0), (190, 215, 255)


def page(height: int = 160, width: int = 200, colour: tuple[int, int, int] = WHITE) -> Picture:
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = colour
    return picture


@pytest.mark.parametrize(
    ("ground", "ink", "levels"),
    [
        (WHITE, BLACK, 255),
        (BLACK, WHITE, 255),  # chalk
        (WHITE, (255, 240, 100), 155),  # yellow: blue differs most
        ((120, 120, 120), (120, 160, 120), 40),  # of nearly one lightness
        ((200, 60, 60), (60, 130, 60), 140),
    ],
)
def test_a_stroke_is_as_far_as_the_channel_that_differs_most(
    ground: tuple[int, int, int], ink: tuple[int, int, int], levels: int
) -> None:
    picture = page(colour=ground)
    picture[80:83, 20:180] = ink
    off = contrast_to_ground(picture, span=SPAN)
    assert off.shape == (160, 200)
    assert np.abs(off[81, 30:170] - levels).max() <= 1
    assert off[:70].max() <= 1


def test_uneven_light_is_ground_and_a_stroke_in_it_is_not() -> None:
    light = np.linspace(90, 250, 200)[None, :] + np.zeros((160, 1))
    picture = np.repeat(light[..., None], 3, axis=2).astype(np.uint8)
    assert contrast_to_ground(picture, span=SPAN).max() < 8  # of 160 levels from side to side
    picture[80:83, 20:180] //= 2
    off = contrast_to_ground(picture, span=SPAN)
    assert off[81, 30:170].min() > 45
    assert off[:70].max() < 8


def test_a_stroke_over_a_filled_area_stands_out_from_the_area() -> None:
    picture = page(240, 240)
    picture[40:200, 40:200] = PALE_BLUE
    picture[118:122, 60:180] = (60, 90, 200)
    off = contrast_to_ground(picture, span=48)
    assert off[120, 80:160].min() > 90
    assert off[80:105, 80:160].max() < 5  # inside of the area


def test_pale_strokes_keep_their_levels_beside_black_ones() -> None:
    picture = page()
    picture[40:42, 20:180] = PALE_BLUE
    alone = contrast_to_ground(picture, span=SPAN)
    picture[120:132, 60:140] = BLACK
    beside = contrast_to_ground(picture, span=SPAN)
    assert alone[41, 60] == pytest.approx(65, abs=1)
    np.testing.assert_allclose(beside[35:45], alone[35:45], atol=1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (2, 3), (5, 4, 3), (1, 90, 3), (63, 64)])
def test_tiny_pictures_have_contrasts_too(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 200, np.uint8)
    off = contrast_to_ground(picture, span=max(1, max(shape) // 3))
    assert off.shape == shape[:2]
    assert off.max() == 0
    if min(shape[:2]) > 3:
        picture[1, 1] = 80
        assert contrast_to_ground(picture, span=3)[1, 1] == 120


def test_a_span_beyond_the_picture_and_beyond_the_median_is_taken() -> None:
    picture = page()
    cv2.line(picture, (20, 20), (180, 140), BLACK, 3)
    for span in (160, 10_000):
        assert contrast_to_ground(picture, span=span)[80, 100] == 255


@given(st.integers(0, 255), st.integers(0, 255))
def test_ink_is_as_far_as_its_negative(ground: int, ink: int) -> None:
    picture = np.full((48, 48), ground, np.uint8)
    picture[20:22, 4:40] = ink
    off = contrast_to_ground(picture, span=16)
    np.testing.assert_array_equal(off, contrast_to_ground(255 - picture, span=16))
    assert off[20, 20] == abs(ground - ink)
