"""CommonMark: headings, paragraphs, lists, fenced code, and GitHub's tables."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from ocr2.formats.chart.markdown import table_to_markdown as chart_to_markdown
from ocr2.formats.chart.table import reliability_line
from ocr2.formats.document.marks import CLOSE, OPEN, marked_text
from ocr2.formats.document.note_marks import LEVEL, RAISED, references
from ocr2.formats.document.table import table_of
from ocr2.formats.document.text import failure_line
from ocr2.markup.escape import escape, escape_inline, fence
from ocr2.markup.markdown import to_markdown
from ocr2.markup.parse import parse
from ocr2.results.box import Box
from ocr2.results.document import MARKUP_KINDS, Block, Document, Page
from ocr2.results.page_picture import PagePicture
from ocr2.results.table import Table, TableCell, joined

BULLET = re.compile(rf"^({OPEN}?)[•●○◦▪■·‣*–—-]({CLOSE}?)\s+")
NUMBER = re.compile(rf"^{OPEN}?(\d{{1,3}})[.)]{CLOSE}?\s+")
CHECK_BOX = re.compile(rf"^{OPEN}?([☐☒]){CLOSE}?\s+")
NOTE_MARK = re.compile(rf"^([{RAISED}]{{1,3}}|(?:\\\*|[†‡]){{1,3}})\s?")  # of a footnote, as Markdown has it
SYMBOLS = {"*": "star", "†": "dagger", "‡": "ddagger"}
UNMARKED = ("```", "<table", "![", "<!--", "[^")  # parts in which no footnote can be named
CLOSING_HASHES = re.compile(r"(?<!\S)(#+)$")  # of a heading: not shown unless escaped


def document_to_markdown(document: Document, *, pictures: str = "") -> str:
    """Return CommonMark, with headers and footers, and comments where pages begin, if the document has it so.

    A paragraph stands for a page that could not be read.

    Args:
        document: What was read.
        pictures: Folder that pictures are linked in, as seen from the file; "" for its own.
    """
    pages = [
        [(page.number, block) for block in _shown(page, document.source, keep_headers=document.keep_headers)]
        for page in document.pages
    ]
    if not document.page_breaks:
        parts = _parts(_with_joined_tables([pair for page in pages for pair in page]), document, pictures)
    else:
        parts = []
        for number, page in enumerate(pages):
            parts += [f"<!-- page {document.pages[number].number} -->"] if number else []
            parts += _parts(page, document, pictures)
    return "\n\n".join(part for part in parts if part) + "\n"


def _with_joined_tables(blocks: Sequence[tuple[int, Block]]) -> list[tuple[int, Block]]:
    """Return blocks with the rows of tables that go on over pages in their first part."""
    found: list[tuple[int, Block]] = []
    for number, block in blocks:
        last = found[-1][1].table if found else None
        if block.table is not None and block.table.continued and last is not None:
            found[-1] = found[-1][0], replace(found[-1][1], table=joined(last, block.table))
        else:
            found.append((number, block))
    return found


def _parts(blocks: Sequence[tuple[int, Block]], document: Document, pictures: str) -> list[str]:
    """Return blocks, each with the number of its page; a list may go on over pages."""
    parts: list[str] = []
    begins: dict[int, int] = {}  # number of a page -> of its first part
    for is_list, group in itertools.groupby(blocks, key=lambda numbered: numbered[1].kind == "list_item"):
        if is_list:
            items = list(group)
            for number, _ in items:
                begins.setdefault(number, len(parts))
            parts.append(list_to_markdown([block for _, block in items], document.min_confidence))
        else:
            for number, block in group:
                begin = begins.setdefault(number, len(parts))
                if block.kind == "footnote":
                    parts.append(_footnote(block_to_markdown(block, document.min_confidence), parts, begin, number))
                elif block.part is not None:
                    parts += part_to_markdown(block.part, block.kind, pictures)
                else:
                    parts.append(block_to_markdown(block, document.min_confidence, page=number))
    return parts


def _footnote(text: str, parts: list[str], begin: int, page: int) -> str:
    """Return a footnote, named after its page, and name it where parts of the page refer to it.

    One that nothing refers to stays a paragraph: readers of Markdown would not show it.
    """
    mark = NOTE_MARK.match(text)
    if mark is None:
        return text
    signs = mark[1].replace("\\", "")
    label = signs.translate(LEVEL) if signs[0] in RAISED else "-".join(SYMBOLS[sign] for sign in signs)
    name = f"[^{page}-{label}]"
    if any(part.startswith(f"{name}:") for part in parts[begin:]):
        return text
    for place in range(begin, len(parts)):
        found = None if parts[place].startswith(UNMARKED) else next(references(mark[1], parts[place]), None)
        if found is not None:
            parts[place] = parts[place][: found.start()] + name + parts[place][found.end() :]
            return f"{name}: {text[mark.end() :].lstrip()}"
    return text


def _shown(page: Page, source: str, *, keep_headers: bool) -> list[Block]:
    if page.error is not None:
        return [Block("paragraph", failure_line(page, source), Box(0, 0, 0, 0), 0.0, ())]
    return page.shown_blocks(keep_headers=keep_headers)


def part_to_markdown(part: PagePicture, kind: str, pictures: str = "") -> list[str]:
    """Return a picture as a link, followed by what it was read as: a chart's table, a figure's TikZ."""
    folder = quote(pictures.encode(errors="surrogateescape")) + "/" if pictures else ""
    name = part.chart.title if part.chart is not None and part.chart.title else kind
    shown = [f"![{escape_inline(' '.join(name.split()))}]({folder}{quote(part.name)}.png)"]
    if part.chart is not None:
        shown.append("\n".join(chart_to_markdown(part.chart)))
        shown.append(escape_inline(reliability_line(part.chart)))
    if part.trace is not None:
        shown.append(fence(part.trace.to_tikz(body_only=True).rstrip("\n"), "latex"))
    return shown


def block_to_markdown(block: Block, min_confidence: float = 0.0, *, page: int = 1) -> str:
    """Return one block as CommonMark, without a line end; footnotes are named after its page."""
    if block.kind in MARKUP_KINDS:
        return to_markdown(parse(block.text), notes=f"{page}-")
    if block.kind == "code":
        return fence(block.text)
    if block.kind == "table":
        return table_to_markdown(table_of(block))
    text = marked_text(block, min_confidence)
    if block.kind == "title":
        return "# " + _one_line(text)
    if block.kind == "heading":
        return "#" * min(block.level + 1, 6) + " " + _one_line(text)
    if block.kind == "list_item":
        return list_to_markdown([block], min_confidence)
    return _tags(escape(text))


def table_to_markdown(table: Table) -> str:
    """Return a table of GitHub's Markdown, its first row as the head; of one column, lines; with spans, HTML.

    A heading over the whole width inside a table needs no HTML: it stands in the first cell of its row.
    """
    rows = table.rows()
    if table.column_count == 1:
        return "\\\n".join(escape(row[0]) for row in rows)
    if table.header_rows > 1 or any(cell.spans and not _is_heading(cell, table) for cell in table.cells):
        return table.to_html()
    written = ["| " + " | ".join(escape_inline(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([written[0], "|" + " --- |" * len(rows[0]), *written[1:]])


def _is_heading(cell: TableCell, table: Table) -> bool:
    return cell.rows == 1 and cell.columns == table.column_count and cell.row > 0


def list_to_markdown(items: Sequence[Block], min_confidence: float = 0.0) -> str:
    """Return a list; an item hangs under the nearest one before it of a lower level."""
    rows: list[str] = []
    above: list[tuple[int, int]] = []  # level, and column at which the text begins, of the items around
    for item in items:
        above = [(level, column) for level, column in above if level < item.level]
        indent = above[-1][1] if above else 0
        marker, text = _list_item(marked_text(item, min_confidence))
        rows.append(" " * indent + marker + _tags(escape(text)))
        above.append((item.level, indent + len(marker)))
    return "\n".join(rows)


def _list_item(text: str) -> tuple[str, str]:
    """Split the text of an item into the marker that CommonMark knows and the rest."""
    number = NUMBER.match(text)
    if number is not None:
        return f"{number[1]}. ", text[number.end() :]
    box = CHECK_BOX.match(text)
    if box is not None:
        return f"- [{' ' if box[1] == '☐' else 'x'}] ", text[box.end() :]
    bullet = BULLET.match(text)
    return "- ", text[bullet.end() :] if bullet is not None else text


def _one_line(text: str) -> str:
    """Return the text of a heading, where nothing but closing hashes is markup at the start or end."""
    return _tags(CLOSING_HASHES.sub(r"\\\1", escape_inline(" ".join(text.split()))))


def _tags(text: str) -> str:
    return text.replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
