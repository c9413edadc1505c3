"""Documents back from JSON; docs/json.md describes it. What reading needs and JSON lacks is left empty."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from ocr2.results.box import Box
from ocr2.results.document import Block, BlockKind, Document, Line, Page, Word
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table, TableCell


class WordFields(TypedDict):
    """A word, as `ocr2.formats.document.json` writes it."""

    text: str
    box: Sequence[int]
    confidence: float


class LineFields(WordFields):
    """A line of a block."""

    words: Sequence[WordFields]


class CellFields(TypedDict):
    """A cell of a table."""

    row: int
    column: int
    rows: int
    columns: int
    text: str
    box: Sequence[int] | None
    confidence: float


class TableFields(TypedDict):
    """A table of a block."""

    header_rows: int
    continued: bool
    cells: Sequence[CellFields]


class PartFields(TypedDict):
    """What was cut out of a page, as far as it is read again."""

    name: str
    box: Sequence[int]
    error: str | None


class BlockFields(TypedDict):
    """A block of a page."""

    kind: BlockKind
    level: int
    text: str
    box: Sequence[int] | None
    confidence: float
    lines: Sequence[LineFields]
    part: NotRequired[PartFields]
    table: NotRequired[TableFields]


class PageFields(TypedDict):
    """A page."""

    number: int
    width: int
    height: int
    dpi: float | None
    rotation: int
    skew: float
    confidence: float | None
    draft_agreement: NotRequired[float | None]
    seconds: Mapping[str, float]
    warnings: Sequence[str]
    error: str | None
    blocks: Sequence[BlockFields]


class DocumentFields(TypedDict):
    """A document."""

    source: str
    model: str
    weights_sha256: str
    language: NotRequired[str | None]
    warnings: Sequence[str]
    pages: Sequence[PageFields]


def read_document_dict(content: DocumentFields) -> Document:
    """Return a document; KeyError, TypeError and their like if fields are missing or wrong."""
    return Document(
        content["source"],
        tuple(read_page(page) for page in content["pages"]),
        content["model"],
        content["weights_sha256"],
        warnings=tuple(content["warnings"]),
        language=content.get("language"),
    )


def read_page(content: PageFields) -> Page:
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


def _block(content: BlockFields) -> Block:
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


def _line(content: LineFields) -> Line:
    words = tuple(Word(word["text"], Box(*word["box"]), word["confidence"]) for word in content["words"])
    return Line(content["text"], Box(*content["box"]), content["confidence"], words)


def _part(content: PartFields) -> PagePicture:
    return PagePicture(content["name"], Box(*content["box"]), b"", error=content["error"])


def _table(content: TableFields) -> Table:
    cells = (
        TableCell(
            cell["row"], cell["column"], cell["text"], cell["rows"], cell["columns"], _box(cell["box"]),
            cell["confidence"],
        )
        for cell in content["cells"]
    )  # fmt: skip
    return Table(tuple(cells), content["header_rows"], content["continued"])


def _box(content: Sequence[int] | None) -> Box | None:
    return Box(*content) if content is not None else None
