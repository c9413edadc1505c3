"""LaTeX and Mathpix Markdown: a document's blocks as one tree of markup, whatever model read them."""

import itertools
from collections.abc import Iterator, Sequence

from ocr2.formats.document.markdown import BULLET, NUMBER
from ocr2.formats.document.table import table_of
from ocr2.formats.document.text import failure_line
from ocr2.markup import nodes
from ocr2.markup.latex import to_latex
from ocr2.markup.mmd import to_mmd
from ocr2.markup.parse import parse
from ocr2.markup.tables import HLINE
from ocr2.results.document import MARKUP_KINDS, Block, Document, Page
from ocr2.results.table import Table


def document_to_latex(document: Document) -> str:
    """Return a LaTeX document; headers and footers if it keeps them; a line is there for a page that was not read."""
    found = [
        block
        for page in document.pages
        for block in page_to_tree(page, document.source, keep_headers=document.keep_headers)
    ]
    return to_latex(found) + "\n"


def document_to_mmd(document: Document) -> str:
    """Return Mathpix Markdown: a model's markup as it wrote it, anything else brought into it."""
    parts: list[str] = []
    for page in document.pages:
        shown = page.shown_blocks(keep_headers=document.keep_headers)
        for is_markup, group in itertools.groupby(shown, key=lambda block: block.kind in MARKUP_KINDS):
            blocks = list(group)
            parts += [block.text.strip() for block in blocks] if is_markup else [to_mmd(list(_nodes(blocks)))]
        if page.error is not None:
            parts.append(to_mmd([_paragraph(failure_line(page, document.source))]))
    return "\n\n".join(part for part in parts if part) + "\n"


def page_to_tree(page: Page, source: str, *, keep_headers: bool = False) -> list[nodes.Block]:
    """Return the blocks of a page as a tree."""
    if page.error is not None:
        return [_paragraph(failure_line(page, source))]
    return list(_nodes(page.shown_blocks(keep_headers=keep_headers)))


def _nodes(blocks: Sequence[Block]) -> Iterator[nodes.Block]:
    for is_list, group in itertools.groupby(blocks, key=lambda block: block.kind == "list_item"):
        if is_list:
            yield from _lists(list(group))
        else:
            for block in group:
                yield from _node(block)


def _node(block: Block) -> tuple[nodes.Block, ...]:
    if block.part is not None and block.part.chart is not None:
        return (nodes.CodeBlock(block.text),)
    match block.kind:
        case "markup" | "formula":
            return parse(block.text)
        case "code":
            return (nodes.CodeBlock(block.text),)
        case "table":
            return (_table(table_of(block)),)
        case "title":
            return (nodes.Heading(1, _line(block.text)),)
        case "heading":
            return (nodes.Heading(min(block.level + 1, 6), _line(block.text)),)
    return (_paragraph(block.text),)


def _table(table: Table) -> nodes.Table:
    rows: list[list[nodes.Cell]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        content = (_paragraph(cell.text),) if cell.text else ()
        rows[cell.row].append(nodes.Cell(content, cell.columns, cell.rows))
    made = (
        nodes.Row(tuple(row), (HLINE,) if number == table.header_rows > 0 else ()) for number, row in enumerate(rows)
    )
    return nodes.Table("l" * table.column_count, tuple(made))


def _paragraph(text: str) -> nodes.Paragraph:
    return nodes.Paragraph((nodes.Text(text),))


def _line(text: str) -> tuple[nodes.Inline, ...]:
    return (nodes.Text(" ".join(text.split())),)


def _lists(items: Sequence[Block]) -> Iterator[nodes.List]:
    """Yield lists; items of a higher level hang under the one before, a number that does not follow ends a list."""
    at = 0
    while at < len(items):
        first = _number(items[at])
        made: list[nodes.Item] = []
        expected = first
        while at < len(items) and _number(items[at]) == expected:
            below = at + 1
            while below < len(items) and items[below].level > items[at].level:
                below += 1
            mark = NUMBER if first is not None else BULLET
            text = nodes.Paragraph(_line(mark.sub("", items[at].text)))
            made.append(nodes.Item((text, *_lists(items[at + 1 : below]))))
            expected = None if first is None else first + len(made)
            at = below
        yield nodes.List(first is not None, tuple(made), first or 1)


def _number(item: Block) -> int | None:
    match = NUMBER.match(item.text)
    return int(match[1]) if match is not None else None
