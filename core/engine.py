"""The engine behind all public calls: the models of one process, each loaded once and kept."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar, Unpack, cast

from ocr2.documents.sources import Source as DocumentSource
from ocr2.errors import ModelError
from ocr2.models.spec import DEFAULTS, TEXT_IN_CHARTS, TEXT_IN_FIGURES, Task
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
    LoadOptions,
    PageChanges,
    PageOptions,
    ReadChanges,
    ReadOptions,
    require_box,
    require_point,
)
from ocr2.results.answer import Detection, Focused, Reply
from ocr2.results.chart import Chart
from ocr2.results.document import Document, Page
from ocr2.results.figure import Trace
from ocr2.results.page_dependence import MARGIN, PageDependence

if TYPE_CHECKING:
    from ocr2.models.protocols import ChartReader, FigureTracer, LineReader, Model, PageReader, RegionDetector
    from ocr2.reading.pages.open import Readable
    from ocr2.reading.regions.pictures import PicturePageReader


class ImageLike(Protocol):
    """A picture in memory: a PIL image, or a NumPy array (height, width[, channels])."""

    @property
    def __array_interface__(self) -> object:
        """NumPy's description of the memory."""


Source = str | Path | bytes | bytearray | memoryview | BinaryIO | DocumentSource | ImageLike | Iterable[ImageLike]
OnPage = Callable[[Page, int], None]
OnChart = Callable[[Chart, ImageLike | None, int], None]
OnTrace = Callable[[Trace, ImageLike | None, int], None]
OnDetection = Callable[[Detection, ImageLike | None, int], None]
OnReply = Callable[[Reply, ImageLike | None, int], None]

R = TypeVar("R", Chart, Trace)


