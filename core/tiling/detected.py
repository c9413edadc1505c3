"""Lines of a page from the bands that a text detector found: their ink, columns and rows.

A band says where small letters of a line are; tall and deep letters, dots, accents and raised marks are the ink that
hangs together with it or lies close by. Ink that belongs to no band is no text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box, union
from ocr2.tiling.check_boxes import find_check_boxes
from ocr2.tiling.columns import Band, cut_columns
from ocr2.tiling.ink import Gray, Ink, Mask
from ocr2.tiling.layout import TextLine
from ocr2.tiling.lean import stand_upright
from ocr2.tiling.lines import runs_of
from ocr2.tiling.strips import Mark

# All in x-heights of a line, from its band.
ABOVE, BELOW = 0.95, 0.65  # how far its letters reach up and down
ASIDE = 1.1  # how far its ends may lie beyond the band's
PAD = 0.25  # of the band's outline, in which ink belongs to the line at once
TALL, TALL_ASIDE = 2.9, 0.3  # height of ink that is more than letters, and how far beyond the band's ends it counts
STROKE = 2.7  # height of ink that does not tell how high a line's letters are
BULLET, BULLET_ASIDE = (0.2, 1.1), 4.0  # sizes of a bullet, and how far before its line it may stand
HIGHEST, LOWEST = 1.0, 0.45  # how far above and below a band the middles of its letters may be
RAISED = 0.25  # how far above the letters around them marks end that are raised
LEAST_LETTERS, NEIGHBOURS = 6, 8  # of a line with marks, and on both sides of one
ON_BASE = 60  # percentile of where letters end that is the base line: some marks are higher, and few letters deeper
MOST_MARKS = 0.35  # share of a line's ink that is marks
MOST_RAISED = 1.8  # their greatest height
DOT, LEADER_DOTS, LEADER_SPAN = 0.55, 5, 4.0  # size of a dot, how many lead to a number, and over how long a way
UNEVEN, MOSTLY_EVEN = 0.25, 0.8  # how far a step between them may be from the usual one, and the share of even ones
DASH_HIGH, DASH_ABOVE, DASH_BELOW = 0.35, 0.35, 0.2  # height of dashes, and how far from a band those of rules are
DASHES, ONE_ROW = 6, 0.2  # dashes of a rule at least, and how level they are
DASH_WIDE = 1.6  # their width to their height
FAINT_STROKE = 0.25  # contrast of a stroke too faint for ink, beside that of the ink above it
FAINT_PRINT, LEAST_PRINT = 0.7, 0.15  # contrast of faint print beside usual ink
FAINT_PART = 1.5  # x-heights aside of a place that tell how faint it is
LEAST_CONTRAST = 10.0  # grey levels of faint print
LETTER = 0.78  # least height of such a mark: quotes and accents are lower
CAPITALS = 0.68  # height of small letters, of that of capitals
DEEPER = 1.6  # how much further ink below a band is taken to be than as much white above it
WORD_SPACE = 0.45  # white that parts words
SAME_ROW = 0.45  # share of the lower band that two bands of one row have in common
SIZES, MOST_SIZES, INSIDE = 1.7, 2.2, 0.85  # ratio of x-heights in one row: of any two, of one beside all of the other
MISSING, MIN_WHITE = 0.03, 0.06  # share of a band that is ink of drawings, and of its columns that are white: letters
MIN_FILL, MAX_FILL = 0.04, 0.75  # share of a band that is ink, beyond which the page's mask is wrong there


@dataclass(frozen=True, slots=True)
class DetectedText:
    """The lines of a page, and the ink that they have."""

    lines: list[TextLine]
    mask: Mask  # (height, width): ink of lines alone
    places: Mask  # (height, width): where lines are


def mend_mask(gray: Gray, ink: Ink, bands: Sequence[Band], contrast: Gray) -> Mask:
    """Return a page's ink, mended where contrast is low, ground was taken for ink, or letters for part of a drawing.

    Args:
        gray: (height, width).
        ink: Of the page.
        bands: Where text is.
        contrast: (height, width): how far the page is from its ground, grey levels.
    """
    mended = ink.mask.copy()
    inked = contrast[ink.mask > 0]
    usual = float(np.median(inked)) if inked.size else 0.0
    for band in bands:
        area = _box(band, ABOVE, BELOW, 0.4).clipped(gray.shape[1], gray.shape[0])
        core = _box(band, 0.0, 0.0, 0.0).clipped(gray.shape[1], gray.shape[0])
        if core.width < 1 or core.height < 1 or area.width < 2 or area.height < 2:
            continue
        here = slice(area.top, area.bottom), slice(area.left, area.right)
        inside = slice(core.top, core.bottom), slice(core.left, core.right)
        fill, drawn = float(ink.mask[inside].mean()), ink.drawn[inside]
        if float(drawn.mean()) - fill > MISSING and float((drawn == 0).all(axis=0).mean()) > MIN_WHITE:
            mended[here] = ink.drawn[here]
        elif not MIN_FILL <= fill <= MAX_FILL:
            mended[here] = _ink_by_contrast(gray[here])
        else:
            mended[here] |= _faint_ink(contrast[here], slice(core.top - area.top, core.bottom - area.top), band, usual)
    return mended


def _faint_ink(contrast: Gray, core: slice, band: Band, usual: float) -> Mask:
    """Return the ink of those parts of a line that are much fainter than the page's writing, as worn print is.

    Args:
        contrast: (height, width) of the line, grey levels from the ground.
        core: Rows of its small letters.
        band: The line's.
        usual: Contrast of the page's ink.
    """
    strongest = np.percentile(contrast[core], 90, axis=0).astype(np.float32)
    wide = 2 * round(FAINT_PART * band.x_height) + 1
    peak = cv2.dilate(strongest[None], np.ones((1, wide), np.uint8))
    is_faint = (peak < FAINT_PRINT * usual) & (peak > max(LEAST_CONTRAST, LEAST_PRINT * usual))
    return np.asarray(is_faint & (contrast > 0.5 * peak), np.uint8)


def _ink_by_contrast(part: Gray) -> Mask:
    """Return the ink of one line, cut out of its page, by its own contrast: the ground is what its edges are."""
    ground = float(np.median(np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])))
    contrast = np.abs(part.astype(np.float32) - ground).astype(np.uint8)
    otsu, _ = cv2.threshold(contrast, 0, 255, cv2.THRESH_OTSU)
    return np.asarray(contrast > max(8.0, otsu), np.uint8)


def band_of_ink(mask: Mask, box: Box, x_height: float) -> Band | None:
    """Return the band of a line by the usual bottom and height of its ink, capitals or not; None without any.

    Args:
        mask: (height, width): ink of the page.
        box: Around the line.
        x_height: Of the page, pixels.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask[box.top : box.bottom, box.left : box.right], connectivity=8)
    parts = np.asarray(stats[1:], np.int32)
    parts = parts[parts[:, 3] >= 0.5 * np.median(parts[:, 3])] if len(parts) else parts
    if not len(parts):
        return None
    bottom, high = box.top + float(np.median(parts[:, 1] + parts[:, 3])), float(np.median(parts[:, 3]))
    left, right = int(parts[:, 0].min()), int((parts[:, 0] + parts[:, 2]).max())
    size = max(1.0, CAPITALS * high if high > 1.2 * x_height else high)
    return Band(float(box.left + left), bottom - size, float(box.left + right), bottom)


