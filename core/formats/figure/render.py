"""Output notations of traces: TikZ, SVG, JSON, GeoGebra commands, and the text of the published models."""

from collections.abc import Sequence
from typing import Literal

from ocr2.results.figure import Trace

TraceFormat = Literal["tikz", "svg", "json", "text", "ggb-script"]
TRACE_SUFFIXES: dict[TraceFormat, str] = {
    "tikz": ".tex",
    "svg": ".svg",
    "json": ".json",
    "text": ".txt",
    "ggb-script": ".ggb.txt",
}


def render_traces(traces: Sequence[Trace], format: TraceFormat, *, body_only: bool = False) -> bytes:
    """Return traces in a format, UTF-8.

    Args:
        traces: What was traced.
        format: TikZ gives one document with a page for each, SVG one picture with all below each other.
        body_only: Of TikZ the pictures alone, to put into another document.

    Raises:
        ValueError: If the format is unknown.
    """
    # Each notation is imported when asked for: most calls need one.
    match format:
        case "tikz":
            from ocr2.formats.figure.tikz import traces_to_tikz

            text = traces_to_tikz(traces, body_only=body_only)
        case "svg":
            from ocr2.formats.figure.svg import traces_to_svg

            text = traces_to_svg(traces)
        case "json":
            from ocr2.formats.figure.json import traces_to_json

            text = traces_to_json(traces)
        case "ggb-script":
            from ocr2.formats.figure.ggb_script import trace_to_ggb_script

            text = "\n".join(trace_to_ggb_script(trace) for trace in traces if trace.error is None)
        case "text":
            text = "\n".join(trace.raw for trace in traces if trace.error is None)
        case _:
            raise ValueError(f"unknown format {format!r}; expected one of {', '.join(TRACE_SUFFIXES)}")
    # Names of files that are no UTF-8 come as lone surrogates, which cannot be written.
    return text.encode(errors="replace")
