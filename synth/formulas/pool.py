"""Pools of synthetic formulas on disk, and the frozen validation set.

`python -m ocr2.synth.formulas.pool OUT --strings FOLDER --groups 40` writes `group-00000.npz`, ...: grey pictures, and
records with the items of `ocr2.got.formulas.output_language.linearise`, the box of every element in pixels (left, top,
right, bottom), and the height of an em. `--frozen` writes 1,000 formulas of the validation split, in faces and of
strings that no training formula has, once, with their hash.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.formulas.setting import DPI, SIZE, Setting, set_formulas
from ocr2.formulas.tree import Row
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.output_language import MAX_ELEMENTS, linearise
from ocr2.synth import degrade
from ocr2.synth.formulas.faces import HELD_OUT, PREAMBLES
from ocr2.synth.formulas.painting import COLOURS, elements_of, paint
from ocr2.synth.formulas.records import FormulaRecord
from ocr2.synth.formulas.sources import Sources, load_formulas
from ocr2.synth.groups import group_path, pool_parser, write_frozen, write_group, write_groups

GROUP_SIZE = 480
RUNS = 3  # runs of LaTeX for a group, each in one face
EM = 24.0  # pixels, in the middle
EM_SPREAD = 0.16  # standard deviation of its logarithm
MAX_SIZE = (288, 1280)  # pixels, (height, width), before the margin
FROZEN_COUNT = 1000
FROZEN_SEED = 20_261_130
USUAL = 0.45  # share of Computer Modern, in which most formulas are printed


@dataclass(frozen=True, slots=True)
class DrawnFormula:
    """A picture of a formula and its record."""

    pixels: NDArray[np.uint8]
    record: FormulaRecord


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Everything that decides the formulas of a pool."""

    out: Path
    strings: Path
    seed: int
    held_out: bool


def draw_formulas(rng: Generator, sources: Sources, preamble: str, count: int) -> list[DrawnFormula]:
    """Draw formulas in one face; those that LaTeX refuses or that are too large are left out."""
    rows: list[Row] = []
    painted: list[tuple[str, list[str], dict[int, int]]] = []
    while len(rows) < count:
        row = sources.draw(rng)
        if not row or sum(kind == "element" for kind, _ in linearise(row)) > min(len(COLOURS), MAX_ELEMENTS):
            continue
        rows.append(row)
        painted.append(paint(row, rng))
    pictures = set_formulas([Setting(text, rng.random() < 0.8) for text, _, _ in painted], preamble)
    drawn = []
    for row, (_, names, halved), picture in zip(rows, painted, pictures, strict=True):
        boxes = _boxes(picture, len(names), halved) if picture is not None else None
        if picture is None or boxes is None:
            continue
        em = EM * float(np.exp(rng.normal(0, EM_SPREAD)))
        scale = em / (SIZE / 72.27 * DPI)
        if picture.shape[0] * scale > MAX_SIZE[0] or picture.shape[1] * scale > MAX_SIZE[1]:
            continue
        gray, offset, factor = _finished(rng, picture, scale)
        record: FormulaRecord = {
            "latex": write_formula(row),
            "items": [name if kind == "element" else f"<{name}>" for kind, name in linearise(row)],
            "boxes": [[round(factor * v + offset[i % 2], 2) for i, v in enumerate(box)] for box in boxes],
            "width": gray.shape[1],
            "height": gray.shape[0],
            "em": round(em, 2),
        }
        drawn.append(DrawnFormula(gray, record))
    return drawn


