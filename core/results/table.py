"""Tables as cells with rows, columns and spans. Plain frozen data; rows and columns count from 0."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from ocr2.results.box import Box

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell: where it begins, what it covers, what it says."""

    row: int
    column: int
    text: str  # its lines joined; "" of an empty cell
    rows: int = 1  # how many it covers
    columns: int = 1
    box: Box | None = None  # around its text, pixels of the page; None of an empty cell
    confidence: float = 0.0  # mean of its words; 0 of an empty cell

    @property
    def spans(self) -> bool:
        """Whether it covers more than one row or column."""
        return self.rows > 1 or self.columns > 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every place of its grid belongs to exactly one cell."""

    cells: tuple[TableCell, ...]  # by rows, then columns
    header_rows: int = 0  # rows at the top that name columns
    continued: bool = False  # goes on from the page before

    @property
    def row_count(self) -> int:
        """Rows."""
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def column_count(self) -> int:
        """Columns."""
        return max((cell.column + cell.columns for cell in self.cells), default=0)

    def moved(self, place: Callable[[Box], Box]) -> "Table":
        """Return the table with its boxes moved."""
        cells = (replace(cell, box=place(cell.box)) if cell.box is not None else cell for cell in self.cells)
        return replace(self, cells=tuple(cells))

    def rows(self) -> list[list[str]]:
        """Return the texts row by row; what a spanning cell covers beside its first place is empty.

        Examples:
            >>> Table((TableCell(0, 0, "Sizes", columns=2), TableCell(1, 0, "4"), TableCell(1, 1, "5"))).rows()
            [['Sizes', ''], ['4', '5']]
        """
        found = [[""] * self.column_count for _ in range(self.row_count)]
        for cell in self.cells:
            found[cell.row][cell.column] = cell.text
        return found

    def filled_rows(self) -> list[list[str]]:
        """Return the texts row by row; what a cell spans says the same everywhere."""
        found = [[""] * self.column_count for _ in range(self.row_count)]
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    found[row][column] = cell.text
        return found

    def to_html(self) -> str:
        """Return a `<table>` with spans, its head in `<th>`."""
        parts = ["<table>"]
        starts: dict[int, list[TableCell]] = {}
        for cell in self.cells:
            starts.setdefault(cell.row, []).append(cell)
        for row in range(self.row_count):
            if row == 0:
                parts.append("<thead>" if self.header_rows else "<tbody>")
            elif row == self.header_rows:
                parts.append("</thead>\n<tbody>")
            tag = "th" if row < self.header_rows else "td"
            cells = sorted(starts.get(row, []), key=lambda cell: cell.column)
            parts.append("<tr>" + "".join(_cell_to_html(cell, tag) for cell in cells) + "</tr>")
        parts.append("</tbody>" if self.row_count > self.header_rows else "</thead>")
        parts.append("</table>")
        return "\n".join(parts)

    def to_csv(self) -> str:
        """Return comma-separated values (RFC 4180, lines ending in a line feed); spans are filled in the head alone."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        filled = self.filled_rows()
        for number, row in enumerate(self.rows()):
            writer.writerow(filled[number] if number < self.header_rows else row)
        return buffer.getvalue()

    def _repr_html_(self) -> str:
        """Show the table in a notebook."""
        return self.to_html()

    def to_frame(self) -> "pd.DataFrame":
        """Return a pandas frame of texts; the head gives the columns' names, its rows joined by a slash.

        Raises:
            ModuleNotFoundError: If pandas is missing (extra `charts`).
        """
        import pandas as pd

        filled = self.filled_rows()
        names = [self._name(filled, column) for column in range(self.column_count)]
        return pd.DataFrame(self.rows()[self.header_rows :], columns=names or None)

    def _name(self, filled: list[list[str]], column: int) -> str:
        parts: list[str] = []
        for row in range(self.header_rows):
            text = filled[row][column]
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        return " / ".join(parts)


def joined(table: Table, rest: Table) -> Table:
    """Return a table with the rows that go on from it, a head that they repeat left out."""
    repeated = rest.header_rows if rest.rows()[: rest.header_rows] == table.rows()[: table.header_rows] else 0
    below = table.row_count - repeated
    kept = tuple(replace(cell, row=cell.row + below) for cell in rest.cells if cell.row >= repeated)
    return replace(table, cells=table.cells + kept)


def table_of_rows(rows: Sequence[Sequence[str]], header_rows: int = 1) -> Table:
    """Return a table without spans; short rows are filled up with empty cells."""
    width = max((len(row) for row in rows), default=0)
    cells = (
        TableCell(number, column, row[column] if column < len(row) else "")
        for number, row in enumerate(rows)
        for column in range(width)
    )
    return Table(tuple(cells), min(header_rows, len(rows)))


def _cell_to_html(cell: TableCell, tag: str) -> str:
    spans = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    spans += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    return f"<{tag}{spans}>{escape(cell.text, quote=False)}</{tag}>"
