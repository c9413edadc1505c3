"""A square of colour on which figures are drawn, and its wear: scans, photographs, screens."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.geometry.parts import Point
from ocr2.synth.degrade import draw_blobs
from ocr2.synth.geometry.draw import SHIFT, dashes, to_pixel, wobbly
from ocr2.synth.geometry.textbook.look import Colour, Look

RGB = NDArray[np.uint8]
Ink = NDArray[np.float32]


class Canvas:
    """A picture while it is drawn.

    Args:
        look: Side and ground.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self.side = look.side
        self.pixels: NDArray[np.float32] = np.empty((look.side, look.side, 3), np.float32)
        self.pixels[:] = look.ground
        self.taken = np.zeros((look.side, look.side), np.uint8)  # where ink is, for what is placed beside it
        self.rough: Ink | None = None  # how much ink sticks, of chalk and pencil

    def stroke(
        self, rng: Generator, paths: Sequence[Sequence[Point]], colour: Colour, width: float, *, dashed: str = ""
    ) -> None:
        """Draw paths (units) in a colour.

        Args:
            rng: For what a hand does.
            paths: Each of points.
            colour: Of the ink.
            width: Pixels.
            dashed: "", "dashed" or "dotted".
        """
        mask = np.zeros((self.side, self.side), np.uint8)
        thick = max(1, int(width))
        for points in paths:
            path = np.array([to_pixel(p, self.side) for p in points], np.float64)
            if self.look.wobble:
                path = wobbly(rng, path, self.look.wobble)
            length = self.look.dash if dashed == "dashed" else max(1.5, 0.9 * width)
            for piece in dashes(path, length) if dashed else [path]:
                fixed = np.rint((piece - 0.5) * (1 << SHIFT)).astype(np.int32)
                cv2.polylines(mask, [fixed], False, 255, thick, cv2.LINE_AA, SHIFT)
        ink = np.asarray(mask, np.float32) / np.float32(255)
        if width < 1:
            ink *= width
        elif width - thick > 0.1:
            wider = np.asarray(cv2.dilate(ink, np.ones((2, 2), np.uint8)), np.float32)
            ink = ink * (1 - (width - thick)) + wider * np.float32(width - thick)
        self.blend(ink, colour)
        self.taken |= mask

    def fill(self, paths: Sequence[Sequence[Point]], colour: Colour, *, takes: bool = True) -> None:
        """Fill polygons (units)."""
        mask = np.zeros((self.side, self.side), np.uint8)
        for points in paths:
            fixed = np.rint((np.array([to_pixel(p, self.side) for p in points]) - 0.5) * (1 << SHIFT)).astype(np.int32)
            cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, SHIFT)
        self.blend(np.asarray(mask, np.float32) / np.float32(255), colour)
        if takes:
            self.taken |= mask

    def hatch(self, points: Sequence[Point], colour: Colour, step: float, degrees: float) -> None:
        """Draw parallel lines in a polygon (units), so many pixels apart."""
        area = np.zeros((self.side, self.side), np.uint8)
        fixed = np.rint((np.array([to_pixel(p, self.side) for p in points]) - 0.5) * (1 << SHIFT)).astype(np.int32)
        cv2.fillPoly(area, [fixed], 255, cv2.LINE_AA, SHIFT)
        lines = np.zeros_like(area)
        way = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
        across = np.array([-way[1], way[0]])
        for k in range(-int(self.side / step), int(self.side / step)):
            middle = self.side / 2 + across * k * step
            ends = np.rint([middle - way * self.side, middle + way * self.side]).astype(np.int32)
            cv2.polylines(lines, [ends], False, 255, 1, cv2.LINE_AA)
        self.blend(np.asarray(np.minimum(area, lines), np.float32) / np.float32(255), colour)

    def put(self, ink: Ink, middle: Point, colour: Colour) -> tuple[float, float, float, float] | None:
        """Put a patch of ink with its middle at a pixel; returns its box in pixels, None if it does not fit."""
        height, width = ink.shape
        left, top = round(middle[0] - width / 2), round(middle[1] - height / 2)
        if left < 0 or top < 0 or left + width > self.side or top + height > self.side:
            return None
        full = np.zeros((self.side, self.side), np.float32)
        full[top : top + height, left : left + width] = ink
        self.blend(full, colour)
        pad = max(1, height // 8)
        self.taken[max(0, top - pad) : top + height + pad, max(0, left - pad) : left + width + pad] = 255
        return float(left), float(top), float(left + width), float(top + height)

    def room(self, size: tuple[int, int], middle: Point) -> float:
        """Return how much of a box (height, width) about a pixel is taken, 1 and more where it leaves the picture."""
        height, width = size
        left, top = round(middle[0] - width / 2), round(middle[1] - height / 2)
        if left < 1 or top < 1 or left + width > self.side - 1 or top + height > self.side - 1:
            return 2.0
        return float(self.taken[top : top + height, left : left + width].mean()) / 255

    def blend(self, ink: Ink, colour: Colour) -> None:
        """Cover the picture with a colour where ink is."""
        if self.rough is not None:
            ink = ink * self.rough
        rows = np.flatnonzero(ink.max(axis=1))
        if not len(rows):
            return
        part = slice(rows[0], rows[-1] + 1)
        share = ink[part, :, None]
        self.pixels[part] += share * (np.array(colour, np.float32) - self.pixels[part])


def wear(rng: Generator, pixels: NDArray[np.float32], style: str, *, strength: float) -> RGB:
    """Return the picture as it is seen: light, blur, low resolution, noise, compression, by its style."""
    image, side = pixels, len(pixels)
    if rng.random() < strength:
        if style in ("worksheet", "pencil", "chalk") or rng.random() < 0.1:
            x, y = (np.linspace(-1, 1, side, dtype=np.float32) * np.float32(rng.normal(0, 16)) for _ in range(2))
            image = image + (x[None, :] + y[:, None])[..., None]
            if rng.random() < 0.4:
                image = image + (draw_blobs(rng, image.shape[:2]) * np.float32(rng.uniform(1, 9)))[..., None]
        if rng.random() < 0.35:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.3) * side / 384), np.float32)
        if rng.random() < 0.2:
            factor = float(rng.uniform(0.4, 0.85))
            low = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            image = np.asarray(cv2.resize(low, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)
        if rng.random() < (0.5 if style in ("worksheet", "pencil", "chalk") else 0.1):
            noise = rng.normal(0, rng.uniform(2, 12), image.shape[:2]).astype(np.float32)
            image = image + noise[..., None]
    shown = np.asarray(np.clip(image, 0, 255), np.uint8)
    if rng.random() < 0.4 * strength:
        _, data = cv2.imencode(".jpg", shown[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 92))])
        shown = np.ascontiguousarray(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
    return shown


def roughness(rng: Generator, side: int) -> Ink:
    """Return how much ink sticks to a rough ground (side, side), of chalk and pencil."""
    fine = rng.random((side, side)).astype(np.float32)
    fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), 0.7), np.float32)
    return np.asarray(np.clip(0.75 + (fine - 0.5) * np.float32(rng.uniform(0.5, 2.2)), 0.15, 1), np.float32)
