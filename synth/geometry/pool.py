"""Pools of figures on disk, and the frozen validation set.

`python -m ocr2.synth.geometry.pool OUT --groups 40` writes `group-00000.npz`, ...: pictures as PNG in one row of bytes,
their ends, and the records as lines of JSON. `--frozen` writes the 2,000 figures of the grid below, once, with their
hash: letters in unseen fonts, equally many figures of every scene, a stated share of them clean.

With `--looks textbook` figures are drawn as textbooks and screens show them (`ocr2.synth.geometry.textbook`);
`--frozen` then writes the 1,000 of frozen set 2: unseen fonts and hues, styles and strengths of wear in turn.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.engine import FigureEngine, FigureSample
from ocr2.synth.geometry.scenes import SCENES
from ocr2.synth.geometry.textbook.engine import FigurePicture, TextbookEngine
from ocr2.synth.geometry.textbook.look import STYLES
from ocr2.synth.groups import Drawn, FontPool, group_writer, pool_parser, write_frozen, write_pool

GROUP_SIZE, TEXTBOOK_GROUP_SIZE = 4096, 1024  # the latter in colour
# The frozen set: 16 scenes of 125 figures; of every five two clean, two with 55 % on paper, one on paper.
FROZEN_EACH = 125
FROZEN_STRENGTHS = (0.0, 0.0, 0.55, 0.55, 1.0)
FROZEN_SEED = 20_261_124
# Frozen set 2: 1,000 figures, each style and each strength of wear in turn.
FROZEN_TEXTBOOK = 1000
FROZEN_TEXTBOOK_STRENGTHS = (0.0, 0.0, 0.55, 0.55, 1.0)
FROZEN_TEXTBOOK_SEED = 20_261_130


@dataclass(frozen=True, slots=True)
class FigurePool(FontPool):
    """Everything that decides the figures of a pool."""

    seed: int
    held_out: bool
    extras: bool = False
    textbook: bool = False


def begin_drawing(spec: FigurePool) -> Callable[[Generator], Drawn]:
    """Return a function that draws a figure."""
    if spec.textbook:
        return TextbookEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out), held_out=spec.held_out).draw
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

    def draw_textbook() -> list[FigurePicture]:
        engine = TextbookEngine(FontLibrary.find(spec.fonts, held_out=True), held_out=True)
        styles, strengths = list(STYLES), FROZEN_TEXTBOOK_STRENGTHS
        return [
            engine.draw(
                np.random.default_rng([FROZEN_TEXTBOOK_SEED, i]),
                style=styles[i % len(styles)],
                strength=strengths[i // len(styles) % len(strengths)],
            )
            for i in range(FROZEN_TEXTBOOK)
        ]

    return write_frozen(spec.out, draw_textbook) if spec.textbook else write_frozen(spec.out, draw)


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__, corpus=False)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument(
        "--extras", action="store_true", help="dots, grey areas and arrows too; the frozen set has none"
    )
    parser.add_argument("--looks", choices=("plain", "textbook"), default="plain", help="black on white, or all looks")
    args = parser.parse_args()
    textbook = args.looks == "textbook"
    spec = FigurePool(args.out, tuple(args.fonts), args.seed, args.frozen, args.extras, textbook)
    draw = functools.partial(begin_drawing, spec)
    begin = functools.partial(group_writer, draw, spec.out, TEXTBOOK_GROUP_SIZE if textbook else GROUP_SIZE, spec.seed)
    write_pool(args, begin, functools.partial(render_frozen, spec))


if __name__ == "__main__":
    main()
