"""A raster canvas: antialiased shapes by OpenCV, text by Pillow at any angle."""

import itertools
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.synth.charts.rendered import RenderedText, Role
from ocr2.synth.charts.style import Color

SHIFT = 4  # bits of a pixel's fraction that OpenCV takes
Point = tuple[float, float]


class Canvas:
    """A picture of (height, width, 3) pixels and the text on it."""

    def __init__(self, width: int, height: int, paper: Color) -> None:
        self.pixels: NDArray[np.uint8] = np.full((height, width, 3), paper, np.uint8)
        self.texts: list[RenderedText] = []

    def polygon(self, points: Sequence[Point], fill: Color | None, edge: Color | None = None, width: float = 1) -> None:
        """Draw a filled area, an outline, or both."""
        fixed = [_fixed(points)]
        if fill is not None:
            cv2.fillPoly(self.pixels, fixed, fill, cv2.LINE_AA, SHIFT)
        if edge is not None:
            cv2.polylines(self.pixels, fixed, True, edge, max(1, round(width)), cv2.LINE_AA, SHIFT)

    def bar(
        self, left: float, top: float, right: float, bottom: float, fill: Color, edge: Color | None, width: float
    ) -> None:
        """Draw a bar with sharp edges."""
        corners = (round(left), round(top)), (max(round(left), round(right) - 1), max(round(top), round(bottom) - 1))
        cv2.rectangle(self.pixels, *corners, fill, -1)
        if edge is not None:
            cv2.rectangle(self.pixels, *corners, edge, max(1, round(width)))

    def line(self, points: Sequence[Point], color: Color, width: float, dash: Sequence[float] = ()) -> None:
        """Draw a line through points, dashed if `dash` has lengths of strokes and gaps."""
        for part in _dashed(points, dash) if dash else [list(points)]:
            cv2.polylines(self.pixels, [_fixed(part)], False, color, max(1, round(width)), cv2.LINE_AA, SHIFT)

    def dot(self, x: float, y: float, radius: float, fill: Color, edge: Color | None = None) -> None:
        """Draw a disc."""
        place = round(x * 2**SHIFT), round(y * 2**SHIFT)
        size = round(radius * 2**SHIFT)
        cv2.circle(self.pixels, place, size, fill, -1, cv2.LINE_AA, SHIFT)
        if edge is not None:
            cv2.circle(self.pixels, place, size, edge, 1, cv2.LINE_AA, SHIFT)

    def write(
        self,
        text: str,
        font: ImageFont.FreeTypeFont,
        at: Point,
        color: Color,
        role: Role,
        *,
        anchor: Point = (0.5, 0.5),
        angle: float = 0.0,
        series: int = -1,
        index: int = -1,
    ) -> None:
        """Draw a line of text.

        Args:
            text: The line.
            font: Font at its size.
            at: Position of the anchor, pixels.
            color: Colour of the letters.
            role: Role of the text in the chart.
            anchor: Point of the horizontal line that comes to `at`, as fractions of its width and height.
            angle: Degrees counter-clockwise.
            series: Number of the series that the text names or shows, else -1.
            index: Number of the label that the text names or shows, else -1.
        """
        left, top, right, bottom = font.getbbox(text)
        ascent, descent = font.getmetrics()
        width, height = math.ceil(right - left) + 2, ascent + descent + 2
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).text((1 - left, 1), text, fill=255, font=font)
        turned = mask.rotate(angle, Image.Resampling.BICUBIC, expand=True) if angle else mask
        along, across = _turn((0.5 - anchor[0]) * width, (0.5 - anchor[1]) * height, angle)
        x, y = at[0] + along, at[1] + across
        self._blend(np.asarray(turned), round(x - turned.width / 2), round(y - turned.height / 2), color)
        x, y = round(x - turned.width / 2) + turned.width / 2, round(y - turned.height / 2) + turned.height / 2
        dx, dy = _turn(0.0, (top + bottom) / 2 + 1 - height / 2, angle)
        self.texts.append(
            RenderedText(text, x + dx, y + dy, right - left, bottom - top, angle, role, series=series, index=index)
        )

    def _blend(self, mask: NDArray[np.uint8], left: int, top: int, color: Color) -> None:
        height, width = self.pixels.shape[:2]
        x0, y0, x1, y1 = max(0, left), max(0, top), min(width, left + mask.shape[1]), min(height, top + mask.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        share = mask[y0 - top : y1 - top, x0 - left : x1 - left, None].astype(np.float32) / 255
        part = self.pixels[y0:y1, x0:x1]
        part[:] = np.rint(part + (np.array(color, np.float32) - part) * share)


def text_width(text: str, font: ImageFont.FreeTypeFont) -> float:
    """Return the width of a line, pixels."""
    return float(font.getlength(text))


def _fixed(points: Sequence[Point]) -> NDArray[np.int32]:
    return np.asarray(np.rint(np.array(points, np.float64).reshape(-1, 1, 2) * 2**SHIFT), np.int32)


def _turn(dx: float, dy: float, angle: float) -> Point:
    """Turn a vector counter-clockwise, y pointing down."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return dx * cos + dy * sin, dy * cos - dx * sin


def _dashed(points: Sequence[Point], dash: Sequence[float]) -> list[list[Point]]:
    parts: list[list[Point]] = []
    phase, which = 0.0, 0
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length, done = math.hypot(x1 - x0, y1 - y0), 0.0
        while done < length:
            step = min(dash[which] - phase, length - done)
            if which % 2 == 0 and step > 0:
                ends = [(x0 + (x1 - x0) * t / length, y0 + (y1 - y0) * t / length) for t in (done, done + step)]
                parts.append(ends)
            done, phase = done + step, phase + step
            if phase >= dash[which] - 1e-9:
                phase, which = 0.0, (which + 1) % len(dash)
    return parts
