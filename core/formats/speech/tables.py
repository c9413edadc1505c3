"""Tables in sentences: row by row, each cell behind the name of its column."""

from collections.abc import Sequence

from ocr2.formats.speech.cleaning import counted, sentence, speakable
from ocr2.results.table import Table, TableCell


def column_names(table: Table) -> list[str]:
    """Return the names that the head of a table gives its columns, "" where it gives none."""
    head = table.filled_rows()[: table.header_rows]
    columns = zip(*head, strict=True) if head else ()
    return [" ".join(dict.fromkeys(filter(None, map(speakable, column)))) for column in columns]


def table_sentences(table: Table, names: Sequence[str] = ()) -> list[str]:
    """Return a table in sentences.

    Args:
        table: What is said.
        names: Of the columns, from the page before, for a table that goes on without a head.

    Examples:
        >>> from ocr2.results.table import table_of_rows
        >>> table_sentences(table_of_rows([["Name", "Size"], ["Ann", "4"]]))
        ['Table with 1 row and 2 columns: Name, Size.', 'Row 1; Name: Ann; Size: 4.']
    """
    own = column_names(table)
    inherited = not any(own) and table.continued and len(names) == table.column_count
    named = list(names) if inherited else own or [""] * table.column_count
    size = f"{counted(table.row_count - table.header_rows, 'row')} and {counted(table.column_count, 'column')}"
    begin = f"The table goes on with {size}" if table.continued else f"Table with {size}"
    told = ", ".join(filter(None, own))
    found = [sentence(f"{begin}: {told}" if told else begin)]
    for number, row in enumerate(range(table.header_rows, table.row_count), start=1):
        cells = sorted((c for c in table.cells if c.row <= row < c.row + c.rows), key=lambda cell: cell.column)
        found.append(sentence(_row(number, cells, named)))
    return found


def _row(number: int, cells: Sequence[TableCell], names: Sequence[str]) -> str:
    begin = f"Row {number}"
    if len(cells) == 1 and cells[0].columns == len(names) > 1:
        return f"{begin}, over all columns: {speakable(cells[0].text) or 'blank'}"
    if not any(names):
        return f"{begin}: " + "; ".join(speakable(cell.text) or "blank" for cell in cells)
    if cells and not names[cells[0].column] and cells[0].text:  # under an empty corner: the name of the row
        begin, cells = f"{begin}, {speakable(cells[0].text)}", cells[1:]
    filled = [cell for cell in cells if speakable(cell.text)]
    return "; ".join([begin, *(_cell(cell, names) for cell in filled)]) if filled else f"{begin}: blank"


def _cell(cell: TableCell, names: Sequence[str]) -> str:
    over = dict.fromkeys(filter(None, names[cell.column : cell.column + cell.columns]))
    name = " and ".join(over)
    return f"{name}: {speakable(cell.text)}" if name else speakable(cell.text)
