"""One process of a batch: loads a model once, opens documents, reads the pages that it is told to.

It tells which page it begins, and each page's result as soon as it is there, so that whatever ends it loses one page.
"""

import contextlib
import dataclasses
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypedDict, TypeVar

from ocr2.batch.inputs import Input, Stamp, content_hash, read_input, stamp_of
from ocr2.batch.settings import BatchSettings
from ocr2.errors import DocumentError, OCR2Error
from ocr2.options import ChartOptions, DetectOptions, FigureOptions, PageChanges, Rasterizer, ReadOptions, TextLayer

if TYPE_CHECKING:
    from ocr2.documents.sources import Source
    from ocr2.engine import Engine, ImageLike
    from ocr2.results.answer import Detection
    from ocr2.results.chart import Chart
    from ocr2.results.document import Page
    from ocr2.results.figure import Trace

R = TypeVar("R", bound="Chart | Trace | Detection")


@dataclass(frozen=True, slots=True)
class Look:
    """Say how many pages a file has, and what it holds."""

    file: Input


@dataclass(frozen=True, slots=True)
class Chunk:
    """Read pages of a file."""

    file: Input
    stamp: Stamp
    hash: str
    pages: tuple[int, ...]  # next to each other
    step: int = 0  # of the ladder


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""

    weights_sha256: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file holds."""

    file: Input
    stamp: Stamp
    hash: str
    pages: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """A page is being read from now on."""

    page: int


@dataclass(frozen=True, slots=True)
class Read:
    """What a page became."""

    page: int
    body: Mapping[str, object]  # as the record keeps it
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A chunk is done; `error` concerns the file as a whole."""

    error: str | None = None
    changed: bool = False  # the file is not what it was
    memory: int = 0  # bytes that the process has held at most


