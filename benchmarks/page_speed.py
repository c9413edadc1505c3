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

import torch

from ocr2.cli.bench.measure import draw_page
from ocr2.got.nano.reader import NanoReader
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import read_page


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
            reader = load_line_reader("got-nano", LoadOptions(weights=args.weights, device="cpu", dtype=dtype))
            assert isinstance(reader, NanoReader)
            reader.use_drafts = drafts
            read_page(draw_page(99).picture, reader)
            pages = [read_page(draw_page(i).picture, reader) for i in range(args.pages)]
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
