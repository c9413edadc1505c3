"""Pages without text: paper, noise, and pictures made of smooth light, shapes and grain."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def draw_blank(rng: Generator, width: int, height: int) -> Gray:
    """Draw paper: even, with a gradient, or faintly textured; sometimes with a margin line or a fold's shadow."""
    page = np.full((height, width), rng.uniform(60, 255), np.float32)
    if rng.random() < 0.5:
        page += np.linspace(-1, 1, width, dtype=np.float32) * rng.uniform(0, 25)
    if rng.random() < 0.5:
        page += _smooth(rng, height, width, 40) * rng.uniform(0, 5)
    if rng.random() < 0.3:
        x = int(rng.integers(width))
        page[:, x : x + int(rng.integers(1, 5))] -= rng.uniform(20, 120)
    return np.clip(page, 0, 255).astype(np.uint8)


def draw_noise(rng: Generator, width: int, height: int) -> Gray:
    """Draw a scan of nothing: Gaussian grain, specks, or both."""
    page = np.full((height, width), rng.uniform(100, 250), np.float32)
    kind = rng.integers(3)
    if kind != 1:
        page += rng.normal(0, rng.uniform(3, 70), page.shape)
    if kind != 0:
        hits = rng.random(page.shape) < 10 ** rng.uniform(-4, -1.5)
        page[hits] = rng.choice(np.array([0, 255], np.float32), int(hits.sum()))
    return np.clip(page, 0, 255).astype(np.uint8)


def draw_photo(rng: Generator, width: int, height: int) -> Gray:
    """Draw a picture: light at every scale, soft and hard shapes with shading, texture, grain."""
    page = np.full((height, width), 128, np.float32)
    for cell in (400, 160, 60, 24, 8):
        page += _smooth(rng, height, width, cell) * rng.uniform(0, 0.12 * cell**0.5 * 10)
    for _ in range(int(rng.integers(3, 30))):
        shape = np.zeros((height, width), np.uint8)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        if rng.random() < 0.5:
            axes = (int(rng.integers(10, width // 3)), int(rng.integers(10, height // 3)))
            cv2.ellipse(shape, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
        else:
            points = rng.normal(centre, width / 8, (int(rng.integers(3, 8)), 2)).astype(np.int32)
            cv2.fillPoly(shape, [points], 255)
        soft = cv2.GaussianBlur(shape, (0, 0), float(rng.uniform(0.5, 8))).astype(np.float32) / 255
        page += soft * rng.uniform(-110, 110)
    page += rng.normal(0, rng.uniform(0, 8), page.shape)
    return np.clip(page, 0, 255).astype(np.uint8)


def _smooth(rng: Generator, height: int, width: int, cell: int) -> NDArray[np.float32]:
    coarse = rng.normal(0, 1, (height // cell + 2, width // cell + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
