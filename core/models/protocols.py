"""What `reading` needs of a model, one protocol a task, and the records that go in and come out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypedDict, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ocr2.errors import OCR2Error
from ocr2.formulas.tree import Row
from ocr2.options import FocusTask, PageInstructions, Where
from ocr2.results.figure import Circle, Mark, Point, Segment
from ocr2.results.region import Region


@dataclass(frozen=True, slots=True)
class StripReading:
    """What a model read on one strip."""

    text: str
    probabilities: tuple[float, ...]  # of each character
    positions: tuple[float, ...]  # x of each character's middle, as a share of the strip's width
    agreement: float  # of draft and decoder, 0..1; 1 without a draft
    stopped: str  # "end", "length" or "loop"
    rescued: bool = False  # the draft's reading, taken because the decoder strayed from it

    @property
    def probability(self) -> float:
        """Mean probability of its characters; 0 without any."""
        return sum(self.probabilities) / len(self.probabilities) if self.probabilities else 0.0

    @property
    def certainty(self) -> float:
        """How sure the model is, 0..1: its probability, less where decoder and draft disagree."""
        return self.agreement * self.probability


@dataclass(frozen=True, slots=True)
class ReadFormula:
    """What was read in a picture of one formula."""

    tree: Row  # of `ocr2.formulas.tree`
    confidence: float  # mean probability of what was written
    found: int  # signs in the picture
    unexplained: int  # of these, that are not in the tree
    covered: float  # share of the ink in and around the signs that are in it, 0..1
    stopped: str  # "end", "length" or "loop"


@runtime_checkable
class FormulaReader(Protocol):
    """Reads formulas."""

    def read_formulas(self, pictures: Sequence[NDArray[np.uint8]]) -> list[ReadFormula] | None:
        """Read grey pictures (height, width) of one formula each, in order; None if it cannot."""


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """A line of text that was found: its x-height band.

    Attributes:
        x: Of its middle, pixels.
        y: Of its middle, pixels.
        length: Pixels.
        x_height: Pixels.
        angle: Degrees counter-clockwise from level, -180 to 180: 90 reads upwards.
        points: Along its middle, from its beginning to its end: x and y in pixels.
        confidence: Mean probability of its cells.
    """

    x: float
    y: float
    length: float
    x_height: float
    angle: float
    points: tuple[tuple[float, float], ...]
    confidence: float


class StripOptions(TypedDict, total=False):
    """How strips are read; as of `LineReader.read_strips`."""

    batch_size: int | None
    max_new_tokens: int | None
    use_draft: bool | None


@runtime_checkable
class LineReader(Protocol):
    """A loaded model that reads text line by line, from strips."""

    name: str
    weights_sha256: str
    max_strip_width: int  # pixels at the strip height

    def find_lines(self, gray: NDArray[np.uint8], x_height: float) -> list[DetectedLine] | None:
        """Find the lines of a page (height, width) with small letters of about `x_height` pixels; None if it cannot."""

    def read_strips(
        self,
        strips: Sequence[NDArray[np.uint8]],
        *,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        on_batch: Callable[[int], None] | None = None,
        use_draft: bool | None = None,
    ) -> list[StripReading]:
        """Read normalised strips (height, width), in order; a draft changes the time, not the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A picture to read."""

    number: int  # the caller's own
    picture: NDArray[np.uint8]  # (height, width, 3)
    instructions: PageInstructions = field(default_factory=PageInstructions)
    draft: str | None = None  # a text that the answer is expected to be like: it changes the time, never the answer
    lookup: bool = False  # let the answer's own repeats serve as a draft
    # Called with the number of tokens so far; an OCR2Error it raises ends the task.
    on_progress: Callable[[int], None] | None = None
    started: float = 0.0  # `time.perf_counter()` when it was made


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a model wrote about a picture."""

    text: str
    probabilities: tuple[float, ...]  # of each token, the end included
    stopped: str  # "end", "length", "loop" or "error"
    views: int = 1  # pictures it was shown: tiles and a thumbnail of the page, or pages
    agreement: float | None = None  # of answer and draft, 0..1; None without a draft
    error: OCR2Error | None = None  # why there is no answer


