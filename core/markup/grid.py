"""Rows and columns of tables whose cells cover several of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocr2.markup.nodes import Cell, Row, Table

MAX_SPAN = 100  # columns that one cell may cover
SPANNED_COLUMNS = 200  # cells further right cover one row each


def rows_of(table: Table) -> Iterator[list[Cell | None]]:
    """Yield each row as LaTeX writes it: None stands for a column that a cell of a row above covers."""
    covered: dict[int, int] = {}  # last row that a column is covered in
    for number, row in enumerate(table.rows):
        places: list[Cell | None] = []
        column = 0
        for cell in row.cells:
            while covered.get(column, -1) >= number:
                places.append(None)
                column += 1
            places.append(cell)
            for c in range(column, column + cell.columns) if cell.rows > 1 else ():
                covered[c] = number + cell.rows - 1
            column += cell.columns
        while covered.get(column, -1) >= number:
            places.append(None)
            column += 1
        yield places


def width_of(places: Sequence[Cell | None]) -> int:
    """Return the number of columns of a row that `rows_of` gives."""
    return sum(cell.columns if cell is not None else 1 for cell in places)


def has_spans(table: Table) -> bool:
    """Return whether a cell covers more than one row or column."""
    return any(cell.rows > 1 or cell.columns > 1 for row in table.rows for cell in row.cells)


class GridBuilder:
    """Takes the rows of a tabular as they are written and drops the empty cells under one that covers them.

    Args:
        columns: Number of columns that the table says it has.
    """

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._rows: list[tuple[list[Cell], tuple[str, ...]]] = []
        self._owners: dict[int, tuple[int, int]] = {}  # of a covered column: row, and position in it, of the cell

    def add(self, cells: Sequence[Cell], rules: tuple[str, ...]) -> None:
        """Add a row; an empty one is left out, or all columns of it must be covered."""
        number = len(self._rows)
        self._owners = {c: at for c, at in self._owners.items() if at[0] + self._rows[at[0]][0][at[1]].rows > number}
        if len(cells) == 1 and not cells[0].blocks and not rules and 0 not in self._owners:
            return
        skips = self._leaves_out(cells)
        kept: list[Cell] = []
        self._rows.append((kept, rules))
        column = 0
        for cell in cells:
            while skips and column in self._owners:
                column += 1
            if column in self._owners and cell.blocks:
                self._end_span(self._owners[column], number)
            if column not in self._owners:
                kept.append(self._place(cell, number, len(kept), column))
            column += cell.columns

    def _leaves_out(self, cells: Sequence[Cell]) -> bool:
        """Return whether a row has no cells for the columns that are covered, as if it were HTML."""
        if sum(cell.columns for cell in cells) + len(self._owners) > self._columns:
            return False
        column = 0
        for cell in cells:
            if column in self._owners and cell.blocks:
                return True
            column += cell.columns
        return False

    def _end_span(self, owner: tuple[int, int], number: int) -> None:
        """Let a cell end above a row that has something of its own in its place."""
        row, position = owner
        cells = self._rows[row][0]
        cells[position] = replace(cells[position], rows=number - row)
        self._owners = {c: at for c, at in self._owners.items() if at != owner}

    def _place(self, cell: Cell, number: int, position: int, column: int) -> Cell:
        if cell.rows < 2 or column + cell.columns > SPANNED_COLUMNS:
            return replace(cell, rows=1)
        self._owners.update(dict.fromkeys(range(column, column + cell.columns), (number, position)))
        return cell

    def rows(self) -> tuple[Row, ...]:
        """Return the rows; no cell reaches below the last."""
        count = len(self._rows)
        return tuple(
            Row(tuple(replace(cell, rows=min(cell.rows, count - i)) for cell in cells), rules)
            for i, (cells, rules) in enumerate(self._rows)
        )