def _boxes(picture: NDArray[np.uint8], count: int, halved: dict[int, int]) -> list[tuple[float, ...]] | None:
    """Return the box of each element in pixels; None if one has no ink, or an accent touches its letter."""
    numbers = elements_of(picture)
    rows, columns = np.nonzero(numbers >= 0)
    owners = numbers[rows, columns]
    order = np.argsort(owners, kind="stable")
    rows, columns, owners = rows[order], columns[order], owners[order]
    starts = np.searchsorted(owners, np.arange(count + 1))
    boxes: list[tuple[float, ...] | None] = []
    for i in range(count):
        y, x = rows[starts[i] : starts[i + 1]], columns[starts[i] : starts[i + 1]]
        boxes.append((x.min(), y.min(), x.max() + 1, y.max() + 1) if len(x) else None)
    for accent, letter in halved.items():
        y, x = rows[starts[accent] : starts[accent + 1]], columns[starts[accent] : starts[accent + 1]]
        if not len(y):
            return None
        used = np.unique(y)
        gaps = np.nonzero(np.diff(used) > 1)[0]
        if not len(gaps):
            return None
        split = used[gaps[0]] + 1
        for number, part in ((accent, y < split), (letter, y >= split)):
            boxes[number] = (x[part].min(), y[part].min(), x[part].max() + 1, y[part].max() + 1)
    return None if any(box is None for box in boxes) else [tuple(map(float, box)) for box in boxes if box is not None]


def _finished(
    rng: Generator, picture: NDArray[np.uint8], scale: float
) -> tuple[NDArray[np.uint8], tuple[float, float], float]:
    """Return the degraded grey picture, the offset of the formula in it, and its scale."""
    ink = 255 - picture.min(axis=2)  # a channel of each colour is 0, so that the minimum is the amount of ink
    height, width = (max(4, round(side * scale)) for side in ink.shape)
    small = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)
    left, top, right, bottom = (int(n) for n in rng.integers(2, 20, 4))
    coverage = np.asarray(np.pad(small, ((top, bottom), (left, right))) / 255, np.float32)
    if rng.random() < 0.3:
        gray = np.asarray(255 - 255 * coverage, np.uint8)
    elif rng.random() < 0.5:
        gray = degrade.scan(
            rng, np.asarray(255 - 255 * degrade.thicken(rng, coverage, strength=0.6), np.uint8), dpi=170
        )
    else:
        gray = degrade.colour(rng, degrade.thicken(rng, coverage, strength=0.6), strength=0.7)
        gray = degrade.capture(rng, gray, strength=0.5) if gray.shape[0] < 90 else gray
    return gray, (float(left), float(top)), scale


def begin_groups(spec: PoolSpec) -> Callable[[int], Path]:
    """Return a function that writes a group; one that exists is kept."""
    sources = Sources(load_formulas(spec.strings, held_out=spec.held_out), changed=True)
    faces = [name for name in PREAMBLES if (name in HELD_OUT) == spec.held_out]

    def write(number: int) -> Path:
        path = group_path(spec.out, number)
        if not path.exists():
            drawn: list[DrawnFormula] = []
            rng = np.random.default_rng([spec.seed, number])
            for _ in range(RUNS):
                usual = not spec.held_out and rng.random() < USUAL
                face = "computer modern" if usual else faces[int(rng.integers(len(faces)))]
                drawn += draw_formulas(rng, sources, PREAMBLES[face], GROUP_SIZE // RUNS)
            write_group(path, [drawn[int(i)] for i in rng.permutation(len(drawn))])
        return path

    return write


def draw_frozen(strings: Path) -> Sequence[DrawnFormula]:
    """Draw the frozen set: held-out strings as they are, a quarter in each held-out face, worn and clean."""
    sources = Sources(load_formulas(strings, held_out=True), changed=False)
    drawn: list[DrawnFormula] = []
    for number, face in enumerate(sorted(HELD_OUT)):
        rng = np.random.default_rng([FROZEN_SEED, number])
        share = FROZEN_COUNT // len(HELD_OUT)
        drawn += draw_formulas(rng, sources, PREAMBLES[face], 2 * share)[:share]
    return drawn


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__, fonts=False, corpus=False)
    parser.add_argument("--strings", type=Path, required=True, help="folder of *.txt.gz, a formula a line")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--frozen", action="store_true")
    args = parser.parse_args()
    if args.frozen:
        print(write_frozen(args.out, lambda: draw_frozen(args.strings)))
        return
    spec = PoolSpec(args.out, args.strings, args.seed, args.held_out)
    write_groups(args, functools.partial(begin_groups, spec))


if __name__ == "__main__":
    main()
