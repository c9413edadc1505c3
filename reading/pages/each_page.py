"""Documents taken as pictures, each read by itself: a chart, a figure. What goes wrong with one becomes its error."""

import glob
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypedDict, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocr2.compute.memory import give_back
from ocr2.documents.sources import Source, expand_sources
from ocr2.errors import DocumentError, MissingToolError
from ocr2.options import PageOptions
from ocr2.reading.pages.decode import IMAGES, Decoded, Wanted, decode_pages, failed_page
from ocr2.reading.pages.open import Readable, as_source

RGB = NDArray[np.uint8]  # (height, width, 3)
R = TypeVar("R")


class Origin(TypedDict):
    """Fields of a result of a picture."""

    file: str
    page: int
    width: int  # pixels; 0 without a picture
    height: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, and what is known of it."""

    file: str
    page: int  # from 1, in its file
    picture: RGB | None  # None if it could not be decoded
    seconds: float = 0.0  # that decoding took
    warnings: tuple[str, ...] = ()
    count: int = 1  # pictures of the document, 0 if unknown

    def origin(self) -> Origin:
        """Return the fields of a result that say where it comes from."""
        height, width = self.picture.shape[:2] if self.picture is not None else (0, 0)
        return {"file": self.file, "page": self.page, "width": width, "height": height}


@dataclass(frozen=True, slots=True)
class PictureWork(Generic[R]):
    """What is done with every picture."""

    read: Callable[[Taken], R]  # a picture that is there; may raise anything
    fail: Callable[[Taken, str], R]  # makes a result of an error


def read_pictures(
    source: Readable | Source, options: PageOptions, work: PictureWork[R]
) -> Iterator[tuple[R, RGB | None, int]]:
    """Read every page or picture of a source by itself.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        options: How it is opened.
        work: What is done.

    Yields:
        A result, its picture (None if there is none), and the number of pictures of its document (0 if unknown).

    Raises:
        ValueError: If a selection of pages fits nothing, or a folder or pattern holds no picture.
    """
    for document in _documents(source):
        yield from _read_document(as_source(document), options, work)


def collect(
    results: Iterator[tuple[R, RGB | None, int]], on_result: Callable[[R, RGB | None, int], None] | None
) -> list[R]:
    """Return the results that `read_pictures` yields; each is told as it is done."""
    found: list[R] = []
    for result, picture, count in results:
        found.append(result)
        if on_result is not None:
            on_result(result, picture, count)
    return found


def _documents(source: Readable | Source) -> Sequence[Readable | Source]:
    if isinstance(source, str | Path):
        path = Path(source)
        if path.is_dir() or (not path.exists() and glob.has_magic(str(source))):
            return expand_sources([str(source)])
    return [source]


def _read_document(source: Any, options: PageOptions, work: PictureWork[R]) -> Iterator[tuple[R, RGB | None, int]]:
    """Yield the results of one document; one that cannot be opened is one result with an error."""
    name = source.name if isinstance(source, Source) else IMAGES
    warnings: list[str] = []
    try:
        # Closed at once, not when a caught interruption is forgotten: its thread has the file open.
        with closing(decode_pages(source, options, warnings, Wanted(pictures=True))) as pages:
            for decoded in pages:
                notes = decoded.image.warnings if decoded.image is not None else ()
                taken = _taken(decoded, (*warnings, *notes))
                warnings.clear()  # those of the document are the first picture's
                yield _read_one(decoded, taken, work), decoded.picture, decoded.count
                give_back()
    except MissingToolError:
        raise
    except DocumentError as error:
        yield work.fail(Taken(name, 1, None), str(error)), None, 1


def _taken(decoded: Decoded, warnings: tuple[str, ...]) -> Taken:
    return Taken(decoded.name, decoded.number, decoded.picture, decoded.seconds, warnings, decoded.count)


def _read_one(decoded: Decoded, taken: Taken, work: PictureWork[R]) -> R:
    if decoded.page is not None or taken.picture is None:
        return work.fail(taken, (decoded.page.error if decoded.page is not None else None) or "no picture")
    try:
        return work.read(taken)
    except Exception as error:  # the boundary: a defect on one picture must not lose the others
        return work.fail(taken, failed_page(taken.file, taken.page, error).error or str(error))
