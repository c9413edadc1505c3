"""Strips cut out of real PDF pages as the reader cuts them, with the text of their text layer.

`python -m ocr2.synth.documents OUT --pdfs FOLDER ... --first N --groups M` writes groups like `ocr2.synth.pool`.
A text layer may be wrong (odd encodings, hidden or drawn text): a strip is kept only if the shipped reader agrees with
most of its text.
"""

import functools
import itertools
import logging
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocr2.documents.pdf import POINTS, PdfFile, TextChar
from ocr2.errors import OCR2Error
from ocr2.got.nano.reader import NanoReader
from ocr2.models.registry import load
from ocr2.options import LoadOptions
from ocr2.synth import degrade
from ocr2.synth.corpus import is_latin
from ocr2.synth.groups import group_path, pool_parser, write_groups
from ocr2.synth.pool import GROUP_SIZE, Sample, sort_samples, write_group
from ocr2.synth.texts import fold_foreign
from ocr2.tiling.ink import find_ink
from ocr2.tiling.layout import find_lines
from ocr2.tiling.strips import crop_strip, cut_strips

logger = logging.getLogger(__name__)

# Names of the PDFs of benchmarks; tests/synth checks them against the benchmarks' list.
RESERVED = frozenset(
    ("debian-reference.en.pdf", "debmake-doc.en.pdf", "developers-reference.pdf", "gnuplot.pdf", "octave.pdf")
)
# The manuals of Debian's r-doc-pdf and texlive-base, of which shared pages are measured.
RESERVED_MANUALS = frozenset((
    "R-FAQ.pdf", "R-admin.pdf", "R-data.pdf", "R-exts.pdf", "R-intro.pdf", "R-ints.pdf", "R-lang.pdf", "Sweave.pdf",
    "amsfndoc.pdf", "amsfonts.pdf", "amssymb.pdf", "btxdoc.pdf", "btxhak.pdf", "cmmib57.pdf", "displaylist.pdf",
    "dvipdfm.pdf", "dvipdfmx-special.pdf", "dvipdfmx.pdf", "dvips.pdf", "encdoc-e.pdf", "encdoc.pdf",
    "etex_man.pdf", "eufrak.pdf", "euscript.pdf", "fullrefman.pdf", "grobs.pdf", "hyph-utf8.pdf",
    "hyphenation-distribution.pdf", "ifplatform.pdf", "iftex.pdf", "interactive.pdf", "kpathsea.pdf",
    "locndimn.pdf", "luaharfbuzz.pdf", "luatex-hyphen.pdf", "luatex.pdf", "makeindex.pdf", "mflogo.pdf",
    "modes.pdf", "moveline.pdf", "nonfinite.pdf", "oma.pdf", "pch.pdf", "pdftex-a.pdf", "plotexample.pdf",
    "prepatch.pdf", "refman.pdf", "rotated.pdf", "samplepdf.pdf", "saveload.pdf", "sharing.pdf", "texdoc.pdf",
    "texlive-en.pdf", "texlive.pdf", "tlbuild.pdf", "tug2003-slides.pdf", "tug2005.pdf", "viewports.pdf",
    "web2c.pdf",
))  # fmt: skip
RESOLUTIONS = (72, 80, 90, 100, 100, 110, 120, 150, 150, 200, 200, 300)  # dpi
MIN_AGREEMENT = 0.72  # similarity of the text layer and the reader's answer
MAX_STRIPS = 60  # of one page
MAX_PDF = 12 << 20  # bytes
MAX_PAGES = 2000  # pages tried for one group; about 60 are enough
LINE_CROPS = 0.5  # share of pages cut line by line, by text boxes, instead of by white space


@dataclass(frozen=True, slots=True)
class DocumentsSpec:
    """Everything that decides the strips."""

    out: Path
    pdfs: tuple[Path, ...]  # files
    seed: int


