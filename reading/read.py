"""Reading documents: open, decode page by page, read, collect; a bad page is recorded and the rest goes on."""

import functools
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.document import DEFAULT_DPI, OpenDocument, PageImage, Rasterizer
from ocr2.documents.images import array_to_gray, count_frames, frame_to_gray, frame_to_picture, to_picture
from ocr2.documents.sources import Source, page_beyond, select_pages
from ocr2.errors import DocumentError, OCR2Error, PageTimeoutError
from ocr2.reader import Ask, PictureReader, Reader, StripReading
from ocr2.reading.page import PageOptions, read_page
from ocr2.reading.structure import level_headings
from ocr2.reading.text_layer import TextLayer, copy_page
from ocr2.reading.whole import PageCollector, read_whole_page
from ocr2.results import Document, Origin, Page

logger = logging.getLogger(__name__)

IMAGES = "image"  # name of a document that came as images
MIN_SIDE = 4  # pixels: a thinner page holds no letter

ImageLike = Image.Image | NDArray[np.generic]


@runtime_checkable
class BinaryFile(Protocol):
    """An open file, in binary mode."""

    def read(self) -> bytes:
        """Return what is left of it."""


class Named(Protocol):
    """A model, or the engine that holds it."""

    name: str
    weights_sha256: str


