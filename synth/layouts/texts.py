"""Windows of text at reading size, with the middle of every character.

    python -m ocr2.synth.layouts.texts runs/texts --groups 8

They supervise letters for an encoder of whole pages: pages squashed to its input are too small for that.
"""

import argparse
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import ImageFont

from ocr2.synth.corpus import Corpus
from ocr2.synth.degrade import scan
from ocr2.synth.fonts import Face, FontLibrary
from ocr2.synth.groups import render_groups
from ocr2.synth.layouts.records import WindowRecord
from ocr2.synth.pages import PageStyle, TruePage, draw_page

GROUP_SIZE = 512
WIDTH, HEIGHT = 384, 512  # pixels
EM = (12, 30)  # pixels
SCANNED = 0.4


@dataclass(frozen=True, slots=True)
class TextWindow:
    """A window of text and its record."""

    pixels: NDArray[np.uint8]  # (height, width)
    record: WindowRecord


@dataclass(frozen=True)
class WindowPool:
    """Everything that decides the windows of a pool."""

    out: Path
    fonts: tuple[Path, ...]
    corpus: Path
    seed: int
    held_out: bool


class WindowEngine:
    """Draws windows.

    Args:
        fonts: Fonts of all text.
        paragraphs: Source of all text.
    """

    def __init__(self, fonts: FontLibrary, paragraphs: list[str]) -> None:
        self.fonts = fonts
        self.paragraphs = paragraphs
        self.names, self.shares = fonts.names_and_shares()

    def draw(self, rng: Generator) -> TextWindow:
        """Draw a window that has text."""
        while True:
            page = self._page(rng)
            lines = [line for block in page.blocks for line in block.lines]
            text = "".join("".join(line.text.split()) for line in lines)
            glyphs = [glyph for line in lines for glyph in line.glyphs]
            if text:
                break
        gray = scan(rng, page.gray, dpi=100) if rng.random() < SCANNED else page.gray
        record: WindowRecord = {
            "width": WIDTH,
            "height": HEIGHT,
            "text": text,
            "x": [round((g.left + g.right) / 2, 1) for g in glyphs],
            "y": [round((g.top + g.bottom) / 2, 1) for g in glyphs],
        }
        return TextWindow(gray, record)

    def _page(self, rng: Generator) -> TruePage:
        faces = self.fonts.families[self.names[int(rng.choice(len(self.names), p=self.shares))]]
        chosen: dict[str, Face] = {}

        def load(role: str, size: int) -> ImageFont.FreeTypeFont:
            if role not in chosen:
                chosen[role] = faces[int(rng.integers(len(faces)))]
            return chosen[role].load(size)

        def prose(length: int) -> str:
            text = ""
            while len(text) < length:
                paragraph = self.paragraphs[int(rng.integers(len(self.paragraphs)))]
                start = int(rng.integers(0, max(1, len(paragraph) - length)))
                text += " " + paragraph[start : start + length]
            return text.strip()

        style = PageStyle(
            width=WIDTH,
            height=HEIGHT,
            em=int(rng.integers(EM[0], EM[1] + 1)),
            columns=1,
            justified=bool(rng.random() < 0.5),
            skew=float(rng.uniform(-2, 2)) if rng.random() < 0.3 else 0.0,
            noise=float(rng.uniform(2, 12)) if rng.random() < 0.3 else 0.0,
            rules=bool(rng.random() < 0.3),
            furniture=bool(rng.random() < 0.6),
        )
        return draw_page(rng, style, load, prose)


def begin_drawing(spec: WindowPool) -> Callable[[Generator], TextWindow]:
    """Return a function that draws a window."""
    prose = Corpus.load(spec.corpus).long_prose()
    return WindowEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out), prose).draw


def main() -> None:
    """Render from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--groups", type=int, default=8)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/train.jsonl.gz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true", help="fonts that no training sample uses")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    spec = WindowPool(args.out, tuple(args.fonts), args.corpus, args.seed, args.held_out)
    begin = functools.partial(begin_drawing, spec)
    for path in render_groups(
        begin, spec.out, range(args.groups), size=GROUP_SIZE, seed=spec.seed, workers=args.workers
    ):
        print(path, flush=True)


if __name__ == "__main__":
    main()
