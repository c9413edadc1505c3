"""Strokes become geometry: ends meet, pieces join, relations hold within their tolerances."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.reading.figures.geometry import MOST_RELATIONS, Geometry, figure_size, find_relations, tidy_geometry
from ocr2.results.figure import Circle, Point, Relation, Segment


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
    size = figure_size(given_, [])
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
