"""What tracing a figure gives: strokes, named points, marks and labels, in pixels. Plain frozen data, no torch."""

from dataclasses import dataclass, field
from typing import Literal

from ocr2.results.picture import PictureResult

TRACE_SCHEMA_VERSION = "1.1"  # of the JSON

Point = tuple[float, float]  # x to the right, y down, pixels of the picture
RelationKind = Literal["parallel", "perpendicular", "equal", "equal-angles", "tangent", "on-circle"]
MarkKind = Literal["square", "tick", "arc", "chevron"]
LabelKind = Literal["point", "side", "angle", "arc", "line", "free"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight stroke."""

    start: Point
    end: Point
    dashed: bool | None = None  # None if that was not looked for
    confidence: float | None = None  # 0..1; None if nothing is known
    arrows: tuple[bool, bool] = (False, False)  # whether the start, and the end, has an arrowhead: it goes on there


@dataclass(frozen=True, slots=True)
class Circle:
    """A whole circle."""

    center: Point
    radius: float  # pixels
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of a circle."""

    center: Point
    radius: float  # pixels
    start: float  # degrees, counter-clockwise as seen, 0 to the right
    end: float  # above `start`, by less than 360
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign that sides or angles are equal, right, or parallel."""

    kind: MarkKind
    count: int  # of ticks, arcs or chevrons
    place: Point  # its middle
    of: tuple[str, ...]  # names of a side's ends; of an angle's points, the vertex in the middle; nothing if unknown
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Writing, and what it names."""

    text: str
    box: tuple[float, float, float, float]  # left, top, right, bottom
    kind: LabelKind
    of: tuple[str, ...] = ()  # a point's name; a side's ends; an angle's points, the vertex in the middle; "circle 1"
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """What holds between parts of a figure, within a tolerance."""

    kind: RelationKind
    of: tuple[str, ...]  # names: two points of each segment ("AB"), a point ("A"), a circle's number ("circle 1")
    marked: bool = False  # whether the figure says so by marks; else it was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace(PictureResult):
    """One figure; `error` says why nothing was traced."""

    ruler: float | None  # the longest stroke that was asked for, model units; inf for none, None: the weights' own
    segments: tuple[Segment, ...] = ()
    circles: tuple[Circle, ...] = ()
    arcs: tuple[Arc, ...] = ()
    points: dict[str, Point] = field(default_factory=dict)  # ends, crossings, and what else has a name
    letters: tuple[str, ...] = ()  # names of points that are written in the picture; the others are made up
    polygons: tuple[tuple[str, ...], ...] = ()  # names of corners: the smallest that segments enclose
    marks: tuple[Mark, ...] = ()
    labels: tuple[Label, ...] = ()  # all writing
    texts: tuple[str, ...] = ()  # writing that names no point
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

    def to_ggb_script(self) -> str:
        """Return GeoGebra commands, a line each, that draw the trace."""
        from ocr2.formats.figure.ggb_script import trace_to_ggb_script

        return trace_to_ggb_script(self)

    def to_tikz(self, *, body_only: bool = False) -> str:
        """Return a LaTeX document that draws the trace, or its picture alone to put into another."""
        from ocr2.formats.figure.tikz import trace_to_tikz

        return trace_to_tikz(self, body_only=body_only)

    def to_svg(self) -> str:
        """Return a self-contained SVG."""
        from ocr2.formats.figure.svg import trace_to_svg

        return trace_to_svg(self)
