"""Whole pages on their way through a model: order, faults, interruptions, drafts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ocr2.errors import ModelError, OCR2Error
from ocr2.models.protocols import PageReading, PageRequest
from ocr2.options import Draft, PageInstructions, ReadOptions
from ocr2.reading import read as read_module
from ocr2.reading.read import read_document
from ocr2.results.document import Page
from tests.instructions import asking

RGB = NDArray[np.uint8]


class BatchReader:
    """Takes `size` pages at a time and answers the last first; a page's width is its text."""

    name = "batch"
    weights_sha256 = "0" * 64

    def __init__(self, size: int = 3, device_type: str = "cuda") -> None:
        self.size = size
        self.device_type = device_type
        self.seen: list[PageRequest] = []
        self.faults: dict[int, BaseException] = {}  # by width, raised for the whole batch
        self.wrong: dict[int, OCR2Error] = {}  # by width, told of the page alone

    def read_pictures(
        self, tasks: Iterable[PageRequest], *, batch_size: int | None = None
    ) -> Iterator[tuple[PageRequest, PageReading]]:
        waiting: list[PageRequest] = []
        for task in tasks:
            self.seen.append(task)
            waiting.append(task)
            if len(waiting) == (batch_size or self.size):
                yield from self.answer(waiting)
                waiting = []
        yield from self.answer(waiting)

    def answer(self, tasks: list[PageRequest]) -> Iterator[tuple[PageRequest, PageReading]]:
        for task in tasks:
            if task.picture.shape[1] in self.faults:
                raise self.faults[task.picture.shape[1]]
        for task in reversed(tasks):
            width = task.picture.shape[1]
            yield task, PageReading(str(width), (0.9,), "end", agreement=0.5, error=self.wrong.get(width))

    def read_pages(self, pictures: Sequence[RGB], instructions: PageInstructions, **options: object) -> PageReading:
        return PageReading("all", (0.9,), "end")


def images(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (40 + i, 30)) for i in range(count)]


def texts(pages: Iterable[Page]) -> list[str]:
    return [page.error or page.text for page in pages]


@pytest.mark.parametrize("size", [1, 3, 8])
def test_pages_come_out_in_order(size: int) -> None:
    shown: list[int] = []
    document = read_document(
        images(7), BatchReader(size), ReadOptions(), on_page=lambda page, _: shown.append(page.number)
    )
    assert texts(document.pages) == [str(40 + i) for i in range(7)]
    assert shown == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_that_is_wrong_fails_alone() -> None:
    reader = BatchReader()
    reader.wrong[41] = ModelError("too long")
    document = read_document(images(4), reader, ReadOptions())
    assert texts(document.pages) == ["40", "page 2 of image: too long", "42", "43"]


def test_what_fails_together_is_read_again_one_by_one() -> None:
    reader = BatchReader()
    reader.faults[41] = RuntimeError("out of memory")
    document = read_document(images(7), reader, ReadOptions())
    expected = [str(40 + i) for i in range(7)]
    expected[1] = "page 2 of image: RuntimeError: out of memory"
    assert texts(document.pages) == expected


class Crowded(BatchReader):
    """Has room for one page at a time."""

    def __init__(self, size: int = 3) -> None:
        super().__init__(size)
        self.sizes: list[int | None] = []

    def read_pictures(
        self, tasks: Iterable[PageRequest], *, batch_size: int | None = None
    ) -> Iterator[tuple[PageRequest, PageReading]]:
        self.sizes.append(batch_size)
        return super().read_pictures(tasks, batch_size=batch_size)

    def answer(self, tasks: list[PageRequest]) -> Iterator[tuple[PageRequest, PageReading]]:
        if self.sizes[-1] != 1:
            raise RuntimeError("out of memory")
        return super().answer(tasks)


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_a_device_that_is_too_small_for_a_batch_reads_page_by_page(count: int) -> None:
    reader = Crowded()
    document = read_document(images(count), reader, ReadOptions())
    assert texts(document.pages) == [str(40 + i) for i in range(count)]
    assert reader.sizes.count(None) == 1  # it is not tried again


def test_a_page_read_again_has_its_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("ocr2.reading.whole_pages.batch.time.perf_counter", lambda: float(next(clock)))

    class Slow(Crowded):
        def answer(self, tasks: list[PageRequest]) -> Iterator[tuple[PageRequest, PageReading]]:
            for reading in super().answer(tasks):
                assert reading[0].on_progress is not None
                reading[0].on_progress(5)
                yield reading

    document = read_document(images(3), Slow(), ReadOptions(page_timeout=15))
    assert texts(document.pages) == ["40", "41", "42"]


