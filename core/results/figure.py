"""What tracing a figure gives: segments, circles, named points, in pixels. Plain frozen data, no torch."""

from dataclasses import dataclass, field
from typing import Literal

from ocr2.results.picture import PictureResult

TRACE_SCHEMA_VERSION = "1.0"  # of the JSON

Point = tuple[float, float]  # x to the right, y down, pixels of the picture
RelationKind = Literal["parallel", "perpendicular", "equal", "tangent", "on-circle"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight stroke."""

    start: Point
    end: Point
    dashed: bool | None = None  # None if that was not looked for
    confidence: float | None = None  # 0..1; None if nothing is known


@dataclass(frozen=True, slots=True)
class Circle:
    """A whole circle."""

    center: Point
    radius: float  # pixels
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """What holds between parts of a figure, within a tolerance."""

    kind: RelationKind
    of: tuple[str, ...]  # names: two points of each segment ("AB"), a point ("A"), a circle's number ("circle 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace(PictureResult):
    """One figure; `error` says why nothing was traced."""

    ruler: float | None  # the longest stroke that was asked for, model units; inf for none, None: the weights' own
    segments: tuple[Segment, ...] = ()
    circles: tuple[Circle, ...] = ()
    points: dict[str, Point] = field(default_factory=dict)  # ends, and what else has a name
    letters: tuple[str, ...] = ()  # names of points that are written in the picture; the others are made up
    texts: tuple[str, ...] = ()  # other writing in the picture
    relations: tuple[Relation, ...] = ()
    raw: str = ""  # the model's answer
    stopped: str = "end"  # "end", "length" or "loop"
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    warnings: tuple[str, ...] = ()
    error: str | None = None

    def _repr_svg_(self) -> str:
        """Show the figure in a notebook."""
        return self.to_svg()

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md, "Traces", describes it."""
        from ocr2.formats.figure.json import trace_to_dict

        return trace_to_dict(self)

    def to_json(self) -> str:
        """Return the trace as indented JSON with a final line end."""
        from ocr2.formats.figure.json import traces_to_json

        return traces_to_json([self])

    def to_tikz(self, *, body_only: bool = False) -> str:
        """Return a LaTeX document that draws the trace, or its picture alone to put into another."""
        from ocr2.formats.figure.tikz import trace_to_tikz

        return trace_to_tikz(self, body_only=body_only)

    def to_svg(self) -> str:
        """Return a self-contained SVG."""
        from ocr2.formats.figure.svg import trace_to_svg

        return trace_to_svg(self)
