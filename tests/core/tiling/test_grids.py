"""Aspect-ratio grids: the published table, and properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.tiling.grids import Grid, choose_grid, tile_boxes

# (width, height): grid for at most 6 and for at most 12 tiles; docs/models/got.md, "Tiling".
TABLE = {
    (800, 1200): ((2, 3), (2, 3)),
    (1200, 800): ((3, 2), (3, 2)),
    (2480, 3508): ((2, 3), (2, 3)),
    (3508, 2480): ((3, 2), (4, 3)),
    (2000, 1000): ((2, 1), (2, 1)),
    (4000, 1000): ((4, 1), (4, 1)),
    (1024, 1024): ((1, 1), (1, 1)),
    (1448, 1448): ((1, 1), (1, 1)),
    (1449, 1449): ((2, 2), (2, 2)),
    (2000, 2000): ((2, 2), (2, 2)),
    (3000, 3000): ((2, 2), (3, 3)),
}


@pytest.mark.parametrize("size", TABLE)
def test_the_published_table(size: tuple[int, int]) -> None:
    six, twelve = TABLE[size]
    assert choose_grid(*size, max_tiles=6) == Grid(*six)
    assert choose_grid(*size, max_tiles=12) == Grid(*twelve)


@pytest.mark.parametrize("columns", range(1, 7))
def test_a_strip_of_squares_is_cut_into_those_squares(columns: int) -> None:
    assert choose_grid(columns * 300, 300) == Grid(columns, 1)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 12))
def test_the_choice_is_the_nearest_ratio(width: int, height: int, max_tiles: int) -> None:
    chosen = choose_grid(width, height, max_tiles=max_tiles)
    assert chosen.columns * chosen.rows <= max_tiles
    distance = abs(width / height - chosen.columns / chosen.rows)
    for columns in range(1, max_tiles + 1):
        for rows in range(1, max_tiles // columns + 1):
            assert distance <= abs(width / height - columns / rows)


@given(st.integers(1, 6), st.integers(1, 6))
def test_tiles_cover_the_page_once(columns: int, rows: int) -> None:
    boxes = tile_boxes(Grid(columns, rows), side=4)
    covered = [(x, y) for b in boxes for x in range(b.left, b.right) for y in range(b.top, b.bottom)]
    assert len(covered) == len(set(covered)) == 16 * columns * rows
    assert Grid(columns, rows).num_views == len(boxes) + (len(boxes) > 1)


@pytest.mark.parametrize(("width", "height", "tiles"), [(0, 5, 6), (5, -1, 6), (5, 5, 0)])
def test_sizes_below_one_are_refused(width: int, height: int, tiles: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        choose_grid(width, height, max_tiles=tiles)
