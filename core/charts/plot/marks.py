"""What the colours of a plot are: bars, lines, areas or points."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ocr2.charts.plot.bars import Rect, Rects, find_rects, is_upright
from ocr2.charts.plot.colours import Layer, Mask
from ocr2.charts.plot.traces import Blob, Trace, blobs_of, bridged, edge_of, markers_of, trace_of

Form = Literal["bars", "line", "area", "points", "none"]
BAR_SHARE = 0.7  # of a layer that are rectangles
BASED = 0.55  # of its bars that begin at the base, or at another bar
SPAN = 0.2  # of the plot's width that a line runs over
THIN_STROKE = 0.035  # of the plot's height, that a stroke measures at most
DENSE = 0.5  # share of the columns that the pieces of a thin line are in
NEAR = 3.5  # pixels: ends nearer than this touch


@dataclass(frozen=True, slots=True)
class Mark:
    """What a layer shows."""

    layer: int
    form: Form
    rects: tuple[Rect, ...] = ()
    trace: Trace | None = None
    blobs: tuple[Blob, ...] = ()  # points, or the markers of a line


def name_marks(
    layers: Sequence[Layer],
    plot: tuple[int, int, int, int],
    hidden: Mask,
    grid: Mask,
    *,
    upright: bool | None,
    base: float,
) -> tuple[list[Mark], bool]:
    """Tell what each layer is, and whether bars stand.

    Args:
        layers: Of the plot.
        plot: Left, top, right, bottom.
        hidden: (height, width): where text may lie over marks.
        grid: (height, width): lines of the grid.
        upright: Whether values run upwards; None if either way is possible.
        base: Place of zero along the values, if they run upwards or `upright` says how.
    """
    standing = upright
    covers = [_cover(layers, i) | hidden | grid for i in range(len(layers))]

    def rects_of(*, standing: bool) -> list[Rects]:
        return [find_rects(layer, i, covers[i], grid, across=not standing) for i, layer in enumerate(layers)]

    standing, parts = upright is not False, rects_of(standing=upright is not False)
    if upright is None:
        other = rects_of(standing=False)
        if _stand(parts) is False or (_stand(parts) is None and _stand(other) is False):
            standing, parts = False, other
    based_at = base if upright is not None or standing else None
    everything = [r for part in parts for r in part.rects]
    marks = []
    for i, (layer, part) in enumerate(zip(layers, parts, strict=True)):
        rects = [r for r in part.rects if (r.width if standing else r.height) >= 2]
        rects = _without_slivers(rects, everything, upright=standing)
        based = [r for r in rects if _is_based(r, everything, upright=standing, base=based_at)]
        if (
            rects
            and part.share >= BAR_SHARE
            and len(based) >= BASED * len(rects)
            and _are_bars(rects, base, upright=standing)
        ):
            marks.append(Mark(i, "bars", rects=tuple(based)))
            continue
        marks.append(_other(i, layer, covers[i], plot, base))
    return marks, standing


def _stand(parts: Sequence[Rects]) -> bool | None:
    """Say whether the bars of layers stand; None if nothing tells."""
    enough = [part for part in parts if part.share >= BAR_SHARE]
    return is_upright([r for part in enough for r in part.rects if min(r.width, r.height) >= 3])


def _cover(layers: Sequence[Layer], number: int) -> Mask:
    """Return what layers of thin strokes may hide of another one."""
    cover = np.zeros(layers[number].mask.shape, np.bool_)
    for i, layer in enumerate(layers):
        if i != number:
            cover |= layer.soft
    return cover


def _are_bars(rects: Sequence[Rect], base: float, *, upright: bool) -> bool:
    """Say whether rectangles may be bars: one is thick enough, their widths are alike, they are no square markers."""
    widths = np.array([r.width if upright else r.height for r in rects])
    lengths = np.array([r.height if upright else r.width for r in rects])
    thick = bool(widths.max() >= 3 and lengths.max() >= 3)
    usual = float(np.median(widths))
    alike = (np.abs(widths - usual) <= max(2.5, 0.25 * usual)).mean()
    ends = [min(abs(a - base) for a in ((r.top, r.bottom) if upright else (r.left, r.right))) for r in rects]
    squares = (
        max(ends) > NEAR + 1
        and len(rects) > 1
        and (np.abs(widths - lengths) < 0.25 * widths).all()
        and np.ptp(lengths) <= 2
    )
    return thick and bool(alike >= 0.6) and not squares


def _without_slivers(rects: Sequence[Rect], others: Sequence[Rect], *, upright: bool) -> list[Rect]:
    """Drop the rims of other bars: hardly longer than a pixel or two, at the end of one that is longer."""
    kept = []
    for rect in rects:
        length = rect.height if upright else rect.width
        if length <= 2.5 and any(_is_rim(rect, other, upright=upright) for other in others if other is not rect):
            continue
        kept.append(rect)
    return kept


def _is_rim(rect: Rect, other: Rect, *, upright: bool) -> bool:
    a, b = (rect, other) if upright else (rect.turned(), other.turned())
    shared = min(a.right, b.right) - max(a.left, b.left)
    beside = min(abs(a.top - b.bottom), abs(a.bottom - b.top), abs(a.bottom - b.bottom), abs(a.top - b.top)) <= 3
    return b.height > 2.5 and shared > 0.5 * a.width and beside


def _is_based(rect: Rect, others: Sequence[Rect], *, upright: bool, base: float | None) -> bool:
    """Say whether a bar begins at the base, at another's end, or where most do."""
    low, high = (rect.top, rect.bottom) if upright else (rect.left, rect.right)
    if base is not None and min(abs(low - base), abs(high - base)) <= NEAR + 1:
        return True
    same = 0
    for other in others:
        if other is rect:
            continue
        a, b = (other.top, other.bottom) if upright else (other.left, other.right)
        beside = (
            min(rect.right, other.right) - max(rect.left, other.left)
            if upright
            else min(rect.bottom, other.bottom) - max(rect.top, other.top)
        )
        if beside > 0.5 * (rect.width if upright else rect.height) and min(abs(low - b), abs(high - a)) <= NEAR:
            return True
        same += abs((b - high) if upright else (a - low)) <= 2
    return same >= max(1, 0.3 * (len(others) - 1))


