"""Lines of a column: rows of ink apart from each other, or letters chained side by side where rows touch.

Empty rows separate the lines of a clean page. Where specks, dashed rules, slanted paper or unequal columns of a
form bridge them, letters are chained from left to right into lines by how much they overlap in height.
"""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ocr2.results.box import Box, union
from ocr2.tiling.ink import Mask

LINE_PITCH = 2.1  # heights of a letter: a row of ink this high may hold two lines
OVERLAP = 0.5  # of the lower letter's height: neighbours on a line share at least this
SAME_LINE = 0.6  # the same for two chains that are one line
SMALL = 0.65  # of the usual letter's height: lower chains are small print or marks
SMALL_PRINT, DENSE = 6, 0.4  # letters of small print at least, and the share of its length that they cover
INSIDE = 0.8  # of a chain's height within the reach of a longer one: they are one line too
FOLLOW = 0.25  # how far a chain moves with each letter: lines may slant
TALLER = 2.6  # letters of one line differ by less than this in height
LOW_MARK = 0.45  # of the usual letter's height: lower parts are dots, commas, dashes, accents
DOT_GAP = 0.11  # x-heights: dots closer than this belong together
RULE_MARKS = 6  # marks in an even row that make a dashed rule
RULE_LENGTH = 5  # letter heights of low marks in a row that make a rule
MARKS_AT_ONCE = 256  # bounds the memory of a page of dirt
ASIDE = 0.3  # of vertical distance: what horizontal distance counts when a mark looks for its letter


