"""Strips: line images as the nano reader takes them, 32 px high, ink positive, background zero."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from ocr2.results.box import Box
from ocr2.tiling.ink import Gray, Mask
from ocr2.tiling.lines import runs_of

STRIP_HEIGHT = 32  # pixels
# A strip is stored as bytes: background 32, full ink 232; what is lighter than the background lies below 32.
BACKGROUND, INK_SPAN = 32, 200
MIN_CONTRAST = 24.0  # grey levels; fainter strips are not amplified further

MARGIN = 0.14  # of a line's height: paper left around its ink
END_MARGIN = 0.5  # of a line's height: paper left behind its end
LOW_LINE = 0.62  # a line lower than this share of its neighbours has no tall letters, and is cut as high as they are
WIDE_GAP = 2.2  # of a line's height: white that is cut out instead of read (table cells, leaders to page numbers)


WORD_GAP = 0.19  # of a line's height: white that separates words, not letters


MarkKind = Literal["raised", "leader", "empty box", "marked box"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink of a line that is no running text: a reference mark or exponent, dots that lead to a number, a check box."""

    box: Box
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class StripBox:
    """Where one strip lies on the upright page."""

    box: Box  # what is cropped, margins included
    line: int  # number of its line
    space: float  # white before it within its line, in line heights; 0 at the start of a line
    mark: MarkKind | None = None  # what it is, if it is a mark by itself

    @property
    def starts_word(self) -> bool:
        """Whether the white before it is a word space rather than the gap between two letters."""
        return self.space >= WORD_GAP


def cut_strips(
    mask: Mask, lines: Sequence[Box], *, max_width: int, marks: Sequence[Sequence[Mark]] = ()
) -> list[StripBox]:
    """Cut lines into strips that fit the reader, at white space.

    Every ink pixel of a line lies in exactly one strip. A line is cut at gaps wider than `WIDE_GAP`, and
    where it is too long, at the widest gap of the last third that fits.

    Args:
        mask: (height, width) writing of the page.
        lines: Ink boxes of the lines.
        max_width: Widest strip, pixels at STRIP_HEIGHT.
        marks: Marks of each line, from left to right; each is a strip of its own.
    """
    usual = float(np.median([line.height for line in lines])) if lines else 0.0
    strips: list[StripBox] = []
    for number, whole in enumerate(lines):
        inside = marks[number] if marks else ()
        if not inside:
            strips += _cut_line(mask, whole, number, usual, max_width)
            continue
        left, white = whole.left, 0.0
        for mark in inside:
            part = Box(left, whole.top, mark.box.left, whole.bottom)
            strips += _cut_part(mask, part, number, usual, max_width, least_white=white)
            strips.append(_mark_strip(mask, mark, number, whole.height))
            left, white = mark.box.right, 0.0 if mark.kind == "raised" else WORD_GAP
        part = Box(left, whole.top, whole.right, whole.bottom)
        strips += _cut_part(mask, part, number, usual, max_width, least_white=white)
    return strips


def _mark_strip(mask: Mask, mark: Mark, number: int, height: int) -> StripBox:
    margin = max(1, round(MARGIN * mark.box.height))
    left, top, right, bottom = mark.box.left - 1, mark.box.top - margin, mark.box.right + 1, mark.box.bottom + margin
    space = 0.0 if mark.kind == "raised" else WORD_GAP
    return StripBox(Box(left, top, right, bottom).clipped(mask.shape[1], mask.shape[0]), number, space, mark.kind)


def _cut_part(
    mask: Mask, part: Box, number: int, usual: float, max_width: int, *, least_white: float
) -> list[StripBox]:
    """Cut what lies between marks, of which the ink is trimmed; white in front of it, in line heights, parts words."""
    inked = np.flatnonzero(mask[part.top : part.bottom, part.left : max(part.left, part.right)].any(axis=0))
    if not inked.size:
        return []
    trimmed = Box(part.left + int(inked[0]), part.top, part.left + int(inked[-1]) + 1, part.bottom)
    strips = _cut_line(mask, trimmed, number, usual, max_width, left=part.left, right=part.right)
    strips[0] = replace(strips[0], space=max(least_white, int(inked[0]) / part.height))
    return strips


