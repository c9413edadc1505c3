"""Pools of synthetic pages on disk, and the frozen validation set.

`python -m ocr2.synth.layouts.pool OUT --bank BANK --groups 40` writes `group-00000.npz`, ...: pages as the network sees
them, squashed to a square, with their regions. `--frozen` writes the 1,000 pages of the grid below, once, as they are,
with their hash.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from ocr2.synth.corpus import Corpus
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.groups import group_writer, pool_parser, write_frozen, write_pool
from ocr2.synth.layouts.engine import LayoutEngine, LayoutSample
from ocr2.synth.layouts.picture_bank import Bank
from ocr2.synth.layouts.records import regions_of

GROUP_SIZE = 512
SIDE = 512  # pixels of the square a page is squashed to
# The frozen set: pages of each layout, of "columns" by their number; of every five two clean, two of which half are
# scanned, one scanned.
FROZEN = {
    ("columns", 1): 200, ("columns", 2): 200, ("columns", 3): 100, ("single", None): 120, ("gallery", None): 90,
    ("slide", None): 90, ("exam", None): 80, ("music", None): 40, ("letter", None): 50, ("receipt", None): 30,
}  # fmt: skip
FROZEN_STRENGTHS = (0.0, 0.0, 0.5, 0.5, 1.0)
FROZEN_SEED = 20_261_125


@dataclass(frozen=True, slots=True)
class LayoutPool:
    """Everything that decides the pages of a pool."""

    out: Path
    bank: Path
    fonts: tuple[Path, ...]
    corpus: Path
    seed: int
    held_out: bool


def squash(sample: LayoutSample, side: int = SIDE) -> LayoutSample:
    """Squash a page to a square; boxes follow."""
    height, width = sample.pixels.shape
    pixels = np.asarray(cv2.resize(sample.pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    x, y = side / width, side / height
    regions: list[list[str | float]] = [
        [kind, *(round(v, 2) for v in (left * x, top * y, right * x, bottom * y))]
        for kind, (left, top, right, bottom) in regions_of(sample.record)
    ]
    return LayoutSample(pixels, {**sample.record, "width": side, "height": side, "regions": regions})


def build_engine(spec: LayoutPool) -> LayoutEngine:
    """Build the engine of a pool."""
    prose = Corpus.load(spec.corpus).long_prose()
    fonts = FontLibrary.find(spec.fonts, held_out=spec.held_out)
    return LayoutEngine(Bank.load(spec.bank), fonts, prose, wild=not spec.held_out)


def begin_drawing(spec: LayoutPool) -> Callable[[Generator], LayoutSample]:
    """Return a function that draws a page of a pool, squashed."""
    engine = build_engine(spec)
    return lambda rng: squash(engine.draw(rng))


def render_frozen(spec: LayoutPool) -> str:
    """Write the frozen validation set as `frozen.npz`; returns its sha256.

    Raises:
        FileExistsError: If there is one.
    """

    def draw() -> list[LayoutSample]:
        engine = build_engine(spec)
        samples = []
        for cell, ((layout, columns), count) in enumerate(FROZEN.items()):
            for i in range(count):
                rng = np.random.default_rng([FROZEN_SEED, cell, i])
                strength = FROZEN_STRENGTHS[i % len(FROZEN_STRENGTHS)]
                samples.append(engine.draw(rng, layout, columns=columns, strength=strength))
        return samples

    return write_frozen(spec.out, draw)


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__)
    parser.add_argument("--bank", type=Path, required=True)
    parser.add_argument("--frozen", action="store_true")
    args = parser.parse_args()
    spec = LayoutPool(args.out, args.bank, tuple(args.fonts), args.corpus, args.seed, args.frozen)
    draw = functools.partial(begin_drawing, spec)
    begin = functools.partial(group_writer, draw, spec.out, GROUP_SIZE, spec.seed)
    write_pool(args, begin, functools.partial(render_frozen, spec))


if __name__ == "__main__":
    main()
