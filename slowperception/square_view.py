"""Where a figure lies in the square view that a model is shown, and back.

Source: docs/models/slowperception.md, "Image preprocessing", "Coordinates".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.slowperception.grammar import REACH, Point

RGB = NDArray[np.uint8]  # (height, width, 3)
WHITE = 255
LARGEST = 8192  # pixels of a square; a larger one is shrunk before it is filled
BORDER = 5  # the released border is so many times smaller than the square's side


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture in the middle of a white square."""

    side: int  # of the square, pixels of the picture
    left: int  # where the picture's edge lies in it
    top: int

    def to_units(self, pixel: Point) -> Point:
        """Return a place of the picture, pixels, in model units."""
        x, y = pixel
        return 2 * REACH * (x + self.left) / self.side - REACH, REACH - 2 * REACH * (y + self.top) / self.side

    def to_pixels(self, point: Point) -> Point:
        """Return a place in model units in pixels of the picture."""
        x, y = point
        return (x + REACH) / (2 * REACH) * self.side - self.left, (REACH - y) / (2 * REACH) * self.side - self.top

    @property
    def unit(self) -> float:
        """Pixels of the picture in one model unit."""
        return self.side / (2 * REACH)


def frame_picture(width: int, height: int, *, border: int | None = BORDER, bare_squares: bool = False) -> Frame:
    """Return the frame of a picture of so many pixels.

    Args:
        width: Of the picture.
        height: Of the picture.
        border: The square's side is divided by it for the width of the border on each side; None for no border.
        bare_squares: Leave square pictures as they are, as the authors' script does with folders.
    """
    square = max(width, height)
    if bare_squares and width == height:
        return Frame(square, 0, 0)
    edge = square // border if border else 0
    return Frame(square + 2 * edge, edge + (square - width) // 2, edge + (square - height) // 2)


def fill_frame(
    picture: RGB, frame: Frame, side: int, *, smooth: bool = False, ground: Sequence[int] = (WHITE, WHITE, WHITE)
) -> RGB:
    """Put a picture (height, width, 3) into its frame and resize that to (side, side, 3).

    Args:
        picture: The figure.
        frame: Of `frame_picture`.
        side: Pixels.
        smooth: Average what is shrunk; the released preprocessing does not.
        ground: Colour of the square around the picture; the released preprocessing has white.
    """
    scale = min(1.0, LARGEST / frame.side)
    if scale < 1:
        size = max(1, int(picture.shape[1] * scale)), max(1, int(picture.shape[0] * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = picture.shape[:2]
    left, top, whole = int(frame.left * scale), int(frame.top * scale), int(frame.side * scale)
    square = np.full((whole, whole, 3), ground, np.uint8)
    square[top : top + height, left : left + width] = picture
    shrinks = smooth and whole > side
    return np.asarray(
        cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR), np.uint8
    )
