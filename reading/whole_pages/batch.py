"""Pages read whole by a model that takes pictures and gives text without places: several at a time, in order."""

import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.documents.document import PageImage
from ocr2.errors import OCR2Error, PageTimeoutError
from ocr2.models.protocols import PageReader, PageReading, PageRequest
from ocr2.options import PageInstructions, ReadOptions
from ocr2.reading.pages.decode import Decoded, failed_page
from ocr2.reading.whole_pages.drafts import NanoDrafts
from ocr2.results.document import Block, BlockKind, Page

PAGES_TRAINED = 8  # pages of one text; docs/models/got.md, "Tiling"
STOPS = {
    "loop": "the model repeated itself; the text ends where that began",
    "length": "the text was cut short at the most tokens allowed",
}


def read_whole_pages(
    pages: Iterator[Decoded], reader: PageReader, options: ReadOptions, drafts: NanoDrafts
) -> Iterator[tuple[Page, int]]:
    """Read pages as one block each; the model does not say where on the page it stands.

    Pages come out in the order they came in. On an interruption those that are done come out first.
    """
    batch = _Batch(pages, reader, options, drafts)
    try:
        for _ in batch.read():
            yield from batch.ready(in_order=True)
    except KeyboardInterrupt:
        yield from batch.ready(in_order=False)
        raise
    yield from batch.ready(in_order=True)


class _Batch:
    """Pages on their way through a reader."""

    def __init__(self, pages: Iterator[Decoded], reader: PageReader, options: ReadOptions, drafts: NanoDrafts) -> None:
        self._pages = pages
        self._reader = reader
        self._options = options
        self._drafts = drafts
        # By place in the document: what is being read, and what is done and not yet given out.
        self._reading: dict[int, tuple[Decoded, PageRequest]] = {}
        self._done: dict[int, tuple[Page, int]] = {}
        self._given = 0
        self._size = options.batch_size
        self._broken: Exception | None = None  # why no more pages came

    def ready(self, *, in_order: bool) -> Iterator[tuple[Page, int]]:
        """Give out what is done: up to the first page that is not, or all of it."""
        for place in sorted(self._done):
            if in_order and place != self._given:
                return
            self._given = place + 1
            yield self._done.pop(place)

    def read(self) -> Iterator[None]:
        """Read everything; comes up for air whenever something is done."""
        tasks = self._make_tasks()
        while True:
            try:
                for task, reading in self._reader.read_pictures(tasks, batch_size=self._size):
                    self._finish(task, reading)
                    yield
                break
            except Exception as error:  # the boundary: what fails together is read again one by one
                if not self._reading:
                    raise
                failure = error
            traceback.clear_frames(failure.__traceback__)  # they hold the memory of the whole batch
            yield from self._one_by_one(failure)
        if self._broken is not None:
            yield  # what was settled since
            raise self._broken

    def _one_by_one(self, error: Exception) -> Iterator[None]:
        apart = True
        for place, (decoded, task) in list(self._reading.items()):
            started = time.perf_counter()  # a page's time is its own again
            again = replace(task, started=started, on_progress=_deadline(self._options.page_timeout, started))
            try:
                if self._size == 1:  # it was alone already
                    raise error
                ((_, reading),) = self._reader.read_pictures([again], batch_size=1)
                self._finish(again, reading)
            except Exception as alone:  # the boundary again, for one page
                del self._reading[place]
                self._done[place] = failed_page(decoded.name, decoded.number, alone), decoded.count
                apart = False
            yield
        if apart:  # what failed was the number of them: a full device, as a rule
            self._size = 1

    def _make_tasks(self) -> Iterator[PageRequest]:
        for place, decoded in enumerate(self._sound_source()):
            if decoded.page is not None:
                self._done[place] = decoded.page, decoded.count
                continue
            try:
                task = self._make_task(place, decoded)
            except Exception as error:  # the boundary: a draft that fails is a page that failed
                self._done[place] = failed_page(decoded.name, decoded.number, error), decoded.count
                continue
            self._reading[place] = decoded, task
            yield task

    def _sound_source(self) -> Iterator[Decoded]:
        """Yield the pages; an error ends them and is kept until those before it are read."""
        try:
            yield from self._pages
        except Exception as error:  # the boundary, see above
            self._broken = error

    def _make_task(self, place: int, decoded: Decoded) -> PageRequest:
        assert decoded.image is not None
        assert decoded.picture is not None
        started = time.perf_counter()
        draft = decoded.layer or self._drafts.read(decoded.image.gray)
        return PageRequest(
            number=place,
            picture=decoded.picture,
            instructions=self._options.instructions(),
            draft=draft or None,
            lookup=self._options.draft != "off",
            on_progress=_deadline(self._options.page_timeout, started),
            started=started,
        )

    def _finish(self, task: PageRequest, reading: PageReading) -> None:
        decoded, _ = self._reading.pop(task.number)

        def read(image: PageImage) -> Page:
            if reading.error is not None:
                raise reading.error
            return _whole_page(image, task, reading)

        self._done[task.number] = decoded.guarded(read), decoded.count


