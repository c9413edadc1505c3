"""Plain text: pages separated by form feeds, a line in place of a page that could not be read."""

from ocr2.markup.parse import parse
from ocr2.markup.text import to_text
from ocr2.results.document import MARKUP_KINDS, Block, Document, Page


def document_to_text(document: Document) -> str:
    """Return running text; headers and footers if the document keeps them."""
    pages = (
        _page_text(page, keep_headers=document.keep_headers)
        if page.error is None
        else failure_line(page, document.source)
        for page in document.pages
    )
    return "\n\f\n".join(pages) + "\n"


def _page_text(page: Page, *, keep_headers: bool) -> str:
    texts = (block_text(block) for block in page.shown_blocks(keep_headers=keep_headers))
    return "\n\n".join(text for text in texts if text)


def block_text(block: Block) -> str:
    """Return the text of a block; of markup, what it says; of a picture, what it was read as."""
    return to_text(parse(block.text)) if block.kind in MARKUP_KINDS else block.text


def failure_line(page: Page, source: str) -> str:
    """Return the line that stands for a page that could not be read.

    Examples:
        >>> page = Page(number=3, width=0, height=0, dpi=None, error="page 3 of a.pdf: took longer than 1 s")
        >>> failure_line(page, "a.pdf")
        '[page 3 could not be read: took longer than 1 s]'
    """
    reason = (page.error or "").removeprefix(f"page {page.number} of {source}").lstrip(": ")
    return f"[page {page.number} could not be read: {' '.join(reason.split())}]"
