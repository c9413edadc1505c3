"""Frames of colour around places of a page, as Fox was taught to look for them.

Source: docs/models/fox.md, "Colour frames".
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.boxes import require_inside
from ocr2.fox.prompts import Color

RGB = NDArray[np.uint8]  # (height, width, 3)
COLORS: dict[Color, tuple[int, int, int]] = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
LINE = 5 / 833  # of the page's width


def paint_frame(page: RGB, box: Sequence[float], color: Color) -> RGB:
    """Return a page (height, width, 3) with a hollow frame drawn just outside a box.

    Args:
        page: It stays as it is.
        box: Left, top, right, bottom, pixels.
        color: Of the frame.

    Raises:
        ValueError: If the box is empty or not inside the page, or the colour is unknown.
    """
    if color not in COLORS:
        raise ValueError(f"color must be one of {', '.join(COLORS)}, got {color!r}")
    height, width = page.shape[:2]
    inner = require_inside(box, width=width, height=height, what=f"a page of {width} x {height} pixels")
    left, top, right, bottom = (round(v) for v in inner)
    line = max(1, round(LINE * width))
    framed = page.copy()
    outer = framed[max(0, top - line) : bottom + line, max(0, left - line) : right + line]
    kept = page[top:bottom, left:right]
    outer[:] = COLORS[color]
    framed[top:bottom, left:right] = kept
    return framed
