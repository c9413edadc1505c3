"""Shares of slices by the area of their colour."""

import cv2
import numpy as np
import pytest

from ocr2.onechart.nano.slices import measure_slices


def test_shares_are_measured_on_a_picture_that_cannot_be_written_to() -> None:
    picture = np.full((200, 200, 3), 255, np.uint8)
    cv2.ellipse(picture, (100, 100), (80, 80), 0, 0, 90, (200, 30, 30), -1)
    cv2.ellipse(picture, (100, 100), (80, 80), 0, 90, 360, (30, 30, 200), -1)
    picture.flags.writeable = False  # as arrays of Pillow's images are
    small, large = measure_slices(picture, [(0.78, 0.78), (0.22, 0.22)])
    assert small == pytest.approx(0.25, abs=0.02)
    assert large == pytest.approx(0.75, abs=0.02)