def work(connection: Connection, settings: BatchSettings) -> None:
    """Run one process until its connection closes.

    Args:
        connection: To the process that hands out work.
        settings: Of the batch.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops us
    with contextlib.suppress(BrokenPipeError, EOFError, ConnectionResetError):
        try:
            _serve(connection, settings)
        except Exception as error:  # the boundary: what cannot begin at all is told, not printed
            connection.send(error)


def _serve(connection: Connection, settings: BatchSettings) -> None:
    reader = load_reader(settings)
    connection.send(reader.ready)
    while True:
        connection.send(reader.do(connection.recv(), connection.send))


def load_reader(settings: BatchSettings) -> "PageReader":
    """Load the model of a batch, for one thread.

    Raises:
        ModelError: If it cannot be loaded.
    """
    import torch

    from ocr2.compute.memory import keep_few_primitives
    from ocr2.engine import Engine

    torch.set_num_threads(1)
    keep_few_primitives()
    return PageReader(Engine(settings.loading, models={settings.task: settings.model}, name=settings.model), settings)


def _looked(file: Input, settings: BatchSettings) -> Looked:
    from ocr2.documents.document import OpenDocument
    from ocr2.documents.sources import Source

    try:
        stamp = stamp_of(file)
        data = read_input(file)
        document = OpenDocument(Source(file.name, None, data), password=settings.read.password)
        try:
            return Looked(file, stamp, content_hash(data), document.page_count)
        finally:
            document.close()
    except (DocumentError, OSError, ValueError) as error:
        return Looked(file, Stamp(-1, 0), "", 0, str(error) or type(error).__name__)
    except Exception as error:  # the boundary: whatever a store or a library raises concerns this file alone
        return Looked(file, Stamp(-1, 0), "", 0, f"{file.key} cannot be opened: {type(error).__name__}: {error}")


class PageReader:
    """Does the work of one process.

    Args:
        engine: With the model.
        settings: Of the batch.
    """

    def __init__(self, engine: "Engine", settings: BatchSettings) -> None:
        self.engine = engine
        self.settings = settings
        self.held: tuple[str, bytes] | None = None  # name and content of the file that was read last

    @property
    def ready(self) -> Ready:
        """What is told before any work."""
        return Ready(self.engine.weights_sha256)

    def do(self, task: Look | Chunk, tell: Callable[[Began | Read], None]) -> Looked | Finished:
        """Do one piece of work; `tell` hears of each page."""
        return _looked(task.file, self.settings) if isinstance(task, Look) else self.read(task, tell)

    def read(self, chunk: Chunk, tell: Callable[[Began | Read], None]) -> Finished:
        """Read a chunk, each page told as it is done."""
        try:
            if self._changed(chunk):
                return Finished(f"{chunk.file.key} changed while the batch ran", changed=True)
        except Exception as error:  # it is gone: looking at it again says why
            return Finished(str(error), changed=True)
        waiting = list(chunk.pages)
        began = time.perf_counter()
        tell(Began(waiting[0]))

        def done(page: int, body: Mapping[str, object], error: str | None) -> None:
            nonlocal began
            now = time.perf_counter()
            tell(Read(page, body, now - began, error))
            began = now
            if page in waiting:
                waiting.remove(page)
            if waiting:
                tell(Began(waiting[0]))

        try:
            _READERS[self.settings.task](self, chunk, done)
        except (OCR2Error, ValueError) as error:
            return Finished(str(error), memory=most_memory())
        except MemoryError:
            return Finished("not enough memory", memory=most_memory())
        except Exception as error:  # the boundary: a defect must not lose other files
            return Finished(f"{type(error).__name__}: {error}", memory=most_memory())
        return Finished(memory=most_memory())

    def _changed(self, chunk: Chunk) -> bool:
        """Say whether a file is not what it was when it was looked at; its content is held for its other chunks."""
        if stamp_of(chunk.file) != chunk.stamp:
            return True
        if self.held is None or self.held[0] != chunk.file.name:
            self.held = chunk.file.name, read_input(chunk.file)
            if content_hash(self.held[1]) != chunk.hash:
                self.held = None
        return self.held is None

    def options(self, chunk: Chunk) -> ReadOptions:
        """Return how pages of a chunk are opened, by its step of the ladder."""
        pages = f"{chunk.pages[0]}-{chunk.pages[-1]}"
        changes = ladder(self.settings)[chunk.step]
        return dataclasses.replace(self.settings.read, pages=pages, **changes)

    def source(self, chunk: Chunk) -> "Source":
        """Return what the engine opens."""
        from ocr2.documents.sources import Source

        assert self.held is not None
        return Source(chunk.file.name, None, self.held[1])


class Step(TypedDict, total=False):
    """How options change for a try."""

    rasterizer: Rasterizer
    dpi: float
    text_layer: TextLayer


def ladder(settings: BatchSettings) -> list[Step]:
    """Return how options change from try to try of a page that fails."""
    other: Rasterizer = "poppler" if settings.read.rasterizer == "pdfium" else "pdfium"
    steps: list[Step] = [{}, {"rasterizer": other}, {"dpi": max(20.0, settings.read.dpi / 2)}]
    return [*steps, {"text_layer": "use"}] if settings.text_layer_last and settings.task == "read" else steps


Done = Callable[[int, Mapping[str, object], str | None], None]


def _read_pages(reader: PageReader, chunk: Chunk, done: Done) -> None:
    def on_page(page: "Page", count: int) -> None:
        body = page.to_dict()
        done(page.number, {"page": body, "text": page.text, "markdown": _markdown(page)}, page.error)

    reader.engine.read(reader.source(chunk), reader.options(chunk), on_page=on_page)


def _markdown(page: "Page") -> str:
    return page.to_markdown() if page.error is None else ""


def _teller(
    render: "Callable[[list[R], str], bytes]", reader: PageReader, done: Done
) -> "Callable[[R, ImageLike | None, int], None]":
    """Return a function that tells a result, in the formats that are files of their own too."""
    wanted = [name for name in reader.settings.formats if name not in ("jsonl", "parquet")]

    def tell(result: R, picture: "ImageLike | None", count: int) -> None:
        formats = {name: render([result], name).decode() for name in wanted}
        done(result.page, {"result": result.to_dict(), "formats": formats}, result.error)

    return tell


def _shared(options: ReadOptions) -> PageChanges:
    """Return the fields that the options of all tasks have."""
    return {
        "pages": options.pages,
        "dpi": options.dpi,
        "rasterizer": options.rasterizer,
        "password": options.password,
    }


def _read_charts(reader: PageReader, chunk: Chunk, done: Done) -> None:
    from ocr2.formats.chart.render import render_charts

    tell = _teller(render_charts, reader, done)  # type: ignore[arg-type]  # its formats are names of their own
    options = ChartOptions(**_shared(reader.options(chunk)))
    reader.engine.read_charts(reader.source(chunk), options, on_chart=tell)


def _trace_figures(reader: PageReader, chunk: Chunk, done: Done) -> None:
    from ocr2.formats.figure.render import render_traces

    tell = _teller(render_traces, reader, done)  # type: ignore[arg-type]  # its formats are names of their own
    options = FigureOptions(**_shared(reader.options(chunk)))
    reader.engine.read_traces(reader.source(chunk), options, on_trace=tell)


def _detect(reader: PageReader, chunk: Chunk, done: Done) -> None:
    from ocr2.formats.answers import render_detections

    tell = _teller(render_detections, reader, done)  # type: ignore[arg-type]  # its formats are names of their own
    options = DetectOptions(**_shared(reader.options(chunk)))
    reader.engine.detect(reader.source(chunk), options=options, on_detection=tell)


_READERS: dict[str, Callable[[PageReader, Chunk, Done], None]] = {
    "read": _read_pages,
    "chart": _read_charts,
    "trace": _trace_figures,
    "detect": _detect,
}


def most_memory() -> int:
    """Return the bytes that this process has held at most; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # not on Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