def read_as_one_text(
    pages: Iterator[Decoded], reader: PageReader, options: ReadOptions, drafts: NanoDrafts
) -> Iterator[tuple[Page, int]]:
    """Read all pages as one text, which the first one that could be decoded then holds."""
    taken = list(pages)
    sound = [d for d in taken if d.page is None]
    started = time.perf_counter()
    text: PageReading | None = None
    failure: Exception | None = None
    if sound:
        try:
            pictures = [d.picture for d in sound if d.picture is not None]
            draft = "\n".join(d.layer or drafts.read(d.image.gray) for d in sound if d.image is not None)
            limit = _deadline(options.page_timeout, started)
            lookup = options.draft != "off"
            text = reader.read_pages(
                pictures, options.instructions(), draft=draft.strip() or None, lookup=lookup, on_progress=limit
            )
        except (OCR2Error, RuntimeError, MemoryError) as error:  # the last two: of a device that is full
            failure = error
    for decoded in taken:
        seconds = time.perf_counter() - started
        yield _page_of_one_text(decoded, sound, text, failure, options.instructions(), seconds), len(taken)


def _page_of_one_text(
    decoded: Decoded,
    sound: list[Decoded],
    text: PageReading | None,
    failure: Exception | None,
    instructions: PageInstructions,
    seconds: float,
) -> Page:
    def read(image: PageImage) -> Page:
        if failure is not None:
            raise OCR2Error(str(failure))
        assert text is not None
        assert decoded.picture is not None
        page = _bare_page(image, decoded.picture)
        if decoded is not sound[0]:
            return replace(page, warnings=(f"its text is in page {sound[0].number}, read together with it",))
        page = _with_text(page, text, instructions, seconds)
        if len(sound) <= PAGES_TRAINED:
            return page
        more = f"{len(sound)} pages were read as one text; the model was trained on {PAGES_TRAINED} at most"
        return replace(page, warnings=(*page.warnings, more))

    return decoded.guarded(read)


def _deadline(timeout: float | None, started: float) -> Callable[[int], None] | None:
    if timeout is None:
        return None

    def check(tokens: int) -> None:
        if time.perf_counter() - started > timeout:
            raise PageTimeoutError(f"took longer than {timeout:g} s ({tokens} tokens read)")

    return check


def _whole_page(image: PageImage, task: PageRequest, reading: PageReading) -> Page:
    page = _with_text(_bare_page(image, task.picture), reading, task.instructions, time.perf_counter() - task.started)
    if task.instructions.whole_page.tiles == "auto" and reading.views > 1:
        page = replace(page, warnings=(*page.warnings, f"small print: read in {reading.views} views"))
    return page


def _bare_page(image: PageImage, picture: NDArray[np.uint8]) -> Page:
    return Page(number=image.number, width=picture.shape[1], height=picture.shape[0], dpi=image.dpi)


def _with_text(page: Page, reading: PageReading, instructions: PageInstructions, seconds: float) -> Page:
    confidence = float(np.mean(reading.probabilities)) if reading.probabilities else None
    kind: BlockKind = "markup" if instructions.formatted else "paragraph"
    blocks = (Block(kind, reading.text, None, confidence or 0.0, ()),) if reading.text else ()
    stop = STOPS.get(reading.stopped)
    return replace(
        page,
        blocks=blocks,
        confidence=confidence if blocks else None,
        draft_agreement=reading.agreement,
        seconds={**page.seconds, "model": seconds},
        warnings=(*page.warnings, stop) if stop else page.warnings,
    )
