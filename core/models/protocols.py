"""What `reading` needs of a model: one that reads strips cut by us, or one that reads whole pictures."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ocr2.errors import OCR2Error
from ocr2.results.figure import Circle, Point, Segment
from ocr2.results.region import Region

MOST_TILES = 30  # with the page as a whole, 256 tokens each, and a prompt, they just fit GOT's context
Color = Literal["red", "green", "blue"]
BoxUnit = Literal["px", "thousandths"]
Focus = Literal["prompt", "crop"]
Draft = Literal["auto", "ctc", "text-layer", "nano", "lookup", "off"]


@dataclass(frozen=True, slots=True)
class StripReading:
    """What a model read on one strip."""

    text: str
    probabilities: tuple[float, ...]  # of each character
    positions: tuple[float, ...]  # x of each character's middle, as a share of the strip's width
    agreement: float  # of draft and decoder, 0..1; 1 without a draft
    stopped: str  # "end", "length" or "loop"
    rescued: bool = False  # the draft's reading, taken because the decoder strayed from it


class Reader(Protocol):
    """A loaded model."""

    name: str
    weights_sha256: str
    max_strip_width: int  # pixels at the strip height

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
class Ask:
    """What a model that reads whole pictures is asked."""

    markup: bool = False  # the model's markup instead of plain text
    box: tuple[float, float, float, float] | None = None  # left, top, right, bottom: read there only
    box_unit: BoxUnit = "px"  # pixels of the page, or thousandths of its sides
    focus: Focus = "prompt"  # name the box to the model, or cut it out and show nothing else
    color: Color | None = None  # read inside the frame of this colour
    tiles: int | Literal["auto"] = "auto"  # at most so many; 1 reads the page in one view, auto cuts up small print
    multi_page: bool = False  # all pages as one text
    ngram_size: int | None = None  # n-grams that may not come twice; 0 allows all, None is the model's own choice
    max_new_tokens: int | None = None

    def __post_init__(self) -> None:
        if self.tiles != "auto" and (type(self.tiles) is not int or not 1 <= self.tiles <= MOST_TILES):
            raise ValueError(f"tiles must be auto or 1 to {MOST_TILES}, got {self.tiles!r}")
        choices: dict[str, tuple[object, Any]] = {"box_unit": (self.box_unit, BoxUnit), "focus": (self.focus, Focus)}
        if self.color is not None:
            choices["color"] = (self.color, Color)
        for name, (choice, known) in choices.items():
            if choice not in get_args(known):
                raise ValueError(f"{name} must be one of {', '.join(get_args(known))}, got {choice!r}")
        if self.box is not None and not all(map(math.isfinite, self.box)):
            raise ValueError(f"a box has finite numbers, got {list(self.box)}")
        if self.box is not None and self.color is not None:
            raise ValueError("a box and a colour cannot both say where to read; give one")
        if self.box is None and (self.focus, self.box_unit) != ("prompt", "px"):
            raise ValueError("focus and box_unit say how a box is meant; there is no box")
        if self.tiles not in (1, "auto") and (
            self.color is not None or (self.box is not None and self.focus == "prompt")
        ):
            raise ValueError("a box or colour that is named to the model is read in one view, without tiles")
        if self.multi_page and (self.box is not None or self.color is not None or self.tiles not in (1, "auto")):
            raise ValueError("pages that are read as one text are read whole: no box, colour or tiles")
        if self.ngram_size is not None and self.ngram_size < 0:
            raise ValueError(f"ngram must not be negative, got {self.ngram_size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTask:
    """A picture to read."""

    number: int  # the caller's own
    picture: NDArray[np.uint8]  # (height, width, 3)
    ask: Ask
    draft: str | None = None  # a text that the answer is expected to be like: it changes the time, never the answer
    lookup: bool = False  # let the answer's own repeats serve as a draft
    # Called with the number of tokens so far; an OCR2Error it raises ends the task.
    on_progress: Callable[[int], None] | None = None
    started: float = 0.0  # `time.perf_counter()` when it was made


@dataclass(frozen=True, slots=True)
class PictureReading:
    """What a model wrote about a picture."""

    text: str
    probabilities: tuple[float, ...]  # of each token, the end included
    stopped: str  # "end", "length", "loop" or "error"
    views: int = 1  # pictures it was shown: tiles and a thumbnail of the page, or pages
    agreement: float | None = None  # of answer and draft, 0..1; None without a draft
    error: OCR2Error | None = None  # why there is no answer


@runtime_checkable
class PictureReader(Protocol):
    """A loaded model that reads whole pages."""

    name: str
    weights_sha256: str
    device_type: str  # "cpu", "cuda", "mps"

    def read_pictures(
        self, tasks: Iterable[PictureTask], *, batch_size: int | None = None
    ) -> Iterator[tuple[PictureTask, PictureReading]]:
        """Read pictures, `batch_size` at a time, and yield each when it is done; tasks are taken one by one."""

    def read_pages(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        ask: Ask,
        *,
        draft: str | None = None,
        lookup: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> PictureReading:
        """Read pages (height, width, 3) as one text."""


@dataclass(frozen=True, slots=True)
class PlacedText:
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
class ChartReading:
    """What a model wrote about a chart."""

    answer: str  # JSON, or nearly
    numbers: tuple[float, ...] | None  # of its auxiliary token: the values, min-max normalised, in the answer's order
    stopped: str  # "end", "length" or "loop"
    probabilities: tuple[float, ...] = ()  # of each token
    confidences: tuple[float, ...] = ()  # of each value, in the answer's order; empty if the model has none
    trust: float | None = None  # estimated probability that all values are right; None if the model gives none


@runtime_checkable
class ChartReader(Protocol):
    """A loaded model that reads charts."""

    name: str
    weights_sha256: str
    needs_text: bool  # another model reads the writing for it

    def find_text(self, picture: NDArray[np.uint8]) -> list[PlacedText]:
        """Return where the writing of a picture (height, width, 3) lies, texts empty; nothing if it needs none."""

    def read_charts(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        texts: Sequence[Sequence[PlacedText]],
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
class Asker(Protocol):
    """A loaded model that answers questions about pictures."""

    name: str
    weights_sha256: str
    teaches: tuple[str, ...]  # what it was taught beside answering: "detect", "focus"

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions, in order.

        Raises:
            ValueError: If a prompt leaves no room for an answer.
        """


@runtime_checkable
class Detector(Protocol):
    """A loaded model that finds the regions of pages."""

    name: str
    weights_sha256: str

    def detect_pages(self, pages: Sequence[NDArray[np.uint8]]) -> list[list[Region]]:
        """Find the regions of grey pages (height, width), in reading order; boxes in pixels."""


@dataclass(frozen=True, slots=True)
class TraceReading:
    """What a model wrote about a figure, in pixels of the picture."""

    segments: tuple[Segment, ...]
    circles: tuple[Circle, ...]
    labels: dict[str, Point]  # names of points, where the model writes them itself
    letters: tuple[PlacedText, ...] | None  # that it saw; None if it looks for none
    raw: str  # its answer in the published language
    stopped: str  # "end", "length" or "loop"
    unit: float  # pixels of one model unit


@runtime_checkable
class Tracer(Protocol):
    """A loaded model that traces figures."""

    name: str
    weights_sha256: str
    rulers: tuple[float, ...]  # that can be asked for, the default first; nothing if the weights know only one

    def trace_figures(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        *,
        ruler: float | None = None,
        max_new_tokens: int | None = None,
    ) -> list[TraceReading]:
        """Trace figures (height, width, 3), in order.

        Raises:
            ValueError: If the model has no such ruler.
        """
