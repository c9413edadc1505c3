"""Characters read where nothing is written: 100 blank, 100 noise and 100 picture pages.

python benchmarks/empty_pages.py [--weights FILE] [--pages 100]
"""

import argparse
from pathlib import Path

import numpy as np

from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import read_page
from ocr2.synth.empty import draw_blank, draw_noise, draw_photo

SEED = 77
WIDTH, HEIGHT = 620, 877


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    args = parser.parse_args()
    reader = load_line_reader("got-nano", LoadOptions(weights=args.weights, device="cpu", dtype="auto"))
    for number, draw in enumerate((draw_blank, draw_noise, draw_photo)):
        counts = []
        for page in range(args.pages):
            gray = draw(np.random.default_rng([SEED, number, page]), WIDTH, HEIGHT)
            counts.append(sum(len(block.text) for block in read_page(gray, reader).blocks))
        print(
            f"{draw.__name__.removeprefix('draw_'):<6} {args.pages} pages: {np.mean(counts):.2f} characters a page, "
            f"{sum(c > 0 for c in counts)} pages with any, at most {max(counts)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
