"""One self-contained HTML page; low-confidence words in `<mark>`, headers and footers in grey."""

import base64
from html import escape
from itertools import groupby

from ocr2.formats.chart.html import table_to_html
from ocr2.formats.chart.table import reliability_line
from ocr2.formats.document.markdown import BULLET, NUMBER
from ocr2.formats.document.marks import CLOSE, OPEN, marked_text
from ocr2.formats.document.table import table_of
from ocr2.formats.document.text import failure_line
from ocr2.markup.html import to_html
from ocr2.markup.parse import parse
from ocr2.results.document import MARGIN_KINDS, MARKUP_KINDS, Block, Document, Page
from ocr2.results.page_picture import PagePicture

STYLE = (
    "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 serif;color:#222}"
    "pre{background:#f5f5f5;padding:.6rem;overflow-x:auto}section+section{border-top:1px solid #ccc}"
    ".margin{color:#888;font-size:.85rem}mark{background:#ffe58a}.failed{color:#a00}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}"
    "figure{margin:1rem 0}figure img,figure svg{max-width:100%;height:auto}"
    ".caption,.footnote{font-size:.9rem}.labelled{list-style:none}.formula{overflow-x:auto}"
)


def document_to_html(document: Document) -> str:
    """Return a page with one section a page of the document."""
    sections = "\n".join(_section(page, document.source, document.min_confidence) for page in document.pages)
    lang = f' lang="{escape(document.language)}"' if document.language else ""
    return (
        f'<!DOCTYPE html>\n<html{lang}>\n<head>\n<meta charset="utf-8">\n<title>{escape(document.source)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def _section(page: Page, source: str, min_confidence: float) -> str:
    parts = []
    if page.error is not None:
        parts.append(f'<p class="failed">{escape(failure_line(page, source))}</p>')
    for is_list, group in groupby(page.blocks, key=lambda block: block.kind == "list_item"):
        if is_list:
            parts.append(_list(list(group), min_confidence))
        else:
            parts += [_block(block, min_confidence, page.number) for block in group]
    return f'<section id="page-{page.number}">\n' + "\n".join(parts) + "\n</section>"


def _block(block: Block, min_confidence: float, page: int) -> str:
    if block.part is not None:
        return part_to_html(block.part, block.kind)
    if block.kind in MARKUP_KINDS:
        return to_html(parse(block.text), notes=f"page-{page}-")
    text = _tags(escape(marked_text(block, min_confidence), quote=False))
    if block.kind == "code":
        return f"<pre>{text}</pre>"
    if block.kind == "table":
        return table_of(block).to_html()
    if block.kind == "title":
        return f"<h1>{text}</h1>"
    if block.kind == "heading":
        tag = f"h{min(block.level + 1, 6)}"
        return f"<{tag}>{text}</{tag}>"
    if block.kind in MARGIN_KINDS:
        return f'<p class="margin">{text}</p>'
    return f'<p class="{block.kind}">{text}</p>' if block.kind in ("caption", "footnote") else f"<p>{text}</p>"


def part_to_html(part: PagePicture, kind: str) -> str:
    """Return a picture with its pixels, followed by what it was read as: a chart's table, a figure drawn anew."""
    name = escape(part.chart.title if part.chart is not None and part.chart.title else kind)
    data = base64.b64encode(part.picture).decode()
    shown = [f'<img src="data:image/png;base64,{data}" alt="{name}">'] if data else []
    if part.chart is not None:
        shown.append(table_to_html(part.chart))
        shown.append(f'<p class="caption">{escape(reliability_line(part.chart))}</p>')
    if part.trace is not None:
        shown.append(part.trace.to_svg())
    return f'<figure class="{escape(kind)}">\n' + "\n".join(shown) + "\n</figure>"


def _list(items: list[Block], min_confidence: float) -> str:
    parts = []
    for numbered, group in groupby(items, key=lambda item: NUMBER.match(item.text) is not None):
        rows = []
        for item in group:
            text = marked_text(item, min_confidence)
            number = NUMBER.match(text)
            text = NUMBER.sub("", text) if numbered else BULLET.sub("", text)
            value = f' value="{number[1]}"' if number is not None else ""
            rows.append(f"<li{value}>{_tags(escape(text, quote=False))}</li>")
        tag = "ol" if numbered else "ul"
        parts.append(f"<{tag}>\n" + "\n".join(rows) + f"\n</{tag}>")
    return "\n".join(parts)


def _tags(text: str) -> str:
    return text.replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
