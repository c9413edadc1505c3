"""Formulas compared as pictures: whether two look alike, and how far a drawing agrees with what it was read from."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.formulas.drawing import draw_formulas
from ocr2.metrics.formulas import normal_form

Gray = NDArray[np.uint8]  # (height, width)
Mask = NDArray[np.uint8]  # 0 or 1
SAME = 0.95  # share of the ink of two pictures of one size that lies on ink
LOOSE = 6  # pixels by which their sides may differ
NEAR = 5  # pixels of the square in which ink counts as being at one place
HEIGHT = 64  # pixels of a line that pictures of different sizes are brought to
CONTRAST = 0.35  # of the strongest ink's contrast with its ground
MOST_WIDTH = 2400  # pixels


def alike_when_drawn(answers: Sequence[str], truths: Sequence[str]) -> list[bool]:
    """Say for each pair of formulas (LaTeX) whether they are the same, or look alike when both are drawn.

    Raises:
        ModuleNotFoundError: If nothing here draws formulas.
    """
    pairs = [(normal_form(a), normal_form(t)) for a, t in zip(answers, truths, strict=True)]
    pictures = draw_formulas([text or "?" for pair in pairs for text in pair])
    return [
        None not in pair and (pair[0] == pair[1] or (one is not None and other is not None and look_alike(one, other)))
        for pair, one, other in zip(pairs, pictures[::2], pictures[1::2], strict=True)
    ]


def look_alike(one: Gray, other: Gray) -> bool:
    """Say whether two drawings of one resolution have their ink in the same places."""
    if max(abs(a - b) for a, b in zip(one.shape, other.shape, strict=True)) > LOOSE:
        return False
    height, width = max(one.shape[0], other.shape[0]), max(one.shape[1], other.shape[1])
    inks = []
    for picture in (one, other):
        ink = np.zeros((height, width), np.uint8)
        ink[: picture.shape[0], : picture.shape[1]] = picture < 128
        inks.append(ink)
    return min(_covered(inks[0], inks[1], NEAR), _covered(inks[1], inks[0], NEAR)) >= SAME


def agreement(picture: Gray, drawn: Gray) -> float:
    """Return how far a drawing agrees with the picture that it was read from, 0 to 1, in whatever size and face.

    Both are brought to the size of the picture's ink; what lies on the other's ink counts, and how much had to be
    stretched.
    """
    one, other = ink_of(picture), ink_of(drawn)
    if not one.any() or not other.any():
        return float(not one.any() and not other.any())
    shape = one.shape[1] / one.shape[0], other.shape[1] / other.shape[0]
    scale = min(HEIGHT / one.shape[0], MOST_WIDTH / one.shape[1])
    size = max(4, round(one.shape[1] * scale)), max(4, round(one.shape[0] * scale))
    a, b = ((cv2.resize(255 * ink, size, interpolation=cv2.INTER_AREA) > 80).astype(np.uint8) for ink in (one, other))
    near = max(3, size[1] // 16) | 1
    precision, recall = _covered(a, b, near), _covered(b, a, near)
    overlap = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return float(overlap * min(shape) / max(shape))


def ink_of(gray: Gray) -> Mask:
    """Return the ink of a picture on its ground, cut to where it is."""
    away = np.abs(gray.astype(np.int16) - int(np.median(gray)))
    ink = np.asarray(away > max(20.0, CONTRAST * float(np.percentile(away, 99.5))), np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((1, 1), np.uint8)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _covered(ink: Mask, other: Mask, near: int) -> float:
    """Return the share of ink that lies within a square of the other's."""
    grown = cv2.dilate(other, np.ones((near, near), np.uint8))
    return float(grown[ink > 0].mean()) if ink.any() else 1.0
