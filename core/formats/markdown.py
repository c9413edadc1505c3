"""CommonMark: headings, paragraphs, lists, fenced code; tables as fenced text until they are read as tables."""

import re

from ocr2.formats.marks import CLOSE, OPEN, marked_text
from ocr2.results import MARGIN_KINDS, Block, Document

BULLET = re.compile(rf"^({OPEN}?)[•●○◦▪■·‣*–—-]({CLOSE}?)\s+")
NUMBER = re.compile(r"^(\d{1,3})[.)]\s+")
# Characters that CommonMark would take for markup inside a line, and at its start.
INLINE = re.compile(r"([\\`*_\[\]<>])")
LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|~~~|>|\d+(?=[.)]\s))")


def document_to_markdown(document: Document) -> str:
    """Return CommonMark; pages follow each other without a mark, headers and footers are left out."""
    blocks = [
        block for page in document.pages for block in page.blocks if block.kind not in MARGIN_KINDS and block.text
    ]
    parts: list[str] = []
    for i, block in enumerate(blocks):
        tight = bool(i) and block.kind == "list_item" and blocks[i - 1].kind == "list_item"
        parts.append(("\n" if tight else "\n\n") if i else "")
        parts.append(block_to_markdown(block, document.min_confidence))
    return "".join(parts) + "\n"


def block_to_markdown(block: Block, min_confidence: float = 0.0) -> str:
    """Return one block as CommonMark, without a line end."""
    if block.kind in ("code", "table"):
        return fence(block.text)
    text = marked_text(block, min_confidence)
    if block.kind == "title":
        return "# " + _one_line(text)
    if block.kind == "heading":
        return "#" * (block.level + 1) + " " + _one_line(text)
    if block.kind == "list_item":
        return _list_item(text, block.level)
    return _tags(escape(text))


def escape(text: str) -> str:
    """Return text that CommonMark shows as it is.

    Examples:
        >>> escape("# 1 * 2 < 3")
        '\\\\# 1 \\\\* 2 \\\\< 3'
    """
    escaped = INLINE.sub(r"\\\1", text)
    escaped = re.sub(r"&(?=#?\w+;)", r"\\&", escaped)
    return "\n".join(LINE_START.sub(_escape_start, line) for line in escaped.split("\n"))


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match[1], match[2]
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def fence(text: str) -> str:
    """Return a fenced block that holds text unchanged, whatever backticks it has.

    Examples:
        >>> fence("a")
        '```\\na\\n```'
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}\n{text}\n{ticks}"


def _list_item(text: str, level: int) -> str:
    indent = "  " * level
    number = NUMBER.match(text)
    if number is not None:
        return f"{'   ' * level}{number[1]}. {_tags(escape(text[number.end() :]))}"
    bullet = BULLET.match(text)
    body = text[bullet.end() :] if bullet is not None else text
    return f"{indent}- {_tags(escape(body))}"


def _one_line(text: str) -> str:
    return _tags(escape(" ".join(text.split())))


def _tags(text: str) -> str:
    return text.replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