def find_text(gray: Gray, ink: Ink, bands: Sequence[Band]) -> DetectedText:
    """Return the lines of a page in reading order.

    Args:
        gray: (height, width) of an upright page.
        ink: Of the page.
        bands: Level lines that were detected.
    """
    rules = cv2.dilate(ink.rules, np.ones((3, 3), np.uint8))
    contrast = np.where(rules, 0, cv2.absdiff(gray, ink.paper)).astype(np.uint8)
    mask = mend_mask(gray, ink, bands, contrast)
    found, owned = _own_ink_of(mask, bands, contrast)
    found = _with_check_boxes(ink.drawn, bands, found, owned)
    kept = [(band, own) for band, own in zip(bands, found, strict=True) if own is not None]
    counted = [replace(band, words=_count_words(owned, band, own.box)) for band, own in kept]
    lines: list[TextLine] = []
    for number, members in enumerate(cut_columns(stand_upright(counted))):
        for row in _rows([kept[i] for i in members]):
            leaders = _leaders_between(ink.drawn, owned, row)
            for mark in leaders:
                here = slice(mark.box.top, mark.box.bottom), slice(mark.box.left, mark.box.right)
                owned[here] |= ink.drawn[here]
            lines.append(_line(row, number, leaders))
    places = owned.copy()
    for band in bands:
        area = _box(band, ABOVE, BELOW, TALL_ASIDE).clipped(gray.shape[1], gray.shape[0])
        places[area.top : area.bottom, area.left : area.right] = 1
    return DetectedText(lines, owned, places)


