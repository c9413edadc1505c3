"""Options of the public calls: frozen dataclasses that check themselves, and the same fields as keywords.

Every `...Changes` is the keyword form of the dataclass above it: `ocr2.read("scan.pdf", pages="1-3")` is
`ocr2.read("scan.pdf", ReadOptions(pages="1-3"))`.
"""

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict, get_args

Rasterizer = Literal["pdfium", "poppler"]
TextLayer = Literal["ignore", "use", "auto"]
DType = Literal["auto", "float32", "bfloat16", "float16"]
Quantize = Literal["none", "int8", "int4"]
Draft = Literal["auto", "ctc", "text-layer", "nano", "lookup", "off"]
Spreads = Literal["auto", "always", "never"]
Color = Literal["red", "green", "blue"]
BoxUnit = Literal["px", "thousandths"]
FocusTask = Literal["ocr", "translate", "summary", "caption", "latex", "compare"]
ReliabilityRule = Literal["ours", "authors"]
Quad = tuple[float, float, float, float]  # left, top, right, bottom

DEFAULT_DPI = 200.0  # puts 10 pt text at the scale the nano reader was trained at
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # the usual tags of BCP 47
MAX_TILES = 30  # with the page as a whole, 256 tokens each, and a prompt, they just fit GOT's context
OPEN_END = sys.maxsize - 1  # last page of a range such as "7-"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How models are loaded; shared by all models of a call.

    Attributes:
        weights: File of a shipped model's weights, or folder (or hub id in the cache) of a published model's; None
            takes the shipped or the downloaded ones. Meant for the model that is named, not for its companions.
        device: "auto" (CUDA, then MPS, then CPU), "cpu", "cuda", "cuda:1", "mps".
        dtype: "auto" (bfloat16 where the hardware multiplies it), "float32", "bfloat16", "float16".
        quantize: "int8" or "int4" keep the matrices of a published model's decoder in fewer bits, on a CPU: less memory
            and time for a single page, and now and then another word. "none" keeps all bits.
    """

    weights: Path | None = None
    device: str = "auto"
    dtype: str = "auto"
    quantize: Quantize = "none"

    def __post_init__(self) -> None:
        _require_choice("quantize", self.quantize, Quantize)


class LoadChanges(TypedDict, total=False):
    """Fields of `LoadOptions` as keywords."""

    weights: str | Path | None
    device: str
    dtype: str
    quantize: Quantize


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """How documents are opened.

    Attributes:
        pages: Selection such as "1-3,8", from 1; None for all. Images are counted by position.
        dpi: Resolution at which PDF pages are rendered, 20 to 1200.
        rasterizer: "pdfium" (built in) or "poppler" (needs poppler-utils).
        password: Password of encrypted PDFs.
    """

    pages: str | None = None
    dpi: float = DEFAULT_DPI
    rasterizer: Rasterizer = "pdfium"
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 20 <= self.dpi <= 1200:
            raise ValueError(f"dpi must lie between 20 and 1200, got {self.dpi:g}")
        _require_choice("rasterizer", self.rasterizer, Rasterizer)
        self.page_ranges()  # refuses what is no selection

    def page_ranges(self) -> list[range] | None:
        """Return the selected pages as ranges; None for all."""
        return parse_pages(self.pages) if self.pages is not None else None


class PageChanges(TypedDict, total=False):
    """Fields of `PageOptions` as keywords."""

    pages: str | None
    dpi: float
    rasterizer: Rasterizer
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Places of pages; nothing given means whole pages.

    Attributes:
        boxes: Left, top, right, bottom; one for each page that is looked at.
        point: x, y of a point on a text line.
        color: Colour of a frame that is drawn on the page: what is inside is meant.
        unit: Unit of boxes and point: "px", pixels of the page, or "thousandths" of its sides.

    Raises:
        ValueError: If more than one way is given, or a value is none that there is.
    """

    boxes: tuple[Quad, ...] = ()
    point: tuple[float, float] | None = None
    color: Color | None = None
    unit: BoxUnit = "px"

    def __post_init__(self) -> None:
        given = [name for name in ("boxes", "point", "color") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"boxes, a point or a colour say where to look; give one, not {' and '.join(given)}")
        for box in self.boxes:
            require_box(box)
        if self.color is not None:
            _require_choice("color", self.color, Color)
        _require_choice("unit", self.unit, BoxUnit)

    @property
    def is_whole_page(self) -> bool:
        """Whether no place is named."""
        return not self.boxes and self.point is None and self.color is None


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePageOptions:
    """Options of models that read whole pages; others refuse them.

    Attributes:
        markup: The model's markup instead of plain text.
        crop: Cut a box out and show nothing else, instead of naming it to the model.
        tiles: Cut a page into at most so many tiles, read together with the page as a whole; 1 reads it in one view,
            "auto" cuts small print alone.
        multi_page: Read all pages as one text, in markup; the first page then holds it.
        ngram_size: Size of n-grams that may not come twice; 0 allows all, None is the model's own choice.
    """

    markup: bool = False
    crop: bool = False
    tiles: int | Literal["auto"] = "auto"
    multi_page: bool = False
    ngram_size: int | None = None

    def __post_init__(self) -> None:
        if self.tiles != "auto" and (type(self.tiles) is not int or not 1 <= self.tiles <= MAX_TILES):
            raise ValueError(f"tiles must be auto or 1 to {MAX_TILES}, got {self.tiles!r}")
        if self.ngram_size is not None and self.ngram_size < 0:
            raise ValueError(f"ngram_size must not be negative, got {self.ngram_size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInstructions:
    """Everything that a model of whole pages is told about one page.

    Attributes:
        where: At most one box, or a colour.
        whole_page: How the page is shown, and what is asked for.
        max_new_tokens: Bound of the answer; None is the model's own.
    """

    where: Where = field(default_factory=Where)
    whole_page: WholePageOptions = field(default_factory=WholePageOptions)
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        where, tiles = self.where, self.whole_page.tiles
        if where.point is not None:
            raise ValueError("models of whole pages are told a box or a colour, not a point")
        if len(where.boxes) > 1:
            raise ValueError(f"one box says where to read, got {len(where.boxes)}")
        if self.whole_page.crop and not where.boxes:
            raise ValueError("crop says how a box is shown; there is no box")
        if tiles not in (1, "auto") and not where.is_whole_page and not self.whole_page.crop:
            raise ValueError("a box or colour that is named to the model is read in one view, without tiles")
        if self.whole_page.multi_page and not (where.is_whole_page and tiles in (1, "auto")):
            raise ValueError("pages that are read as one text are read whole: no box, colour or tiles")

    @property
    def box(self) -> Quad | None:
        """The box, if there is one."""
        return self.where.boxes[0] if self.where.boxes else None

    @property
    def formatted(self) -> bool:
        """Whether markup is asked for; several pages as one text were trained in markup alone."""
        return self.whole_page.markup or self.whole_page.multi_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions(PageOptions):
    """How documents are read.

    Attributes:
        text_layer: "ignore" reads the picture of a PDF page, "use" copies the PDF's own text, "auto" copies it where
            it is complete and readable.
        regions: Find pictures on the pages first: charts become values, plane figures geometry, others are cut out;
            each is a block in its place. For models that read lines.
        where: Place to read, for models that read whole pages; `ocr2.focus` reads places with any model.
        whole_page: Options of models that read whole pages.
        draft: What guesses the text ahead, for the model to confirm: it changes the time and, in float32, never the
            text. "ctc" (models that read lines); "text-layer" of a PDF, "nano" (got-nano reads the page first) or
            "lookup" (repeats), for models that read whole pages; "off". "auto" takes the best there is.
        batch_size: Text strips, or whole pages, that the model reads at once; None is the model's own choice.
        max_new_tokens: Bound of the characters of one strip, or the tokens of a page.
        page_timeout: Seconds after which a page is given up and recorded as failed.
        min_confidence: Confidence, 0..1, below which words are marked in Markdown and HTML.
        keep_headers: Keep headers, footers and page numbers in text, Markdown and LaTeX; JSON and HTML always do.
        page_breaks: Say in Markdown where a page begins: `<!-- page 2 -->`.
        language: Of the text, as BCP 47 names it ("en", "pt-BR"): written into HTML, hOCR, JSON and searchable PDFs,
            not used for reading.
        split_spreads: Read two pages side by side, such as an open book, one after the other: "always", "never", or
            "auto": on wide pictures with running text on both sides of white near the middle. For models that read
            lines.
        verify: Draw formulas again and compare them with the picture; needs LaTeX, or Matplotlib (extra `charts`).
            For models that read lines.
    """

    text_layer: TextLayer = "ignore"
    regions: bool = False
    where: Where = field(default_factory=Where)
    whole_page: WholePageOptions = field(default_factory=WholePageOptions)
    draft: Draft = "auto"
    batch_size: int | None = None
    max_new_tokens: int | None = None
    page_timeout: float | None = None
    min_confidence: float = 0.0
    keep_headers: bool = False
    page_breaks: bool = False
    language: str | None = None
    split_spreads: Spreads = "auto"
    verify: bool = False

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        _require_share("min_confidence", self.min_confidence)
        if self.page_timeout is not None and self.page_timeout <= 0:
            raise ValueError(f"page_timeout must be positive, got {self.page_timeout:g}")
        _require_counts(batch_size=self.batch_size, max_new_tokens=self.max_new_tokens)
        _require_choice("text_layer", self.text_layer, TextLayer)
        _require_choice("draft", self.draft, Draft)
        _require_choice("split_spreads", self.split_spreads, Spreads)
        if self.language is not None and not LANGUAGE.fullmatch(self.language):
            raise ValueError(f"language must be a tag such as en or pt-BR, got {self.language!r}")
        if self.text_layer != "ignore":
            if self.regions:
                raise ValueError("regions are found on the pages' pictures: text_layer must be ignore")
            if not self.where.is_whole_page or self.whole_page != WholePageOptions():
                raise ValueError("what a model is asked needs the pages' pictures: text_layer must be ignore")
        self.instructions()  # refuses what does not go together

    def instructions(self) -> PageInstructions:
        """Return what a model of whole pages is told."""
        return PageInstructions(where=self.where, whole_page=self.whole_page, max_new_tokens=self.max_new_tokens)


class ReadChanges(PageChanges, total=False):
    """Fields of `ReadOptions` as keywords."""

    text_layer: TextLayer
    regions: bool
    where: Where
    whole_page: WholePageOptions
    draft: Draft
    batch_size: int | None
    max_new_tokens: int | None
    page_timeout: float | None
    min_confidence: float
    keep_headers: bool
    page_breaks: bool
    language: str | None
    split_spreads: Spreads
    verify: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartOptions(PageOptions):
    """How charts are read.

    Attributes:
        max_new_tokens: Bound of the tokens of the answer.
        min_confidence: Reliability, 0..1, below which a chart is `doubtful`.
        rule: Rule of the reliability: "ours", or "authors", which judges as the authors' script does.
    """

    max_new_tokens: int | None = None
    min_confidence: float = 0.0
    rule: ReliabilityRule = "ours"

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        _require_share("min_confidence", self.min_confidence)
        _require_counts(max_new_tokens=self.max_new_tokens)
        _require_choice("rule", self.rule, ReliabilityRule)


class ChartChanges(PageChanges, total=False):
    """Fields of `ChartOptions` as keywords."""

    max_new_tokens: int | None
    min_confidence: float
    rule: ReliabilityRule


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureOptions(PageOptions):
    """How plane figures are traced.

    Attributes:
        ruler: Longest stroke, in twentieths of the view's side: infinite, 12, 10, 8 or 4; None is the model's choice.
        tidy: Let ends meet, put them on the lines and circles they touch, join pieces of one line.
        letters: Read the letters beside points.
        max_new_tokens: Bound of the tokens of the answer.
    """

    ruler: float | None = None
    tidy: bool = True
    letters: bool = True
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        _require_counts(max_new_tokens=self.max_new_tokens)


class FigureChanges(PageChanges, total=False):
    """Fields of `FigureOptions` as keywords."""

    ruler: float | None
    tidy: bool
    letters: bool
    max_new_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectOptions(PageOptions):
    """How regions are found.

    Attributes:
        names: Names of what to look for; everything if empty. vary-nano knows the kinds of `ocr2.Region`, vary-toy
            takes any name.
        min_confidence: Confidence, 0..1, below which regions are left out.
        max_new_tokens: Bound of the tokens of an answer, for models that write one.
    """

    names: tuple[str, ...] = ()
    min_confidence: float = 0.0
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        _require_share("min_confidence", self.min_confidence)
        _require_counts(max_new_tokens=self.max_new_tokens)


class DetectChanges(PageChanges, total=False):
    """Fields of `DetectOptions` as keywords."""

    min_confidence: float
    max_new_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions(PageOptions):
    """How questions about pages are answered.

    Attributes:
        question: Question, in words.
        max_new_tokens: Bound of the tokens of an answer.
    """

    question: str
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        if not self.question.strip():
            raise ValueError("the question is empty")
        _require_counts(max_new_tokens=self.max_new_tokens)


class AskChanges(PageChanges, total=False):
    """Fields of `AskOptions` as keywords."""

    max_new_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusOptions(PageOptions):
    """Which places of pages are read, and what is done there.

    Attributes:
        boxes: Left, top, right, bottom: one for each page.
        point: x, y: the text line there is read.
        color: Colour of a frame drawn on the page: what is inside is read.
        unit: Unit of boxes and point: "px", pixels of the page, or "thousandths" of its sides.
        task: What to do there; "compare" says which page's box has more characters. got-nano and got do "ocr" and
            "compare" alone.
        max_new_tokens: Bound of the tokens of the answer.
    """

    boxes: tuple[Quad, ...] = ()
    point: tuple[float, float] | None = None
    color: Color | None = None
    unit: BoxUnit = "px"
    task: FocusTask = "ocr"
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        PageOptions.__post_init__(self)
        _require_choice("task", self.task, FocusTask)
        _require_counts(max_new_tokens=self.max_new_tokens)
        _ = self.where  # refuses what does not go together

    @property
    def where(self) -> Where:
        """The places."""
        return Where(boxes=self.boxes, point=self.point, color=self.color, unit=self.unit)


class FocusChanges(PageChanges, total=False):
    """Fields of `FocusOptions` as keywords; a box or point may be any sequence of numbers."""

    boxes: Sequence[Sequence[float]]
    point: Sequence[float] | None
    color: Color | None
    unit: BoxUnit
    task: FocusTask
    max_new_tokens: int | None


def parse_pages(text: str) -> list[range]:
    """Parse a page selection such as "1-3,8,10-" (from 1; an open end means the last page).

    Raises:
        ValueError: If it is not of that form, or a range runs backwards.

    Examples:
        >>> parse_pages("1-3,8")
        [range(1, 4), range(8, 9)]
    """
    ranges = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:(-)\s*(\d+)?)?\s*", part)
        if match is None:
            raise ValueError(f"page range {part.strip()!r} is not of the form 3, 1-5 or 7-")
        first = int(match[1])
        last = int(match[3]) if match[3] else (first if match[2] is None else OPEN_END)
        if first < 1 or last < first:
            raise ValueError(f"page range {part.strip()!r} must count up from 1")
        ranges.append(range(first, last + 1))
    return ranges


def require_box(box: Sequence[float]) -> Quad:
    """Return a box that a user gave as four finite numbers.

    Raises:
        ValueError: If it is none.
    """
    if len(box) != 4:
        raise ValueError(f"a box is left, top, right, bottom; got {len(box)} numbers")
    if not all(map(math.isfinite, box)):
        raise ValueError(f"a box has finite numbers, got {list(box)}")
    left, top, right, bottom = map(float, box)
    return left, top, right, bottom


def require_point(point: Sequence[float]) -> tuple[float, float]:
    """Return a point that a user gave as two numbers.

    Raises:
        ValueError: If it is none.
    """
    if len(point) != 2:
        raise ValueError(f"a point is x, y; got {len(point)} numbers")
    return float(point[0]), float(point[1])


def _require_choice(name: str, value: object, choices: object) -> None:  # a Literal is no type to mypy
    if value not in get_args(choices):
        raise ValueError(f"{name} must be one of {', '.join(get_args(choices))}, got {value!r}")


def _require_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1, got {value:g}")


def _require_counts(**counts: int | None) -> None:
    for name, count in counts.items():
        if count is not None and count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")
