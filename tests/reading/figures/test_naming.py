"""What marks and writing name: the point, side, angle or line that each stands beside."""

import math

import pytest

from ocr2.models.protocols import TextBox
from ocr2.reading.figures.candidates import Named, Parts, candidates_of, parts_of
from ocr2.reading.figures.naming import marked_points, what_is_named
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Arc, Circle, Mark, MarkKind, Point, Segment

# A right triangle with its altitude D, and a line through its top that goes on at both ends; y is down.
A, B, C, D = (100.0, 400.0), (500.0, 400.0), (100.0, 100.0), (244.0, 208.0)
LINE = Segment((20.0, 40.0), (420.0, 40.0), arrows=(True, True))
FIGURE = Geometry((Segment(A, B), Segment(B, C), Segment(C, A), Segment(A, D), LINE))
PARTS = parts_of(FIGURE)


def nowhere(text: TextBox) -> Point | None:
    return None


def written(text: str, x: float, y: float, *, height: float = 20.0) -> TextBox:
    half = 0.3 * height * len(text)
    return TextBox(text, (x - half, y - height / 2, x + half, y + height / 2))


def named(text: TextBox, *marks: Mark, parts: Parts = PARTS) -> Named:
    return what_is_named(text, parts, marks, nowhere)


def mark(kind: MarkKind, x: float, y: float, count: int = 1) -> Mark:
    return Mark(kind, count, (x, y), ())


def test_parts_are_points_pieces_angles_and_lines_that_go_on() -> None:
    assert {A, B, C, D, LINE.start, LINE.end} == set(PARTS.points)
    assert {frozenset(p) for p in PARTS.pieces} == {
        frozenset(p) for p in ((A, B), (B, D), (D, C), (C, A), (A, D), (LINE.start, LINE.end))
    }
    assert PARTS.lines == [(LINE.start, LINE.end)]
    assert sorted(round(a.degrees) for a in PARTS.angles if a.vertex == D) == [90, 90]
    rounds = parts_of(Geometry((), (Circle(A, 50.0),), (Arc(B, 40.0, 0.0, 90.0),))).rounds
    assert rounds == [("circle 1", A, 50.0), ("arc 1", B, 40.0)]


@pytest.mark.parametrize("kind", ["tick", "chevron"])
@pytest.mark.parametrize(
    ("place", "side"), [((300, 402), (A, B)), ((102, 250), (A, C)), ((172, 154), (C, D)), ((170, 300), (A, D))]
)
def test_ticks_and_chevrons_stand_on_sides(kind: MarkKind, place: Point, side: tuple[Point, Point]) -> None:
    assert set(marked_points(mark(kind, *place), PARTS)) == set(side)


def test_a_tick_beside_no_side_or_far_from_its_middle_names_nothing() -> None:
    assert marked_points(mark("tick", 330, 340), PARTS) == ()
    assert marked_points(mark("tick", 490, 402), PARTS) == ()
    assert marked_points(mark("tick", 0, 0), parts_of(Geometry())) == ()


@pytest.mark.parametrize(
    ("kind", "place", "vertex", "ends"),
    [
        ("square", (244, 228), D, {A, B}),
        ("square", (224, 208), D, {A, C}),
        ("arc", (460, 385), B, {A, C}),
        ("arc", (112, 130), C, {A, B}),
        ("arc", (150, 385), A, {B, D}),
    ],
)
def test_squares_and_arcs_stand_at_vertices(kind: MarkKind, place: Point, vertex: Point, ends: set[Point]) -> None:
    first, middle, second = marked_points(mark(kind, *place), PARTS)
    assert middle == vertex
    assert {first, second} == ends


def test_a_square_goes_to_a_right_angle_though_another_vertex_is_nearer() -> None:
    """Marks of angles that are far off outside name nothing."""
    _, vertex, _ = marked_points(mark("square", 236, 222), PARTS)
    assert vertex == D
    assert marked_points(mark("square", 700, 300), PARTS) == ()


@pytest.mark.parametrize(
    ("place", "side"),
    [((300, 416), (A, B)), ((82, 250), (A, C)), ((385, 290), (B, D)), ((178, 138), (C, D)), ((185, 300), (A, D))],
)
@pytest.mark.parametrize("text", ["12", "x", "3.5", "2x"])
def test_a_measure_beside_the_middle_of_a_side_is_that_sides(
    place: Point, side: tuple[Point, Point], text: str
) -> None:
    found = named(written(text, *place))
    assert found.kind == "side"
    assert set(found.points) == set(side)


