"""Pages a second of a folder: `ocr2 batch` on all cores beside one process of `ocr2 read`, and beside Tesseract.

    python -m benchmarks.batch --pages 40

The pages are the example PDF, each turned by a little angle so that no two are the same. All runs read the
same files, one run after the other; Tesseract runs as many processes as there are cores, one thread each.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source

PAGE = Path(__file__).parents[1] / "examples" / "page.pdf"


def write_pages(folder: Path, count: int) -> None:
    """Write pages as PNG, each turned by another angle."""
    document = OpenDocument(Source(str(PAGE), PAGE))
    page = Image.fromarray(document.page(1).gray)
    rng = np.random.default_rng(0)
    for i in range(count):
        page.rotate(float(rng.normal(0, 0.3)), fillcolor=255, resample=Image.Resampling.BICUBIC).save(
            folder / f"page{i:04}.png"
        )


def seconds_of(command: list[str], *, environment: dict[str, str]) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    return time.perf_counter() - started


def tesseract_seconds(folder: Path, out: Path, jobs: int) -> float:
    """Return the seconds that Tesseract takes for all pages, several processes at once."""

    def read(path: Path) -> None:
        command = ["tesseract", str(path), str(out / path.stem), "--dpi", "200"]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"})

    started = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(read, sorted(folder.iterdir())))
    return time.perf_counter() - started


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    args = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "in").mkdir()
        (place / "tesseract").mkdir()
        write_pages(place / "in", args.pages)
        ocr2 = [sys.executable, "-m", "ocr2"]
        inputs, threads = str(place / "in"), {"OMP_NUM_THREADS": str(cores)}
        runs = {
            "ocr2 read, one process": seconds_of(
                [*ocr2, "read", inputs, "-f", "text", "-o", str(place / "one"), "-q"], environment=threads
            ),
            f"ocr2 batch, {cores} processes": seconds_of(
                [*ocr2, "batch", inputs, "-f", "text", "-o", str(place / "many"), "-q"], environment={}
            ),
        }
        if shutil.which("tesseract"):
            runs[f"Tesseract, {cores} processes"] = tesseract_seconds(place / "in", place / "tesseract", cores)
        first = next(iter(runs.values()))
        print(f"{args.pages} pages, {cores} cores; seconds with start and loading")
        for name, seconds in runs.items():
            print(f"{name:28} {seconds:8.1f} s  {args.pages / seconds:6.2f} pages/s  {first / seconds:5.2f} x")


if __name__ == "__main__":
    main()
