"""Bars: areas of one colour with two straight ends, found at full resolution."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.colours import Colour, Layer, Mask

FULL = 0.86  # share of its box that a bar fills
THIN = 2  # pixels of the least width of a bar
STEP = 2.0  # pixels by which the ends of two bars that touch differ
CROSSING = 13  # pixels of a line, or of text, that crosses a bar
GRID_LINE = 3  # pixels of the thickest line of a grid
OUTSIDE, INSIDE = 3, 3  # pixels beyond and within a bar's end where its edge is looked for
CLEAR, SOLID = 0.15, 0.85  # share of the bar's colour in what is surely ground, and surely bar
FARTHEST = 1.6  # pixels that an end is moved at most
RUN = 3  # pixels of the least width of a bar that touches others


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of one colour."""

    left: float
    top: float
    right: float
    bottom: float
    layer: int

    @property
    def x(self) -> float:
        """Middle."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Middle."""
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        """Width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height."""
        return self.bottom - self.top

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    def turned(self) -> "Rect":
        """Return it with both directions exchanged."""
        return Rect(self.top, self.left, self.bottom, self.right, self.layer)


@dataclass(frozen=True, slots=True)
class Rects:
    """Rectangles of one layer, and how much of it they are."""

    rects: list[Rect]
    share: float


def find_rects(layer: Layer, number: int, over: Mask, grid: Mask, *, across: bool) -> Rects:
    """Return the rectangles of a layer.

    Args:
        layer: Of one colour.
        number: Of the layer.
        over: What other layers, and text, may hide of it.
        grid: Lines of the grid, which may be drawn over bars.
        across: Bars that touch run from left to right, instead of upwards.
    """
    mask = layer.mask.T if across else layer.mask
    hidden = (over.T if across else over) & ~mask
    bridged = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((CROSSING, 1), np.uint8)) > 0
    beside = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((1, GRID_LINE + 2), np.uint8)) > 0
    mask = mask | (bridged & hidden) | (beside & _thick(grid.T if across else grid))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    rects: list[Rect] = []
    total, covered = 0, 0.0
    for i in range(1, count):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 4:
            continue
        total += area
        inside = _filled(labels[y : y + h, x : x + w] == i)
        found = _rects_of(inside)
        rects += [Rect(x + a, y + b, x + c, y + d, number) for a, b, c, d in found]
        covered += sum((c - a) * (d - b) for a, b, c, d in found) if found else 0
    rects = [r.turned() for r in rects] if across else rects
    return Rects(rects, min(1.0, covered / total) if total else 0.0)


def _thick(grid: Mask) -> Mask:
    """Return lines of the grid with their smoothed edges."""
    return cv2.dilate(grid.astype(np.uint8), np.ones((1, 3), np.uint8)) > 0


def _filled(part: Mask) -> Mask:
    """Fill holes, such as text on a bar leaves."""
    outlines, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(part.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, thickness=cv2.FILLED)
    return whole > 0


def _rects_of(part: Mask) -> list[tuple[float, float, float, float]]:
    height, width = part.shape
    if width < THIN or height < 1:
        return []
    if part.mean() >= FULL:
        return [_trimmed(part)]
    # Bars that touch: columns whose upper and lower ends change by steps.
    tops = part.argmax(axis=0).astype(np.float64)
    bottoms = height - part[::-1].argmax(axis=0).astype(np.float64)
    ends = np.flatnonzero((np.abs(np.diff(tops)) >= STEP) | (np.abs(np.diff(bottoms)) >= STEP)) + 1
    cuts = [0, *ends.tolist(), width]
    runs = [(a, b) for a, b in itertools.pairwise(cuts) if b - a >= RUN]
    if sum(b - a for a, b in runs) < 0.8 * width or len(runs) > width / (1.5 * RUN):
        return []
    found = []
    for a, b in runs:
        inner = slice(a + (1 if b - a > 4 else 0), b - (1 if b - a > 4 else 0))
        top, bottom = float(np.median(tops[inner])), float(np.median(bottoms[inner]))
        level = np.abs(tops[inner] - top).max() <= STEP and np.abs(bottoms[inner] - bottom).max() <= STEP
        if level and bottom - top >= 1 and part[int(top) : int(bottom), a:b].mean() >= FULL:
            found.append((float(a), top, float(b), bottom))
    return found if sum(b - a for a, _, b, _ in found) >= 0.75 * width else []


def _trimmed(part: Mask) -> tuple[float, float, float, float]:
    """Return the box of a rectangle without what sticks out of it."""
    rows, columns = part.mean(axis=1), part.mean(axis=0)
    y, x = np.flatnonzero(rows > 0.5 * rows.max()), np.flatnonzero(columns > 0.5 * columns.max())
    return float(x[0]), float(y[0]), float(x[-1] + 1), float(y[-1] + 1)


def refine_end(
    rect: Rect, picture: NDArray[np.uint8], colour: Colour, ground: Colour, *, upright: bool, base: float
) -> Rect:
    """Return a bar with the end that is away from the base at a part of a pixel, by how far its edge is blended.

    Args:
        rect: As its mask has it, to whole pixels.
        picture: Chart (height, width, 3).
        colour: Colour of the bar.
        ground: Colour of the plot's background.
        upright: Whether bars stand.
        base: Coordinate where they begin, pixels.
    """
    if not upright:
        turned = picture.transpose(1, 0, 2)
        return refine_end(rect.turned(), turned, colour, ground, upright=True, base=base).turned()
    at_top = abs(rect.top - base) > abs(rect.bottom - base)
    end, step = (round(rect.top), 1) if at_top else (round(rect.bottom) - 1, -1)
    rows = [end + step * i for i in range(-OUTSIDE, INSIDE)]  # from the ground into the bar
    left = round(rect.left + rect.width / 4)
    middle = slice(left, max(left + 1, round(rect.right - rect.width / 4)))
    way = np.subtract(colour, ground)
    length = float(way @ way)
    if min(rows) < 0 or max(rows) >= len(picture) or rect.height < INSIDE or length == 0:
        return rect
    parts = ((picture[rows, middle].astype(np.float64) - ground) @ way / length).clip(0, 1)
    shares = np.median(parts, axis=1)
    moved = INSIDE - float(shares.sum())  # from the end of the mask towards the base
    if shares[0] > CLEAR or shares[-1] < SOLID or abs(moved) > FARTHEST:
        return rect
    return replace(rect, top=end + moved) if at_top else replace(rect, bottom=end + 1 - moved)


def is_upright(rects: Sequence[Rect]) -> bool | None:
    """Say whether bars stand, by the ends they share; None if nothing tells."""
    if len(rects) < 2:
        return None
    standing = max(_agreement([r.bottom for r in rects]), _agreement([r.top for r in rects]))
    lying = max(_agreement([r.left for r in rects]), _agreement([r.right for r in rects]))
    wide = _agreement([r.width for r in rects])
    high = _agreement([r.height for r in rects])
    standing, lying = standing + 0.5 * wide, lying + 0.5 * high
    return None if abs(standing - lying) < 0.15 else standing > lying


def _agreement(places: Sequence[float]) -> float:
    """Return the largest share of numbers that are equal to within two pixels."""
    values: NDArray[np.float64] = np.array(places)
    return float((np.abs(values[:, None] - values[None, :]) <= 2.0).sum(axis=1).max() / len(values))