@pytest.mark.parametrize(
    ("text", "place", "vertex"), [("37°", (445, 387), B), ("53º", (122, 150), C), ("(2x + 3)°", (160, 385), A)]
)
def test_degrees_are_the_angles_that_they_stand_in(text: str, place: Point, vertex: Point) -> None:
    found = named(written(text, *place, height=14))
    assert found.kind == "angle"
    assert found.points[1] == vertex


def test_an_arc_before_a_letter_makes_an_angle_likelier() -> None:
    def angle_at_d(*marks: Mark) -> float:
        """Return how much likelier the angle ADB is than any side."""
        found = candidates_of(written("x", 250, 248), PARTS, marks)
        angle = max(c.score for c in found if c.named.kind == "angle" and c.named.points[1] == D)
        return angle - max(c.score for c in found if c.named.kind == "side")

    plain = angle_at_d()
    assert angle_at_d(mark("arc", 247, 230)) > plain
    assert angle_at_d(mark("arc", 252, 268)) == plain  # behind it
    assert angle_at_d(mark("tick", 247, 230)) == plain
    assert angle_at_d(mark("arc", 470, 390)) == plain  # another angle's


def test_nothing_is_always_a_candidate_and_nothing_far_off_is_one() -> None:
    assert [c.named for c in candidates_of(written("7", 900, 900), PARTS, ())] == [Named("free")]
    found = [c.named for c in candidates_of(written("7", 300, 416), PARTS, ())]
    assert Named("free") in found
    assert all(math.isfinite(c.score) for c in candidates_of(written("7", 300, 416), PARTS, ()))
    assert {n.kind for n in found} <= {"free", "side", "angle"}
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("place", [(14, 24), (432, 44), (30, 56)])
def test_a_small_letter_at_the_end_of_a_line_is_its_name(place: Point) -> None:
    assert named(written("m", *place)) == Named("line", (LINE.start, LINE.end))


def test_writing_outside_of_a_circle_is_its_measure_and_inside_not() -> None:
    parts = parts_of(Geometry((), (Circle((200.0, 200.0), 100.0),), (Arc((500.0, 200.0), 80.0, 0.0, 180.0),)))
    assert named(written("120°", 318, 200), parts=parts) == Named("arc", round="circle 1")
    assert named(written("8", 500, 106), parts=parts) == Named("arc", round="arc 1")
    assert named(written("8", 200, 200), parts=parts) == Named("free")


def test_captions_are_free() -> None:
    assert named(written("Figure 3", 300, 520)) == Named("free")
    assert named(written("7", 300, 520), parts=parts_of(Geometry())) == Named("free")


def test_an_arrow_is_asked_for_where_writing_stands_beside_nothing() -> None:
    asked: list[TextBox] = []

    def arrow(text: TextBox) -> Point | None:
        asked.append(text)
        return (302.0, 396.0)

    far, beside = written("15", 300, 520), written("12", 300, 416)
    found = what_is_named(far, PARTS, (), arrow)
    assert (found.kind, set(found.points)) == ("side", {A, B})
    assert set(what_is_named(beside, PARTS, (), arrow).points) == {A, B}
    assert asked == [far]


def test_an_arrow_from_degrees_leads_to_an_angle() -> None:
    found = what_is_named(written("37°", 560, 500), PARTS, (), lambda text: (470.0, 392.0))
    assert (found.kind, found.points[1]) == ("angle", B)
    outside = what_is_named(written("37°", 560, 500), PARTS, (), lambda text: (300.0, 640.0))
    assert outside.kind == "side"  # no angle there
    assert what_is_named(written("9", 9, 9), parts_of(Geometry()), (), lambda text: (5.0, 5.0)) == Named("free")


@pytest.mark.parametrize("turn", range(0, 360, 30))
def test_names_turn_with_the_figure(turn: int) -> None:
    def at(point: Point) -> Point:
        x, y = point[0] - 300, point[1] - 250
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        return 300 + x * cos - y * sin, 250 + x * sin + y * cos

    moved = [Segment(at(s.start), at(s.end), arrows=s.arrows) for s in FIGURE.segments]
    parts = parts_of(Geometry(tuple(moved)))
    assert len(parts.angles) == len(PARTS.angles)
    tick = marked_points(mark("tick", *at((300, 402))), parts)
    assert sorted(tick) == [pytest.approx(p) for p in sorted((at(A), at(B)))]
    _, vertex, _ = marked_points(mark("arc", *at((460, 385))), parts)
    assert vertex == pytest.approx(at(B))
    found = named(written("37°", *at((458, 386)), height=16), parts=parts)
    assert found.kind == "angle"
    assert found.points[1] == pytest.approx(at(B))
