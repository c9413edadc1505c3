"""A page cut in its own white space: columns, blocks, lines, in reading order.

Recursive XY-cut (Nagy & Seth 1984) with one change: a region is first cut into bands at every empty row,
and only a run of bands that shares a gutter is cut into columns, so a title above two columns, or a table
inside running text, does not hide or invent columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box
from ocr2.tiling.ink import Mask
from ocr2.tiling.lines import Parts, cut_lines, row_bands, runs_of
from ocr2.tiling.strips import Mark

MOST_PARTS = 100_000  # letters, dots and dashes of the densest newspaper page, twice over

# All in x-heights of the page.
GUTTER_WIDTH = 1.7  # least white between columns
COLUMN_WIDTH = 11.0  # least width of a column
COLUMN_LINES = 4  # least lines on both sides of a gutter
LINE_FILL = 0.55  # least share of the column that its lines reach across, on average


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of writing."""

    box: Box  # around its ink
    column: int  # number of its column on the page, counting in reading order
    x_height: float | None = None  # pixels, where a text detector measured it
    marks: tuple[Mark, ...] = ()  # from left to right


def find_lines(mask: Mask, x_height: float) -> list[TextLine]:
    """Return the lines of a page in reading order; none for a page of more specks than writing can have.

    Args:
        mask: (height, width) writing of an upright page, 0 or 1.
        x_height: Pixels.
    """
    lines: list[TextLine] = []
    parts = Parts.of(mask, x_height)
    if parts.left.size > MOST_PARTS:
        return []
    region = _trim(mask, Box(0, 0, mask.shape[1], mask.shape[0]))
    for column, box in enumerate(_columns(mask, region, x_height)) if region is not None else ():
        for line in cut_lines(mask, parts, box, x_height):
            lines.append(TextLine(line, column))
    return lines


def _columns(mask: Mask, region: Box, x_height: float, depth: int = 0) -> Iterator[Box]:
    """Yield the parts of a region that read straight down, in order."""
    bands = row_bands(mask, region)
    start = 0
    for first, last, gutter in _gutter_runs(mask, region, bands, x_height):
        if first > start:
            yield _span(region, bands[start:first])
        run = _span(region, bands[first:last])
        for part in (
            Box(run.left, run.top, gutter, run.bottom),
            Box(gutter, run.top, run.right, run.bottom),
        ):
            trimmed = _trim(mask, part)
            if trimmed is not None and depth < 8:
                yield from _columns(mask, trimmed, x_height, depth + 1)
        start = last
    if start < len(bands):
        yield _span(region, bands[start:])


def _span(region: Box, bands: list[tuple[int, int]]) -> Box:
    return Box(region.left, bands[0][0], region.right, bands[-1][1])


def _gutter_runs(
    mask: Mask, region: Box, bands: list[tuple[int, int]], x_height: float
) -> Iterator[tuple[int, int, int]]:
    """Yield (first band, last band + 1, x of the gutter) of the longest runs of bands that are two columns."""
    occupied = [np.asarray(mask[a:b, region.left : region.right].any(axis=0)) for a, b in bands]
    first = 0
    while first < len(bands):
        found = None
        covered = occupied[first].copy()
        last = first + 1
        while True:
            gutters = _interior_gaps(covered, x_height)
            if not gutters:
                break
            if found is None or last > found[0]:
                found = (last, gutters)
            if last == len(bands):
                break
            covered |= occupied[last]
            last += 1
        if found is not None:
            last, gutters = found
            for a, b in gutters:
                x = region.left + (a + b) // 2
                box = Box(region.left, bands[first][0], region.right, bands[last - 1][1])
                if _is_gutter(mask, box, x, x_height):
                    yield first, last, x
                    first = last
                    break
            else:
                first += 1
            continue
        first += 1


def _interior_gaps(covered: NDArray[np.bool_], x_height: float) -> list[tuple[int, int]]:
    """Return gaps with ink on both sides, wide enough for a gutter, the widest first."""
    inked = np.flatnonzero(covered)
    if inked.size == 0:
        return []
    gaps = [
        (a, b) for a, b in runs_of(~covered) if a > inked[0] and b <= inked[-1] and b - a >= GUTTER_WIDTH * x_height
    ]
    return sorted(gaps, key=lambda gap: gap[0] - gap[1])


def _is_gutter(mask: Mask, box: Box, x: int, x_height: float) -> bool:
    """Say whether both sides of x look like running text: wide, several lines, lines that fill the width."""
    for part in (Box(box.left, box.top, x, box.bottom), Box(x, box.top, box.right, box.bottom)):
        side = _trim(mask, part)
        if side is None or side.width < COLUMN_WIDTH * x_height:
            return False
        lines = [(a, b) for a, b in row_bands(mask, side) if b - a > 0.5 * x_height]
        count = sum(max(1, round((b - a) / (2.6 * x_height))) for a, b in lines)
        if count < COLUMN_LINES:
            return False
        reach = []
        for a, b in lines:
            inked = np.flatnonzero(mask[a:b, side.left : side.right].any(axis=0))
            reach.append(_filled(inked, x_height) / side.width)
        if float(np.median(reach)) < LINE_FILL:
            return False
    return True


def _filled(columns: NDArray[np.int64], x_height: float) -> float:
    """Return the pixels from the first to the last ink, gaps wider than a word space left out."""
    steps = np.diff(columns)
    return float(steps[steps <= 2.5 * x_height].sum()) + 1


def _trim(mask: Mask, box: Box) -> Box | None:
    """Return the box around the ink inside a box, or None."""
    part = mask[box.top : box.bottom, box.left : box.right]
    rows = np.flatnonzero(part.any(axis=1))
    if rows.size == 0:
        return None
    columns = np.flatnonzero(part.any(axis=0))
    return Box(
        box.left + int(columns[0]), box.top + int(rows[0]), box.left + int(columns[-1]) + 1, box.top + int(rows[-1]) + 1
    )
