"""SVG of a trace, in pixels of its picture."""

from collections.abc import Sequence
from html import escape

from ocr2.results.figure import Trace

STROKE = 0.004  # of the picture's longer side
DASH = 5.0  # strokes' widths
LETTER = 0.04  # of the picture's longer side


GAP = 16  # pixels between several traces


def traces_to_svg(traces: Sequence[Trace]) -> str:
    """Return one self-contained picture of traces, below each other if there are several; none of what failed."""
    shown = [trace for trace in traces if trace.error is None]
    if len(shown) == 1:
        return trace_to_svg(shown[0])
    width = max((trace.width for trace in shown), default=1)
    parts, top = [], 0
    for trace in shown:
        parts.append(f'<svg y="{top}" width="{trace.width}" height="{trace.height}">\n{trace_to_svg(trace)}</svg>\n')
        top += trace.height + GAP
    height = max(1, top - GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return "\n".join([head, "".join(parts) + "</svg>"]) + "\n"


def trace_to_svg(trace: Trace) -> str:
    """Return a self-contained picture of a trace."""
    side = max(1, trace.width, trace.height)
    stroke = max(1.0, STROKE * side)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {trace.width} {trace.height}" '
        f'width="{trace.width}" height="{trace.height}">',
        f'<g fill="none" stroke="black" stroke-width="{stroke:.2f}" stroke-linecap="round">',
    ]
    for segment in trace.segments:
        (x1, y1), (x2, y2) = segment.start, segment.end
        dashes = f' stroke-dasharray="{DASH * stroke:.2f}"' if segment.dashed else ""
        parts.append(f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"{dashes}/>')
    for circle in trace.circles:
        x, y = circle.center
        parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{circle.radius:.2f}"/>')
    parts.append("</g>")
    if trace.letters:
        parts.append(f'<g font-family="serif" font-style="italic" font-size="{LETTER * side:.1f}">')
        for name in trace.letters:
            x, y = trace.points[name]
            parts.append(f'<text x="{x + stroke * 2:.2f}" y="{y - stroke * 2:.2f}">{escape(name)}</text>')
        parts.append("</g>")
    return "\n".join([*parts, "</svg>"]) + "\n"
