"""Searchable PDF: the picture of every page, upright and level, with the words lying invisibly over it.

Written with PDFium. Any text of the basic multilingual plane is kept: the invisible font maps character
codes to Unicode one to one, and its glyphs are never drawn.
"""

import ctypes
import io
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageFont

from ocr2.documents.document import OpenDocument
from ocr2.documents.pdf import POINTS
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError, OutputError
from ocr2.options import DEFAULT_DPI
from ocr2.results.box import Box
from ocr2.results.document import Document, Page, Word

JPEG_QUALITY = 75
INVISIBLE = 3  # text rendering mode; ISO 32000-1, 9.3.6
LEVEL = 0.0015  # slope below which lines are level
LONG_LINE = 10  # of its height: least length of a line that tells how lines fall
CODES = 0x10000  # character codes of the invisible font
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
    pdf = pdfium.PdfDocument.new()
    try:
        font = _invisible_font(pdf)
        for page in document.pages:
            try:
                _add_page(pdf, font, page, opened)
            except DocumentError:
                # A page that could not be read is kept as a picture if there is one.
                if page.error is None:
                    raise
        if not len(pdf):
            raise DocumentError(f"no page of {document.source} can be rendered; a PDF needs one")
        buffer = io.BytesIO()
        pdf.save(buffer)
    finally:
        pdf.close()
        opened.close()
    return buffer.getvalue()


def _add_page(
    pdf: pdfium.PdfDocument, font: "ctypes._Pointer[pdfium_c.fpdf_font_t__]", page: Page, opened: OpenDocument
) -> None:
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
    target = pdf.new_page(width, height)
    picture = pdfium.PdfImage.new(pdf)
    data = io.BytesIO()
    level.save(data, "JPEG", quality=JPEG_QUALITY)
    picture.load_jpeg(data, inline=True)
    picture.set_matrix(pdfium.PdfMatrix().scale(width, height))
    target.insert_obj(picture)
    for words in lines:
        # Readers of PDFs know lines by the size and base line of their words, which must agree for that.
        size = float(np.median([word.box.height for word in words])) * scale
        bottom = height - float(np.median([word.box.bottom for word in words])) * scale
        for word in words:
            _add_word(pdf, font, target, word, scale, size, bottom)
    target.gen_content()
    target.close()


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


def _add_word(
    pdf: pdfium.PdfDocument,
    font: "ctypes._Pointer[pdfium_c.fpdf_font_t__]",
    target: pdfium.PdfPage,
    word: Word,
    scale: float,
    size: float,
    bottom: float,
) -> None:
    """Set one word in its line, of which size and bottom are in points."""
    codes = [ord(c) for c in word.text + " " if ord(c) < CODES]
    size = max(1.0, size)
    text = pdfium_c.FPDFPageObj_CreateTextObj(pdf.raw, font, size)
    pdfium_c.FPDFText_SetCharcodes(text, (ctypes.c_uint32 * len(codes))(*codes), len(codes))
    pdfium_c.FPDFTextObj_SetTextRenderMode(text, INVISIBLE)
    # Every glyph is half an em wide; stretch the word to its box.
    natural = 0.5 * size * max(1, len(codes) - 1)
    stretch = max(1.0, word.box.width * scale) / natural
    pdfium_c.FPDFPageObj_Transform(text, stretch, 0, 0, 1, word.box.left * scale, bottom + 0.2 * size)
    pdfium_c.FPDFPage_InsertObject(target.raw, text)


def _invisible_font(pdf: pdfium.PdfDocument) -> "ctypes._Pointer[pdfium_c.fpdf_font_t__]":
    """Load Pillow's built-in face with every code mapped to no glyph and to its own Unicode character."""
    face = ImageFont.load_default(size=12)
    assert isinstance(face, ImageFont.FreeTypeFont)
    assert isinstance(face.path, io.BytesIO)
    data, glyphs = face.path.getvalue(), bytes(2 * CODES)
    font = pdfium_c.FPDFText_LoadCidType2Font(
        pdf.raw,
        (ctypes.c_uint8 * len(data)).from_buffer_copy(data),
        len(data),
        _unicode_map().encode(),
        (ctypes.c_uint8 * len(glyphs)).from_buffer_copy(glyphs),
        len(glyphs),
    )
    if not font:
        raise OutputError("PDFium could not load the invisible font of a searchable PDF")
    return font  # type: ignore[no-any-return]  # pypdfium2's raw calls are not typed


def _unicode_map() -> str:
    """Return a CMap that maps every two-byte code to the same Unicode character; Adobe Technical Note 5411."""
    ranges = [f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(256)]
    blocks = [ranges[i : i + 100] for i in range(0, len(ranges), 100)]  # at most 100 ranges in one block
    body = "\n".join(f"{len(b)} beginbfrange\n" + "\n".join(b) + "\nendbfrange" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    )
