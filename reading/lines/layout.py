"""A page made upright and cut into lines and strips."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.tiling.ink import Ink, find_ink
from ocr2.tiling.layout import TextLine, find_lines
from ocr2.tiling.strips import StripBox, cut_strips
from ocr2.tiling.upright import Frame, estimate_skew, is_sideways, straighten, turn

Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Layout:
    """A page made upright, with its lines and strips."""

    gray: Gray
    ink: Ink
    frame: Frame
    skew: float
    lines: list[TextLine]
    strips: list[StripBox]
    crowded: int = 0  # strips that were not worth reading


def analyse(gray: Gray, max_strip_width: int, *, detect_rotation: bool = True, quarter_turns: int = 0) -> Layout:
    """Turn a page upright (but for upside down, which only reading can tell) and cut it into strips."""
    height, width = gray.shape
    turned = turn(gray, quarter_turns)
    ink = find_ink(turned)
    if detect_rotation and quarter_turns == 0 and is_sideways(ink.mask, ink.x_height):
        return analyse(gray, max_strip_width, quarter_turns=1)
    skew = estimate_skew(ink.mask)
    level, matrix = straighten(turned, skew)
    if level is not turned:
        ink = find_ink(level)
    lines = find_lines(ink.mask, ink.x_height)
    strips = cut_strips(ink.mask, [line.box for line in lines], max_width=max_strip_width)
    return Layout(level, ink, Frame(width, height, quarter_turns, matrix), skew, lines, strips)