def test_an_interruption_keeps_what_is_done() -> None:
    reader = BatchReader()
    reader.faults[44] = KeyboardInterrupt()
    kept: list[Page] = []
    with pytest.raises(KeyboardInterrupt):
        read_document(images(7), reader, ReadOptions(), on_page=lambda page, _: kept.append(page))
    assert texts(kept) == ["40", "41", "42"]


def test_pages_done_out_of_order_are_kept_too() -> None:
    class Stopped(BatchReader):
        def answer(self, tasks: list[PageRequest]) -> Iterator[tuple[PageRequest, PageReading]]:
            yield from list(super().answer(tasks))[:2]
            raise KeyboardInterrupt

    kept: list[Page] = []
    with pytest.raises(KeyboardInterrupt):
        read_document(images(3), Stopped(), ReadOptions(), on_page=lambda page, _: kept.append(page))
    assert texts(kept) == ["41", "42"]


def test_images_that_break_off_lose_nothing_before() -> None:
    def broken() -> Iterator[Image.Image]:
        yield from images(2)
        raise OSError("the camera is gone")

    kept: list[Page] = []
    with pytest.raises(OSError, match="the camera is gone"):
        read_document(broken(), BatchReader(), ReadOptions(), on_page=lambda page, _: kept.append(page))
    assert texts(kept) == ["40", "41"]


def test_a_page_settled_before_the_break_is_kept() -> None:
    def broken() -> Iterator[Image.Image]:
        yield from images(1)
        yield Image.new("RGB", (2, 2))  # too small to read
        raise OSError("the camera is gone")

    kept: list[Page] = []
    with pytest.raises(OSError, match="the camera is gone"):
        read_document(broken(), BatchReader(1), ReadOptions(), on_page=lambda page, _: kept.append(page))
    assert [page.number for page in kept] == [1, 2]


def test_agreement_is_in_the_json() -> None:
    page: Any = read_document(images(1), BatchReader(), ReadOptions()).to_dict()["pages"]
    assert page[0]["draft_agreement"] == 0.5


class Small:
    """Stands for got-nano."""

    name = "got-nano"
    weights_sha256 = "0" * 64
    max_strip_width = 512

    def __init__(self, loads: list[str]) -> None:
        self.loads = loads


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which small models were loaded; each reads every page as "small text"."""
    loaded: list[str] = []

    def load() -> Small:
        loaded.append("got-nano")
        return Small(loaded)

    def drafted(source: Any, reader: Any, options: ReadOptions) -> Any:
        return read_module.read_document(source, reader, options, load_draft_reader=load)  # type: ignore[arg-type]

    monkeypatch.setitem(globals(), "read_document", drafted)
    from ocr2.reading.whole_pages import drafts

    page = Page(number=1, width=1, height=1, dpi=None)

    class Read:
        text = "small text"

    monkeypatch.setattr(drafts, "read_page", lambda gray, reader: Read() if isinstance(reader, Small) else page)
    return loaded


@pytest.mark.parametrize(
    ("draft", "device", "text", "lookup"),
    [
        ("auto", "cpu", "small text", True),
        ("auto", "cuda", None, True),
        ("nano", "cuda", "small text", True),
        ("lookup", "cpu", None, True),
        ("text-layer", "cpu", None, True),  # images have none
        ("off", "cpu", None, False),
    ],
)
def test_a_draft_is_what_was_chosen(
    loads: list[str], draft: Draft, device: str, text: str | None, lookup: bool
) -> None:
    reader = BatchReader(device_type=device)
    read_document(images(2), reader, ReadOptions(draft=draft))
    assert [(task.draft, task.lookup) for task in reader.seen] == [(text, lookup)] * 2
    assert len(loads) == (text is not None)  # once for all pages


def test_a_draft_that_fails_costs_no_page(loads: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from ocr2.reading.whole_pages import drafts

    def broken(gray: RGB, reader: object) -> Page:
        raise IndexError("a defect")

    monkeypatch.setattr(drafts, "read_page", broken)
    reader = BatchReader(device_type="cpu")
    assert texts(read_document(images(2), reader, ReadOptions(draft="nano")).pages) == ["40", "41"]
    assert [task.draft for task in reader.seen] == [None, None]


def test_a_region_is_not_worth_the_page(loads: list[str]) -> None:
    reader = BatchReader(device_type="cpu")
    read_document(images(1), reader, ReadOptions(**asking(box=(0, 0, 9, 9))))
    assert [task.draft for task in reader.seen] == [None]
    assert loads == []


def test_an_unknown_draft_is_refused() -> None:
    with pytest.raises(ValueError, match="draft must be one of auto, ctc, text-layer, nano, lookup, off, got 'mind'"):
        ReadOptions(draft="mind")  # type: ignore[arg-type]  # the point
