"""Pools of synthetic charts on disk, and the frozen validation set.

`python -m ocr2.synth.charts.pool OUT --groups 40` writes `group-00000.npz`, ...: pictures as PNG in one row of bytes,
their ends, and the records as lines of JSON. `--held-out` writes the validation split: unseen fonts, names, tables,
palettes and style sheets; `--frozen` the 2,000 charts of the grid below, once, with their hash.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ocr2.synth.charts.content import Kind
from ocr2.synth.charts.engine import ChartEngine, ChartSample, Renderer
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.tables import load_tables
from ocr2.synth.charts.words import Words
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.groups import TextPool, group_writer, map_in_processes, pool_parser, write_frozen, write_pool

GROUP_SIZE = 512
# The frozen set: charts of each kind, half of them with printed values (roses all).
GRID: dict[Kind, int] = {
    "bar": 540, "hbar": 300, "line": 460, "area": 100, "scatter": 60, "pie": 200, "donut": 100, "rose": 40,
    "combo": 200,
}  # fmt: skip
FROZEN_SEED = 20_261_123


@dataclass(frozen=True, slots=True)
class PoolSpec(TextPool):
    """Everything that decides the charts of a pool."""

    only: Renderer | None = None


def build_engine(spec: PoolSpec) -> ChartEngine:
    """Build the engine of a pool."""
    words = Words.load(spec.corpus, held_out=spec.held_out)
    sampler = ContentSampler(words, load_tables(held_out=spec.held_out))
    fonts = FontLibrary.find(spec.fonts, held_out=spec.held_out)
    shares: dict[Renderer, float] | None = (
        {"fast": 0.2, "matplotlib": 0.45, "vega-lite": 0.35} if spec.held_out else None
    )
    if spec.only is not None:
        shares = {spec.only: 1.0}
    return ChartEngine(sampler, fonts, held_out=spec.held_out, shares=shares)


def begin_drawing(spec: PoolSpec) -> Callable[[Generator], ChartSample]:
    """Return a function that draws a chart."""
    return build_engine(spec).draw


def begin_frozen(spec: PoolSpec) -> Callable[[tuple[int, Kind, bool]], ChartSample]:
    """Return a function that draws a chart of the frozen set by number, kind, and whether values are printed."""
    engine = build_engine(spec)

    def draw(task: tuple[int, Kind, bool]) -> ChartSample:
        number, kind, printed = task
        for attempt in range(20):
            try:
                return engine.draw(np.random.default_rng([FROZEN_SEED, number, attempt]), kind, printed)
            except RuntimeError:
                continue
        raise RuntimeError(f"chart {number} of kind {kind} cannot be drawn")

    return draw


def render_frozen(spec: PoolSpec, *, workers: int) -> str:
    """Write the frozen validation set as `frozen.npz`; returns its sha256."""
    tasks: list[tuple[int, Kind, bool]] = []
    for kind, count in GRID.items():
        tasks += [(len(tasks) + i, kind, kind == "rose" or i % 2 == 0) for i in range(count)]
    begin = functools.partial(begin_frozen, spec)
    return write_frozen(spec.out, lambda: list(map_in_processes(begin, tasks, workers=workers, chunksize=8)))


def main() -> None:
    """Render from the command line."""
    parser = pool_parser(__doc__)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--only", choices=("fast", "matplotlib", "vega-lite"), help="one renderer instead of all")
    args = parser.parse_args()
    spec = PoolSpec(args.out, tuple(args.fonts), args.corpus, args.seed, args.held_out or args.frozen, args.only)
    draw = functools.partial(begin_drawing, spec)
    begin = functools.partial(group_writer, draw, spec.out, GROUP_SIZE, spec.seed)
    write_pool(args, begin, functools.partial(render_frozen, spec, workers=args.workers))


if __name__ == "__main__":
    main()