@dataclass(frozen=True, slots=True)
class Parts:
    """Connected parts of ink, sorted by their left edge: letters, dots, dashes."""

    left: NDArray[np.int64]
    top: NDArray[np.int64]
    right: NDArray[np.int64]
    bottom: NDArray[np.int64]

    @classmethod
    def of(cls, mask: Mask, x_height: float) -> "Parts":
        """Find the parts of a page; the dots of a dot-matrix letter are one part."""
        size = max(1, round(DOT_GAP * x_height))
        joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)) if size > 1 else mask
        stats = cv2.connectedComponentsWithStats(joined, connectivity=8)[2][1:].astype(np.int64)
        stats = stats[np.argsort(stats[:, cv2.CC_STAT_LEFT], kind="stable")]
        left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
        return cls(left, top, left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT])

    @property
    def height(self) -> NDArray[np.int64]:
        """Pixels of each part from top to bottom."""
        return self.bottom - self.top

    def pick(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Parts":
        """Return some of the parts."""
        return Parts(self.left[chosen], self.top[chosen], self.right[chosen], self.bottom[chosen])

    def inside(self, box: Box) -> "Parts":
        """Return the parts whose middle lies in a box."""
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        return self.pick((x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom))

    def box(self) -> Box:
        """Return the box around all of them."""
        return Box(int(self.left.min()), int(self.top.min()), int(self.right.max()), int(self.bottom.max()))


def cut_lines(mask: Mask, parts: Parts, column: Box, x_height: float) -> list[Box]:
    """Cut one column into lines, in reading order.

    Args:
        mask: (height, width) writing of the page.
        parts: Its parts.
        column: What reads straight down.
        x_height: Usual height of a small letter, pixels.
    """
    inside = parts.inside(column)
    lines: list[Box] = []
    for top, bottom in _join_marks(row_bands(mask, column), inside, x_height):
        here = inside.inside(Box(column.left, top, column.right, bottom))
        if not here.left.size:
            continue
        heights = here.height
        usual = (
            float(np.median(heights[heights >= LOW_MARK * x_height])) if (heights >= LOW_MARK * x_height).any() else 0
        )
        if not usual or bottom - top <= LINE_PITCH * usual:
            lines.append(here.box())
        else:
            lines += _apart(mask, _chained(here, usual))
    return lines


def row_bands(mask: Mask, region: Box) -> list[tuple[int, int]]:
    """Return (top, bottom) of the stretches of rows that hold ink."""
    rows = mask[region.top : region.bottom, region.left : region.right].any(axis=1)
    return [(region.top + a, region.top + b) for a, b in runs_of(rows)]


def runs_of(flags: ArrayLike) -> list[tuple[int, int]]:
    """Return (start, end) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.asarray(flags), [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _join_marks(bands: list[tuple[int, int]], parts: Parts, x_height: float) -> list[tuple[int, int]]:
    """Join bands too low to be letters (dots, accents under or over a line) to the nearer neighbour."""
    joined = list(bands)
    i = 0
    while i < len(joined):
        top, bottom = joined[i]
        if bottom - top < 0.5 * x_height and len(joined) > 1 and not _is_rule(_between(parts, top, bottom), x_height):
            above = top - joined[i - 1][1] if i else 1e9
            below = joined[i + 1][0] - bottom if i + 1 < len(joined) else 1e9
            if min(above, below) < 0.5 * x_height:
                j = i - 1 if above < below else i
                joined[j : j + 2] = [(joined[j][0], joined[j + 1][1])]
                i = max(0, j)
                continue
        i += 1
    return joined


def _between(parts: Parts, top: int, bottom: int) -> Parts:
    return parts.pick((parts.top >= top) & (parts.bottom <= bottom))


def _is_rule(marks: Parts, usual: float) -> bool:
    """Say whether marks of one row are a rule: long, or many dashes or dots evenly spaced."""
    if int((marks.right - marks.left).sum()) >= RULE_LENGTH * usual:
        return True
    if marks.left.size < RULE_MARKS:
        return False
    steps = np.diff((marks.left + marks.right) / 2)
    middle = float(np.median(steps))
    return middle > 0 and float(np.mean(np.abs(steps - middle) <= 0.35 * middle)) >= 0.7


def _chained(parts: Parts, usual: float) -> list[Parts]:
    """Return the parts of each line of a band."""
    high = parts.height >= LOW_MARK * usual
    chains = [chain for chain in _side_by_side(parts, np.flatnonzero(high)) if _is_writing(parts.pick(chain), usual)]
    lines = _merged(chains, parts)
    if not lines:
        return [parts]
    home = np.full(parts.left.size, -1)
    for number, members in enumerate(lines):
        home[members] = number
    letters = np.flatnonzero(home >= 0)
    count = len(lines)
    for row in _rules(parts, np.flatnonzero(~high), letters, usual):
        home[row] = count
        count += 1
    loose = np.flatnonzero(home < 0)
    home[loose] = home[letters][_nearest(parts, loose, letters)]
    return [parts.pick(home == number) for number in range(count)]


def _side_by_side(parts: Parts, letters: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Chain letters from left to right, each to the line that it shares most height with."""
    members: list[list[int]] = []
    tops, bottoms = np.zeros(letters.size), np.zeros(letters.size)  # of each chain, following it as it runs on
    for i in letters.tolist():
        top, bottom, n = int(parts.top[i]), int(parts.bottom[i]), len(members)
        shared = _shared(top, bottom, tops[:n], bottoms[:n], ratio=TALLER)
        best = int(shared.argmax()) if n else 0
        if not n or shared[best] < OVERLAP:
            members.append([i])
            tops[n], bottoms[n] = top, bottom
        else:
            members[best].append(i)
            tops[best] += FOLLOW * (top - tops[best])
            bottoms[best] += FOLLOW * (bottom - bottoms[best])
    return [np.array(chain) for chain in members]


def _is_writing(chain: Parts, usual: float) -> bool:
    """Tell letters from a few quotes or commas, which hang high or low and belong to a line."""
    if float(np.median(chain.height)) >= SMALL * usual:
        return True
    span = int(chain.right.max() - chain.left.min())
    return chain.left.size >= SMALL_PRINT and int((chain.right - chain.left).sum()) > DENSE * span


def _shared(
    top: float, bottom: float, tops: NDArray[np.float64], bottoms: NDArray[np.float64], *, ratio: float
) -> NDArray[np.float64]:
    """Return heights shared with others as shares of the lower one; 0 where heights differ by more than `ratio`."""
    heights = bottoms - tops
    low, high = np.minimum(heights, bottom - top), np.maximum(heights, bottom - top)
    shared = (np.minimum(bottoms, bottom) - np.maximum(tops, top)) / np.maximum(low, 1e-9)
    return np.where((low > 0) & (high <= ratio * low), shared, 0.0)


def _merged(chains: list[NDArray[np.int64]], parts: Parts) -> list[NDArray[np.int64]]:
    """Join chains that are one line: brackets, letters that hang low or stand high, and what stands far aside."""
    cores = np.array([_core(parts.pick(chain)) for chain in chains]).reshape(-1, 2)
    reaches = np.array([_reach(parts.pick(chain)) for chain in chains]).reshape(-1, 2)
    lines: list[list[int]] = []  # numbers of chains, the longest first
    for i in sorted(range(len(chains)), key=lambda i: -chains[i].size):
        first = np.array([line[0] for line in lines], np.int64)
        top, bottom = cores[i]
        shared = _shared(top, bottom, cores[first, 0], cores[first, 1], ratio=np.inf)
        inside = np.minimum(reaches[first, 1], bottom) - np.maximum(reaches[first, 0], top)
        fits = np.maximum(shared / SAME_LINE, inside / (INSIDE * max(bottom - top, 1.0)))
        if lines and fits.max() >= 1:
            lines[int(fits.argmax())].append(i)
        else:
            lines.append([i])
    return [np.concatenate([chains[i] for i in line]) for line in lines]


def _reach(parts: Parts) -> tuple[float, float]:
    """Return how far letters reach up and down, but for a few."""
    return float(np.percentile(parts.top, 5)), float(np.percentile(parts.bottom, 95))


def _core(parts: Parts) -> tuple[float, float]:
    """Return the usual top and bottom of letters."""
    return float(np.median(parts.top)), float(np.median(parts.bottom))


def _rules(parts: Parts, marks: NDArray[np.int64], letters: NDArray[np.int64], usual: float) -> list[NDArray[np.int64]]:
    """Return rows of marks that are rules by themselves, with no letter beside them."""
    if not marks.size:
        return []
    middle = (parts.top[marks] + parts.bottom[marks]) / 2
    order = np.argsort(middle, kind="stable")
    size = max(2.0, float(np.median(parts.height[marks])))
    rows = np.split(order, np.flatnonzero(np.diff(middle[order]) > size) + 1)
    found = []
    for row in rows:
        members = np.sort(marks[row])
        y = float(middle[row].mean())
        beside = (parts.top[letters] < y) & (parts.bottom[letters] > y)
        if _is_rule(parts.pick(members), usual) and int(beside.sum()) < 0.2 * max(RULE_MARKS, members.size):
            found.append(members)
    return found


def _nearest(parts: Parts, marks: NDArray[np.int64], letters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each mark the position, in `letters`, of the letter it belongs to."""
    found = [np.zeros(0, np.int64)]
    for some in np.array_split(marks, -(-marks.size // MARKS_AT_ONCE) or 1):
        distance = _gap(parts.top, parts.bottom, some, letters) + ASIDE * _gap(parts.left, parts.right, some, letters)
        found.append(np.asarray(distance.argmin(axis=1), np.int64))
    return np.concatenate(found)


def _gap(
    low: NDArray[np.int64], high: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the white between every part of `a` and every part of `b` along one axis, pixels."""
    apart = np.maximum(low[a][:, None] - high[b][None], low[b][None] - high[a][:, None])
    return np.asarray(np.maximum(apart, 0), np.float64)


def _apart(mask: Mask, lines: list[Parts]) -> list[Box]:
    """Return boxes of lines that do not overlap, cut where there is least ink, in reading order."""
    rows = _in_order([(parts.box(), _core(parts)) for parts in lines])
    boxes = [box for box, _ in rows]
    for i, j in itertools.combinations(range(len(rows)), 2):
        a, b = boxes[i], boxes[j]
        if min(a.right, b.right) <= max(a.left, b.left) or min(a.bottom, b.bottom) <= max(a.top, b.top):
            continue
        upper, lower = (i, j) if sum(rows[i][1]) <= sum(rows[j][1]) else (j, i)
        y = _valley(mask, union([a, b]), round(rows[upper][1][1]), round(rows[lower][1][0]))
        u, v = boxes[upper], boxes[lower]
        if u.top < y < v.bottom:
            boxes[upper], boxes[lower] = (
                Box(u.left, u.top, u.right, min(u.bottom, y)),
                Box(v.left, max(v.top, y), v.right, v.bottom),
            )
    return boxes


def _valley(mask: Mask, box: Box, start: int, end: int) -> int:
    """Return the row with least ink from the base of one line to the top of the next."""
    if end <= start:
        return (start + end) // 2
    profile = mask[start : end + 1, box.left : box.right].sum(axis=1)
    lowest = np.flatnonzero(profile == profile.min())
    return start + int(lowest[len(lowest) // 2])


def _in_order(lines: list[tuple[Box, tuple[float, float]]]) -> list[tuple[Box, tuple[float, float]]]:
    """Sort lines from top to bottom, and from left to right where they stand side by side."""
    rows: list[list[tuple[Box, tuple[float, float]]]] = []
    for line in sorted(lines, key=lambda item: sum(item[1])):
        if rows:
            top, bottom = rows[-1][0][1]
            beside = _shared(*line[1], np.array([top]), np.array([bottom]), ratio=np.inf)[0] >= OVERLAP
        if rows and beside:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda item: item[0].left)]
