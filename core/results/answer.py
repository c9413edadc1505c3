"""What looking at pages gives: regions found, questions answered, places read. Plain frozen data, no torch."""

import json
from dataclasses import dataclass, field
from typing import Literal

from ocr2.results.box import Box
from ocr2.results.picture import PictureResult
from ocr2.results.region import Region

ANSWERS_SCHEMA_VERSION = "1.0"  # of the JSON
How = Literal["prompt", "crop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(PictureResult):
    """The regions of one page, or the things found in one picture; `error` says why nothing was looked for."""

    regions: tuple[Region, ...] = ()  # in reading order, from models that know one
    raw: str = ""  # the model's answer, where it writes one
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md, "Regions", describes it."""
        regions = [{"kind": r.kind, "box": r.box.as_list(), "confidence": _rounded(r.confidence)} for r in self.regions]
        return {
            "schema_version": ANSWERS_SCHEMA_VERSION,
            **_origin(self),
            "width": self.width,
            "height": self.height,
            "regions": regions,
            "raw": self.raw,
            **_rest(self),
        }

    def to_json(self) -> str:
        """Return the detection as indented JSON with a final line end."""
        return _written(self.to_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a question about one page; `error` says why there is none."""

    file: str
    page: int
    question: str
    model: str
    weights_sha256: str
    text: str = ""
    confidence: float | None = None  # mean probability of the answer's tokens
    stopped: str = "end"  # "end", "length" or "loop"
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md, "Answers", describes it."""
        return {
            "schema_version": ANSWERS_SCHEMA_VERSION,
            **_origin(self),
            "question": self.question,
            "text": self.text,
            "confidence": _rounded(self.confidence),
            "stopped": self.stopped,
            **_rest(self),
        }

    def to_json(self) -> str:
        """Return the reply as indented JSON with a final line end."""
        return _written(self.to_dict())


@dataclass(frozen=True, slots=True)
class Place:
    """Where one page was looked at."""

    file: str
    page: int
    box: Box | None  # pixels; None for the whole page, and for a colour that only the model saw


@dataclass(frozen=True, slots=True, kw_only=True)
class Focused:
    """What was read at places of one page or of several; `error` says why nothing was."""

    task: str
    places: tuple[Place, ...]
    model: str
    weights_sha256: str
    focus: How  # "prompt": the model was told where to look; "crop": the lines there, or the place, were cut out for it
    text: str = ""
    parts: tuple[str, ...] = ()  # of each page, where they were read one by one
    confidence: float | None = None
    stopped: str = "end"
    seconds: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md, "Focus", describes it."""
        places = [
            {"file": p.file, "page": p.page, "box": p.box.as_list() if p.box is not None else None} for p in self.places
        ]
        return {
            "schema_version": ANSWERS_SCHEMA_VERSION,
            "task": self.task,
            "places": places,
            "model": self.model,
            "weights_sha256": self.weights_sha256,
            "focus": self.focus,
            "text": self.text,
            "parts": list(self.parts),
            "confidence": _rounded(self.confidence),
            "stopped": self.stopped,
            **_rest(self),
        }

    def to_json(self) -> str:
        """Return the result as indented JSON with a final line end."""
        return _written(self.to_dict())


def _origin(result: Detection | Reply) -> dict[str, object]:
    return {
        "file": result.file,
        "page": result.page,
        "model": result.model,
        "weights_sha256": result.weights_sha256,
    }


def _rest(result: Detection | Reply | Focused) -> dict[str, object]:
    return {
        "seconds": {k: round(v, 4) for k, v in result.seconds.items()},
        "warnings": list(result.warnings),
        "error": result.error,
    }


def _rounded(value: float | None) -> float | None:
    return round(value, 4) if value is not None else None


def _written(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
