"""Frames of colour around places of a page, as Fox was taught to look for them.

Source: docs/models/fox.md, "Colour frames".
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.options import Color
from ocr2.results.box import Box, require_inside

RGB = NDArray[np.uint8]  # (height, width, 3)
COLORS: dict[Color, tuple[int, int, int]] = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
LINE = 5 / 833  # of the page's width
BRIGHT, APART = 90, 45  # grey levels of a frame's own channel, and above the others
FULL = 0.6  # share of a side that is drawn
MOSTLY_EMPTY = 0.2  # share of a frame's inside that may have its colour
SMALLEST = 6  # pixels
EDGE = 0.03  # of a frame's sides: worn edges may lie so far outside of its lines


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
    inner = require_inside(box, width=width, height=height, container=f"a page of {width} x {height} pixels")
    left, top, right, bottom = (round(v) for v in inner)
    line = max(1, round(LINE * width))
    framed = page.copy()
    outer = framed[max(0, top - line) : bottom + line, max(0, left - line) : right + line]
    kept = page[top:bottom, left:right]
    outer[:] = COLORS[color]
    framed[top:bottom, left:right] = kept
    return framed


def find_frame(page: RGB, color: Color) -> Box | None:
    """Return the inside of the largest hollow frame of a colour on a page (height, width, 3); None without one.

    Scans and JPEG change the colour: what counts is that its channel stands far above the others.

    Raises:
        ValueError: If the colour is unknown.
    """
    if color not in COLORS:
        raise ValueError(f"color must be one of {', '.join(COLORS)}, got {color!r}")
    channel = list(COLORS).index(color)
    values = page.astype(np.int16)
    others = np.delete(values, channel, axis=2).max(axis=2)
    mask = ((values[..., channel] > BRIGHT) & (values[..., channel] - others > APART)).astype(np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    best: Box | None = None
    for number in range(1, count):
        left, top, width, height = (int(v) for v in stats[number, :4])
        inner = _inside(labels[top : top + height, left : left + width] == number)
        if inner is None:
            continue
        box = inner.shifted(left, top)
        if best is None or box.width * box.height > best.width * best.height:
            best = box
    return best


def _inside(part: NDArray[np.bool_]) -> Box | None:
    """Return the inside of a frame that fills an image (height, width); None if it is none."""
    rows, columns = part.mean(axis=1) > FULL, part.mean(axis=0) > FULL
    ends = [_behind_side(line) for line in (rows, rows[::-1], columns, columns[::-1])]
    if None in ends:
        return None
    top, bottom, left, right = (end or 0 for end in ends)
    height, width = part.shape
    box = Box(left, top, width - right, height - bottom)
    if min(box.width, box.height) < SMALLEST:
        return None
    return box if part[box.top : box.bottom, box.left : box.right].mean() < MOSTLY_EMPTY else None


def _behind_side(drawn: NDArray[np.bool_]) -> int | None:
    """Return where the first side of a frame ends, of rows or columns that are drawn or not; None without one."""
    first = int(drawn.argmax())
    if not drawn[first] or first > max(2, EDGE * len(drawn)):
        return None
    return first + int((~drawn[first:]).argmax())
