"""Where text is on a page: a small network marks the x-height bands of lines, their direction and what is no text.

After EAST (Zhou et al. 2017, arXiv 1704.03155) and DB (Liao et al. 2020, arXiv 1911.08947): a line's core is thinner
than the line, so that neighbours stay apart; here it is the band between base line and x-height, whatever letters the
line has.
"""

import itertools
import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.models.protocols import DetectedLine
from ocr2.vision.components import find_components
from ocr2.vision.encoder import fuse_norms_of

STRIDE = 4  # pixels of the input a cell of the output
MULTIPLE = 32  # sides of the input
CHANNELS = (16, 24, 48, 80, 112)  # at strides 2, 4, 8, 16, 32
BLOCKS = (1, 1, 2, 2)  # residual blocks of the stages at strides 4, 8, 16, 32
WIDTH = 32  # channels of the pyramid
MAPS = 6  # text, rule and picture as logits; cosine and sine of the reading direction; log2 of the x-height in cells


class TextDetector(nn.Module):
    """Grey pages to maps of text: a residual network with a feature pyramid (Lin et al. 2017, arXiv 1612.03144)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(1, CHANNELS[0], stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(_conv(i, o, stride=2), *(_Block(o) for _ in range(n)))
            for (i, o), n in zip(itertools.pairwise(CHANNELS), BLOCKS, strict=True)
        )
        self.laterals = nn.ModuleList(_conv(c, WIDTH, kernel=1) for c in CHANNELS[1:])
        self.fusions = nn.ModuleList(_conv(WIDTH, WIDTH) for _ in CHANNELS[2:])
        self.map_head = nn.Conv2d(WIDTH, MAPS, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        """Map pages (b, 1, h, w), sides multiples of 32, to maps (b, MAPS, h / 4, w / 4)."""
        levels = []
        x = self.stem(pixels)
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        x = self.laterals[-1](levels[-1])
        for i in range(len(levels) - 2, -1, -1):
            larger = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.fusions[i](larger + self.laterals[i](levels[i]))
        maps: Tensor = self.map_head(x)
        return maps

    def fuse_norms(self) -> None:
        """Fold batch norms into the convolutions before them; for inference only, not reversible."""
        for module in list(self.modules()):
            if isinstance(module, nn.Sequential):
                fuse_norms_of(module)


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Add what two convolutions make of (b, c, h, w)."""
        return F.relu(x + self.second(self.first(x)))


