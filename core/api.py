"""The public calls. Nothing heavy is imported before they run."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from ocr2.compute.linear import Quantize
    from ocr2.models.protocols import Ask, BoxUnit, Draft, Focus
    from ocr2.results.chart import Chart
    from ocr2.results.document import Document, Page
    from ocr2.results.figure import Trace

    ImageLike = Image.Image | NDArray[np.generic]
    Readable = str | Path | bytes | bytearray | memoryview | BinaryIO | ImageLike | Iterable[ImageLike]

DEFAULT_MODEL = "got-nano"
DEFAULT_CHART_MODEL = "onechart-nano"
DEFAULT_TRACE_MODEL = "slowperception-nano"
ASK_NAMES = {"ngram_size": "ngram"}  # where an argument is called otherwise inside


class Engine:
    """A loaded model, for repeated use.

    Examples:
        >>> import ocr2
        >>> engine = ocr2.load("got-nano")
        >>> engine.name
        'got-nano'
    """

    _device = "auto"  # of models that `regions` needs
    _parts: Any = None  # what reads pictures on pages, once it was needed

    def __init__(
        self, name: str, *, weights: Path | None, device: str, dtype: str, quantize: "Quantize" = "none"
    ) -> None:
        registry = importlib.import_module("ocr2.models.registry")
        self._reader = registry.load_page_reader(name, weights=weights, device=device, dtype=dtype, quantize=quantize)
        self.name = name
        self._device = device
        self.weights_sha256: str = self._reader.weights_sha256
        reader: Any = importlib.import_module("ocr2.models.protocols")
        self.reads_pages: bool = isinstance(self._reader, reader.PictureReader)  # whole, not line by line

    def read(
        self,
        source: "Readable",
        *,
        pages: str | None = None,
        dpi: float = 200.0,
        text_layer: Literal["auto", "use", "ignore"] = "ignore",
        rasterizer: Literal["pdfium", "poppler"] = "pdfium",
        password: str | None = None,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        min_confidence: float = 0.0,
        page_timeout: float | None = None,
        markup: bool = False,
        box: "Sequence[float] | None" = None,
        box_unit: "BoxUnit" = "px",
        focus: "Focus" = "prompt",
        color: Literal["red", "green", "blue"] | None = None,
        tiles: int | Literal["auto"] = "auto",
        multi_page: bool = False,
        ngram: int | None = None,
        draft: "Draft" = "auto",
        regions: bool = False,
        on_page: "Callable[[Page, int], None] | None" = None,
    ) -> "Document":
        """Read one document; see `ocr2.read`."""
        reading: Any = importlib.import_module("ocr2.reading.read")
        sources: Any = importlib.import_module("ocr2.documents.sources")
        page: Any = importlib.import_module("ocr2.reading.lines.page")
        options = reading.ReadOptions(
            pages=sources.parse_pages(pages) if pages is not None else None,
            dpi=dpi,
            rasterizer=rasterizer,
            password=password,
            text_layer=text_layer,
            page_timeout=page_timeout,
            min_confidence=min_confidence,
            page=page.PageOptions(
                batch_size=batch_size, max_new_tokens=max_new_tokens, use_draft=self._use_draft(draft)
            ),
            draft=draft,
            ask=self._ask(
                max_new_tokens,
                markup=markup,
                box=box,
                box_unit=box_unit,
                focus=focus,
                color=color,
                tiles=tiles,
                multi_page=multi_page,
                ngram_size=ngram,
            ),
        )
        parts = self._part_reader(text_layer) if regions else None
        document: Document = reading.read_document(source, self._reader, options, on_page=on_page, parts=parts)
        return document

    def _part_reader(self, text_layer: str) -> Any:
        """Return what reads pictures on pages, loaded once."""
        if self.reads_pages:
            raise ValueError(f"regions: for models that read lines, {self.name} reads whole pages")
        if text_layer != "ignore":
            raise ValueError("regions are found on the pages' pictures: text_layer must be ignore")
        if self._parts is None:
            parts: Any = importlib.import_module("ocr2.reading.regions.pictures")
            self._parts = parts.PartReader(device=self._device)
        self._parts.prepare()
        return self._parts

    def _use_draft(self, draft: "Draft") -> bool | None:
        """Say whether a model that reads lines drafts them; others can be given what no such model can."""
        if self.reads_pages and draft == "ctc":
            raise ValueError(f"draft ctc: for models that read lines, {self.name} reads whole pages")
        if not self.reads_pages and draft in ("text-layer", "nano", "lookup"):
            raise ValueError(f"draft {draft}: for models that read whole pages, {self.name} reads lines")
        return None if draft == "auto" else draft == "ctc"

    def _ask(self, max_new_tokens: int | None, **asked: Any) -> "Ask":
        """Build what a whole-page model is asked; other models can be asked nothing."""
        reader: Any = importlib.import_module("ocr2.models.protocols")
        plain = reader.Ask()
        used = [ASK_NAMES.get(name, name) for name, value in asked.items() if value != getattr(plain, name)]
        if used and not isinstance(self._reader, reader.PictureReader):
            raise ValueError(f"{', '.join(used)}: for models that read whole pages, {self.name} reads lines")
        box = asked["box"]
        if box is not None:
            if len(box) != 4:
                raise ValueError(f"a box is left, top, right, bottom; got {len(box)} numbers")
            asked["box"] = tuple(map(float, box))
        asked["markup"] = asked["markup"] or asked["multi_page"]  # the model was trained to read pages so alone
        ask: Ask = reader.Ask(max_new_tokens=max_new_tokens, **asked)
        return ask


def load(
    model: str = DEFAULT_MODEL,
    *,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    quantize: "Quantize" = "none",
) -> Engine:
    """Load a model once, to read many documents.

    Args:
        model: A name that `ocr2 models list` shows.
        weights: A file to use instead of the shipped weights; for models whose weights others released the folder,
            or the hub id of what is in the cache, instead of what was downloaded.
        device: "auto" (CUDA, then MPS, then CPU), "cpu", "cuda", "cuda:1", "mps".
        dtype: "auto" (bfloat16 where the hardware multiplies it), "float32", "bfloat16", "float16".
        quantize: "int8" or "int4" keep the matrices of a large model's decoder in fewer bits, on a CPU: less memory
            and time for a single page, and now and then another word. "none" keeps all bits.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there.
        CheckpointError: If the weights are missing or do not fit.
    """
    path = Path(weights) if weights is not None else None
    return Engine(model, weights=path, device=device, dtype=dtype, quantize=quantize)


def read(
    source: "Readable",
    *,
    model: str = DEFAULT_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    quantize: "Quantize" = "none",
    pages: str | None = None,
    dpi: float = 200.0,
    text_layer: Literal["auto", "use", "ignore"] = "ignore",
    rasterizer: Literal["pdfium", "poppler"] = "pdfium",
    password: str | None = None,
    batch_size: int | None = None,
    max_new_tokens: int | None = None,
    min_confidence: float = 0.0,
    page_timeout: float | None = None,
    markup: bool = False,
    box: "Sequence[float] | None" = None,
    box_unit: "BoxUnit" = "px",
    focus: "Focus" = "prompt",
    color: Literal["red", "green", "blue"] | None = None,
    tiles: int | Literal["auto"] = "auto",
    multi_page: bool = False,
    ngram: int | None = None,
    draft: "Draft" = "auto",
    regions: bool = False,
    on_page: "Callable[[Page, int], None] | None" = None,
) -> "Document":
    """Read a document into text with boxes and confidences.

    Args:
        source: A PDF or image file, its bytes, a file opened in binary mode, a PIL image, an array
            (height, width[, channels]), or an iterable of images taken as the pages of one document.
        model: See `load`, as for `weights`, `device`, `dtype` and `quantize`.
        weights: See `load`.
        device: See `load`.
        dtype: See `load`.
        quantize: See `load`.
        pages: Selection such as "1-3,8", from 1; all by default. With images it counts them by position.
        dpi: Resolution at which PDF pages are rendered.
        text_layer: "ignore" reads the picture of a PDF page, "use" copies the PDF's own text, "auto" copies
            it where it is complete and readable.
        rasterizer: "pdfium" (built in) or "poppler" (needs poppler-utils).
        password: Of an encrypted PDF.
        batch_size: Strips, or whole pages, that the model reads at once.
        max_new_tokens: Most characters of one strip, or tokens of a page.
        min_confidence: Words below are marked in Markdown and HTML.
        page_timeout: Seconds after which a page is given up and recorded as failed.
        markup: For models that read whole pages, as the seven below: their markup instead of plain text.
        box: Read inside left, top, right, bottom.
        box_unit: "px", pixels of the page, or "thousandths" of its sides.
        focus: "prompt" names the box to the model, "crop" cuts it out and shows nothing else.
        color: Read inside the frame of this colour.
        tiles: Cut a page into at most so many tiles, read together with the page as a whole; "auto" does so
            for small print alone.
        multi_page: Read all pages as one text, in markup; the first page then holds it.
        ngram: Forbid repeated n-grams of this size; 0 allows them, None is the model's own choice.
        draft: What guesses the text ahead, for the model to confirm: it changes the time and, in float32, never the
            text. "ctc" (models that read lines); "text-layer" of a PDF, "nano" (got-nano reads the page first) or
            "lookup" (repeats), for models that read whole pages; "off". "auto" takes the best there is.
        regions: For models that read lines: find pictures on the pages first. Charts become values, plane figures
            geometry, other pictures are cut out; each is a block in its place.
        on_page: Called with each finished page and the number of pages (0 if unknown).

    Returns:
        The document; a page that could not be read has `error` set and no blocks.

    Raises:
        DocumentError: If the document cannot be opened.
        ValueError: If an argument is out of range.
    """
    return load(model, weights=weights, device=device, dtype=dtype, quantize=quantize).read(
        source,
        pages=pages,
        dpi=dpi,
        text_layer=text_layer,
        rasterizer=rasterizer,
        password=password,
        batch_size=batch_size,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
        page_timeout=page_timeout,
        markup=markup,
        box=box,
        box_unit=box_unit,
        focus=focus,
        color=color,
        tiles=tiles,
        multi_page=multi_page,
        ngram=ngram,
        draft=draft,
        regions=regions,
        on_page=on_page,
    )


def chart(
    source: "Readable",
    *,
    model: str = DEFAULT_CHART_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    page: int | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    max_new_tokens: int | None = None,
    min_confidence: float = 0.0,
) -> "Chart":
    """Read one chart into titles, series of values, and how far to trust them.

    Args:
        source: What `read` takes.
        model: A name that `ocr2 models list` shows, of a model that reads charts.
        weights: See `load`, as for `device` and `dtype`.
        device: See `load`.
        dtype: See `load`.
        page: Of a document, from 1; needed if it has several.
        dpi: Resolution at which PDF pages are rendered.
        password: Of an encrypted PDF.
        max_new_tokens: Most tokens of the answer.
        min_confidence: A chart whose reliability has a lower score, or none, is `doubtful`.

    Returns:
        The chart. One that could not be opened or read has `error` set and no values.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or reads no charts.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, or the source has several pages; `read_charts` reads them all.
    """

    def require_one(chart: "Chart", picture: object, count: int) -> None:
        _require_one_page(chart.file, count, "read them all with ocr2.read_charts")

    found = read_charts(
        source,
        model=model,
        weights=weights,
        device=device,
        dtype=dtype,
        pages=str(page) if page is not None else None,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
        on_chart=require_one,
    )
    if len(found) != 1:
        raise ValueError(f"{source!r} has {len(found)} charts: read them with ocr2.read_charts")
    return found[0]


def _require_one_page(file: str, count: int, other: str) -> None:
    if count > 1:
        raise ValueError(f"{file} has {count} pages: name one with page, or {other}")


def read_charts(
    source: "Readable",
    *,
    model: str = DEFAULT_CHART_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    pages: str | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    max_new_tokens: int | None = None,
    min_confidence: float = 0.0,
    on_chart: "Callable[[Chart, NDArray[np.uint8] | None, int], None] | None" = None,
) -> "list[Chart]":
    """Read the charts of many pictures or pages; see `chart`.

    Args:
        source: What `read` takes; of a path also a folder, or a pattern such as "charts/*.png". Every page is taken for
            one chart.
        model: See `chart`, as for all that follows but `pages`.
        weights: See there.
        device: See there.
        dtype: See there.
        pages: Selection such as "1-3,8", from 1; all by default.
        dpi: See there.
        password: See there.
        max_new_tokens: See there.
        min_confidence: See there.
        on_chart: Called with each chart as it is done, its picture (None if there is none) and the number of charts of
            its document (0 if unknown).

    Returns:
        A list, also of one chart, in the order of the pages. One that could not be opened or read has `error` set and
        no values.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or reads no charts.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, or a folder or pattern holds no picture.
    """
    reading: Any = importlib.import_module("ocr2.reading.charts.read")
    sources: Any = importlib.import_module("ocr2.documents.sources")
    registry: Any = importlib.import_module("ocr2.models.registry")
    options = reading.ChartOptions(
        pages=sources.parse_pages(pages) if pages is not None else None,
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
        min_confidence=min_confidence,
    )
    path = Path(weights) if weights is not None else None
    reader = registry.load_chart_reader(model, weights=path, device=device, dtype=dtype)
    found: list[Chart] = reading.read_charts(source, reader, options, on_chart=on_chart)
    return found


def trace(
    source: "Readable",
    *,
    model: str = DEFAULT_TRACE_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    page: int | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    ruler: float | None = None,
    max_new_tokens: int | None = None,
    tidy: bool = True,
    letters: bool = True,
) -> "Trace":
    """Trace one plane figure into segments, circles, named points, and what holds between them.

    Args:
        source: What `read` takes.
        model: A name that `ocr2 models list` shows, of a model that traces figures.
        weights: See `load`, as for `device` and `dtype`.
        device: See `load`.
        dtype: See `load`.
        page: Of a document, from 1; needed if it has several.
        dpi: Resolution at which PDF pages are rendered.
        password: Of an encrypted PDF.
        ruler: Longest stroke, in twentieths of the view's side: infinite, 12, 10, 8 or 4. None is the model's choice.
        max_new_tokens: Most tokens of the answer.
        tidy: Let ends meet, put them on the lines and circles they touch, join pieces of one line.
        letters: Read the letters beside points.

    Returns:
        The trace, in pixels of the picture. One that could not be opened or traced has `error` set.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or traces no figures.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, or the document has several pages and `page` is None.

    Examples:
        >>> import ocr2
        >>> found = ocr2.trace("examples/figure.png")  # doctest: +SKIP
        >>> print(found.to_tikz())  # doctest: +SKIP
    """

    def require_one(found: "Trace", picture: "NDArray[np.uint8] | None", count: int) -> None:
        _require_one_page(found.file, count, "trace them all with ocr2.read_traces")

    found = read_traces(
        source,
        model=model,
        weights=weights,
        device=device,
        dtype=dtype,
        pages=str(page) if page is not None else None,
        dpi=dpi,
        password=password,
        ruler=ruler,
        max_new_tokens=max_new_tokens,
        tidy=tidy,
        letters=letters,
        on_trace=require_one,
    )
    if len(found) != 1:
        raise ValueError(f"{source!r} has {len(found)} figures: trace them with ocr2.read_traces")
    return found[0]


def read_traces(
    source: "Readable",
    *,
    model: str = DEFAULT_TRACE_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    pages: str | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    ruler: float | None = None,
    max_new_tokens: int | None = None,
    tidy: bool = True,
    letters: bool = True,
    on_trace: "Callable[[Trace, NDArray[np.uint8] | None, int], None] | None" = None,
) -> "list[Trace]":
    """Trace the figures of many pictures or pages; see `trace`.

    Args:
        source: What `read` takes; of a path also a folder, or a pattern such as "figures/*.png". Every page is taken
            for one figure.
        model: See `trace`, as for all that follows but `pages`.
        weights: See there.
        device: See there.
        dtype: See there.
        pages: Selection such as "1-3,8", from 1; all by default.
        dpi: See there.
        password: See there.
        ruler: See there.
        max_new_tokens: See there.
        tidy: See there.
        letters: See there.
        on_trace: Called with each trace as it is done, its picture (None if there is none) and the number of figures of
            its document (0 if unknown).

    Returns:
        A list, also of one trace, in the order of the pages. One that could not be opened or traced has `error` set.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or traces no figures.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, or a folder or pattern holds no picture.
    """
    reading: Any = importlib.import_module("ocr2.reading.figures.read")
    sources: Any = importlib.import_module("ocr2.documents.sources")
    registry: Any = importlib.import_module("ocr2.models.registry")
    options = reading.TraceOptions(
        pages=sources.parse_pages(pages) if pages is not None else None,
        dpi=dpi,
        password=password,
        ruler=ruler,
        max_new_tokens=max_new_tokens,
        tidy=tidy,
        letters=letters,
    )
    path = Path(weights) if weights is not None else None
    tracer = registry.load_tracer(model, weights=path, device=device, dtype=dtype)
    found: list[Trace] = reading.read_traces(source, tracer, options, on_trace=on_trace)
    return found
