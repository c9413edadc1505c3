"""Pieces of writing that slowperception-nano sees in a figure: boxes merged from what its cells tell.

Axis letters: h rows, w columns of cells, n boxes.
"""

import numpy as np
from numpy.typing import NDArray

from ocr2.slowperception.grammar import REACH

SIDES = 4  # of a cell: where the left, top, right and bottom of its writing's box are
STEP = 0.5  # cells: distances to sides are told by their inverse hyperbolic sine in such steps
SAME = 0.5  # overlap from which the boxes of two cells are one
NEARNESS = 1.5  # by this power of the distance, in cells, a cell counts less for a side that is far
LEAST = 0.15  # cells of a box: less is none
MOST = 64

TextPlace = tuple[float, float, float, float]  # left, bottom, right, top; model units


def merge_text_boxes(writing: NDArray[np.float32], sides: NDArray[np.float32], *, threshold: float) -> list[TextPlace]:
    """Return the boxes of writing that cells agree on, the surest first.

    Args:
        writing: (h, w): probability that a cell lies in writing.
        sides: (h, w, SIDES): as the cells tell them.
        threshold: Least probability.
    """
    height, width = writing.shape
    rows, columns = np.nonzero(writing >= threshold)
    order = np.argsort(-writing[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    far = np.sinh(np.clip(sides[rows, columns], -5, 5)) * STEP
    middle = np.stack([columns, rows], axis=1) + 0.5
    boxes = np.concatenate([middle - far[:, :2], middle + far[:, 2:]], axis=1)
    weighed = writing[rows, columns][:, None] / (1 + np.abs(far)) ** NEARNESS
    free = (boxes[:, 2:] - boxes[:, :2] > LEAST).all(axis=1)
    found: list[TextPlace] = []
    for i in range(len(boxes)):
        if not free[i] or len(found) == MOST:
            continue
        group = free & (_overlaps(boxes[i], boxes) > SAME)
        box = (boxes[group] * weighed[group]).sum(axis=0) / weighed[group].sum(axis=0)
        left, top, right, bottom = (box * 2 * REACH / [width, height, width, height]).tolist()
        found.append((left - REACH, REACH - bottom, right - REACH, REACH - top))
        free &= ~group
    return found


def _overlaps(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return intersection over union of a box with others (n, 4): (n,)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    area = (box[2:] - box[:2]).prod() + np.clip(others[:, 2:] - others[:, :2], 0, None).prod(axis=1)
    return np.asarray(shared / np.maximum(area - shared, 1e-9), np.float64)