def _conv(ins: int, outs: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(ins, outs, kernel, stride=stride, padding=kernel // 2, bias=False), nn.BatchNorm2d(outs), nn.ReLU()
    )


def detector_input(gray: NDArray[np.uint8], scale: float) -> Tensor:
    """Return a page (height, width) scaled, as the network takes it: (1, 1, h, w), white 0 and black 1."""
    height, width = gray.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return torch.from_numpy(pad_page(np.asarray(small, np.uint8)))[None, None]


def pad_page(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return ink, 0 to 1, of a page whose sides were padded to multiples of `MULTIPLE` with its edges."""
    ink = (255.0 - gray.astype(np.float32)) / 255.0
    return np.pad(ink, ((0, -gray.shape[0] % MULTIPLE), (0, -gray.shape[1] % MULTIPLE)), mode="edge")


USUAL_X_HEIGHT = 9.0  # pixels that the usual small letter is brought to
X_HEIGHTS = 5.5, 18.0  # of what was found, in pixels of the input; beyond them the page is looked at once more
MIN_SCALE, MAX_SCALE, MAX_SIDE = 0.15, 3.0, 2600
THRESHOLD = 0.7  # probability of a cell that belongs to a core
MIN_CELLS = 3  # of a core
ENDS = 0.25  # x-heights that a core lacks at either end
PIECE, MAX_PIECES = 6.0, 12  # x-heights of the pieces in which a line's middle is followed
LONG = 4.0  # length of a core, in its heights, from which its slope is measured
MAX_LINES = 4000


class PageTextDetector:
    """Finds the lines of text of pages.

    Args:
        network: In evaluation mode, on its device.
        dtype: Compute type.
    """

    def __init__(self, network: TextDetector, dtype: torch.dtype) -> None:
        self._network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub
        self._dtype = dtype

    def find(self, gray: NDArray[np.uint8], x_height: float) -> list[DetectedLine]:
        """Find the lines of a page.

        Args:
            gray: (height, width).
            x_height: Of its usual small letter, pixels, as far as is known.
        """
        scale = scale_for(x_height, gray.shape)
        lines = self._find(gray, scale)
        if lines:
            lengths = np.array([line.length for line in lines])
            order = np.argsort([line.x_height for line in lines])
            half = np.searchsorted(np.cumsum(lengths[order]), lengths.sum() / 2)
            seen = lines[int(order[half])].x_height
            other = scale_for(seen, gray.shape)
            if not X_HEIGHTS[0] < seen * scale < X_HEIGHTS[1] and abs(math.log(other / scale)) > 0.3:
                return self._find(gray, other)
        return lines

    @torch.inference_mode()
    def _find(self, gray: NDArray[np.uint8], scale: float) -> list[DetectedLine]:
        device = next(self._network.parameters()).device
        pixels = detector_input(gray, scale).to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, self._dtype, enabled=self._dtype != torch.float32):
            maps = self._network(pixels)[0].float().cpu()
        return lines_of_maps(maps.numpy(), scale)


def scale_for(x_height: float, shape: tuple[int, ...]) -> float:
    """Return how much a page (height, width) is enlarged for the detector, by its usual x-height in pixels."""
    scale = USUAL_X_HEIGHT / max(x_height, 1.0)
    return min(max(scale, MIN_SCALE), MAX_SCALE, MAX_SIDE / max(shape))


def lines_of_maps(maps: NDArray[np.float32], scale: float) -> list[DetectedLine]:
    """Read lines off the network's maps.

    Args:
        maps: (MAPS, h, w); logits first.
        scale: Pixels of the input for one of the page.
    """
    probability = 1 / (1 + np.exp(-maps[0]))
    core = (probability > THRESHOLD).astype(np.uint8)
    return [
        _line(c.columns + 0.5, c.rows + 0.5, c.values(maps), c.values(probability), STRIDE / scale)
        for c in find_components(core, connectivity=4, smallest=MIN_CELLS, most=MAX_LINES)
    ]


def _line(
    xs: NDArray[np.floating], ys: NDArray[np.floating], maps: NDArray[np.float32], p: NDArray[np.float32], cell: float
) -> DetectedLine:
    turn = math.atan2(float((maps[4] * p).sum()), float((maps[3] * p).sum()))
    x_height = float(2 ** np.average(maps[5], weights=p))
    for _ in range(2):  # the network's direction first, then the core's own slope
        cos, sin = math.cos(turn), math.sin(turn)
        along, across = xs * cos - ys * sin, xs * sin + ys * cos
        if float(np.ptp(along)) < LONG * max(1.0, x_height):
            break
        middle = along - np.average(along, weights=p)
        turn -= math.atan(float((p * middle * across).sum() / (p * middle**2).sum()))
    cos, sin = math.cos(turn), math.sin(turn)
    along, across = xs * cos - ys * sin, xs * sin + ys * cos
    first, last = float(along.min()) - 0.5, float(along.max()) + 0.5
    a, b = (first + last) / 2, float(np.average(across, weights=p))
    middle_line = _middle_line(along, across, p, x_height)
    return DetectedLine(
        x=(a * cos + b * sin) * cell,
        y=(b * cos - a * sin) * cell,
        length=(last - first + 2 * ENDS * x_height) * cell,
        x_height=x_height * cell,
        angle=(math.degrees(turn) + 180) % 360 - 180,
        points=tuple(((u * cos + v * sin) * cell, (v * cos - u * sin) * cell) for u, v in middle_line),
        confidence=float(p.mean()),
    )


def _middle_line(
    along: NDArray[np.floating], across: NDArray[np.floating], p: NDArray[np.floating], x_height: float
) -> list[tuple[float, float]]:
    """Return the mean position across a line in pieces along it."""
    start, length = float(along.min()), float(np.ptp(along))
    count = int(np.clip(length / (PIECE * max(1.0, x_height)), 1, MAX_PIECES))
    piece = np.minimum(((along - start) / max(length, 1e-6) * count).astype(int), count - 1)
    weight = np.bincount(piece, p, count)
    u, v = np.bincount(piece, p * along, count), np.bincount(piece, p * across, count)
    return [(float(a / w), float(b / w)) for a, b, w in zip(u, v, weight, strict=True) if w > 0]