def find_pdfs(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the PDFs below folders that are not too large, one of each name, without those of benchmarks."""
    found = [p for f in folders for p in sorted(f.rglob("*.pdf")) if p.stat().st_size <= MAX_PDF]
    return tuple(sorted({p.name: p for p in found if p.name not in RESERVED | RESERVED_MANUALS}.values()))


class DocumentStrips:
    """Cuts strips out of random pages of PDFs.

    Args:
        pdfs: Files with a text layer.
        reader: The reader whose answers the text layer is compared with.
    """

    def __init__(self, pdfs: Sequence[Path], reader: NanoReader) -> None:
        self.pdfs = pdfs
        self.reader = reader
        self._known = frozenset(reader.tokenizer.characters)

    def group(self, seed: int, number: int) -> list[Sample]:
        """Return the strips of one group."""
        rng = np.random.default_rng([seed, number])
        samples: list[Sample] = []
        for _ in range(MAX_PAGES):
            if len(samples) >= GROUP_SIZE:
                return samples[:GROUP_SIZE]
            path = self.pdfs[int(rng.integers(len(self.pdfs)))]
            try:
                found = list(self._page(rng, path))
            except OCR2Error as error:
                logger.debug("%s", error)
                continue
            samples += [found[int(i)] for i in rng.permutation(len(found))[:MAX_STRIPS]]
        raise ValueError(
            f"{MAX_PAGES} pages of {len(self.pdfs)} PDFs gave {len(samples)} strips; {GROUP_SIZE} are needed"
        )

    def _page(self, rng: Generator, path: Path) -> Iterator[Sample]:
        pdf = PdfFile(path.read_bytes(), name=path.name)
        try:
            number, dpi = 1 + int(rng.integers(pdf.page_count)), int(rng.choice(RESOLUTIONS))
            characters = [c for c in pdf.text_layer(number) if c.text == "\n" or c.right > c.left or c.text.isspace()]
            if sum(not c.text.isspace() for c in characters) < 40:
                return
            page, used = pdf.render(number, dpi=dpi)
        finally:
            pdf.close()
        page = degrade.scan(rng, page, dpi=dpi)
        scaled = [_scaled(c, used / POINTS) for c in characters]
        if rng.random() < LINE_CROPS:
            found = [s for image, chars in _line_crops(rng, page, scaled) for s in _cut(image, chars)]
        else:
            found = list(_cut(page, scaled))
        yield from self._sound(found)

    def _sound(self, found: list[tuple[NDArray[np.uint8], str]]) -> Iterator[Sample]:
        """Yield the strips whose text is in the alphabet and similar to the reader's answer."""
        targets = [(pixels, target) for pixels, text in found if (target := self._target(text))]
        answers = self.reader.draft_strips([pixels for pixels, _ in targets])
        for (pixels, target), answer in zip(targets, answers, strict=True):
            if Levenshtein.normalized_similarity(target, answer) >= MIN_AGREEMENT:
                yield pixels, self.reader.tokenizer.encode(target)

    def _target(self, text: str) -> str:
        text = "".join(unicodedata.normalize("NFKC", c) if "ﬀ" <= c <= "ﬆ" else c for c in text)
        text = " ".join(unicodedata.normalize("NFC", text).replace("\u00ad", "-").split())
        if any(c not in self._known and c != " " and (is_latin(c) or not c.isalpha()) for c in text):
            return ""
        return fold_foreign(text, self._known)


def _scaled(c: TextChar, scale: float) -> TextChar:
    return TextChar(c.text, c.left * scale, c.top * scale, c.right * scale, c.bottom * scale)


def _cut(page: NDArray[np.uint8], characters: Sequence[TextChar]) -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Cut a page into strips; the text of each is the characters whose middle is in it."""
    ink = find_ink(page)
    lines = [line.box for line in find_lines(ink.mask, ink.x_height)]
    x = np.array([(c.left + c.right) / 2 for c in characters])
    y = np.array([(c.top + c.bottom) / 2 for c in characters])
    for strip in cut_strips(ink.mask, lines, max_width=512):
        line, box = lines[strip.line], strip.box
        inside = (x >= box.left) & (x <= box.right) & (y >= line.top - 1) & (y <= line.bottom + 1)
        text = "".join(characters[i].text for i in np.flatnonzero(inside).tolist()).replace("\n", " ")
        pixels = crop_strip(ink.clean, box)
        if text.strip() and pixels.shape[1] <= 512:
            yield pixels, text


def _line_crops(
    rng: Generator, page: NDArray[np.uint8], characters: Sequence[TextChar]
) -> Iterator[tuple[NDArray[np.uint8], list[TextChar]]]:
    """Yield lines cut by their text boxes, a few pixels of margin around, with their characters."""
    for _, parts in itertools.groupby(characters, lambda c: c.text == "\n"):
        line = list(parts)
        visible = [c for c in line if not c.text.isspace()]
        if len(visible) < 4:  # as the ends of lines, among others
            continue
        margins = rng.integers(0, 5, 4)
        left = max(0, int(min(c.left for c in visible)) - int(margins[0]))
        top = max(0, int(min(c.top for c in visible)) - int(margins[1]))
        right = round(max(c.right for c in visible)) + int(margins[2])
        bottom = round(max(c.bottom for c in visible)) + int(margins[3])
        image = page[top:bottom, left:right]
        if min(image.shape) >= 6 and image.shape[1] > image.shape[0]:
            yield image, [TextChar(c.text, c.left - left, c.top - top, c.right - left, c.bottom - top) for c in line]


def begin_group(spec: DocumentsSpec) -> Callable[[int], Path]:
    """Return a function that writes a group of strips; one that exists is kept."""
    torch.set_num_threads(1)
    reader = load("got-nano", LoadOptions(device="cpu", dtype="bfloat16"))
    assert isinstance(reader, NanoReader)
    strips = DocumentStrips(spec.pdfs, reader)

    def write(number: int) -> Path:
        path = group_path(spec.out, number)
        if not path.exists():
            write_group(path, sort_samples(strips.group(spec.seed, number)))
        return path

    return write


def main() -> None:
    """Cut strips from the command line."""
    parser = pool_parser(__doc__, fonts=False, corpus=False)
    parser.add_argument("--pdfs", type=Path, nargs="+", required=True, help="folders of PDFs")
    args = parser.parse_args()
    spec = DocumentsSpec(args.out, find_pdfs(args.pdfs), args.seed)
    write_groups(args, functools.partial(begin_group, spec))


if __name__ == "__main__":
    main()
