"""Lines of a photographed or bent page made level: a smooth shift of every point up or down.

The shift is a polynomial of the position, fitted so that the points along each line come to one height. It undoes
perspective and the curve of a page near its spine; what is left is a level page, with letters a little sheared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

POWERS = ((1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2))  # of x and y; those without x bend no line
RIDGE = 1e-3  # against wild shifts where there are no lines
WORTH = 0.16  # x-heights of mean distance from level, from which a page is made level
BETTER = 0.6  # of that distance that may be left
LINES = 4  # least lines to go by
STRAY = 2.5  # mean distances from which a line is left out of the second fit
ITERATIONS = 6  # of the way back
GRID = 16  # pixels


@dataclass(frozen=True, slots=True)
class Bend:
    """A shift of the points of a page: y of the level page is y less the shift.

    Attributes:
        width: Of the page, pixels.
        height: Of the page, pixels.
        coefficients: Of the products of `POWERS`, pixels.
    """

    width: int
    height: int
    coefficients: tuple[float, ...]

    def shift(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far points are below their level line."""
        return np.asarray(_basis(x, y, self.width, self.height) @ np.array(self.coefficients), np.float64)

    def source_y(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the height of points of the level page on the bent one."""
        found = y
        for _ in range(ITERATIONS):
            found = y + self.shift(x, found)
        return found

    def level(self, gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a page (height, width) made level, its edges continued."""
        xs = np.arange(0, self.width + GRID, GRID, dtype=np.float64)
        ys = np.arange(0, self.height + GRID, GRID, dtype=np.float64)
        grid_x, grid_y = np.meshgrid(xs, ys)
        shifts = self.source_y(grid_x.ravel(), grid_y.ravel()).reshape(grid_x.shape) - grid_y
        # The centre of the first cell of a resized map is half a cell inside: enlarge by corners instead.
        scale = np.array([[GRID, 0, 0], [0, GRID, 0]], np.float64)
        fine = cv2.warpAffine(shifts.astype(np.float32), scale, (self.width, self.height), flags=cv2.INTER_LINEAR)
        map_y = np.asarray(fine, np.float32) + np.arange(self.height, dtype=np.float32)[:, None]
        map_x = np.broadcast_to(np.arange(self.width, dtype=np.float32), map_y.shape)
        paper = float(np.median(gray))
        moved = cv2.remap(gray, np.ascontiguousarray(map_x), map_y, cv2.INTER_CUBIC, borderValue=(paper,))
        return np.asarray(moved, np.uint8)


def fit_bend(lines: Sequence[NDArray[np.float64]], x_heights: Sequence[float], width: int, height: int) -> Bend | None:
    """Return the shift that makes lines level; None where they are level, or nothing makes them so.

    Args:
        lines: Points (n, 2) along each line, x and y in pixels.
        x_heights: Of the lines, pixels.
        width: Of the page, pixels.
        height: Of the page, pixels.
    """
    kept = [(line, size) for line, size in zip(lines, x_heights, strict=True) if len(line) > 1]
    if len(kept) < LINES:
        return None
    before = [_off_level(line[:, 1]) / size for line, size in kept]
    lengths = [float(np.ptp(line[:, 0])) for line, _ in kept]
    if float(np.average(before, weights=lengths)) < WORTH:
        return None
    chosen = kept
    for _ in range(2):
        bend = Bend(width, height, _solve([line for line, _ in chosen], width, height))
        after = [_off_level(line[:, 1] - bend.shift(line[:, 0], line[:, 1])) / size for line, size in kept]
        usual = max(float(np.median(after)), 0.02)
        chosen = [pair for pair, off in zip(kept, after, strict=True) if off < STRAY * usual]
        if len(chosen) < LINES:
            break
    mean_before, mean_after = (float(np.average(off, weights=lengths)) for off in (before, after))
    return bend if mean_after < BETTER * mean_before else None


def _off_level(y: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean((y - y.mean()) ** 2)))


def _solve(lines: Sequence[NDArray[np.float64]], width: int, height: int) -> tuple[float, ...]:
    rows, values = [], []
    for line in lines:
        basis = _basis(line[:, 0], line[:, 1], width, height)
        rows.append(basis - basis.mean(axis=0))
        values.append(line[:, 1] - line[:, 1].mean())
    a, b = np.concatenate(rows), np.concatenate(values)
    normal = a.T @ a + RIDGE * len(b) * np.eye(a.shape[1])
    return tuple(np.linalg.solve(normal, a.T @ b).tolist())


def _basis(x: NDArray[np.float64], y: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    u, v = 2 * x / width - 1, 2 * y / height - 1
    return np.stack([u**i * v**j for i, j in POWERS], axis=-1)
