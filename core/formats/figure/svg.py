"""SVG of a trace, in pixels of its picture."""

import math
from collections.abc import Sequence
from html import escape

from ocr2.formats.figure.mark_paths import mark_paths
from ocr2.results.figure import Arc, Point, Trace

STROKE = 0.004  # of the picture's longer side
DASH = 5.0  # strokes' widths
LETTER = 0.04  # of the picture's longer side


GAP = 16  # pixels between several traces
HEAD, WING = 6.0, 0.45  # strokes' widths of an arrow's head, radians of half of it
ARC_STEPS = 48


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


def _writing(trace: Trace, side: int, stroke: float) -> list[str]:
    """Return names beside their points, and other writing where it stands."""
    placed = {label.text for label in trace.labels if label.kind == "point"}
    beside = [name for name in trace.letters if name not in placed]
    if not beside and not trace.labels:
        return []
    parts = [f'<g font-family="serif" font-style="italic" font-size="{LETTER * side:.1f}">']
    for name in beside:
        x, y = trace.points[name]
        parts.append(f'<text x="{x + stroke * 2:.2f}" y="{y - stroke * 2:.2f}">{escape(name)}</text>')
    for label in trace.labels:
        left, top, right, bottom = label.box
        size = min(1.4 * (bottom - top), 2 * (right - left) / max(1, len(label.text)) + 2)
        place = f'x="{(left + right) / 2:.2f}" y="{bottom:.2f}" text-anchor="middle" font-size="{size:.1f}"'
        parts.append(f"<text {place}>{escape(label.text)}</text>")
    return [*parts, "</g>"]


def arc_points(arc: Arc) -> list[Point]:
    """Return points of an arc, pixels."""
    turns = [math.radians(arc.start + (arc.end - arc.start) * k / ARC_STEPS) for k in range(ARC_STEPS + 1)]
    return [(arc.center[0] + arc.radius * math.cos(t), arc.center[1] - arc.radius * math.sin(t)) for t in turns]


def _head(tip: Point, other: Point, size: float) -> list[Point]:
    turn = math.atan2(other[1] - tip[1], other[0] - tip[0])
    wings = [(tip[0] + size * math.cos(turn + w), tip[1] + size * math.sin(turn + w)) for w in (WING, -WING)]
    return [wings[0], tip, wings[1]]


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


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
        for tip, other, is_arrow in ((segment.start, segment.end, 0), (segment.end, segment.start, 1)):
            if segment.arrows[is_arrow]:
                parts.append(f'<polyline points="{_points(_head(tip, other, HEAD * stroke))}"/>')
    for circle in trace.circles:
        x, y = circle.center
        parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{circle.radius:.2f}"/>')
    parts += [f'<polyline points="{_points(arc_points(arc))}"/>' for arc in trace.arcs]
    parts += [f'<polyline stroke-width="{stroke / 2:.2f}" points="{_points(p)}"/>' for p in mark_paths(trace)]
    parts.append("</g>")
    parts += _writing(trace, side, stroke)
    return "\n".join([*parts, "</svg>"]) + "\n"
