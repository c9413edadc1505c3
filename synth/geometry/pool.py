"""Pools of figures on disk, and the frozen validation set.

`python -m ocr2.synth.geometry.pool OUT --groups 40` writes `group-00000.npz`, ...: pictures as PNG in one row of bytes,
their ends, and the records as lines of JSON. `--frozen` writes the 2,000 figures of the grid below, once, with their
hash: letters in unseen fonts, equally many figures of every scene, a stated share of them clean.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.engine import FigureEngine, FigureSample
from ocr2.synth.geometry.scenes import SCENES
from ocr2.synth.groups import FontPool, group_writer, pool_parser, write_frozen, write_pool

GROUP_SIZE = 4096
# The frozen set: 16 scenes of 125 figures; of every five two clean, two with 55 % on paper, one on paper.
FROZEN_EACH = 125
FROZEN_STRENGTHS = (0.0, 0.0, 0.55, 0.55, 1.0)
FROZEN_SEED = 20_261_124


@dataclass(frozen=True, slots=True)
class FigurePool(FontPool):
    """Everything that decides the figures of a pool."""

    seed: int
    held_out: bool
    extras: bool = False


def begin_drawing(spec: FigurePool) -> Callable[[Generator], FigureSample]:
    """Return a function that draws a figure."""
    return FigureEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out), extras=spec.extras).draw


def render_frozen(spec: FigurePool) -> str:
    """Write the frozen validation set as `frozen.npz`; returns its sha256.

    Raises:
        FileExistsError: If there is one.
    """

    def draw() -> list[FigureSample]:
        engine = FigureEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out))
        return [
            engine.draw(
                np.random.default_rng([FROZEN_SEED, s, i]), scene, strength=FROZEN_STRENGTHS[i % len(FROZEN_STRENGTHS)]
            )
            for s, scene in enumerate(SCENES)
            for i in range(FROZEN_EACH)
        ]

    return write_frozen(spec.out, draw)


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__, corpus=False)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument(
        "--extras", action="store_true", help="dots, grey areas and arrows too; the frozen set has none"
    )
    args = parser.parse_args()
    spec = FigurePool(args.out, tuple(args.fonts), args.seed, args.frozen, args.extras)
    draw = functools.partial(begin_drawing, spec)
    begin = functools.partial(group_writer, draw, spec.out, GROUP_SIZE, spec.seed)
    write_pool(args, begin, functools.partial(render_frozen, spec))


if __name__ == "__main__":
    main()
