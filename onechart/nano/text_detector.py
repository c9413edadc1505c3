"""Where text lies in a picture: a small U-shaped network marks the cores of lines and the way they run.

After EAST (Zhou et al. 2017, arXiv 1704.03155) and DB (Liao et al. 2020, arXiv 1911.08947): lines are shrunk, so that
neighbours stay apart, and grown again when they are found. Axis letters: b pictures, c channels, h rows, w columns.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.models.protocols import TextBox
from ocr2.vision.components import find_components

CORE_HEIGHT = 0.6  # of a line's height, that its core has
CORE_END = 0.2  # of a line's height, that its core lacks at either end
STRIDE = 2  # pixels a cell of the output
MULTIPLE = 16  # sides of the input
SHORTEST, LONGEST = 640, 1152  # pixels of the longer side that a picture is brought between
THRESHOLD = 0.85
SMALLEST = 4  # cells of a core
SNAP = 7.0  # degrees from upright, or from a quarter turn, that count as that
MOST_FOUND = 400


class TextFinder(nn.Module):
    """Pictures to cores and directions."""

    def __init__(self, channels: tuple[int, ...] = (16, 32, 64, 96)) -> None:
        super().__init__()
        ins = (3, *channels[:-1])
        self.down = nn.ModuleList(_conv(i, o, stride=2) for i, o in zip(ins, channels, strict=True))
        self.deep = nn.Sequential(_conv(channels[-1], channels[-1]), _conv(channels[-1], channels[-1], dilation=2))
        pairs = list(zip(channels[:0:-1], channels[-2::-1], strict=True))
        self.up = nn.ModuleList(_conv(deep + flat, flat) for deep, flat in pairs)
        self.core_head = nn.Conv2d(channels[0], 3, 1)  # core, cosine, sine

    def forward(self, pixels: Tensor) -> Tensor:
        """Map pictures (b, 3, h, w), background 0, sides multiples of 16, to (b, 3, h / 2, w / 2)."""
        levels = []
        x = pixels
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        x = self.deep(x)
        for stage, level in zip(self.up, levels[-2::-1], strict=True):
            x = stage(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), level], dim=1))
        maps: Tensor = self.core_head(x)
        return maps


def _conv(ins: int, outs: int, *, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(ins, outs, 3, stride=stride, padding=dilation, dilation=dilation, bias=False),
        nn.BatchNorm2d(outs),
        nn.GELU(),
    )


@dataclass(frozen=True, slots=True)
class FinderInput:
    """A picture as the network takes it."""

    pixels: Tensor  # (1, 3, h, w)
    scale: float  # pixels of it for one of the picture


def finder_input(picture: NDArray[np.uint8]) -> FinderInput:
    """Bring a picture (height, width, 3) to a size at which text can be found."""
    height, width = picture.shape[:2]
    longer = max(height, width)
    scale = min(max(longer, SHORTEST), LONGEST) / longer
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    ink = (255.0 - small.astype(np.float32)) / 255.0
    padded = np.pad(ink, ((0, -size[1] % MULTIPLE), (0, -size[0] % MULTIPLE), (0, 0)), mode="edge")
    return FinderInput(torch.from_numpy(padded.transpose(2, 0, 1).copy())[None], scale)


def find_lines(maps: NDArray[np.float32], scale: float) -> list[TextBox]:
    """Read text lines off the network's maps.

    Args:
        maps: (3, h, w): core as a probability, cosine and sine of the direction.
        scale: Of `finder_input`.

    Returns:
        Lines in pixels of the picture, their texts empty; the box is that of the line turned upright about its middle.
    """
    core = (maps[0] > THRESHOLD).astype(np.uint8)
    return [
        _line(c.columns, c.rows, c.values(maps), STRIDE / scale)
        for c in find_components(core, connectivity=8, smallest=SMALLEST, most=MOST_FOUND)
    ]


def _line(xs: NDArray[np.int64], ys: NDArray[np.int64], values: NDArray[np.float32], cell: float) -> TextBox:
    angle = snapped(math.degrees(math.atan2(float(values[2].sum()), float(values[1].sum()))))
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along, across = (xs + 0.5) * cos - (ys + 0.5) * sin, (xs + 0.5) * sin + (ys + 0.5) * cos
    # From middle to middle of the outer cells: cores are drawn with the cells that their edges touch.
    first, last, upper, lower = along.min(), along.max(), across.min(), across.max()
    height = max(1.0, lower - upper) / CORE_HEIGHT
    width = last - first + 2 * CORE_END * height
    a, b = (first + last) / 2, (upper + lower) / 2
    x, y = (a * cos + b * sin) * cell, (b * cos - a * sin) * cell
    half_w, half_h = width * cell / 2, height * cell / 2
    box = (x - half_w, y - half_h, x + half_w, y + half_h)
    return TextBox("", (float(box[0]), float(box[1]), float(box[2]), float(box[3])), angle, float(values[0].mean()))


def snapped(angle: float) -> float:
    """Return the nearest quarter turn, if it is near.

    Examples:
        >>> snapped(88.0), snapped(-3.0), snapped(45.0)
        (90.0, 0.0, 45.0)
    """
    quarter = 90.0 * round(angle / 90.0)
    return quarter + 0.0 if abs(angle - quarter) <= SNAP else angle
