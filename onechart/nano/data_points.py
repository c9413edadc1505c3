"""Marks: where values end in a picture, as onechart-nano finds them. Axis letters: h rows, w columns of cells."""

import numpy as np
from numpy.typing import NDArray

MOST_MARKS = 160
THRESHOLD = 0.5
NEAREST = 0.6  # of a cell: marks closer than this are one

Place = tuple[float, float]  # shares of the picture's width and height


def read_marks(cells: NDArray[np.float32]) -> list[Place]:
    """Read marks off the network's cells.

    Args:
        cells: (h, w, 3): whether a value ends in a cell, and where in it from left to right and from top to bottom,
            0 to 1.

    Returns:
        Places in order, see `order_marks`; the surest ones if there are too many.
    """
    rows, columns = np.nonzero(cells[..., 0] > THRESHOLD)
    sure = cells[rows, columns, 0]
    best = np.argsort(-sure, kind="stable")
    x, y = columns + cells[rows, columns, 1], rows + cells[rows, columns, 2]
    kept: list[int] = []
    for i in best.tolist():
        if len(kept) < MOST_MARKS and all(abs(x[i] - x[j]) + abs(y[i] - y[j]) >= NEAREST for j in kept):
            kept.append(i)
    height, width = cells.shape[:2]
    return order_marks([(float(x[i]) / width, float(y[i]) / height) for i in kept])


def order_marks(places: list[Place]) -> list[Place]:
    """Sort marks from left to right, then from top to bottom."""
    return sorted(places, key=lambda place: (round(place[0] * 96), place[1]))
