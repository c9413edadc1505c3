"""Detections and replies, as `ocr2.cli.picture_job` makes them."""

from collections.abc import Callable
from typing import Any

from PIL import Image

from ocr2.cli.picture_job import RGB, OnResult, PictureKind
from ocr2.documents.sources import Source, parse_pages
from ocr2.formats.answers import ANSWER_SUFFIXES, render_detections, render_replies
from ocr2.reading.questions.ask import AskOptions, ask_pages
from ocr2.reading.regions.detect import DetectOptions, find_regions
from ocr2.reading.regions.overlay import draw_regions
from ocr2.results.answer import Detection, Reply

Loader = Callable[[], Callable[..., object]]
SUFFIXES = {str(format): suffix for format, suffix in ANSWER_SUFFIXES.items()}


def _draw_nothing(reply: Reply, picture: RGB) -> Image.Image:
    return Image.fromarray(picture)


DETECTIONS: PictureKind[Detection] = PictureKind("page", SUFFIXES, "--format", render_detections, draw_regions)  # type: ignore[arg-type]
REPLIES: PictureKind[Reply] = PictureKind("page", SUFFIXES, "--format", render_replies, _draw_nothing)  # type: ignore[arg-type]


def detect_loader(loading: dict[str, Any], *, pages: str | None, **how: Any) -> Loader:
    """Check the options, and return what loads the model.

    Args:
        loading: Arguments of `ocr2.models.registry.load_detector`.
        pages: Selection, or None.
        how: Other arguments of `DetectOptions`.

    Raises:
        ValueError: If an option is out of range.
    """
    options = DetectOptions(pages=parse_pages(pages) if pages is not None else None, **how)

    def load() -> Callable[..., object]:
        from ocr2.models.registry import load_detector
        from ocr2.reading.regions.detect import require_options

        detector = load_detector(**loading)
        require_options(detector, options)  # once, not for every document

        def read(source: Source, on_result: OnResult[Detection]) -> object:
            return find_regions(source, detector, options, on_detection=on_result)

        return read

    return load


def ask_loader(loading: dict[str, Any], *, pages: str | None, **how: Any) -> Loader:
    """Check the options, and return what loads the model; arguments as of `detect_loader`."""
    options = AskOptions(pages=parse_pages(pages) if pages is not None else None, **how)

    def load() -> Callable[..., object]:
        from ocr2.models.registry import load_asker

        asker = load_asker(**loading)

        def read(source: Source, on_result: OnResult[Reply]) -> object:
            return ask_pages(source, asker, options, on_reply=on_result)

        return read

    return load
