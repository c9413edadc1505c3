"""A canvas that records the truth for a text detector: text lines, rules, pictures.

A text line is its x-height band: two polylines of equally many points, along the tops of small letters and along the
base line, in reading direction.
"""

import itertools
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.synth.fonts import Face

Gray = NDArray[np.uint8]
Band = NDArray[np.float32]  # (2, points, 2): tops of small letters, base line; x and y in pixels
RULE, PICTURE = 1, 2  # classes of the map of other elements


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page, its text lines and its other elements."""

    pixels: Gray
    bands: list[Band]
    other: Gray  # (height, width): 0, RULE or PICTURE


@dataclass
class Canvas:
    """A page while it is being drawn.

    Args:
        width: Width, pixels.
        height: Height, pixels.
        paper: Grey level of the paper.
    """

    width: int
    height: int
    paper: int = 255
    bands: list[Band] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.width, self.height), self.paper)
        self.other = Image.new("L", (self.width, self.height), 0)
        self._pen, self._other = ImageDraw.Draw(self.image), ImageDraw.Draw(self.other)

    def page(self) -> TextPage:
        """Return the page as it is now."""
        return TextPage(np.asarray(self.image, np.uint8).copy(), self.bands, np.asarray(self.other, np.uint8).copy())

    def text(
        self, x: float, base: float, text: str, face: Face, size: int, *, ink: int = 0, spacing: float = 0.0
    ) -> float:
        """Write one line from its left end on the base line; returns its right end."""
        font = face.load(size)
        end = self._letters(x, base, text, font, ink, spacing)
        if text.strip():
            self.bands.append(band_of(x, end, base, x_height_of(font, size)))
        return end

    def raised(self, x: float, base: float, text: str, face: Face, size: int, *, ink: int = 0) -> float:
        """Write text that belongs to the line beside it, as a reference mark does; returns its right end."""
        return self._letters(x, base, text, face.load(size), ink, 0.0)

    def _letters(
        self, x: float, base: float, text: str, font: ImageFont.FreeTypeFont, ink: int, spacing: float
    ) -> float:
        if not spacing:
            self._pen.text((x, base), text, font=font, fill=ink, anchor="ls")
            return x + font.getlength(text)
        for letter in text:
            self._pen.text((x, base), letter, font=font, fill=ink, anchor="ls")
            x += font.getlength(letter) + spacing
        return x - spacing

    def rule(self, points: list[tuple[float, float]], *, ink: int = 0, width: int = 1, dash: int = 0) -> None:
        """Draw a rule through points, broken into dashes of a length if it is given."""
        if not dash:
            self._pen.line(points, fill=ink, width=width)
            self._other.line(points, fill=RULE, width=max(width, 2))
            return
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            long = float(np.hypot(x1 - x0, y1 - y0))
            for at in np.arange(0, long, 2 * dash):
                a, b = at / max(long, 1), min(1.0, (at + dash) / max(long, 1))
                part = [(x0 + a * (x1 - x0), y0 + a * (y1 - y0)), (x0 + b * (x1 - x0), y0 + b * (y1 - y0))]
                self._pen.line(part, fill=ink, width=width)
            self._other.line([(x0, y0), (x1, y1)], fill=RULE, width=max(width, 2))

    def note_rule(self, points: list[tuple[float, float]], *, width: int) -> None:
        """Record a rule that is drawn otherwise, of signs."""
        self._other.line(points, fill=RULE, width=width)

    def stroke(self, points: list[tuple[float, float]], *, ink: int, width: int) -> None:
        """Draw a stroke that is neither text nor rule."""
        self._pen.line(points, fill=ink, width=width)

    def panel(
        self,
        box: tuple[float, float, float, float],
        *,
        fill: int | None = None,
        ink: int | None = None,
        width: int = 1,
        radius: float = 0.0,
        shape: str = "box",
    ) -> None:
        """Draw a box, an ellipse or a diamond, filled or outlined."""
        left, top, right, bottom = box
        if right - left < 2 or bottom - top < 2:
            return
        if shape == "ellipse":
            self._pen.ellipse(box, fill=fill, outline=ink, width=width)
            self._other.ellipse(box, outline=RULE if ink is not None else None, width=max(width, 2))
        elif shape == "diamond":
            x, y = (left + right) / 2, (top + bottom) / 2
            corners = [(x, top), (right, y), (x, bottom), (left, y), (x, top)]
            self._pen.polygon(corners, fill=fill)
            if ink is not None:
                self.rule(corners, ink=ink, width=width)
        else:
            self._pen.rounded_rectangle(box, radius=radius, fill=fill, outline=ink, width=width)
            if ink is not None:
                self._other.rounded_rectangle(box, radius=radius, outline=RULE, width=max(width, 2))

    def paste(self, picture: Gray, left: int, top: int) -> None:
        """Paste a picture."""
        self.image.paste(Image.fromarray(picture), (left, top))
        self._other.rectangle((left, top, left + picture.shape[1], top + picture.shape[0]), fill=PICTURE)

    def lay(self, part: "Canvas", left: float, top: float, turns: int) -> None:
        """Paste another canvas, turned counter-clockwise by quarters."""
        image, other = part.image.rotate(90 * turns, expand=True), part.other.rotate(90 * turns, expand=True)
        self.image.paste(image, (round(left), round(top)))
        self.other.paste(other, (round(left), round(top)))
        w, h = part.width, part.height
        for band in part.bands:
            x, y = band[..., 0], band[..., 1]
            turned = [(x, y), (y, w - x), (w - x, h - y), (h - y, x)][turns % 4]
            self.bands.append(np.stack(turned, axis=-1) + np.array([round(left), round(top)], np.float32))


def x_height_of(font: ImageFont.FreeTypeFont, size: int) -> float:
    """Return the height of a small x, pixels."""
    top, bottom = font.getbbox("x", anchor="ls")[1::2]
    return float(bottom - top) if 0.25 * size < bottom - top < 0.8 * size else 0.46 * size


def band_of(left: float, right: float, base: float, x_height: float) -> Band:
    """Return the band of a level line."""
    return np.array([[[left, base - x_height], [right, base - x_height]], [[left, base], [right, base]]], np.float32)


def resample(band: Band, points: int) -> Band:
    """Resample a band to equally spaced points by linear interpolation."""
    at = np.linspace(0, band.shape[1] - 1, points)
    low = np.minimum(at.astype(int), band.shape[1] - 2)
    share = (at - low)[None, :, None]
    return np.asarray(band[:, low] * (1 - share) + band[:, low + 1] * share, np.float32)


def blend(picture: Gray, share: float, paper: int) -> Gray:
    """Blend a picture with the paper."""
    return np.asarray(cv2.addWeighted(picture, share, np.full_like(picture, paper), 1 - share, 0), np.uint8)
