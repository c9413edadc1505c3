"""The public calls: thin functions over `Engine`. Nothing heavy is imported before they run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from ocr2.engine import Engine, OnChart, OnDetection, OnPage, OnReply, OnTrace, Source, one_page, with_places
from ocr2.keywords import keywords, load_options, without_loading
from ocr2.models.spec import DEFAULTS, MULTI_PAGE_READER, Task
from ocr2.options import (
    AskChanges,
    AskOptions,
    ChartChanges,
    ChartOptions,
    DetectChanges,
    DetectOptions,
    FigureChanges,
    FigureOptions,
    FocusChanges,
    FocusOptions,
    LoadChanges,
    LoadOptions,
    PageChanges,
    PageOptions,
    ReadChanges,
    ReadOptions,
)
from ocr2.results.answer import Detection, Focused, Reply
from ocr2.results.chart import Chart
from ocr2.results.document import Document
from ocr2.results.figure import Trace
from ocr2.results.page_dependence import MARGIN, PageDependence


class ReadCall(LoadChanges, ReadChanges, total=False):
    """Keywords of `read`."""


class ChartCall(LoadChanges, ChartChanges, total=False):
    """Keywords of `chart` and `read_charts`."""


class FigureCall(LoadChanges, FigureChanges, total=False):
    """Keywords of `trace` and `read_traces`."""


class DetectCall(LoadChanges, DetectChanges, total=False):
    """Keywords of `detect`."""


class AskCall(LoadChanges, AskChanges, total=False):
    """Keywords of `ask`."""


class FocusCall(LoadChanges, FocusChanges, total=False):
    """Keywords of `focus`."""


class PageDependenceCall(LoadChanges, PageChanges, total=False):
    """Keywords of `page_dependence`."""


@keywords(LoadOptions)
def load(model: str = DEFAULTS["read"], **loading: Unpack[LoadChanges]) -> Engine:
    """Load a model once, for many calls; what other tasks need is loaded when they are first called.

    Args:
        model: Name of a model; `ocr2 models list` shows all.

    Returns:
        The engine.

    Raises:
        ModelError: If the model, device or number type is unknown or not there.
        CheckpointError: If the weights are missing or do not fit.
    """
    return Engine(load_options(loading), name=model)


@keywords(ReadOptions, LoadOptions)
def read(
    source: Source,
    options: ReadOptions = ReadOptions(),
    *,
    model: str = DEFAULTS["read"],
    on_page: OnPage | None = None,
    **changes: Unpack[ReadCall],
) -> Document:
    """Read a document into text with boxes and confidences.

    Args:
        source: A PDF or image file, its bytes, a file opened in binary mode, a PIL image, an array
            (height, width[, channels]), or an iterable of images taken as the pages of one document.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that reads pages.
        on_page: Called with each finished page and the number of pages (0 if unknown).

    Returns:
        The document; a page that could not be read has `error` set and no blocks.

    Raises:
        DocumentError: If the document cannot be opened.
        ModelError: If the model, device or number type is unknown or not there, or reads no pages.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range.
    """
    return _engine("read", model, changes).read(source, replace(options, **without_loading(changes)), on_page=on_page)


@keywords(ChartOptions, LoadOptions)
def chart(
    source: Source,
    options: ChartOptions = ChartOptions(),
    *,
    model: str = DEFAULTS["chart"],
    page: int | None = None,
    **changes: Unpack[ChartCall],
) -> Chart:
    """Read one chart into titles, series of values, and how far to trust them.

    Args:
        source: Document or picture, as for `read`.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that reads charts.
        page: Number of the page, from 1; needed if the document has several.

    Returns:
        The chart. One that could not be opened or read has `error` set and no values.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or reads no charts.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, or the source has several pages; `read_charts` reads them all.
    """
    chosen = replace(options, **without_loading(changes))
    return _engine("chart", model, changes).chart(source, replace(chosen, pages=one_page(page, chosen)))


@keywords(ChartOptions, LoadOptions)
def read_charts(
    source: Source,
    options: ChartOptions = ChartOptions(),
    *,
    model: str = DEFAULTS["chart"],
    on_chart: OnChart | None = None,
    **changes: Unpack[ChartCall],
) -> list[Chart]:
    """Read the charts of many pictures or pages.

    Args:
        source: Document or picture, as for `read`; also a folder, or a pattern such as "plots/*.png". Every page is
            taken for one chart.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that reads charts.
        on_chart: Called with each chart as it is done, its picture (None if there is none) and the number of charts of
            its document (0 if unknown).

    Returns:
        A list, also of one chart, in the order of the pages. One that could not be opened or read has `error` set and
        no values.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or reads no charts.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, or a folder or pattern holds no picture.
    """
    return _engine("chart", model, changes).read_charts(
        source, replace(options, **without_loading(changes)), on_chart=on_chart
    )


@keywords(FigureOptions, LoadOptions)
def trace(
    source: Source,
    options: FigureOptions = FigureOptions(),
    *,
    model: str = DEFAULTS["trace"],
    page: int | None = None,
    **changes: Unpack[FigureCall],
) -> Trace:
    """Trace one plane figure into segments, circles, named points, and what holds between them.

    Args:
        source: Document or picture, as for `read`.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that traces figures.
        page: Number of the page, from 1; needed if the document has several.

    Returns:
        The trace, in pixels of the picture. One that could not be opened or traced has `error` set.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or traces no figures.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, or the source has several pages; `read_traces` traces them all.
    """
    chosen = replace(options, **without_loading(changes))
    return _engine("trace", model, changes).trace(source, replace(chosen, pages=one_page(page, chosen)))


@keywords(FigureOptions, LoadOptions)
def read_traces(
    source: Source,
    options: FigureOptions = FigureOptions(),
    *,
    model: str = DEFAULTS["trace"],
    on_trace: OnTrace | None = None,
    **changes: Unpack[FigureCall],
) -> list[Trace]:
    """Trace the figures of many pictures or pages.

    Args:
        source: Document or picture, as for `read`; also a folder, or a pattern such as "figures/*.png". Every page is
            taken for one figure.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that traces figures.
        on_trace: Called with each trace as it is done, its picture (None if there is none) and the number of figures of
            its document (0 if unknown).

    Returns:
        A list, also of one trace, in the order of the pages. One that could not be opened or traced has `error` set.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or traces no figures.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, or a folder or pattern holds no picture.
    """
    return _engine("trace", model, changes).read_traces(
        source, replace(options, **without_loading(changes)), on_trace=on_trace
    )


@keywords(DetectOptions, LoadOptions)
def detect(
    source: Source,
    names: Sequence[str] = (),
    options: DetectOptions = DetectOptions(),
    *,
    model: str = DEFAULTS["detect"],
    on_detection: OnDetection | None = None,
    **changes: Unpack[DetectCall],
) -> list[Detection]:
    """Find the regions of pages, or things in pictures.

    Args:
        source: Document or picture, as for `read`; also a folder, or a pattern such as "scans/*.png".
        names: Names of what to look for; everything if empty. vary-nano knows the kinds of `ocr2.Region`; vary-toy
            takes any name.
        options: Options as one object; each may be given as a keyword too.
        model: Name of a model that finds regions or things.
        on_detection: Called with each page's detection as it is done, its picture (None if there is none) and the
            number of pages of its document (0 if unknown).

    Returns:
        One detection a page, regions in reading order, boxes in pixels. One that could not be opened has `error` set.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or finds nothing.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, a name is none that the model knows, or a folder or pattern holds
            no picture.
    """
    chosen = replace(options, **without_loading(changes))
    return _engine("detect", model, changes).detect(source, names, chosen, on_detection=on_detection)


@keywords(AskOptions, LoadOptions)
def ask(
    source: Source,
    question: str,
    *,
    model: str = DEFAULTS["ask"],
    on_reply: OnReply | None = None,
    **changes: Unpack[AskCall],
) -> list[Reply]:
    """Ask one question about every page by itself.

    Args:
        source: Document or picture, as for `read`; also a folder, or a pattern.
        question: Question, in words.
        model: Name of a model that answers questions. None of those that ship does.
        on_reply: Called with each reply as it is done, its picture (None if there is none) and the number of pages of
            its document (0 if unknown).

    Returns:
        One reply a page. One that could not be opened has `error` set.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or answers no questions.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an option is out of range, or a folder or pattern holds no picture.
    """
    options = AskOptions(question=question, **without_loading(changes))
    return _engine("ask", model, changes).ask(source, options, on_reply=on_reply)


@keywords(FocusOptions, LoadOptions)
def focus(*sources: Source, model: str = DEFAULTS["focus"], **changes: Unpack[FocusCall]) -> Focused:
    """Read a place of a page, or one box on each of up to eight.

    Args:
        sources: Documents or pictures, as for `read`; their pages count together.
        model: Name of a model: got-nano reads the lines there, got and fox look for themselves.

    Returns:
        What was read; its `focus` says whether the model was told where to look, or lines were cut out for it.

    Raises:
        ModelError: If the model, device or number type is unknown or not there, or was not trained for the task.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If the boxes do not fit the pages, a place is outside its page, or an option is out of range.
    """
    if not sources:
        raise TypeError("focus needs a page to look at")
    options = with_places(None, without_loading(changes))
    return _engine("focus", model, changes).focus(list(sources), options)


@keywords(PageOptions, LoadOptions)
def page_dependence(
    *sources: Source,
    answer: str,
    question: str | None = None,
    margin: float = MARGIN,
    model: str = MULTI_PAGE_READER,
    **changes: Unpack[PageDependenceCall],
) -> PageDependence:
    """Measure how much an answer depends on each of several pages.

    For each token and page it is the negative log-likelihood with that page alone less that with all pages: high where
    that page alone does not explain the token. Pages are shown as `read` with `multi_page` shows them.

    Args:
        sources: Documents or pictures, as for `read`; their pages count together.
        answer: The text whose probability is measured.
        question: What is asked, in the model's words; None asks for the text of all pages, as `multi_page` does.
        margin: Nats above which a token counts as dependent.
        model: Name of a model that reads several pages as one text.

    Returns:
        The numbers of each token and page, those without any picture, and a summary.

    Raises:
        DocumentError: If a page cannot be opened, or there is none.
        ModelError: If the model, device or number type is unknown or not there, it does not read several pages as one
            text, or pages and answer do not fit its context.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If the answer or question is empty, or an option is out of range.
    """
    from ocr2.models.registry import find_multi_page

    options = PageOptions(**without_loading(changes))
    engine = Engine(load_options(changes), name=find_multi_page(model).name)
    return engine.page_dependence(list(sources), answer, options, question=question, margin=margin)


def _engine(task: Task, model: str, changes: Mapping[str, object]) -> Engine:
    """Build the engine of one call; a model that cannot do the task is refused before anything is loaded."""
    from ocr2.models.registry import find_for

    return Engine(load_options(changes), name=find_for(task, model).name)
