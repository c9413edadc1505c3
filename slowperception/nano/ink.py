"""Ink of a figure, and how much of it lies on the way between points or around them.

Axis letters: b figures, n keypoints, k samples.
"""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ocr2.tiling.contrast import contrast_to_ground

Picture = NDArray[np.uint8]  # (h, w) or (h, w, 3)
FAINTEST = 24.0  # grey levels: the strongest ink of a picture is at least so strong, else it is noise
RISE = 0.6  # power that ink is raised to: pale strokes beside black letters stay visible
SPAN = 3  # the ground is the usual colour in such a part of the side
WAY = 32  # samples between two points
RING = 64  # samples around a circle


def ink_of(picture: Picture, side: int) -> Tensor:
    """Turn a square view (height, width) or (height, width, 3) into ink (1, side, side): ground 0, the strongest 1.

    Ink is what differs from the usual colour around it, in the channel that differs most: chalk on a board, strokes
    over a filled area and light blue on white are ink too.
    """
    shrinks = picture.shape[0] > side
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(picture, (side, side), interpolation=how), np.uint8)
    off = contrast_to_ground(small, span=side // SPAN)
    strongest = max(FAINTEST, float(np.percentile(off, 99.7)))
    return torch.from_numpy(np.minimum(off / np.float32(strongest), np.float32(1.0)) ** np.float32(RISE))[None]


def spread_ink(ink: Tensor) -> Tensor:
    """Return the strongest ink (b, side, side) within a pixel of each pixel of (b, 1, side, side)."""
    return F.max_pool2d(ink, 3, stride=1, padding=1)[:, 0]


def ink_between(ink: Tensor, places: Tensor) -> Tensor:
    """Return the ink on the straight way from each keypoint to each other.

    Args:
        ink: (b, side, side), of `spread_ink`.
        places: (b, n, 2): shares of the sides, from the upper left.

    Returns:
        (b, n, n, k), in even steps from one to the other.
    """
    steps = (torch.arange(WAY, device=ink.device) + 0.5) / WAY
    start, end = places[:, :, None, None], places[:, None, :, None]
    return _sample(ink, start + steps[:, None] * (end - start))


def ink_around(ink: Tensor, places: Tensor, radii: Tensor) -> Tensor:
    """Return the ink on circles around keypoints (b, n, 2) of radii (b, n), shares of the sides: (b, n, RING)."""
    turns = torch.arange(RING, device=ink.device) * (2 * math.pi / RING)
    around = torch.stack([turns.cos(), turns.sin()], dim=-1)
    return _sample(ink, places[:, :, None] + radii[:, :, None, None] * around)


def _sample(ink: Tensor, at: Tensor) -> Tensor:
    """Return the ink (b, side, side) of the pixels at shares (b, ..., 2); nothing outside."""
    side = ink.shape[-1]
    columns, rows = (at * side).floor().long().unbind(-1)
    within = (columns >= 0) & (columns < side) & (rows >= 0) & (rows < side)
    flat = rows.clamp(0, side - 1) * side + columns.clamp(0, side - 1)
    found = ink.flatten(1).gather(1, flat.flatten(1)).view(flat.shape)
    return found * within
