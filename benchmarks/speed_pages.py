"""The parts of `got_speed.py` that read pages: got-nano beside Tesseract, whether time and memory stay in bounds."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import torch
from PIL import Image

import ocr2
from benchmarks.speed_engines import peak_rss_mib, reset_peak
from benchmarks.speed_parts import Bench, Figures, read_pictures
from ocr2.cli.bench.measure import CHARACTERS, DrawnPage, draw_page
from ocr2.compute.roofline import seconds_in_turn, seconds_of
from ocr2.metrics.text import edit_counts, micro_error, normalise
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.lines.page import read_page

READINGS = 5  # of the page, for the median
DOCUMENTS = (1, 8, 64)  # pages
TOKENS = 64  # a page of them
DPI = 200


def measure_nano(bench: Bench) -> Figures:
    """One dense A4 page read by got-nano and by Tesseract 5, its command line with all it needs to start."""
    page = draw_page(0, characters=bench.settings.scaled(CHARACTERS, least=60))
    dtype = str(bench.settings.dtype).removeprefix("torch.")
    reader = load_line_reader("got-nano", LoadOptions(device="cpu", dtype=dtype))
    texts: dict[str, str] = {}

    def nano() -> None:
        blocks = read_page(page.picture, reader).blocks
        texts["nano"] = " ".join(line.text for block in blocks for line in block.lines)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        Image.fromarray(page.picture).save(path, dpi=(DPI, DPI))
        runs: dict[str, Callable[[], None]] = {"nano": nano}
        if shutil.which("tesseract"):
            runs["tesseract"] = lambda: texts.update(tesseract=_tesseract(path))
        seconds = seconds_in_turn(runs, repeats=READINGS)
    theirs = seconds.get("tesseract")
    return {
        "nano_page_s": seconds["nano"],
        "nano_characters": len(page.text),
        "nano_cer_percent": _error(page, texts["nano"]),
        "tesseract_page_s": theirs,
        "tesseract_cer_percent": _error(page, texts["tesseract"]) if theirs is not None else None,
        "nano_vs_tesseract": theirs / seconds["nano"] if theirs is not None else None,
        "nano_note": "" if theirs is not None else "tesseract is not installed",
    }


def _tesseract(path: Path) -> str:
    command = ["tesseract", str(path), "stdout", "-l", "eng", "--psm", "3"]
    threads = os.environ | {"OMP_THREAD_LIMIT": str(torch.get_num_threads())}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=threads).stdout


def _error(page: DrawnPage, text: str) -> float:
    return micro_error(edit_counts([normalise(page.text)], [normalise(text)]))


def measure_linear(bench: Bench) -> Figures:
    """Documents of more and more pages: seconds a page, and the most memory held while they were read."""
    tokens = bench.settings.scaled(TOKENS)
    engine = bench.ours()
    read_pictures(bench, engine, [2])
    got = [_grown(n, lambda n=n: read_pictures(bench, engine, [tokens] * n)) for n in DOCUMENTS]  # type: ignore[misc]
    nano = ocr2.load("got-nano", device="cpu", dtype=str(bench.settings.dtype).removeprefix("torch."))
    characters = bench.settings.scaled(CHARACTERS, least=60)
    drawn = [
        Image.fromarray(draw_page(i, characters=characters).picture).convert("1", dither=Image.Dither.NONE)
        for i in range(4)
    ]
    with tempfile.TemporaryDirectory() as folder:
        paths = {n: Path(folder) / f"{n}.pdf" for n in DOCUMENTS}
        for n, path in paths.items():
            first, *others = islice(cycle(drawn), n)
            first.save(path, save_all=True, append_images=others, resolution=DPI)
        nano.read(paths[DOCUMENTS[0]])
        lines = [_grown(n, lambda n=n: nano.read(paths[n])) for n in DOCUMENTS]  # type: ignore[misc]
    return {"linear_tokens": tokens, "linear_pages": got, "linear_pages_nano": lines}


def _grown(pages: int, run: Callable[[], object]) -> dict[str, float]:
    held = reset_peak() / 2**10
    seconds = seconds_of(run)
    peak = peak_rss_mib()
    return {"pages": pages, "page_s": seconds / pages, "peak_rss_mib": peak, "beyond_mib": peak - held}
