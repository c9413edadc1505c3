"""Rasterisation of figures: solid and dashed strokes, circles, letters beside points, degradation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.geometry.parts import Point, Segment
from ocr2.synth.degrade import Coverage, colour
from ocr2.synth.geometry.figure import Circle, Figure

Gray = NDArray[np.uint8]
SHIFT = 4  # bits of a pixel's fractions, for cv2
UNITS = 20.0  # across the square
SHADED, ARROWED = 0.08, 0.06  # shares of figures with a grey area, with arrow heads; only with extras
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """The strokes and letters of a figure."""

    side: int  # pixels of the square
    width: float  # stroke width, pixels
    dash: float  # length of a dash, pixels; gaps are about as long
    wobble: float  # deviation of strokes drawn by hand, pixels
    letter_size: int  # pixels
    letter_gap: float  # units between a point and its letter
    dots: bool  # whether points are drawn as dots


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter beside a point, model units."""

    text: str
    point: Point  # the point that it names
    at: Point  # its middle


def pick_hand(rng: Generator, side: int) -> Hand:
    """Choose strokes and letters; sizes are proportional to the square's side."""
    unit = side / UNITS
    thin = rng.random() < 0.7
    return Hand(
        side=side,
        width=float(rng.uniform(1.0, 2.2) if thin else rng.uniform(2.2, 5.0)) * max(1.0, side / 500),
        dash=float(rng.uniform(0.2, 0.5) * unit),
        wobble=float(rng.uniform(0.5, 2.0) * side / 384) if rng.random() < 0.12 else 0.0,
        letter_size=max(8, round(float(rng.uniform(0.7, 1.3)) * unit)),
        letter_gap=float(rng.uniform(0.35, 0.75)),
        dots=bool(rng.random() < 0.15),
    )


def to_pixel(p: Point, side: int) -> Point:
    """Return the pixel coordinates of a point in model units."""
    return (p[0] + UNITS / 2) / UNITS * side, (UNITS / 2 - p[1]) / UNITS * side


def draw_strokes(
    rng: Generator, segments: Sequence[Segment], dashed: Sequence[bool], circles: Sequence[Circle], hand: Hand
) -> Coverage:
    """Return the ink coverage of a figure's segments and circles, 0 to 1, (side, side)."""
    thick = max(1, int(hand.width))
    ink = np.zeros((hand.side, hand.side), np.uint8)
    for (a, b), is_dashed in zip(segments, dashed, strict=True):
        _draw_path(rng, ink, [to_pixel(a, hand.side), to_pixel(b, hand.side)], hand, thick, dashed=is_dashed)
    for x, y, r in circles:
        turns = np.linspace(0, 2 * math.pi, max(24, int(r / UNITS * hand.side)))
        points = [to_pixel((x + r * math.cos(t), y + r * math.sin(t)), hand.side) for t in turns]
        _draw_path(rng, ink, points, hand, thick, dashed=False)
    coverage = np.asarray(ink / 255.0, np.float32)
    rest = np.float32(hand.width - thick)
    if hand.width >= 1.3 and rest > 0.1:  # strokes between two whole widths
        wider = np.asarray(cv2.dilate(coverage, np.ones((2, 2), np.uint8)), np.float32)
        coverage = coverage * (1 - rest) + wider * rest
    return coverage


def draw_extras(rng: Generator, coverage: Coverage, figure: Figure, hand: Hand) -> None:
    """Draw decorations, in place: dots at points, areas in a light grey, arrow heads."""
    ink = np.zeros((hand.side, hand.side), np.uint8)
    if figure.circles and rng.random() < SHADED:
        x, y, r = figure.circles[0]
        _fill(ink, [to_pixel((x + r * math.cos(t), y + r * math.sin(t)), hand.side) for t in np.linspace(0, 6.3, 90)])
    elif len(figure.named) >= 3 and rng.random() < SHADED:
        corners = [figure.named[int(i)] for i in rng.choice(len(figure.named), 3, replace=False)]
        _fill(ink, [to_pixel(p, hand.side) for p in corners])
    np.maximum(coverage, ink / np.float32(255) * np.float32(rng.uniform(0.08, 0.3)), out=coverage)
    ink[:] = 0
    if hand.dots:
        radius = hand.width * float(rng.uniform(1.2, 2.2))
        spots = [*figure.named, *((x, y) for x, y, _ in figure.circles)]
        for x, y in (to_pixel(p, hand.side) for p in spots):
            at = round((x - 0.5) * (1 << SHIFT)), round((y - 0.5) * (1 << SHIFT))
            cv2.circle(ink, at, round(radius * (1 << SHIFT)), 255, -1, cv2.LINE_AA, SHIFT)
    if rng.random() < ARROWED:
        for a, b in figure.segments:
            if rng.random() < 0.3:
                _arrow(ink, to_pixel(a, hand.side), to_pixel(b, hand.side), hand.width * float(rng.uniform(3, 5)))
    np.maximum(coverage, ink / np.float32(255), out=coverage)


def _fill(ink: Gray, corners: Sequence[Point]) -> None:
    fixed = np.rint((np.array(corners) - 0.5) * (1 << SHIFT)).astype(np.int32)
    cv2.fillPoly(ink, [fixed], 255, cv2.LINE_AA, SHIFT)


