"""Colours beside elements: what joins a value to its bar, a point to its line, and both to an entry of the legend.

Axis letters: b charts, n elements, r regions, p sampled points.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

# Regions beside a box, each from one to another, in halves of the box' sides plus so many heights outwards.
# Across: -1 is its left edge, 1 its right one; likewise down.
ACROSS, DOWN = 5, 3  # points sampled in a region
OUTWARDS = 2.6  # heights: how far the regions beside a box reach; a legend's sample lies as far as that
REGIONS = 5  # left, right, above, below, inside
COLOUR_FEATURES = 6 * REGIONS
SAMPLES = (0, 1, 4)  # regions where an entry of the legend, or a label, may show its colour
WIDTHS = (0.06, 0.25)  # distances of colours, each 0..1, at which they are alike by 1/e
MATCHES = len(WIDTHS) * REGIONS * len(SAMPLES)


def colour_features(pixels: Tensor, boxes: Tensor) -> Tensor:
    """Describe the colours of and around boxes.

    Args:
        pixels: Pictures (b, 3, h, w), background 0.
        boxes: (b, n, 4): left, top, right, bottom as shares of the sides.

    Returns:
        (b, n, COLOUR_FEATURES): for each region the most colourful of the points sampled there, and their mean.
    """
    regions = regions_of(boxes, aspect=pixels.shape[2] / pixels.shape[3])
    b, n = boxes.shape[:2]
    x = torch.linspace(0.1, 0.9, ACROSS, device=boxes.device)
    y = torch.linspace(0.2, 0.8, DOWN, device=boxes.device)
    left, top, right, bottom = regions[..., None].unbind(dim=-2)
    xs, ys = left + (right - left) * x, top + (bottom - top) * y  # (b, n, r, across), (b, n, r, down)
    shape = (b, n, REGIONS, DOWN, ACROSS)
    points = torch.stack([xs[..., None, :].expand(shape), ys[..., :, None].expand(shape)], dim=-1)
    grid = 2 * points.reshape(b, n * REGIONS, DOWN * ACROSS, 2) - 1
    seen = F.grid_sample(pixels.float(), grid.float(), align_corners=False, padding_mode="border")
    seen = seen.permute(0, 2, 3, 1).reshape(b, n, REGIONS, DOWN * ACROSS, 3)
    colourful = seen.amax(dim=-1) - seen.amin(dim=-1) + 0.2 * seen.amax(dim=-1)
    best = colourful.argmax(dim=-1)[..., None, None].expand(b, n, REGIONS, 1, 3)
    strongest = seen.gather(3, best)[..., 0, :]
    return torch.cat([strongest, seen.mean(dim=3)], dim=-1).reshape(b, n, COLOUR_FEATURES)


def match_colours(features: Tensor) -> Tensor:
    """Tell for every two elements how alike the colours beside them are.

    Args:
        features: (b, n, COLOUR_FEATURES), of `colour_features`.

    Returns:
        (b, n, n, MATCHES), 0..1: each region of the first with those of SAMPLES of the second, at each of WIDTHS.
    """
    b, n, _ = features.shape
    strongest = features.float().view(b, n, REGIONS, 6)[..., :3]
    one, other = strongest.flatten(1, 2), strongest[:, :, list(SAMPLES)].flatten(1, 2)
    apart = torch.cdist(one, other).square().view(b, n, REGIONS, n, len(SAMPLES))
    alike = torch.stack([(-apart / width**2).exp() for width in WIDTHS], dim=-1)
    return alike.transpose(2, 3).reshape(b, n, n, MATCHES)


def regions_of(boxes: Tensor, *, aspect: float) -> Tensor:
    """Return the regions (b, n, r, 4) beside boxes (b, n, 4), whose heights count `aspect` times across."""
    left, top, right, bottom = boxes.unbind(dim=-1)
    high = bottom - top
    wide = high * aspect
    far, gap = OUTWARDS, 0.2
    regions = [
        (left - far * wide, top, left - gap * wide, bottom),
        (right + gap * wide, top, right + far * wide, bottom),
        (left, top - 1.5 * high, right, top - gap * high),
        (left, bottom + gap * high, right, bottom + 1.5 * high),
        (left, top, right, bottom),
    ]
    return torch.stack([torch.stack(region, dim=-1) for region in regions], dim=2)
