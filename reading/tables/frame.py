"""A table on its way to cells: lines of pieces at columns, its edges and rules."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ocr2.reading.tables.columns import column_range
from ocr2.reading.tables.pieces import Piece
from ocr2.reading.tables.rules import Rules
from ocr2.results.box import Box, union

CELL_SPACE = 0.45  # em: white between words of two cells
FULL_RULE = 0.85  # share of the table's width from which a level rule parts all columns
OVER_COLUMN = 0.6  # share of a column that a rule covers to part its cells

Columns = tuple[int, int]  # the first, and the one behind the last


@dataclass(slots=True)
class GridLine:
    """A line of a table."""

    pieces: list[tuple[Columns, Piece]]  # from left to right
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2

    @property
    def columns(self) -> set[int]:
        """Columns that it has anything in."""
        return {column for (first, stop), _ in self.pieces for column in range(first, stop)}

    def in_column(self, column: int) -> list[Piece]:
        """Return its pieces that begin in a column."""
        return [piece for (first, _), piece in self.pieces if first == column]


@dataclass(slots=True)
class GridCell:
    """A cell while it is filled."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Frame:
    """What rows and cells are found from."""

    lines: list[GridLine]  # from top to bottom
    edges: list[float]  # x of the columns' sides, the table's own included
    rules: Rules
    box: Box
    em: float

    @property
    def count(self) -> int:
        """Columns."""
        return len(self.edges) - 1

    @property
    def full_rules(self) -> list[float]:
        """Heights of the level rules that part all columns, from top to bottom."""
        return [rule.at for rule in self.rules.level if rule.covers(self.box.left, self.box.right) > FULL_RULE]

    @property
    def pitch(self) -> float:
        """From one line to the next where they are close."""
        steps = [b.bottom - a.bottom for a, b in itertools.pairwise(self.lines)]
        return max(self.em, float(np.percentile(steps, 25))) if steps else self.em

    def is_ruled(self, top: float, bottom: float, columns: Columns) -> bool:
        """Say whether a rule between two heights parts the cells of columns."""
        left, right = self.edges[columns[0]], self.edges[columns[1]]
        return any(top < rule.at < bottom and rule.covers(left, right) > OVER_COLUMN for rule in self.rules.level)


def grid_line(row: Sequence[Piece], separators: Sequence[float]) -> GridLine:
    """Return a line with its pieces at columns; one with white at a separator is cut there."""
    pieces = [found for piece in row for found in _at_columns(piece, separators)]
    return GridLine(pieces, float(np.median([p.box.top for p in row])), float(np.median([p.box.bottom for p in row])))


def _at_columns(piece: Piece, separators: Sequence[float]) -> list[tuple[Columns, Piece]]:
    runs = [[piece.words[0]]]
    for before, word in itertools.pairwise(piece.words):
        parted = any(before.box.right - 1 <= x <= word.box.left + 1 for x in separators)
        if parted and word.box.left - before.box.right > CELL_SPACE * piece.em:
            runs.append([])
        runs[-1].append(word)
    found = []
    for run in runs:
        around = union(word.box for word in run)
        part = Piece(tuple(run), Box(around.left, piece.box.top, around.right, piece.box.bottom), piece.em)
        found.append((column_range(around.left, around.right, separators), part))
    return found


def put(cells: list[GridCell], row: int, columns: Columns, piece: Piece) -> GridCell:
    """Put a piece into the cell of a row that it shares columns with, or into a new one."""
    first, stop = columns
    here = [cell for cell in cells if cell.row == row]
    cell = next((c for c in here if c.column <= first < c.column + c.columns), None)
    cell = cell or next((c for c in here if first <= c.column < stop), None)
    if cell is None:
        cell = GridCell(row, first, 1, stop - first)
        cells.append(cell)
    cell.pieces.append(piece)
    return cell


def is_number(text: str) -> bool:
    """Say whether a text is a number, with its signs.

    Examples:
        >>> is_number("$ 1,204.50"), is_number("95% CI of 3 to 5")
        (True, False)
    """
    return sum(c.isdigit() for c in text) > 0.5 * len(text.replace(" ", ""))
