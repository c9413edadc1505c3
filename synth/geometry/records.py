"""The record of a drawn figure: its segments, circles and letters in model units, as JSON holds them."""

from typing import NotRequired, TypedDict

from ocr2.geometry.parts import Point
from ocr2.synth.geometry.figure import Circle


class FigureRecord(TypedDict):
    """A figure; model units, y up, from -10 to 10."""

    scene: str
    segments: list[list[float]]  # x and y of the first end, then of the second
    dashed: list[bool]  # whether each segment is dashed
    circles: list[list[float]]  # x, y, radius
    letters: list[list[str | float]]  # the letter, x and y of its point, x and y of its own middle
    signs: int  # number of angle and length annotations
    side: int  # side of the square, pixels
    width: float  # stroke width, pixels
    wobble: float  # deviation of strokes drawn by hand, pixels
    style: NotRequired[str]  # the rest of the looks of textbooks alone
    arcs: NotRequired[list[list[float]]]  # x, y, radius, start and end in degrees, counter-clockwise
    arrows: NotRequired[list[list[float]]]  # ends of segments that have arrowheads
    marks: NotRequired[list[list[str | float]]]  # kind, count, x and y of its middle, the points it stands on
    texts: NotRequired[list[list[str | float]]]  # text, kind, box (left, bottom, right, top), the points it names


def letters_of(record: FigureRecord) -> list[tuple[str, Point, Point]]:
    """Return a figure's letters, each with the point that it names and its own middle."""
    return [
        (str(name), (float(x), float(y)), (float(middle_x), float(middle_y)))
        for name, x, y, middle_x, middle_y in record["letters"]
    ]


def circles_of(record: FigureRecord) -> list[Circle]:
    """Return a figure's circles."""
    return [(x, y, radius) for x, y, radius in record["circles"]]
