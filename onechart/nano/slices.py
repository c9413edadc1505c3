"""Shares of slices, by the area of their colour."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.onechart.nano.data_points import Place

INWARD = (0.06, 0.12, 0.2)  # of the way to the middle of all marks: where a slice's colour is looked for
SAME = 12  # levels of a colour that a slice may vary by
LARGEST = 0.7  # of the picture: a larger area is the ground


def measure_slices(picture: NDArray[np.uint8], marks: Sequence[Place]) -> list[float | None]:
    """Return each slice's share of all, by the area of its colour around a place a little inward from its mark.

    Args:
        picture: (height, width, 3).
        marks: The outer middles of all slices of one chart.

    Returns:
        Shares, None where no area was found.
    """
    height, width = picture.shape[:2]
    places = np.array(marks, np.float64).reshape(-1, 2) * (width, height)
    middle = places.mean(axis=0) if len(places) > 2 else np.array([width / 2, height / 2])
    areas = [max(_area(picture, at + (middle - at) * step) for step in INWARD) for at in places]
    total = sum(areas)
    return [area / total if area else None for area in areas]


def _area(picture: NDArray[np.uint8], at: NDArray[np.float64]) -> int:
    """Return how many pixels of one colour hang together with a place (x, y)."""
    height, width = picture.shape[:2]
    x, y = int(np.clip(at[0], 0, width - 1)), int(np.clip(at[1], 0, height - 1))
    mask = np.zeros((height + 2, width + 2), np.uint8)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (255 << 8)
    writable = np.require(picture, requirements=("C", "W"))  # OpenCV asks for it, though only the mask is written
    area, *_ = cv2.floodFill(writable, mask, (x, y), 0, (SAME,) * 3, (SAME,) * 3, flags)
    return int(area) if area < LARGEST * height * width else 0
