"""Degradation of pages: rotation, scanning, photographs; text lines follow."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth import degrade
from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.text_lines.canvas import PICTURE, Band, TextPage, resample

Surface = Callable[[int, int], NDArray[np.float32]]
POINTS = 7  # points of a band on bent paper


def wear(rng: Generator, page: TextPage) -> TextPage:
    """Return a page as it may come in: as it is, scanned, on a larger scan, or photographed."""
    kind = rng.random()
    if kind < 0.3:
        return page
    if kind < 0.72:
        return _scanned(rng, page)
    return photograph(rng, page)


def _scanned(rng: Generator, page: TextPage) -> TextPage:
    pixels, bands, other = page.pixels, page.bands, page.other
    if rng.random() < 0.5:
        angle = float(rng.normal(0, 1.2))
        height, width = pixels.shape
        level = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        matrix = np.vstack([np.asarray(level, np.float64), [0.0, 0.0, 1.0]])
        edge = int(rng.choice([255, 255, 0])) if rng.random() < 0.3 else int(np.median(pixels[:3]))
        pixels, other = (
            _project(pixels, matrix, (width, height), edge),
            _project(other, matrix, (width, height), 0, sharp=True),
        )
        bands = [_points(band, matrix) for band in bands]
    if rng.random() < 0.15:
        pixels, bands, other = _border(rng, pixels, bands, other)
    pixels = degrade.scan(rng, pixels, dpi=float(rng.uniform(80, 200)))
    if rng.random() < 0.12:
        pixels = degrade.smudge(rng, pixels)
    if rng.random() < 0.08:
        pixels = _bilevel(rng, pixels)
    return TextPage(pixels, bands, other)


def _border(rng: Generator, pixels: Gray, bands: list[Band], other: Gray) -> tuple[Gray, list[Band], Gray]:
    """Pad a page with a dark or pale border, as larger scans have."""
    top, bottom, left, right = (int(v) for v in rng.integers(0, 90, 4))
    shade = int(rng.integers(0, 60)) if rng.random() < 0.6 else int(rng.integers(60, 230))
    pixels = np.asarray(
        cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=shade), np.uint8
    )
    other = np.asarray(
        cv2.copyMakeBorder(other, top, bottom, left, right, cv2.BORDER_CONSTANT, value=PICTURE), np.uint8
    )
    return pixels, [band + np.array([left, top], np.float32) for band in bands], other


def _bilevel(rng: Generator, pixels: Gray) -> Gray:
    """Make a page black and white, with speckles, as fax machines do."""
    local = cv2.blur(pixels, (51, 51)).astype(np.float32)
    noise = rng.normal(0, rng.uniform(0, 20), pixels.shape)
    page = np.where(pixels + noise > local - rng.uniform(10, 40), 255, 0).astype(np.uint8)
    if rng.random() < 0.5:
        hits = rng.random(pixels.shape) < rng.uniform(0.0005, 0.01)
        page[hits] = rng.choice(np.array([0, 255], np.uint8), int(hits.sum()), p=[0.8, 0.2])
    return page


def photograph(rng: Generator, page: TextPage, surface: Surface | None = None) -> TextPage:
    """Photograph a page on a table: bent, in perspective, unevenly lit, blurred.

    Args:
        rng: Source of every choice.
        page: The page.
        surface: Function that returns what lies under it (height, width), of a width and height; drawn without one.
    """
    height, width = page.pixels.shape
    pixels, other = page.pixels, page.other
    bands = [resample(band, POINTS) for band in page.bands]
    if rng.random() < 0.5:
        pixels, other, bands = _bent(rng, pixels, other, bands)
    shake = float(rng.uniform(0.01, 0.12))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, shake / 2, (4, 2)) * (width, height)
    turn = float(rng.normal(0, 4))
    spin = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    moved = moved @ spin[:, :2].T + spin[:, 2]
    pad = rng.uniform(-0.05, 0.2, 4) * max(width, height)
    low, high = moved.min(axis=0) - pad[:2], moved.max(axis=0) + pad[2:]
    scale = min(1.0, 2000 / float((high - low).max()))
    matrix = cv2.getPerspectiveTransform(corners, ((moved - low) * scale).astype(np.float32))
    size = int((high - low)[0] * scale), int((high - low)[1] * scale)
    table = surface(*size) if surface is not None else _table(rng, size)
    inside = _project(np.full_like(pixels, 255), matrix, size, 0)
    flat = _project(pixels, matrix, size, 0)
    share = inside.astype(np.float32) / 255
    picture = np.asarray(flat * share + table * (1 - share), np.float32)
    coarse = 1 + 0.25 * degrade.draw_blobs(rng, (max(12, size[1] // 60), max(12, size[0] // 60))) * rng.uniform(0, 1)
    light = np.asarray(cv2.resize(coarse.astype(np.float32), size, interpolation=cv2.INTER_CUBIC), np.float32)
    if rng.random() < 0.35:
        light = light * _shadow(rng, size)
    picture = np.asarray(np.clip(picture * np.clip(light, 0.25, 1.3) * rng.uniform(0.6, 1.0), 0, 255), np.float32)
    if rng.random() < 0.6:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.3)), np.float32)
    noisy = picture + rng.normal(0, rng.uniform(0, 7), picture.shape)
    warped = _project(other, matrix, size, PICTURE, sharp=True)
    warped[inside < 128] = PICTURE
    gray = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 92))])
        gray = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return TextPage(gray, [_points(band, matrix) for band in bands], warped)


def _bent(rng: Generator, pixels: Gray, other: Gray, bands: list[Band]) -> tuple[Gray, Gray, list[Band]]:
    """Bend the paper by a sine: columns move up and down, as in a book or on a folded sheet."""
    height, width = pixels.shape
    x = np.linspace(0, 1, width, dtype=np.float32)
    high = float(rng.uniform(0.005, 0.035)) * width
    bow = high * np.sin(np.pi * rng.uniform(0.5, 1.5) * x + rng.uniform(0, 6.3))
    ys = np.arange(height, dtype=np.float32)[:, None] - bow[None]
    xs = np.broadcast_to(np.arange(width, dtype=np.float32), (height, width))
    edge = int(np.median(pixels[:3]))
    bent = cv2.remap(pixels, np.ascontiguousarray(xs), ys, cv2.INTER_LINEAR, borderValue=(float(edge),))
    also = cv2.remap(other, np.ascontiguousarray(xs), ys, cv2.INTER_NEAREST)
    moved = []
    for band in bands:
        band = band.copy()
        band[..., 1] += np.interp(band[..., 0], np.arange(width), bow)
        moved.append(band)
    return np.asarray(bent, np.uint8), np.asarray(also, np.uint8), moved


def _table(rng: Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the surface under a page: plain, grain, blobs, threads."""
    base = float(rng.uniform(20, 230))
    picture = np.full((size[1], size[0]), base, np.float32)
    for _ in range(int(rng.integers(1, 4))):
        cells = int(rng.integers(3, 60)), int(rng.integers(3, 60))
        noise = rng.normal(0, rng.uniform(3, 35), cells).astype(np.float32)
        picture += cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.4:  # grain of wood or threads of cloth
        noise = rng.normal(0, rng.uniform(3, 25), (size[1], 1)).astype(np.float32)
        picture += cv2.resize(noise, size, interpolation=cv2.INTER_LINEAR)
    return np.clip(picture, 0, 255)


def _shadow(rng: Generator, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the shadow of a hand or a telephone."""
    shade = np.ones((size[1], size[0]), np.float32)
    corners = (rng.uniform(-0.2, 1.2, (5, 2)) * size).astype(np.int32)
    cv2.fillPoly(shade, [cv2.convexHull(corners)], float(rng.uniform(0.45, 0.85)))
    return np.asarray(cv2.GaussianBlur(shade, (0, 0), float(rng.uniform(2, 40))), np.float32)


def _project(
    picture: Gray, matrix: NDArray[np.generic], size: tuple[int, int], edge: int, *, sharp: bool = False
) -> Gray:
    flags = cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR
    warped = cv2.warpPerspective(picture, np.asarray(matrix, np.float64), size, flags=flags, borderValue=(float(edge),))
    return np.asarray(warped, np.uint8)


def _points(band: Band, matrix: NDArray[np.generic]) -> Band:
    moved = cv2.perspectiveTransform(band.reshape(-1, 1, 2).astype(np.float64), np.asarray(matrix, np.float64))
    return np.asarray(moved.reshape(band.shape), np.float32)
