"""What is ink on a page: a mask, the size of the writing, and what is ruled or drawn instead of written."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box

Gray = NDArray[np.uint8]
Mask = NDArray[np.uint8]  # 0 or 1

MIN_CONTRAST, MAX_CONTRAST = 22, 70  # grey levels between ink and its surroundings
BACKGROUND_CELL = 4  # the background is estimated on a page reduced by this factor
# Thin rules are grey at low resolutions; what is faint must be longer than any word to be one.
FAINT = 10  # grey levels
RULE_LENGTH, FAINT_RULE_LENGTH, FAINT_RULE_HEIGHT = 7, 25, 8  # x-heights; of level and upright ones
UNEVEN = 0.12  # spread of contrast, as a share of its mean, along blurred writing; a rule is more even
BESIDE, UNLIKE = 5, 8  # pixels from an upright rule where its ground is, and by how much more contrast it has
USUAL, MOSTLY = 0.2, 0.8  # along an upright rule: how far from the usual contrast, as a share of it, on how much of it
SLIVER = 0.7  # share of a component within two pixels of a rule that makes it a part of the rule
TALLEST_LETTER = 100  # pixels, on small images; an eighth of a large one
DEFAULT_X_HEIGHT = 12.0  # pixels, when a page has too few letters to tell


@dataclass(frozen=True, slots=True)
class Ink:
    """Writing on a page, rules and pictures taken out."""

    mask: Mask  # (height, width)
    x_height: float  # pixels: the usual height of a small letter
    figures: tuple[Box, ...]  # pictures, drawings, frames' contents too large for writing
    rules: Mask  # (height, width): long straight lines
    clean: Gray  # (height, width): the page without its rules
    paper: Gray  # (height, width): the ground alone
    drawn: Mask  # (height, width): writing, pictures and specks


def find_ink(gray: Gray) -> Ink:
    """Separate writing from paper, rules and pictures, whatever the colours.

    The paper is the local median, so light writing on a dark panel counts as ink like dark on light.

    Args:
        gray: (height, width) uint8.
    """
    background = _background(gray)
    contrast = np.asarray(cv2.absdiff(gray, background), np.uint8)
    mask = (contrast > _threshold(contrast)).astype(np.uint8)
    x_height = estimate_x_height(mask)
    rules = _find_rules(mask, x_height, length=max(30, round(RULE_LENGTH * x_height)))
    faint = (contrast > FAINT).astype(np.uint8)
    rules |= _find_rules(
        faint,
        x_height,
        length=max(60, round(FAINT_RULE_LENGTH * x_height)),
        height=max(40, round(FAINT_RULE_HEIGHT * x_height)),
        contrast=contrast,
        dark=rules,
    )
    drawn = np.asarray(cv2.subtract(mask, rules), np.uint8)
    written, figures = _split_components(drawn, rules, x_height)
    erased = cv2.dilate(rules, np.ones((3, 3), np.uint8)) > written  # a rule's soft edge, but no letter on it
    clean = np.where(erased, background, gray).astype(np.uint8)
    return Ink(
        mask=written, x_height=x_height, figures=figures, rules=rules, clean=clean, paper=background, drawn=drawn
    )


def without_other_ink(ink: Ink, own: Mask, places: Mask) -> Ink:
    """Return the ink of lines alone, the page cleaned of what lies beside them.

    Args:
        ink: Of the page.
        own: (height, width): ink of its lines.
        places: (height, width): where lines are, in which nothing is touched.
    """
    other = cv2.dilate(np.asarray(ink.drawn > places, np.uint8), np.ones((3, 3), np.uint8)) > places
    return replace(ink, mask=own, clean=np.where(other, ink.paper, ink.clean).astype(np.uint8))


def estimate_x_height(mask: Mask) -> float:
    """Return the usual height of a small letter, pixels: a mode of the components' heights."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    width, height, area = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    letters = (
        (height >= 4) & (height < max(TALLEST_LETTER, mask.shape[0] / 8)) & (width < 4 * height) & (height < 5 * width)
    )
    heights = height[letters & (area > 0.15 * width * height)]
    if heights.size < 8:
        return float(np.median(heights)) * 0.8 if heights.size else DEFAULT_X_HEIGHT
    # Small letters outnumber capitals; weigh by size so that specks of noise do not win.
    counts = np.bincount(heights).astype(np.float64)
    counts = np.convolve(counts, [0.5, 1, 0.5], mode="same") * np.sqrt(np.arange(counts.size))
    return float(np.argmax(counts))