def _arrow(ink: Gray, start: Point, end: Point, size: float) -> None:
    """Draw the head of an arrow at an end, pixels."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    if length > 3 * size:
        x, y = (end[0] - start[0]) / length * size, (end[1] - start[1]) / length * size
        back = end[0] - x, end[1] - y
        _fill(ink, [end, (back[0] - 0.4 * y, back[1] + 0.4 * x), (back[0] + 0.4 * y, back[1] - 0.4 * x)])


def _draw_path(rng: Generator, ink: Gray, points: Sequence[Point], hand: Hand, thick: int, *, dashed: bool) -> None:
    path = np.array(points, np.float64)
    if hand.wobble:
        path = wobbly(rng, path, hand.wobble)
    for piece in dashes(path, hand.dash) if dashed else [path]:
        fixed = np.rint((piece - 0.5) * (1 << SHIFT)).astype(np.int32)
        cv2.polylines(ink, [fixed], False, 255, thick, cv2.LINE_AA, SHIFT)


def wobbly(rng: Generator, path: NDArray[np.float64], amount: float) -> NDArray[np.float64]:
    """Add smooth noise to a path, most in its middle, as of a drawing by hand."""
    if len(path) == 2:
        path = path[0] + np.linspace(0, 1, 12)[:, None] * (path[1] - path[0])
    waves = np.linspace(0, 1, len(path))
    stray = sum(
        rng.normal(0, amount / n, 2) * np.sin(math.pi * n * waves[:, None] + rng.uniform(0, 1)) for n in (1, 2, 3)
    )
    ends = np.sin(math.pi * np.clip(waves, 0, 1))[:, None] if np.hypot(*(path[0] - path[-1])) > 2 else 1.0
    return np.asarray(path + stray * ends, np.float64)


def dashes(path: NDArray[np.float64], dash: float) -> list[NDArray[np.float64]]:
    """Cut a path into dashes."""
    steps = np.hypot(*np.diff(path, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(2, round(at[-1] / (2 * dash)))
    starts = np.arange(count) * at[-1] / (count - 0.45)
    length = 0.55 * at[-1] / (count - 0.45)
    return [
        np.stack([np.interp(np.linspace(s, s + length, 3), at, path[:, k]) for k in (0, 1)], axis=1) for s in starts
    ]


def place_letters(rng: Generator, figure: Figure, share: float, gap: float) -> list[Letter]:
    """Choose letters for points, each in the direction with the fewest strokes."""
    letters: list[Letter] = []
    names = list(LETTERS)
    if rng.random() < 0.3:
        rng.shuffle(names)
    for point in figure.named:
        if rng.random() > share or not names:
            continue
        centre = any(math.dist(point, c[:2]) < 1e-6 for c in figure.circles)
        name = "O" if centre and "O" in names and rng.random() < 0.7 else names[0]
        names.remove(name)
        ways = [math.atan2(q[1] - point[1], q[0] - point[0]) for q in neighbours(figure, point)]
        turns = [2 * math.pi * k / 16 for k in range(16)]
        free = [min((abs(math.remainder(t - w, 2 * math.pi)) for w in ways), default=math.pi) for t in turns]
        best = turns[int(np.argmax(np.array(free) + rng.uniform(0, 0.1, 16)))]
        away = gap + (0.15 if len(name) > 1 else 0)
        at = point[0] + away * math.cos(best), point[1] + away * math.sin(best)
        if max(map(abs, at)) < UNITS / 2 - 0.2:
            letters.append(Letter(name, point, at))
    return letters


def neighbours(figure: Figure, point: Point) -> list[Point]:
    """Return points that strokes lead to from a point of a figure."""
    found: list[Point] = []
    for a, b in figure.segments:
        length = math.dist(a, b)
        off = abs((point[0] - a[0]) * (b[1] - a[1]) - (point[1] - a[1]) * (b[0] - a[0])) / length
        if off < 0.05 and math.dist(point, a) + math.dist(point, b) < length + 0.1:
            found += [end for end in (a, b) if math.dist(end, point) > 0.1]
    for x, y, r in figure.circles:
        if abs(math.dist(point, (x, y)) - r) < 0.05:  # along the circle, and towards its middle
            away = point[0] - x, point[1] - y
            found += [(point[0] - away[1], point[1] + away[0]), (point[0] + away[1], point[1] - away[0]), (x, y)]
    return found


def draw_letters(coverage: Coverage, letters: Sequence[Letter], font: ImageFont.FreeTypeFont) -> None:
    """Draw letters into a figure's ink coverage, in place."""
    side = len(coverage)
    for letter in letters:
        left, top, right, bottom = (int(v) for v in font.getbbox(letter.text))
        width, height = right - left + 2, bottom - top + 2
        patch = Image.new("L", (width, height))
        ImageDraw.Draw(patch).text((1 - left, 1 - top), letter.text, 255, font)
        x, y = to_pixel(letter.at, side)
        x0, y0 = round(x - width / 2), round(y - height / 2)
        a, b, c, d = max(0, y0), min(side, y0 + height), max(0, x0), min(side, x0 + width)
        if a < b and c < d:
            seen = np.asarray(patch, np.float32)[a - y0 : b - y0, c - x0 : d - x0] / 255
            coverage[a:b, c:d] = np.maximum(coverage[a:b, c:d], seen)


def on_paper(rng: Generator, coverage: Coverage, *, strength: float) -> Gray:
    """Turn ink into a grey picture: colours, uneven light, blur, low resolution, noise, compression."""
    if rng.random() >= strength:
        return np.asarray(255 - 255 * coverage, np.uint8)
    image = colour(rng, coverage, strength=0.5).astype(np.float32)
    side = len(coverage)
    if rng.random() < 0.15:  # light falls from one side
        x, y = (np.linspace(-1, 1, side, dtype=np.float32) * np.float32(rng.normal(0, 20)) for _ in range(2))
        image += x[None, :] + y[:, None]
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.4) * side / 384), np.float32)
    if rng.random() < 0.15:
        factor = float(rng.uniform(0.4, 0.8))
        low = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        image = np.asarray(cv2.resize(low, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(2, 16), image.shape).astype(np.float32)
    gray = np.asarray(np.clip(image, 0, 255), np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        gray = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return gray
