"""Turning a page upright: quarter turns, small skew, and the way back to the pixels it came from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box
from ocr2.tiling.bend import Bend
from ocr2.tiling.ink import Gray, Mask

MAX_SKEW = 5.0  # degrees
SKEW_SIDE = 900  # the page is reduced to about this many pixels to measure its skew
# Pixels: stripes so narrow that columns and skewed lines do not mix; a stripe needs some ink to count.
STRIPE, MIN_STRIPE_ROWS = 120, 10
WIDEST_LINE_GAP = 5.0  # x-heights: white taller than a wide line gap says nothing
ENOUGH_LINES = 8  # x-heights, about three lines
# Of the rows between the lines of a page of writing, beside the columns between its letters.
MIN_EMPTY_SHARE, MIN_EMPTY_RATIO = 0.15, 1.5
IGNORED_SKEW = 0.12  # degrees: less than a pixel over half a line


@dataclass(frozen=True, slots=True)
class Frame:
    """How an upright page came out of the given image: quarter turns first, then a rotation, then a bend undone."""

    width: int  # pixels of the given image
    height: int
    quarter_turns: int  # counter-clockwise turns that were applied, 0..3
    matrix: NDArray[np.float64]  # (2, 3): turned image -> upright page
    bend: Bend | None = None  # that was undone after that

    def to_source(self, box: Box) -> Box:
        """Return the box, in pixels of the given image, around a box of the upright page."""
        inverse = cv2.invertAffineTransform(self.matrix)
        corners = np.array([(x, y, 1) for x in (box.left, box.right) for y in (box.top, box.bottom)], np.float64)
        if self.bend is not None:
            corners[:, 1] = self.bend.source_y(corners[:, 0], corners[:, 1])
        points = corners @ inverse.T
        # The size after k turns; undoing the last turn first.
        for k in range(self.quarter_turns, 0, -1):
            before = self.height if (k - 1) % 2 else self.width  # width of the image before turn k
            points = np.stack([before - points[:, 1], points[:, 0]], axis=1)
        left, top = np.floor(points.min(axis=0) + 1e-6).astype(int)
        right, bottom = np.ceil(points.max(axis=0) - 1e-6).astype(int)
        return Box(int(left), int(top), int(right), int(bottom)).clipped(self.width, self.height)

    def to_upright(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the upright page at a point of the given image."""
        width, height = self.width, self.height
        for _ in range(self.quarter_turns):
            x, y, width, height = y, width - x, height, width
        across, down = self.matrix @ np.array([x, y, 1.0])
        if self.bend is not None:
            down -= self.bend.shift(np.array([across]), np.array([down]))[0]
        return float(across), float(down)


def turn(image: NDArray[np.uint8], quarter_turns: int) -> NDArray[np.uint8]:
    """Turn an image counter-clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(image, quarter_turns % 4))


def is_sideways(mask: Mask, x_height: float) -> bool:
    """Say whether lines of writing run down the page instead of across.

    Rows between lines are empty far more often than columns between letters. A line or two have too few rows to
    tell and count as upright.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size or min(np.ptp(rows), np.ptp(columns)) < ENOUGH_LINES * x_height:
        return False
    widest = WIDEST_LINE_GAP * x_height
    return _empty_share(mask.T, widest) > 1.1 * _empty_share(mask, widest)


def has_lines(mask: Mask, x_height: float) -> bool:
    """Say whether a page's ink stands in lines of writing, across or down, as that of pictures and dirt does not."""
    widest = WIDEST_LINE_GAP * x_height
    less, more = sorted((_empty_share(mask, widest), _empty_share(mask.T, widest)))
    return more >= MIN_EMPTY_SHARE and more >= MIN_EMPTY_RATIO * less


def _empty_share(mask: Mask, widest: float) -> float:
    """Return the share of empty rows among the inked parts of narrow stripes; wide gaps do not count."""
    empty = inked = 0
    for stripe in np.array_split(mask, max(1, mask.shape[1] // STRIPE), axis=1):
        rows = np.flatnonzero(stripe.any(axis=1))
        if rows.size >= MIN_STRIPE_ROWS:
            steps = np.diff(rows)
            empty += int((steps[(steps > 1) & (steps < widest)] - 1).sum())
            inked += rows.size
    return empty / max(1, empty + inked)


def estimate_skew(mask: Mask) -> float:
    """Return the clockwise angle of the lines, degrees, within +-MAX_SKEW; 0 for a page without ink."""
    factor = min(1.0, SKEW_SIDE / max(mask.shape))
    size = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    small = cv2.resize(mask * 255, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if small.sum() < 255 * 20:
        return 0.0
    best = 0.0
    for span, step in ((MAX_SKEW, 0.5), (0.5, 0.1), (0.1, 0.025)):
        angles = np.arange(best - span, best + span + step / 2, step)
        best = float(angles[int(np.argmax([_sharpness(small, a) for a in angles]))])
    return float(np.clip(best, -MAX_SKEW, MAX_SKEW))


def _sharpness(image: NDArray[np.float32], angle: float) -> float:
    height, width = image.shape
    matrix = np.array([[1, 0, 0], [-np.tan(np.deg2rad(angle)), 1, np.tan(np.deg2rad(angle)) * width / 2]])
    sheared = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return float(np.square(np.diff(sheared.sum(axis=1))).sum())


def straighten(gray: Gray, angle: float) -> tuple[Gray, NDArray[np.float64]]:
    """Rotate a page so that lines skewed by `angle` degrees run level.

    Returns:
        The page on a canvas that holds all of it, the edges continued, and the (2, 3) matrix.
    """
    height, width = gray.shape
    if abs(angle) < IGNORED_SKEW:
        return gray, np.array([[1.0, 0, 0], [0, 1, 0]])
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[0, 2] += (new_width - width) / 2
    matrix[1, 2] += (new_height - height) / 2
    paper = int(np.median(gray))
    turned = cv2.warpAffine(
        gray, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
    )
    return np.asarray(turned, np.uint8), np.asarray(matrix, np.float64)
