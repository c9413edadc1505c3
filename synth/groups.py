"""Groups of synthetic pictures on disk, drawn in parallel: the files of all pools of pictures.

A group is one file: concatenated PNG pictures, their ends, and the records as lines of JSON. It appears under its name
only when it is complete, and depends on its number, the seed and the engine alone.
"""

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")


class Drawn(Protocol):
    """A picture and its record."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Grey (height, width), or RGB (height, width, 3)."""

    @property
    def record(self) -> Mapping[str, object]:
        """The truth about the picture, as JSON can hold it."""


Draw = Callable[[Generator], Drawn]


@dataclass(frozen=True, slots=True)
class FontPool:
    """Where a pool is written, and the fonts that its pictures are drawn with."""

    out: Path
    fonts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class TextPool(FontPool):
    """What decides the pictures of a pool that are drawn with fonts and text."""

    corpus: Path
    seed: int
    held_out: bool  # the validation split: unseen fonts and text


def pool_parser(description: str | None, *, fonts: bool = True, corpus: bool = True) -> argparse.ArgumentParser:
    """Build the parser of a pool's command: folder, numbers of groups, seed, processes.

    Args:
        description: Description of the command.
        fonts: Whether to add the folders of fonts.
        corpus: Whether to add the text corpus.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("out", type=Path)
    parser.add_argument("--first", type=int, default=0, help="number of the first group")
    parser.add_argument("--groups", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    if fonts:
        parser.add_argument("--fonts", type=Path, nargs="+", default=[Path("/usr/share/fonts")])
    if corpus:
        parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/train.jsonl.gz"))
    return parser


def group_numbers(args: argparse.Namespace) -> range:
    """Return the numbers of the groups that a pool's command names."""
    return range(args.first, args.first + args.groups)


def write_groups(args: argparse.Namespace, begin: Callable[[], Callable[[int], Path]]) -> None:
    """Write the groups that a pool's command names in parallel processes, and print the path of each.

    Args:
        args: Of the command; they name the folder, the groups and the number of processes.
        begin: Returns the function that writes a group by its number; called once in each process.
    """
    args.out.mkdir(parents=True, exist_ok=True)
    for path in map_in_processes(begin, group_numbers(args), workers=args.workers):
        print(path, flush=True)


def write_pool(args: argparse.Namespace, begin: Callable[[], Callable[[int], Path]], frozen: Callable[[], str]) -> None:
    """Write the groups that a pool's command names, or its frozen set, and print their paths or its hash.

    Args:
        args: Of the command, whose option `frozen` asks for the set.
        begin: As of `write_groups`.
        frozen: Writes the set; returns its sha256.
    """
    if args.frozen:
        print(frozen())
    else:
        write_groups(args, begin)


def group_path(folder: Path, number: int) -> Path:
    """Return the path of a group."""
    return folder / f"group-{number:05}.npz"


def write_group(path: Path, samples: Sequence[Drawn]) -> None:
    """Write pictures and records so that a reader never sees half a file."""
    pictures = [_png(sample.pixels) for sample in samples]
    ends = np.cumsum([len(p) for p in pictures])
    lines = "\n".join(
        json.dumps(sample.record, ensure_ascii=False, separators=(",", ":")) for sample in samples
    ).encode()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.npz")
    np.savez(unfinished, pictures=np.concatenate(pictures), ends=ends, records=np.frombuffer(lines, np.uint8))
    unfinished.replace(path)


def read_group(path: Path) -> list[tuple[NDArray[np.uint8], Any]]:
    """Read a group: each picture's PNG bytes and its record."""
    with np.load(path, allow_pickle=False) as data:
        pictures, ends, lines = data["pictures"], data["ends"], data["records"].tobytes().decode().split("\n")
    starts = [0, *ends[:-1].tolist()]
    return [
        (pictures[start:end], json.loads(line)) for start, end, line in zip(starts, ends.tolist(), lines, strict=True)
    ]


def decode(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn PNG bytes into pixels (height, width, 3)."""
    pixels = cv2.imdecode(picture, cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.ascontiguousarray(pixels[..., ::-1])


def decode_gray(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn PNG bytes into pixels (height, width)."""
    pixels = cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def _png(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    ok, data = cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    assert ok
    return data.ravel()


def render_groups(
    begin: Callable[[], Draw], out: Path, numbers: Iterable[int], *, size: int, seed: int, workers: int | None
) -> Iterator[Path]:
    """Draw groups in parallel processes; groups that exist are kept.

    Args:
        begin: Function that returns the drawing function; called once in each process.
        out: Folder of the pool.
        numbers: Numbers of the groups.
        size: Pictures of a group.
        seed: Seed of the pool.
        workers: Number of processes; None for one a core.
    """
    out.mkdir(parents=True, exist_ok=True)
    start = functools.partial(group_writer, begin, out, size, seed)
    return map_in_processes(start, numbers, workers=workers)


def group_writer(begin: Callable[[], Draw], out: Path, size: int, seed: int) -> Callable[[int], Path]:
    """Return a function that writes a group; one that exists is kept. Arguments are those of `render_groups`."""
    draw = begin()

    def write(number: int) -> Path:
        path = group_path(out, number)
        if not path.exists():
            write_group(path, [draw(np.random.default_rng([seed, number, i])) for i in range(size)])
        return path

    return write


def map_in_processes(
    begin: Callable[[], Callable[[T], R]], tasks: Iterable[T], *, workers: int | None, chunksize: int = 1
) -> Iterator[R]:
    """Map a function over tasks in parallel, in their order; it is built once in each process, as fonts load slowly.

    Processes are spawned: a forked one may wait for ever for threads that it did not inherit.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=_begin, initargs=(begin,)) as executor:
        yield from executor.map(_apply, tasks, chunksize=chunksize)


_Function = Callable[[Any], Any]  # its types are those of the call of `map_in_processes`
_function: _Function | None = None


def _begin(begin: Callable[[], _Function]) -> None:
    global _function
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")
    _function = begin()


def _apply(task: Any) -> Any:
    assert _function is not None
    return _function(task)


def write_frozen(out: Path, draw: Callable[[], Sequence[Drawn]]) -> str:
    """Write a frozen validation set as `frozen.npz`; returns its sha256.

    Args:
        out: Folder of the set.
        draw: Function that returns the pictures.

    Raises:
        FileExistsError: If there is one.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "frozen.npz"
    if path.exists():
        raise FileExistsError(f"{path} is there: a frozen set is made once")
    write_group(path, draw())
    return hashlib.sha256(path.read_bytes()).hexdigest()
