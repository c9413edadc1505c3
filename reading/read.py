"""Reading documents: open, decode page by page, read, collect; a bad page is recorded and the rest goes on."""

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ocr2.documents.document import PageImage
from ocr2.documents.sources import Source
from ocr2.errors import PageTimeoutError
from ocr2.models.protocols import PictureReader, Reader, StripReading
from ocr2.models.registry import load_strip_reader
from ocr2.reading.lines.blocks import level_headings
from ocr2.reading.lines.page import read_page
from ocr2.reading.options import ReadOptions
from ocr2.reading.pages.decode import IMAGES, Decoded, ImageLike, decode_pages
from ocr2.reading.pages.open import Readable, as_source
from ocr2.reading.regions.pictures import PartReader
from ocr2.reading.whole_pages.batch import read_as_one_text, read_whole_pages
from ocr2.reading.whole_pages.drafts import NANO, NanoDrafts
from ocr2.results.document import Document, Origin, Page

__all__ = ["ReadOptions", "document_of", "read_document"]


class Named(Protocol):
    """A model, or the engine that holds it."""

    name: str
    weights_sha256: str


AnyReader = Reader | PictureReader


def read_document(
    source: Readable | Source,
    reader: AnyReader,
    options: ReadOptions,
    *,
    on_page: Callable[[Page, int], None] | None = None,
    parts: PartReader | None = None,
) -> Document:
    """Read one document.

    Args:
        source: A path, bytes of a file, a file opened in binary mode, one image, or an iterable of images (its
            pages; a TIFF of several frames gives all of them).
        reader: A loaded model.
        options: How.
        on_page: Called with each page as it is done and the number of pages of the document (0 if unknown).
        parts: Reads or cuts out the pictures on pages, for models that read lines.

    Raises:
        DocumentError: If the document cannot be opened at all.
    """
    pages: list[Page] = []
    warnings: list[str] = []
    opened = as_source(source)
    for page, count in _pages(opened, reader, options, warnings, parts):
        pages.append(page)
        if on_page is not None:
            on_page(page, count)
    return document_of(pages, opened if isinstance(opened, Source) else None, reader, options, warnings)


def document_of(
    pages: Sequence[Page], source: Source | None, reader: Named, options: ReadOptions, warnings: Sequence[str]
) -> Document:
    """Put pages that were read together.

    Args:
        pages: In the order of the document.
        source: What they are pages of; None for images.
        reader: The model.
        options: How they were read.
        warnings: Of the document as a whole.
    """
    origin = None
    if source is not None and source.path is not None:
        origin = Origin(source.path, options.dpi, options.rasterizer, options.password)
    return Document(
        source.name if source is not None else IMAGES,
        level_headings(pages),
        reader.name,
        reader.weights_sha256,
        options.min_confidence,
        tuple(warnings),
        origin,
    )


def _pages(
    source: Source | Iterable[ImageLike],
    reader: AnyReader,
    options: ReadOptions,
    warnings: list[str],
    parts: PartReader | None,
) -> Iterator[tuple[Page, int]]:
    """Yield pages and the number that will come (0 if unknown); `warnings` takes what concerns the document."""
    whole = isinstance(reader, PictureReader)
    decoded = decode_pages(source, options, warnings, pictures=whole or parts is not None)
    with closing(decoded):  # at once, not when a caught interruption is forgotten: its thread has the file open
        yield from _read_decoded(decoded, reader, options, parts)


def _read_decoded(
    decoded: Iterator[Decoded], reader: AnyReader, options: ReadOptions, parts: PartReader | None
) -> Iterator[tuple[Page, int]]:
    if not isinstance(reader, PictureReader):
        return _line_by_line(decoded, reader, options, parts)
    device = reader.device_type
    drafts = NanoDrafts(functools.partial(load_strip_reader, NANO, device="cpu"), options.draft, options.ask, device)
    together = read_as_one_text if options.ask.multi_page else read_whole_pages
    return together(decoded, reader, options, drafts)


def _line_by_line(
    pages: Iterator[Decoded], reader: Reader, options: ReadOptions, parts: PartReader | None
) -> Iterator[tuple[Page, int]]:
    for decoded in pages:
        timed = _Deadline(reader, options.page_timeout, time.perf_counter() - decoded.seconds)

        def read(image: PageImage, timed: Reader = timed, decoded: Decoded = decoded) -> Page:
            if parts is not None and decoded.picture is not None:
                return parts.read(image, decoded.picture, reader=timed, name=decoded.name, options=options.page)
            return read_page(image.gray, timed, number=image.number, dpi=image.dpi, options=options.page)

        yield decoded.guarded(read), decoded.count


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
        use_draft: bool | None = None,
    ) -> list[StripReading]:
        def check(done: int) -> None:
            elapsed = time.perf_counter() - self._started
            if self._seconds is not None and elapsed > self._seconds:
                raise PageTimeoutError(f"took longer than {self._seconds:g} s ({done} of {len(strips)} strips read)")
            if on_batch is not None:
                on_batch(done)

        return self._reader.read_strips(
            strips, batch_size=batch_size, max_new_tokens=max_new_tokens, on_batch=check, use_draft=use_draft
        )