def _with_check_boxes(
    drawn: Mask, bands: Sequence[Band], found: Sequence["OwnInk | None"], owned: Mask
) -> list["OwnInk | None"]:
    """Give each band its check boxes as marks, in place of what else was seen there; their ink becomes the line's."""
    extended: list[OwnInk | None] = []
    for own, boxes in zip(found, find_check_boxes(drawn, bands), strict=True):
        if own is None or not boxes:
            extended.append(own)
            continue
        places = [check.box for check in boxes]
        for box in places:
            here = slice(box.top, box.bottom), slice(box.left, box.right)
            owned[here] |= drawn[here]
        marks = [mark for mark in own.marks if not any(mark.box.overlaps(box) for box in places)]
        marks += [Mark(check.box, "marked box" if check.is_marked else "empty box") for check in boxes]
        left, right = min(own.box.left, *(b.left for b in places)), max(own.box.right, *(b.right for b in places))
        extended.append(OwnInk(Box(left, own.box.top, right, own.box.bottom), marks))
    return extended


def _leaders_between(drawn: Mask, owned: Mask, row: Sequence[tuple[Band, "OwnInk"]]) -> list[Mark]:
    """Return runs of dots in the wide white of a row that are too small for ink of letters, and lead on to its end."""
    box, size = union(own.box for _, own in row), row[0][0].x_height
    found = []
    for start, end in runs_of(np.logical_not(owned[box.top : box.bottom, box.left : box.right].any(axis=0))):
        if end - start < LEADER_SPAN * size:
            continue
        _, _, stats, _ = cv2.connectedComponentsWithStats(
            drawn[box.top : box.bottom, box.left + start : box.left + end], connectivity=8
        )
        parts = np.asarray(stats[1:], np.int32)
        if len(parts) and (parts[:, 2:4] < DOT * size).all() and _is_leader(np.sort(parts[:, 0]), size):
            (a, b), (c, d) = parts[:, :2].min(axis=0).tolist(), (parts[:, :2] + parts[:, 2:4]).max(axis=0).tolist()
            left, top = box.left + start, box.top
            found.append(Mark(Box(left + a, top + b, left + c, top + d), "leader"))
    return found


def _line(row: Sequence[tuple[Band, "OwnInk"]], column: int, leaders: Sequence[Mark]) -> TextLine:
    box = union(own.box for _, own in row)
    weights = np.array([band.right - band.left for band, _ in row])
    x_height = float(np.average([band.x_height for band, _ in row], weights=weights))
    marks = sorted([*leaders, *(mark for _, own in row for mark in own.marks)], key=lambda mark: mark.box.left)
    return TextLine(box, column, x_height, tuple(marks))