class Engine:
    """The models of one process: each is loaded when a call first needs it, and kept until `close`.

    All models of an engine share its device, number type and quantisation. An engine may be shared by threads: calls
    wait for each other.

    Args:
        options: How models are loaded; `weights` belong to the model of `name`.
        name: Model that is loaded at once, for the tasks that it can do; other tasks take their defaults.
        models: Names of models for single tasks, instead of the defaults.

    Raises:
        ModelError: If a model, device or number type is unknown or not there, or a model cannot do its task.
        CheckpointError: If the weights of the model of `name` are missing or do not fit.

    Examples:
        >>> import ocr2
        >>> with ocr2.load("got-nano") as engine:
        ...     engine.name, engine.model_for("chart")
        ('got-nano', 'onechart-nano')
    """

    def __init__(
        self,
        options: LoadOptions | None = None,
        *,
        name: str | None = None,
        models: Mapping[Task, str] | None = None,
    ) -> None:
        from ocr2.models.registry import find, find_for

        self.options = options or LoadOptions()
        self.name = name or DEFAULTS["read"]
        self._names: dict[Task, str] = dict(DEFAULTS)
        self._models: dict[str, Model] = {}
        self._lock = threading.RLock()
        self._closed = False
        if name is not None:
            self._names |= dict.fromkeys(find(name).tasks, name)
        for task, model in (models or {}).items():
            self._names[task] = find_for(task, model).name
        if name is not None:
            self._model(name)

    def __enter__(self) -> "Engine":
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the engine."""
        self.close()

    def close(self) -> None:
        """Give back the memory of all models; later calls are refused."""
        with self._lock:
            self._closed = True
            self._models.clear()

    @property
    def weights_sha256(self) -> str:
        """Hash of the weights of the model of `name`."""
        return self._model(self.name).weights_sha256

    @property
    def reads_pages(self) -> bool:
        """Whether the model that reads text takes whole pages, not lines."""
        from ocr2.models.registry import find

        return find(self._names["read"]).reads_whole_pages

    def model_for(self, task: Task) -> str:
        """Return the name of the model that does a task."""
        return self._names[task]

    def read(
        self,
        source: Source,
        options: ReadOptions | None = None,
        *,
        on_page: OnPage | None = None,
        **changes: Unpack[ReadChanges],
    ) -> Document:
        """Read a document; see `ocr2.read`."""
        from ocr2.reading.read import read_document

        options = replace(options or ReadOptions(), **changes)
        self._require_read(options)
        with self._lock:
            return read_document(
                _readable(source),
                self._text_reader(),
                options,
                on_page=on_page,
                pictures=self._pictures() if options.regions else None,
                load_draft_reader=lambda: self._line_reader(DEFAULTS["read"]),
            )

    def chart(self, source: Source, options: ChartOptions | None = None, **changes: Unpack[ChartChanges]) -> Chart:
        """Read one chart; see `ocr2.chart`."""
        return _only(self.read_charts(source, options, on_chart=_require_one_page, **changes), "charts", "read")

    def read_charts(
        self,
        source: Source,
        options: ChartOptions | None = None,
        *,
        on_chart: OnChart | None = None,
        **changes: Unpack[ChartChanges],
    ) -> list[Chart]:
        """Read the charts of many pictures or pages; see `ocr2.read_charts`."""
        from ocr2.reading.charts.read import read_charts

        with self._lock:
            return read_charts(
                _readable(source),
                self._chart_reader(self._names["chart"]),
                replace(options or ChartOptions(), **changes),
                text_reader=lambda: self._line_reader(TEXT_IN_CHARTS),
                on_chart=on_chart,
            )

    def trace(self, source: Source, options: FigureOptions | None = None, **changes: Unpack[FigureChanges]) -> Trace:
        """Trace one plane figure; see `ocr2.trace`."""
        return _only(self.read_traces(source, options, on_trace=_require_one_page, **changes), "figures", "trace")

    def read_traces(
        self,
        source: Source,
        options: FigureOptions | None = None,
        *,
        on_trace: OnTrace | None = None,
        **changes: Unpack[FigureChanges],
    ) -> list[Trace]:
        """Trace the figures of many pictures or pages; see `ocr2.read_traces`."""
        from ocr2.reading.figures.read import read_traces

        with self._lock:
            return read_traces(
                _readable(source),
                self._tracer(self._names["trace"]),
                replace(options or FigureOptions(), **changes),
                text_reader=lambda: self._line_reader(TEXT_IN_FIGURES),
                on_trace=on_trace,
            )

    def detect(
        self,
        source: Source,
        names: Sequence[str] = (),
        options: DetectOptions | None = None,
        *,
        on_detection: OnDetection | None = None,
        **changes: Unpack[DetectChanges],
    ) -> list[Detection]:
        """Find the regions of pages, or things in pictures; see `ocr2.detect`."""
        from ocr2.reading.regions.detect import find_regions

        with self._lock:
            detector = self._detector(self._names["detect"])
            chosen = replace(options or DetectOptions(), **changes)
            chosen = replace(chosen, names=tuple(names) or chosen.names)
            return find_regions(_readable(source), detector, chosen, on_detection=on_detection)

    def require_detect(self, options: DetectOptions) -> None:
        """Refuse options that mean nothing to the model that finds regions.

        Raises:
            ValueError: If a name is none that it knows, or an option means nothing to it.
        """
        from ocr2.reading.regions.detect import require_options

        require_options(self._detector(self._names["detect"]), options)

    def ask(
        self,
        source: Source,
        question: str | AskOptions,
        *,
        on_reply: OnReply | None = None,
        **changes: Unpack[AskChanges],
    ) -> list[Reply]:
        """Ask one question about every page by itself; see `ocr2.ask`."""
        from ocr2.models.protocols import QuestionAnswerer
        from ocr2.reading.questions.ask import ask_pages

        with self._lock:
            answerer = self._model(self._names["ask"])
            assert isinstance(answerer, QuestionAnswerer)
            options = AskOptions(question=question) if isinstance(question, str) else question
            return ask_pages(_readable(source), answerer, replace(options, **changes), on_reply=on_reply)

    def focus(
        self,
        sources: Source | Sequence[Source],
        options: FocusOptions | None = None,
        **changes: Unpack[FocusChanges],
    ) -> Focused:
        """Read places of pages; see `ocr2.focus`. Several sources are a list or tuple; their pages count together."""
        from ocr2.models.protocols import LineReader, PageReader, PlaceReader
        from ocr2.reading.questions.focus import focus_pages

        several = list(sources) if isinstance(sources, list | tuple) else [cast("Source", sources)]
        with self._lock:
            reader = self._model(self._names["focus"])
            assert isinstance(reader, LineReader | PageReader | PlaceReader)
            return focus_pages([_readable(source) for source in several], reader, with_places(options, changes))

    def page_dependence(
        self,
        sources: Source | Sequence[Source],
        answer: str,
        options: PageOptions | None = None,
        *,
        question: str | None = None,
        margin: float = MARGIN,
        **changes: Unpack[PageChanges],
    ) -> PageDependence:
        """Measure how much an answer depends on each page; see `ocr2.page_dependence`. Sources are as of `focus`."""
        from ocr2.models.protocols import AnswerScorer
        from ocr2.models.registry import find_multi_page
        from ocr2.reading.whole_pages.dependence import measure_page_dependence

        several = list(sources) if isinstance(sources, list | tuple) else [cast("Source", sources)]
        opened = replace(options or PageOptions(), **changes)
        with self._lock:
            scorer = self._model(find_multi_page(self._names["read"]).name)
            assert isinstance(scorer, AnswerScorer)
            readable = [_readable(source) for source in several]
            return measure_page_dependence(readable, scorer, answer, opened, question=question, margin=margin)

    def _require_read(self, options: ReadOptions) -> None:
        """Refuse options that mean nothing to the model that reads."""
        from ocr2.options import Where, WholePageOptions

        name = self._names["read"]
        if self.reads_pages:
            if options.regions:
                raise ValueError(f"regions: for models that read lines, {name} reads whole pages")
            if options.verify:
                raise ValueError(f"verify: for models that read lines, {name} reads whole pages")
            if options.draft == "ctc":
                raise ValueError(f"draft ctc: for models that read lines, {name} reads whole pages")
            return
        if options.draft in ("text-layer", "nano", "lookup"):
            raise ValueError(f"draft {options.draft}: for models that read whole pages, {name} reads lines")
        plain = WholePageOptions()
        used = ["where"] if options.where != Where() else []
        fields = ("markup", "crop", "tiles", "multi_page", "ngram_size")
        told = {field: (getattr(options.whole_page, field), getattr(plain, field)) for field in fields}
        used += [field for field, (value, default) in told.items() if value != default]
        if used:
            raise ValueError(f"{', '.join(used)}: for models that read whole pages, {name} reads lines")

    def _pictures(self) -> "PicturePageReader":
        from ocr2.reading.regions.pictures import PictureModels, PicturePageReader

        models = PictureModels(
            detector=lambda: self._detector(DEFAULTS["detect"]),
            charts=lambda: self._chart_reader(DEFAULTS["chart"]),
            tracer=lambda: self._tracer(DEFAULTS["trace"]),
            text_in_charts=lambda: self._line_reader(TEXT_IN_CHARTS),
            text_in_figures=lambda: self._line_reader(TEXT_IN_FIGURES),
        )
        models.detector()  # every page needs it: weights that do not fit are told before any page is read
        return PicturePageReader(models)

    def _text_reader(self) -> "LineReader | PageReader":
        from ocr2.models.protocols import LineReader, PageReader

        model = self._model(self._names["read"])
        assert isinstance(model, LineReader | PageReader)
        return model

    def _line_reader(self, name: str) -> "LineReader":
        from ocr2.models.protocols import LineReader

        model = self._model(name)
        assert isinstance(model, LineReader)
        return model

    def _chart_reader(self, name: str) -> "ChartReader":
        from ocr2.models.protocols import ChartReader

        model = self._model(name)
        assert isinstance(model, ChartReader)
        return model

    def _tracer(self, name: str) -> "FigureTracer":
        from ocr2.models.protocols import FigureTracer

        model = self._model(name)
        assert isinstance(model, FigureTracer)
        return model

    def _detector(self, name: str) -> "RegionDetector":
        from ocr2.models.protocols import RegionDetector

        model = self._model(name)
        assert isinstance(model, RegionDetector)
        return model

    def _model(self, name: str) -> "Model":
        """Return a model, loaded once; companions take the engine's device and number type."""
        from ocr2.models.registry import find

        with self._lock:
            if self._closed:
                raise ModelError("the engine is closed; load another with ocr2.load")
            if name not in self._models:
                spec = find(name)
                options = self.options
                if name != self.name:
                    quantize = "none" if spec.shipped else options.quantize
                    options = replace(options, weights=None, quantize=quantize)
                self._models[name] = spec.load(spec, options)
            return self._models[name]


