"""What requests ask for: options checked, the engine called, results in the form that was asked for."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.engine import Engine
from ocr2.formats import render_document
from ocr2.formats.answers import render_detections, render_focused, render_replies
from ocr2.formats.chart.render import render_charts
from ocr2.formats.document.registry import FORMATS, format_named
from ocr2.formats.figure.render import render_traces
from ocr2.options import (
    AskOptions,
    ChartOptions,
    DetectOptions,
    FigureOptions,
    FocusOptions,
    PageOptions,
    ReadOptions,
)
from ocr2.serve.desk import Job

MEDIA = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "hocr": "text/html; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "vega-lite": "application/json",
}
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A result and what it is."""

    data: bytes
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTask:
    """A task as it is served."""

    options: type[PageOptions]
    formats: tuple[str, ...]
    run: Callable[[Engine, Source, Any, str, Job], bytes]


def _read(engine: Engine, source: Source, options: ReadOptions, format: str, job: Job) -> bytes:
    document = engine.read(source, options, on_page=lambda page, count: job.progress(count))
    return render_document(document, format_named(format))


def _chart(engine: Engine, source: Source, options: ChartOptions, format: str, job: Job) -> bytes:
    charts = engine.read_charts(source, options, on_chart=lambda chart, picture, count: job.progress(count))
    return render_charts(charts, format)  # type: ignore[arg-type]  # one of the formats below


def _trace(engine: Engine, source: Source, options: FigureOptions, format: str, job: Job) -> bytes:
    traces = engine.read_traces(source, options, on_trace=lambda trace, picture, count: job.progress(count))
    return render_traces(traces, format)  # type: ignore[arg-type]


def _detect(engine: Engine, source: Source, options: DetectOptions, format: str, job: Job) -> bytes:
    found = engine.detect(source, options=options, on_detection=lambda one, picture, count: job.progress(count))
    return render_detections(found, format)  # type: ignore[arg-type]


def _ask(engine: Engine, source: Source, options: AskOptions, format: str, job: Job) -> bytes:
    replies = engine.ask(source, options, on_reply=lambda reply, picture, count: job.progress(count))
    return render_replies(replies, format)  # type: ignore[arg-type]


def _focus(engine: Engine, source: Source, options: FocusOptions, format: str, job: Job) -> bytes:
    return render_focused(engine.focus(source, options), format)  # type: ignore[arg-type]


SERVED: dict[str, ServedTask] = {
    "read": ServedTask(
        options=ReadOptions, run=_read, formats=tuple(n for n, row in FORMATS.items() if not row.from_file)
    ),
    "chart": ServedTask(options=ChartOptions, run=_chart, formats=("json", "markdown", "csv", "html", "vega-lite")),
    "trace": ServedTask(options=FigureOptions, run=_trace, formats=("json", "tikz", "svg")),
    "detect": ServedTask(options=DetectOptions, run=_detect, formats=("json", "text")),
    "ask": ServedTask(options=AskOptions, run=_ask, formats=("json", "text")),
    "focus": ServedTask(options=FocusOptions, run=_focus, formats=("json", "text")),
}


def options_of(task: str, given: Mapping[str, object]) -> PageOptions:
    """Return the options of a task.

    Raises:
        ValueError: If one is unknown or out of range; says which.
    """
    kind = SERVED[task].options
    known = {field.name for field in dataclasses.fields(kind)}
    for name in given:
        if name not in known:
            raise ValueError(f"{task} has no option {name!r}; it has {', '.join(sorted(known))}")
    try:
        return TypeAdapter(kind).validate_python(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if isinstance(part, str | int))
        told = str(first["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{place}: {told}" if place else told) from error


def format_for(task: str, name: str | None) -> str:
    """Return the format of an answer; JSON unless another is asked for.

    Raises:
        ValueError: If the task has no such format.
    """
    formats = SERVED[task].formats
    chosen = {"md": "markdown", "txt": "text", "tex": "latex"}.get(name or "json", name or "json")
    if chosen not in formats:
        raise ValueError(f"{task} gives {', '.join(formats)}; got {name!r}")
    return chosen


def require_pages(source: Source, options: PageOptions, most: int) -> None:
    """Refuse a document of more pages than are served.

    Raises:
        DocumentError: If it cannot be opened.
        ValueError: If it has too many pages.
    """
    document = OpenDocument(source, password=options.password)
    try:
        count = document.page_count
    finally:
        document.close()
    ranges = options.page_ranges()
    wanted = count if ranges is None else sum(len(range(r.start, min(r.stop, count + 1))) for r in ranges)
    if wanted > most:
        raise ValueError(f"{wanted} pages are asked for, at most {most} are served; select some with pages")


def make_work(
    task: str, engine: Engine, source: Source, options: PageOptions, format: str, most_pages: int
) -> Callable[[Job], Answer]:
    """Return what a job does."""

    def work(job: Job) -> Answer:
        require_pages(source, options, most_pages)
        data = SERVED[task].run(engine, source, options, format, job)
        return Answer(data, MEDIA.get(format, PLAIN))

    return work
