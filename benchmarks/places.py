"""Places of pages read by got-nano: cut out, and as words of the whole page's lines, beside each other.

    python benchmarks/places.py [--pages 60]

The pages are the first of `benchmarks/structure.py`'s frozen ones. On each, three boxes: around a block as it is;
around one with its sides moved by up to half a line height, as by hand; and a free rectangle of a third of the page's
width and height. True words are those whose middle lies in the box. Edit distance: normalised, white space collapsed.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.structure import frozen_pages
from ocr2.metrics.text import normalise, normalised_distance
from ocr2.models.protocols import LineReader
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.reading.questions.focus import cut_out
from ocr2.results.box import Box, union
from ocr2.results.document import Page
from ocr2.synth.pages import TrueLine, TruePage

SEED = 77
Gray = NDArray[np.uint8]


def words_in(line: TrueLine, box: Box) -> list[str]:
    """Return the words of a line that a box holds."""
    words, first = [], 0
    for word in line.text.split():
        x, y = union(line.glyphs[first : first + len(word)]).middle
        first += len(word)
        if box.contains(x, y):
            words.append(word)
    return words


def draw_boxes(page: TruePage, rng: np.random.Generator) -> dict[str, Box]:
    """Return three boxes on a page, by how they were drawn."""
    height, width = page.gray.shape
    block = page.blocks[int(rng.integers(len(page.blocks)))]
    glyphs = [glyph for line in block.lines for glyph in line.glyphs]
    line = max(union(line.glyphs).height for line in block.lines)
    exact = union(glyphs)
    moved = [round(v + d) for v, d in zip(exact.as_list(), rng.uniform(-0.5, 0.5, 4) * line, strict=True)]
    x, y = int(rng.integers(0, 2 * width // 3)), int(rng.integers(0, 2 * height // 3))
    return {
        "a block": Box(exact.left - 2, exact.top - 2, exact.right + 2, exact.bottom + 2).clipped(width, height),
        "by hand": Box(*moved).clipped(width, height),
        "anywhere": Box(x, y, x + width // 3, y + height // 3),
    }


def read_cut(gray: Gray, box: Box, reader: LineReader) -> str:
    """Read a box with nothing else to see."""
    return _text(read_page(cut_out(gray, box), reader, options=LineOptions(detect_rotation=False)))


def read_words(gray: Gray, box: Box, reader: LineReader) -> str:
    """Read the words that a box holds."""
    return _text(read_page(gray, reader, options=LineOptions(place=box)))


def _text(page: Page) -> str:
    return " ".join(block.text for block in page.blocks)


WAYS: dict[str, Callable[[Gray, Box, LineReader], str]] = {"cut out": read_cut, "words": read_words}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/val.jsonl.gz"))
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    args = parser.parse_args()
    reader = load_line_reader("got-nano", LoadOptions(device="cpu", dtype="auto"))
    distances: dict[tuple[str, str], list[float]] = {}
    seconds = dict.fromkeys(WAYS, 0.0)
    for number, page in enumerate(frozen_pages(args.pages, args.corpus, args.fonts)):
        for kind, box in draw_boxes(page, np.random.default_rng([SEED, number])).items():
            truth = " ".join(w for block in page.blocks for line in block.lines for w in words_in(line, box))
            if not truth:
                continue
            for name, read in WAYS.items():
                started = time.perf_counter()
                text = read(page.gray, box, reader)
                seconds[name] += time.perf_counter() - started
                distances.setdefault((kind, name), []).append(normalised_distance(normalise(truth), normalise(text)))
    for (kind, name), found in distances.items():
        mean, median = np.mean(found), np.median(found)
        print(f"{kind:<10}{name:<9} edit distance mean {mean:.4f}, median {median:.4f}, n {len(found)}")
    count = sum(len(d) for d in distances.values()) / len(WAYS)
    print(", ".join(f"{name} {total / count:.2f} s a place" for name, total in seconds.items()))


if __name__ == "__main__":
    main()
