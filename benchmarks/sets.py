"""The sets that reading is measured on: lines of reserved PDFs, and folders with data.jsonl."""

import json
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.documents.images import to_gray
from ocr2.documents.pdf import POINTS, PdfFile, TextChar
from ocr2.got.nano.reader import load_vocabulary
from ocr2.synth.documents import RESERVED

logger = logging.getLogger(__name__)

# Documentation PDFs that no training text or page comes from (Debian packages debian-reference-en,
# debmake-doc, developers-reference, gnuplot-doc, octave-doc).
RESERVED_PDFS = (
    "/usr/share/debian-reference/debian-reference.en.pdf",
    "/usr/share/doc/debmake-doc/debmake-doc.en.pdf",
    "/usr/share/developers-reference/developers-reference.pdf",
    "/usr/share/doc/gnuplot/gnuplot.pdf",
    "/usr/share/doc/octave/octave.pdf",
)
if {Path(path).name for path in RESERVED_PDFS} != RESERVED:
    raise ValueError("the PDFs measured here and those that training leaves out are not the same")
RESOLUTIONS = (100, 150, 300)  # dpi
PAGES_EACH = 45  # pages of a PDF that lines are drawn from
SEED = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and what it says."""

    gray: NDArray[np.uint8]
    text: str
    whole_page: bool


def reserved_lines(count: int, paths: Sequence[str] = RESERVED_PDFS) -> list[Sample]:
    """Return `count` lines cut by their text boxes out of the reserved PDFs, resolutions in turn.

    The choice depends on the seed and the files alone.
    """
    rng = np.random.default_rng(SEED)
    samples: list[Sample] = []
    each = -(-count // len(paths))
    for path in paths:
        pdf = PdfFile(Path(path).read_bytes(), name=path)
        numbers = rng.choice(np.arange(5, pdf.page_count - 2), min(PAGES_EACH, pdf.page_count - 8), replace=False)
        found = [(int(n), line) for n in numbers for line in text_lines(pdf.text_layer(int(n)))]
        chosen = rng.choice(len(found), min(each, len(found)), replace=False)
        pages: dict[tuple[int, int], NDArray[np.uint8]] = {}
        for k, i in enumerate(sorted(chosen.tolist())):
            number, characters = found[i]
            dpi = RESOLUTIONS[k % len(RESOLUTIONS)]
            if (number, dpi) not in pages:
                pages = {key: page for key, page in pages.items() if key[0] == number}
                pages[number, dpi] = pdf.render(number, dpi=dpi)[0]
            samples.append(Sample(_crop(pages[number, dpi], characters, dpi), _text(characters), whole_page=False))
        pdf.close()
    return samples[:count]


def text_lines(characters: Sequence[TextChar]) -> Iterator[list[TextChar]]:
    """Yield level lines of at least ten characters of the reader's alphabet, leaders left out."""
    line: list[TextChar] = []
    for character in [*characters, TextChar("\n", 0, 0, 0, 0)]:
        if character.text != "\n":
            line.append(character)
            continue
        text = _text(line)
        visible = [c for c in line if not c.text.isspace()]
        if len(text) >= 10 and load_vocabulary().covers(text) and not re.search(r"(\. ?){4}", text) and _level(visible):
            yield line
        line = []


def _level(characters: Sequence[TextChar]) -> bool:
    height = max(c.bottom for c in characters) - min(c.top for c in characters)
    width = max(c.right for c in characters) - min(c.left for c in characters)
    tallest = max(c.bottom - c.top for c in characters)
    return height < 2.0 * tallest and width > 2 * height


def _text(characters: Sequence[TextChar]) -> str:
    return " ".join("".join(c.text for c in characters).split())


def _crop(page: NDArray[np.uint8], characters: Sequence[TextChar], dpi: int) -> NDArray[np.uint8]:
    visible = [c for c in characters if not c.text.isspace()]
    scale, margin = dpi / POINTS, 2
    left = int(min(c.left for c in visible) * scale) - margin
    top = int(min(c.top for c in visible) * scale) - margin
    right = round(max(c.right for c in visible) * scale) + margin + 1
    bottom = round(max(c.bottom for c in visible) * scale) + margin + 1
    return page[max(0, top) : bottom, max(0, left) : right]


def folder_set(folder: Path) -> list[Sample]:
    """Read a set of images with `data.jsonl`: fields image, text, and lang where rows differ; English only."""
    samples = []
    for row in map(json.loads, (folder / "data.jsonl").read_text(encoding="utf-8").splitlines()):
        if row.get("lang", "en") == "en":
            with Image.open(folder / row["image"]) as image:
                samples.append(Sample(to_gray(image), row["text"], whole_page="line" not in row["task"]))
    return samples
