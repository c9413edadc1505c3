"""hOCR 1.2: the layout-keeping HTML that OCR tools exchange (Breuel 2007; kba.github.io/hocr-spec)."""

import re
from html import escape

from ocr2.formats.document.text import block_text
from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Line, Page, Word

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def document_to_hocr(document: Document) -> str:
    """Return hOCR; ids count up within a page, confidences are percent (`x_wconf`)."""
    pages = "\n".join(_page(document, page) for page in document.pages)
    lang = f' xml:lang="{_text(document.language)}" lang="{_text(document.language)}"' if document.language else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml"{lang}>\n<head>\n'
        f"<title>{_text(document.source)}</title>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f'<meta name="ocr-system" content="ocr2 {_text(document.model)}"/>\n'
        '<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word"/>\n'
        f"</head>\n<body>\n{pages}\n</body>\n</html>\n"
    )


def _page(document: Document, page: Page) -> str:
    title = f"image {_quoted(document.source)}; bbox 0 0 {page.width} {page.height}; ppageno {page.number - 1}"
    blocks = "\n".join(_area(page, i, block) for i, block in enumerate(page.blocks, start=1))
    return f"<div class='ocr_page' id='page_{page.number}' title='{title}'>\n{blocks}\n</div>"


def _area(page: Page, order: int, block: Block) -> str:
    name = f"{page.number}_{order}"
    lines = "\n".join(_line(name, i, line) for i, line in enumerate(block.lines, start=1))
    title = f" title='{_bbox(block.box)}'" if block.box is not None else ""
    return (
        f"<div class='ocr_carea' id='block_{name}'{title}>\n"
        f"<p class='ocr_par' id='par_{name}'{title}>\n{lines or _text(block_text(block))}\n</p>\n</div>"
    )


def _line(block: str, order: int, line: Line) -> str:
    name = f"{block}_{order}"
    words = " ".join(_word(name, i, word) for i, word in enumerate(line.words, start=1))
    return f"<span class='ocr_line' id='line_{name}' title='{_bbox(line.box)}'>{words}</span>"


def _word(line: str, order: int, word: Word) -> str:
    title = f"{_bbox(word.box)}; x_wconf {round(100 * word.confidence)}"
    return f"<span class='ocrx_word' id='word_{line}_{order}' title='{title}'>{_text(word.text)}</span>"


def _bbox(box: Box) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"


def _quoted(text: str) -> str:
    return _text('"' + text.replace('"', "%22") + '"')


def _text(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))
