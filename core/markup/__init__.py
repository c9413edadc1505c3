"""Markup of whole-page models: a tolerant parser, writers of the tree it gives, and a check of notations."""

from ocr2.markup.html import to_html
from ocr2.markup.latex import to_latex
from ocr2.markup.markdown import to_markdown
from ocr2.markup.mmd import to_mmd
from ocr2.markup.notation import Notation, describe, detect, extract
from ocr2.markup.parse import parse
from ocr2.markup.text import to_text

__all__ = [
    "Notation",
    "describe",
    "detect",
    "extract",
    "parse",
    "to_html",
    "to_latex",
    "to_markdown",
    "to_mmd",
    "to_text",
]