def _readable(source: Source) -> "Readable":
    return cast("Readable", source)  # the same, but for the names of image classes that are not imported here


def _require_one_page(result: Chart | Trace, picture: ImageLike | None, count: int) -> None:
    if count > 1:
        name = "charts" if isinstance(result, Chart) else "traces"
        verb = "read" if isinstance(result, Chart) else "trace"
        other = f"{verb} them all with ocr2.read_{name}"
        raise ValueError(f"{result.file} has {count} pages: name one with page, or {other}")


def _only(results: list[R], what: str, verb: str) -> R:
    if len(results) != 1:
        name = "charts" if what == "charts" else "traces"
        raise ValueError(f"the source has {len(results)} {what}: {verb} them with ocr2.read_{name}")
    return results[0]


def one_page(page: int | None, options: PageOptions) -> str | None:
    """Return the selection of one page: its number, or what the options say."""
    return str(page) if page is not None else options.pages


def with_places(options: FocusOptions | None, changes: Mapping[str, Any]) -> FocusOptions:
    """Return options with keywords, boxes and point of which may be any sequences of numbers."""
    told = dict(changes)
    if "boxes" in told:
        told["boxes"] = tuple(map(require_box, told["boxes"]))
    if told.get("point") is not None:
        told["point"] = require_point(told["point"])
    return replace(options or FocusOptions(), **told)
