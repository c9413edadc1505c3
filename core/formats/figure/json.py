"""JSON with everything that is known of a trace; docs/json.md, "Traces", describes it."""

import json
import math
import re
from collections.abc import Sequence

from ocr2.results.figure import TRACE_SCHEMA_VERSION, Trace

DECIMALS = 2  # of pixels
PAIR = re.compile(r"\[\n\s+(-?[\d.]+),\n\s+(-?[\d.]+)\n\s+\]")  # a point; strings hold no line ends


def traces_to_json(traces: Sequence[Trace]) -> str:
    """Return traces as indented JSON with a final line end: one as an object, several, or none, as a list of them."""
    content = trace_to_dict(traces[0]) if len(traces) == 1 else [trace_to_dict(trace) for trace in traces]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return PAIR.sub(r"[\1, \2]", text) + "\n"


def trace_to_dict(trace: Trace) -> dict[str, object]:
    """Return one trace as plain dicts and lists."""
    return {
        "schema_version": TRACE_SCHEMA_VERSION,
        "file": trace.file,
        "page": trace.page,
        "width": trace.width,
        "height": trace.height,
        "model": trace.model,
        "weights_sha256": trace.weights_sha256,
        "ruler": trace.ruler if trace.ruler is not None and math.isfinite(trace.ruler) else None,
        "segments": [
            {
                "start": _rounded(segment.start),
                "end": _rounded(segment.end),
                "dashed": segment.dashed,
                "arrows": list(segment.arrows),
                "confidence": _share(segment.confidence),
            }
            for segment in trace.segments
        ],
        "circles": [
            {
                "center": _rounded(circle.center),
                "radius": round(circle.radius, DECIMALS),
                "confidence": _share(circle.confidence),
            }
            for circle in trace.circles
        ],
        "arcs": [
            {
                "center": _rounded(arc.center),
                "radius": round(arc.radius, DECIMALS),
                "start": round(arc.start, DECIMALS),
                "end": round(arc.end, DECIMALS),
                "confidence": _share(arc.confidence),
            }
            for arc in trace.arcs
        ],
        "points": {name: _rounded(point) for name, point in trace.points.items()},
        "letters": list(trace.letters),
        "polygons": [list(corners) for corners in trace.polygons],
        "marks": [
            {
                "kind": mark.kind,
                "count": mark.count,
                "place": _rounded(mark.place),
                "of": list(mark.of),
                "confidence": _share(mark.confidence),
            }
            for mark in trace.marks
        ],
        "labels": [
            {
                "text": label.text,
                "box": [round(value, DECIMALS) for value in label.box],
                "kind": label.kind,
                "of": list(label.of),
                "confidence": _share(label.confidence),
            }
            for label in trace.labels
        ],
        "texts": list(trace.texts),
        "relations": [
            {"kind": relation.kind, "of": list(relation.of), "marked": relation.marked} for relation in trace.relations
        ],
        "raw": trace.raw,
        "stopped": trace.stopped,
        "seconds": {stage: round(value, 4) for stage, value in trace.seconds.items()},
        "warnings": list(trace.warnings),
        "error": trace.error,
    }


def _rounded(point: tuple[float, float]) -> list[float]:
    return [round(value, DECIMALS) for value in point]


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
