"""Time and memory of reading one dense A4 page, by stage, and the start-up cost; nothing else should run.

python benchmarks/page_speed.py [--weights FILE] [--pages 5]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from ocr2.got.pipeline import NanoReader
from ocr2.reading.page import read_page
from ocr2.registry import load_strip_reader

CHARACTERS = 3000
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi


def dense_page(seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """Draw an A4 page of CHARACTERS characters of random words, 11 pt."""
    rng = np.random.default_rng(seed)
    words: list[str] = []
    while sum(map(len, words)) + len(words) < CHARACTERS:
        words.append("".join(rng.choice(list("etaoinshrdlucmfwyp"), int(rng.integers(2, 11)))))
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=30)
    x, y = 180.0, 200
    for word in words:
        width = font.getlength(word + " ")
        if x + width > WIDTH - 180:
            x, y = 180.0, y + 44
        pen.text((x, y), word, font=font, fill=0)
        x += width
    return np.asarray(image, np.uint8)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--pages", type=int, default=5)
    args = parser.parse_args()
    for code in ("import ocr2", "import ocr2; ocr2.load()"):
        if args.weights is None or "load" not in code:
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            print(f"{code:<28} {time.perf_counter() - started:6.2f} s in a new process")
    for dtype in ("float32", "auto"):
        for drafts in (True, False):
            reader = load_strip_reader("got-nano", weights=args.weights, device="cpu", dtype=dtype)
            assert isinstance(reader, NanoReader)
            reader.use_drafts = drafts
            read_page(dense_page(99), reader)
            pages = [read_page(dense_page(i), reader) for i in range(args.pages)]
            stages = {s: statistics.median(p.seconds[s] for p in pages) for s in pages[0].seconds}
            total = statistics.median(sum(p.seconds.values()) for p in pages)
            letters = statistics.median(len(p.text) for p in pages)
            shown = ", ".join(f"{s} {v:.2f}" for s, v in stages.items())
            name = f"{str(reader.dtype).removeprefix('torch.')}{'' if drafts else ', no draft'}"
            print(f"{name:<20} {total:5.2f} s a page of {letters:.0f} characters ({shown})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"{torch.get_num_threads()} threads; peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()
