"""Line strips cut out of figures as reading cuts them, with their text: names of points, measures, expressions.

`python -m ocr2.synth.geometry.textbook.strips OUT --figures FOLDER` turns groups of `ocr2.synth.geometry.pool` into
groups like those of `ocr2.synth.pool`, for the training of what reads the text of charts and figures.
"""

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.got.config import PRESETS
from ocr2.got.nano.reader import load_vocabulary
from ocr2.models.protocols import TextBox
from ocr2.reading.charts.text_at_boxes import cut_upright, gray_by_ground, strips_in
from ocr2.reading.figures.letters import without_strokes
from ocr2.reading.figures.paper import covered, ink_on_paper
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Arc, Circle, Segment
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.groups import decode, group_path, read_group
from ocr2.synth.pool import Sample, sort_samples, write_group
from ocr2.tiling.strips import crop_strip

JITTER = 0.05  # deviation of a found box, as a fraction of its height
MIN_HEIGHT = 6.0  # pixels of writing that can be read
UNITS = 20.0  # across a figure
ERASED = 0.8  # share of figures whose strokes are erased, as reading does with those that it found
RAISED = re.compile(r"[a-z]\d")  # a power that the record writes as letter and digit
REACH = 10.0


def strips_of(picture: NDArray[np.uint8], record: FigureRecord, rng: Generator) -> Iterator[Sample]:
    """Yield strips of a figure (side, side, 3) and their ids; writing that reading would cut is left out."""
    vocabulary = load_vocabulary()
    known = frozenset(vocabulary.characters)
    widest = PRESETS["got-nano"].image_widths[-1]
    unit = picture.shape[0] / UNITS
    paper = ink_on_paper(picture)
    if paper is not None and rng.random() < ERASED:
        picture = without_strokes(picture, covered(paper, geometry_of(record, unit)))
    for text, _, *values in record.get("texts", ()):
        left, bottom, right, top = (float(v) for v in values[:4])
        target = str(text).replace("−", "-")
        if (top - bottom) * unit < MIN_HEIGHT or not known.issuperset(target) or RAISED.fullmatch(target):
            continue
        off = rng.normal(0, JITTER * (top - bottom) * unit, 4)
        box = np.array([left + REACH, REACH - top, right + REACH, REACH - bottom]) * unit + off
        piece = gray_by_ground(cut_upright(picture, TextBox("", tuple(box.tolist()))))
        boxes = strips_in(piece, widest)
        if len(boxes) == 1:
            yield crop_strip(piece, boxes[0].box), vocabulary.encode(target)


def geometry_of(record: FigureRecord, unit: float) -> Geometry:
    """Return the strokes of a figure in pixels, so many of them a unit."""

    def at(x: float, y: float) -> tuple[float, float]:
        return (x + REACH) * unit, (REACH - y) * unit

    heads = {at(x, y) for x, y in record.get("arrows", ())}
    ends = [(at(a, b), at(c, d)) for a, b, c, d in record["segments"]]
    return Geometry(
        tuple(Segment(start, end, arrows=(start in heads, end in heads)) for start, end in ends),
        tuple(Circle(at(x, y), r * unit) for x, y, r in record["circles"]),
        tuple(Arc(at(x, y), r * unit, start, end) for x, y, r, start, end in record.get("arcs", ())),
    )


def _work(task: tuple[Path, Path, int]) -> Path:
    figures, out, number = task
    path = group_path(out, number)
    if not path.exists():
        samples: list[Sample] = []
        for i, (png, record) in enumerate(read_group(figures)):
            samples += strips_of(decode(png), record, np.random.default_rng([number, i]))
        write_group(path, sort_samples(samples))
    return path


def cut_pool(figures: Sequence[Path], out: Path, *, workers: int) -> Iterator[Path]:
    """Write a group of strips for each group of figures, in parallel processes; groups that exist are kept."""
    out.mkdir(parents=True, exist_ok=True)
    tasks = [(path, out, i) for i, path in enumerate(figures)]
    with ProcessPoolExecutor(workers) as executor:
        yield from executor.map(_work, tasks)


def main() -> None:
    """Cut from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--figures", type=Path, nargs="+", required=True, help="folders of `ocr2.synth.geometry.pool`")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    figures = [path for folder in args.figures for path in sorted(folder.glob("group-*.npz"))]
    for path in cut_pool(figures, args.out, workers=args.workers):
        print(path, flush=True)


if __name__ == "__main__":
    main()
