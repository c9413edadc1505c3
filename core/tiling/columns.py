"""Lines of a page cut into columns, in reading order, by the white between them.

Recursive XY-cut (Nagy & Seth 1984) over boxes of lines: a region is first cut into strips at every empty row, and only
a run of strips that shares a gutter is cut into columns, so a title above two columns, or a table inside running text,
does not hide or invent columns. White between cells of a table is no gutter: rows of both sides are on the same lines.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

# All in x-heights of the page.
GUTTER = 1.1  # least white between columns
LEAST_WIDTH = 5.0  # of the usual line of a column
TEXT_WIDTH, TEXT_WORDS = 14.0, 2.5  # of the usual line of running text, and its words
TEXT_LINES = 4  # least lines of running text on both sides of a gutter
LINE_FILL = 0.55  # least share of a column that its usual line of running text reaches across
LIST_START, LIST_END = 5.0, 5.0  # least and greatest length of the first and last part of a row of contents
ALIKE = 0.85  # ratio of the widths of two columns of them
ON_ONE_LINE = 0.35  # how far two lines of one row may be apart
MAX_OFFSET = 0.4  # how far all rows of one side may be above those of the other
FREE, FREE_LINES = 0.45, 3  # share of rows with their like beyond the white below which columns are free; least lines
LEAD = 3  # strips at the head of columns that may lie in one of them alone: their lines stand on different base lines
MOST_BEYOND = 0.5  # of the next column that a line too long for its own reaches into
FEW = 0.12  # share of rows that may bridge the white between columns
DEEPEST = 10  # cuts within cuts


@dataclass(frozen=True, slots=True)
class Band:
    """The x-height band of a level line, pixels."""

    left: float
    top: float
    right: float
    bottom: float
    words: int = 1  # that its ink seems to have

    @property
    def x_height(self) -> float:
        """Its height."""
        return max(1.0, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class _Strip:
    """Bands between two empty rows."""

    members: list[int]
    spans: list[tuple[float, float]]  # from left to right, what they cover


def cut_columns(bands: Sequence[Band]) -> list[list[int]]:
    """Return the parts of a page that read straight down, in reading order: numbers of bands, in no order.

    Args:
        bands: Lines, or parts of lines.
    """
    if not bands:
        return []
    usual = float(np.median([band.x_height for band in bands]))
    return list(_cut(bands, list(range(len(bands))), usual, 0))


def _cut(bands: Sequence[Band], members: Sequence[int], usual: float, depth: int) -> Iterator[list[int]]:
    strips = _strips(_trimmed(bands, members, usual), members)
    start = 0
    for first, last, gutter in _gutter_runs(bands, strips, usual):
        if first > start:
            yield [i for strip in strips[start:first] for i in strip.members]
        run = [i for strip in strips[first:last] for i in strip.members]
        for side in _sides(bands, run, gutter):
            if depth < DEEPEST:
                yield from _cut(bands, side, usual, depth + 1)
            else:
                yield side
        start = last
    if start < len(strips):
        yield [i for strip in strips[start:] for i in strip.members]


def _trimmed(bands: Sequence[Band], members: Sequence[int], usual: float) -> list[Band]:
    """Return bands without what a word too long for its column reaches into the white beside it, or beyond.

    A title over several columns reaches so far as well; but what is too long has a line of the next column beside it.
    """
    found = list(bands)
    here = [bands[i] for i in members]
    spans = _common(here, FEW * len(_side(bands, members, usual).rows))
    for i in members:
        band = bands[i]
        for (left, end), (start, right) in itertools.pairwise(spans):
            if not (left <= band.left < end < band.right < start + MOST_BEYOND * (right - start)):
                continue
            if any(x.left >= start and x.top < band.bottom and x.bottom > band.top for x in here):
                found[i] = replace(band, right=end)
    return found


def _strips(bands: Sequence[Band], members: Sequence[int]) -> list[_Strip]:
    strips: list[_Strip] = []
    bottom = -np.inf
    for i in sorted(members, key=lambda i: bands[i].top):
        if bands[i].top > bottom:
            strips.append(_Strip([], []))
        strips[-1].members.append(i)
        bottom = max(bottom, bands[i].bottom)
    return [_Strip(s.members, _merged([(bands[i].left, bands[i].right) for i in s.members])) for s in strips]


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if found and left <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], right)
        else:
            found.append((left, right))
    return found


def _gutter_runs(bands: Sequence[Band], strips: Sequence[_Strip], usual: float) -> Iterator[tuple[int, int, float]]:
    """Yield (first strip, last strip + 1, x of the gutter) of the longest runs of strips that are columns."""
    first = 0
    while first < len(strips):
        found = None
        covered: list[tuple[float, float]] = []
        runs: list[tuple[int, list[float]]] = []
        for last in range(first, len(strips)):
            covered = _merged([*covered, *strips[last].spans])
            gaps = _gaps(covered, usual)
            if not gaps and last - first >= LEAD:
                break
            runs.append((last + 1, gaps))
        tried: set[float] = set()
        for last, gaps in reversed(runs):
            members = [i for strip in strips[first:last] for i in strip.members]
            for x in gaps:
                if x not in tried and _is_gutter(bands, *_sides(bands, members, x), usual):
                    found = last, x
                    break
                tried.add(x)
            if found is not None:
                break
        if found is None:
            first += 1
            continue
        yield first, *found
        first = found[0]


def _gaps(covered: Sequence[tuple[float, float]], usual: float) -> list[float]:
    """Return the middles of the white between spans that is wide enough for a gutter, the widest first."""
    gaps = [(a[1], b[0]) for a, b in itertools.pairwise(covered) if b[0] - a[1] >= GUTTER * usual]
    return [(a + b) / 2 for a, b in sorted(gaps, key=lambda gap: gap[0] - gap[1])]


def _sides(bands: Sequence[Band], members: Sequence[int], x: float) -> tuple[list[int], list[int]]:
    left = [i for i in members if bands[i].left + bands[i].right < 2 * x]
    kept = set(left)
    return left, [i for i in members if i not in kept]


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows of one side of a gutter: their bands from left to right."""

    rows: list[list[Band]]
    width: float

    @property
    def bases(self) -> list[float]:
        """Base lines of the rows."""
        return [row[0].bottom for row in self.rows]

    def usual(self, value: Callable[[list[Band]], float]) -> float:
        """Return the median of something over rows."""
        return float(np.median([value(row) for row in self.rows]))

    def is_text(self, x_height: float) -> bool:
        """Say whether it looks like running text: several lines of several words that fill its width."""
        long = self.usual(lambda row: max(map(_length, row))) >= TEXT_WIDTH * x_height
        full = self.usual(lambda row: sum(map(_length, row))) >= LINE_FILL * self.width or self._is_columns(x_height)
        several = self.usual(lambda row: max(row, key=_length).words) >= TEXT_WORDS
        return long and full and several and len(self.rows) >= TEXT_LINES

    def _is_columns(self, x_height: float) -> bool:
        """Say whether it is several columns, each of long lines that fill it, maybe on different base lines."""
        bands = [band for row in self.rows for band in row]
        spans = _common(bands, FEW * len(self.rows))
        for a, b in spans:
            inside = [
                _length(band) for band in bands if a <= (band.left + band.right) / 2 <= b and _length(band) <= b - a
            ]
            if not inside or float(np.median(inside)) < max(TEXT_WIDTH * x_height, LINE_FILL * (b - a)):
                return False
        return bool(spans)

    def is_list(self, x_height: float) -> bool:
        """Say whether rows begin with words and end with something short, as those of contents and price lists do."""
        begins = self.usual(lambda row: _length(row[0])) >= LIST_START * x_height
        ends = self.usual(lambda row: _length(row[-1])) <= LIST_END * x_height
        return begins and ends and self.usual(len) >= 2 and len(self.rows) >= TEXT_LINES


