"""Line strips cut out of synthetic charts as reading cuts them, with their text.

`python -m ocr2.synth.charts.strips OUT --charts FOLDER ...` turns every group of charts into groups like those of
`ocr2.synth.pool`, for the strip reader's training: small print, turned labels, values on coloured bars.
"""

import argparse
import os
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
from ocr2.synth.charts.records import ChartRecord
from ocr2.synth.charts.targets import lines_of
from ocr2.synth.groups import decode, group_path, read_group
from ocr2.synth.pool import Sample, sort_samples, write_group
from ocr2.tiling.strips import crop_strip

JITTER = 0.07  # deviation of a detected box, as a fraction of the line's height
MIN_HEIGHT = 6.0  # pixels of a line that can be read


def strips_of(picture: NDArray[np.uint8], record: ChartRecord, rng: Generator) -> Iterator[Sample]:
    """Yield strips of a chart (height, width, 3) and their ids; lines that reading would cut are left out."""
    vocabulary = load_vocabulary()
    known = frozenset(vocabulary.characters)
    widest = PRESETS["got-nano"].image_widths[-1]
    for line in lines_of(record):
        text = " ".join(line.text.text.split())
        if line.text.height < MIN_HEIGHT or not text or not known.issuperset(text):
            continue
        piece = gray_by_ground(cut_upright(picture, _shaken(line.text, rng)))
        boxes = strips_in(piece, widest)
        if len(boxes) == 1:
            yield crop_strip(piece, boxes[0].box), vocabulary.encode(text)


def _shaken(place: TextBox, rng: Generator) -> TextBox:
    off = rng.normal(0, JITTER * place.height, 4)
    left, top, right, bottom = place.box
    angle = place.angle + (float(rng.normal(0, 1.0)) if place.angle % 90 else 0.0)
    return TextBox("", (left + off[0], top + off[1], right + off[2], bottom + off[3]), angle)


def _work(task: tuple[Path, Path, int]) -> Path:
    charts, out, number = task
    path = group_path(out, number)
    if not path.exists():
        samples: list[Sample] = []
        for i, (png, record) in enumerate(read_group(charts)):
            samples += strips_of(decode(png), record, np.random.default_rng([number, i]))
        write_group(path, sort_samples(samples))
    return path


def cut_pool(charts: Sequence[Path], out: Path, *, workers: int) -> Iterator[Path]:
    """Write a group of strips for each group of charts, in parallel processes; groups that exist are kept."""
    out.mkdir(parents=True, exist_ok=True)
    tasks = [(path, out, i) for i, path in enumerate(charts)]
    with ProcessPoolExecutor(workers) as executor:
        yield from executor.map(_work, tasks)


def main() -> None:
    """Cut from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--charts", type=Path, nargs="+", required=True, help="folders of `ocr2.synth.charts.pool`")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    charts = [path for folder in args.charts for path in sorted(folder.glob("group-*.npz"))]
    for path in cut_pool(charts, args.out, workers=args.workers):
        print(path, flush=True)


if __name__ == "__main__":
    main()
