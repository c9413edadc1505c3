"""Places in a picture: told to a network as sines, and told by it in cells. Axis letters: b rows, f features."""

import math

import torch
from torch import Tensor

WAVES = 8  # wavelengths of 2, 1, 1/2, ... sides of the picture
PLACE_FEATURES = 4 * WAVES + 4
SPLIT = 2  # cells a side that a patch tells of


def place_features(x: float, y: float, width: float, height: float, angle: float) -> list[float]:
    """Describe a box by its middle and size, as shares of the picture's sides, and its angle in degrees.

    The middle as sines of several wavelengths (Vaswani et al. 2017, arXiv 1706.03762, in two dimensions).
    """
    waves = []
    for i in range(WAVES):
        for share in (x, y):
            phase = math.pi * share * 2**i
            waves += [math.sin(phase), math.cos(phase)]
    turn = math.radians(angle)
    return [*waves, math.sqrt(abs(width)), math.sqrt(abs(height)), math.cos(turn), math.sin(turn)]


def point_features(places: Tensor) -> Tensor:
    """Return the place features (..., f) of points (..., 2), shares of the sides."""
    phases = math.pi * places[..., None, :] * 2.0 ** torch.arange(WAVES, device=places.device)[:, None]
    waves = torch.stack([phases.sin(), phases.cos()], dim=-1).flatten(-3)
    box = torch.tensor([0.0, 0.0, 1.0, 0.0], device=places.device).expand(*places.shape[:-1], 4)
    return torch.cat([waves, box], dim=-1)


def grid_places(rows: int, columns: int) -> Tensor:
    """Return the place features (rows * columns, f) of a grid's middles, row-major."""
    cells = [
        place_features((c + 0.5) / columns, (r + 0.5) / rows, 1 / columns, 1 / rows, 0.0)
        for r in range(rows)
        for c in range(columns)
    ]
    return torch.tensor(cells)


def split_cells(outputs: Tensor) -> Tensor:
    """Turn outputs of patches (b, h, w, SPLIT * SPLIT * c) into cells (b, SPLIT * h, SPLIT * w, c)."""
    b, h, w, _ = outputs.shape
    cells = outputs.view(b, h, w, SPLIT, SPLIT, -1).permute(0, 1, 3, 2, 4, 5)
    return cells.reshape(b, h * SPLIT, w * SPLIT, -1)
