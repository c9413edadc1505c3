"""Pools of line strips on disk: rendered once on all cores, read many times by the trainer.

`python -m ocr2.synth.pool OUT --groups 80` writes `group-00000.npz`, ...; a group is a pure function of its
number, the seed, the fonts and the corpus. A file appears under its name only when it is complete.
"""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr2.decoder.tokenizer import CharacterTokenizer
from ocr2.got.config import PRESETS
from ocr2.got.nano.reader import load_vocabulary
from ocr2.synth.corpus import Corpus
from ocr2.synth.fonts import FontLibrary, bitmap_faces, script_faces
from ocr2.synth.groups import TextPool, group_path, pool_parser, write_groups
from ocr2.synth.strips import StripEngine
from ocr2.synth.texts import TextSampler
from ocr2.tiling.strips import pad_strip

GROUP_SIZE = 3072  # strips

Sample = tuple[NDArray[np.uint8], list[int]]  # pixels (height, width), target ids


@dataclass(frozen=True, slots=True)
class PoolSpec(TextPool):
    """Everything that decides the pixels of a pool."""

    strength: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """Strips of one width and their target ids, padded with 0."""

    pixels: NDArray[np.uint8]  # (n, height, width)
    targets: NDArray[np.uint16]  # (n, longest)
    lengths: NDArray[np.int64]  # (n,)


def read_group(path: Path) -> dict[int, Bucket]:
    """Read one group, by strip width."""
    with np.load(path, allow_pickle=False) as data:
        widths = sorted(int(name.split("_")[1]) for name in data.files if name.startswith("pixels_"))
        return {
            w: Bucket(data[f"pixels_{w}"], data[f"targets_{w}"], data[f"lengths_{w}"].astype(np.int64)) for w in widths
        }


def render_group(engine: StripEngine, tokenizer: CharacterTokenizer, *, seed: int, number: int) -> dict[int, Bucket]:
    """Draw the strips of one group and sort them by width."""
    strips = (engine.draw(np.random.default_rng([seed, number, i])) for i in range(GROUP_SIZE))
    return sort_samples([(strip.pixels, tokenizer.encode(strip.text)) for strip in strips])


def sort_samples(samples: Sequence[Sample]) -> dict[int, Bucket]:
    """Sort strips and their target ids by width, padded to the reader's widths."""
    widths = PRESETS["got-nano"].image_widths
    rows: dict[int, list[Sample]] = {w: [] for w in widths}
    for pixels, ids in samples:
        width = next(w for w in widths if pixels.shape[1] <= w)
        rows[width].append((pad_strip(pixels, width), ids))
    return {w: _stack(items) for w, items in rows.items() if items}


def _stack(items: Sequence[Sample]) -> Bucket:
    lengths = np.array([len(ids) for _, ids in items], np.int64)
    targets = np.zeros((len(items), max(1, int(lengths.max()))), np.uint16)
    for row, (_, ids) in zip(targets, items, strict=True):
        row[: len(ids)] = ids
    return Bucket(np.stack([pixels for pixels, _ in items]), targets, lengths)


def write_group(path: Path, group: dict[int, Bucket]) -> None:
    """Write a group so that a reader never sees half of it."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for width, bucket in group.items():
        arrays[f"pixels_{width}"] = bucket.pixels
        arrays[f"targets_{width}"] = bucket.targets
        arrays[f"lengths_{width}"] = bucket.lengths
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(path)


def build_engine(spec: PoolSpec) -> StripEngine:
    """Build the strip engine of a pool."""
    preset = PRESETS["got-nano"]
    alphabet = "".join(load_vocabulary().characters)
    texts = TextSampler(Corpus.load(spec.corpus), alphabet)
    return StripEngine(
        FontLibrary.find(spec.fonts, held_out=spec.held_out),
        script_faces(spec.fonts),
        [] if spec.held_out else bitmap_faces(spec.fonts),
        texts,
        max_width=preset.image_widths[-1],
        strength=spec.strength,
    )


def begin_group(spec: PoolSpec) -> Callable[[int], Path]:
    """Return a function that writes a group of strips; one that exists is kept."""
    engine, tokenizer = build_engine(spec), load_vocabulary()

    def write(number: int) -> Path:
        path = group_path(spec.out, number)
        if not path.exists():
            write_group(path, render_group(engine, tokenizer, seed=spec.seed, number=number))
        return path

    return write


def main() -> None:
    """Render a pool from the command line."""
    parser = pool_parser(__doc__)
    parser.set_defaults(groups=80)
    parser.add_argument("--held-out", action="store_true", help="use the validation fonts")
    parser.add_argument("--strength", type=float, default=1.0)
    args = parser.parse_args()
    spec = PoolSpec(args.out, tuple(args.fonts), args.corpus, args.seed, args.held_out, args.strength)
    write_groups(args, functools.partial(begin_group, spec))


if __name__ == "__main__":
    main()
