"""TikZ, SMILES and **kern: what the pages hold of one notation."""

from collections.abc import Iterator, Sequence

from ocr2.markup.notation import Kind, Notation, extract
from ocr2.results.document import Document, Format, Page

KINDS: tuple[Kind, ...] = ("tikz", "smiles", "kern")


def document_to_notation(document: Document, notation: Kind) -> str:
    """Return what the pages hold of a notation, separated by blank lines; nothing of a page that holds none."""
    found = (extract(page.text, notation).text for page in document.pages if page.error is None)
    texts = [text for text in found if text]
    return "\n\n".join(texts) + "\n" if texts else ""


def page_notations(document: Document, formats: Sequence[Format]) -> Iterator[tuple[Page, Notation]]:
    """Yield the pages that could be read with what they hold of each notation among the formats, checked."""
    for kind in KINDS:
        for page in document.pages if kind in formats else ():
            if page.error is None:
                yield page, extract(page.text, kind)
