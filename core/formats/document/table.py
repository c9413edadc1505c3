"""Blocks of tables: lines of cells that tabs part, as rows of equal length."""

from ocr2.results.document import Block


def rows_of(block: Block) -> list[list[str]]:
    """Return the rows of a table, short ones filled up with empty cells.

    Examples:
        >>> rows_of(Block("table", "Name\\tSize\\nAnn", None, 1.0, ()))
        [['Name', 'Size'], ['Ann', '']]
    """
    rows = [[" ".join(cell.split()) for cell in line.split("\t")] for line in block.text.split("\n")]
    width = max(len(row) for row in rows)
    return [row + [""] * (width - len(row)) for row in rows]
