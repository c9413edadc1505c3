"""A figure as textbooks draw it, end to end: arrowheads, marks and writing that a tracer sees, and what they name."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import FigureReading, LineReader, StripReading
from ocr2.options import FigureOptions
from ocr2.reading.figures.read import read_traces
from ocr2.results.figure import Circle, Label, Mark, Point, Relation, Segment, Trace
from tests.fakes import FixedReader
from tests.reading.figures.test_read import FakeTracer

RGB = NDArray[np.uint8]
# A right triangle, its base drawn on as a ray, and a half circle to its right.
A, B, C, END = (80.0, 320.0), (240.0, 320.0), (80.0, 100.0), (360.0, 320.0)
BLUE, PINK, BLACK = (70, 110, 220), (220, 60, 140), (0, 0, 0)
WRITING = {  # in the order in which it stands from top to bottom
    "C": (66, 84), "13": (186, 196), "8": (58, 212), "60°": (135, 240), "A": (62, 338), "5": (160, 348),
}  # fmt: skip


class DictatedReader(FixedReader):
    """Reads strips as the words it was told, one after the other; degree signs are told by their shape."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self.words = [word.rstrip("°") for word in words]

    def read_strips(
        self, strips: Sequence[RGB], *, on_batch: Callable[[int], None] | None = None, **options: object
    ) -> list[StripReading]:
        found: list[StripReading] = []
        for strip in strips:
            self.text = self.words.pop(0)
            found += super().read_strips([strip], on_batch=on_batch, **options)
        return found


def pixel(point: Point) -> tuple[int, int]:
    return int(point[0]), int(point[1])


def drawn() -> RGB:
    picture = np.full((420, 440, 3), 255, np.uint8)
    for a, b in ((A, END), (B, C), (C, A)):
        cv2.line(picture, pixel(a), pixel(b), BLUE, 2, cv2.LINE_AA)
    cv2.fillPoly(picture, [np.array([(364, 320), (352, 314), (352, 326)])], BLUE)
    cv2.ellipse(picture, (360, 150), (50, 50), 0, -180, 0, BLUE, 2, cv2.LINE_AA)
    cv2.polylines(picture, [np.array([(80, 302), (98, 302), (98, 320)])], False, PINK, 1)
    for y in (207, 213):  # two ticks on CA
        cv2.line(picture, (73, y), (87, y), PINK, 1)
    for x in (157, 163):  # two on AB
        cv2.line(picture, (x, 313), (x, 327), PINK, 1)
    cv2.ellipse(picture, (240, 320), (24, 24), 0, 180, 234, PINK, 1, cv2.LINE_AA)
    cv2.line(picture, (152, 252), (204, 297), BLACK, 1, cv2.LINE_AA)  # leads to the angle at B
    image = Image.fromarray(picture)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=20)
    for text, at in WRITING.items():
        pen.text(at, text, fill="black", font=font, anchor="mm")
    return np.asarray(image, np.uint8)


def boxes() -> tuple[tuple[float, float, float, float], ...]:
    """Boxes of writing as a tracer sees them, about."""
    return tuple((x - 6.0 * len(t), y - 9.0, x + 6.0 * len(t), y + 9.0) for t, (x, y) in WRITING.items())


READING = FigureReading(
    segments=(Segment(A, END, confidence=0.9), Segment(B, C, confidence=0.9), Segment(C, A, confidence=0.9)),
    circles=(Circle((361.0, 149.0), 51.0, 0.8),),
    labels={},
    letters=None,
    raw="Line:\n",
    stopped="end",
    unit=20.0,
    arrows=((362.0, 321.0),),
    marks=(
        Mark("square", 1, (89.0, 311.0), (), 0.9),
        Mark("tick", 2, (80.0, 210.0), (), 0.8),
        Mark("tick", 2, (160.0, 320.0), (), 0.7),
        Mark("arc", 1, (219.0, 310.0), (), 0.6),
    ),
    texts=boxes(),
)


