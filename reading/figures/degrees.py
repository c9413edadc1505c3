"""Degree signs behind measures, told by their shape: readers of text take them for a 9, a 0 or a per cent sign.

Lengths are pixels of the picture.
"""

from collections.abc import Sequence

import numpy as np

from ocr2.reading.figures.paper import Mask

Box = tuple[int, int, int, int]  # left, top, right, bottom
SIZE = (0.16, 0.56)  # of the height of what it stands behind
LARGEST = 0.9  # of the height, behind a small letter
SQUARE, SQUARE_LARGE = (0.6, 1.7), (0.8, 1.3)  # width of its height
ASIDE = (-0.15, 0.4)  # of the height: it begins so far right of what it stands behind
ABOVE, LOWEST = 0.4, 0.62  # of the height: its top is no higher above, its bottom no lower below that one's top
HOLLOW = 12  # pixels: a sign so large has no ink in its middle


def split_degree(boxes: Sequence[Box], specks: Sequence[Box], ink: Mask) -> tuple[list[Box], Box | None]:
    """Part the pieces of a text from the degree sign behind them, if there is one.

    Args:
        boxes: Pieces of ink of the text.
        specks: Pieces near it that are too small for letters.
        ink: (h, w): of the picture.

    Returns:
        The other pieces; the sign, None if there is none.
    """
    for sign in sorted([*boxes, *specks], key=lambda b: -b[2]):
        rest = [b for b in boxes if b != sign and b[0] < sign[0]]  # what is behind it is no part of the text
        if rest and _is_degree(sign, rest, ink):
            return rest, sign
    return list(boxes), None


def _is_degree(sign: Box, rest: Sequence[Box], ink: Mask) -> bool:
    left, top, right, bottom = sign
    last = max(rest, key=lambda b: b[2])
    upper, lower = min(b[1] for b in rest), max(b[3] for b in rest)
    height = lower - upper
    width, tall = right - left, bottom - top
    is_large = tall > SIZE[1] * height  # behind a small letter without an upper part
    low, high = SQUARE_LARGE if is_large else SQUARE
    if not SIZE[0] * height <= tall <= LARGEST * height or not low <= width / tall <= high:
        return False
    if not ASIDE[0] * height <= left - last[2] <= ASIDE[1] * height:
        return False
    if top < upper - (1 if is_large else ABOVE) * height or bottom > upper + LOWEST * height:
        return False
    middle = ink[(top + bottom) // 2, (left + right) // 2]
    return min(width, tall) < HOLLOW or not bool(np.asarray(middle))
