"""Figures to be compared: traces as `ocr2 trace` writes them, and the lists of the authors' benchmark.

All become model units: twentieths of the picture's longer side, y up, the middle 0.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocr2.metrics.inputs import Item, is_hidden, read_text, stem_of
from ocr2.metrics.pairs import PairSet, match_items
from ocr2.metrics.traces import Circle, Point, Segment

REACH = 10.0


@dataclass(frozen=True, slots=True)
class TracedFigure:
    """What is in a figure, or was traced."""

    name: str
    key: str = ""  # by which it is matched
    segments: tuple[Segment, ...] = ()
    circles: tuple[Circle, ...] = ()


@dataclass(frozen=True, slots=True)
class TracePair:
    """A figure, and what was traced; None if nothing was."""

    truth: TracedFigure
    answer: TracedFigure | None

    @property
    def name(self) -> str:
        """Name of the figure."""
        return self.truth.name

    @property
    def missing(self) -> bool:
        """Whether nothing was traced."""
        return self.answer is None


TracePairs = PairSet[TracePair]


def load_trace_pairs(truths: Path, answers: Path) -> TracePairs:
    """Read both sides and match them by the name of the picture without its ending, and the page.

    Args:
        truths: A JSON list of records, one JSON record, or a folder of files with either. A record is a trace as
            `ocr2 trace` writes it, or the authors' {name: [[[x, y], [x, y]], ...]}.
        answers: Likewise.

    Raises:
        ValueError: If a side cannot be understood, nothing matches, or several figures have one name.
        OSError: If a file cannot be read.
    """
    (left, left_files), (right, right_files) = _read_side(truths), _read_side(answers)
    single = len(left) == len(right) == len(left_files) == len(right_files) == 1
    found = {0: 0} if single else match_items(_items(left), _items(right))
    if not found:
        raise ValueError(f"no name of {truths} is one of {answers}: {_examples(left)} there, {_examples(right)} here")
    pairs = tuple(TracePair(truth, right[found[i]] if i in found else None) for i, truth in enumerate(left))
    taken = set(found.values())
    unmatched = tuple(figure.name for i, figure in enumerate(right) if i not in taken)
    return TracePairs(pairs, unmatched, (*left_files, *right_files))


def _items(figures: list[TracedFigure]) -> list[Item]:
    return [Item("", figure.name, figure.key) for figure in figures]


def _examples(figures: list[TracedFigure]) -> str:
    names = [repr(figure.name) for figure in figures[:2]]
    return ", ".join(names) + (", ..." if len(figures) > 2 else "")


def _read_side(source: Path) -> tuple[list[TracedFigure], list[Path]]:
    paths = [source]
    if source.is_dir():
        paths = sorted(p for p in source.rglob("*.json") if not is_hidden(p.relative_to(source)))
    if not paths:
        raise ValueError(f"{source}: expected traces (.json), found none")
    figures = [figure for path in paths for figure in _read_file(path)]
    if not figures:
        raise ValueError(f"{source}: there are no figures in it")
    return figures, paths


def _read_file(path: Path) -> list[TracedFigure]:
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON ({error})") from error
    records = content if isinstance(content, list) else [content]
    figures: list[TracedFigure] = []
    for number, record in enumerate(records, start=1):
        where = f"record {number} of {path}" if isinstance(content, list) else str(path)
        if not isinstance(record, dict):
            raise ValueError(f"{where}: expected an object, got {type(record).__name__}")
        try:
            figures += [_ours(record, path)] if "segments" in record else _theirs(record)
        except (TypeError, KeyError, IndexError, ValueError) as error:
            problem = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"{where}: neither a trace nor {{name: [[[x, y], [x, y]], ...]}} ({problem})") from error
    return figures


def _ours(record: dict[str, Any], path: Path) -> TracedFigure:
    page, name = record.get("page"), str(record.get("file", path.stem))
    mark = f"#{page}" if isinstance(page, int) and page > 1 else ""
    width, height = float(record["width"]), float(record["height"])
    unit = max(width, height) / (2 * REACH) or 1.0

    def at(point: Sequence[float]) -> Point:
        x, y = _point(point)
        return (x - width / 2) / unit, (height / 2 - y) / unit

    return TracedFigure(
        name + mark,
        stem_of(name) + mark,
        tuple((at(s["start"]), at(s["end"])) for s in record["segments"]),
        tuple((*at(c["center"]), float(c["radius"]) / unit) for c in record.get("circles", ())),
    )


def _theirs(record: Mapping[str, Sequence[Segment]]) -> list[TracedFigure]:
    return [
        TracedFigure(name, stem_of(name), tuple((_point(start), _point(end)) for start, end in segments))
        for name, segments in record.items()
    ]


def _point(value: Sequence[float]) -> Point:
    x, y = (float(v) for v in value)
    if not math.isfinite(x) or not math.isfinite(y):
        raise ValueError(f"a coordinate is {value}")
    return x, y
