"""One interface over PDFs and pictures: a number of pages, each decoded when it is asked for."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.images import count_frames, frame_to_gray, open_image
from ocr2.documents.pdf import PdfFile, TextChar, is_pdf
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError

Rasterizer = Literal["pdfium", "poppler"]
DEFAULT_DPI = 200.0  # puts 10 pt text at the scale the nano reader was trained at


@dataclass(frozen=True, slots=True)
class PageImage:
    """One decoded page."""

    number: int  # from 1
    gray: NDArray[np.uint8]  # (height, width)
    dpi: float | None


class OpenDocument:
    """A document whose pages are decoded one at a time.

    Raises:
        DocumentError: If it is neither PDF nor picture, damaged, encrypted or empty.
    """

    def __init__(self, source: Source, *, dpi: float = DEFAULT_DPI, rasterizer: Rasterizer = "pdfium") -> None:
        self.name = source.name
        self.dpi = dpi
        data = _read_bytes(source)
        if not data:
            raise DocumentError(f"{source.name} is empty")
        self._pdf: PdfFile | None = None
        self._image: Image.Image | None = None
        if is_pdf(data):
            self._pdf = PdfFile(data, name=source.name, rasterizer=rasterizer)
            self.page_count = self._pdf.page_count
        else:
            self._image = open_image(data, name=source.name)
            self.page_count = count_frames(self._image, name=source.name)

    def page(self, number: int) -> PageImage:
        """Decode page `number` (from 1).

        Raises:
            DocumentError: If this page is damaged; others may be fine.
        """
        if self._pdf is not None:
            gray, dpi = self._pdf.render(number, dpi=self.dpi)
            return PageImage(number, gray, dpi)
        assert self._image is not None
        gray, resolution = frame_to_gray(self._image, number - 1, name=self.name)
        return PageImage(number, gray, resolution)

    def text_layer(self, number: int) -> list[TextChar]:
        """Return a PDF page's own characters; empty for pictures."""
        return self._pdf.text_layer(number) if self._pdf is not None else []

    def close(self) -> None:
        """Free the file."""
        if self._pdf is not None:
            self._pdf.close()
        elif self._image is not None:
            self._image.close()


def _read_bytes(source: Source) -> bytes:
    if source.data is not None:
        return source.data
    assert source.path is not None
    try:
        return source.path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{source.name} cannot be read: {error.strerror}") from error
