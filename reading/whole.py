"""Pages read whole by a model that takes pictures and gives text without places."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.documents.document import PageImage
from ocr2.errors import OCR2Error, PageTimeoutError
from ocr2.reader import Ask, PictureReader, PictureReading
from ocr2.results import Block, BlockKind, Page

PAGES_TRAINED = 8  # pages of one text; docs/models/got.md, "Tiling"
STOPS = {
    "loop": "the model repeated itself; the text ends where that began",
    "length": "the text was cut short at the most tokens allowed",
}


def read_whole_page(image: PageImage, reader: PictureReader, ask: Ask, *, timeout: float | None = None) -> Page:
    """Read one page as one block; the model does not say where on the page it stands.

    Args:
        image: The page.
        reader: A loaded model.
        ask: What it is asked.
        timeout: Seconds after which the page is given up.

    Raises:
        PageTimeoutError: If it took longer.
    """
    started = time.perf_counter()
    picture = _picture(image)
    reading = reader.read_picture(picture, ask, on_text=_deadline(timeout))
    page = _with_text(_bare_page(image, picture), reading, ask, time.perf_counter() - started)
    if ask.tiles == "auto" and reading.views > 1:
        page = replace(page, warnings=(*page.warnings, f"small print: read in {reading.views} views"))
    return page


class PageCollector:
    """Takes the pages of a document instead of reading them, to read them as one text afterwards.

    Args:
        reader: A loaded model.
        ask: What it is asked.
        timeout: Seconds after which the text is given up.
    """

    def __init__(self, reader: PictureReader, ask: Ask, *, timeout: float | None) -> None:
        self.name = reader.name
        self.weights_sha256 = reader.weights_sha256
        self._reader = reader
        self._ask = ask
        self._timeout = timeout
        self._pictures: dict[int, NDArray[np.uint8]] = {}

    def take(self, image: PageImage) -> Page:
        """Keep a page and return it without text."""
        self._pictures[image.number] = _picture(image)
        return _bare_page(image, self._pictures[image.number])

    def read(self, pages: Sequence[Page], *, name: str) -> list[Page]:
        """Return the pages, the whole text in the first one that was taken; pages with errors stay as they are."""
        taken = [page.number for page in pages if page.error is None]
        if not taken:
            return list(pages)
        started = time.perf_counter()
        try:
            pictures = [self._pictures[number] for number in taken]
            reading = self._reader.read_pages(pictures, self._ask, on_text=_deadline(self._timeout))
        except (OCR2Error, RuntimeError, MemoryError) as error:  # the last two: of a device that is full
            return [p if p.error is not None else _lost(p, f"page {p.number} of {name}: {error}") for p in pages]
        result = []
        for page in pages:
            if page.number == taken[0]:
                page = _with_text(page, reading, self._ask, time.perf_counter() - started)
                if len(taken) > PAGES_TRAINED:
                    more = f"{len(taken)} pages were read as one text; the model was trained on {PAGES_TRAINED} at most"
                    page = replace(page, warnings=(*page.warnings, more))
            elif page.error is None:
                page = replace(
                    page, warnings=(*page.warnings, f"its text is in page {taken[0]}, read together with it")
                )
            result.append(page)
        return result


def _picture(image: PageImage) -> NDArray[np.uint8]:
    return np.asarray(image.picture().convert("RGB"), np.uint8)


def _deadline(timeout: float | None) -> Callable[[str], None] | None:
    if timeout is None:
        return None
    started = time.perf_counter()

    def check(text: str) -> None:
        if time.perf_counter() - started > timeout:
            raise PageTimeoutError(f"took longer than {timeout:g} s ({len(text)} characters read)")

    return check


def _bare_page(image: PageImage, picture: NDArray[np.uint8]) -> Page:
    return Page(number=image.number, width=picture.shape[1], height=picture.shape[0], dpi=image.dpi)


def _with_text(page: Page, reading: PictureReading, ask: Ask, seconds: float) -> Page:
    confidence = float(np.mean(reading.probabilities)) if reading.probabilities else None
    kind: BlockKind = "markup" if ask.markup else "paragraph"
    blocks = (Block(kind, reading.text, None, confidence or 0.0, ()),) if reading.text else ()
    stop = STOPS.get(reading.stopped)
    return replace(
        page,
        blocks=blocks,
        confidence=confidence if blocks else None,
        seconds={**page.seconds, "model": seconds},
        warnings=(*page.warnings, stop) if stop else page.warnings,
    )


def _lost(page: Page, error: str) -> Page:
    return Page(number=page.number, width=0, height=0, dpi=None, error=error)
