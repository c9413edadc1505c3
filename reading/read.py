"""Reading documents: open, decode page by page, read, collect; a bad page is recorded and the rest goes on."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Protocol, Unpack

import numpy as np
from numpy.typing import NDArray

from ocr2.compute.memory import give_back
from ocr2.documents.document import PageImage
from ocr2.documents.sources import Source
from ocr2.errors import PageTimeoutError
from ocr2.models.protocols import (
    DetectedLine,
    FormulaReader,
    LineReader,
    PageReader,
    ReadFormula,
    StripOptions,
    StripReading,
)
from ocr2.options import ReadOptions
from ocr2.reading.lines.blocks import level_headings
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.reading.pages.decode import IMAGES, Decoded, ImageLike, Wanted, decode_pages
from ocr2.reading.pages.open import Readable, as_source
from ocr2.reading.regions.pictures import PicturePageReader
from ocr2.reading.tables.continued import continue_tables
from ocr2.reading.whole_pages.batch import read_as_one_text, read_whole_pages
from ocr2.reading.whole_pages.drafts import NanoDrafts
from ocr2.results.document import Document, Origin, Page

__all__ = ["assemble_document", "read_document"]


class Named(Protocol):
    """A model, or the engine that holds it."""

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def weights_sha256(self) -> str:
        """Hash of its weights."""


TextReader = LineReader | PageReader


def read_document(
    source: Readable | Source,
    reader: TextReader,
    options: ReadOptions,
    *,
    on_page: Callable[[Page, int], None] | None = None,
    pictures: PicturePageReader | None = None,
    load_draft_reader: Callable[[], LineReader] | None = None,
) -> Document:
    """Read one document.

    Args:
        source: A path, bytes of a file, a file opened in binary mode, one image, or an iterable of images (its
            pages; a TIFF of several frames gives all of them).
        reader: A loaded model.
        options: How.
        on_page: Called with each page as it is done and the number of pages of the document (0 if unknown).
        pictures: Reads or cuts out the pictures on pages, for models that read lines.
        load_draft_reader: Loads the model that drafts pages for one that reads whole pages; None drafts none.

    Raises:
        DocumentError: If the document cannot be opened at all.
    """
    pages: list[Page] = []
    warnings: list[str] = []
    opened = as_source(source)
    for page, count in _pages(opened, reader, options, warnings, pictures, load_draft_reader):
        pages.append(page)
        give_back()
        if on_page is not None:
            on_page(page, count)
    return assemble_document(pages, opened if isinstance(opened, Source) else None, reader, options, warnings)


def assemble_document(
    pages: Sequence[Page], source: Source | None, reader: Named, options: ReadOptions, warnings: Sequence[str]
) -> Document:
    """Build a `Document` from pages already read, also after an interruption.

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
        continue_tables(level_headings(pages)),
        reader.name,
        reader.weights_sha256,
        options.min_confidence,
        tuple(warnings),
        origin,
        options.keep_headers,
        options.page_breaks,
        options.language,
    )


def _pages(
    source: Source | Iterable[ImageLike],
    reader: TextReader,
    options: ReadOptions,
    warnings: list[str],
    pictures: PicturePageReader | None,
    load_draft_reader: Callable[[], LineReader] | None,
) -> Iterator[tuple[Page, int]]:
    """Yield pages and the number that will come (0 if unknown); `warnings` takes what concerns the document."""
    whole = isinstance(reader, PageReader)
    wanted = Wanted(pictures=whole or pictures is not None, text_layer=options.text_layer, draft=options.draft)
    decoded = decode_pages(source, options, warnings, wanted)
    with closing(decoded):  # at once, not when a caught interruption is forgotten: its thread has the file open
        if isinstance(reader, PageReader):
            drafts = NanoDrafts(load_draft_reader, options.draft, options.instructions(), reader.device_type)
            together = read_as_one_text if options.whole_page.multi_page else read_whole_pages
            yield from together(decoded, reader, options, drafts)
        else:
            yield from _line_by_line(decoded, reader, options, pictures)


def _line_by_line(
    pages: Iterator[Decoded], reader: LineReader, options: ReadOptions, pictures: PicturePageReader | None
) -> Iterator[tuple[Page, int]]:
    use_draft = None if options.draft == "auto" else options.draft == "ctc"
    lines = LineOptions(
        batch_size=options.batch_size,
        max_new_tokens=options.max_new_tokens,
        use_draft=use_draft,
        verify=options.verify,
        spreads=options.split_spreads,
    )
    for decoded in pages:
        timed = _Deadline(reader, options.page_timeout, time.perf_counter() - decoded.seconds)

        def read(image: PageImage, timed: LineReader = timed, decoded: Decoded = decoded) -> Page:
            if pictures is not None and decoded.picture is not None:
                return pictures.read(image, decoded.picture, reader=timed, name=decoded.name, options=lines)
            return read_page(image.gray, timed, number=image.number, dpi=image.dpi, options=lines)

        yield decoded.guarded(read), decoded.count


class _Deadline:
    """A reader that gives up between batches when its time is over."""

    def __init__(self, reader: LineReader, seconds: float | None, started: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._started = started
        self.name = reader.name
        self.weights_sha256 = reader.weights_sha256
        self.max_strip_width = reader.max_strip_width

    def find_lines(self, gray: NDArray[np.uint8], x_height: float) -> list[DetectedLine] | None:
        return self._reader.find_lines(gray, x_height)

    def read_formulas(self, pictures: Sequence[NDArray[np.uint8]]) -> list[ReadFormula] | None:
        return self._reader.read_formulas(pictures) if isinstance(self._reader, FormulaReader) else None

    def read_strips(
        self,
        strips: Sequence[NDArray[np.uint8]],
        *,
        on_batch: Callable[[int], None] | None = None,
        **options: Unpack[StripOptions],
    ) -> list[StripReading]:
        def check(done: int) -> None:
            elapsed = time.perf_counter() - self._started
            if self._seconds is not None and elapsed > self._seconds:
                raise PageTimeoutError(f"took longer than {self._seconds:g} s ({done} of {len(strips)} strips read)")
            if on_batch is not None:
                on_batch(done)

        return self._reader.read_strips(strips, on_batch=check, **options)
