"""GeoGebra commands that draw a trace, a line each; as its manual's command reference names them.

Ten units are the picture's longer side, y up.
"""

import math
import re

from ocr2.results.figure import Arc, Point, Segment, Trace

WIDTH = 10.0  # units of the picture's longer side
# Names that GeoGebra keeps for itself.
RESERVED = frozenset(("x", "y", "z", "e", "i", "xAxis", "yAxis", "zAxis", "O"))


def trace_to_ggb_script(trace: Trace) -> str:
    """Return commands that draw a trace: points, segments, rays, lines, circles, arcs, polygons' corners, writing.

    Written letters are points' names, made-up names are hidden; what was not traced is a comment.
    """
    if trace.error is not None:
        return f"# {' '.join(trace.error.split())}\n"
    scale = WIDTH / max(1, trace.width, trace.height)
    names = _names(trace)

    def at(point: Point) -> str:
        return f"({point[0] * scale:.3f}, {(trace.height - point[1]) * scale:.3f})"

    lines = [f"{name} = {at(point)}" for point, name in names.items()]
    written = {trace.points[label] for label in trace.letters}
    lines += [f"ShowLabel({name}, false)" for point, name in names.items() if point not in written]
    for i, segment in enumerate(trace.segments, start=1):
        lines.append(f"s_{{{i}}} = {_straight(segment, names)}")
        lines.append(f"ShowLabel(s_{{{i}}}, false)")
        if segment.dashed:
            lines.append(f"SetLineStyle(s_{{{i}}}, 1)")
    lines += [f"Circle({at(c.center)}, {c.radius * scale:.3f})" for c in trace.circles]
    lines += [f"CircularArc({at(a.center)}, {at(_on(a, a.start))}, {at(_on(a, a.end))})" for a in trace.arcs]
    for label in trace.labels:
        if label.kind != "point":
            text = label.text.replace("\\", "").replace('"', "'")
            lines.append(f'Text("{text}", {at((label.box[0], label.box[3]))})')
    return "\n".join(lines) + "\n"


def _straight(segment: Segment, names: dict[Point, str]) -> str:
    start, end = names[segment.start], names[segment.end]
    match segment.arrows:
        case (True, True):
            return f"Line({start}, {end})"
        case (False, True):
            return f"Ray({start}, {end})"
        case (True, False):
            return f"Ray({end}, {start})"
        case _:
            return f"Segment({start}, {end})"


def _on(arc: Arc, degrees: float) -> Point:
    turn = math.radians(degrees)
    return arc.center[0] + arc.radius * math.cos(turn), arc.center[1] - arc.radius * math.sin(turn)


def _names(trace: Trace) -> dict[Point, str]:
    """Return a name that GeoGebra takes for every point: its label where that is one, else P_{1}, P_{2}, ..."""
    names: dict[Point, str] = {}
    number = 1
    ends = [p for s in trace.segments for p in (s.start, s.end)]
    for label, point in [*((n, p) for n, p in trace.points.items()), *(("", p) for p in ends)]:
        if point in names:
            continue
        wanted = re.fullmatch(r"([A-Z])('*)(\d*)", label)
        name = f"{wanted[1]}{wanted[2]}" + (f"_{{{wanted[3]}}}" if wanted[3] else "") if wanted else ""
        if not name or name in RESERVED or name in names.values() or (label.startswith("P") and label[1:].isdigit()):
            name = f"P_{{{number}}}"
            number += 1
        names[point] = name
    return names