def read(reading: FigureReading = READING, words: Sequence[str] = tuple(WRITING), *, letters: bool = True) -> Trace:
    def reader() -> LineReader:
        return DictatedReader(words)

    (trace,) = read_traces(drawn(), FakeTracer(reading), FigureOptions(letters=letters), text_reader=reader)
    assert (trace.error, trace.warnings) == (None, ())
    return trace


@pytest.fixture(scope="module")
def trace() -> Trace:
    return read()


def corner(trace: Trace, at: Point) -> str:
    """Return the name of the point at a place."""
    name = min(trace.points, key=lambda name: math.dist(trace.points[name], at))
    assert math.dist(trace.points[name], at) < 4
    return name


def test_strokes_have_arrows_and_a_half_circle_is_an_arc(trace: Trace) -> None:
    arrows = {s.arrows for s in trace.segments if s.end[0] > 350 or s.start[0] > 350}
    assert arrows == {(False, True)}
    assert sum(any(s.arrows) for s in trace.segments) == 1
    assert trace.circles == ()
    (arc,) = trace.arcs
    assert math.remainder(arc.start, 360) == pytest.approx(0, abs=6)
    assert arc.end - arc.start == pytest.approx(180, abs=10)
    assert math.dist(arc.center, (360.5, 150.5)) < 2


def test_letters_name_their_points_and_the_others_are_made_up(trace: Trace) -> None:
    assert set(trace.letters) == {"A", "C"}
    assert (corner(trace, A), corner(trace, C)) == ("A", "C")
    assert corner(trace, B).startswith("P")
    assert set(trace.texts) == {"13", "8", "60°", "5"}


def test_marks_name_what_they_stand_on_and_say_what_holds(trace: Trace) -> None:
    b = corner(trace, B)
    square, left, below, arc = trace.marks
    assert (square.of[1], arc.of[1]) == ("A", b)
    assert (set(left.of), set(below.of)) == ({"A", "C"}, {"A", b})
    assert {m.confidence for m in trace.marks} == {0.9, 0.8, 0.7, 0.6}
    marked = [r for r in trace.relations if r.marked]
    assert [r.kind for r in marked] == ["perpendicular", "equal"]
    assert {frozenset(of) for of in marked[1].of} == {frozenset(("C", "A")), frozenset(("A", b[0], b[1]))}


def test_measures_name_sides_and_angles(trace: Trace) -> None:
    b = corner(trace, B)
    found = {label.text: label for label in trace.labels}
    assert {found[name].kind for name in ("A", "C")} == {"point"}
    assert (found["13"].kind, set(found["13"].of)) == ("side", {b, "C"})
    assert (found["8"].kind, set(found["8"].of)) == ("side", {"A", "C"})
    assert (found["5"].kind, set(found["5"].of)) == ("side", {"A", b})
    x, y = WRITING["13"]
    left, top, right, bottom = found["13"].box
    assert left < x < right
    assert top < y < bottom


def test_an_arrow_leads_from_a_measure_to_its_angle(trace: Trace) -> None:
    (label,) = [label for label in trace.labels if label.text == "60°"]
    assert (label.kind, label.of[1]) == ("angle", corner(trace, B))


def test_the_triangle_is_a_polygon(trace: Trace) -> None:
    assert [set(corners) for corners in trace.polygons] == [{"A", "C", corner(trace, B)}]


def test_without_letters_there_is_no_writing_and_marks_stay() -> None:
    found = read(letters=False)
    assert (found.letters, found.labels, found.texts) == ((), (), ())
    assert len(found.marks) == 4
    assert all(mark.of for mark in found.marks)
    assert Relation("perpendicular", found.relations[0].of, marked=True) in found.relations


def test_a_tracer_that_sees_no_writing_finds_none() -> None:
    found = read(replace(READING, texts=()), words=())
    assert found.labels == ()
    assert [type(label) for label in read().labels] == [Label] * len(WRITING)
