"""PDF pages through PDFium, or through poppler on request and where PDFium refuses."""

import contextlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ocr2.errors import DocumentError, MissingToolError

logger = logging.getLogger(__name__)

Gray = NDArray[np.uint8]
POINTS = 72.0  # of an inch
MAX_SIDE = 12_000  # pixels: a larger page is rendered at a lower resolution
FINE = 64  # steps of a point in which boxes of characters are measured


@dataclass(frozen=True, slots=True)
class TextChar:
    """One character of a text layer: its box in points, from the top left; "\\n" ends a line."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class PdfFile:
    """An open PDF; pages are rendered when they are asked for."""

    def __init__(self, data: bytes, *, name: str, rasterizer: str = "pdfium") -> None:
        self.name = name
        self._data = data
        self._pdf: pdfium.PdfDocument | None = None
        self._poppler = rasterizer == "poppler"
        if self._poppler:
            self.page_count = _poppler_count(data, name)
            return
        # PDFium sets no error for a sound file that names no page, and keeps the last file's: begin with a known one.
        pdfium_c.FPDF_LoadDocument(b"", None)
        try:
            self._pdf = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            self._open_otherwise(error)
            return
        self._pdf.init_forms()  # else what was filled into form fields is not rendered
        self.page_count = len(self._pdf)

    def _open_otherwise(self, error: pdfium.PdfiumError) -> None:
        if "password" in str(error).lower():
            raise DocumentError(f"{self.name} is encrypted; remove its password first") from error
        try:
            self.page_count = _poppler_count(self._data, self.name)
        except DocumentError as also:
            without_pages = error.err_code in (pdfium_c.FPDF_ERR_SUCCESS, pdfium_c.FPDF_ERR_FILE)
            reason = "a PDF without pages" if without_pages else f"not a readable PDF: {error}"
            raise DocumentError(f"{self.name} is {reason}") from also
        logger.warning("%s: PDFium refused it (%s), poppler renders it", self.name, error)
        self._poppler = True

    def close(self) -> None:
        """Free the file."""
        if self._pdf is not None:
            self._pdf.close()

    def render(self, number: int, *, dpi: float) -> tuple[Gray, float]:
        """Render page `number` (from 1) in grey; returns it and the resolution used.

        Raises:
            DocumentError: If the page is damaged.
        """
        if self._poppler:
            return _poppler_page(self._data, number, round(dpi), self.name), float(round(dpi))
        with self._page(number) as page:
            longest = max(page.get_size()) / POINTS
            used = min(dpi, (MAX_SIDE - 1) / longest)  # PDFium rounds the sides up
            bitmap = page.render(scale=used / POINTS, grayscale=True, fill_color=(255, 255, 255, 255))
            gray = np.array(bitmap.to_numpy(), np.uint8)
            bitmap.close()
        return gray[..., 0] if gray.ndim == 3 else gray, used

    def text_layer(self, number: int) -> list[TextChar]:
        """Return the characters of a page's text layer in file order; empty without one."""
        if self._poppler:
            return []
        with self._page(number) as page:
            text_page = page.get_textpage()
            try:
                return list(_characters(page, text_page))
            finally:
                text_page.close()

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[pdfium.PdfPage]:
        assert self._pdf is not None
        try:
            page = self._pdf[number - 1]
        except (pdfium.PdfiumError, IndexError) as error:
            raise DocumentError(f"page {number} of {self.name} cannot be loaded: {error}") from error
        try:
            yield page
        except pdfium.PdfiumError as error:
            raise DocumentError(f"page {number} of {self.name} cannot be rendered: {error}") from error
        finally:
            page.close()


def _characters(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage) -> Iterator[TextChar]:
    # PDFium knows crop and rotation, but converts to whole pixels: hence a view so fine that rounding is harmless.
    width, height = (round(FINE * side) for side in page.get_size())
    view = pdfium.PdfPosConv(page, (0, 0, width, height, 0))
    lead = ""
    for i in range(text_page.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text_page, i)
        # At a line end PDFium gives a mark in place of the hyphen, and no line break after it.
        hyphen = pdfium_c.FPDFText_IsHyphen(text_page, i) == 1
        if code in (0, 0xFFFE, 0xFFFF) and not hyphen:
            continue
        # PDFium gives UTF-16: a character beyond the first plane comes as two.
        if 0xD800 <= code < 0xDC00:
            lead = chr(code)
            continue
        character = (lead + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        lead = ""
        left, bottom, right, top = text_page.get_charbox(i, loose=False)
        (x0, y0), (x1, y1) = view.to_bitmap(left, top), view.to_bitmap(right, bottom)
        box = (min(x0, x1) / FINE, min(y0, y1) / FINE, max(x0, x1) / FINE, max(y0, y1) / FINE)
        if hyphen:
            yield TextChar("-", *box)
        yield TextChar("\n" if hyphen or character in "\r\n" else character, *box)


def _poppler_count(data: bytes, name: str) -> int:
    from pdf2image import pdfinfo_from_bytes
    from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError

    try:
        return int(pdfinfo_from_bytes(data)["Pages"])
    except PDFInfoNotInstalledError as error:
        raise MissingToolError("poppler is not installed; install poppler-utils or use --rasterizer pdfium") from error
    except (PDFPageCountError, PDFPopplerTimeoutError, KeyError, ValueError) as error:
        raise DocumentError(f"{name} is not a readable PDF") from error


def _poppler_page(data: bytes, number: int, dpi: int, name: str) -> Gray:
    from pdf2image import convert_from_bytes
    from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

    try:
        images = convert_from_bytes(data, dpi=dpi, first_page=number, last_page=number, grayscale=True)
    except (PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError) as error:
        raise DocumentError(f"page {number} of {name} cannot be rendered by poppler: {error}") from error
    if not images:
        raise DocumentError(f"page {number} of {name} cannot be rendered by poppler")
    return np.asarray(images[0].convert("L"), np.uint8)


def is_pdf(data: bytes) -> bool:
    """Say whether bytes begin like a PDF (some garbage before the header is common)."""
    return b"%PDF-" in io.BytesIO(data).read(1024)
