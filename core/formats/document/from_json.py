"""Documents back from JSON; docs/json.md describes it. What reading needs and JSON lacks is left empty."""

from typing import Any

from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Line, Page, Word
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table, TableCell

Fields = dict[str, Any]


def read_document_dict(content: Fields) -> Document:
    """Return a document; KeyError, TypeError and their like if fields are missing or wrong."""
    return Document(
        content["source"],
        tuple(read_page(page) for page in content["pages"]),
        content["model"],
        content["weights_sha256"],
        warnings=tuple(content["warnings"]),
    )


def read_page(content: Fields) -> Page:
    """Return a page; errors as of `read_document_dict`."""
    return Page(
        number=content["number"],
        width=content["width"],
        height=content["height"],
        dpi=content["dpi"],
        blocks=tuple(_block(block) for block in content["blocks"]),
        rotation=content["rotation"],
        skew=content["skew"],
        confidence=content["confidence"],
        draft_agreement=content.get("draft_agreement"),
        seconds=dict(content["seconds"]),
        warnings=tuple(content["warnings"]),
        error=content["error"],
    )


def _block(content: Fields) -> Block:
    return Block(
        content["kind"],
        content["text"],
        _box(content["box"]),
        content["confidence"],
        tuple(_line(line) for line in content["lines"]),
        content["level"],
        _part(content["part"]) if "part" in content else None,
        _table(content["table"]) if "table" in content else None,
    )


def _line(content: Fields) -> Line:
    words = tuple(Word(word["text"], Box(*word["box"]), word["confidence"]) for word in content["words"])
    return Line(content["text"], Box(*content["box"]), content["confidence"], words)


def _part(content: Fields) -> PagePicture:
    return PagePicture(content["name"], Box(*content["box"]), b"", error=content["error"])


def _table(content: Fields) -> Table:
    cells = (
        TableCell(
            cell["row"], cell["column"], cell["text"], cell["rows"], cell["columns"], _box(cell["box"]),
            cell["confidence"],
        )
        for cell in content["cells"]
    )  # fmt: skip
    return Table(tuple(cells), content["header_rows"], content["continued"])


def _box(content: list[int] | None) -> Box | None:
    return Box(*content) if content is not None else None
