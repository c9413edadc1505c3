"""Reading documents: open, decode page by page, read, collect; a bad page is recorded and the rest goes on."""

import functools
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.document import DEFAULT_DPI, OpenDocument, PageImage, Rasterizer
from ocr2.documents.images import array_to_gray, to_gray
from ocr2.documents.sources import Source, select_pages
from ocr2.errors import DocumentError, PageTimeoutError
from ocr2.reader import Reader, StripReading
from ocr2.reading.page import PageOptions, read_page
from ocr2.reading.structure import build_blocks, level_headings
from ocr2.reading.text_layer import is_sound, layer_lines
from ocr2.results import Document, Page

logger = logging.getLogger(__name__)

TextLayer = Literal["auto", "use", "ignore"]
ImageLike = Image.Image | NDArray[np.generic]
Readable = str | Path | bytes | ImageLike | Iterable[ImageLike]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to open and read documents."""

    pages: Sequence[range] | None = None  # 1-based; None for all
    dpi: float = DEFAULT_DPI
    rasterizer: Rasterizer = "pdfium"
    text_layer: TextLayer = "ignore"
    page_timeout: float | None = None  # seconds
    min_confidence: float = 0.0
    page: PageOptions = field(default_factory=PageOptions)

    def __post_init__(self) -> None:
        if not 20 <= self.dpi <= 1200:
            raise ValueError(f"dpi must lie between 20 and 1200, got {self.dpi:g}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must lie between 0 and 1, got {self.min_confidence:g}")
        if self.page_timeout is not None and self.page_timeout <= 0:
            raise ValueError(f"page_timeout must be positive, got {self.page_timeout:g}")


def read_document(
    source: Readable, reader: Reader, options: ReadOptions, *, on_page: Callable[[Page, int], None] | None = None
) -> Document:
    """Read one document.

    Args:
        source: A path, bytes of a file, one image, or an iterable of images (its pages).
        reader: A loaded model.
        options: How.
        on_page: Called with each page as it is done and the number of pages of the document (0 if unknown).

    Raises:
        DocumentError: If the document cannot be opened at all.
    """
    pages: list[Page] = []
    name, iterator = _pages(source, reader, options)
    for page, count in iterator:
        pages.append(page)
        if on_page is not None:
            on_page(page, count)
    return Document(name, level_headings(pages), reader.name, reader.weights_sha256, options.min_confidence)


def _pages(source: Readable, reader: Reader, options: ReadOptions) -> tuple[str, Iterator[tuple[Page, int]]]:
    if isinstance(source, str | Path | bytes | Source):
        opened = _as_source(source)
        return opened.name, iterate_pages(opened, reader, options)
    images: Iterable[ImageLike] = [source] if isinstance(source, Image.Image | np.ndarray) else source
    return "image", _iterate_images(images, reader, options)


def _as_source(source: str | Path | bytes | Source) -> Source:
    if isinstance(source, Source):
        return source
    if isinstance(source, bytes):
        return Source("bytes", None, source)
    return Source(str(source), Path(source))


def iterate_pages(source: Source, reader: Reader, options: ReadOptions) -> Iterator[tuple[Page, int]]:
    """Yield the pages of a file one after the other with the number of pages that will come."""
    document = OpenDocument(source, dpi=options.dpi, rasterizer=options.rasterizer)
    try:
        selection = list(options.pages) if options.pages is not None else None
        numbers = select_pages(selection, document.page_count, name=document.name)
        for number in numbers:
            yield (
                _guarded(document.name, number, options, reader, functools.partial(document.page, number), document),
                len(numbers),
            )
    finally:
        document.close()


def _iterate_images(images: Iterable[ImageLike], reader: Reader, options: ReadOptions) -> Iterator[tuple[Page, int]]:
    for number, image in enumerate(images, start=1):
        if not isinstance(image, Image.Image | np.ndarray):
            raise TypeError(f"page {number} must be a PIL image or an array, got {type(image).__name__}")
        yield _guarded("image", number, options, reader, functools.partial(_decode, number, image), None), 0


def _decode(number: int, image: ImageLike) -> PageImage:
    gray = to_gray(image) if isinstance(image, Image.Image) else array_to_gray(image)
    return PageImage(number, gray, None)


def _guarded(
    name: str,
    number: int,
    options: ReadOptions,
    reader: Reader,
    decode: Callable[[], PageImage],
    document: OpenDocument | None,
) -> Page:
    """Read one page; whatever goes wrong becomes its `error`."""
    started = time.perf_counter()
    try:
        image = decode()
        decoded = time.perf_counter() - started
        page = _from_text_layer(document, image, options) if document is not None else None
        if page is None:
            timed = _Deadline(reader, options.page_timeout, started)
            page = read_page(image.gray, timed, number=number, dpi=image.dpi, options=options.page)
        page.seconds["decode"] = decoded
        return page
    except DocumentError as error:
        late = isinstance(error, PageTimeoutError)  # the others say themselves which page they mean
        return _failed(number, f"page {number} of {name}: {error}" if late else str(error))
    except Exception as error:  # the boundary: a defect on one page must not lose the others
        logger.debug("page %d of %s", number, name, exc_info=True)
        return _failed(number, f"page {number} of {name}: {type(error).__name__}: {error}")


def _failed(number: int, error: str) -> Page:
    return Page(number=number, width=0, height=0, dpi=None, error=error)


def _from_text_layer(document: OpenDocument, image: PageImage, options: ReadOptions) -> Page | None:
    if options.text_layer == "ignore":
        return None
    characters = document.text_layer(image.number)
    if not characters or (options.text_layer == "auto" and not is_sound(characters)):
        return None
    height, width = image.gray.shape
    lines = layer_lines(characters, dpi=image.dpi or DEFAULT_DPI)
    return Page(
        number=image.number,
        width=width,
        height=height,
        dpi=image.dpi,
        blocks=tuple(build_blocks(lines, height)),
        confidence=1.0 if lines else None,
        warnings=("copied from the text layer of the PDF, not read",),
    )


class _Deadline:
    """A reader that gives up between batches when its time is over."""

    def __init__(self, reader: Reader, seconds: float | None, started: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._started = started
        self.name = reader.name
        self.weights_sha256 = reader.weights_sha256
        self.max_strip_width = reader.max_strip_width

    def read_strips(
        self,
        strips: Sequence[NDArray[np.uint8]],
        *,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        on_batch: Callable[[int], None] | None = None,
    ) -> list[StripReading]:
        def check(done: int) -> None:
            elapsed = time.perf_counter() - self._started
            if self._seconds is not None and elapsed > self._seconds:
                raise PageTimeoutError(f"took longer than {self._seconds:g} s ({done} of {len(strips)} strips read)")
            if on_batch is not None:
                on_batch(done)

        return self._reader.read_strips(strips, batch_size=batch_size, max_new_tokens=max_new_tokens, on_batch=check)
