"""Points, pieces of segments, angles and crossings of a figure."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ocr2.geometry.parts import (
    ANGLES,
    Point,
    Segment,
    along,
    angles_of,
    crossing,
    foot_of,
    is_on,
    pieces_of,
    points_of,
    turn_between,
)

NEAR = 0.01
SQUARE: list[Segment] = [
    ((0.0, 0.0), (4.0, 0.0)), ((4.0, 0.0), (4.0, 4.0)), ((4.0, 4.0), (0.0, 4.0)), ((0.0, 4.0), (0.0, 0.0)),
]  # fmt: skip
DIAGONALS: list[Segment] = [((0.0, 0.0), (4.0, 4.0)), ((4.0, 0.0), (0.0, 4.0))]

coordinates = st.integers(-50, 50).map(float)
places = st.tuples(coordinates, coordinates)
long_segments = st.tuples(places, places).filter(lambda s: math.dist(*s) > 1)


def test_points_are_named_ones_ends_and_crossings_each_once() -> None:
    found = points_of([*SQUARE, *DIAGONALS], [(1.0, 1.0), (4.0, 0.005)], near=NEAR)
    assert found[:2] == [(1.0, 1.0), (4.0, 0.005)]  # the name is the point, not the end beside it
    assert sorted(found[2:]) == [(0.0, 0.0), (0.0, 4.0), (2.0, 2.0), (4.0, 4.0)]


def test_lines_that_would_cross_beyond_an_end_do_not() -> None:
    apart: list[Segment] = [((0.0, 0.0), (1.0, 0.0)), ((2.0, -1.0), (2.0, 1.0))]
    assert sorted(points_of(apart, (), near=NEAR)) == [(0.0, 0.0), (1.0, 0.0), (2.0, -1.0), (2.0, 1.0)]


def test_pieces_lie_between_neighbouring_points() -> None:
    side: Segment = ((0.0, 0.0), (10.0, 0.0))
    points = [(7.0, 0.0), (3.0, 0.002), (5.0, 1.0), (0.0, 0.0), (10.0, 0.0)]
    assert pieces_of([side], points, near=NEAR, least=NEAR) == [
        ((0.0, 0.0), (3.0, 0.002)), ((3.0, 0.002), (7.0, 0.0)), ((7.0, 0.0), (10.0, 0.0)),
    ]  # fmt: skip
    assert pieces_of([side], points, near=NEAR, least=3.5) == [((3.0, 0.002), (7.0, 0.0))]


@given(st.lists(long_segments, min_size=1, max_size=5))
def test_pieces_of_a_segment_add_up_to_it(segments: list[Segment]) -> None:
    points = points_of(segments, (), near=1e-6)
    total = sum(math.dist(*s) for s in segments)
    assert sum(math.dist(*p) for p in pieces_of(segments, points, near=1e-6, least=0.0)) == pytest.approx(total)


def test_a_square_with_a_diagonal_has_four_right_angles_less_two() -> None:
    corner = angles_of([*SQUARE, DIAGONALS[0]], [(0.0, 0.0)], near=NEAR, least=NEAR)
    assert [round(a.degrees, 6) for a in corner] == [45.0, 45.0]
    assert corner[0].second == corner[1].first == (4.0, 4.0)
    (right,) = angles_of([*SQUARE, DIAGONALS[0]], [(4.0, 0.0)], near=NEAR, least=NEAR)
    assert right.vertex == (4.0, 0.0)
    assert right.degrees == pytest.approx(90)


def test_angles_open_to_both_sides_of_a_line() -> None:
    """A line that goes on has two ways at a point of it; straight angles are none."""
    found = angles_of([((-5.0, 0.0), (5.0, 0.0)), ((0.0, 0.0), (0.0, 5.0))], [(0.0, 0.0)], near=NEAR, least=NEAR)
    assert [a.degrees for a in found] == [pytest.approx(90), pytest.approx(90)]
    assert angles_of([((-5.0, 0.0), (5.0, 0.0))], [(0.0, 0.0)], near=NEAR, least=NEAR) == []


def test_ways_too_short_or_too_close_make_no_angle() -> None:
    stub: list[Segment] = [((0.0, 0.0), (5.0, 0.0)), ((0.0, 0.0), (0.0, 0.5))]
    assert len(angles_of(stub, [(0.0, 0.0)], near=NEAR, least=0.1)) == 1
    assert angles_of(stub, [(0.0, 0.0)], near=NEAR, least=1.0) == []
    twice: list[Segment] = [((0.0, 0.0), (5.0, 0.0)), ((0.0, 0.0), (4.0, 0.01)), ((0.0, 0.0), (0.0, 5.0))]
    assert len(angles_of(twice, [(0.0, 0.0)], near=NEAR, least=1.0)) == 1


@given(st.lists(st.integers(0, 359), min_size=2, max_size=7, unique=True))
def test_angles_at_a_point_are_those_between_neighbours(turns: list[int]) -> None:
    ways: list[Segment] = [
        ((0.0, 0.0), (10 * math.cos(math.radians(t)), 10 * math.sin(math.radians(t)))) for t in sorted(turns)
    ]
    gaps = [(b - a) % 360 for a, b in zip(sorted(turns), [*sorted(turns)[1:], sorted(turns)[0]], strict=True)]
    assume(min(gaps) > 4 and not {*ANGLES} & {*gaps})  # closer ways are one; what is at a bound may be either
    found = angles_of(ways, [(0.0, 0.0)], near=NEAR, least=NEAR)
    assert sorted(round(a.degrees) for a in found) == sorted(g for g in gaps if ANGLES[0] < g < ANGLES[1])


def test_turns_grow_as_angles_do() -> None:
    assert turn_between((0.0, 0.0), (1.0, 0.0), (0.0, 2.0)) == pytest.approx(90)
    assert turn_between((0.0, 0.0), (0.0, 2.0), (1.0, 0.0)) == pytest.approx(-90)
    assert turn_between((1.0, 1.0), (1.0, 0.0), (0.0, 0.9)) == pytest.approx(-math.degrees(math.atan2(1, 0.1)))


@given(places, places, st.floats(-0.5, 1.5))
def test_a_foot_of_a_point_beside_a_line_is_where_it_was_put_up(a: Point, b: Point, share: float) -> None:
    if a == b:
        return
    x, y = along(a, b, share)
    foot, found = foot_of((x - (b[1] - a[1]) / 3, y + (b[0] - a[0]) / 3), a, b)
    assert found == pytest.approx(share, abs=1e-6)
    assert foot == pytest.approx((x, y), abs=1e-6)


def test_a_point_has_a_foot_on_nothing() -> None:
    assert foot_of((3.0, 4.0), (1.0, 1.0), (1.0, 1.0)) == ((1.0, 1.0), 0.0)


@given(long_segments, long_segments)
def test_lines_cross_on_both_of_them_or_not_at_all(one: Segment, other: Segment) -> None:
    found = crossing(*one, *other)
    if found is not None:
        for line in (one, other):
            assert math.dist(foot_of(found, *line)[0], found) < 1e-4
    else:
        ways = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in (one, other)]
        assert abs(math.sin(ways[0] - ways[1])) <= 1.001e-3


def test_points_on_a_segment_include_its_ends_and_none_beyond() -> None:
    segment = ((0.0, 0.0), (10.0, 0.0))
    assert all(is_on((x, 0.005), segment, NEAR) for x in (0.0, 5.0, 10.0))
    assert not any(is_on(p, segment, NEAR) for p in ((5.0, 0.02), (10.1, 0.0), (-0.1, 0.0)))
    assert not is_on((0.0, 0.0), ((0.0, 0.0), (0.001, 0.0)), NEAR)  # a speck has no points
