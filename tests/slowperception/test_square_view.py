"""The frame of a picture is undone exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.slowperception.square_view import fill_frame, frame_picture

sides = st.integers(1, 5000)


@given(sides, sides, st.sampled_from([None, 5, 20]), st.floats(0, 1), st.floats(0, 1))
def test_units_and_pixels_undo_each_other(width: int, height: int, border: int | None, x: float, y: float) -> None:
    frame = frame_picture(width, height, border=border)
    pixel = x * width, y * height
    units = frame.to_units(pixel)
    assert max(map(abs, units)) <= 10 + 1e-9
    assert frame.to_pixels(units) == pytest.approx(pixel, abs=1e-6)


def test_the_frame_is_the_published_one() -> None:
    """401 x 300: padded to 401 with 50 above, 80 of border: a side of 561."""
    frame = frame_picture(401, 300)
    assert (frame.side, frame.left, frame.top) == (561, 80, 130)
    assert frame.to_units((200.5, 150.5)) == pytest.approx((0.0, 0.0))
    assert frame.unit == pytest.approx(28.05)


def test_squares_of_a_folder_are_left_bare() -> None:
    assert frame_picture(300, 300, bare_squares=True).side == 300
    assert frame_picture(300, 301, bare_squares=True).side == 421


@pytest.mark.parametrize("size", [(10, 10_000), (1, 1), (40, 30)])
def test_a_picture_lies_where_its_frame_says(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    frame = frame_picture(size[1], size[0])
    view = fill_frame(picture, frame, 140)
    assert view.shape == (140, 140, 3)
    rows, columns = np.nonzero(view[..., 0] < 128)
    if size == (40, 30):
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 119, 32, 107)
        left, top = frame.to_units((0, 0))
        assert (left + 10) / 20 * 140 == pytest.approx(columns.min() + 0.5, abs=1)
        assert (10 - top) / 20 * 140 == pytest.approx(rows.min(), abs=1)


def test_shrinking_smoothly_loses_no_thin_line() -> None:
    picture = np.full((1000, 1000, 3), 255, np.uint8)
    picture[:, 503] = 0
    frame = frame_picture(1000, 1000)
    assert fill_frame(picture, frame, 100, smooth=True).min() < 250
