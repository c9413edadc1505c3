"""Sides of regions moved to the ink they mean, at the page's own resolution: the network sees far fewer pixels."""

import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box

Gray = NDArray[np.uint8]  # (height, width)
REACH = 1.0  # cells of the network that a side may move outwards
CONTRAST = 48  # grey levels from the ground that are ink
GAP = (1, 4)  # thousandths of the page's height and width that part a region from its neighbours


def page_mask(gray: Gray) -> NDArray[np.bool_]:
    """Return where a page has ink: (height, width)."""
    ground = int(np.median(gray))
    return np.abs(gray.astype(np.int16) - ground) > CONTRAST


def snap_box(box: Box, ink: NDArray[np.bool_], cells: tuple[int, int]) -> Box:
    """Move the sides of a box to where ink begins, as far as a cell allows; a side without such a place stays.

    Args:
        box: Pixels of the page.
        ink: (height, width).
        cells: Rows and columns of the network's grid.
    """
    height, width = ink.shape
    down, across = (max(2, round(REACH * side / count)) for side, count in zip((height, width), cells, strict=True))
    gaps = [max(1, round(share * side / 1000)) for share, side in zip(GAP, (height, width), strict=True)]
    left, top, right, bottom = box.as_list()
    rows = np.asarray(ink[:, left:right].any(axis=1), np.bool_)
    top, bottom = _edge(rows, top, down, gaps[0]), height - _edge(rows[::-1], height - bottom, down, gaps[0])
    if bottom <= top:
        return box
    columns = np.asarray(ink[top:bottom].any(axis=0), np.bool_)
    left, right = _edge(columns, left, across, gaps[1]), width - _edge(columns[::-1], width - right, across, gaps[1])
    return trim_box(Box(left, top, right, bottom), ink) if left < right else box


def trim_box(box: Box, ink: NDArray[np.bool_]) -> Box:
    """Cut empty margins off a box; one without ink stays."""
    inside = ink[box.top : box.bottom, box.left : box.right]
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return box
    return Box(
        box.left + int(columns[0]), box.top + int(rows[0]), box.left + int(columns[-1]) + 1, box.top + int(rows[-1]) + 1
    )


def _edge(drawn: NDArray[np.bool_], at: int, reach: int, gap: int) -> int:
    """Return the place nearest to `at` where ink begins behind a gap; `at` itself if there is none in reach."""
    low, high = max(0, at - reach), min(len(drawn), at + reach + 1)
    begins = [i for i in range(low, high) if drawn[i] and not drawn[max(0, i - gap) : i].any()]
    return min(begins, key=lambda i: abs(i - at), default=at)
