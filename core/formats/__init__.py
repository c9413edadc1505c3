"""Output notations: text, Markdown, HTML, JSON, hOCR, PDF, LaTeX, speech, and what models write themselves."""

import contextlib
import os
from pathlib import Path

from ocr2.errors import OutputError
from ocr2.formats.document.registry import FORMATS, format_named
from ocr2.results.document import Document, Format
from ocr2.results.page_picture import PagePicture


def render_document(document: Document, format: Format) -> bytes:
    """Return a document in a format: UTF-8 text, or the bytes of a PDF.

    Raises:
        ValueError: If the format is unknown.
    """
    return FORMATS[format_named(format)].render(document)


def format_of(path: Path) -> Format | None:
    """Return the format that the suffix of a file name stands for."""
    return next((name for name, row in FORMATS.items() if row.suffix == path.suffix.lower()), None)


def known_suffixes() -> str:
    """Return the suffixes of all formats, for messages."""
    return ", ".join(row.suffix for row in FORMATS.values())


def save_document(document: Document, path: Path, format: Format | None) -> Path:
    """Write a document to a file as `save_bytes` does; the format follows the suffix unless given.

    Of comma-separated values every table is a file: of several they are numbered, `name-1.csv` and so on.

    Raises:
        ValueError: If the suffix names no format.
        OutputError: If the file cannot be written.
    """
    chosen = format_named(format) if format is not None else format_of(path)
    if chosen is None:
        raise ValueError(f"{path.name} names no format; expected one of the suffixes {known_suffixes()}")
    if chosen == "markdown" and (path.is_file() or not path.exists()):  # no pipe or device
        return save_bytes(path, _markdown_with_pictures(document, path))
    if chosen == "csv" and len(tables := document.tables()) > 1:
        for number, table in enumerate(tables, start=1):
            save_bytes(path.with_name(f"{path.stem}-{number}{path.suffix}"), table.to_csv().encode(errors="replace"))
        return path.with_name(f"{path.stem}-1{path.suffix}")
    return save_bytes(path, render_document(document, chosen))


def parts_of(document: Document) -> list[PagePicture]:
    """Return the pictures that were cut out of a document's pages."""
    return [block.part for page in document.pages for block in page.blocks if block.part is not None]


def pictures_folder(path: Path) -> Path:
    """Return where the pictures lie that a Markdown file links."""
    return path.with_name(f"{path.stem}-pictures")


def _markdown_with_pictures(document: Document, path: Path) -> bytes:
    """Return Markdown for a file, the pictures it links written into a folder beside it."""
    from ocr2.formats.document.markdown import document_to_markdown

    parts = parts_of(document)
    folder = pictures_folder(path)
    if parts:
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    for part in parts:
        save_bytes(folder / f"{part.name}.png", part.picture)
    return document_to_markdown(document, pictures=folder.name if parts else "").encode(errors="replace")


def save_bytes(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all; a symbolic link stays one: the file it leads to is written.

    Raises:
        OutputError: If the file cannot be written.
    """
    place = path.resolve()
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a pipe or device must not be replaced by a file
        else:
            unfinished.write_bytes(data)
            unfinished.replace(place)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path
