"""How far the pixels of a picture are from the ground around them."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

SHRINK = 4  # the ground is looked for in a picture so many times smaller
SMALLEST = 64  # pixels of the shorter side: smaller pictures are looked at as they are
WIDEST = 255  # pixels that OpenCV's median takes


def contrast_to_ground(picture: NDArray[np.uint8], *, span: int) -> NDArray[np.float32]:
    """Return how far each pixel is from the usual colour around it, levels of the channel that differs most (h, w).

    Args:
        picture: (h, w) or (h, w, 3).
        span: Pixels across, about, in which a colour is the usual one.
    """
    height, width = picture.shape[:2]
    shrink = SHRINK if min(height, width) >= SMALLEST else 1
    size = max(1, width // shrink), max(1, height // shrink)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    reach = max(3, min(span // shrink, WIDEST) | 1)
    ground = cv2.medianBlur(small, reach)
    level = cv2.resize(ground.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    off = np.abs(picture.astype(np.float32) - level)
    return np.asarray(functools.reduce(np.maximum, cv2.split(off)) if off.ndim == 3 else off, np.float32)
