"""Pages with known structure, for measuring tiling, reading order and block types.

A page is typeset with Pillow from seeded content: title, headings, paragraphs, lists, code, tables, headers,
footers and page numbers in one to three columns. Every glyph's box and position in the reading order is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.results.box import Box
from ocr2.results.document import BlockKind

FontLoader = Callable[[str, int], ImageFont.FreeTypeFont]  # ("regular" | "bold" | "mono", pixels) -> font


@dataclass(frozen=True, slots=True)
class TrueLine:
    """One drawn line: its text and the box of every visible character."""

    text: str
    glyphs: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class TrueBlock:
    """One drawn block, in reading order."""

    kind: BlockKind
    text: str
    lines: tuple[TrueLine, ...]


@dataclass(frozen=True, slots=True)
class TruePage:
    """A page and its blocks."""

    gray: NDArray[np.uint8]  # (height, width)
    blocks: tuple[TrueBlock, ...]
    skew: float  # degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStyle:
    """Style of a page; `draw_style` chooses one at random."""

    width: int  # pixels
    height: int
    em: int  # pixels of the body
    columns: int
    justified: bool
    skew: float  # degrees
    noise: float  # standard deviation, grey levels
    rules: bool
    furniture: bool  # header, footer, page number


def draw_style(rng: Generator, *, width: int = 827, height: int = 1169) -> PageStyle:
    """Pick a style of the grid that docs/models/got-nano.md states ("Structured pages")."""
    columns = int(rng.integers(1, 4))
    return PageStyle(
        width=width,
        height=height,
        em=round(width / 827 * rng.uniform(13, 18) * (1.0, 0.9, 0.78)[columns - 1]),
        columns=columns,
        justified=bool(rng.random() < 0.5),
        skew=float(rng.uniform(-2, 2)) if rng.random() < 0.5 else 0.0,
        noise=float(rng.uniform(2, 12)) if rng.random() < 0.4 else 0.0,
        rules=bool(rng.random() < 0.3),
        furniture=bool(rng.random() < 0.6),
    )


def draw_page(rng: Generator, style: PageStyle, fonts: FontLoader, prose: Callable[[int], str]) -> TruePage:
    """Typeset one page.

    Args:
        rng: Source of every choice.
        style: Style of the page.
        fonts: Function that loads a face at a size.
        prose: Function that returns running text of about so many characters.
    """
    sheet = _Sheet(rng, style, fonts, prose)
    sheet.fill()
    return sheet.finish()


@dataclass
class _Sheet:
    """A page while it is being set."""

    rng: Generator
    style: PageStyle
    fonts: FontLoader
    prose: Callable[[int], str]
    blocks: list[TrueBlock] = field(default_factory=list)

    def __post_init__(self) -> None:
        style = self.style
        self.image = Image.new("L", (style.width, style.height), 255)
        self.pen = ImageDraw.Draw(self.image)
        self.margin = round(0.09 * style.width)
        self.leading = round(1.32 * style.em)
        self.top = round(0.1 * style.height)
        self.bottom = round(0.9 * style.height)

    def fill(self) -> None:
        style, rng = self.style, self.rng
        if style.furniture:
            self._furniture(round(0.045 * style.height), "header", self.prose(30)[:40])
        y = self.top
        if rng.random() < 0.4:
            y = self._text("title", self.prose(30)[:38].strip(), self.margin, y, self._width(1), size=1.9, bold=True)
            y += self.leading
        gutter = 2.2 * style.em
        width = self._width(style.columns)
        for column in range(style.columns):
            x = round(self.margin + column * (width + gutter))
            self._column(x, y, width)
            if style.rules and column:
                middle = round(x - gutter / 2)
                self.pen.line((middle, y, middle, self.bottom), fill=60, width=1)
        if style.furniture:
            foot = round(0.945 * style.height)
            self._furniture(foot, "page_number", str(int(rng.integers(1, 400))), centred=True)

    def _width(self, columns: int) -> int:
        inner = self.style.width - 2 * self.margin - (columns - 1) * 2.2 * self.style.em
        return int(inner / columns)

    def _column(self, x: int, y: int, width: int) -> None:
        kinds: tuple[BlockKind, ...] = ("paragraph", "paragraph", "heading", "list_item", "code", "table")
        previous: BlockKind = "heading"
        while y < self.bottom - 6 * self.leading:
            kind = kinds[int(self.rng.integers(len(kinds)))]
            if self.style.columns > 1 and kind in ("table", "code"):
                kind = "paragraph"
            if kind == "heading" and previous == "heading":
                kind = "paragraph"
            y = self._set(kind, x, y, width) + round(0.75 * self.leading)
            previous = kind

    def _set(self, kind: BlockKind, x: int, y: int, width: int) -> int:
        if kind == "heading":
            text = self.prose(24)[: max(12, width // self.style.em)].strip(" ,.;:")
            return self._text(
                "heading", text[:1].upper() + text[1:], x, y + self.leading // 3, width, size=1.3, bold=True
            )
        if kind == "list_item":
            for _ in range(int(self.rng.integers(2, 5))):
                y = self._text(
                    "list_item", "• " + self.prose(60).strip(), x, y, width, indent=round(1.2 * self.style.em)
                )
            return y
        if kind == "code":
            return self._code(x, y)
        if kind == "table":
            return self._table(x, y, width)
        return self._text("paragraph", self.prose(int(self.rng.integers(120, 420))), x, y, width)

    def _text(
        self,
        kind: BlockKind,
        text: str,
        x: int,
        y: int,
        width: int,
        *,
        size: float = 1.0,
        bold: bool = False,
        indent: int = 0,
    ) -> int:
        font = self.fonts("bold" if bold else "regular", round(self.style.em * size))
        leading = round(self.leading * size)
        lines: list[TrueLine] = []
        words = text.split()
        while words and y < self.bottom - leading:
            left = x + (indent if lines else 0)
            count = 1
            while count < len(words) and font.getlength(" ".join(words[: count + 1])) <= width - (left - x):
                count += 1
            line, words = words[:count], words[count:]
            spread = self.style.justified and bool(words) and kind == "paragraph"
            lines.append(self._line(line, left, y, font, width=width - (left - x) if spread else None))
            y += leading
        if lines:
            self.blocks.append(TrueBlock(kind, " ".join(line.text for line in lines), tuple(lines)))
        return y

    def _line(
        self, words: Sequence[str], x: float, y: int, font: ImageFont.FreeTypeFont, width: int | None = None
    ) -> TrueLine:
        natural = font.getlength(" ".join(words))
        space = font.getlength(" ")
        if width is not None and len(words) > 1 and width > natural:
            space += (width - natural) / (len(words) - 1)
        glyphs: list[Box] = []
        for word in words:
            glyphs += self._word(word, round(x), y, font)
            x = round(x) + font.getlength(word) + space
        return TrueLine(" ".join(words), tuple(glyphs))

    def _word(self, word: str, x: int, y: int, font: ImageFont.FreeTypeFont) -> list[Box]:
        self.pen.text((x, y), word, font=font, fill=0)
        boxes = []
        for i, character in enumerate(word):
            before = font.getlength(word[:i])
            left, top, right, bottom = font.getbbox(character)
            boxes.append(Box(round(x + before + left), round(y + top), round(x + before + right), round(y + bottom)))
        return boxes

    def _code(self, x: int, y: int) -> int:
        font = self.fonts("mono", round(0.95 * self.style.em))
        step = font.getlength("0")
        lines: list[TrueLine] = []
        depth = 0
        for _ in range(int(self.rng.integers(3, 8))):
            if y > self.bottom - self.leading:
                break
            words = [w.strip(".,;:") or "x" for w in self.prose(18).split()][:3]
            text = f"{words[0]}({', '.join(words[1:])})" + (":" if depth < 2 and self.rng.random() < 0.4 else "")
            line = self._line([text.replace(" ", "")], x + 4 * depth * step, y, font)
            lines.append(TrueLine(" " * 4 * depth + line.text, line.glyphs))
            depth = depth + 1 if text.endswith(":") else max(0, depth - int(self.rng.integers(0, 2)))
            y += self.leading
        if lines:
            self.blocks.append(TrueBlock("code", "\n".join(line.text for line in lines), tuple(lines)))
        return y

    def _table(self, x: int, y: int, width: int) -> int:
        font = self.fonts("regular", self.style.em)
        columns = int(self.rng.integers(3, 5))
        lines: list[TrueLine] = []
        for row in range(int(self.rng.integers(3, 7))):
            if y > self.bottom - self.leading:
                break
            cells = [
                self.prose(8).split()[0][:9] if c == 0 or row == 0 else str(self.rng.integers(1, 9999))
                for c in range(columns)
            ]
            parts = [self._line([cell], x + c * width / columns, y, font) for c, cell in enumerate(cells)]
            lines.append(TrueLine(" ".join(cells), tuple(g for part in parts for g in part.glyphs)))
            if self.style.rules:
                self.pen.line((x, y - 3, x + width, y - 3), fill=0, width=1)
            y += round(1.15 * self.leading)
        if lines:
            self.blocks.append(TrueBlock("table", "\n".join(line.text for line in lines), tuple(lines)))
        return y

    def _furniture(self, y: int, kind: BlockKind, text: str, *, centred: bool = False) -> None:
        font = self.fonts("regular", round(0.9 * self.style.em))
        x = (self.style.width - font.getlength(text)) / 2 if centred else float(self.margin)
        line = self._line(text.split(), x, y, font)
        self.blocks.append(TrueBlock(kind, line.text, (line,)))

    def finish(self) -> TruePage:
        """Skew and soil the page; glyph boxes follow."""
        style, rng = self.style, self.rng
        gray = np.asarray(self.image, np.uint8).astype(np.float32)
        blocks = tuple(self.blocks)
        if style.skew:
            centre = (style.width / 2, style.height / 2)
            matrix = cv2.getRotationMatrix2D(centre, -style.skew, 1.0)
            gray = cv2.warpAffine(gray, matrix, (style.width, style.height), borderValue=255.0).astype(np.float32)
            blocks = tuple(_moved(block, np.asarray(matrix, np.float64)) for block in blocks)
        if style.noise:
            gray = gray * 0.92 + rng.normal(0, style.noise, gray.shape).astype(np.float32)
        return TruePage(np.asarray(np.clip(gray, 0, 255), np.uint8), blocks, style.skew)


def _moved(block: TrueBlock, matrix: NDArray[np.float64]) -> TrueBlock:
    def move(box: Box) -> Box:
        centre = matrix @ np.array([(box.left + box.right) / 2, (box.top + box.bottom) / 2, 1])
        half = (box.width / 2, box.height / 2)
        return Box(
            *(
                round(float(v))
                for v in (centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1])
            )
        )

    lines = tuple(TrueLine(line.text, tuple(move(g) for g in line.glyphs)) for line in block.lines)
    return TrueBlock(block.kind, block.text, lines)
