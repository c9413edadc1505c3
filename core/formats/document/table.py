"""Tables of documents: as blocks have them, and as files of comma-separated values."""

from ocr2.results.document import Block, Document
from ocr2.results.table import Table, table_of_rows


def table_of(block: Block) -> Table:
    """Return the table of a block; of one without cells, its lines, cells parted by tabs.

    Examples:
        >>> table_of(Block("table", "Name\\tSize\\nAnn", None, 1.0, ())).rows()
        [['Name', 'Size'], ['Ann', '']]
    """
    if block.table is not None:
        return block.table
    return table_of_rows([[" ".join(cell.split()) for cell in line.split("\t")] for line in block.text.split("\n")])


def document_to_csv(document: Document) -> str:
    """Return all tables as comma-separated values, an empty line between two."""
    return "\n".join(table.to_csv() for table in document.tables())
