"""Rows, spans and cells of a table whose place is known."""

import re
from collections.abc import Sequence

import numpy as np

from ocr2.formats.document.prose import join_lines
from ocr2.reading.tables.body import body_cells
from ocr2.reading.tables.columns import find_separators
from ocr2.reading.tables.frame import Frame, GridCell, grid_line
from ocr2.reading.tables.head import count_head_lines, head_cells
from ocr2.reading.tables.pieces import Piece, rows_of
from ocr2.reading.tables.rules import Rules
from ocr2.results.box import Box, union
from ocr2.results.document import mean_confidence
from ocr2.results.table import Table, TableCell

LEADER = re.compile(r"\s*(?:[.·…_]\s?){3,}$")  # dots that lead from a label to its values


def build_table(pieces: Sequence[Piece], rules: Rules, box: Box) -> Table | None:
    """Return the rows and cells of a table; None if it has no two rows and columns.

    Args:
        pieces: Its words.
        rules: Those inside of it.
        box: Around it.
    """
    if not pieces:
        return None
    em = float(np.median([piece.em for piece in pieces]))
    rows = rows_of(pieces)
    separators = find_separators(rows, rules.upright, box, em)
    if not separators or len(rows) < 2:
        return None
    edges = [float(box.left), *separators, float(box.right)]
    frame = Frame([grid_line(row, separators) for row in rows], edges, rules, box, em)
    lines = count_head_lines(frame)
    head = head_cells(frame, lines)
    head_rows = max((cell.row + cell.rows for cell in head), default=0)
    cells = head + body_cells(frame, lines, head_rows)
    cells = _without_overlap(cells, frame.count)
    cells += _empty_cells(cells, frame.count)
    if max(cell.row + cell.rows for cell in cells) < 2:
        return None
    ordered = sorted(cells, key=lambda cell: (cell.row, cell.column))
    return Table(tuple(_finish(cell) for cell in ordered), head_rows)


def _without_overlap(cells: Sequence[GridCell], count: int) -> list[GridCell]:
    """Return cells of which none covers a place of another: later ones shrink, or join the one that has their place."""
    owners: dict[tuple[int, int], GridCell] = {}
    kept: list[GridCell] = []
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        owner = owners.get((cell.row, cell.column))
        if owner is not None:
            owner.pieces += cell.pieces
            continue
        cell.columns = min(cell.columns, count - cell.column)
        while any(place in owners for place in _places(cell)):
            if cell.rows > 1:
                cell.rows -= 1
            else:
                cell.columns -= 1
        owners |= dict.fromkeys(_places(cell), cell)
        kept.append(cell)
    return kept


def _places(cell: GridCell) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    ]


def _empty_cells(cells: Sequence[GridCell], count: int) -> list[GridCell]:
    rows = max((cell.row + cell.rows for cell in cells), default=0)
    taken = {place for cell in cells for place in _places(cell)}
    return [GridCell(row, column) for row in range(rows) for column in range(count) if (row, column) not in taken]


def _finish(cell: GridCell) -> TableCell:
    if not cell.pieces:
        return TableCell(cell.row, cell.column, "", cell.rows, cell.columns)
    lines = [" ".join(piece.text for piece in row) for row in rows_of(cell.pieces)]
    words = [word for piece in cell.pieces for word in piece.words]
    return TableCell(
        cell.row,
        cell.column,
        LEADER.sub("", join_lines(lines)),
        cell.rows,
        cell.columns,
        union(word.box for word in words),
        mean_confidence([word.confidence for word in words]),
    )