def _background(gray: Gray) -> Gray:
    height, width = gray.shape
    small = cv2.resize(
        gray,
        (max(1, width // BACKGROUND_CELL), max(1, height // BACKGROUND_CELL)),
        interpolation=cv2.INTER_AREA if min(gray.shape) >= BACKGROUND_CELL else cv2.INTER_NEAREST,
    )
    size = max(9, min(51, (min(small.shape) // 20) | 1))
    blurred = cv2.medianBlur(np.ascontiguousarray(small), size | 1)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _threshold(contrast: Gray) -> float:
    seen = contrast[contrast > MIN_CONTRAST // 2]
    if seen.size < 16:
        return float(MIN_CONTRAST)
    otsu, _ = cv2.threshold(seen.reshape(1, -1), 0, 255, cv2.THRESH_OTSU)
    return float(np.clip(0.8 * otsu, MIN_CONTRAST, MAX_CONTRAST))


def _find_rules(
    mask: Mask,
    x_height: float,
    *,
    length: int,
    height: int | None = None,
    contrast: Gray | None = None,
    dark: Mask | None = None,
) -> Mask:
    """Find long straight runs, level and upright; with `contrast`, only those of even darkness but for dark rules."""
    rules = np.zeros_like(mask)
    for size in ((length, 1), (1, height or length)):
        kernel = np.ones(size[::-1], np.uint8)
        found = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
        # A thick run is a picture or a panel, not a rule.
        across = np.ones((max(3, round(0.6 * x_height)), 1) if size[1] == 1 else (1, max(3, round(0.6 * x_height))))
        thick = cv2.morphologyEx(found, cv2.MORPH_OPEN, across.astype(np.uint8))
        thin = np.asarray(cv2.subtract(found, thick), np.uint8)
        if contrast is None or dark is None:
            rules |= thin
        elif size[1] == 1:
            rules |= _even_level(thin, cv2.dilate(contrast, np.ones((5, 1))))
        else:
            rules |= _even_upright(thin, cv2.dilate(contrast, np.ones((1, 5))), dark)
    return rules


def _even_level(rules: Mask, contrast: NDArray[np.generic]) -> Mask:
    """Keep the rules of even darkness: small blurred writing hangs together too, but is dark and light in turn."""
    if not rules.any():
        return rules
    labels = cv2.connectedComponents(rules, connectivity=8)[1]
    here = np.flatnonzero(rules)
    number, values = labels.ravel()[here], contrast.ravel()[here].astype(np.float64)
    count = np.maximum(np.bincount(number), 1)
    mean = np.bincount(number, values) / count
    spread = np.sqrt(np.maximum(np.bincount(number, values**2) / count - mean**2, 0))
    even = spread < UNEVEN * np.maximum(mean, 1)
    even[0] = False
    return np.asarray(even[labels], np.uint8)


def _even_upright(rules: Mask, contrast: NDArray[np.generic], dark: Mask) -> Mask:
    """Keep the rules of mostly even darkness, unlike what is on both of their sides.

    Where one crosses a dark rule, or is printed twice, it may be darker.
    """
    if not rules.any():
        return rules
    labels = cv2.connectedComponents(rules, connectivity=8)[1]
    here = np.flatnonzero(rules > cv2.dilate(dark, np.ones((7, 7), np.uint8)))
    number, values = labels.ravel()[here], contrast.ravel()[here].astype(np.float64)
    size = int(labels.max()) + 1
    count = np.bincount(number, minlength=size)
    order = np.lexsort((values, number))
    middles = np.minimum(np.cumsum(count) - count + count // 2, max(0, number.size - 1))
    usual = np.maximum(values[order][middles], 1) if number.size else np.ones(size)
    beside = np.maximum(
        *(np.roll(contrast, shift, axis=1).ravel()[here].astype(np.float64) for shift in (-BESIDE, BESIDE))
    )
    near = (np.abs(values - usual[number]) <= USUAL * usual[number]) & (values - beside > UNLIKE)
    even = np.bincount(number, near, minlength=size) >= MOSTLY * np.maximum(count, 1)
    even[0] = False
    return np.asarray(even[labels], np.uint8)


def _split_components(mask: Mask, rules: Mask, x_height: float) -> tuple[Mask, tuple[Box, ...]]:
    """Take out components that are too large to be letters, lonely specks, and what is left of rules."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count == 1:
        return mask, ()
    width, height, area = (stats[:, k] for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    large = (height > 9 * x_height) | ((height > 4.5 * x_height) & (width > 14 * x_height))
    specks = (area < max(2.0, 0.012 * x_height**2)) & (np.maximum(width, height) < max(2, 0.12 * x_height))
    large[0] = specks[0] = False
    figures = tuple(Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[large])
    numbers = np.asarray(labels, np.int32)
    edge = (stats[:, cv2.CC_STAT_LEFT] == 0) | (stats[:, cv2.CC_STAT_LEFT] + width == mask.shape[1])
    drop = large | specks | _lonely(mask, numbers, np.maximum(width, height), x_height)
    drop |= _paper_edge(mask, numbers, edge, x_height)
    near = np.asarray(cv2.dilate(rules, np.ones((5, 5), np.uint8)), np.uint8) & mask
    drop |= np.bincount(numbers[near > 0], minlength=count) > SLIVER * area
    drop[0] = False
    return (mask & ~drop[labels]).astype(np.uint8) if drop.any() else mask, figures


def _lonely(mask: Mask, labels: NDArray[np.int32], size: NDArray[np.generic], x_height: float) -> NDArray[np.bool_]:
    """Mark components too small to be letters that have no letter near: dirt, not dots or accents."""
    small = np.asarray(size) < 0.5 * x_height
    letters = ((mask > 0) & ~small[labels]).astype(np.uint8)
    reach = (2 * round(3 * x_height) + 1, 2 * round(1.2 * x_height) + 1)
    near = cv2.dilate(letters, np.ones(reach[::-1], np.uint8))
    touched = np.zeros(small.size, np.bool_)
    touched[np.unique(labels[near > 0])] = True
    return np.asarray(small & ~touched, np.bool_)


def _paper_edge(mask: Mask, labels: NDArray[np.int32], edge: NDArray[np.bool_], x_height: float) -> NDArray[np.bool_]:
    """Mark components that touch the image's left or right edge and have no letter beside: the paper's own edge."""
    edge = edge.copy()
    edge[0] = False
    if not edge.any():
        return edge
    letters = ((mask > 0) & ~edge[labels]).astype(np.uint8)
    near = cv2.dilate(letters, np.ones((1, 2 * round(2.5 * x_height) + 1), np.uint8))
    touched = np.zeros(edge.size, np.bool_)
    touched[np.unique(labels[near > 0])] = True
    return np.asarray(edge & ~touched, np.bool_)