def _box(band: Band, above: float, below: float, aside: float) -> Box:
    x = band.x_height
    return Box(
        int(np.floor(band.left - aside * x)), int(np.floor(band.top - above * x)),
        int(np.ceil(band.right + aside * x)), int(np.ceil(band.bottom + below * x)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnInk:
    """The ink of one band: the box around it, and its marks."""

    box: Box
    marks: list[Mark]


def _own_ink_of(mask: Mask, bands: Sequence[Band], contrast: Gray) -> tuple[list[OwnInk | None], Mask]:
    """Return each band's ink, None for a band without any, and the ink of all.

    Args:
        mask: (height, width): ink of the page.
        bands: Its lines.
        contrast: (height, width): how far the page is from its ground, grey levels; shows strokes too faint for ink.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    parts = np.asarray(stats, np.int32)
    members = _members(np.asarray(labels, np.int32), parts, bands)
    found: list[OwnInk | None] = []
    owned = np.zeros_like(mask)
    for band, numbers in zip(bands, members, strict=True):
        numbers = [n for n, is_rule in zip(numbers, _of_dashed_rules(parts[numbers], band), strict=True) if not is_rule]
        own = _own_ink_within(parts[numbers], band, contrast)
        found.append(own)
        if own is not None:
            box = union([own.box, *(mark.box for mark in own.marks)])
            here = (slice(box.top, box.bottom), slice(box.left, box.right))
            owned[here] |= np.isin(labels[here], numbers)
    return found, owned


def _own_ink_within(parts: NDArray[np.int32], band: Band, contrast: Gray) -> OwnInk | None:
    """Return the ink of a band: boxes of parts of ink are cut where the line cannot reach."""
    if not len(parts):
        return None
    raised = _is_raised(parts, band, contrast)
    marks = [Mark(box, "raised") for box in _clusters(parts[raised], 0.45 * band.x_height)]
    marks += [Mark(box, "leader") for box in _leaders(parts, band)]
    parts = parts[~raised] if not raised.all() else parts
    reach, near = (
        _box(band, ABOVE, BELOW, aside).clipped(contrast.shape[1], contrast.shape[0]) for aside in (ASIDE, TALL_ASIDE)
    )
    tall = parts[:, 3] > TALL * band.x_height
    left = np.maximum(parts[:, 0], np.where(tall, near.left, reach.left)).min()
    bullets = parts[parts[:, 0] + parts[:, 2] < reach.left]
    left = min(left, bullets[:, 0].min()) if len(bullets) else left
    right = np.minimum(parts[:, 0] + parts[:, 2], np.where(tall, near.right, reach.right)).max()
    letters = parts[parts[:, 3] < STROKE * band.x_height]  # what is taller may be a stroke that crosses the line
    level = letters if 2 * len(letters) > len(parts) else parts
    top, bottom = max(level[:, 1].min(), reach.top), min((level[:, 1] + level[:, 3]).max(), reach.bottom)
    if right - left < 1 or bottom - top < 1:
        return None
    return OwnInk(Box(int(left), int(top), int(right), int(bottom)), marks)


def _of_dashed_rules(stats: NDArray[np.int32], band: Band) -> NDArray[np.bool_]:
    """Mark dashes and dots in a row above or below the letters of a line: a rule that the line does not own."""
    size = band.x_height
    middle = stats[:, 1] + stats[:, 3] / 2
    aside = (middle < band.top - DASH_ABOVE * size) | (middle > band.bottom + DASH_BELOW * size)
    rest = np.flatnonzero(aside & (stats[:, 3] < DASH_HIGH * size))
    rest = rest[np.argsort(middle[rest], kind="stable")]
    found = np.zeros(len(stats), np.bool_)
    for row in np.split(rest, np.flatnonzero(np.diff(middle[rest]) > max(1.0, ONE_ROW * size)) + 1):
        if len(row) < DASHES:
            continue
        left, wide, high = np.sort(stats[row, 0]), stats[row, 2], stats[row, 3]
        found[row] = _is_leader(left, size) or float(np.median(wide)) > DASH_WIDE * float(np.median(high))
    return found


def _is_raised(stats: NDArray[np.int32], band: Band, contrast: Gray) -> NDArray[np.bool_]:
    """Mark reference marks and exponents: ink as high as letters that ends well above the letters around it."""
    size = band.x_height
    high, bottom = stats[:, 3], stats[:, 1] + stats[:, 3]
    letters = np.flatnonzero((high > 0.75 * size) & (high < TALL * size))
    if len(letters) < LEAST_LETTERS:
        return np.zeros(len(stats), np.bool_)
    order = letters[np.argsort(stats[letters, 0], kind="stable")]
    near = np.searchsorted(stats[order, 0], stats[:, 0])
    first = np.clip(near - NEIGHBOURS, 0, max(0, len(order) - 2 * NEIGHBOURS))
    around = np.minimum(first[:, None] + np.arange(2 * NEIGHBOURS), len(order) - 1)
    base = np.percentile(bottom[order][around], ON_BASE, axis=1)
    raised = (bottom < base - RAISED * size) & (high > LETTER * size)
    raised &= (high < MOST_RAISED * size) & (stats[:, 2] < 1.5 * size)
    raised &= raised.sum() < MOST_MARKS * len(letters)
    raised &= ~_has_ink_below(stats, raised)
    for i in np.flatnonzero(raised).tolist():
        raised[i] = not _has_faint_ink_below(stats[i], float(base[i]), contrast)
    return np.asarray(raised, np.bool_)


def _has_faint_ink_below(part: NDArray[np.int32], base: float, contrast: Gray) -> bool:
    """Say whether a stroke too faint for ink goes on from a part of ink to the base line: it is a broken letter's."""
    x, y, wide, high = part[:4].tolist()
    below = contrast[y + high + 1 : round(base), x : x + wide]
    if not below.size:
        return False
    usual = float(np.percentile(contrast[y : y + high, x : x + wide], 75))
    return float(below.mean(axis=0).max()) > FAINT_STROKE * usual


def _has_ink_below(stats: NDArray[np.int32], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark chosen parts of ink that have more of the line below them: the upper pieces of broken letters."""
    found = np.zeros(len(stats), np.bool_)
    left, right, bottom = stats[:, 0], stats[:, 0] + stats[:, 2], stats[:, 1] + stats[:, 3]
    for i in np.flatnonzero(chosen).tolist():
        shared = np.minimum(right, right[i]) - np.maximum(left, left[i])
        found[i] = bool(((shared > 0.2 * stats[i, 2]) & (bottom > bottom[i] + 1) & (stats[:, 1] >= stats[i, 1])).any())
    return found


def _clusters(stats: NDArray[np.int32], gap: float) -> list[Box]:
    """Join parts of ink with less white than `gap` between them; from left to right."""
    found: list[Box] = []
    for x, y, w, h in sorted(tuple(row) for row in stats[:, :4].tolist()):
        box = Box(x, y, x + w, y + h)
        if found and box.left - found[-1].right < gap:
            found[-1] = union([found[-1], box])
        else:
            found.append(box)
    return found


def _leaders(stats: NDArray[np.int32], band: Band) -> list[Box]:
    """Return runs of dots on the base line, evenly apart and with nothing else between them."""
    size = band.x_height
    dots = (stats[:, 2] < DOT * size) & (stats[:, 3] < DOT * size)
    dots &= stats[:, 1] > band.top + 0.3 * size
    order = np.argsort(stats[:, 0], kind="stable")
    runs: list[list[int]] = [[]]
    for i in order.tolist():
        if not dots[i]:
            runs.append([])
        else:
            if runs[-1] and stats[i, 0] - stats[runs[-1][-1], 0] > 2.5 * size:
                runs.append([])
            runs[-1].append(i)
    return [
        Box(
            int(stats[run, 0].min()), int(stats[run, 1].min()),
            int((stats[run, 0] + stats[run, 2]).max()), int((stats[run, 1] + stats[run, 3]).max()),
        )
        for run in runs
        if _is_leader(stats[run, 0], size)
    ]  # fmt: skip


def _is_leader(left: NDArray[np.int32], size: float) -> bool:
    """Say whether dots, by their left edges, lead to something: many, evenly apart, over some way."""
    steps = np.diff(left)
    usual = float(np.median(steps)) if len(steps) else 0.0
    even = len(left) >= LEADER_DOTS and float((np.abs(steps - usual) < UNEVEN * usual + 1).mean()) > MOSTLY_EVEN
    return even and int(np.ptp(left)) > LEADER_SPAN * size


def _members(labels: NDArray[np.int32], stats: NDArray[np.int32], bands: Sequence[Band]) -> list[list[int]]:
    """Return the numbers of the parts of ink of each band: those that it has most of, what is close by, and tall ink.

    Tall ink, such as letters of two lines that touch or a stroke across them, belongs to every band that it meets.
    """
    if not bands:
        return []
    owner = np.zeros(labels.shape, np.int32)
    for i, band in enumerate(bands, start=1):
        area = _box(band, PAD, PAD, PAD).clipped(labels.shape[1], labels.shape[0])
        owner[area.top : area.bottom, area.left : area.right] = i
    here = np.flatnonzero((owner > 0) & (labels > 0))
    size = len(bands) + 1
    pairs, votes = np.unique(labels.ravel()[here].astype(np.int64) * size + owner.ravel()[here], return_counts=True)
    part, band_of = pairs // size, pairs % size - 1
    own = _lies_within(stats[part], bands, band_of)
    part, band_of, votes = part[own], band_of[own], votes[own]
    best = np.full(len(stats), -1, np.int64)
    order = np.argsort(votes, kind="stable")  # the most votes last
    best[part[order]] = band_of[order]
    x_heights = np.array([band.x_height for band in bands])
    shared = (stats[part, 3] > TALL * x_heights[band_of]) & (best[part] != band_of)
    best = _near_ink(stats, bands, best)
    taken = np.flatnonzero(best >= 0)
    best[taken[~_lies_within(stats[taken], bands, best[taken])]] = -1
    members: list[list[int]] = [[] for _ in bands]
    for number in np.flatnonzero(best >= 0).tolist():
        members[best[number]].append(number)
    for number, i in zip(part[shared].tolist(), band_of[shared].tolist(), strict=True):
        members[i].append(number)
    return members


def _lies_within(stats: NDArray[np.int32], bands: Sequence[Band], of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark parts of ink that may be letters of their bands: not those of a row close above or below that touch them."""
    edges = np.array([(band.top, band.bottom, band.x_height) for band in bands])[of]
    middle, size = stats[:, 1] + stats[:, 3] / 2, edges[:, 2]
    near = (middle > edges[:, 0] - HIGHEST * size) & (middle < edges[:, 1] + LOWEST * size)
    return np.asarray(near | (stats[:, 3] > TALL * size), np.bool_)


def _near_ink(stats: NDArray[np.int32], bands: Sequence[Band], parts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give dots, accents, quotes and raised marks, which touch no band, to the band they are close to."""
    edges = np.array([[b.left, b.top, b.right, b.bottom, b.x_height] for b in bands])
    found = parts.copy()
    loose = np.flatnonzero(parts < 0)
    loose = loose[loose > 0]
    x, y = stats[loose, 0] + stats[loose, 2] / 2, stats[loose, 1] + stats[loose, 3] / 2
    for chunk in np.array_split(np.arange(loose.size), max(1, loose.size * len(bands) // 2_000_000 + 1)):
        beside = np.maximum(edges[None, :, 0] - x[chunk, None], x[chunk, None] - edges[None, :, 2]) / edges[None, :, 4]
        above = (edges[None, :, 1] - y[chunk, None]) / edges[None, :, 4]
        below = (y[chunk, None] - edges[None, :, 3]) / edges[None, :, 4]
        fits = (beside < ASIDE) & (above < ABOVE) & (below < BELOW)
        high, wide = (stats[loose[chunk], k][:, None] / edges[None, :, 4] for k in (3, 2))
        fits &= (high < 1.5) & (wide < 2.5)
        before = (edges[None, :, 0] - x[chunk, None]) / edges[None, :, 4]
        level = (above < 0) & (below < 0) & (np.minimum(high, wide) > BULLET[0]) & (np.maximum(high, wide) < BULLET[1])
        fits |= (before > 0) & (before < BULLET_ASIDE) & level
        distance = np.where(fits, np.maximum(np.maximum(above, DEEPER * below), 0) + np.maximum(beside, 0), np.inf)
        if distance.size:
            best = distance.argmin(axis=1)
            good = np.isfinite(distance[np.arange(chunk.size), best])
            found[loose[chunk][good]] = best[good]
    return found


def _count_words(mask: Mask, band: Band, box: Box) -> int:
    """Return how many words a line seems to have, by the white between its letters."""
    inked = mask[box.top : box.bottom, box.left : box.right].any(axis=0)
    return 1 + sum(end - start > WORD_SPACE * band.x_height for start, end in runs_of(np.logical_not(inked)))


def _rows(members: Sequence[tuple[Band, OwnInk]]) -> list[list[tuple[Band, OwnInk]]]:
    """Join bands that are beside each other in one row; rows are sorted from top to bottom."""
    rows: list[list[tuple[Band, OwnInk]]] = []
    for pair in sorted(members, key=lambda pair: pair[0].top + pair[0].bottom):
        for row in reversed(rows[-6:]):
            beside = [_is_beside(pair[0], other[0]) for other in row]
            level = [_is_level(pair[0], other[0]) for other in row]
            if all(beside) and 2 * sum(level) > len(row):  # raised signs are level with few
                row.append(pair)
                break
        else:
            rows.append([pair])
    return rows


def _is_beside(a: Band, b: Band) -> bool:
    return max(a.left - b.right, b.left - a.right) > -0.3 * min(a.x_height, b.x_height)


def _is_level(a: Band, b: Band) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    low, high = sorted((a.x_height, b.x_height))
    return shared > SAME_ROW * low and high < (MOST_SIZES if shared > INSIDE * low else SIZES) * low