AnyReader = Reader | PictureReader | PageCollector
FileLike = str | Path | bytes | bytearray | memoryview | BinaryFile
Readable = FileLike | ImageLike | Iterable[ImageLike]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to open and read documents."""

    pages: Sequence[range] | None = None  # 1-based; None for all
    dpi: float = DEFAULT_DPI
    rasterizer: Rasterizer = "pdfium"
    password: str | None = None  # of an encrypted PDF
    text_layer: TextLayer = "ignore"
    page_timeout: float | None = None  # seconds
    min_confidence: float = 0.0
    page: PageOptions = field(default_factory=PageOptions)
    ask: Ask = field(default_factory=Ask)  # for models that read whole pages

    def __post_init__(self) -> None:
        if not 20 <= self.dpi <= 1200:
            raise ValueError(f"dpi must lie between 20 and 1200, got {self.dpi:g}")
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must lie between 0 and 1, got {self.min_confidence:g}")
        if self.page_timeout is not None and self.page_timeout <= 0:
            raise ValueError(f"page_timeout must be positive, got {self.page_timeout:g}")
        counts = {"batch_size": self.page.batch_size, "max_new_tokens": self.page.max_new_tokens}
        for name, count in counts.items():
            if count is not None and count < 1:
                raise ValueError(f"{name} must be at least 1, got {count}")
        choices = {"rasterizer": (self.rasterizer, Rasterizer), "text_layer": (self.text_layer, TextLayer)}
        for name, (choice, known) in choices.items():
            if choice not in get_args(known):
                raise ValueError(f"{name} must be one of {', '.join(get_args(known))}, got {choice!r}")
        asked = Ask(ngram_size=self.ask.ngram_size, max_new_tokens=self.ask.max_new_tokens)
        if self.ask != asked and self.text_layer != "ignore":
            raise ValueError("what a model is asked needs the pages' pictures: text_layer must be ignore")


def read_document(
    source: Readable | Source,
    reader: AnyReader,
    options: ReadOptions,
    *,
    on_page: Callable[[Page, int], None] | None = None,
) -> Document:
    """Read one document.

    Args:
        source: A path, bytes of a file, a file opened in binary mode, one image, or an iterable of images (its
            pages; a TIFF of several frames gives all of them).
        reader: A loaded model.
        options: How.
        on_page: Called with each page as it is done and the number of pages of the document (0 if unknown).

    Raises:
        DocumentError: If the document cannot be opened at all.
    """
    pages: list[Page] = []
    warnings: list[str] = []
    opened = _as_source(source)
    for page, count in _pages(opened, reader, options, warnings):
        pages.append(page)
        if on_page is not None:
            on_page(page, count)
    return document_of(pages, opened if isinstance(opened, Source) else None, reader, options, warnings)


def _as_one_text(
    source: Source | Iterable[ImageLike], reader: PictureReader, options: ReadOptions, warnings: list[str]
) -> Iterator[tuple[Page, int]]:
    collector = PageCollector(reader, options.ask, timeout=options.page_timeout)
    pages = [page for page, _ in _one_by_one(source, collector, options, warnings)]
    name = source.name if isinstance(source, Source) else IMAGES
    for page in collector.read(pages, name=name):
        yield page, len(pages)


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


def _as_source(source: Readable | Source) -> Source | Iterable[ImageLike]:
    if isinstance(source, Source):
        return source
    if isinstance(source, str | Path):
        return Source(str(source), Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return Source("bytes", None, bytes(source))
    if isinstance(source, Image.Image | np.ndarray):
        return [source]
    if isinstance(source, BinaryFile):
        data = source.read()
        if not isinstance(data, bytes):
            raise TypeError(f"a file must be opened in binary mode, got {type(data).__name__} from it")
        return Source("file", None, data)
    return source


def _pages(
    source: Source | Iterable[ImageLike], reader: AnyReader, options: ReadOptions, warnings: list[str]
) -> Iterator[tuple[Page, int]]:
    """Yield pages and the number that will come (0 if unknown); `warnings` takes what concerns the document."""
    if options.ask.multi_page and isinstance(reader, PictureReader):
        return _as_one_text(source, reader, options, warnings)
    return _one_by_one(source, reader, options, warnings)


def _one_by_one(
    source: Source | Iterable[ImageLike], reader: AnyReader, options: ReadOptions, warnings: list[str]
) -> Iterator[tuple[Page, int]]:
    if isinstance(source, Source):
        return _iterate_pages(source, reader, options, warnings)
    return _iterate_images(source, reader, options, warnings)


def _iterate_pages(
    source: Source, reader: AnyReader, options: ReadOptions, warnings: list[str]
) -> Iterator[tuple[Page, int]]:
    document = OpenDocument(source, dpi=options.dpi, rasterizer=options.rasterizer, password=options.password)
    try:
        numbers = _select(options, document.page_count, document.name, warnings)
        for number in numbers:
            yield (
                _guarded(document.name, number, options, reader, functools.partial(document.page, number), document),
                len(numbers),
            )
    finally:
        document.close()


def _iterate_images(
    images: Iterable[ImageLike], reader: AnyReader, options: ReadOptions, warnings: list[str]
) -> Iterator[tuple[Page, int]]:
    frames: Iterable[tuple[int, tuple[ImageLike, int]]] = enumerate(_frames(images), start=1)
    count = 0
    if options.pages is not None:
        every = dict(frames)
        numbers = _select(options, len(every), IMAGES, warnings)
        frames, count = [(number, every[number]) for number in numbers], len(numbers)
    for number, (image, index) in frames:
        yield _guarded(IMAGES, number, options, reader, functools.partial(_decode, number, image, index), None), count


def _select(options: ReadOptions, page_count: int, name: str, warnings: list[str]) -> list[int]:
    selection = list(options.pages) if options.pages is not None else None
    numbers = select_pages(selection, page_count, name=name)
    beyond = page_beyond(selection, page_count)
    if beyond is not None:
        warnings.append(f"the selection names pages up to {beyond}, the last page is {page_count}")
    return numbers


def _frames(images: Iterable[ImageLike]) -> Iterator[tuple[ImageLike, int]]:
    """Yield images with the frames to read: all of a TIFF, of others the one they show."""
    for position, image in enumerate(images, start=1):
        if not isinstance(image, Image.Image | np.ndarray):
            raise TypeError(f"image {position} must be a PIL image or an array, got {type(image).__name__}")
        for index in _frame_numbers(image):
            yield image, index


def _frame_numbers(image: ImageLike) -> Sequence[int]:
    if not isinstance(image, Image.Image):
        return [0]
    try:
        count = count_frames(image, name=IMAGES)
    except DocumentError:  # its file is closed: what it shows may be in memory all the same
        count = 1
    return range(count) if count > 1 else [image.tell()]


def _decode(number: int, image: ImageLike, index: int) -> PageImage:
    if not isinstance(image, Image.Image):
        try:
            return PageImage(number, array_to_gray(image), None, colours=functools.partial(_array_picture, image))
        except ValueError as error:
            raise DocumentError(f"page {number} of {IMAGES}: {error}") from error
    shown = image.tell()
    try:
        gray, dpi = frame_to_gray(image, index, name=IMAGES, number=number)
    finally:
        image.seek(shown)  # as the caller had it
    return PageImage(number, gray, dpi, colours=lambda: frame_to_picture(image, index, name=IMAGES)[0])


def _array_picture(array: NDArray[np.generic]) -> Image.Image:
    if array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] in (3, 4):
        return to_picture(Image.fromarray(array))
    return Image.fromarray(array_to_gray(array))


def _guarded(
    name: str,
    number: int,
    options: ReadOptions,
    reader: AnyReader,
    decode: Callable[[], PageImage],
    document: OpenDocument | None,
) -> Page:
    """Read one page; whatever goes wrong becomes its `error`."""
    started = time.perf_counter()
    try:
        image = decode()
        _require_size(image, name)
        decoded = time.perf_counter() - started
        page = copy_page(document, image, options.text_layer) if document is not None else None
        if page is None:
            page = _read(image, reader, options, started)
        page.seconds["decode"] = decoded
        return replace(page, warnings=(*image.warnings, *page.warnings))
    except DocumentError as error:
        late = isinstance(error, PageTimeoutError)  # the others say themselves which page they mean
        return _failed(number, f"page {number} of {name}: {error}" if late else str(error))
    except OCR2Error as error:  # what was asked does not fit this page
        return _failed(number, f"page {number} of {name}: {error}")
    except Exception as error:  # the boundary: a defect on one page must not lose the others
        logger.debug("page %d of %s", number, name, exc_info=True)
        return _failed(number, f"page {number} of {name}: {type(error).__name__}: {error}")


def _read(image: PageImage, reader: AnyReader, options: ReadOptions, started: float) -> Page:
    if isinstance(reader, PageCollector):
        return reader.take(image)
    if isinstance(reader, PictureReader):
        return read_whole_page(image, reader, options.ask, timeout=options.page_timeout)
    timed = _Deadline(reader, options.page_timeout, started)
    return read_page(image.gray, timed, number=image.number, dpi=image.dpi, options=options.page)


def _require_size(image: PageImage, name: str) -> None:
    height, width = image.gray.shape
    if min(height, width) < MIN_SIDE:
        raise DocumentError(
            f"page {image.number} of {name} has {width} x {height} pixels; at least {MIN_SIDE} x {MIN_SIDE} are needed"
        )


def _failed(number: int, error: str) -> Page:
    return Page(number=number, width=0, height=0, dpi=None, error=error)


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
