"""Output notations of detections and replies: text and JSON."""

import json
from collections.abc import Sequence
from typing import Literal

from ocr2.results.answer import Detection, Focused, Reply

AnswerFormat = Literal["text", "json"]
ANSWER_SUFFIXES: dict[AnswerFormat, str] = {"text": ".txt", "json": ".json"}


def render_detections(detections: Sequence[Detection], format: AnswerFormat) -> bytes:
    """Return detections as lines of page, kind, box and confidence, or as JSON; UTF-8.

    The file stands in front where there are several.

    Raises:
        ValueError: If the format is unknown.
    """
    several = len({detection.file for detection in detections}) > 1
    lines = []
    for detection in detections:
        origin = [detection.file] if several else []
        for region in detection.regions:
            box = " ".join(map(str, region.box.as_list()))
            lines.append("\t".join([*origin, str(detection.page), region.kind, box, _sure(region.confidence)]))
    return _render(detections, "\n".join(lines) + "\n" * bool(lines), format)


def render_replies(replies: Sequence[Reply], format: AnswerFormat) -> bytes:
    """Return replies as text, one after the other, or as JSON; UTF-8.

    Raises:
        ValueError: If the format is unknown.
    """
    texts = [reply.text for reply in replies if reply.error is None]
    return _render(replies, "\n\f\n".join(texts) + "\n" * bool(texts), format)


def render_focused(focused: Focused, format: AnswerFormat) -> bytes:
    """Return what was read at places as text or as JSON; UTF-8.

    Raises:
        ValueError: If the format is unknown.
    """
    text = focused.text + "\n" if focused.error is None else ""
    return _render([focused], text, format)


def _sure(confidence: float | None) -> str:
    return f"{confidence:.3f}" if confidence is not None else "-"


def _render(results: Sequence[Detection | Reply | Focused], text: str, format: AnswerFormat) -> bytes:
    """Return results as JSON, one as an object and several as a list, or their text."""
    if format == "json":
        content: object = [r.to_dict() for r in results] if len(results) != 1 else results[0].to_dict()
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    elif format != "text":
        raise ValueError(f"unknown format {format!r}; expected one of {', '.join(ANSWER_SUFFIXES)}")
    # Names of files that are no UTF-8 come as lone surrogates, which cannot be written.
    return text.encode(errors="replace")
