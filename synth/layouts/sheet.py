"""A page while it is being typeset: text, lists, pictures, and the boxes of their ink in reading order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

from ocr2.results.region import RegionKind
from ocr2.synth.fonts import Face
from ocr2.synth.layouts.pictures import INK, Gray

Rect = tuple[float, float, float, float]  # left, top, right, bottom
FORMULA_EM = 20.8  # pixels of 10 points in the bank's formulas
BULLETS = ("•", "-", "–", "*", "◦", "▪")


@dataclass(frozen=True, slots=True)
class Hand:
    """Typographic style of a page."""

    body: Face
    bold: Face
    mono: Face
    em: int  # pixels
    leading: float  # line pitch, relative to the em
    justified: bool
    gap: float  # between paragraphs, relative to the leading; 0 means indented first lines
    heading: str  # "left", "centre", "numbered", "bar"
    table: str  # "booktabs", "grid", "lines", "zebra", "plain"
    caption: str  # "below", "above", "none"


@dataclass
class Sheet:
    """The page: ink is drawn on `image`; `regions` grow in reading order."""

    rng: Generator
    hand: Hand
    width: int
    height: int
    prose: Callable[[int], str]  # text of about so many characters
    picture: Callable[[RegionKind], Gray]
    wild: bool = False  # whether elements of `ocr2.synth.layouts.hard_pages` are drawn
    regions: list[tuple[RegionKind, Rect]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.width, self.height), 255)
        self.pen = ImageDraw.Draw(self.image)
        self.leading = self.hand.leading * self.hand.em
        self._widths: dict[tuple[str, int, str], float] = {}
        self.numbers = {"figure": int(self.rng.integers(1, 9)), "formula": int(self.rng.integers(1, 30))}

    def crop(self, height: int) -> None:
        """Make the page higher or lower."""
        image = Image.new("L", (self.width, height), 255)
        image.paste(self.image)
        self.image, self.pen, self.height = image, ImageDraw.Draw(image), height

    def note(self, kind: RegionKind, rect: Rect, *, solid: bool = False) -> None:
        """Record a region: the ink inside a rectangle, or the whole rectangle if `solid`."""
        left, top, right, bottom = (
            max(0, int(rect[0]) - 2), max(0, int(rect[1]) - 2),
            min(self.width, int(rect[2]) + 3), min(self.height, int(rect[3]) + 3),
        )  # fmt: skip
        if right - left < 3 or bottom - top < 3:
            return
        if solid:
            self.regions.append((kind, (left + 2, top + 2, right - 2, bottom - 2)))
            return
        ink = np.asarray(self.image.crop((left, top, right, bottom))) < INK
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if len(rows):
            self.regions.append(
                (kind, (left + columns[0], top + rows[0], left + columns[-1] + 1.0, top + rows[-1] + 1.0))
            )

    def wrap(self, text: str, face: Face, size: int, width: float, hanging: float = 0.0) -> list[str]:
        """Break text into lines: `width` is that of the first, the others are `hanging` narrower."""
        font = face.load(size)
        lines: list[str] = []
        line: list[str] = []
        used = 0.0
        space = self._width(face, size, font, " ")
        for word in text.split():
            long = self._width(face, size, font, word)
            if line and used + space + long > width - (hanging if lines else 0.0):
                lines.append(" ".join(line))
                line, used = [], 0.0
            used += long + (space if line else 0.0)
            line.append(word)
        return [*lines, " ".join(line)] if line else lines

    def _width(self, face: Face, size: int, font: ImageFont.FreeTypeFont, word: str) -> float:
        key = (face.path, size, word)
        if key not in self._widths:
            self._widths[key] = font.getlength(word)
        return self._widths[key]

    def write(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        bottom: float,
        *,
        face: Face | None = None,
        size: int | None = None,
        align: str = "left",
        first: float = 0.0,
        hanging: float = 0.0,
        justified: bool = False,
        fill: int = 0,
    ) -> tuple[float, Rect]:
        """Write wrapped text; returns where the next line would be, and the rectangle used."""
        face, size = face or self.hand.body, size or self.hand.em
        font = face.load(size)
        text = "".join(c for c in text if ord(c) in face.codepoints or c == " ")
        lines = self.wrap(text, face, size, width - first, hanging - first)
        step = self.hand.leading * size
        top, left, right = y, x + width, x
        for i, line in enumerate(lines):
            if y + step > bottom:
                break
            at = x + (hanging if i else first)
            long = font.getlength(line)
            room = width - (at - x)
            if align == "centre":
                at += (room - long) / 2
            elif align == "right":
                at += room - long
            if justified and i < len(lines) - 1 and " " in line and long < room:
                self._spread(line, at, y, font, room - long, fill)
                long = room
            else:
                self.pen.text((at, y), line, font=font, fill=fill)
            left, right = min(left, at), max(right, at + long)
            y += step
        return y, (left, top - 0.1 * size, right, y + 0.25 * size)

    def _spread(self, line: str, x: float, y: float, font: ImageFont.FreeTypeFont, extra: float, fill: int) -> None:
        words = line.split(" ")
        space = font.getlength(" ") + extra / (len(words) - 1)
        for word in words:
            self.pen.text((x, y), word, font=font, fill=fill)
            x += font.getlength(word) + space

    def paragraph(
        self, x: float, y: float, width: float, bottom: float, *, length: int = 0, small: float = 1.0
    ) -> float:
        """Set running text; returns the y below."""
        hand, rng = self.hand, self.rng
        length = length or int(rng.choice([80, 180, 300, 450, 700], p=[0.15, 0.25, 0.3, 0.2, 0.1]))
        first = 1.6 * hand.em if hand.gap < 0.2 else 0.0
        y, rect = self.write(
            self.prose(length), x, y, width, bottom, size=max(7, round(small * hand.em)), first=first,
            justified=hand.justified,
        )  # fmt: skip
        self.note("paragraph", rect)
        return y + hand.gap * self.leading

    def line_block(self, x: float, y: float, width: float, bottom: float, align: str, lines: int) -> float:
        """Set a few short lines, as in an address; returns the y below."""
        rects = []
        for _ in range(lines):
            y, rect = self.write(self.prose(30)[: int(self.rng.integers(8, 34))], x, y, width, bottom, align=align)
            rects.append(rect)
        self.note("paragraph", _join(rects))
        return y + 0.6 * self.leading

    def title(self, x: float, y: float, width: float, bottom: float, *, size: float = 1.3, align: str = "") -> float:
        """Set a heading; returns the y below."""
        hand, rng = self.hand, self.rng
        text = self.prose(30)[: int(rng.integers(8, 46))].strip(" ,.;:-")
        text = text.upper() if rng.random() < 0.15 else text[:1].upper() + text[1:]
        if hand.heading == "numbered":
            text = ".".join(str(rng.integers(1, 9)) for _ in range(int(rng.integers(1, 4)))) + "  " + text
        pixels = max(8, round(size * hand.em))
        align = align or ("centre" if hand.heading == "centre" else "left")
        y += 0.5 * self.leading
        bar = hand.heading == "bar"
        if bar:
            self.pen.rectangle((x, y - 3, x + width, y + 1.45 * pixels), fill=60)
        y, rect = self.write(
            text, x + 4 * bar, y, width - 8 * bar, bottom, face=hand.bold, size=pixels, align=align, fill=255 * bar
        )
        if rect[2] > rect[0]:
            self.note("title", (x, rect[1] - 2, x + width, y) if bar else rect, solid=bar)
        return y + (0.3 + hand.gap / 2) * self.leading

    def list(self, x: float, y: float, width: float, bottom: float) -> float:
        """Set a list; returns the y below."""
        hand, rng = self.hand, self.rng
        style = int(rng.integers(4))
        bullet = str(rng.choice(BULLETS))
        bullet = bullet if ord(bullet) in hand.body.codepoints else "-"
        indent = hand.em * float(rng.choice([0.0, 1.0, 2.0]))
        between = self.leading * float(rng.choice([0.0, 0.0, 0.3, 0.6]))
        long = int(rng.choice([30, 60, 110, 200]))
        rects = []
        for i in range(int(rng.integers(2, 8))):
            mark = (bullet, bullet, f"{i + 1}.", f"({chr(97 + i)})")[style]
            text = self.prose(int(long * rng.uniform(0.6, 1.4)))
            after = hand.em * 1.8
            if y + self.leading > bottom:
                break
            self.write(mark, x + indent, y, after, bottom)
            y, rect = self.write(text, x + indent + after, y, width - indent - after, bottom)
            rects.append((x + indent, *rect[1:]))
            y += between
        if rects:
            self.note("list", _join(rects))
        return y + (hand.gap or 0.4) * self.leading

    def code(self, x: float, y: float, width: float, bottom: float) -> float:
        """Set lines of a program; returns the y below."""
        hand, rng = self.hand, self.rng
        size = max(7, round(0.85 * hand.em))
        count, depth, top, right = int(rng.integers(3, 12)), 0, y, x
        shaded = rng.random() < 0.4
        room = y + count * hand.leading * size + 8
        if room > bottom:
            return bottom
        if shaded:
            self.pen.rectangle((x, y - 3, x + width, room - 4), fill=int(rng.integers(222, 245)))
        for _ in range(count):
            words = [w.strip(".,;:()") or "x" for w in self.prose(30).split()][:4]
            text = (
                f"{'_'.join(words[:2])}({', '.join(words[2:])})" if rng.random() < 0.6 else f"{words[0]} = {words[-1]}"
            )
            text = text[: max(4, int((width - 4 * depth * size * 0.6) / (0.62 * size)))]
            at = x + 5 + 4 * depth * size * 0.6
            y, rect = self.write(text, at, y, width * 2, bottom, face=hand.mono, size=size)
            right = max(right, rect[2])
            depth = max(0, min(3, depth + int(rng.integers(-1, 2))))
        if shaded:
            self.note("paragraph", (x, top - 3, x + width, room - 4), solid=True)
        else:
            self.note("paragraph", (x, top, right, y))
        return y + 0.6 * self.leading + 6

    def formula(self, x: float, y: float, width: float, bottom: float) -> float:
        """Set a display formula; returns the y below, or `bottom` if it does not fit."""
        rng = self.rng
        picture = self.picture("formula")
        scale = self.hand.em / FORMULA_EM
        number = rng.random() < 0.4
        room = width * (0.86 if number else 1.0)
        if picture.shape[1] * scale > room:
            scale = room / picture.shape[1]
            if scale < 0.55 * self.hand.em / FORMULA_EM:
                return y
        y += 0.3 * self.leading
        high, wide = picture.shape[0] * scale, picture.shape[1] * scale
        if y + high > bottom:
            return bottom
        at = x + ((width - wide) / 2 if rng.random() < 0.75 else min(2 * self.hand.em, width - wide))
        self.paste(picture, at, y, wide, high)
        self.note("formula", (at, y, at + wide, y + high))
        if number:
            text, face = f"({self.numbers['formula']})", self.hand.body
            self.numbers["formula"] += 1
            long = face.load(self.hand.em).getlength(text)
            if at + wide + 6 < x + width - long:
                self.write(text, x + width - long - 1, y + (high - self.hand.em) / 2, long + 4, bottom)
        return float(y + high + 0.7 * self.leading)

    def figure(
        self,
        kind: RegionKind,
        x: float,
        y: float,
        width: float,
        bottom: float,
        *,
        share: float = 0.0,
        caption: str = "",
    ) -> float:
        """Place a picture with its caption; returns the y below, or `bottom` if it does not fit."""
        rng, hand = self.rng, self.hand
        picture = self.picture(kind)
        share = share or float(rng.uniform(0.65, 1.0) if kind == "score" else rng.uniform(0.35, 1.0))
        wide = min(share * width, picture.shape[1] * 1.5)
        high = wide * picture.shape[0] / picture.shape[1]
        most = min(bottom - y - 2 * self.leading, 0.5 * self.height)
        if high > most:
            wide, high = wide * most / high, most
        if high < 24 or wide < 24:
            return bottom
        caption = caption or hand.caption
        if caption == "above":
            y = self.caption(x, y, width, bottom, "Figure")
            if y + high > bottom:
                return bottom
        at = x + (width - wide) * float(rng.choice([0.0, 0.5, 0.5, 0.5, 1.0]))
        y += 0.3 * self.leading
        self.paste(picture, at, y, wide, high)
        if rng.random() < 0.08:
            self.pen.rectangle((at - 2, y - 2, at + wide + 2, y + high + 2), outline=0)
        self.note(kind, (at, y, at + wide, y + high))
        y += high + 0.5 * self.leading
        if caption == "below":
            y = self.caption(x, y, width, bottom, "Figure")
        return y + 0.5 * self.leading

    def caption(self, x: float, y: float, width: float, bottom: float, name: str) -> float:
        """Set a caption; returns the y below."""
        rng = self.rng
        name = name if rng.random() < 0.6 else name[:3] + "."
        said = self.prose(int(rng.choice([25, 60, 160])))
        text = f"{name} {self.numbers['figure']}{rng.choice([':', '.', ' -'])} {said}"
        self.numbers["figure"] += 1
        size = max(7, round(0.88 * self.hand.em))
        align = str(rng.choice(["left", "centre"]))
        y, rect = self.write(text, x, y, width, bottom, size=size, align=align)
        self.note("paragraph", rect)
        return y + 0.3 * self.leading

    def paste(self, picture: Gray, x: float, y: float, width: float, height: float) -> None:
        """Paste a scaled picture."""
        size = max(1, round(width)), max(1, round(height))
        shrinks = size[0] < picture.shape[1]
        scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        self.image.paste(Image.fromarray(np.asarray(scaled, np.uint8)), (round(x), round(y)))

    def furniture(self, y: float, left: str, right: str) -> None:
        """Write a header or footer, which is no region."""
        size = max(7, round(0.85 * self.hand.em))
        margin = 0.07 * self.width
        for text, align in ((left, "left"), (right, "right")):
            if text:
                self.write(text, margin, y, self.width - 2 * margin, self.height, size=size, align=align)


def _join(rects: Sequence[Rect]) -> Rect:
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
