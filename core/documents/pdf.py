"""PDF pages through PDFium, or through poppler on request and where PDFium refuses."""

import contextlib
import io
import logging
import math
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.images import to_gray, to_picture
from ocr2.errors import DocumentError, MissingToolError

logger = logging.getLogger(__name__)
# What the library logs speaks to its developers, not to ours or our users ("init_forms() called on XFA pdf ...").
logging.getLogger("pypdfium2").addHandler(logging.NullHandler())
logging.getLogger("pypdfium2").propagate = False

Gray = NDArray[np.uint8]
P = TypeVar("P", Gray, Image.Image)
POINTS = 72.0  # of an inch
# Larger pages are rendered at a lower resolution: pixels of a side, and of a page (A4 at 600 dpi has 35 million).
MAX_SIDE, MAX_PIXELS = 12_000, 35_000_000
LOCK = threading.RLock()  # PDFium works for one thread at a time, whatever the document
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

    def __init__(self, data: bytes, *, name: str, rasterizer: str = "pdfium", password: str | None = None) -> None:
        self.name = name
        self._data = data
        self._password = password
        self._pdf: pdfium.PdfDocument | None = None
        self._poppler = rasterizer == "poppler"
        try:
            with LOCK:
                # PDFium sets no error for a sound file that names no page, and keeps the last file's: begin with a
                # known one.
                pdfium_c.FPDF_LoadDocument(b"", None)
                self._pdf = pdfium.PdfDocument(data, password=password)  # with poppler, for the text layer
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                raise _encrypted(name, password) from error
            if not self._poppler:
                self._open_otherwise(error)
                return
        if self._poppler:
            self.page_count = _poppler_count(data, name, password)
            return
        assert self._pdf is not None
        with LOCK:
            self._pdf.init_forms()  # else what was filled into form fields is not rendered
            self.page_count = len(self._pdf)

    def _open_otherwise(self, error: pdfium.PdfiumError) -> None:
        try:
            self.page_count = _poppler_count(self._data, self.name, self._password)
        except DocumentError as also:
            without_pages = error.err_code in (pdfium_c.FPDF_ERR_SUCCESS, pdfium_c.FPDF_ERR_FILE)
            reason = "a PDF without pages" if without_pages else f"not a readable PDF: {error}"
            raise DocumentError(f"{self.name} is {reason}") from also
        logger.warning("%s: PDFium refused it (%s), poppler renders it", self.name, error)
        self._poppler = True

    def close(self) -> None:
        """Free the file."""
        if self._pdf is not None:
            with LOCK:
                self._pdf.close()

    def render(self, number: int, *, dpi: float) -> tuple[Gray, float]:
        """Render page `number` (from 1) in grey; returns it and the resolution used.

        Raises:
            DocumentError: If the page is damaged.
        """
        return self._rendered(number, dpi, to_gray, grayscale=True)

    def picture(self, number: int, *, dpi: float) -> tuple[Image.Image, float]:
        """Render page `number` (from 1) as `render` does, but in colour: mode "L" where it has none, else "RGB".

        Raises:
            DocumentError: If the page is damaged.
        """
        return self._rendered(number, dpi, to_picture, grayscale=False)

    def _rendered(
        self, number: int, dpi: float, convert: Callable[[Image.Image], P], *, grayscale: bool
    ) -> tuple[P, float]:
        if self._poppler:
            size = _poppler_size(self._data, number, self._password)
            used = _limited(dpi, *size) if size is not None else dpi
            image = _poppler_page(self._data, number, used, self.name, self._password, grayscale=grayscale)
            return convert(image), used
        with self._page(number) as page, _bitmap(page, dpi, grayscale=grayscale) as (bitmap, used):
            return convert(bitmap.to_pil()), used

    def text_layer(self, number: int) -> list[TextChar]:
        """Return the characters of a page's text layer in file order; empty without one, or if PDFium refuses it."""
        if self._pdf is None:
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
        with LOCK:
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


@contextlib.contextmanager
def _bitmap(page: pdfium.PdfPage, dpi: float, *, grayscale: bool) -> Iterator[tuple[pdfium.PdfBitmap, float]]:
    used = _limited(dpi, *page.get_size())
    bitmap = page.render(scale=used / POINTS, grayscale=grayscale, fill_color=(255, 255, 255, 255))
    try:
        yield bitmap, used
    finally:
        bitmap.close()


def _limited(dpi: float, width: float, height: float) -> float:
    """Return the resolution at which a page of so many points has at most MAX_SIDE and MAX_PIXELS pixels."""
    by_side = (MAX_SIDE - 1) * POINTS / max(width, height, 1.0)  # both rasterizers round the sides up
    by_area = POINTS * math.sqrt(MAX_PIXELS / max(width * height, 1.0))
    return min(dpi, by_side, by_area)


def _encrypted(name: str, password: str | None) -> DocumentError:
    if password is None:
        return DocumentError(f"{name} is encrypted; give its password (--password)")
    return DocumentError(f"{name} is encrypted; the password that was given does not open it")


def _poppler_count(data: bytes, name: str, password: str | None) -> int:
    from pdf2image import pdfinfo_from_bytes
    from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError

    try:
        return int(pdfinfo_from_bytes(data, userpw=password or "")["Pages"])
    except PDFInfoNotInstalledError as error:
        raise MissingToolError("poppler is not installed; install poppler-utils or use --rasterizer pdfium") from error
    except (PDFPageCountError, PDFPopplerTimeoutError, KeyError, ValueError) as error:
        if "password" in str(error).lower():
            raise _encrypted(name, password) from error
        raise DocumentError(f"{name} is not a readable PDF") from error


def _poppler_size(data: bytes, number: int, password: str | None) -> tuple[float, float] | None:
    """Return the sides of a page's crop box in points; None where poppler does not say."""
    from pdf2image import pdfinfo_from_bytes
    from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError

    try:
        found = pdfinfo_from_bytes(data, userpw=password or "", first_page=number, last_page=number)
    except (PDFPageCountError, PDFPopplerTimeoutError):
        return None
    size = next((value for key, value in found.items() if re.fullmatch(r"Page( +\d+)? size", key)), "")
    sides = re.match(r"([\d.]+) x ([\d.]+) pts", size)
    return (float(sides[1]), float(sides[2])) if sides is not None else None


def _poppler_page(
    data: bytes, number: int, dpi: float, name: str, password: str | None, *, grayscale: bool
) -> Image.Image:
    from pdf2image import convert_from_bytes
    from pdf2image.exceptions import PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

    try:
        images: list[Image.Image] = convert_from_bytes(
            data,
            dpi=dpi,  # type: ignore[arg-type]  # pdftoppm takes fractions
            first_page=number,
            last_page=number,
            grayscale=grayscale,
            use_cropbox=True,
            userpw=password or "",
        )
    except (PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError) as error:
        raise DocumentError(f"page {number} of {name} cannot be rendered by poppler: {error}") from error
    if not images:
        raise DocumentError(f"page {number} of {name} cannot be rendered by poppler")
    return images[0]


def is_pdf(data: bytes) -> bool:
    """Say whether bytes begin like a PDF (some garbage before the header is common)."""
    return b"%PDF-" in io.BytesIO(data).read(1024)
