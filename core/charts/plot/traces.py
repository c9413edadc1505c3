"""Lines, areas and points of one colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.colours import Layer, Mask

HANGING = 4.0  # pixels from the base, at which an area begins that hangs from it
TIP, STEEP = 2.5, 3.0  # pixels from a line's end; pixels down for one across
END = 6  # columns at a line's end that tell its slope there
COVERED = 0.6  # of the usual height of a stroke in a column, from which it is whole there
LEAST_TURN, TURN_NEAR = 0.15, 3.0  # difference of slopes of a bend that can be placed; pixels from where it seems to be
FEWEST_GAPS = 5  # of a dashed line
MOST_BENDS = 60
FEWEST_DOTS, DOTS_APART, UNEVEN = 8, 3.0, 0.35  # of a dotted line; sizes; share of the usual distance
LARGEST_POINT, SMALLEST_POINT = 0.08, 3  # of the plot's longer side; pixels


@dataclass(frozen=True, slots=True)
class Trace:
    """A line as a function of the place from left to right."""

    xs: NDArray[np.float64]  # pixels
    ys: NDArray[np.float64]  # middle of the stroke
    spread: NDArray[np.float64]  # of the stroke along y
    width: float  # of the stroke
    gap: float = 0.0  # between its dashes or dots

    @property
    def stroke(self) -> float:
        """Thickness of the stroke across its own direction, pixels."""
        if len(self.xs) < 3:
            return self.width
        slopes = np.abs(np.gradient(self.ys, self.xs))
        # A stroke of thickness w and slope s covers s + w sqrt(1 + s^2) of a column of one pixel.
        return float(np.median((self.spread - slopes) / np.hypot(1.0, slopes)).clip(1.0, self.width))

    def _slope(self, at: int) -> float:
        """Return how steep the line is at its first (0) or last (-1) column."""
        piece = slice(0, END) if at == 0 else slice(-END, None)
        xs, ys = self.xs[piece], self.ys[piece]
        return float(np.polyfit(xs, ys, 1)[0]) if len(xs) >= 3 and np.ptp(xs) < 2 * END else 0.0

    def end(self, at: int) -> float:
        """Return the place of the line's first (0) or last (-1) point: its stroke's corners reach beyond it."""
        slope = self._slope(at)
        beyond = 0.5 - self.stroke / 2 * max(0.5, abs(slope) / math.hypot(1.0, slope))
        xs, spread = (self.xs[:END], self.spread[:END]) if at == 0 else (self.xs[-END:][::-1], self.spread[-END:][::-1])
        whole = xs[int((spread >= COVERED * np.median(spread)).argmax())] if abs(slope) < STEEP else xs[0]
        return float(whole - beyond if at == 0 else whole + beyond)

    def vertex(self, x: float, low: float, high: float) -> float:
        """Return where the pieces on both sides of a bend, taken as straight, meet; x itself if that is elsewhere.

        Args:
            x: Of the bend, to within a few pixels.
            low: The bend before it.
            high: The bend behind it.
        """
        before, behind = self._piece(x, low, x), self._piece(x, x, high)
        if before is None or behind is None or abs(before[0] - behind[0]) < LEAST_TURN:
            return x
        off = (behind[1] - before[1]) / (before[0] - behind[0])
        return x + off if abs(off) <= TURN_NEAR else x

    def at(self, x: float, low: float, high: float) -> float | None:
        """Return where the line is at a bend, from the pieces on both sides of it.

        Args:
            x: Of the bend.
            low: The bend before it.
            high: The bend behind it.
        """
        tip = self._tip(x)
        if tip is not None:
            return tip
        ends = [y for y in (self._reach(x, low, x), self._reach(x, x, high)) if y is not None]
        if not ends:
            near = np.abs(self.xs - x) <= 1.5
            return float(np.median(self.ys[near])) if near.any() else None
        if len(ends) == 2 and abs(ends[0] - ends[1]) > 2 * self.width + 4:
            near = np.abs(self.xs - x) <= 1.0
            if near.any():
                here = float(np.median(self.ys[near]))
                return min(ends, key=lambda y: abs(y - here))
        return sum(ends) / len(ends)

    def _tip(self, x: float) -> float | None:
        """Return where a steep line ends, if it does so at x: there its height tells more than its slope."""
        for at, inner in ((0, slice(1, 6)), (-1, slice(-6, -1))):
            if abs(self.xs[at] - x) > TIP or len(self.xs) < 8:
                continue
            rise = float(self.ys[at] - np.mean(self.ys[inner])) / max(
                1.0, abs(float(self.xs[at] - np.mean(self.xs[inner])))
            )
            if abs(rise) > STEEP:
                half = (float(self.spread[at]) - self.stroke / math.hypot(1.0, rise)) / 2
                return float(self.ys[at]) + (half if rise > 0 else -half)
        return None

    def _reach(self, x: float, low: float, high: float) -> float | None:
        """Return where the piece between two places, taken as straight, is at x."""
        piece = self._piece(x, low, high)
        return piece[1] if piece is not None else None

    def _piece(self, x: float, low: float, high: float) -> tuple[float, float] | None:
        """Return the slope of the piece between two places, taken as straight, and where it is at x."""
        edge = min(0.12 * (high - low) + 1, 0.3 * (high - low))
        inside = (self.xs > low + edge) & (self.xs < high - edge)
        if inside.sum() < 3:
            return None
        u, v = self.xs[inside] - x, self.ys[inside]
        keep = np.ones(len(u), np.bool_)
        for _ in range(3):
            if keep.sum() < 3 or np.ptp(u[keep]) < 1.5:
                return None
            slope, start = np.polyfit(u[keep], v[keep], 1)
            off = np.abs(v - slope * u - start)
            keep = off <= max(1.0, 2.5 * float(np.median(off[keep])))
        return float(slope), float(start)


def trace_of(layer: Layer) -> Trace | None:
    """Follow the stroke of a layer from left to right; None if it is none."""
    mask = layer.soft
    columns = np.flatnonzero(mask.any(axis=0))
    if len(columns) < 4:
        return None
    xs, ys, spread = [], [], []
    previous: float | None = None
    for x in columns.tolist():
        rows = np.flatnonzero(mask[:, x])
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 2) + 1)
        if len(runs) > 1 and previous is not None:
            last = previous
            run = min(runs, key=lambda r: _gap(r, last))
        else:
            run = max(runs, key=len)
        middle = (run[0] + run[-1] + 1) / 2
        xs.append(x + 0.5)
        ys.append(middle)
        spread.append(float(run[-1] - run[0] + 1))
        previous = middle
    widths = np.array(spread)
    gaps = np.diff(columns)
    wide = gaps[gaps > 2]
    gap = float(np.median(wide)) if len(wide) >= FEWEST_GAPS else 0.0
    return Trace(np.array(xs), np.array(ys), widths, float(np.percentile(widths, 20)), gap)


def edge_of(layer: Layer, base: float | None) -> Trace | None:
    """Follow the edge of an area that is away from the base, from left to right."""
    columns = np.flatnonzero(layer.mask.any(axis=0))
    if len(columns) < 4:
        return None
    return Trace(columns.astype(np.float64) + 0.5, _edges(layer.mask[:, columns], base), np.ones(len(columns)), 1.0)


def _edges(part: Mask, base: float | None) -> NDArray[np.float64]:
    """Return for each column where its area ends: at the top, but where it hangs from the base at the bottom."""
    tops = part.argmax(axis=0).astype(np.float64)
    bottoms = len(part) - part[::-1].argmax(axis=0).astype(np.float64)
    if base is None:
        return np.asarray(tops, np.float64)
    hangs = (np.abs(tops - base) <= HANGING) & (bottoms - base > np.maximum(HANGING, base - tops))
    return np.asarray(np.where(hangs, bottoms, tops), np.float64)


def _gap(run: NDArray[np.int64], place: float) -> float:
    return max(0.0, float(run[0]) - place, place - float(run[-1]))


def bends_of(trace: Trace, *, loose: float) -> list[tuple[float, float]]:
    """Return the bends of a line, its ends among them, as the fewest points that it keeps to within `loose` pixels."""
    points = np.stack([trace.xs, trace.ys], axis=1)
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack and len(keep) < MOST_BENDS:
        a, b = stack.pop()
        if b - a < 2:
            continue
        way = points[b] - points[a]
        length = float(np.hypot(*way)) or 1.0
        off = (
            np.abs((points[a : b + 1, 0] - points[a, 0]) * way[1] - (points[a : b + 1, 1] - points[a, 1]) * way[0])
            / length
        )
        worst = int(off.argmax())
        if off[worst] > loose:
            keep.add(a + worst)
            stack += [(a, a + worst), (a + worst, b)]
    chosen = [(float(points[i, 0]), float(points[i, 1])) for i in sorted(keep)]
    inner = [(trace.vertex(b[0], a[0], c[0]), b[1]) for a, b, c in zip(chosen, chosen[1:], chosen[2:], strict=False)]
    return [(trace.end(0), chosen[0][1]), *inner, (trace.end(-1), chosen[-1][1])]


@dataclass(frozen=True, slots=True)
class Blob:
    """A point of a scatter plot, or a marker of a line."""

    x: float
    y: float
    width: float
    height: float
    area: float


def blobs_of(mask: Mask, plot: tuple[int, int, int, int], *, closed: bool = True) -> list[Blob]:
    """Return the separate small areas of a mask, rings filled.

    Args:
        mask: (height, width).
        plot: Left, top, right, bottom.
        closed: Whether gaps of a pixel or two are no gaps.
    """
    whole = mask.astype(np.uint8)
    if closed:
        whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, thickness=cv2.FILLED)
    count, _, stats, middles = cv2.connectedComponentsWithStats(whole, connectivity=8)
    largest = LARGEST_POINT * max(plot[2] - plot[0], plot[3] - plot[1])
    found = []
    for i in range(1, count):
        _, _, w, h, area = (int(v) for v in stats[i])
        if max(w, h) >= SMALLEST_POINT and min(w, h) >= 2 and area >= 5:
            found.append(Blob(float(middles[i][0]) + 0.5, float(middles[i][1]) + 0.5, w, h, area))
    sizes = [b.area for b in found if max(b.width, b.height) <= largest]
    usual = float(np.median(sizes)) if sizes else 0.0
    return [b for b in found if b.area >= 0.3 * usual]


def bridged(mask: Mask, blobs: Sequence[Blob]) -> Mask | None:
    """Return a mask whose dots or dashes are joined in the row that they make; None if they make none.

    Dots of a line are evenly apart, each with a neighbour on both sides, as points of a scatter plot are not.
    """
    if len(blobs) < FEWEST_DOTS:
        return None
    places = np.array([(b.x, b.y) for b in blobs])
    apart = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1)
    pitch = float(np.median(nearest))
    size = float(np.median([max(b.width, b.height) for b in blobs]))
    even = np.abs(nearest - pitch) <= UNEVEN * pitch + 1
    beside = (apart <= (1 + UNEVEN) * pitch + 1.5).sum(axis=1)
    if pitch > DOTS_APART * size + 4 or even.mean() < 0.8 or (beside >= 2).mean() < 0.75 or np.median(beside) > 3:
        return None
    joined = mask.astype(np.uint8)
    for i, j in zip(*np.nonzero(np.triu(apart <= (1 + UNEVEN) * pitch + 1.5)), strict=True):
        ends = [(int(blobs[k].x), int(blobs[k].y)) for k in (i, j)]
        cv2.line(joined, ends[0], ends[1], 1, 1)
    return np.asarray(joined > 0)


def markers_of(layer: Layer, trace: Trace, plot: tuple[int, int, int, int]) -> list[Blob]:
    """Return the markers on a line: what is left of it when its stroke is worn away."""
    worn = max(3, int(trace.width) + 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (worn, worn))
    thick = cv2.morphologyEx(layer.soft.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    found = blobs_of(thick, plot)
    if len(found) < 2:
        return []
    sizes = np.array([max(b.width, b.height) for b in found])
    usual = float(np.median(sizes))
    alike = [b for b, size in zip(found, sizes.tolist(), strict=True) if abs(size - usual) <= max(2.0, 0.35 * usual)]
    return alike if len(alike) >= 0.7 * len(found) and usual < 0.12 * (plot[2] - plot[0]) else []


def edges_of(layers: Sequence[Layer], plot: tuple[int, int, int, int], base: float) -> NDArray[np.float64]:
    """Return for each layer and each column of the plot where its area ends, away from the base; NaN without one."""
    left, _, right, _ = plot
    tops = np.full((len(layers), right - left), np.nan)
    for i, layer in enumerate(layers):
        part = layer.mask[:, left:right]
        any_here = part.sum(axis=0) >= 1
        tops[i, any_here] = _edges(part, base)[any_here]
    return tops