def _length(band: Band) -> float:
    return band.right - band.left


def _common(bands: Sequence[Band], most: float) -> list[tuple[float, float]]:
    """Return what more bands than so many cover, from left to right: a title or a long word may bridge a gutter."""
    edges = sorted([(band.left, 1) for band in bands] + [(band.right, -1) for band in bands])
    found: list[tuple[float, float]] = []
    count = 0
    for x, change in edges:
        if count <= most < count + change:
            found.append((x, x))
        elif count + change <= most < count:
            found[-1] = found[-1][0], x
        count += change
    return found


def _side(bands: Sequence[Band], members: Sequence[int], usual: float) -> _Side:
    rows: list[list[Band]] = []
    for band in sorted((bands[i] for i in members), key=lambda band: band.bottom):
        if rows and band.bottom - rows[-1][0].bottom < ON_ONE_LINE * usual:
            rows[-1].append(band)
        else:
            rows.append([band])
    width = max(bands[i].right for i in members) - min(bands[i].left for i in members)
    return _Side([sorted(row, key=lambda band: band.left) for row in rows], width)


def _is_gutter(bands: Sequence[Band], left: Sequence[int], right: Sequence[int], usual: float) -> bool:
    """Say whether white parts two columns that are read one after the other, not the cells of rows."""
    if not left or not right:
        return False
    a, b = _side(bands, left, usual), _side(bands, right, usual)
    if min(side.usual(lambda row: max(map(_length, row))) for side in (a, b)) < LEAST_WIDTH * usual:
        return False
    shared = _share_aligned(a.bases, b.bases, usual)
    if shared < FREE and min(len(a.rows), len(b.rows)) >= FREE_LINES:
        return True
    twins = min(a.width, b.width) > ALIKE * max(a.width, b.width) and a.is_list(usual) and b.is_list(usual)
    return twins or (a.is_text(usual) and b.is_text(usual))


def _share_aligned(a: Sequence[float], b: Sequence[float], usual: float) -> float:
    """Return the share of rows of the side that has fewer, where both have any, with their like on the other."""
    low, high = max(a[0], b[0]) - 2 * usual, min(a[-1], b[-1]) + 2 * usual
    a, b = [y for y in a if low <= y <= high], [y for y in b if low <= y <= high]
    fewer, more = sorted((a, b), key=len)
    if not fewer:
        return 0.0
    apart = np.array(more)[None] - np.array(fewer)[:, None]
    nearest = apart[np.arange(len(fewer)), np.abs(apart).argmin(axis=1)]
    offset = float(np.clip(np.median(nearest), -MAX_OFFSET * usual, MAX_OFFSET * usual))  # of a row that is not level
    return float((np.abs(nearest - offset) < ON_ONE_LINE * usual).mean())
