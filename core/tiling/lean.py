"""Columns of a photographed page stood upright: levelled lines still begin on edges that lean, as the page is skewed.

Left edges of lines gather on few uprights once the lean is right. It grows from left to right on a page in perspective.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.tiling.columns import Band

LEAST_BANDS = 12
MOST_LEAN, MOST_CHANGE = 0.24, 0.4  # pixels aside for each down, and how much that changes over the page's width
STEPS = ((33, 17), (7, 7), (7, 7))  # values of both that are tried, in ever narrower rounds
CELL = 0.6  # x-heights of an upright
GAIN = 1.25  # how much better edges must gather than as they are


def stand_upright(bands: Sequence[Band]) -> list[Band]:
    """Return bands of lines moved sideways so that columns stand upright; as they are where they do.

    Args:
        bands: Level lines, or parts of lines.
    """
    if len(bands) < LEAST_BANDS:
        return list(bands)
    left, right = np.array([(band.left, band.right) for band in bands]).T
    y = np.array([band.top + band.bottom for band in bands]) / 2
    size = float(np.median([band.x_height for band in bands]))
    middle, width = (left.min() + right.max()) / 2, max(1.0, float(right.max() - left.min()))
    down, across = y - float(y.mean()), (left - middle) / width
    weights = np.minimum(right - left, 10 * size)

    def gathered(lean: float, change: float) -> float:
        return _gathered((left - (lean + change * across) * down) / (CELL * size), weights)

    best, now = (0.0, 0.0), gathered(0.0, 0.0)
    most, spans = now, (MOST_LEAN, MOST_CHANGE)
    for steps in STEPS:
        tried = [
            (lean, change)
            for lean in best[0] + np.linspace(-spans[0], spans[0], steps[0])
            for change in best[1] + np.linspace(-spans[1], spans[1], steps[1])
        ]
        scores = [gathered(*pair) for pair in tried]
        if max(scores) > most:
            most, best = max(scores), tried[int(np.argmax(scores))]
        spans = 2 * spans[0] / (steps[0] - 1), 2 * spans[1] / (steps[1] - 1)
    if most < GAIN * now:
        return list(bands)
    lean, change = best
    shifts = (-(lean + change * across) * down).tolist()
    return [replace(b, left=b.left + s, right=b.right + s) for b, s in zip(bands, shifts, strict=True)]


def _gathered(places: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return how far edges gather in few cells: the sum of squares of the cells' weights, over two offsets."""
    total = 0.0
    for offset in (0.0, 0.5):
        cells = np.floor(places + offset).astype(np.int64)
        sums = np.bincount(cells - cells.min(), weights)
        total += float((sums**2).sum())
    return total
