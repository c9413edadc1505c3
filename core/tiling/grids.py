"""Aspect-ratio grids: a page as equal square tiles and a thumbnail, the dynamic resolution of published GOT.

The scheme is InternVL 1.5's (Chen et al. 2024, arXiv 2404.16821).
"""

from dataclasses import dataclass

from ocr2.results.box import Box


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles across and down."""

    columns: int
    rows: int

    @property
    def num_views(self) -> int:
        """Tiles, and the thumbnail when there is more than one."""
        tiles = self.columns * self.rows
        return tiles + 1 if tiles > 1 else 1


def choose_grid(width: int, height: int, *, max_tiles: int = 6, side: int = 1024) -> Grid:
    """Pick the tile grid whose aspect ratio is nearest to the page's.

    All grids of at most `max_tiles` tiles are candidates, smaller areas first. Distance is
    `abs(columns / rows - width / height)`; on a tie the larger grid wins if the page has more than half
    the pixels that the grid would show.

    Args:
        width: Page width, pixels.
        height: Page height, pixels.
        max_tiles: Upper bound on `columns * rows`.
        side: Pixels of one square tile.

    Returns:
        The grid; `Grid(1, 1)` means the page is not split.

    Raises:
        ValueError: If a side or `max_tiles` is less than 1.

    Source:
        docs/models/got.md, "Tiling".

    Examples:
        >>> choose_grid(1024, 2048)
        Grid(columns=1, rows=2)
    """
    for name, value in (("width", width), ("height", height), ("max_tiles", max_tiles)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    candidates = [Grid(c, r) for c in range(1, max_tiles + 1) for r in range(1, max_tiles // c + 1)]
    candidates.sort(key=lambda grid: grid.columns * grid.rows)
    best, best_distance = candidates[0], float("inf")
    for grid in candidates:
        distance = abs(width / height - grid.columns / grid.rows)
        fills = width * height > 0.5 * side * side * grid.columns * grid.rows
        if distance < best_distance or (distance == best_distance and fills):
            best, best_distance = grid, distance
    return best


def tile_boxes(grid: Grid, *, side: int = 1024) -> list[Box]:
    """Return the tiles of a page resized to (columns * side, rows * side), row by row.

    Examples:
        >>> tile_boxes(Grid(2, 1), side=10)
        [Box(left=0, top=0, right=10, bottom=10), Box(left=10, top=0, right=20, bottom=10)]
    """
    return [
        Box(c * side, r * side, (c + 1) * side, (r + 1) * side) for r in range(grid.rows) for c in range(grid.columns)
    ]
