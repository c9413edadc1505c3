"""Strips worn anew each time they are learnt, so that a pool on disk lasts longer than one pass over it.

What a strip says stays; size, slope, weight, sharpness, contrast and noise change a little.
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.tiling.strips import BACKGROUND

# Shares of strips, and how far they change.
MOVED, WIDER, HIGHER, ASIDE, UP, SLOPE = 0.7, (0.93, 1.05), (0.94, 1.06), 3.0, 1.3, 0.02
WEIGHED, MOST_WEIGHT = 0.3, 0.6
COARSE, COARSEST = 0.15, 0.5
BLURRED, BLUR = 0.25, (0.3, 0.9)
PALER, CONTRAST = 0.4, (0.7, 1.08)
NOISY, MOST_NOISE = 0.4, 10.0
PRESSED, QUALITY = 0.1, (25, 80)  # JPEG


def wear_strip(rng: Generator, strip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a strip (height, width) worn anew."""
    if rng.random() < MOVED:
        strip = _moved(rng, strip)
    filled = np.flatnonzero((strip != BACKGROUND).any(axis=0))
    end = int(filled[-1]) + 1 if filled.size else 0  # behind it is padding, which readers never wear
    if rng.random() < WEIGHED:
        kernel = np.ones([(2, 2), (1, 2), (2, 1)][int(rng.integers(3))], np.uint8)
        changed = (cv2.dilate if rng.random() < 0.5 else cv2.erode)(strip, kernel)
        share = float(rng.uniform(0, MOST_WEIGHT))
        strip = np.asarray(cv2.addWeighted(changed, share, strip, 1 - share, 0), np.uint8)
    if rng.random() < COARSE:
        height, width = strip.shape
        scale = float(rng.uniform(COARSEST, 0.9))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(strip, size, interpolation=cv2.INTER_AREA)
        strip = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    if rng.random() < BLURRED:
        strip = np.asarray(cv2.GaussianBlur(strip, (0, 0), float(rng.uniform(*BLUR))), np.uint8)
    if rng.random() < PALER:
        strip = _paler(strip, float(rng.uniform(*CONTRAST)))
    if rng.random() < NOISY:
        noise = rng.normal(0, rng.uniform(0, MOST_NOISE), strip.shape)
        strip = np.clip(strip + noise, 0, 255).astype(np.uint8)
    if rng.random() < PRESSED:
        _, data = cv2.imencode(".jpg", strip, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*QUALITY))])
        strip = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    strip = strip.copy()
    strip[:, end:] = BACKGROUND
    return strip


def _paler(strip: NDArray[np.uint8], contrast: float) -> NDArray[np.uint8]:
    paler = np.clip(BACKGROUND + contrast * (strip.astype(np.float32) - BACKGROUND), 0, 255)
    return np.asarray(paler, np.uint8)


def _moved(rng: Generator, strip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Scale, slope and shift a strip; what it holds stays inside."""
    height, width = strip.shape
    inked = np.flatnonzero((np.abs(strip.astype(np.int16) - BACKGROUND) > 24).any(axis=0))
    end = int(inked[-1]) + 1 if inked.size else width
    wider, higher, slope = float(rng.uniform(*WIDER)), float(rng.uniform(*HIGHER)), float(rng.uniform(-SLOPE, SLOPE))
    aside, up = float(rng.uniform(-1.0, ASIDE)), float(rng.uniform(-UP, UP))
    wider = min(wider, (width - 1 - aside) / max(1, end))
    matrix = np.array([
        [wider, slope, aside - slope * height / 2],
        [0.0, higher, up + (1 - higher) * height / 2],
    ], np.float64)  # fmt: skip
    moved = cv2.warpAffine(strip, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(float(BACKGROUND),))
    return np.asarray(moved, np.uint8)
