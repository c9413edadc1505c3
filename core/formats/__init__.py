"""Output notations: a document rendered as text, Markdown, HTML, JSON, hOCR or a searchable PDF."""

import os
from pathlib import Path

from ocr2.errors import OutputError
from ocr2.results import Document, Format

SUFFIXES: dict[Format, str] = {
    "text": ".txt",
    "markdown": ".md",
    "html": ".html",
    "json": ".json",
    "hocr": ".hocr",
    "searchable-pdf": ".pdf",
}


def render_document(document: Document, format: Format) -> bytes:
    """Return a document in a format: UTF-8 text, or the bytes of a PDF.

    Raises:
        ValueError: If the format is unknown.
    """
    # Each notation is imported when asked for: most calls need one.
    match format:
        case "text":
            return (document.text + "\n").encode()
        case "markdown":
            from ocr2.formats.markdown import document_to_markdown

            return document_to_markdown(document).encode()
        case "html":
            from ocr2.formats.html import document_to_html

            return document_to_html(document).encode()
        case "json":
            from ocr2.formats.json import document_to_json

            return document_to_json(document).encode()
        case "hocr":
            from ocr2.formats.hocr import document_to_hocr

            return document_to_hocr(document).encode()
        case "searchable-pdf":
            from ocr2.formats.searchable_pdf import document_to_pdf

            return document_to_pdf(document)
    raise ValueError(f"unknown format {format!r}; expected one of {', '.join(SUFFIXES)}")


def save_document(document: Document, path: Path, format: Format | None) -> Path:
    """Write a document to a file, whole or not at all; the format follows the suffix unless given.

    Raises:
        ValueError: If the suffix names no format.
        OutputError: If the file cannot be written.
    """
    chosen = format or next((f for f, suffix in SUFFIXES.items() if suffix == path.suffix.lower()), None)
    if chosen is None:
        raise ValueError(f"{path.name} names no format; expected one of the suffixes {', '.join(SUFFIXES.values())}")
    data = render_document(document, chosen)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    return path
