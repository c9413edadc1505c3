"""Banks of pictures for pages: one file a kind, each split with its own sources.

`python -m ocr2.synth.layouts.picture_bank runs/bank --photos FOLDER ... --smiles FILE --formulas FILE` writes
`chart.npz`, `molecule.npz`, ...; `--held-out` those of the validation split.
"""

import argparse
import csv
import functools
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.results.region import RegionKind
from ocr2.synth.charts.engine import ChartEngine
from ocr2.synth.charts.pool import PoolSpec, build_engine
from ocr2.synth.charts.words import Words
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.engine import FigureEngine
from ocr2.synth.groups import decode_gray, map_in_processes, read_group, write_group
from ocr2.synth.layouts import pictures
from ocr2.synth.layouts.pictures import Gray, trim

KINDS: tuple[RegionKind, ...] = ("figure", "chart", "molecule", "score", "geometry", "formula")
CHUNK = 100  # pictures a task
DIAGRAMS = 0.35  # share of figures


@dataclass(frozen=True, slots=True)
class BankSpec:
    """Everything that decides the pictures of a bank."""

    out: Path
    fonts: tuple[Path, ...]
    corpus: Path
    photos: tuple[Path, ...]
    smiles: Path
    formulas: Path
    seed: int
    held_out: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of the pictures of one split."""

    spec: BankSpec
    words: Words
    fonts: FontLibrary
    charts: ChartEngine
    figures: FigureEngine
    photos: list[Path]
    smiles: list[str]
    formulas: list[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a bank."""

    pixels: NDArray[np.uint8]  # (height, width)
    record: dict[str, str]  # its kind


def load_smiles(path: Path) -> list[str]:
    """Read SMILES: the fifth column of PubChem's table of identifiers, or the first of any other file."""
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", errors="replace") as lines:
        rows = list(csv.reader(lines, delimiter="\t" if path.suffix == ".tsv" else " ", quoting=csv.QUOTE_NONE))
    column = 4 if path.suffix == ".tsv" else 0
    return [row[column] for row in rows if len(row) > column and 6 < len(row[column]) < 120]


def load_sources(spec: BankSpec) -> Sources:
    """Load the sources of one split."""
    held_out = spec.held_out
    fonts = FontLibrary.find(spec.fonts, held_out=held_out)
    formulas = pictures.load_formulas(spec.formulas)
    cut = len(formulas) * 9 // 10
    return Sources(
        spec,
        Words.load(spec.corpus, held_out=held_out),
        fonts,
        build_engine(PoolSpec(spec.out, spec.fonts, spec.corpus, spec.seed, held_out)),
        FigureEngine(fonts, extras=True),
        pictures.find_photos(spec.photos),
        load_smiles(spec.smiles),
        formulas[cut:] if held_out else formulas[:cut],
    )


def _chart(rng: Generator, sources: Sources) -> Gray:
    return np.asarray(cv2.cvtColor(sources.charts.draw(rng).pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _geometry(rng: Generator, sources: Sources) -> Gray:
    return trim(sources.figures.draw(rng, strength=0.0).pixels)


def _figure(rng: Generator, sources: Sources) -> Gray:
    if rng.random() < DIAGRAMS:
        return pictures.draw_diagram(rng, sources.words, sources.fonts)
    return pictures.draw_photo(rng, sources.photos)


DRAW: dict[RegionKind, Callable[[Generator, Sources], Gray]] = {
    "figure": _figure,
    "chart": _chart,
    "geometry": _geometry,
    "molecule": lambda rng, s: pictures.draw_molecule(rng, s.smiles, held_out=s.spec.held_out),
    "score": lambda rng, s: pictures.draw_score(rng, held_out=s.spec.held_out),
}


def begin_drawing(spec: BankSpec) -> Callable[[tuple[RegionKind, int, int]], list[Gray]]:
    """Return a function that draws pictures of a kind; a task is the kind, the first number and the count."""
    sources = load_sources(spec)

    def draw(task: tuple[RegionKind, int, int]) -> list[Gray]:
        kind, first, count = task
        rngs = [np.random.default_rng([spec.seed, KINDS.index(kind), i]) for i in range(first, first + count)]
        if kind == "formula":
            rows = [sources.formulas[int(rng.integers(len(sources.formulas)))] for rng in rngs]
            return pictures.draw_formulas(rngs[0], rows, held_out=spec.held_out)
        drawn = []
        for rng in rngs:
            try:
                drawn.append(DRAW[kind](rng, sources))
            except (ValueError, RuntimeError):  # an empty part of a photograph, a chart that cannot be read
                continue
        return drawn

    return draw


def build_bank(spec: BankSpec, counts: dict[RegionKind, int], *, workers: int) -> dict[RegionKind, int]:
    """Write a bank; returns the number of pictures of each kind."""
    spec.out.mkdir(parents=True, exist_ok=True)
    made: dict[RegionKind, int] = {}
    tasks = [(k, first, min(CHUNK, n - first)) for k, n in counts.items() for first in range(0, n, CHUNK)]
    parts = zip(tasks, map_in_processes(functools.partial(begin_drawing, spec), tasks, workers=workers), strict=True)
    for kind, group in itertools.groupby(parts, key=lambda part: part[0][0]):
        drawn = [picture for _, part in group for picture in part]
        write_group(spec.out / f"{kind}.npz", [Picture(picture, {"kind": kind}) for picture in drawn])
        made[kind] = len(drawn)
        print(kind, len(drawn), flush=True)
    return made


@dataclass(frozen=True)
class Bank:
    """Pictures by kind, as PNG bytes."""

    pictures: dict[RegionKind, list[NDArray[np.uint8]]]

    @classmethod
    def load(cls, folder: Path) -> "Bank":
        """Read what `build_bank` wrote."""
        return cls({kind: [png for png, _ in read_group(folder / f"{kind}.npz")] for kind in KINDS})

    def draw(self, kind: RegionKind, rng: Generator) -> Gray:
        """Return a picture of a kind."""
        pictures = self.pictures[kind]
        return decode_gray(pictures[int(rng.integers(len(pictures)))])


def main() -> None:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/train.jsonl.gz"))
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--smiles", type=Path, required=True)
    parser.add_argument("--formulas", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--count", type=int, default=1500, help="pictures of each kind; twice as many formulas")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    spec = BankSpec(
        args.out,
        tuple(args.fonts),
        args.corpus,
        tuple(args.photos),
        args.smiles,
        args.formulas,
        args.seed,
        args.held_out,
    )
    counts: dict[RegionKind, int] = {kind: args.count * (2 if kind == "formula" else 1) for kind in KINDS}
    build_bank(spec, counts, workers=args.workers)


if __name__ == "__main__":
    main()
