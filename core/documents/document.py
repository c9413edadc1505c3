"""One interface over PDFs and pictures: a number of pages, each decoded when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.images import count_frames, frame_to_gray, frame_to_picture, open_image
from ocr2.documents.pdf import MAX_PIXELS, MAX_SIDE, PdfFile, TextChar, is_pdf
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError
from ocr2.options import DEFAULT_DPI, Rasterizer


@dataclass(frozen=True, slots=True)
class PageImage:
    """One decoded page."""

    number: int  # from 1
    gray: NDArray[np.uint8]  # (height, width)
    dpi: float | None
    warnings: tuple[str, ...] = ()
    colours: Callable[[], Image.Image] | None = None  # decodes the page in its colours

    def picture(self) -> Image.Image:
        """Return the page in its colours, in grey if it has none."""
        return self.colours() if self.colours is not None else Image.fromarray(self.gray)


class OpenDocument:
    """A document whose pages are decoded one at a time.

    Args:
        source: The file, or its bytes.
        dpi: Resolution at which PDF pages are rendered.
        rasterizer: What renders them.
        password: Of an encrypted PDF.

    Raises:
        DocumentError: If it is neither PDF nor picture, damaged, encrypted or empty.
    """

    def __init__(
        self,
        source: Source,
        *,
        dpi: float = DEFAULT_DPI,
        rasterizer: Rasterizer = "pdfium",
        password: str | None = None,
    ) -> None:
        self.name = source.name
        self.dpi = dpi
        data = _read_bytes(source)
        if not data:
            raise DocumentError(f"{source.name} is empty")
        self._pdf: PdfFile | None = None
        self._image: Image.Image | None = None
        if is_pdf(data):
            self._pdf = PdfFile(data, name=source.name, rasterizer=rasterizer, password=password)
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
            return PageImage(number, gray, dpi, self._coarser(dpi), lambda: self.picture(number)[0])
        assert self._image is not None
        gray, resolution = frame_to_gray(self._image, number - 1, name=self.name)
        return PageImage(number, gray, resolution, colours=lambda: self.picture(number)[0])

    def picture(self, number: int) -> tuple[Image.Image, float | None]:
        """Decode page `number` (from 1) in its colours: an image of mode "L" or "RGB", and its dpi if known.

        Raises:
            DocumentError: If this page is damaged; others may be fine.
        """
        if self._pdf is not None:
            return self._pdf.picture(number, dpi=self.dpi)
        assert self._image is not None
        return frame_to_picture(self._image, number - 1, name=self.name)

    def _coarser(self, dpi: float) -> tuple[str, ...]:
        if dpi > self.dpi - 0.5:
            return ()
        most = f"a page has at most {MAX_PIXELS:,} pixels, {MAX_SIDE:,} a side"
        return (f"rendered at {dpi:.3g} dpi, not {self.dpi:g}: {most}",)

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
