"""The public calls that look at pages: `detect`, `ask`, `focus`. Nothing heavy is imported before they run."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ocr2.api import Readable
    from ocr2.models.protocols import BoxUnit, Color
    from ocr2.results.answer import Detection, Focused, Reply

DEFAULT_DETECT_MODEL = "vary-nano"
DEFAULT_ASK_MODEL = "vary-toy"
DEFAULT_FOCUS_MODEL = "got-nano"


def _pages(pages: str | None) -> "Sequence[range] | None":
    sources: Any = importlib.import_module("ocr2.documents.sources")
    selected: Sequence[range] | None = sources.parse_pages(pages) if pages is not None else None
    return selected


def _loaded(kind: str, model: str, weights: str | Path | None, device: str, dtype: str) -> Any:
    registry: Any = importlib.import_module("ocr2.models.registry")
    path = Path(weights) if weights is not None else None
    return getattr(registry, f"load_{kind}")(model, weights=path, device=device, dtype=dtype)


def detect(
    source: "Readable",
    names: Sequence[str] = (),
    *,
    model: str = DEFAULT_DETECT_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    pages: str | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    min_confidence: float = 0.0,
    max_new_tokens: int | None = None,
    on_detection: "Callable[[Detection, NDArray[np.uint8] | None, int], None] | None" = None,
) -> "list[Detection]":
    """Find the regions of pages, or things in pictures.

    Args:
        source: What `ocr2.read` takes; of a path also a folder, or a pattern such as "scans/*.png".
        names: What to look for; everything if empty. vary-nano knows title, paragraph, list, table, formula, figure,
            chart, molecule, score and geometry; vary-toy takes any name.
        model: A name that `ocr2 models list` shows, of a model that finds regions or things.
        weights: See `ocr2.load`, as for `device` and `dtype`.
        device: See `ocr2.load`.
        dtype: See `ocr2.load`.
        pages: Selection such as "1-3,8", from 1; all by default.
        dpi: Resolution at which PDF pages are rendered.
        password: Of an encrypted PDF.
        min_confidence: Leave out regions that the model is less sure of.
        max_new_tokens: Most tokens of an answer.
        on_detection: Called with each page's detection as it is done, its picture (None if there is none) and the
            number of pages of its document (0 if unknown).

    Returns:
        One detection a page, regions in reading order, boxes in pixels. One that could not be opened has `error` set.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or finds nothing.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, a name is none that the model knows, or a folder or pattern holds
            no picture.

    Examples:
        >>> import ocr2
        >>> for region in ocr2.detect("examples/page.pdf")[0].regions:  # doctest: +SKIP
        ...     print(region.kind, region.box)
    """
    reading: Any = importlib.import_module("ocr2.reading.regions.detect")
    options = reading.DetectOptions(
        names=tuple(names),
        min_confidence=min_confidence,
        pages=_pages(pages),
        dpi=dpi,
        password=password,
        max_new_tokens=max_new_tokens,
    )
    detector = _loaded("detector", model, weights, device, dtype)
    found: list[Detection] = reading.find_regions(source, detector, options, on_detection=on_detection)
    return found


def ask(
    source: "Readable",
    question: str,
    *,
    model: str = DEFAULT_ASK_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    pages: str | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    max_new_tokens: int | None = None,
    on_reply: "Callable[[Reply, NDArray[np.uint8] | None, int], None] | None" = None,
) -> "list[Reply]":
    """Ask one question about every page by itself.

    Args:
        source: What `ocr2.read` takes; of a path also a folder, or a pattern.
        question: In words.
        model: A name that `ocr2 models list` shows, of a model that answers questions. None of those that ship does.
        weights: See `ocr2.load`, as for `device` and `dtype`.
        device: See `ocr2.load`.
        dtype: See `ocr2.load`.
        pages: Selection such as "1-3,8", from 1; all by default.
        dpi: Resolution at which PDF pages are rendered.
        password: Of an encrypted PDF.
        max_new_tokens: Most tokens of an answer.
        on_reply: Called with each reply as it is done, its picture (None if there is none) and the number of pages of
            its document (0 if unknown).

    Returns:
        One reply a page. One that could not be opened has `error` set.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or answers no questions.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If an argument is out of range, or a folder or pattern holds no picture.
    """
    reading: Any = importlib.import_module("ocr2.reading.questions.ask")
    options = reading.AskOptions(
        question=question, pages=_pages(pages), dpi=dpi, password=password, max_new_tokens=max_new_tokens
    )
    asker = _loaded("asker", model, weights, device, dtype)
    replies: list[Reply] = reading.ask_pages(source, asker, options, on_reply=on_reply)
    return replies


def focus(
    *sources: "Readable",
    boxes: Sequence[Sequence[float]] = (),
    point: Sequence[float] | None = None,
    color: "Color | None" = None,
    unit: "BoxUnit" = "px",
    task: Literal["ocr", "translate", "summary", "caption", "latex", "compare"] = "ocr",
    model: str = DEFAULT_FOCUS_MODEL,
    weights: str | Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    pages: str | None = None,
    dpi: float = 200.0,
    password: str | None = None,
    max_new_tokens: int | None = None,
) -> "Focused":
    """Look at one place of a page, or at one box on each of up to eight.

    Args:
        sources: What `ocr2.read` takes, each; their pages count together.
        boxes: Left, top, right, bottom: one for each page.
        point: x, y: the line of writing there is read.
        color: Of a frame drawn on the page: what is inside is read.
        unit: "px", pixels of the page, or "thousandths" of its sides.
        task: What to do there; "compare" says which page's box has more characters. got-nano and got do "ocr" and
            "compare" alone.
        model: A name that `ocr2 models list` shows: got-nano reads the lines there, got and fox look for themselves.
        weights: See `ocr2.load`, as for `device` and `dtype`.
        device: See `ocr2.load`.
        dtype: See `ocr2.load`.
        pages: Selection such as "1-3,8", from 1, of every source; all by default.
        dpi: Resolution at which PDF pages are rendered.
        password: Of encrypted PDFs.
        max_new_tokens: Most tokens of the answer.

    Returns:
        What was read; its `focus` says whether the model was told where to look, or lines were cut out for it.

    Raises:
        ModelError: If the model, device or dtype is unknown or not there, or was not taught the task.
        CheckpointError: If the weights are missing or do not fit.
        ValueError: If the boxes do not fit the pages, a place is outside its page, or a colour or task is unknown.

    Examples:
        >>> import ocr2
        >>> ocr2.focus("examples/page.pdf", boxes=[(100, 100, 900, 300)]).text  # doctest: +SKIP
    """
    reading: Any = importlib.import_module("ocr2.reading.questions.focus")
    prompts: Any = importlib.import_module("ocr2.fox.prompts")
    if not sources:
        raise TypeError("focus needs a page to look at")
    where = prompts.Focus(
        boxes=tuple(tuple(box) for box in boxes),
        point=tuple(point) if point is not None else None,
        color=color,
        unit=unit,
    )
    options = reading.FocusOptions(
        task=task, focus=where, pages=_pages(pages), dpi=dpi, password=password, max_new_tokens=max_new_tokens
    )
    reader = _loaded("focuser", model, weights, device, dtype)
    found: Focused = reading.focus_pages(sources, reader, options)
    return found
