"""Data points: where a chart's values are drawn, as onechart-nano predicts them.

Axis letters: h rows, w columns of cells.
"""

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 160
THRESHOLD = 0.5
NEAREST = 0.6  # of a cell: data points closer than this are one

Place = tuple[float, float]  # normalised: 0 to 1 along the width and the height


def read_points(cells: NDArray[np.float32]) -> list[Place]:
    """Read data points off dense predictions.

    Args:
        cells: (h, w, 3): probability that a value is drawn in a cell, and where in it from left to right and from
            top to bottom, 0 to 1.

    Returns:
        Places in order, see `order_points`; the most probable if there are too many.
    """
    rows, columns = np.nonzero(cells[..., 0] > THRESHOLD)
    sure = cells[rows, columns, 0]
    best = np.argsort(-sure, kind="stable")
    x, y = columns + cells[rows, columns, 1], rows + cells[rows, columns, 2]
    kept: list[int] = []
    for i in best.tolist():
        if len(kept) < MAX_POINTS and all(abs(x[i] - x[j]) + abs(y[i] - y[j]) >= NEAREST for j in kept):
            kept.append(i)
    height, width = cells.shape[:2]
    return order_points([(float(x[i]) / width, float(y[i]) / height) for i in kept])


def order_points(places: list[Place]) -> list[Place]:
    """Sort data points from left to right, then from top to bottom."""
    return sorted(places, key=lambda place: (round(place[0] * 96), place[1]))
