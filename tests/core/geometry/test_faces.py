"""Polygons that segments enclose."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.geometry.faces import MOST, equal_groups, polygons_of
from ocr2.geometry.parts import Point, Segment, is_on

NEAR = 0.01


def ring(*corners: Point) -> list[Segment]:
    return list(itertools.pairwise([*corners, corners[0]]))


def area(corners: tuple[Point, ...]) -> float:
    pairs = itertools.pairwise([*corners, corners[0]])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


SQUARE = ring((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
coordinates = st.integers(0, 20).map(float)
places = st.tuples(coordinates, coordinates)


def test_a_square_with_both_diagonals_gives_four_triangles() -> None:
    found = polygons_of([*SQUARE, ((0.0, 0.0), (4.0, 4.0)), ((4.0, 0.0), (0.0, 4.0))], near=NEAR)
    assert [len(p) for p in found] == [3] * 4
    assert all((2.0, 2.0) in p for p in found)
    assert [area(p) for p in found] == [pytest.approx(4)] * 4


def test_a_point_on_a_straight_side_is_no_corner() -> None:
    """The end of a line on a side is one only where the polygon bends."""
    found = polygons_of([*SQUARE, ((2.0, 0.0), (2.0, 4.0))], near=NEAR)
    assert [len(p) for p in found] == [4, 4]
    (outer,) = polygons_of([*SQUARE, ((2.0, 0.0), (2.0, -3.0))], near=NEAR)
    assert sorted(outer) == [(0.0, 0.0), (0.0, 4.0), (4.0, 0.0), (4.0, 4.0)]


def test_open_lines_enclose_nothing() -> None:
    assert polygons_of([], near=NEAR) == []
    assert polygons_of(SQUARE[:3], near=NEAR) == []
    assert polygons_of([((0.0, 0.0), (4.0, 0.0)), ((2.0, -1.0), (2.0, 1.0))], near=NEAR) == []


def test_a_triangle_that_touches_nothing_is_one_of_its_own() -> None:
    inner = ring((1.0, 1.0), (2.0, 1.0), (1.0, 2.0))
    found = polygons_of([*SQUARE, *inner], near=NEAR)
    assert sorted(len(p) for p in found) == [3, 4]
    assert sorted(area(p) for p in found) == [pytest.approx(0.5), pytest.approx(16)]


def test_a_line_that_ends_inside_takes_no_polygon_away() -> None:
    (found,) = polygons_of([*SQUARE, ((0.0, 0.0), (2.0, 1.0)), ((2.0, 1.0), (2.5, 2.5))], near=NEAR)
    assert sorted(found) == [(0.0, 0.0), (0.0, 4.0), (4.0, 0.0), (4.0, 4.0)]


def test_grids_give_none() -> None:
    def grid(count: int) -> list[Segment]:
        lines = [(float(k), float(count)) for k in range(count + 1)]
        return [s for k, n in lines for s in (((k, 0.0), (k, n)), ((0.0, k), (n, k)))]

    assert len(polygons_of(grid(7), near=NEAR)) == 49
    assert polygons_of(grid(8), near=NEAR) == []
    assert 49 < MOST < 64


@given(st.lists(st.tuples(places, places).filter(lambda s: math.dist(*s) > 0.5), max_size=8))
def test_corners_of_polygons_are_points_of_segments(segments: list[Segment]) -> None:
    for corners in polygons_of(segments, near=NEAR):
        assert len(set(corners)) == len(corners) >= 3
        assert area(corners) > 0
        for p in corners:
            assert sum(is_on(p, s, 3 * NEAR) for s in segments) >= 2


@st.composite
def convex_polygons(draw: st.DrawFn) -> list[Point]:
    turns = draw(st.lists(st.integers(0, 71), min_size=4, max_size=9, unique=True))
    return [(10 * math.cos(math.radians(5 * t)), 10 * math.sin(math.radians(5 * t))) for t in sorted(turns)]


@given(convex_polygons(), st.booleans())
def test_triangles_of_a_convex_polygon_cover_it(corners: list[Point], fan: bool) -> None:
    """Drawn from one corner, or as a zigzag."""
    n = len(corners)
    zigzag = [n - 1 - k // 2 if k % 2 else k // 2 for k in range(n)]
    cuts = [(0, k) for k in range(2, n - 1)] if fan else list(itertools.pairwise(zigzag))[1:-1]
    segments = [*ring(*corners), *((corners[a], corners[b]) for a, b in cuts)]
    found = polygons_of(segments, near=1e-6)
    assert [len(p) for p in found] == [3] * (n - 2)
    assert sum(map(area, found)) == pytest.approx(area(tuple(corners)))


def test_names_with_one_count_are_pairs() -> None:
    assert equal_groups([]) == []
    assert equal_groups([(1, "AB"), (1, "AB")]) == []
    assert equal_groups([(1, "AB"), (2, "CD"), (1, "BC"), (2, "DA"), (1, "EF")]) == [
        ("AB", "BC"), ("BC", "EF"), ("CD", "DA"),
    ]  # fmt: skip
