"""Printed web pages: HTML documents of packages as PDFs, each in a face and size of its own.

`python -m ocr2.synth.web_pages OUT --html FOLDER ... --count N` writes PDFs for `ocr2.synth.documents`, which cuts
strips out of them: TeX sets most PDFs that packages hold, browsers set most pages that people print. Needs Debian's
package chromium.
"""

import argparse
import logging
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from numpy.random import Generator

from ocr2.synth.browser import print_html
from ocr2.synth.fonts import FontLibrary

logger = logging.getLogger(__name__)

# Folders of documents whose PDFs reading is measured on.
RESERVED = frozenset(("debian-reference", "debmake-doc", "developers-reference", "gnuplot", "octave"))
MIN_SIZE, MAX_SIZE = 3 << 10, 300 << 10  # bytes of a document
MAX_PAGES = 8  # of a document that are kept
SIZES = (9, 10, 11, 12, 12, 13, 14, 16)  # points
LEADING = (1.05, 1.2, 1.35, 1.5, 1.8)
ALIGNMENTS = ("left", "left", "justify")
PAPERS = ("A4", "A4", "Letter", "A5", "A5 landscape")
COLUMNS = (1, 1, 1, 2, 2, 3)
# Markers of lists are drawn as text: a browser's own discs stand in no text layer, and readers would learn to see none.
STYLE = """<style>@page {{ size: {paper}; margin: {margin}mm }}
body {{ font: {size}pt/{leading} "{family}" !important; text-align: {alignment}; columns: {columns}; hyphens: auto }}
ul > li::marker {{ content: "• " }}
p, li, td, th, dd, dt, div, a, h1, h2, h3, h4 {{ font-family: "{family}" !important }}</style>"""


def find_documents(folders: Sequence[Path]) -> list[Path]:
    """Return the HTML documents below folders that are neither nearly empty nor huge, those kept for measuring not."""
    found = [
        p for folder in folders for p in sorted(folder.rglob("*.html")) if MIN_SIZE <= p.stat().st_size <= MAX_SIZE
    ]
    return [p for p in found if not RESERVED & set(p.parts)]


def styled(html: str, rng: Generator, families: Sequence[str]) -> str:
    """Return a document with paper, face, size and columns drawn at random."""
    style = STYLE.format(
        paper=PAPERS[int(rng.integers(len(PAPERS)))],
        margin=int(rng.integers(6, 25)),
        size=SIZES[int(rng.integers(len(SIZES)))],
        leading=LEADING[int(rng.integers(len(LEADING)))],
        family=families[int(rng.integers(len(families)))],
        alignment=ALIGNMENTS[int(rng.integers(len(ALIGNMENTS)))],
        columns=COLUMNS[int(rng.integers(len(COLUMNS)))],
    )
    head, mark, rest = html.partition("</head>")
    return f"{head}{style}{mark}{rest}" if mark else style + html


def print_documents(out: Path, documents: Sequence[Path], rng: Generator, families: Sequence[str]) -> Iterator[Path]:
    """Print documents, at most their first pages; yields the PDFs. One that cannot be printed is logged."""
    out.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate(documents):
        path = out / f"web-{number:04d}.pdf"
        html = styled(document.read_text(encoding="utf-8", errors="replace"), rng, families)
        base = f'<base href="{document.parent.resolve().as_uri()}/">'  # of its pictures and style sheets
        try:
            print_html(base + html, path)
        except subprocess.SubprocessError as error:
            logger.warning("%s: %s", document, error)
            continue
        pdf = pdfium.PdfDocument(path.read_bytes())
        if len(pdf) > MAX_PAGES:
            for page in range(len(pdf) - 1, MAX_PAGES - 1, -1):
                del pdf[page]
            pdf.save(path)
        yield path


def main() -> None:
    """Print PDFs and name each as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--html", type=Path, nargs="+", required=True, help="folders of HTML documents")
    parser.add_argument(
        "--fonts", type=Path, default=Path("/usr/share/fonts"), help="folder of the faces, installed ones"
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    documents = find_documents(arguments.html)
    chosen = [documents[int(i)] for i in rng.permutation(len(documents))[: arguments.count]]
    families, _ = FontLibrary.find([arguments.fonts], held_out=False).names_and_shares()
    for path in print_documents(arguments.out, chosen, rng, families):
        print(path, flush=True)


if __name__ == "__main__":
    main()
