"""Pies and rings: the circle, and the share of each colour by angle."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.colours import Colour, usual_colour

RGB = NDArray[np.uint8]  # (height, width, 3)
ANGLES = 1440  # at which colours are looked at
SMALLEST = 0.15  # of the picture's shorter side, that a circle measures across
ROUND = 0.06  # by which its width and height may differ, as a share
AWAY = 24.0  # distance of a colour from the ground's
SAME = 26.0  # distance of colours of one slice
LEAST = 3  # angles of a slice


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of a pie."""

    start: float  # degrees, clockwise from the top
    end: float
    colour: Colour

    @property
    def share(self) -> float:
        """Of the whole, 0 to 1."""
        return (self.end - self.start) / 360

    @property
    def middle(self) -> float:
        """Degrees, clockwise from the top."""
        return (self.start + self.end) / 2


@dataclass(frozen=True, slots=True)
class Pie:
    """A circle of slices."""

    x: float
    y: float
    radius: float
    hole: float  # radius of the hole; 0 without one
    slices: tuple[Slice, ...]

    def place(self, part: Slice, at: float = 0.7) -> tuple[float, float]:
        """Return a point of a slice, at a share of the radius."""
        turn = math.radians(part.middle)
        return self.x + at * self.radius * math.sin(turn), self.y - at * self.radius * math.cos(turn)


def find_pie(picture: RGB, hidden: NDArray[np.bool_]) -> Pie | None:
    """Find the largest circle of slices; None without one.

    Args:
        picture: (height, width, 3).
        hidden: (height, width): text, which is no part of it.
    """
    ground = np.array(usual_colour(picture), np.float32)
    ink = (np.linalg.norm(picture.astype(np.float32) - ground, axis=2) > AWAY) & ~hidden
    closed = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outer, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    # A slice may have the ground's colour: what looks like a whole circle from outside is filled.
    cv2.drawContours(closed, [o for o in outer if _is_round(o)], -1, 1, thickness=cv2.FILLED)
    # Lines to labels, and the frame of the picture, are thin.
    thick = max(3, round(0.02 * min(picture.shape[:2]))) | 1
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    best: tuple[float, float, float] | None = None
    for outline in outlines:
        _, _, w, h = cv2.boundingRect(outline)
        if min(w, h) < SMALLEST * min(picture.shape[:2]):
            continue
        circle = _circle(outline[:, 0].astype(np.float64))
        if circle is not None and (best is None or circle[2] > best[2]):
            best = circle
    if best is None:
        return None
    x, y, radius = best
    inner = _hole(picture, ground, x, y, radius)
    parts = _slices(picture, ground, x, y, radius, inner)
    return Pie(x, y, radius, inner, tuple(parts)) if len(parts) >= 2 else None


def _is_round(outline: NDArray[np.floating | np.integer]) -> bool:
    _, _, w, h = cv2.boundingRect(outline)
    return bool(abs(w - h) <= ROUND * max(w, h) and abs(cv2.contourArea(outline) / (math.pi / 4 * w * h) - 1) < 0.06)


def _circle(points: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Fit a circle to an outline; None if much of the outline is elsewhere."""
    keep = np.ones(len(points), np.bool_)
    for _ in range(4):
        used = points[keep]
        a = np.column_stack([used, np.ones(len(used))])
        solved, *_ = np.linalg.lstsq(a, (used**2).sum(axis=1), rcond=None)
        x, y = solved[0] / 2, solved[1] / 2
        radius = math.sqrt(max(1.0, float(solved[2] + x * x + y * y)))
        off = np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - radius)
        keep = off <= max(2.0, ROUND * radius / 2)
        if keep.sum() < 0.6 * len(points):
            return None
    around = np.arctan2(points[keep, 1] - y, points[keep, 0] - x)
    seen = len(np.unique((around / (2 * math.pi) * 36).astype(int)))
    return (float(x) + 0.5, float(y) + 0.5, radius) if keep.mean() > 0.75 and seen >= 30 else None


def _ring(picture: RGB, x: float, y: float, radius: float) -> NDArray[np.float32]:
    """Return the colours on a circle, clockwise from the top."""
    turn = (np.arange(ANGLES) + 0.5) / ANGLES * 2 * math.pi
    columns = np.clip(np.floor(x + radius * np.sin(turn)), 0, picture.shape[1] - 1).astype(int)
    rows = np.clip(np.floor(y - radius * np.cos(turn)), 0, picture.shape[0] - 1).astype(int)
    return np.asarray(picture[rows, columns], np.float32)


def _hole(picture: RGB, ground: NDArray[np.float32], x: float, y: float, radius: float) -> float:
    """Return the radius of the hole, by how much of each inner circle is ground."""
    shares = np.linspace(0.02, 0.95, 60)
    empty = [
        float((np.linalg.norm(_ring(picture, x, y, share * radius) - ground, axis=1) <= AWAY).mean())
        for share in shares
    ]
    outside = [float(s) for s, e in zip(shares, empty, strict=True) if e < 0.35]
    inner = min(outside, default=0.0)
    return inner * radius if inner > 0.15 and empty[2] > 0.5 else 0.0


def _slices(picture: RGB, ground: NDArray[np.float32], x: float, y: float, radius: float, hole: float) -> list[Slice]:
    """Return slices by the colours that most circles between hole and rim show at each angle."""
    low = max(hole / radius + 0.08, 0.5)
    radii = np.linspace(low, 0.94, 9) * radius
    rings = np.stack([_ring(picture, x, y, float(r)) for r in radii])  # (circle, angle, 3)
    usual = np.median(rings, axis=0)
    # Text and lines to labels on some circles do not move the median; separators are narrow.
    starts = [0, *(i for i in range(1, ANGLES) if np.linalg.norm(usual[i] - usual[i - 1]) > 10)]
    runs = [_Run(a, b, np.median(usual[a:b], axis=0)) for a, b in zip(starts, [*starts[1:], ANGLES], strict=True)]
    merged = _merged([run for run in runs if run.end - run.start >= LEAST])
    # Narrow runs of the ground, or of a rim's colour, part slices: half of them belongs to each neighbour.
    wide = [m for m in merged if np.linalg.norm(m.colour - ground) > AWAY or m.end - m.start > 0.05 * ANGLES]
    wide = [m for m in wide if m.end - m.start >= 5 or len(wide) < 3]
    parts = []
    for i, run in enumerate(wide):
        before = (run.start - wide[i - 1].end) % ANGLES
        behind = (wide[(i + 1) % len(wide)].start - run.end) % ANGLES
        r, g, b = run.colour.tolist()
        start, end = run.start - before / 2, run.end + behind / 2
        parts.append(Slice(start / ANGLES * 360, end / ANGLES * 360, (r, g, b)))
    return parts


@dataclass(frozen=True, slots=True)
class _Run:
    """Angles of one colour."""

    start: int
    end: int
    colour: NDArray[np.float32]


def _merged(runs: list[_Run]) -> list[_Run]:
    """Join runs of one colour that are next to each other, around the circle."""
    merged: list[_Run] = []
    for run in runs:
        if merged and np.linalg.norm(merged[-1].colour - run.colour) < SAME / 2 and run.start - merged[-1].end < 8:
            merged[-1] = replace(merged[-1], end=run.end)
        else:
            merged.append(run)
    if len(merged) > 1 and np.linalg.norm(merged[0].colour - merged[-1].colour) < SAME / 2:
        first = merged.pop(0)
        merged[-1] = replace(merged[-1], end=first.end + ANGLES)
    return merged
