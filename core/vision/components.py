"""Connected cells of a map."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Component:
    """Cells that hang together."""

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    window: tuple[slice, slice]  # rows and columns of the box around them
    inside: NDArray[np.bool_]  # which cells of the window

    def values(self, maps: NDArray[T]) -> NDArray[T]:
        """Return the values (..., n) that maps (..., height, width) have in the cells."""
        return maps[..., *self.window][..., self.inside]


def find_components(core: NDArray[np.uint8], *, connectivity: int, smallest: int, most: int) -> Iterator[Component]:
    """Yield the components of a mask.

    Args:
        core: (height, width), 1 in the cells that count.
        connectivity: 4, or 8 if cells that touch at a corner hang together.
        smallest: Cells of a component, at least.
        most: Components that are looked at.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=connectivity)
    for i in range(1, min(count, most + 1)):
        left, top, wide, high, area = (int(v) for v in stats[i])
        if area < smallest:
            continue
        window = slice(top, top + high), slice(left, left + wide)
        inside = np.asarray(labels[window] == i, np.bool_)
        ys, xs = np.nonzero(inside)
        yield Component(xs + left, ys + top, window, inside)
