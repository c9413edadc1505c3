"""TikZ of a trace: named coordinates, strokes, circles, letters. Needs no library beyond TikZ itself."""

import math
import re
import unicodedata
from collections.abc import Sequence

from ocr2.formats.figure.mark_paths import mark_paths
from ocr2.results.figure import Point, Segment, Trace

WIDTH = 10.0  # centimetres of the picture's longer side
HEAD = r"""\documentclass[tikz,border=4pt]{standalone}
\begin{document}
"""
FOOT = r"""\end{document}
"""
SPECIAL = {c: "\\" + c for c in "&%$#_{}"} | {"\\": r"\backslash ", "~": r"\sim ", "^": r"\wedge "}
SPECIAL |= {"°": r"{^{\circ}}", "º": r"{^{\circ}}", "˚": r"{^{\circ}}", "′": "'", "−": "-", "–": "-", " ": r"\ "}
NAMED = {
    "√": "surd", "ℓ": "ell", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta",
    "λ": "lambda", "μ": "mu", "π": "pi", "σ": "sigma", "φ": "varphi", "ω": "omega", "Δ": "Delta", "Σ": "Sigma",
    "Φ": "Phi", "Ω": "Omega", "∆": "Delta", "∑": "sum", "∞": "infty", "∂": "partial", "≈": "approx", "≠": "neq",
    "≤": "leq", "≥": "geq", "·": "cdot", "×": "times", "÷": "div", "±": "pm", "∠": "angle",
}  # fmt: skip
SPECIAL |= {c: f"\\{name} " for c, name in NAMED.items()}
ACCENTED = frozenset("ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿßÆæØøŒœŁłŠšŽžČčŘřŮůŐőŰű")
SIDES = ("right", "above right", "above", "above left", "left", "below left", "below", "below right")


def traces_to_tikz(traces: Sequence[Trace], *, body_only: bool = False) -> str:
    """Return a document with a page for each trace, or the pictures alone; what was not traced is a comment."""
    bodies = [trace_to_tikz(trace, body_only=True) if trace.error is None else _comment(trace) for trace in traces]
    body = "\n".join(bodies)
    return body if body_only else f"{HEAD}{body}{FOOT}"


def _comment(trace: Trace) -> str:
    return f"% {' '.join((trace.error or '').split())}\n"


def trace_to_tikz(trace: Trace, *, body_only: bool = False) -> str:
    """Return a document that draws a trace, or its picture alone.

    Args:
        trace: What was traced.
        body_only: Only the `tikzpicture`, to put into another document.
    """
    scale = WIDTH / max(1, trace.width, trace.height)
    names = _names(trace)

    def at(point: Point) -> str:
        return f"({point[0] * scale:.3f},{(trace.height - point[1]) * scale:.3f})"

    lines = [r"\begin{tikzpicture}[line join=round,line cap=round]"]
    lines += [rf"  \coordinate ({name}) at {at(point)};" for point, name in names.items()]
    for segment in trace.segments:
        lines.append(rf"  \draw{_style(segment)} ({names[segment.start]}) -- ({names[segment.end]});")
    lines += [rf"  \draw {at(c.center)} circle[radius={c.radius * scale:.3f}];" for c in trace.circles]
    for arc in trace.arcs:
        turn = math.radians(arc.start)
        start = arc.center[0] + arc.radius * math.cos(turn), arc.center[1] - arc.radius * math.sin(turn)
        angles = f"start angle={arc.start:.2f},end angle={arc.end:.2f},radius={arc.radius * scale:.3f}"
        lines.append(rf"  \draw {at(start)} arc[{angles}];")
    lines += [rf"  \draw[thin] {' -- '.join(map(at, path))};" for path in mark_paths(trace)]
    for label in trace.letters:
        point = trace.points[label]
        side = SIDES[_away(point, trace.segments)]
        lines.append(rf"  \node[{side}] at ({names[point]}) {{${escape_math(label)}$}};")
    for text in trace.labels:
        if text.kind != "point":
            middle = (text.box[0] + text.box[2]) / 2, (text.box[1] + text.box[3]) / 2
            lines.append(rf"  \node at {at(middle)} {{${escape_math(text.text)}$}};")
    body = "\n".join([*lines, r"\end{tikzpicture}"]) + "\n"
    return body if body_only else f"{HEAD}{body}{FOOT}"


def _style(segment: Segment) -> str:
    """Return the options of a segment's line: dashes, arrowheads."""
    tips = {(True, True): "<->", (True, False): "<-", (False, True): "->"}
    options = [*(["dashed"] if segment.dashed else []), *([tips[segment.arrows]] if any(segment.arrows) else [])]
    return f"[{','.join(options)}]" if options else ""


def _names(trace: Trace) -> dict[Point, str]:
    """Return a coordinate's name for every point: its label where that is letters and digits, else P1, P2, ..."""
    names: dict[Point, str] = {}
    for label, point in trace.points.items():
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", label) and label not in names.values():
            names.setdefault(point, label)
    others = [*trace.points.values(), *(p for s in trace.segments for p in (s.start, s.end))]
    number = 1
    for point in others:
        if point not in names:
            while f"P{number}" in names.values():
                number += 1
            names[point] = f"P{number}"
    return names


def _away(point: Point, segments: tuple[Segment, ...]) -> int:
    """Return the number of the eighth of a turn that is farthest from what leads away from a point."""
    ways = []
    for segment in segments:
        for here, there in ((segment.start, segment.end), (segment.end, segment.start)):
            if here == point:
                ways.append(math.atan2(here[1] - there[1], there[0] - here[0]))
    turns = [k * math.pi / 4 for k in range(8)]
    free = [min((abs(math.remainder(t - way, 2 * math.pi)) for way in ways), default=math.pi) for t in turns]
    return free.index(max(free))


def escape_math(label: str) -> str:
    """Return a label as TeX takes it in math.

    Examples:
        >>> escape_math("A_1"), escape_math("B'")
        ('A\\\\_1', "B'")
    """
    return "".join(SPECIAL.get(c) or _letter(c) for c in label)


def _letter(c: str) -> str:
    """Return a character as LaTeX's first fonts have it: an accented letter as it is, any other without its accents."""
    if c.isascii():
        return c
    if c in ACCENTED:
        return rf"\mbox{{{c}}}"
    plain = "".join(p for p in unicodedata.normalize("NFKD", c) if p.isascii())
    return "".join(SPECIAL.get(p, p) for p in plain) or "?"
