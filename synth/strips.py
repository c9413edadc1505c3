"""Synthetic line strips for the text reader: text drawn with a font, cropped and degraded like a line of a page.

One call draws one sample from a seed: the same seed, fonts and corpus give the same pixels.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.synth import degrade
from ocr2.synth.fonts import BitmapFace, Face, FontLibrary
from ocr2.synth.texts import Line, TextSampler
from ocr2.tiling.strips import STRIP_HEIGHT, normalise_strip

Coverage = NDArray[np.float32]
SIZES, TINY_SIZES = (11.0, 52.0), (6.5, 12.0)  # native em, pixels: of print, and of pictures of screens and journals
TINY, TINY_STRENGTH = 0.2, 0.4  # share of lines of tiny size, and strength of their degradation
INVERTED = 0.09  # share of strips with light letters on dark
# Share of lines with letters in cells of equal width, as tills and terminals print with any face.
CELL_SHARES = {"receipt": 0.3, "numbers": 0.12, "short": 0.08, "code": 0.05}
BITMAP_SHARES = {"receipt": 0.5, "short": 0.12, "numbers": 0.12, "code": 0.08}  # lines printed with fixed pixels


@dataclass(frozen=True, slots=True)
class Strip:
    """One training sample."""

    pixels: NDArray[np.uint8]  # (STRIP_HEIGHT, width)
    text: str  # the target


class StripEngine:
    """Draws strips.

    Args:
        fonts: Latin faces.
        scripts: Faces for foreign text; none is drawn if there are none.
        bitmaps: Bitmap faces for receipts; outlines are used if there are none.
        texts: Source of the text.
        max_width: Widest strip, pixels; words that do not fit are dropped.
        strength: 1 for the training mix of degradations, less for cleaner documents.
    """

    def __init__(
        self,
        fonts: FontLibrary,
        scripts: list[Face],
        bitmaps: list[BitmapFace],
        texts: TextSampler,
        *,
        max_width: int,
        strength: float = 1.0,
    ) -> None:
        self.fonts, self.scripts, self.bitmaps = fonts, scripts, bitmaps
        self.texts = texts
        self.max_width = max_width
        self.strength = strength
        self._names, self._shares = fonts.names_and_shares()

    def draw(self, rng: Generator, *, length: int | None = None) -> Strip:
        """Draw one strip of about `length` characters (random by default)."""
        if rng.random() < 0.02:
            empty = self._scribble(rng) if rng.random() < 0.3 else self._emptiness(rng)
            return Strip(empty, "")
        line = self.texts.draw(rng, length or _random_length(rng))
        face = self._pick_face(rng, line)
        while face is None:
            line = self.texts.draw(rng, length or _random_length(rng))
            face = self._pick_face(rng, line)
        bitmap = None
        if self.bitmaps and line.text.isascii() and rng.random() < BITMAP_SHARES.get(line.kind, 0.04):
            bitmap = self.bitmaps[int(rng.integers(len(self.bitmaps)))]
        small_capitals = bitmap is None and line.kind in ("prose", "word") and rng.random() < 0.03
        if small_capitals or (face.small_capitals and not bitmap):
            line = _in_capitals(line)
        while True:
            if bitmap:
                pixels = self._print_line(rng, line.text, bitmap)
            else:
                pixels = self._draw_line(rng, line, face, small_capitals=small_capitals)
            if pixels.shape[1] <= self.max_width:
                return Strip(pixels, line.target)
            line = _shorten(line, self.max_width / pixels.shape[1])

    def _pick_face(self, rng: Generator, line: Line) -> Face | None:
        mono = line.kind in ("code", "receipt", "run") and rng.random() < 0.5
        for _ in range(20 if mono else 6):
            if line.kind == "foreign":
                if not self.scripts:
                    return None
                face = self.scripts[int(rng.integers(len(self.scripts)))]
            else:
                faces = self.fonts.families[self._names[int(rng.choice(len(self._names), p=self._shares))]]
                face = faces[int(rng.integers(len(faces)))]
            if face.covers(line.text) and (face.mono or not mono):
                return face
        return None

    def _print_line(self, rng: Generator, text: str, face: BitmapFace) -> NDArray[np.uint8]:
        """Draw a line as a receipt printer prints it."""
        coverage, box = print_text(rng, text, face)
        height = float(rng.uniform(12, 48))  # height of the font box, native pixels
        scale = min(1.0, height / (box[3] - box[1]))
        shape = (max(1, round(coverage.shape[1] * scale)), max(1, round(coverage.shape[0] * scale)))
        coverage = np.asarray(cv2.resize(coverage, shape, interpolation=cv2.INTER_AREA), np.float32)
        coverage = degrade.warp(rng, degrade.fade(rng, coverage), strength=self.strength)
        image = degrade.colour(rng, coverage, strength=self.strength, inverted=INVERTED)
        image = degrade.capture(rng, image, strength=self.strength)
        return normalise_strip(_crop(rng, image, box * scale))

    def _draw_line(self, rng: Generator, line: Line, face: Face, *, small_capitals: bool = False) -> NDArray[np.uint8]:
        is_tiny = rng.random() < TINY
        strength = TINY_STRENGTH * self.strength if is_tiny else self.strength
        size = float(np.exp(rng.uniform(*np.log(TINY_SIZES if is_tiny else SIZES))))  # native em, pixels
        oversample = 1 if rng.random() < 0.3 else max(1, min(3, round(80 / size)))
        touched = rng.random() < (0.35 if line.kind == "short" else 0.03)
        in_cells = not small_capitals and line.text.isascii() and rng.random() < CELL_SHARES.get(line.kind, 0.01)
        coverage, box = draw_text(
            rng,
            line.text,
            face,
            round(size * oversample),
            strength=strength,
            small_capitals=small_capitals,
            touched=touched,
            in_cells=in_cells,
        )
        coverage = degrade.thicken(rng, degrade.warp(rng, coverage, strength=strength), strength=strength)
        if rng.random() < (0.3 if in_cells else 0.02):
            coverage = degrade.fade(rng, degrade.wear_thin(rng, coverage))
        if oversample > 1:
            shape = (max(1, coverage.shape[1] // oversample), max(1, coverage.shape[0] // oversample))
            coverage = np.asarray(cv2.resize(coverage, shape, interpolation=cv2.INTER_AREA), np.float32)
            box = box / oversample
        stretch = rng.uniform(0.85, 1.2) if rng.random() < 0.3 * strength else 1.0
        if stretch != 1.0:
            width = max(1, round(coverage.shape[1] * stretch))
            coverage = np.asarray(cv2.resize(coverage, (width, coverage.shape[0])), np.float32)
            box = box * np.array([stretch, 1, stretch, 1])
        image = degrade.colour(rng, coverage, strength=strength, inverted=INVERTED)
        image = degrade.capture(rng, image, strength=strength)
        return normalise_strip(_crop(rng, image, box))

    def _scribble(self, rng: Generator) -> NDArray[np.uint8]:
        """Draw strokes that look like handwriting and are no text."""
        width = int(rng.integers(60, self.max_width))
        image = np.full((48, width), rng.uniform(150, 255), np.float32)
        slant, step = rng.uniform(-0.1, 0.6), rng.uniform(4, 10)
        ink, pen = float(rng.uniform(0, 90)), int(rng.integers(1, 4))
        x, points = 6.0, list[tuple[float, float]]()
        while x < width - 8:
            middle = 26 + rng.normal(0, 1.5)
            up = middle - rng.uniform(0.2, 1) * (22 if rng.random() < 0.2 else 9)
            down = middle + rng.uniform(0.2, 1) * (16 if rng.random() < 0.08 else 8)
            points += [(x + slant * (middle - up), up), (x + rng.uniform(-0.3, 0.9) * step, down)]
            x += step * rng.uniform(0.6, 1.7)
            if rng.random() < 0.08:  # a gap between words
                _stroke(image, points, ink, pen)
                points, x = [], x + 1.5 * step
        _stroke(image, points, ink, pen)
        gray = np.clip(image, 0, 255).astype(np.uint8)
        return normalise_strip(degrade.capture(rng, gray, strength=self.strength))

    def _emptiness(self, rng: Generator) -> NDArray[np.uint8]:
        """Draw a strip without text: flat paper, noise, texture, a rule, or smooth blobs of a photograph."""
        width = int(rng.integers(24, self.max_width))
        image = np.full((STRIP_HEIGHT, width), rng.uniform(100, 255), np.float32)
        kind = rng.integers(5)
        if kind == 4:  # specks of dust far apart
            for _ in range(int(rng.integers(1, 2 + width // 12))):
                x, y = int(rng.integers(width)), int(rng.integers(STRIP_HEIGHT))
                cv2.circle(image, (x, y), int(rng.integers(0, 3)), float(rng.uniform(0, 120)), -1)
        elif kind == 1:
            image += rng.normal(0, rng.uniform(2, 60), image.shape)
        elif kind == 2:
            image -= degrade.draw_blobs(rng, image.shape) * rng.uniform(20, 120)
        elif kind == 3:
            y, thickness = int(rng.integers(4, 28)), int(rng.integers(1, 6))
            dash = int(rng.choice([0, 3, 6, 12, 20]))  # a solid rule, or dashes
            inked = np.ones(width, np.bool_) if not dash else np.arange(width) % (2 * dash) < dash
            image[y : y + thickness, inked] -= rng.uniform(60, 200)
        gray = np.clip(image, 0, 255).astype(np.uint8)
        return normalise_strip(degrade.capture(rng, gray, strength=self.strength))


def _stroke(image: NDArray[np.float32], points: list[tuple[float, float]], ink: float, pen: int) -> None:
    """Draw one smooth pen stroke through points into an image, in place."""
    if len(points) < 4:
        return
    knots = np.array(points, np.float64)
    fine = np.linspace(0, len(knots) - 1, 10 * len(knots))
    smooth = np.stack([np.interp(fine, np.arange(len(knots)), knots[:, i]) for i in (0, 1)], axis=1)
    for i in (0, 1):
        smooth[3:-3, i] = np.convolve(smooth[:, i], np.ones(7) / 7, "valid")
    cv2.polylines(image, [np.round(smooth * 16).astype(np.int32)], False, ink, pen, cv2.LINE_AA, 4)


def print_text(rng: Generator, text: str, face: BitmapFace) -> tuple[Coverage, NDArray[np.float64]]:
    """Print one line with a bitmap face, sometimes double-struck, double high or double wide, sometimes near a rule.

    Returns:
        As `draw_text`.
    """
    font = face.load()
    width, margin = round(font.getlength(text)), face.size // 2 + 1
    canvas = Image.new("1", (width + 2 * margin, face.size + 2 * margin))
    pen = ImageDraw.Draw(canvas)
    pen.text((margin, margin), text, font=font, fill=1)
    if rng.random() < 0.15:
        pen.text((margin + 1, margin), text, font=font, fill=1)
    if rng.random() < 0.12:  # a dashed rule close above or below
        y = margin - 2 if rng.random() < 0.5 else margin + face.size + 1
        for x in range(0, canvas.width, 6):
            pen.line((x, y, x + 3, y), fill=1)
    dots = np.asarray(canvas, np.float32)
    cell = max(2, 40 // face.size)
    coverage = degrade.print_dots(rng, dots, cell=cell)
    box = np.array([margin, margin, margin + width, margin + face.size], np.float64) * cell
    wide, high = ((2.0, 1.0), (1.0, 2.0), (1.0, float(rng.uniform(0.8, 1.6))))[int(rng.choice(3, p=(0.08, 0.12, 0.8)))]
    large = np.asarray(cv2.resize(coverage, None, fx=wide, fy=high, interpolation=cv2.INTER_LINEAR), np.float32)
    return large, box * np.array([wide, high, wide, high])


def draw_text(
    rng: Generator,
    text: str,
    face: Face,
    size: int,
    *,
    strength: float,
    small_capitals: bool = False,
    touched: bool = False,
    in_cells: bool = False,
) -> tuple[Coverage, NDArray[np.float64]]:
    """Draw one line with a margin, sometimes with parts of neighbour lines, a rule or wide spacing.

    Args:
        rng: Source of every choice.
        text: The line.
        face: The font.
        size: Height of the em, pixels.
        strength: Strength of degradation, see `StripEngine`.
        small_capitals: Whether small letters are capitals of about 0.75 of the size.
        touched: Whether there are parts of rules that touch letters or are just inside the crop.
        in_cells: Whether characters are in the middles of cells of equal width.

    Returns:
        Coverage (height, width) and the font box (left, top, right, bottom) of the line in it.
    """
    font = face.load(size, complex_layout=rng.random() < 0.2 or not text.isascii())
    tracking = size * rng.uniform(0.02, 0.15) if rng.random() < 0.04 * strength else 0.0
    ascent, descent = font.getmetrics()
    pieces = _small_capitals(text, face, size, share=rng.uniform(0.68, 0.85)) if small_capitals else []
    if in_cells:
        cell = font.getlength("0") * rng.uniform(1.0, 1.6)
        placed, advance = [((i + 0.5) * cell, c, font) for i, c in enumerate(text)], cell * len(text)
    elif pieces:
        placed, advance = _side_by_side(pieces, tracking)
    else:
        placed, advance = _side_by_side([(c, font) for c in text] if tracking else [(text, font)], tracking)
        advance = font.getlength(text) + tracking * len(text)
    margin = round(0.6 * size)
    canvas = Image.new("L", (round(advance) + 2 * margin, ascent + descent + 2 * margin))
    pen = ImageDraw.Draw(canvas)
    # Pieces of other sizes and letters in cells are aligned on the base line; the rest on the ascent.
    anchor, y = ("ms", ascent) if in_cells else ("ls", ascent) if pieces else ("la", 0)
    for x, piece, own in placed:
        pen.text((margin + x, margin + y), piece, font=own, fill=255, anchor=anchor)
    if rng.random() < 0.10 * strength:
        offset = rng.uniform(0.95, 1.25) * (ascent + descent) * (-1 if rng.random() < 0.5 else 1)
        pen.text((margin - rng.uniform(0, 3 * size), margin + offset), text[::-1], font=font, fill=255)
    if rng.random() < 0.03:
        y = margin + ascent + round(0.12 * size)
        pen.line((margin, y, margin + advance, y), fill=255, width=max(1, size // 18))
    if touched:
        _touch(rng, pen, (margin, margin, margin + advance, margin + ascent + descent), size)
    elif rng.random() < 0.09:
        _draw_rules(rng, pen, (margin, margin, margin + advance, margin + ascent + descent), size)
    coverage = np.asarray(np.asarray(canvas, np.float32) / np.float32(255), np.float32)
    return coverage, np.array([margin, margin, margin + advance, margin + ascent + descent], np.float64)


def _side_by_side(
    pieces: Sequence[tuple[str, ImageFont.FreeTypeFont]], tracking: float
) -> tuple[list[tuple[float, str, ImageFont.FreeTypeFont]], float]:
    """Return pieces of a line with where each begins, and how wide all are, pixels."""
    placed, x = [], 0.0
    for piece, font in pieces:
        placed.append((x, piece, font))
        x += font.getlength(piece) + tracking * len(piece)
    return placed, x


def _small_capitals(text: str, face: Face, size: int, *, share: float) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """Split a line into runs of capitals at full size and runs of small letters as smaller capitals."""
    large, small = face.load(size), face.load(max(4, round(share * size)))
    runs: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for is_small, letters in itertools.groupby(text, key=lambda c: c.islower() and len(c.upper()) == 1):
        run = "".join(letters)
        runs.append((run.upper(), small) if is_small else (run, large))
    return runs


def _touch(rng: Generator, pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], size: int) -> None:
    """Draw parts of a cell's frame so near that they touch the letters or are cropped with them.

    They are full lines, half lines or corners of any width; none is part of the target.
    """
    left, top, right, bottom = box
    near = size * rng.uniform(-0.02, 0.22)
    x0, x1 = left - near - size * rng.uniform(0, 0.3), right + near + size * rng.uniform(0, 0.3)
    y0, y1 = top - size * rng.uniform(-0.12, 0.12), bottom + size * rng.uniform(-0.14, 0.1)
    thickness = max(1, round(size * np.exp(rng.uniform(np.log(0.02), np.log(0.16)))))
    shade, far = int(rng.integers(110, 256)), 20 * size
    begin = -far if rng.random() < 0.6 else rng.uniform(x0, x1)
    end = right + far if rng.random() < 0.6 else rng.uniform(x0, x1)
    for y in (y0, y1):
        if rng.random() < 0.5:
            pen.line((min(begin, end), y, max(begin, end), y), fill=shade, width=thickness)
    upper = -far if rng.random() < 0.6 else rng.uniform(y0, y1)
    lower = bottom + far if rng.random() < 0.6 else rng.uniform(y0, y1)
    for x in (x0, x1):
        if rng.random() < 0.5:
            pen.line((x, min(upper, lower), x, max(upper, lower)), fill=shade, width=thickness)


def _draw_rules(rng: Generator, pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], size: int) -> None:
    """Draw rules of a table above, below, left or right of a cell; they are not part of the target."""
    left, top, right, bottom = box
    thickness = max(1, round(size * rng.uniform(0.02, 0.1)))
    shade = int(rng.integers(90, 256))
    far = 20 * size
    for y in (top - rng.uniform(-0.05, 0.2) * size, bottom + rng.uniform(-0.05, 0.2) * size):
        if rng.random() < 0.6:
            pen.line((-far, y, right + far, y), fill=shade, width=thickness)
    for x in (left - rng.uniform(0.1, 0.6) * size, right + rng.uniform(0.1, 0.6) * size):
        if rng.random() < 0.4:
            pen.line((x, -far, x, bottom + far), fill=shade, width=thickness)


def _crop(rng: Generator, image: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Cut the line out: by its font box, by its ink, or between the two, with jitter."""
    left, top, right, bottom = box
    height = bottom - top
    style = rng.random()
    if style > 0.4:
        inner = image[max(0, int(top)) : int(bottom) + 1]
        rows = np.flatnonzero(np.ptp(inner.astype(np.int16), axis=1) > 0.4 * np.ptp(inner.astype(np.int16)))
        if rows.size:
            ink_top, ink_bottom = int(top) + rows[0], int(top) + rows[-1] + 1
            share = 1.0 if style > 0.6 else rng.random()
            top, bottom = top + (ink_top - top) * share, bottom + (ink_bottom - bottom) * share
            # A line without tall letters is not blown up by the segmenter: it knows the neighbours' height.
            if bottom - top < 0.5 * height:
                missing = 0.5 * height - (bottom - top)
                above = rng.random()
                top, bottom = top - missing * above, bottom + missing * (1 - above)
    top += rng.normal(0, 0.035) * height - 0.05 * height * rng.random()
    bottom += rng.normal(0, 0.035) * height + 0.05 * height * rng.random()
    left -= rng.uniform(0, 0.35) * height
    right += rng.uniform(0, 0.35) * height
    y0, y1 = max(0, round(top)), min(image.shape[0], max(round(bottom), round(top) + 4))
    x0, x1 = max(0, round(left)), min(image.shape[1], max(round(right), round(left) + 4))
    return image[y0:y1, x0:x1]


def _in_capitals(line: Line) -> Line:
    """Return the line with capitals as its target; letters without a capital of one character stay."""
    target = "".join(c.upper() if len(c.upper()) == 1 else c for c in line.target)
    return Line(line.text, target, line.kind)


def _random_length(rng: Generator) -> int:
    return int(rng.integers(1, 12)) if rng.random() < 0.2 else int(rng.integers(8, 52))


def _shorten(line: Line, ratio: float) -> Line:
    """Keep the words (or characters of one word) that fit."""
    words, targets = line.text.split(), line.target.split()
    keep = int(len(words) * ratio * 0.95)
    if keep >= 1 and len(words) == len(targets):
        return Line(" ".join(words[:keep]), " ".join(targets[:keep]), line.kind)
    count = max(1, int(len(line.text) * ratio * 0.9))
    if line.kind == "foreign":
        return Line(line.text[:1], line.target[:1], line.kind)
    return Line(line.text[:count].strip(), line.text[:count].strip(), line.kind)
