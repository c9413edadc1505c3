"""Searchable PDF: the picture of every page, upright and level, with the words lying invisibly over it.

Written with fpdf2 as PDF/A-2u, which archives keep: with fonts, colour profile, title and language inside. Any text of
the basic multilingual plane is kept: the invisible font has an empty glyph for every character of the document.
"""

import io
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont
from PIL import Image

from ocr2.documents.document import OpenDocument
from ocr2.documents.pdf import POINTS
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError, OutputError
from ocr2.options import DEFAULT_DPI
from ocr2.results.box import Box
from ocr2.results.document import Document, Page, Word

STANDARD = "PDF/A-2U"  # ISO 19005-2, with text in Unicode
JPEG_QUALITY = 75
LEVEL = 0.0015  # slope below which lines are level
LONG_LINE = 10  # of its height: least length of a line that tells how lines fall
PLANE = 0x10000  # characters of the basic multilingual plane
EM, ADVANCE = 1000, 500  # units of the invisible font, and the width of its glyphs
TITLE = 200  # most characters of a title
FONT = "invisible"
TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}


def document_to_pdf(document: Document) -> bytes:
    """Return a PDF whose pages look like the source's, turned upright, and whose text can be found and copied.

    The source is opened again for the pictures, so it must still be where it was read.

    Raises:
        OutputError: If the document did not come from a file, or its file cannot be opened again.
        DocumentError: If no page can be rendered.
    """
    origin = document.origin
    if origin is None:
        raise OutputError(f"a searchable PDF needs the file that was read; {document.source!r} is none")
    if any(block.box is None for page in document.pages for block in page.blocks):
        raise OutputError(f"a searchable PDF needs the places of words; {document.model} gives none")
    try:
        opened = OpenDocument(
            Source(document.source, origin.path),
            dpi=origin.dpi,
            rasterizer=origin.rasterizer,
            password=origin.password,
        )
    except DocumentError as error:
        raise OutputError(f"a searchable PDF needs the pages again: {error}") from error
    try:
        with tempfile.TemporaryDirectory() as folder, _new_pdf(document, Path(folder)) as pdf:
            _add_pages(pdf, document, opened)
            if not pdf.pages:
                raise DocumentError(f"no page of {document.source} can be rendered; a PDF needs one")
            return bytes(pdf.output())
    finally:
        opened.close()


def _add_pages(pdf: FPDF, document: Document, opened: OpenDocument) -> None:
    for page in document.pages:
        try:
            _add_page(pdf, page, opened)
        except DocumentError:
            # A page that could not be read is kept as a picture if there is one.
            if page.error is None:
                raise


@contextmanager
def _new_pdf(document: Document, folder: Path) -> Iterator[FPDF]:
    """Open a PDF with the title and the font of a document, which lies in a folder meanwhile."""
    pdf = FPDF(unit="pt", enforce_compliance=STANDARD)
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(_title_of(document))
    pdf.set_creator("ocr2")
    if document.language:
        pdf.set_lang(document.language)
    characters = {c for word in document.words() for c in _printable(word.text)}
    path = folder / "invisible.ttf"
    _save_invisible_font(characters, path)
    pdf.add_font(FONT, fname=path)
    try:
        yield pdf
    finally:
        font = pdf.fonts[FONT]
        assert isinstance(font, TTFFont)
        font.ttfont.close()


def _title_of(document: Document) -> str:
    """Return a document's title or first heading, or the name of its file."""
    blocks = [block for page in document.pages for block in page.blocks]
    headings = (block.text for kind in ("title", "heading") for block in blocks if block.kind == kind)
    return " ".join(next(headings, Path(document.source).stem).split())[:TITLE]


def _printable(text: str) -> str:
    """Return the characters of a text that the invisible font has."""
    return "".join(c for c in text if ord(c) < PLANE and c.isprintable())


def _save_invisible_font(characters: Iterable[str], path: Path) -> None:
    """Write a font whose glyphs are empty, one for each character."""
    names = {ord(c): f"u{ord(c):04X}" for c in sorted({" ", *characters})}
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: Glyph() for name in builder.font.getGlyphOrder()})
    builder.setupHorizontalMetrics(dict.fromkeys(builder.font.getGlyphOrder(), (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": FONT, "styleName": "Regular", "psName": FONT})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)


def _add_page(pdf: FPDF, page: Page, opened: OpenDocument) -> None:
    image, dpi = opened.picture(page.number)
    scale = POINTS / (dpi or DEFAULT_DPI)
    quarter_turns = page.rotation // 90
    upright = image.transpose(TURNS[quarter_turns]) if quarter_turns else image
    lines = [
        [replace(word, box=word.box.turned(quarter_turns, image.width, image.height)) for word in line.words]
        for block in page.blocks
        for line in block.lines
        if line.words
    ]
    level, lines = _levelled(upright, lines)
    width, height = level.width * scale, level.height * scale
    pdf.add_page(format=(width, height))
    data = io.BytesIO()
    level.save(data, "JPEG", quality=JPEG_QUALITY)
    pdf.image(data, x=0, y=0, w=width, h=height)
    for words in lines:
        # Readers of PDFs know lines by the size and base line of their words, which must agree for that.
        size = max(1.0, float(np.median([word.box.height for word in words])) * scale)
        base = float(np.median([word.box.bottom for word in words])) * scale - 0.2 * size
        for word in words:
            _add_word(pdf, word, _Place(word.box.left * scale, base, word.box.width * scale, size))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word stands, points from the upper left."""

    left: float
    base: float
    width: float
    size: float  # of its font


def _add_word(pdf: FPDF, word: Word, place: _Place) -> None:
    """Set one word, and a space behind it, stretched to its box."""
    text = _printable(word.text)
    if not text:
        return
    natural = ADVANCE / EM * place.size * len(text)
    pdf.set_font(FONT, size=place.size)
    with pdf.local_context(text_mode=TextMode.INVISIBLE):
        pdf.set_stretching(100 * max(1.0, place.width) / natural)
        pdf.text(place.left, place.base, text + " ")
    pdf.set_stretching(100)


def _levelled(image: Image.Image, lines: Sequence[list[Word]]) -> tuple[Image.Image, list[list[Word]]]:
    """Return a page turned so that its lines are level, and its words there; as they are where they are level."""
    slope = _slope_of(lines)
    if abs(slope) < LEVEL:
        return image, list(lines)
    angle = math.atan(slope)
    white = 255 if image.mode == "L" else (255,) * len(image.getbands())
    level = image.rotate(math.degrees(angle), Image.Resampling.BICUBIC, expand=True, fillcolor=white)
    cos, sin = math.cos(angle), math.sin(angle)

    def moved(word: Word) -> Word:
        x, y = word.box.middle[0] - image.width / 2, word.box.middle[1] - image.height / 2
        u, v = cos * x + sin * y + level.width / 2, cos * y - sin * x + level.height / 2
        wide = word.box.width / 2
        high = max(1.0, (word.box.height - abs(slope) * word.box.width) / 2)
        return replace(word, box=Box(round(u - wide), round(v - high), round(u + wide), round(v + high)))

    return level, [[moved(word) for word in words] for words in lines]


def _slope_of(lines: Sequence[Sequence[Word]]) -> float:
    """Return how far lines fall a pixel to the right: the median over lines of several words."""
    slopes = []
    for words in lines:
        (x, y), (u, v) = words[0].box.middle, words[-1].box.middle
        if len(words) > 3 and u - x > LONG_LINE * max(word.box.height for word in words):
            slopes.append((v - y) / (u - x))
    return float(np.median(slopes)) if slopes else 0.0
