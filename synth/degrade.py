"""Image degradation: geometry, colours, optics, sensor, compression.

Every function takes a random generator and an ink coverage or a grey image, (height, width).
"""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Coverage = NDArray[np.float32]  # 0 background .. 1 full ink
Gray = NDArray[np.uint8]


def warp(rng: Generator, coverage: Coverage, *, strength: float) -> Coverage:
    """Rotate by up to a degree, shear and stretch a little about the centre."""
    if rng.random() > 0.5 * strength:
        return coverage
    height, width = coverage.shape
    angle = np.deg2rad(rng.normal(0, 0.5)) * min(1.0, 12 * height / width)
    shear = rng.normal(0, 0.06)
    matrix = np.array([[1, shear, -shear * height / 2], [angle, 1, -angle * width / 2]], np.float32)
    return np.asarray(cv2.warpAffine(coverage, matrix, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def thicken(rng: Generator, coverage: Coverage, *, strength: float) -> Coverage:
    """Dilate or erode by about a pixel, as printing and thresholds do."""
    if rng.random() > 0.15 * strength:
        return coverage
    kernel = np.ones((2, 2), np.uint8)
    changed = (cv2.dilate if rng.random() < 0.6 else cv2.erode)(coverage, kernel)
    share = np.float32(rng.uniform(0.3, 1))
    return np.asarray(changed * share + coverage * (1 - share), np.float32)


def print_dots(rng: Generator, bitmap: Coverage, *, cell: int) -> Coverage:
    """Print a bitmap of 0 and 1 as a dot-matrix or thermal printer does: round or square dots, some missing.

    Args:
        rng: Source of every choice.
        bitmap: Dots (height, width).
        cell: Pixels of the side of a dot.

    Returns:
        (height * cell, width * cell).
    """
    kept = bitmap * (rng.random(bitmap.shape) >= rng.uniform(0, 0.03))
    large = np.kron(kept, np.ones((cell, cell), np.float32))
    if rng.random() < 0.5:
        middle = (np.arange(cell) - (cell - 1) / 2) / cell
        radius = rng.uniform(0.38, 0.6)
        disc = (np.hypot(middle[:, None], middle[None, :]) <= radius).astype(np.float32)
        large = large * np.tile(disc, bitmap.shape)
    return np.asarray(cv2.GaussianBlur(large, (0, 0), rng.uniform(0.15, 0.6) * cell), np.float32)


def fade(rng: Generator, coverage: Coverage) -> Coverage:
    """Let ink fade in patches and in stripes along the paper, as thermal print does."""
    patches = 1 - rng.uniform(0, 0.35) * np.abs(draw_blobs(rng, coverage.shape))
    stripes = 1 - rng.uniform(0, 0.3) * (rng.random(coverage.shape[1]) < 0.15)
    return np.asarray(coverage * np.clip(patches * stripes, 0.25, 1), np.float32)


def colour(rng: Generator, coverage: Coverage, *, strength: float, inverted: float = 0.05) -> Gray:
    """Turn ink coverage into grey levels: contrast, sometimes uneven paper, light on dark at the rate `inverted`."""
    if rng.random() < 0.35:
        paper, ink = 255.0, 0.0
    else:
        paper = rng.uniform(170, 255)
        ink = rng.uniform(0, min(130, paper - 70))
    if rng.random() < inverted:
        paper, ink = ink, paper
    image = paper + (ink - paper) * coverage
    if rng.random() < 0.12 * strength:
        ramp = np.linspace(-1, 1, coverage.shape[1], dtype=np.float32) * rng.normal(0, 18)
        image = image + ramp
    if rng.random() < 0.06 * strength:
        image = image + draw_blobs(rng, coverage.shape) * rng.uniform(4, 22)
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def draw_blobs(rng: Generator, shape: tuple[int, ...]) -> Coverage:
    """Return smooth random values of unit spread, for uneven paper and photographs."""
    coarse = rng.normal(0, 1, (max(2, shape[0] // 6), max(2, shape[1] // 6))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def capture(rng: Generator, image: Gray, *, strength: float) -> Gray:
    """Photograph or scan: blur, low resolution, noise, threshold, JPEG; each with some probability."""
    height, width = image.shape
    size = min(1.0, height / 70)  # small text does not survive what large text does
    if rng.random() < 0.05 * strength:
        image = fax(rng, image)
    if rng.random() < 0.04 * strength:
        image = smudge(rng, image)
    if rng.random() < 0.25 * strength:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, max(0.4, 0.035 * height))), np.uint8)
    if rng.random() < 0.08 * strength:
        image = defocus(rng, image)
    if rng.random() < 0.12 * strength:
        factor = rng.uniform(0.45, 0.8) * max(1.0, 18 / height)
        if factor < 1:
            small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            image = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.3 * strength:
        noise = rng.normal(0, rng.uniform(2, 20) * size, image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.03 * strength:
        image = _salt(rng, image, share=0.012 * size)
    if rng.random() < 0.07 * strength:
        low, high = (float(x) for x in np.percentile(image, (1, 99)))
        level = low + (high - low) * rng.uniform(0.4, 0.65)
        image = np.where(image > level, 255, 0).astype(np.uint8)
    if rng.random() < 0.2 * strength:
        quality = int(rng.integers(55 - 30 * size, 90))
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def defocus(rng: Generator, image: Gray) -> Gray:
    """Blur by motion or defocus: strokes run together, and stay readable."""
    height = image.shape[0]
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), height * rng.uniform(0.025, 0.055)), np.uint8)
    length = max(3, round(height * rng.uniform(0.04, 0.13)))
    angle = rng.uniform(0, np.pi)
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    a, b = (tuple(round(middle + sign * r) for r in reach) for sign in (-1, 1))
    cv2.line(kernel, a, b, 1.0, 1)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)


