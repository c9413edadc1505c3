"""Pages as they come out of a document: decoded one by one, ahead of the model where a file is read.

Whatever goes wrong with a page becomes its `error`; the rest goes on.
"""

import functools
import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.document import OpenDocument, PageImage
from ocr2.documents.images import array_to_gray, count_frames, frame_to_gray, frame_to_picture, to_picture
from ocr2.documents.sources import Source, page_beyond, select_pages
from ocr2.errors import DocumentError, OCR2Error, PageTimeoutError
from ocr2.options import Draft, PageOptions, TextLayer
from ocr2.reading.lines.text_layer import copy_page, layer_text
from ocr2.reading.pages.prefetch import prefetch
from ocr2.results.document import Page

logger = logging.getLogger(__name__)

IMAGES = "image"  # name of a document that came as images
MIN_SIDE = 4  # pixels: a thinner page holds no letter
DECODED_AHEAD = 2  # pages

ImageLike = Image.Image | NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """One page of a document, before the model."""

    name: str  # of the document
    number: int
    count: int  # pages that will come; 0 if unknown
    image: PageImage | None = None
    page: Page | None = None  # what is settled without the model: it failed, or its text was copied
    picture: NDArray[np.uint8] | None = None  # (height, width, 3), for models that read pictures
    layer: str = ""  # text layer, where it may serve as a draft
    started: float = 0.0  # `time.perf_counter()` when its decoding began
    seconds: float = 0.0  # of decoding

    def guarded(self, read: Callable[[PageImage], Page]) -> Page:
        """Read the page; whatever goes wrong becomes its `error`."""
        if self.page is not None:
            return self.page
        assert self.image is not None
        image = self.image
        try:
            page = read(image)
        except Exception as error:  # the boundary: a defect on one page must not lose the others
            return failed_page(self.name, self.number, error)
        page.seconds["decode"] = self.seconds
        return replace(page, warnings=(*image.warnings, *page.warnings))


def failed_page(name: str, number: int, error: Exception) -> Page:
    """Return a page that holds nothing but what went wrong."""
    if isinstance(error, DocumentError) and not isinstance(error, PageTimeoutError):
        return _failed(number, str(error))  # says itself which page it means
    if isinstance(error, OCR2Error):  # what was asked does not fit this page, or took too long
        return _failed(number, f"page {number} of {name}: {error}")
    logger.debug("page %d of %s", number, name, exc_info=error)
    return _failed(number, f"page {number} of {name}: {type(error).__name__}: {error}")


def _failed(number: int, error: str) -> Page:
    return Page(number=number, width=0, height=0, dpi=None, error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a model needs of a page besides its grey image.

    Attributes:
        pictures: The page in colour.
        text_layer: Whether a PDF's own text takes the place of reading.
        draft: Whether a PDF's own text serves as a draft, for "text-layer" or, if it is sound, for "auto".
    """

    pictures: bool = False
    text_layer: TextLayer = "ignore"
    draft: Draft = "off"


def decode_pages(
    source: Source | Iterable[ImageLike], options: PageOptions, warnings: list[str], wanted: Wanted
) -> Generator[Decoded, None, None]:
    """Yield the pages of a document; those of a file are decoded in the background.

    Args:
        source: The file, or the images.
        options: How to open it.
        warnings: Takes what concerns the document.
        wanted: What the model needs.
    """
    if isinstance(source, Source):
        return _pages_of_file(source, options, warnings, wanted)
    return _pages_of_images(source, options, warnings, wanted)


def _pages_of_file(
    source: Source, options: PageOptions, warnings: list[str], wanted: Wanted
) -> Generator[Decoded, None, None]:
    document = OpenDocument(source, dpi=options.dpi, rasterizer=options.rasterizer, password=options.password)
    try:
        numbers = _select(options, document.page_count, document.name, warnings)
        items = (
            _decode(document.name, n, len(numbers), functools.partial(document.page, n), document, wanted)
            for n in numbers
        )
        yield from prefetch(items, depth=DECODED_AHEAD) if len(numbers) > 1 else items
    finally:
        document.close()


def _pages_of_images(
    images: Iterable[ImageLike], options: PageOptions, warnings: list[str], wanted: Wanted
) -> Generator[Decoded, None, None]:
    """Yield images; they are taken in the caller's own thread, when they are needed."""
    frames: Iterable[tuple[int, tuple[ImageLike, int]]] = enumerate(_frames(images), start=1)
    count = 0
    if options.pages is not None:
        every = dict(frames)
        numbers = _select(options, len(every), IMAGES, warnings)
        frames, count = [(number, every[number]) for number in numbers], len(numbers)
    for number, (image, index) in frames:
        decode = functools.partial(_page_of_image, number, image, index)
        yield _decode(IMAGES, number, count, decode, None, wanted)


def _decode(
    name: str,
    number: int,
    count: int,
    decode: Callable[[], PageImage],
    document: OpenDocument | None,
    wanted: Wanted,
) -> Decoded:
    started = time.perf_counter()
    made = Decoded(name=name, number=number, count=count, started=started)
    try:
        image = decode()
        _require_size(image, name)
        page = copy_page(document, image, wanted.text_layer) if document is not None else None
        if page is not None:
            page.seconds["decode"] = time.perf_counter() - started
            return replace(made, page=replace(page, warnings=(*image.warnings, *page.warnings)))
        picture = np.asarray(image.picture().convert("RGB"), np.uint8) if wanted.pictures else None
        layer = _draft_of(document, number, wanted.draft) if wanted.pictures and document is not None else ""
    except Exception as error:  # the boundary: a defect on one page must not lose the others
        return replace(made, page=failed_page(name, number, error))
    return replace(made, image=image, picture=picture, layer=layer, seconds=time.perf_counter() - started)


def _draft_of(document: OpenDocument, number: int, draft: Draft) -> str:
    """Return a page's own text as a draft of what a model will read there."""
    if draft not in ("auto", "text-layer"):
        return ""
    try:
        return layer_text(document.text_layer(number), sound=draft == "auto")
    except OCR2Error as error:  # another rasterizer may show the page, and its picture can be read
        logger.warning("no draft from the text layer: %s", error)
        return ""


def _select(options: PageOptions, page_count: int, name: str, warnings: list[str]) -> list[int]:
    selection = options.page_ranges()
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


def _page_of_image(number: int, image: ImageLike, index: int) -> PageImage:
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


def _require_size(image: PageImage, name: str) -> None:
    height, width = image.gray.shape
    if min(height, width) < MIN_SIDE:
        raise DocumentError(
            f"page {image.number} of {name} has {width} x {height} pixels; at least {MIN_SIDE} x {MIN_SIDE} are needed"
        )
