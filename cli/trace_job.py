"""Figures, as `ocr2.cli.picture_job` reads them."""

import functools
from collections.abc import Callable
from typing import Any

from ocr2.cli.picture_job import OnResult, PictureKind
from ocr2.documents.sources import Source, parse_pages
from ocr2.formats.figure.render import TRACE_SUFFIXES, render_traces
from ocr2.reading.figures.overlay import draw_trace
from ocr2.reading.figures.read import TraceOptions, read_traces
from ocr2.results.figure import Trace


def trace_kind(*, body_only: bool) -> PictureKind[Trace]:
    """Return what figures become."""
    return PictureKind(
        name="figure",
        suffixes={str(format): suffix for format, suffix in TRACE_SUFFIXES.items()},
        how="--format",
        render=functools.partial(render_traces, body_only=body_only),
        draw=draw_trace,
    )


def trace_loader(loading: dict[str, Any], *, pages: str | None, **how: Any) -> Callable[[], Callable[..., object]]:
    """Check the options, and return what loads the model.

    Args:
        loading: Arguments of `ocr2.models.registry.load_tracer`.
        pages: Selection, or None.
        how: Other arguments of `TraceOptions`.

    Raises:
        ValueError: If an option is out of range.
    """
    options = TraceOptions(pages=parse_pages(pages) if pages is not None else None, **how)

    def load() -> Callable[..., object]:
        from ocr2.models.registry import load_tracer

        tracer = load_tracer(**loading)

        def read(source: Source, on_result: OnResult[Trace]) -> object:
            return read_traces(source, tracer, options, on_trace=on_result)

        return read

    return load
