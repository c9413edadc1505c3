"""Pools of charts on disk, and the frozen validation set.

`python -m ocr2.synth.charts.pool OUT --groups 40` writes `group-00000.npz`, ...: pictures as PNG in one row of bytes,
their ends, and the records as lines of JSON. `--held-out` writes the validation split: unseen fonts, names, tables,
palettes and style sheets; `--frozen` the 2,000 charts of the grid below, once, with their hash.
"""

import argparse
import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.synth.charts.content import Kind
from ocr2.synth.charts.engine import ChartEngine, ChartSample, Renderer, to_line
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.tables import load_tables
from ocr2.synth.charts.words import Words
from ocr2.synth.fonts import FontLibrary

GROUP_SIZE = 512
# The frozen set: charts of each kind, half of them with printed values (roses all).
GRID: dict[Kind, int] = {
    "bar": 540, "hbar": 300, "line": 460, "area": 100, "scatter": 60, "pie": 200, "donut": 100, "rose": 40,
    "combo": 200,
}  # fmt: skip
FROZEN_SEED = 20_261_123


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """Everything that decides the charts of a pool."""

    out: Path
    fonts: tuple[Path, ...]
    corpus: Path
    seed: int
    held_out: bool
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


class Drawn(Protocol):
    """A picture and what is in it."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Grey (height, width), or with three colours."""

    @property
    def record(self) -> dict[str, Any]:
        """What JSON can hold."""


def write_group(path: Path, samples: Sequence[Drawn]) -> None:
    """Write pictures and records so that a reader never sees half a file."""
    pictures = [_png(sample.pixels) for sample in samples]
    ends = np.cumsum([len(p) for p in pictures])
    lines = "\n".join(to_line(sample.record) for sample in samples).encode()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez(unfinished, pictures=np.concatenate(pictures), ends=ends, records=np.frombuffer(lines, np.uint8))
    unfinished.replace(path)


def read_group(path: Path) -> list[tuple[NDArray[np.uint8], dict[str, Any]]]:
    """Read a group: each picture's PNG bytes and its record."""
    with np.load(path, allow_pickle=False) as data:
        pictures, ends, lines = data["pictures"], data["ends"], data["records"].tobytes().decode().split("\n")
    starts = [0, *ends[:-1].tolist()]
    return [(pictures[a:b], json.loads(line)) for a, b, line in zip(starts, ends.tolist(), lines, strict=True)]


def decode(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn PNG bytes into pixels (height, width, 3)."""
    pixels = cv2.imdecode(picture, cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.ascontiguousarray(pixels[..., ::-1])


def group_path(folder: Path, number: int) -> Path:
    """Name of group `number`."""
    return folder / f"group-{number:05}.npz"


def _png(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ok, data = cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    assert ok
    return data.ravel()


_engine: tuple[ChartEngine, PoolSpec] | None = None


def _start(spec: PoolSpec) -> None:
    global _engine  # one engine a process: fonts and tables take seconds to load
    warnings.simplefilter("ignore")
    _engine = build_engine(spec), spec


def _work(number: int) -> Path:
    assert _engine is not None
    engine, spec = _engine
    path = group_path(spec.out, number)
    if not path.exists():
        rngs = (np.random.default_rng([spec.seed, number, i]) for i in range(GROUP_SIZE))
        write_group(path, [engine.draw(rng) for rng in rngs])
    return path


def render_pool(spec: PoolSpec, numbers: range, *, workers: int) -> Iterator[Path]:
    """Render groups in parallel processes; groups that exist are kept."""
    spec.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(spec,)) as executor:
        yield from executor.map(_work, numbers)


def _frozen_work(task: tuple[int, Kind, bool]) -> ChartSample:
    assert _engine is not None
    number, kind, printed = task
    for attempt in range(20):
        try:
            return _engine[0].draw(np.random.default_rng([FROZEN_SEED, number, attempt]), kind, printed)
        except RuntimeError:
            continue
    raise RuntimeError(f"chart {number} of kind {kind} cannot be drawn")


def render_frozen(spec: PoolSpec, *, workers: int) -> str:
    """Write the frozen validation set as `frozen.npz`; returns its sha256."""
    spec.out.mkdir(parents=True, exist_ok=True)
    tasks: list[tuple[int, Kind, bool]] = []
    for kind, count in GRID.items():
        tasks += [(len(tasks) + i, kind, kind == "rose" or i % 2 == 0) for i in range(count)]
    path = spec.out / "frozen.npz"
    if path.exists():
        raise FileExistsError(f"{path} is there: a frozen set is made once")
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(spec,)) as executor:
        write_group(path, list(executor.map(_frozen_work, tasks, chunksize=8)))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Render from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--groups", type=int, default=40)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/train.jsonl.gz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--only", choices=("fast", "matplotlib", "vega-lite"), help="one renderer instead of all")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    spec = PoolSpec(args.out, tuple(args.fonts), args.corpus, args.seed, args.held_out or args.frozen, args.only)
    if args.frozen:
        print(render_frozen(spec, workers=args.workers))
        return
    for path in render_pool(spec, range(args.first, args.first + args.groups), workers=args.workers):
        print(path, flush=True)


if __name__ == "__main__":
    main()
