"""Pools of figures on disk, and the frozen validation set.

`python -m ocr2.synth.geometry.pool OUT --groups 40` writes `group-00000.npz`, ...: pictures as PNG in one row of bytes,
their ends, and the records as lines of JSON. `--frozen` writes the 2,000 figures of the grid below, once, with their
hash: letters in unseen fonts, equally many figures of every scene, a stated share of them clean.
"""

import argparse
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.synth.charts.pool import group_path, write_group
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.engine import FigureEngine
from ocr2.synth.geometry.scenes import SCENES

GROUP_SIZE = 4096
# The frozen set: 16 scenes of 125 figures; of every five two clean, two with 55 % on paper, one on paper.
FROZEN_EACH = 125
FROZEN_STRENGTHS = (0.0, 0.0, 0.55, 0.55, 1.0)
FROZEN_SEED = 20_261_124


@dataclass(frozen=True, slots=True)
class FigurePool:
    """Everything that decides the figures of a pool."""

    out: Path
    fonts: tuple[Path, ...]
    seed: int
    held_out: bool
    extras: bool = False


def decode_gray(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn PNG bytes into pixels (height, width)."""
    pixels = cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


_engine: tuple[FigureEngine, FigurePool] | None = None


def _start(spec: FigurePool) -> None:
    global _engine  # one engine a process: fonts take a while to be found
    _engine = FigureEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out), extras=spec.extras), spec


def _work(number: int) -> Path:
    assert _engine is not None
    engine, spec = _engine
    path = group_path(spec.out, number)
    if not path.exists():
        rngs = (np.random.default_rng([spec.seed, number, i]) for i in range(GROUP_SIZE))
        write_group(path, [engine.draw(rng) for rng in rngs])
    return path


def render_pool(spec: FigurePool, numbers: range, *, workers: int) -> Iterator[Path]:
    """Render groups in parallel processes; groups that exist are kept."""
    spec.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(spec,)) as executor:
        yield from executor.map(_work, numbers)


def render_frozen(spec: FigurePool) -> str:
    """Write the frozen validation set as `frozen.npz`; returns its sha256.

    Raises:
        FileExistsError: If it is there.
    """
    spec.out.mkdir(parents=True, exist_ok=True)
    path = spec.out / "frozen.npz"
    if path.exists():
        raise FileExistsError(f"{path} is there: a frozen set is made once")
    engine = FigureEngine(FontLibrary.find(spec.fonts, held_out=spec.held_out))
    samples = []
    for s, scene in enumerate(SCENES):
        for i in range(FROZEN_EACH):
            rng = np.random.default_rng([FROZEN_SEED, s, i])
            samples.append(engine.draw(rng, scene, strength=FROZEN_STRENGTHS[i % len(FROZEN_STRENGTHS)]))
    write_group(path, samples)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Render from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--groups", type=int, default=40)
    parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument(
        "--extras", action="store_true", help="dots, grey areas and arrows too; the frozen set has none"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    spec = FigurePool(args.out, tuple(args.fonts), args.seed, args.frozen, args.extras)
    if args.frozen:
        print(render_frozen(spec))
        return
    for path in render_pool(spec, range(args.first, args.first + args.groups), workers=args.workers):
        print(path, flush=True)


if __name__ == "__main__":
    main()