def wear_thin(rng: Generator, coverage: Coverage) -> Coverage:
    """Print too lightly: thin and small strokes fade first, and vanish in patches."""
    sigma = max(0.8, coverage.shape[0] * rng.uniform(0.01, 0.03))
    thickness = cv2.GaussianBlur(coverage, (0, 0), sigma)
    level = rng.uniform(0.15, 0.5) * (1 + 0.4 * draw_blobs(rng, coverage.shape))
    kept = np.clip((thickness - 0.6 * level) / np.maximum(0.4 * level, 0.05), rng.uniform(0.05, 0.5), 1)
    return np.asarray(coverage * kept, np.float32)


def fax(rng: Generator, image: Gray) -> Gray:
    """Send by fax: coarse rows, a threshold that eats or fattens strokes, lost rows, dirt.

    Args:
        rng: Source of every choice.
        image: A line (height, width), its letters about as high as the picture.
    """
    height, width = image.shape
    rows, columns = rng.uniform(14, 30), rng.uniform(22, 40)  # in the line's height: 98 or 196 by 204 dots an inch
    small = (max(4, round(width * columns / height)), max(6, round(rows)))
    coarse = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.float32)
    coarse += rng.normal(0, rng.uniform(0, 22), coarse.shape)
    low, high = (float(x) for x in np.percentile(coarse, (1, 99)))
    bitmap = np.where(coarse > low + (high - low) * rng.uniform(0.35, 0.72), 255, 0).astype(np.uint8)
    if rng.random() < 0.5:
        bitmap = _salt(rng, bitmap, share=0.02)
    if rng.random() < 0.15:
        row = int(rng.integers(bitmap.shape[0]))
        bitmap[row] = bitmap[max(0, row - 1)]
    if rng.random() < 0.3:
        bitmap = smudge(rng, bitmap)
    interpolation = cv2.INTER_NEAREST if rng.random() < 0.4 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(bitmap, (width, height), interpolation=interpolation), np.uint8)


def smudge(rng: Generator, image: Gray) -> Gray:
    """Drop dirt on paper: blots of a few pixels, dark or pale, and short scratches."""
    dirty = image.copy()
    height, width = image.shape
    for _ in range(int(rng.integers(1, 2 + width // 20))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        shade = int(rng.integers(0, 90)) if rng.random() < 0.75 else 255
        if rng.random() < 0.8:
            cv2.circle(dirty, (x, y), int(rng.integers(0, max(1, height // 16) + 1)), shade, -1)
        else:
            length = int(rng.integers(2, max(3, height // 2)))
            cv2.line(dirty, (x, y), (x + length, y + int(rng.integers(-3, 4))), shade, 1)
    return dirty


def _salt(rng: Generator, image: Gray, *, share: float) -> Gray:
    speckled = image.copy()
    hits = rng.random(image.shape) < rng.uniform(0.1, 1) * share
    speckled[hits] = rng.choice(np.array([0, 255], np.uint8), int(hits.sum()))
    return speckled


def scan(rng: Generator, page: Gray, *, dpi: float) -> Gray:
    """Print and scan a whole page, or leave it as it is: levels, blur, noise, threshold, JPEG.

    Args:
        rng: Source of every choice.
        page: Grey levels (height, width).
        dpi: Resolution of the page; blur, noise and thresholds are milder at a low one.
    """
    if rng.random() < 0.45:
        return page
    fine = min(1.5, dpi / 150)
    image: NDArray[np.floating] = page.astype(np.float32)
    if rng.random() < 0.6:
        ink, paper = rng.uniform(0, 90), rng.uniform(190, 255)
        image = ink + (paper - ink) / 255 * image
    if rng.random() < 0.5:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.35 + 0.5 * fine)), np.float32)
    if rng.random() < 0.4:
        image = image + rng.normal(0, rng.uniform(1, 10 * fine), image.shape)
    gray = np.clip(image, 0, 255).astype(np.uint8)
    if rng.random() < 0.12 * fine:
        low, high = (float(x) for x in np.percentile(gray, (1, 99)))
        gray = np.where(gray > low + (high - low) * rng.uniform(0.45, 0.65), 255, 0).astype(np.uint8)
    if rng.random() < 0.4:
        _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(45, 92))])
        gray = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return np.asarray(gray, np.uint8)
