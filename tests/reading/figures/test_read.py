"""From what a model wrote to a trace: ink looked at again, geometry, names, and pictures without a figure."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.models.protocols import FigureReading, LineReader, TextBox
from ocr2.options import FigureOptions
from ocr2.reading.figures.paper import ink_on_paper
from ocr2.reading.figures.read import Names, geometry_of, made_up, read_traces
from ocr2.results.figure import Circle, Point, Segment, Trace

A, B, C, D = (60.0, 300.0), (340.0, 300.0), (200.0, 60.0), (200.0, 300.0)
READING = FigureReading(
    segments=(
        Segment((61, 299), (339, 301), confidence=0.9),
        Segment((59, 301), (201, 61), confidence=0.8),
        Segment((200, 59), (341, 300), confidence=0.7),
        Segment((201, 60), (199, 302), confidence=0.6),
    ),
    circles=(Circle((198.0, 212.0), 84.0, 0.5),),
    labels={},
    letters=(),
    raw="Line:\n",
    stopped="end",
    unit=20.0,
)
INCIRCLE = Circle((200.0, 217.0), 81.5)


class FakeTracer:
    """Writes one answer about every picture."""

    name = "fake"
    weights_sha256 = "0" * 64
    rulers: tuple[float, ...] = (math.inf, 4.0)

    def __init__(self, reading: FigureReading = READING) -> None:
        self.reading = reading
        self.asked: list[tuple[float | None, int | None]] = []

    def trace_figures(
        self, pictures: Sequence[NDArray[np.uint8]], *, ruler: float | None = None, max_new_tokens: int | None = None
    ) -> list[FigureReading]:
        self.asked.append((ruler, max_new_tokens))
        return [self.reading] * len(pictures)


def no_reader() -> LineReader:
    raise AssertionError("there is no writing in the picture")


def drawn(*, dashed: bool = True) -> NDArray[np.uint8]:
    """A triangle with its altitude, which is dashed, and a circle in it."""
    picture = np.full((360, 400, 3), 255, np.uint8)
    for a, b in ((A, B), (A, C), (C, B)):
        cv2.line(picture, tuple(map(int, a)), tuple(map(int, b)), (0, 0, 0), 2, cv2.LINE_AA)
    for y in range(60, 300, 16) if dashed else ():
        cv2.line(picture, (200, y), (200, y + 8), (0, 0, 0), 2)
    cv2.circle(picture, (200, 217), 81, (0, 0, 0), 2, cv2.LINE_AA)
    return picture


def traced(picture: NDArray[np.uint8], reading: FigureReading = READING, **how: Any) -> Trace:
    (trace,) = read_traces(picture, FakeTracer(reading), FigureOptions(**how), text_reader=no_reader)
    return trace


def test_a_trace_is_tidied_and_looked_at_again() -> None:
    trace = traced(drawn())
    assert trace.error is None
    ends = {p for s in trace.segments for p in (s.start, s.end)}
    assert len(ends) == 4  # ends that meet are one
    for corner in (A, B, C, D):
        assert min(math.dist(corner, end) for end in ends) < 2.5
    assert [s.dashed for s in trace.segments] == [False, False, False, True]
    assert [s.confidence for s in trace.segments] == [0.9, 0.8, 0.7, 0.6]
    (circle,) = trace.circles  # moved to its ink
    assert math.dist(circle.center, (200.5, 217.5)) < 1
    assert circle.radius == pytest.approx(81, abs=1)
    assert set(trace.points) == {"P1", "P2", "P3", "P4", "P5"}
    assert circle.center in trace.points.values()
    assert [len(corners) for corners in trace.polygons] == [3, 3]
    assert trace.letters == ()
    kinds = {relation.kind for relation in trace.relations}
    assert {"perpendicular", "equal"} <= kinds
    assert set(trace.seconds) == {"decode", "model", "geometry"}


def test_raw_strokes_stay_as_they_are() -> None:
    trace = traced(drawn(), tidy=False, letters=False)
    assert trace.error is None
    assert [(s.start, s.end) for s in trace.segments] == [(s.start, s.end) for s in READING.segments]
    assert trace.circles == READING.circles
    assert {"equal", "perpendicular"} <= {r.kind for r in trace.relations}  # of ends that nearly meet, too


def test_a_raw_arc_is_of_the_circle_that_the_model_wrote() -> None:
    picture = drawn()
    picture[218:300, 117:284][(picture[218:300, 117:284] < 255)] = 255  # the circle's lower half
    cv2.line(picture, (60, 300), (340, 300), (0, 0, 0), 2, cv2.LINE_AA)
    (arc,) = traced(picture, tidy=False).arcs
    assert (arc.center, arc.radius) == (READING.circles[0].center, READING.circles[0].radius)
    (fitted,) = traced(picture).arcs
    assert math.dist(fitted.center, (200.5, 217.5)) < 1.5
    for found in (arc, fitted):
        assert found.start == pytest.approx(0, abs=6) or found.start == pytest.approx(360, abs=6)
        assert found.end - found.start == pytest.approx(180, abs=10)


def test_radii_that_end_beside_the_middle_have_its_name() -> None:
    picture = drawn()
    radii = [((200, 217), (130, 177)), ((200, 217), (270, 177))]
    for a, b in radii:
        cv2.line(picture, a, b, (0, 0, 0), 2, cv2.LINE_AA)
    strokes = [Segment((a[0] + 0.5, a[1] + 2.0), (b[0] + 0.5, b[1] + 0.5)) for a, b in radii]
    trace = traced(picture, replace(READING, segments=(*READING.segments, *strokes)))
    assert trace.error is None
    name = min(trace.points, key=lambda n: math.dist(trace.points[n], (200.5, 217.5)))
    assert any(r.kind == "equal" and all(name in of for of in r.of) for r in trace.relations)
    assert min(math.dist(p, q) for p, q in itertools.combinations(trace.points.values(), 2)) > 3


def test_strokes_without_ink_are_left_out_and_told() -> None:
    trace = traced(drawn(dashed=False))
    assert len(trace.segments) == 3
    assert "1 of the strokes that were traced lay on no ink of their own and were left out" in trace.warnings


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (np.full((100, 100, 3), 255, np.uint8), "the picture is blank"),
        (np.full((10, 1000, 3), 255, np.uint8), "a picture of 1000 x 10 pixels holds none"),
        (np.full((4, 4, 3), 0, np.uint8), "the picture is blank"),
    ],
)
def test_no_figure_is_an_error_with_its_reason(picture: NDArray[np.uint8], reason: str) -> None:
    trace = traced(picture)
    assert trace.error is not None
    assert trace.error.endswith(f"no figure was found: {reason}")
    assert (trace.segments, trace.circles) == ((), ())


def test_a_page_of_other_ink_is_no_figure() -> None:
    picture = drawn()
    rng = np.random.default_rng(0)
    for x, y in rng.integers(0, 390, (1700, 2)).tolist():
        picture[y : y + 9, x : x + 2] = 0
    trace = traced(picture)
    assert trace.error is not None
    assert "of the ink lies under straight lines and circles" in trace.error
    nothing = replace(READING, segments=(), circles=())
    assert (traced(drawn(), nothing).error or "").endswith("nothing in the picture looks like one")


def test_letters_that_the_model_saw_name_points() -> None:
    def letter(text: str, x: float, y: float) -> TextBox:
        return TextBox(text, (x - 7, y - 7, x + 7, y + 7), confidence=0.9)

    seen = (letter("A", 50, 308), letter("B", 350, 308), letter("C", 214, 52), letter("K", 20, 20))
    picture = drawn()
    for x, y in ((50, 308), (350, 308), (20, 20)):  # too little ink to be read as text, and none at C
        picture[y - 1 : y + 2, x - 1 : x + 2] = 0
    trace = traced(picture, replace(READING, letters=seen))
    assert trace.letters == ("A", "B")  # K is near no point, and a letter without ink of its own is none
    assert math.dist(trace.points["A"], A) < 3
    assert math.dist(trace.points["B"], B) < 3
    assert set(trace.points) == {"A", "B", "P1", "P2", "P3"}
    assert traced(drawn(), replace(READING, letters=seen), letters=False).letters == ()


def test_labels_that_the_model_wrote_name_points() -> None:
    trace = traced(drawn(), replace(READING, labels={"C": (205.0, 55.0)}, letters=None))
    assert trace.letters == ("C",)
    assert math.dist(trace.points["C"], C) < 3


def test_a_reader_that_fails_costs_the_writing_alone() -> None:
    picture = drawn()
    cv2.putText(picture, "Q", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2)
    picture[307:310, 49:52] = 0

    def broken() -> LineReader:
        raise RuntimeError("no such weights")

    seen = (TextBox("A", (43, 301, 57, 315)),)
    (trace,) = read_traces(picture, FakeTracer(replace(READING, letters=seen)), FigureOptions(), text_reader=broken)
    assert (trace.error, len(trace.segments), trace.letters) == (None, 4, ("A",))
    assert "writing was not read: no such weights" in trace.warnings


def test_labels_far_from_everything_stay_where_they_are() -> None:
    trace = traced(drawn(), replace(READING, labels={"Q": (380.0, 20.0), "C": (205.0, 55.0)}, letters=None))
    assert trace.points["Q"] == (380.0, 20.0)
    assert math.dist(trace.points["C"], C) < 3


def test_a_small_figure_on_a_large_page_is_seen() -> None:
    page = np.full((2339, 1654, 3), 255, np.uint8)
    page[300:660, 500:900] = drawn()
    moved = [
        replace(s, start=(s.start[0] + 500, s.start[1] + 300), end=(s.end[0] + 500, s.end[1] + 300))
        for s in READING.segments
    ]
    reading = replace(READING, segments=tuple(moved), circles=(Circle((698.0, 512.0), 84.0, 0.5),))
    trace = traced(page, reading)
    assert (trace.error, len(trace.segments), len(trace.circles)) == (None, 4, 1)


def test_dashed_and_solid_pieces_of_one_line_stay_apart() -> None:
    picture = np.full((200, 500, 3), 255, np.uint8)
    picture[99:101, 50:300] = 0
    for x in range(300, 450, 16):
        picture[99:101, x + 8 : x + 16] = 0
    cv2.line(picture, (50, 100), (150, 30), (0, 0, 0), 2)
    strokes = (Segment((50, 100), (300, 100)), Segment((300, 100), (452, 100)), Segment((50, 100), (150, 30)))
    trace = traced(picture, replace(READING, segments=strokes, circles=()))
    assert sorted((s.start[0], bool(s.dashed)) for s in trace.segments)[-1][1]
    assert len(trace.segments) == 3


def test_an_unsure_stroke_needs_ink_of_its_own() -> None:
    chord = Segment((276.0, 245.0), (257.0, 274.0), confidence=0.5)  # a piece of the circle
    sure = replace(chord, confidence=0.95)
    assert len(traced(drawn(), replace(READING, segments=(*READING.segments, chord))).segments) == 4
    assert len(traced(drawn(), replace(READING, segments=(*READING.segments, sure))).segments) == 5


def test_a_cut_answer_is_told() -> None:
    trace = traced(drawn(), replace(READING, stopped="length"))
    assert trace.stopped == "length"
    assert any("cut short" in warning for warning in trace.warnings)


def test_a_ruler_is_asked_for_or_refused() -> None:
    tracer = FakeTracer()
    (trace,) = read_traces(drawn(), tracer, FigureOptions(ruler=4.0, max_new_tokens=9), text_reader=no_reader)
    assert (tracer.asked, trace.ruler) == ([(4.0, 9)], 4.0)
    assert traced(drawn()).ruler == math.inf
    with pytest.raises(ValueError, match=r"a ruler of fake must be one of inf, 4, got 5"):
        read_traces(drawn(), tracer, FigureOptions(ruler=5.0), text_reader=no_reader)
    tracer.rulers = ()
    with pytest.raises(ValueError, match="must be left out, got 4"):
        read_traces(drawn(), tracer, FigureOptions(ruler=4.0), text_reader=no_reader)
    assert read_traces(drawn(), tracer, FigureOptions(), text_reader=no_reader)[0].ruler is None


def test_one_bad_picture_leaves_the_others() -> None:
    class Failing(FakeTracer):
        def trace_figures(self, *arguments: Any, **how: Any) -> list[FigureReading]:
            if not self.asked:
                self.asked.append((None, None))
                raise RuntimeError("no luck")
            return super().trace_figures(*arguments, **how)

    first, second = read_traces([drawn(), drawn()], Failing(), FigureOptions(), text_reader=no_reader)
    assert first.error is not None
    assert "no luck" in first.error
    assert second.error is None


def test_made_up_names_are_free() -> None:
    points: list[Point] = [(3.0, 0.0), (1.0, 0.0), (2.0, 0.0)]
    assert made_up(points, {"P1": (2.0, 0.0)}) == {"P2": (1.0, 0.0), "P3": (3.0, 0.0)}


def test_points_that_are_near_each_other_get_one_name() -> None:
    points: list[Point] = [(3.0, 0.0), (3.4, 0.0), (1.0, 0.2), (9.0, 0.0)]
    assert made_up(points, {"A": (1.0, 0.0)}, near=0.5) == {"P1": (3.0, 0.0), "P2": (9.0, 0.0)}
    names = Names({"A": (1.0, 0.0), "P1": (3.0, 0.0)})
    assert names.of([(3.4, 0.0), (1.0, 0.2)]) == ("P1", "A")
    assert names.near([(3.4, 0.0)]) == {(3.4, 0.0): "P1"}
    assert names.exact == {(1.0, 0.0): "A", (3.0, 0.0): "P1"}


def test_without_tidying_nothing_is_fitted() -> None:
    paper = ink_on_paper(drawn())
    assert paper is not None
    loose, dropped = geometry_of(READING, paper, tidy=False)
    assert (loose.circles, dropped) == (READING.circles, 0)
