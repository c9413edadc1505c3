"""Things that slowperception-nano finds in a figure: ends of segments, and middles of circles.

Axis letters: h rows, w columns of cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.slowperception.grammar import REACH, Point, rounded
from ocr2.slowperception.sketch import MOST_THINGS

END, CENTER = 0, 1
CELL_OUTPUTS = 4  # of a cell: logits of an end and of a middle in it, and of where (x, y)
THRESHOLD = 0.4
NEAREST = 0.2  # model units: things of one kind closer than this are one


@dataclass(frozen=True, slots=True)
class Thing:
    """One of them."""

    place: Point  # model units, rounded as they are written
    kind: int  # END or CENTER


def read_things(cells: NDArray[np.float32], *, threshold: float = THRESHOLD) -> list[Thing]:
    """Read things off the network's cells.

    Args:
        cells: (h, w, 4): probabilities of an end and of a middle, and where in the cell from left to right and from
            top to bottom, 0 to 1.
        threshold: Probability from which a thing is one.

    Returns:
        Things in order, see `order_things`; the surest ones if there are too many.
    """
    height, width = cells.shape[:2]
    rows, columns, kinds = np.nonzero(cells[..., :2] > threshold)
    sure = cells[rows, columns, kinds]
    x = (columns + cells[rows, columns, 2]) / width * 2 * REACH - REACH
    y = REACH - (rows + cells[rows, columns, 3]) / height * 2 * REACH
    kept: list[int] = []
    for i in np.argsort(-sure, kind="stable").tolist():
        near = (kinds[i] == kinds[j] and np.hypot(x[i] - x[j], y[i] - y[j]) < NEAREST for j in kept)
        if len(kept) < MOST_THINGS and not any(near):
            kept.append(i)
    return order_things([Thing((float(x[i]), float(y[i])), int(kinds[i])) for i in kept])


def order_things(things: list[Thing]) -> list[Thing]:
    """Round places, and sort things as the grammar sorts ends: from left to right, then from low to high."""
    written = [Thing((rounded(t.place[0]), rounded(t.place[1])), t.kind) for t in things]
    return sorted(written, key=lambda t: (t.place, t.kind))