@runtime_checkable
class PageReader(Protocol):
    """A loaded model that reads whole pages."""

    name: str
    weights_sha256: str
    device_type: str  # "cpu", "cuda", "mps"

    def read_pictures(
        self, tasks: Iterable[PageRequest], *, batch_size: int | None = None
    ) -> Iterator[tuple[PageRequest, PageReading]]:
        """Read pictures, `batch_size` at a time, and yield each when it is done; tasks are taken one by one."""

    def read_pages(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        instructions: PageInstructions,
        *,
        draft: str | None = None,
        lookup: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> PageReading:
        """Read pages (height, width, 3) as one text."""


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """How probable a given answer is."""

    tokens: tuple[str, ...]  # texts of its tokens, the end left out
    log_probs: tuple[tuple[float, ...], ...]  # (selections of pages, tokens), natural


@runtime_checkable
class AnswerScorer(Protocol):
    """A loaded model that says how probable an answer about several pages is."""

    name: str
    weights_sha256: str

    def score_answer(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        answer: str,
        selections: Sequence[Sequence[int]],
        *,
        question: str | None = None,
    ) -> ScoredAnswer:
        """Score one answer given each selection, by number from 0, of pages (height, width, 3).

        Without a question the prompt is that of `PageReader.read_pages`; a selection may be empty.

        Raises:
            ModelError: If a prompt and the answer do not fit the context.
        """


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of writing inside a picture."""

    text: str
    box: tuple[float, float, float, float]  # left, top, right, bottom in pixels, of the line as it lies in the picture
    angle: float = 0.0  # degrees counter-clockwise from upright: 90 reads upwards
    confidence: float = 1.0

    @property
    def height(self) -> float:
        """Height of the line as it lies, pixels."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class UnreadKind:
    """A kind of chart that is not read."""

    name: str  # one of `ocr2.charts.kinds.UNREAD_KINDS`, the most probable
    probability: float  # 0 to 1: that the chart is of one of these kinds, whichever


@dataclass(frozen=True, slots=True)
class ChartReading:
    """What a model wrote about a chart."""

    answer: str  # JSON, or nearly
    numbers: tuple[float, ...] | None  # of its auxiliary token: the values, min-max normalised, in the answer's order
    stopped: str  # "end", "length" or "loop"
    probabilities: tuple[float, ...] = ()  # of each token
    confidences: tuple[float, ...] = ()  # of each value, in the answer's order; empty if the model has none
    trust: float | None = None  # estimated probability that all values are right; None if the model gives none
    unread: UnreadKind | None = None  # that the chart may be of; None if the model knows no such kinds


@runtime_checkable
class ChartReader(Protocol):
    """A loaded model that reads charts."""

    name: str
    weights_sha256: str
    needs_text: bool  # another model reads the writing for it

    def find_text(self, picture: NDArray[np.uint8]) -> list[TextBox]:
        """Return where the writing of a picture (height, width, 3) lies, texts empty; nothing if it needs none."""

    def read_charts(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        texts: Sequence[Sequence[TextBox]],
        *,
        max_new_tokens: int | None = None,
    ) -> list[ChartReading]:
        """Read charts (height, width, 3), each with its writing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about pictures."""

    pictures: tuple[NDArray[np.uint8], ...]  # (height, width, 3) each
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote."""

    text: str
    stopped: str  # "end", "length" or "loop"
    probabilities: tuple[float, ...]  # of each token, the end included


@runtime_checkable
class QuestionAnswerer(Protocol):
    """A loaded model that answers questions about pictures."""

    name: str
    weights_sha256: str

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions, in order.

        Raises:
            ValueError: If a prompt leaves no room for an answer.
        """


@runtime_checkable
class PlaceReader(Protocol):
    """A loaded model that is told where to look, on one page or several."""

    name: str
    weights_sha256: str

    def read_places(
        self,
        task: FocusTask,
        where: Where,
        pictures: Sequence[NDArray[np.uint8]],
        *,
        max_new_tokens: int | None = None,
    ) -> Answer:
        """Do a task at places of pages (height, width, 3).

        Raises:
            ValueError: If the task was not trained for such places, or they do not fit the pages.
        """


@dataclass(frozen=True, slots=True)
class RegionReading:
    """What a model found on a page."""

    regions: tuple[Region, ...]  # in reading order, from models that know one; boxes in pixels
    raw: str = ""  # the model's answer, where it writes one
    stopped: str = "end"  # "end", "length" or "loop"


@runtime_checkable
class RegionDetector(Protocol):
    """A loaded model that finds the regions of pages, or named things in pictures."""

    name: str
    weights_sha256: str
    region_kinds: tuple[str, ...]  # that it knows; empty for a model that finds any named thing
    writes_answers: bool  # it writes boxes as text: without confidences, up to a number of tokens

    def find_regions(
        self, pictures: Sequence[NDArray[np.uint8]], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        """Find regions of pictures (height, width, 3), or grey (height, width): the named ones, or all."""


@dataclass(frozen=True, slots=True)
class FigureReading:
    """What a model wrote about a figure, in pixels of the picture."""

    segments: tuple[Segment, ...]
    circles: tuple[Circle, ...]
    labels: dict[str, Point]  # names of points, where the model writes them itself
    letters: tuple[TextBox, ...] | None  # that it saw; None if it looks for none
    raw: str  # its answer in the published language
    stopped: str  # "end", "length" or "loop"
    unit: float  # pixels of one model unit
    arrows: tuple[Point, ...] = ()  # heads of arrows
    marks: tuple[Mark, ...] = ()  # that name nothing yet
    texts: tuple[tuple[float, float, float, float], ...] | None = None  # boxes of writing; None if none were looked for


@runtime_checkable
class FigureTracer(Protocol):
    """A loaded model that traces figures."""

    name: str
    weights_sha256: str
    rulers: tuple[float, ...]  # that can be asked for, the default first; nothing if the weights know only one

    def trace_figures(
        self, pictures: Sequence[NDArray[np.uint8]], *, ruler: float | None = None, max_new_tokens: int | None = None
    ) -> list[FigureReading]:
        """Trace figures (height, width, 3), in order.

        Raises:
            ValueError: If the model has no such ruler.
        """


Model = LineReader | PageReader | ChartReader | FigureTracer | RegionDetector | QuestionAnswerer | PlaceReader
