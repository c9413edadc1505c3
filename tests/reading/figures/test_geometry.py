"""Strokes become geometry: ends meet, pieces join, relations hold within their tolerances."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.reading.figures.geometry import (
    MOST_RELATIONS,
    figure_size,
    find_relations,
    marked_relations,
    tidy_geometry,
)
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Arc, Circle, Mark, Point, Relation, Segment


def segments(*ends: tuple[float, float, float, float]) -> list[Segment]:
    return [Segment((x0, y0), (x1, y1)) for x0, y0, x1, y1 in ends]


def test_ends_that_nearly_meet_are_one_point() -> None:
    found = tidy_geometry(segments((0, 0, 100, 40), (100.8, 40.6, 30, 90), (30.4, 89.5, 0.5, -0.3)), []).segments
    assert len({p for s in found for p in (s.start, s.end)}) == 3


def test_nearly_level_sides_become_level_and_a_slanted_one_does_not() -> None:
    found = tidy_geometry(segments((0, 0, 100, 0.7), (100, 0.7, 100.6, 60), (100.6, 60, 0, 0)), []).segments
    assert found[0].start[1] == found[0].end[1]
    assert found[1].start[0] == found[1].end[0]
    assert abs(found[2].start[1] - found[2].end[1]) > 50


def test_an_end_near_a_side_or_a_circle_comes_to_lie_on_it() -> None:
    circle = Circle((50.0, 50.0), 40.0)
    found = tidy_geometry(segments((0, 100, 100, 100), (50, 50, 50, 99.2), (50, 50, 10.8, 50)), [circle]).segments
    assert found[1].end == pytest.approx((50, 100))
    assert math.dist(found[2].end, circle.center) == pytest.approx(40)


def test_pieces_of_one_line_are_joined_and_others_are_not() -> None:
    pieces = segments((0, 0, 40, 20), (40, 20, 100, 50), (0, 60, 30, 60), (70, 60, 100, 60))
    found = tidy_geometry(pieces, []).segments
    assert [(s.start, s.end) for s in found] == [((0, 0), (100, 50)), ((0, 60), (30, 60)), ((70, 60), (100, 60))]
    dashed = [Segment((0, 0), (50, 0), dashed=True), Segment((50, 0), (100, 0), dashed=False)]
    assert len(tidy_geometry(dashed, []).segments) == 2


def test_the_least_sure_piece_speaks_for_a_joined_segment() -> None:
    pieces = [Segment((0, 0), (50, 0), confidence=0.9), Segment((50, 0), (100, 0), confidence=0.4)]
    assert tidy_geometry(pieces, []).segments[0].confidence == 0.4


def test_specks_and_nothing_give_nothing() -> None:
    assert tidy_geometry([], []) == Geometry((), ())
    found = tidy_geometry(segments((0, 0, 100, 0), (50, 50, 50.5, 50.5)), []).segments
    assert len(found) == 1


points = st.tuples(st.integers(0, 400).map(float), st.integers(0, 400).map(float))


@given(st.lists(st.tuples(points, points), min_size=1, max_size=10))
def test_tidying_moves_no_end_far(ends: list[tuple[Point, Point]]) -> None:
    """Every end of the result is near one that was given."""
    given_ = [Segment(a, b) for a, b in ends]
    found = tidy_geometry(given_, [])
    size = figure_size(Geometry(tuple(given_)))
    old = [p for s in given_ for p in (s.start, s.end)]
    assert all(
        min(math.dist(p, q) for q in old) <= 0.08 * size + 1e-6 for s in found.segments for p in (s.start, s.end)
    )
    assert len(found.segments) <= len(given_)


def test_relations_of_a_rectangle_with_its_circle() -> None:
    geometry = tidy_geometry(segments((0, 0, 80, 0), (80, 0, 80, 60), (80, 60, 0, 60), (0, 60, 0, 0)), [])
    circle = Circle((40.0, 30.0), 50.0)
    names = {(0.0, 0.0): "A", (80.0, 0.0): "B", (80.0, 60.0): "C", (0.0, 60.0): "D"}
    found = find_relations(Geometry(geometry.segments, (circle,)), names)
    assert Relation("parallel", ("AB", "CD")) in found
    assert Relation("perpendicular", ("AB", "BC")) in found
    assert Relation("equal", ("BC", "DA")) in found
    assert {r.of[0] for r in found if r.kind == "on-circle"} == set("ABCD")
    assert not any(r.kind == "tangent" for r in found)
    inner = find_relations(Geometry(geometry.segments, (Circle((40.0, 30.0), 30.0),)), names)
    assert {r.of[0] for r in inner if r.kind == "tangent"} == {"AB", "CD"}


def test_a_tick_across_a_circle_does_not_become_a_point() -> None:
    tick = Segment((689.0, 300.0), (711.0, 300.0))
    base = Segment((0.0, 600.0), (1000.0, 600.0))
    found = tidy_geometry([tick, base], [Circle((500.0, 300.0), 200.0)])
    assert all(s.start != s.end for s in found.segments)


def test_short_tilted_segments_are_not_levelled() -> None:
    tilted = Segment((500.0, 300.0), (530.0, 309.0))
    found = tidy_geometry([tilted, Segment((0.0, 600.0), (1000.0, 604.0))], [])
    assert found.segments[0] == tilted
    assert found.segments[1].start[1] == found.segments[1].end[1]


def test_relations_of_circles_come_first() -> None:
    spokes = [Segment((500.0, 500.0), (500 + 90 * math.cos(k), 500 + 90 * math.sin(k))) for k in range(30)]
    geometry = Geometry(tuple(spokes), (Circle((500.0, 500.0), 90.0),))
    points = {p: f"P{i}" for i, p in enumerate({q for s in spokes for q in (s.start, s.end)})}
    relations = find_relations(geometry, points)
    assert len(relations) == MOST_RELATIONS
    assert sum(r.kind == "on-circle" for r in relations) == 30


def test_heads_of_arrows_make_arrows_of_the_ends_beside_them() -> None:
    pieces = segments((0, 0, 200, 0), (200, 0, 400, 0), (0, 0, 100, 200))
    line, ray = tidy_geometry(pieces, [], arrows=[(3.0, 4.0), (396.0, 3.0), (200.0, 5.0)]).segments
    assert (line.start, line.end, line.arrows) == ((0, 0), (400, 0), (True, True))  # none where pieces were joined
    assert ray.arrows == (True, False)  # a head beside an end of two is both's
    assert tidy_geometry(pieces, []).segments[0].arrows == (False, False)


def test_ends_come_to_lie_on_arcs_and_arcs_count_for_the_size() -> None:
    arc = Arc((100.0, 100.0), 80.0, 0.0, 180.0)
    assert figure_size(Geometry(arcs=(arc,))) == pytest.approx(160, abs=1)
    found = tidy_geometry(segments((100, 100, 100, 21)), [], [arc])
    assert found.arcs == (arc,)
    assert found.segments[0].end == pytest.approx((100, 20))


def test_what_marks_say_comes_before_what_was_measured() -> None:
    geometry = Geometry(tuple(segments((0, 0, 100, 0), (100, 0, 100, 90), (100, 90, 0, 0))))
    names = {(0.0, 0.0): "A", (100.0, 0.0): "B", (100.0, 90.0): "C"}
    marks = [
        Mark("square", 1, (95, 5), ("A", "B", "C")),
        Mark("tick", 2, (50, 0), ("A", "B")), Mark("tick", 2, (100, 45), ("B", "C")),
        Mark("tick", 1, (50, 45), ("C", "A")),
        Mark("arc", 1, (0, 0), ("B", "A", "C")), Mark("arc", 1, (0, 0), ("A", "C", "B")),
        Mark("chevron", 1, (0, 0), ("A", "B")), Mark("chevron", 1, (0, 0), ("C", "D")),
        Mark("tick", 2, (0, 0), ()), Mark("square", 1, (0, 0), ()),  # that name nothing
    ]  # fmt: skip
    assert marked_relations(marks) == [
        Relation("perpendicular", ("BA", "BC"), marked=True),
        Relation("equal", ("AB", "BC"), marked=True),
        Relation("equal-angles", ("BAC", "ACB"), marked=True),
        Relation("parallel", ("AB", "CD"), marked=True),
    ]
    found = find_relations(geometry, names, marks)
    assert found[:4] == marked_relations(marks)
    assert Relation("perpendicular", ("AB", "BC")) in found[4:]


def test_ends_with_one_name_say_a_thing_once() -> None:
    circle = Circle((0.0, 0.0), 100.0)
    names = {(100.0, 0.0): "A", (100.0, 0.5): "A"}
    found = find_relations(Geometry((), (circle,)), names)
    assert found == [Relation("on-circle", ("A", "circle 1"))]