def _cut_line(
    mask: Mask, line: Box, number: int, usual: float, max_width: int, *, left: int = 0, right: int | None = None
) -> list[StripBox]:
    """Cut one line; strips stay between `left` and `right`, pixels."""
    top, bottom = _line_extent(line, usual)
    bottom = min(bottom, mask.shape[0])
    height = bottom - top
    margin = max(2, round(MARGIN * height))
    limit = int(max_width * height / STRIP_HEIGHT) - margin - round(END_MARGIN * height) - 1
    inked = mask[line.top : line.bottom, line.left : line.right].any(axis=0)
    gaps = runs_of(np.logical_not(inked))
    pieces = _cut(line.width, gaps, max(limit, 8), bottom - top)
    # Where a piece begins: its margin, but no more than half of a narrow gap, so that pieces do not overlap.
    lefts = [start - min(margin, _half(white * (bottom - top))) for start, _, white in pieces[1:]]
    lefts = [-margin, *lefts]
    ends = [*lefts[1:], line.width + round(END_MARGIN * height)]
    bounds = Box(left, 0, mask.shape[1] if right is None else right, mask.shape[0])
    strips = []
    for (_, end, white), start, limit_right in zip(pieces, lefts, ends, strict=True):
        # A faint full stop or comma at the end may not count as ink: leave room for it.
        stop = min(end + round(END_MARGIN * height), limit_right)
        box = Box(line.left + start, top, line.left + stop, bottom).clipped(mask.shape[1], mask.shape[0])
        box = Box(max(box.left, bounds.left), box.top, min(box.right, bounds.right), box.bottom)
        strips.append(StripBox(box, number, white))
    return strips


def _half(gap: float) -> int:
    return round(gap) // 2


def _line_extent(line: Box, usual: float) -> tuple[int, int]:
    top, bottom = line.top, line.bottom
    # Much lower lines are small print or rows of dots, moderately low ones have neither tall nor deep letters.
    if 0.3 * usual < line.height < LOW_LINE * usual:
        missing = 0.8 * usual - line.height
        top, bottom = round(top - 0.55 * missing), round(bottom + 0.45 * missing)
    elif line.height <= 0.3 * usual:
        missing = 0.5 * usual - line.height
        top, bottom = round(top - missing / 2), round(bottom + missing / 2)
    margin = max(1, round(MARGIN * (bottom - top) / 2))
    return max(0, top - margin), bottom + margin


def _cut(width: int, gaps: list[tuple[int, int]], limit: int, height: int) -> list[tuple[int, int, float]]:
    """Return (start, end, white before in line heights) of the pieces of a line, ink to ink."""
    pieces: list[tuple[int, int, float]] = []
    start, white = 0, 0.0
    while start < width:
        inside = [(a, b) for a, b in gaps if start < a <= start + limit and b < width]
        cut = next((gap for gap in inside if gap[1] - gap[0] >= WIDE_GAP * height), None)
        if cut is None and width - start > limit:
            cut = _best_cut(inside, start, limit, height)
        if cut is None:
            cut = (width, width)
        pieces.append((start, cut[0], white))
        white = (cut[1] - cut[0]) / height
        start = cut[1]
    return pieces


def _best_cut(gaps: list[tuple[int, int]], start: int, limit: int, height: int) -> tuple[int, int]:
    """Pick where to cut a long line: a clear word space late in the window, else the widest gap, else any pixel."""
    words = [g for g in gaps if g[1] - g[0] >= 1.3 * WORD_GAP * height and g[0] > start + limit // 2]
    if words:
        return words[-1]
    if gaps:
        return max(gaps, key=lambda gap: (gap[1] - gap[0], gap[0]))
    return start + limit, start + limit


def crop_strip(gray: Gray, box: Box) -> Gray:
    """Cut a strip out of the upright page and normalise it."""
    return normalise_strip(gray[box.top : box.bottom, box.left : box.right])


def normalise_strip(gray: Gray) -> Gray:
    """Scale a line crop to the strip height and make it dark-on-light, whatever its colours.

    The median of the strip's edge is the background; the 2 % of pixels farthest from it give the contrast.
    Light text on a dark ground is inverted, by the side on which the far pixels lie.

    Args:
        gray: (height, width) uint8.

    Returns:
        (STRIP_HEIGHT, width') uint8, aspect ratio kept, width' at least 8.
    """
    height, width = gray.shape
    new_width = max(8, round(width * STRIP_HEIGHT / height))
    # INTER_AREA when shrinking keeps thin strokes; cubic when enlarging keeps edges sharp.
    method = cv2.INTER_AREA if height > STRIP_HEIGHT else cv2.INTER_CUBIC
    resized = cv2.resize(gray, (new_width, STRIP_HEIGHT), interpolation=method).astype(np.float32)
    edge = np.concatenate([resized[:2].ravel(), resized[-2:].ravel(), resized[:, :3].ravel(), resized[:, -3:].ravel()])
    ink = float(np.median(edge)) - resized
    low, high = np.percentile(ink, (2, 98))
    if -low > high:
        ink, high = -ink, -low
    scaled = BACKGROUND + INK_SPAN * ink / max(float(high), MIN_CONTRAST)
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def pad_strip(strip: Gray, width: int) -> Gray:
    """Pad a strip with background on the right to `width` pixels."""
    return np.pad(strip, ((0, 0), (0, width - strip.shape[1])), constant_values=BACKGROUND)
