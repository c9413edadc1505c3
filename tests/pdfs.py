"""PDFs of a few lines, in fonts that Matplotlib ships."""

import ctypes
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

# Files that Matplotlib ships.
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SERIF, BOLD, MONO = "STIXGeneral.ttf", "STIXGeneralBol.ttf", "cmtt10.ttf"
COURIER = "Courier"  # not embedded: any machine has another face for it
PITCH = 5.775  # points: width of a letter of MONO at 11 points
WIDTH, HEIGHT = 595.0, 842.0  # points


@dataclass(frozen=True)
class Row:
    """A line of text and where it begins: left and base line, points from the top left."""

    x: float
    y: float
    text: str
    font: str = SERIF


def embed(pdf: pdfium.PdfDocument, name: str) -> object:
    """Put a font into a PDF, so that the page looks alike on every machine."""
    if name == COURIER:
        return pdfium_c.FPDFText_LoadStandardFont(pdf.raw, name.encode())
    data = (FONTS / name).read_bytes()
    kind, by_character = pdfium_c.FPDF_FONT_TRUETYPE, True
    return pdfium_c.FPDFText_LoadFont(pdf.raw, (ctypes.c_uint8 * len(data))(*data), len(data), kind, by_character)


def make_pdf(rows: Sequence[Row], *, picture: Image.Image | None = None, top: float = 0) -> bytes:
    """Write a page of text, with a picture as wide as the page."""
    pdf = pdfium.PdfDocument.new()
    page = pdf.new_page(WIDTH, HEIGHT)
    if picture is not None:
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=90)
        image = pdfium.PdfImage.new(pdf)
        image.load_jpeg(data, inline=True)
        height = WIDTH * picture.height / picture.width
        image.set_matrix(pdfium.PdfMatrix().scale(WIDTH, height).translate(0, HEIGHT - top - height))
        page.insert_obj(image)
    for row in rows:
        words = pdfium_c.FPDFPageObj_CreateTextObj(pdf.raw, embed(pdf, row.font), 11)
        codes = (*row.text.encode("utf-16-le"), 0, 0)
        pdfium_c.FPDFText_SetText(words, ctypes.cast((ctypes.c_uint8 * len(codes))(*codes), pdfium_c.FPDF_WIDESTRING))
        pdfium_c.FPDFPageObj_Transform(words, 1, 0, 0, 1, row.x, HEIGHT - row.y)
        pdfium_c.FPDFPage_InsertObject(page.raw, words)
    page.gen_content()
    buffer = io.BytesIO()
    pdf.save(buffer)
    return buffer.getvalue()
