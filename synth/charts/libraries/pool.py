"""Pools of charts by many libraries: PDFs with a chart a page, and the content of each chart.

`python -m ocr2.synth.charts.libraries.pool OUT --corpus FILE --scripts FOLDER --each 40 --seed 1` writes
OUT/LIBRARY-SEED.pdf and .jsonl, which has the kind, words and values of the chart of every page.
"""

import argparse
import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium

from ocr2.synth.charts.content import Content
from ocr2.synth.charts.libraries import browser, programs, python_plots
from ocr2.synth.charts.libraries.content import draw_content
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.tables import load_tables
from ocr2.synth.charts.words import Words

Rng = np.random.Generator
Draw = Callable[[Sequence[Content], Rng, Path], list[int]]


@dataclass(frozen=True, slots=True)
class LibrarySpec:
    """Sources of the charts."""

    corpus: Path
    scripts: Path  # folder of npm packages
    held_out: bool


def programs_of(spec: LibrarySpec) -> dict[str, Draw]:
    """Return the functions that draw charts, by library."""
    drawn: dict[str, Draw] = {
        "office": programs.print_sheets,
        "gnuplot": programs.plot_gnuplot,
        "ggplot2": programs.plot_ggplot,
        "vega-lite": programs.print_vega,
    }
    for name in ("matplotlib", "pandas", "seaborn", "plotnine"):
        drawn[name] = functools.partial(python_plots.draw_pages, getattr(python_plots, f"draw_{name}"))
    for name, file in browser.script_files(spec.scripts).items():
        drawn[name] = functools.partial(browser.print_charts, name, file.parent)
    return drawn


def write_library(draw: Draw, sampler: ContentSampler, path: Path, *, count: int, rng: Rng) -> int:
    """Write a PDF and its records; returns the number of charts.

    Raises:
        RuntimeError: If the library drew another number of pages than it was given charts.
    """
    contents = [draw_content(rng, sampler) for _ in range(count)]
    drawn = draw(contents, rng, path)
    pdf = pdfium.PdfDocument(path)
    pages = len(pdf)
    pdf.close()
    if pages != len(drawn):
        path.unlink()
        raise RuntimeError(f"{path.name}: {pages} pages for {len(drawn)} charts")
    records = [json.dumps(asdict(contents[i]), ensure_ascii=False) for i in drawn]
    path.with_suffix(".jsonl").write_text("\n".join(records) + "\n", encoding="utf-8")
    return pages


def main() -> None:
    """Draw from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--scripts", type=Path, required=True, help="folder of unpacked npm packages")
    parser.add_argument("--each", type=int, default=40, help="charts a library and seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--only", nargs="*", help="libraries")
    parser.add_argument("--held-out", action="store_true", help="names and tables of the validation split")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    spec = LibrarySpec(args.corpus, args.scripts, args.held_out)
    sampler = ContentSampler(Words.load(args.corpus, held_out=args.held_out), load_tables(held_out=args.held_out))
    drawers = programs_of(spec)
    for seed in args.seeds:
        for number, (name, draw) in enumerate(sorted(drawers.items())):
            path = args.out / f"{name}-{seed:04}.pdf"
            if (args.only and name not in args.only) or path.exists():
                continue
            rng = np.random.default_rng([20_261_130, seed, number, args.held_out])
            try:
                print(path, write_library(draw, sampler, path, count=args.each, rng=rng), flush=True)
            except (OSError, RuntimeError, ValueError, ArithmeticError) as error:
                print(f"{name}: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
