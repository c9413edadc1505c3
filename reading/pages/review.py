"""What a person should look at: a page of HTML with crops of doubtful lines, warnings and pages that failed."""

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path

import cv2
import numpy as np

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.formats import save_bytes
from ocr2.formats.document.text import failure_line
from ocr2.options import ReadOptions
from ocr2.results.document import Document, Line, Page
from ocr2.results.grade import DOUBTFUL

AROUND = 0.4  # of a line's height: what is shown around it
STYLE = (
    "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif;color:#222}"
    "img{max-width:100%;border:1px solid #ccc;display:block}mark{background:#ffe58a}li{margin:1rem 0}"
    ".place{color:#888;font-size:.85rem}"
)


def save_review(document: Document, source: Source, path: Path, *, options: ReadOptions) -> Path:
    """Write what a person should look at as one self-contained page of HTML.

    Args:
        document: What was read.
        source: From where; it is opened again for the crops.
        path: Of the file.
        options: How it was read, so that boxes fit.

    Raises:
        OutputError: If the file cannot be written.
        DocumentError: If the source cannot be opened again.
    """
    opened = OpenDocument(source, dpi=options.dpi, rasterizer=options.rasterizer, password=options.password)
    try:
        sections = [section for page in document.pages if (section := _section(page, document, opened))]
    finally:
        opened.close()
    grade = document.grade
    found = f"{grade.doubtful} of {grade.words} words are doubtful; the text as a whole is {grade.verdict}."
    name = escape(document.source)
    html = (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{name}: review</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n<p>{found}</p>\n" + "\n".join(sections)
    )
    return save_bytes(path, (html + "\n</body>\n</html>\n").encode(errors="replace"))


def _section(page: Page, document: Document, opened: OpenDocument) -> str:
    """Return what is to be looked at on a page; "" for nothing."""
    if page.error is not None:
        return f"<h2>Page {page.number}</h2>\n<p>{escape(failure_line(page, document.source))}</p>"
    lines = list(doubtful_lines(page))
    if not lines and not page.warnings:
        return ""
    parts = [f"<h2>Page {page.number}</h2>", *(f"<p>{escape(warning)}</p>" for warning in page.warnings)]
    if lines:
        gray = opened.page(page.number).gray
        parts += ["<ol>", *(_item(number, line, gray) for number, line in lines), "</ol>"]
    return "\n".join(parts)


def doubtful_lines(page: Page) -> Iterator[tuple[int, Line]]:
    """Yield the lines with doubtful words, each with its number on the page, from 1."""
    lines = (line for block in page.blocks for line in block.lines)
    for number, line in enumerate(lines, start=1):
        if any(word.confidence < DOUBTFUL for word in line.words):
            yield number, line


def _item(number: int, line: Line, gray: np.ndarray) -> str:
    margin = round(AROUND * min(line.box.height, line.box.width))
    height, width = gray.shape
    left, top, right, bottom = line.box
    top, bottom = max(0, top - margin), min(height, bottom + margin)
    left, right = max(0, left - margin), min(width, right + margin)
    ok, png = cv2.imencode(".png", np.ascontiguousarray(gray[top : max(bottom, top + 1), left : max(right, left + 1)]))
    assert ok
    data = base64.b64encode(png.tobytes()).decode()
    text = " ".join(
        f"<mark>{escape(word.text)}</mark>" if word.confidence < DOUBTFUL else escape(word.text) for word in line.words
    )
    place = f"line {number}, box {', '.join(map(str, line.box))}"
    shown = f'<img src="data:image/png;base64,{data}" alt="line {number}">'
    return f'<li>{shown}{text} <span class="place">{place}</span></li>'
