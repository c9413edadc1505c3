"""The formats of documents, a row each: to add one, write its module, its row here and its name in `Format`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ocr2.results.document import Document, Format


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFormat:
    """One output format.

    Attributes:
        suffix: Of file names, from which the format is known.
        render: Writes a document: UTF-8 text, or the bytes of a file.
        own_suffix: Of files that are named after their source, where it differs.
        from_markup: A model that can is asked for its markup.
        extracted: Taken out of a model's markup; a page may have none of it.
        from_file: Made out of the file that was read, with the places of words: neither standard input nor models
            that read whole pages will do. Slow, and never written to standard output.
    """

    suffix: str
    render: Callable[[Document], bytes]
    own_suffix: str | None = None
    from_markup: bool = False
    extracted: bool = False
    from_file: bool = False


# Each writer is imported when asked for: most calls need one.


def _text(document: Document) -> bytes:
    from ocr2.formats.document.text import document_to_text

    return _utf8(document_to_text(document))


def _markdown(document: Document) -> bytes:
    from ocr2.formats.document.markdown import document_to_markdown

    return _utf8(document_to_markdown(document))


def _html(document: Document) -> bytes:
    from ocr2.formats.document.html import document_to_html

    return _utf8(document_to_html(document))


def _json(document: Document) -> bytes:
    from ocr2.formats.document.json import document_to_json

    return _utf8(document_to_json(document))


def _hocr(document: Document) -> bytes:
    from ocr2.formats.document.hocr import document_to_hocr

    return _utf8(document_to_hocr(document))


def _searchable_pdf(document: Document) -> bytes:
    from ocr2.formats.document.searchable_pdf import document_to_pdf

    return document_to_pdf(document)


def _csv(document: Document) -> bytes:
    from ocr2.formats.document.table import document_to_csv

    return _utf8(document_to_csv(document))


def _mmd(document: Document) -> bytes:
    from ocr2.formats.document.tree import document_to_mmd

    return _utf8(document_to_mmd(document))


def _latex(document: Document) -> bytes:
    from ocr2.formats.document.tree import document_to_latex

    return _utf8(document_to_latex(document))


def _speech(document: Document) -> bytes:
    from ocr2.formats.speech.script import document_to_speech

    return _utf8(document_to_speech(document))


def _notation(name: Literal["tikz", "smiles", "kern"]) -> Callable[[Document], bytes]:
    def render(document: Document) -> bytes:
        from ocr2.formats.document.notations import document_to_notation

        return _utf8(document_to_notation(document, name))

    return render


def _utf8(text: str) -> bytes:
    # Names of files that are no UTF-8 come as lone surrogates, which cannot be written.
    return text.encode(errors="replace")


def _extracted(name: Literal["tikz", "smiles", "kern"], suffix: str) -> DocumentFormat:
    return DocumentFormat(suffix=suffix, render=_notation(name), from_markup=True, extracted=True)


# What people call formats besides, mostly after the ending of their files.
OTHER_NAMES: dict[str, Format] = {"txt": "text", "md": "markdown", "pdf": "searchable-pdf", "tex": "latex"}
FORMATS: dict[Format, DocumentFormat] = {
    "text": DocumentFormat(suffix=".txt", render=_text),
    "markdown": DocumentFormat(suffix=".md", render=_markdown),
    "html": DocumentFormat(suffix=".html", render=_html),
    "json": DocumentFormat(suffix=".json", render=_json),
    "hocr": DocumentFormat(suffix=".hocr", render=_hocr),
    "searchable-pdf": DocumentFormat(suffix=".pdf", own_suffix=".ocr.pdf", render=_searchable_pdf, from_file=True),
    "csv": DocumentFormat(suffix=".csv", render=_csv),
    "mmd": DocumentFormat(suffix=".mmd", render=_mmd, from_markup=True),
    "latex": DocumentFormat(suffix=".tex", render=_latex, from_markup=True),
    "tikz": _extracted("tikz", ".tikz"),
    "smiles": _extracted("smiles", ".smi"),
    "kern": _extracted("kern", ".krn"),
    "speech": DocumentFormat(suffix=".speech", render=_speech, from_markup=True),
}


def format_named(name: str) -> Format:
    """Return the format of a name.

    Raises:
        ValueError: If there is none.

    Examples:
        >>> format_named("md"), format_named("json")
        ('markdown', 'json')
    """
    found = next((format for format in FORMATS if format == name), OTHER_NAMES.get(name))
    if found is None:
        raise ValueError(f"unknown format {name!r}; expected one of {', '.join(FORMATS)}")
    return found
