"""The engines that are compared: ours and the classical ones, behind one call each."""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.models.protocols import LineReader
from ocr2.reading.lines.line import assemble_line
from ocr2.reading.lines.page import read_page
from ocr2.results.document import Word
from ocr2.tiling.ink import find_ink
from ocr2.tiling.layout import TextLine, find_lines
from ocr2.tiling.strips import crop_strip, cut_strips

Gray = NDArray[np.uint8]
PADDING = 4  # pixels of paper that ours puts around a line
BORDER = 10  # white pixels that Tesseract and RapidOCR are given around a line


@dataclass(frozen=True, slots=True)
class Engine:
    """Reads line crops and whole pages."""

    name: str
    line: Callable[[Gray], str]
    page: Callable[[Gray], str]


def ours(reader: LineReader, name: str) -> Engine:
    """Our reader; a page's text is its lines, headers and footers too, as the other engines give them."""

    def page(gray: Gray) -> str:
        return " ".join(line.text for block in read_page(gray, reader).blocks for line in block.lines)

    return Engine(name, lambda gray: " ".join(w.text for w in line_words(gray, reader)), page)


def line_words(gray: Gray, reader: LineReader) -> list[Word]:
    """Read a crop that is known to hold one line."""
    padded = np.pad(gray, PADDING, constant_values=int(np.median(gray)))
    ink = find_ink(padded)
    clean, mask = ink.clean, ink.mask
    lines = find_lines(mask, ink.x_height)
    if not lines:
        return []
    # A box may hold parts of the lines above and below: the line with most ink is meant.
    box = max((line.box for line in lines), key=lambda b: int(mask[b.top : b.bottom, b.left : b.right].sum()))
    strips = cut_strips(mask, [box], max_width=reader.max_strip_width)
    readings = reader.read_strips([crop_strip(clean, s.box)[:, : reader.max_strip_width] for s in strips])
    line = assemble_line(0, TextLine(box, 0), strips, readings, mask)
    return list(line.line.words) if line is not None else []


def tesseract() -> Engine:
    """Tesseract 5 with its English model, through its command line."""

    def run(gray: Gray, mode: int) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "image.png"
            Image.fromarray(gray).save(path, compress_level=1)
            command = ["tesseract", str(path), "stdout", "-l", "eng", "--psm", str(mode)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    return Engine("tesseract 5 eng", lambda g: run(_bordered(g), 7), lambda g: run(g, 3))


def rapidocr() -> Engine:
    """RapidOCR with the models its wheel carries (PP-OCRv6 small); lines with recognition alone."""
    from rapidocr import RapidOCR

    engine: Any = RapidOCR(params={"Global.log_level": "critical"})

    def line(gray: Gray) -> str:
        result = engine(_colour(_bordered(gray)), use_det=False, use_cls=False, use_rec=True)
        return " ".join(cast("Sequence[str]", result.txts or ()))

    def page(gray: Gray) -> str:
        result = engine(_colour(gray), use_det=True, use_cls=True, use_rec=True)
        return " ".join(cast("Sequence[str]", result.txts or ()))

    return Engine("rapidocr", line, page)


def _bordered(gray: Gray) -> Gray:
    return np.pad(gray, BORDER, constant_values=int(np.median(gray)))


def _colour(gray: Gray) -> Gray:
    return np.repeat(gray[..., None], 3, axis=2)
