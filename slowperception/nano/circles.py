"""Circles fitted to the ink that the network takes for round. Axis letters: h rows, w columns, n pixels, k guesses."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr2.slowperception.grammar import REACH

MOST_CIRCLES = 6
ROUND = 0.5  # probability from which a cell's ink is round
STRONG = 0.35  # ink
GUESSES = 400  # circles through three pixels that are tried
LEAST_PIXELS = 24
NEAR = 2.2  # pixels that a circle's ink is off
BINS = 72  # of a turn
LEAST_TURN = 0.1  # share of a turn that has ink: of a shorter arc a circle cannot be told
SAME = 0.6  # model units: circles nearer to each other are the edges of one thick stroke
LEAST_HEIGHT = 4 * NEAR  # pixels that an arc rises above its chord
RADII = (0.35, 12.0)  # model units

Pixels = NDArray[np.float64]  # (n, 2)
Round = tuple[float, float, float]  # x, y, radius


def fit_circles(ink: NDArray[np.float32], cells: NDArray[np.float32]) -> list[Round]:
    """Fit circles, the one with the most ink first (Fischler and Bolles 1981: random sample consensus).

    Args:
        ink: (side, side), 0 to 1.
        cells: (h, w): probability that round ink lies in a cell.

    Returns:
        Circles in model units.
    """
    side, unit = ink.shape[0], ink.shape[0] / (2 * REACH)
    factor = side // cells.shape[0]
    round_ink = (ink > STRONG) & np.kron(cells > ROUND, np.ones((factor, factor), np.bool_))
    rows, columns = np.nonzero(round_ink)
    left = np.stack([columns + 0.5, rows + 0.5], axis=1)
    rng = np.random.default_rng(0)
    found: list[Round] = []
    while len(found) < MOST_CIRCLES and len(left) >= LEAST_PIXELS:
        best = _best_circle(left, rng, unit)
        if best is None:
            break
        circle = best[0] / unit - REACH, REACH - best[1] / unit, best[2] / unit
        if all(math.dist(circle, other) > SAME for other in found):
            found.append(circle)
        left = left[np.abs(_off(left, best)) > 2 * NEAR]
    return found


def _best_circle(pixels: Pixels, rng: np.random.Generator, unit: float) -> Round | None:
    guesses = _through_three(pixels[rng.integers(len(pixels), size=(GUESSES, 3))])
    low, high = (r * unit for r in RADII)
    guesses = guesses[(guesses[:, 2] > low) & (guesses[:, 2] < high)]
    if not len(guesses):
        return None
    some = pixels[rng.permutation(len(pixels))[:600]]
    off = np.abs(np.hypot(some[:, 0] - guesses[:, :1], some[:, 1] - guesses[:, 1:2]) - guesses[:, 2:])
    for i in np.argsort(-(off < NEAR).sum(axis=1))[:5]:
        circle = _refined(pixels, tuple(guesses[i].tolist()))
        if circle is not None and low < circle[2] < high and _is_bent(pixels, circle):
            return circle
    return None


def _through_three(triples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the circles (k, 3) through triples (k, 3, 2); those of pixels on a line are not finite."""
    a, b, c = triples[:, 0], triples[:, 1], triples[:, 2]
    p, q = b - a, c - a
    det = 2 * (p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        pp, qq = (p**2).sum(axis=1), (q**2).sum(axis=1)
        x = (q[:, 1] * pp - p[:, 1] * qq) / det
        y = (p[:, 0] * qq - q[:, 0] * pp) / det
    circles = np.stack([a[:, 0] + x, a[:, 1] + y, np.hypot(x, y)], axis=1)
    return np.asarray(np.nan_to_num(circles, nan=np.inf, posinf=np.inf), np.float64)


def _refined(pixels: Pixels, circle: Round) -> Round | None:
    """Fit a circle to the pixels near it by least squares, twice."""
    for near in (1.5 * NEAR, NEAR):
        x, y = pixels[np.abs(_off(pixels, circle)) < near].T
        if len(x) < LEAST_PIXELS:
            return None
        system: Any = np.stack([x, y, np.ones(len(x))], axis=1)
        (a, b, c), *_ = np.linalg.lstsq(system, x**2 + y**2, rcond=None)
        squared = float(c + a * a / 4 + b * b / 4)
        if squared <= 0:
            return None
        circle = float(a / 2), float(b / 2), math.sqrt(squared)
    return circle


def _off(pixels: Pixels, circle: Round) -> NDArray[np.float64]:
    return np.asarray(np.hypot(pixels[:, 0] - circle[0], pixels[:, 1] - circle[1]) - circle[2], np.float64)


def _is_bent(pixels: Pixels, circle: Round) -> bool:
    """Say whether enough of a circle has ink to tell it from a straight stroke."""
    share = min(1.0, _turn_with_ink(pixels, circle))
    height = circle[2] * (1 - math.cos(math.pi * share))
    return share >= LEAST_TURN and height >= LEAST_HEIGHT


def _turn_with_ink(pixels: Pixels, circle: Round) -> float:
    """Return the share of a turn in which pixels lie near a circle."""
    near = pixels[np.abs(_off(pixels, circle)) < NEAR]
    turns = np.arctan2(near[:, 1] - circle[1], near[:, 0] - circle[0])
    return len(np.unique(((turns / (2 * math.pi) + 0.5) * BINS).astype(np.intp) % BINS)) / BINS