def _other(number: int, layer: Layer, cover: Mask, plot: tuple[int, int, int, int], base: float | None) -> Mark:
    left, top, right, bottom = plot
    wide, high = right - left, bottom - top
    if layer.mask.sum() < 6 and layer.soft.sum() < 10:
        return Mark(number, "none")
    blobs = blobs_of(layer.soft, plot)
    trace = trace_of(layer)
    columns = np.flatnonzero(layer.soft.any(axis=0))
    span = (columns[-1] - columns[0] + 1) / wide if len(columns) else 0.0
    covered = len(columns) / max(1, columns[-1] - columns[0] + 1) if len(columns) else 0.0
    small = [
        b
        for b in blobs
        if max(b.width, b.height) <= 0.09 * max(wide, high) and min(b.width, b.height) >= 0.4 * max(b.width, b.height)
    ]
    dots = blobs_of(layer.mask, plot, closed=False)
    row = bridged(layer.mask, dots) if span >= SPAN else None
    if row is not None and (trace := trace_of(replace(layer, soft=row))) is not None:
        size = float(np.median([min(b.width, b.height) for b in dots]))
        return Mark(number, "line", trace=replace(trace, width=size, gap=size))
    total = sum(b.area for b in blobs)
    pointlike = len(small) >= 1 and sum(b.area for b in small) >= 0.7 * total
    fragments = covered > DENSE and np.median([min(b.width, b.height) for b in small] or [0]) < 4 and _differ(small)
    if pointlike and not fragments and (covered < 0.9 or len(small) >= 3):
        return Mark(number, "points", blobs=tuple(small))
    if trace is not None and span >= SPAN and covered > 0.8 and _is_area(layer, cover, plot, base):
        return Mark(number, "area", trace=edge_of(layer, base))
    if trace is not None and span >= SPAN:
        stroke = float(np.percentile(trace.spread, 20))
        if stroke <= max(7.0, THIN_STROKE * high) and covered > 0.3:
            return Mark(number, "line", trace=trace, blobs=tuple(markers_of(layer, trace, plot)))
    return Mark(number, "points", blobs=tuple(small)) if pointlike else Mark(number, "none")


def _differ(blobs: Sequence[Blob]) -> bool:
    """Say whether blobs have different sizes, as the pieces of a thin line do."""
    return bool(blobs) and bool(np.std([b.width for b in blobs]) > 1 or np.std([b.height for b in blobs]) > 1)


def _is_area(layer: Layer, cover: Mask, plot: tuple[int, int, int, int], base: float | None) -> bool:
    """Say whether a layer fills what lies above the base, or above another layer."""
    columns = np.flatnonzero(layer.mask.any(axis=0))
    if not len(columns):
        return False
    part = layer.mask[:, columns]
    tops, bottoms = part.argmax(axis=0), len(part) - part[::-1].argmax(axis=0)
    high = bottoms - tops
    filled = part.sum(axis=0) > 0.85 * high
    low = plot[3] if base is None else base
    on_base = (np.abs(bottoms - low) <= 4) | (np.abs(tops - low) <= 4)
    under = np.minimum(bottoms + 2, len(part) - 1)
    on_other = cover[under, columns] | cover[np.maximum(under - 1, 0), columns]
    thick = high >= 3
    return bool((filled & (on_base | on_other) & thick).mean() > 0.7 and np.median(high) > 6)
