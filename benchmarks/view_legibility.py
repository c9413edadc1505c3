"""How small may print be in one 1024 px view? Pages are squashed as GOT's preprocessing does, then read.

python benchmarks/view_legibility.py DIR [--engine nano|tesseract] [--pages 12]

DIR is a set of whole pages with `data.jsonl`. Every page is resized to a square of several sides and back to its own
size, and read by an engine whose weights are at hand: what it cannot read any more, the square does not hold. It is a
stand-in for the published model, whose weights could not be tried. Printed: character errors by x-height in the square.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from benchmarks.engines import Engine, Gray, ours, tesseract
from benchmarks.sets import folder_set
from ocr2.metrics.text import edit_counts, micro_error, normalise
from ocr2.models.registry import load_line_reader
from ocr2.tiling.ink import find_ink

SIDES = (512, 608, 720, 864, 1024, 1216, 1448)  # pixels of the square
STEP = 0.5  # pixels of x-height that are counted together


def squash(page: Gray, side: int) -> Gray:
    """Return the page as a square of `side` pixels shows it, at its own size again."""
    small = cv2.resize(page, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, page.shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def measure(pages: list[tuple[Gray, str]], engine: Engine) -> None:
    """Print the table: what each square costs beside the page as scanned, over the pages that fall into a row."""
    rows: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for page, text in pages:
        x_height = find_ink(page).x_height
        whole = _error(text, engine.page(page))
        for side in SIDES:
            small = x_height * side / page.shape[0]
            rows[int(small / STEP)].append((_error(text, engine.page(squash(page, side))), whole))
    print(f"{engine.name}, {len(pages)} pages; medians")
    for bin, pairs in sorted(rows.items()):
        squashed, whole, more = (float(np.median(v)) for v in np.array([(s, w, s - w) for s, w in pairs]).T)
        between = f"x-height {bin * STEP:4.1f} to {(bin + 1) * STEP:4.1f} px"
        print(f"  {between}: {squashed:6.2f} %, as scanned {whole:5.2f} %, {more:+6.2f}  ({len(pairs)} readings)")


def _error(truth: str, answer: str) -> float:
    return micro_error(edit_counts([normalise(truth, fold=True)], [normalise(answer, fold=True)]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", choices=("nano", "tesseract"), default="nano")
    parser.add_argument("--pages", type=int, default=12)
    args = parser.parse_args()
    engine = tesseract() if args.engine == "tesseract" else ours(load_line_reader("got-nano"), "got-nano")
    pages = [(s.gray, s.text) for s in folder_set(args.folder) if s.whole_page][: args.pages]
    measure(pages, engine)


if __name__ == "__main__":
    main()
