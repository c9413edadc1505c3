"""slowperception-nano on the frozen figures: the network by ruler, and all of `ocr2 trace`.

    PYTHONPATH=. python benchmarks/traces.py --val runs/geometry-val [--every 1] [--weights FILE] [--by-scene]

The first table is the network's own answer for each ruler: F1 of segments by their ends within 0.5 and 0.25 units,
of circles within 0.5, and the score of the authors' script (docs/eval.md, "Traces"). The second is `ocr2 trace`: what
its geometry makes of the answer, dashes of segments that were found, letters at their points; of figures as textbooks
show them (frozen set 2, `--val runs/textbook-val`) also marks, measures and arrowheads. Percent.
"""

import argparse
import functools
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.trace_parts import (
    arrow_counts,
    mark_counts,
    measure_counts,
    redrawn_difference,
    rounds_of_record,
    rounds_of_trace,
)
from ocr2.metrics.traces import Circle, Counts, Segment, circle_counts, mean_f1, segment_counts, sp1_mean, sp1_score
from ocr2.models.protocols import LineReader
from ocr2.models.registry import load_line_reader, load_tracer
from ocr2.models.spec import TEXT_IN_FIGURES
from ocr2.options import FigureOptions, LoadOptions
from ocr2.reading.figures.read import read_traces
from ocr2.results.figure import Trace
from ocr2.slowperception.nano.ink import ink_of
from ocr2.slowperception.nano.reader import NanoTracer
from ocr2.synth.groups import decode, read_group

UNITS = 20.0  # across a frozen figure
LETTER = 0.9  # units around a letter's middle that do not count when figures are drawn again
NEAR = 0.5  # units: a letter's point, a dashed segment's ends


@functools.cache
def load_text_reader() -> LineReader:
    """Return the model that reads letters."""
    return load_line_reader(TEXT_IN_FIGURES)


@dataclass(frozen=True, slots=True)
class Sample:
    """A frozen figure."""

    picture: NDArray[np.uint8]  # (side, side, 3)
    record: dict[str, Any]

    @property
    def segments(self) -> list[Segment]:
        """The truth, units."""
        return [((a, b), (c, d)) for a, b, c, d in self.record["segments"]]

    @property
    def circles(self) -> list[Circle]:
        """The truth, units."""
        return rounds_of_record(self.record)


@dataclass(slots=True)
class Score:
    """Counts of figures."""

    half: list[Counts] = field(default_factory=list)
    quarter: list[Counts] = field(default_factory=list)
    circles: list[Counts] = field(default_factory=list)
    sp1: list[list[Counts]] = field(default_factory=lambda: [[], [], [], []])  # at 0.75, short, long; at 0.9

    def add(self, sample: Sample, segments: Sequence[Segment], circles: Sequence[Circle]) -> None:
        """Count one figure."""
        self.half.append(segment_counts(segments, sample.segments, tolerance=0.5))
        self.quarter.append(segment_counts(segments, sample.segments, tolerance=0.25))
        if circles or sample.circles:
            self.circles.append(circle_counts(circles, sample.circles))
        usual, strict = (sp1_score(segments, sample.segments, threshold=t) for t in (0.75, 0.9))
        for row, counts in zip(self.sp1, (usual.all, usual.short, usual.long, strict.all), strict=True):
            row.append(counts)

    def row(self) -> list[str]:
        """Return the cells of a table."""
        sound = [100 * mean_f1(counts) for counts in (self.half, self.quarter, self.circles)]
        usual, short, long, strict = (sp1_mean(counts) for counts in self.sp1)
        published = [usual[0], short[0], long[0], usual[1], usual[2], strict[0]]
        return [f"{v:.1f}" for v in (*sound, *(100 * v for v in published))]


HEAD = ("figures", "ends .5", "ends .25", "circles", "SP1", "short", "long", "P", "R", "SP1 .9")


def by_ruler(tracer: NanoTracer, samples: Sequence[Sample]) -> None:
    """Print the network's own scores for each ruler."""
    print_row("ruler", HEAD)
    inks = [ink_of(sample.picture, tracer.nano.config.side) for sample in samples]
    for ruler in tracer.rulers:
        score = Score()
        for sample, sight in zip(samples, tracer.trace_inks(inks, ruler=ruler), strict=True):
            writing = sight.writing().writing
            score.add(sample, [(s[0], s[-1]) for s in writing.strokes], writing.circles)
        print_row(f"{ruler:g}", [str(len(samples)), *score.row()])


def whole_path(tracer: NanoTracer, samples: Sequence[Sample], *, by_scene: bool) -> None:
    """Print the scores of `ocr2 trace`."""
    scores: dict[str, Score] = defaultdict(Score)
    refused, begun = 0, time.perf_counter()
    differences: list[float] = []
    parts: dict[str, Counts] = defaultdict(lambda: Counts(0, 0, 0))
    for sample in samples:
        (trace,) = read_traces(sample.picture, tracer, FigureOptions(), text_reader=load_text_reader)
        refused += trace.error is not None
        segments = [(to_units(s.start, sample), to_units(s.end, sample)) for s in trace.segments]
        unit = sample.picture.shape[0] / UNITS
        circles = [(*to_units(middle, sample), radius / unit) for middle, radius in rounds_of_trace(trace)]
        for name in ("all", sample.record["scene"]) if by_scene else ("all",):
            scores[name].add(sample, segments, circles)
        parts["dashed"] += dash_counts(trace, segments, sample)
        parts["letters"] += letter_counts(trace, sample)
        for name, counts in more_counts(trace, sample).items():
            parts[name] += counts
        if not sample.record["signs"]:  # signs of frozen set 1 have no places
            written = [to_pixels((x, y), sample) for _, _, _, x, y in sample.record["letters"]]
            differences += [
                d for d in [redrawn_difference(trace, sample.picture, written, LETTER * unit)] if d is not None
            ]
    print_row("ocr2 trace", HEAD)
    for name, score in scores.items():
        print_row(name, [str(len(score.half)), *score.row()])
    for name, counts in parts.items():
        if counts.truths:
            print(f"{name}: {counts.truths}, precision {100 * counts.precision:.1f}, recall {100 * counts.recall:.1f}")
    if differences:
        print(f"ink that differs when drawn again: median {100 * np.median(differences):.1f} %, ", end="")
        print(f"mean {100 * np.mean(differences):.1f} % ({len(differences)} figures without signs)")
    print(f"refused: {refused}; {(time.perf_counter() - begun) / max(1, len(samples)):.2f} s a figure")


def more_counts(trace: Trace, sample: Sample) -> dict[str, Counts]:
    """Count what figures of textbooks have besides strokes and letters."""
    units = functools.partial(to_units, sample=sample)
    found = {
        "marks": mark_counts(trace, sample.record, units, placed=False),
        "marks at what they mark": mark_counts(trace, sample.record, units, placed=True),
        "arrows": arrow_counts(trace, sample.record, units),
    }
    for kind in ("side", "angle"):
        placed, read = measure_counts(trace, sample.record, units, kind)
        found |= {f"measures at their {kind}s": placed, f"measures at their {kind}s, read": read}
    return found


def to_units(pixel: tuple[float, float], sample: Sample) -> tuple[float, float]:
    """Return a place in units of the frozen figure."""
    side = sample.picture.shape[0]
    return pixel[0] / side * UNITS - UNITS / 2, UNITS / 2 - pixel[1] / side * UNITS


def to_pixels(place: tuple[float, float], sample: Sample) -> tuple[float, float]:
    """Return a place of the frozen figure in pixels."""
    side = sample.picture.shape[0]
    return (place[0] + UNITS / 2) / UNITS * side, (UNITS / 2 - place[1]) / UNITS * side


def dash_counts(trace: Trace, segments: Sequence[Segment], sample: Sample) -> Counts:
    """Count dashed segments among those that were found."""
    found = answered = wanted = 0
    for truth, is_dashed in zip(sample.segments, sample.record["dashed"], strict=True):
        for segment, traced in zip(segments, trace.segments, strict=True):
            if segment_counts([segment], [truth], tolerance=NEAR).found:
                wanted += is_dashed
                answered += bool(traced.dashed)
                found += bool(traced.dashed) and is_dashed
                break
    return Counts(found, answered, wanted)


def letter_counts(trace: Trace, sample: Sample) -> Counts:
    """Count letters that were given to their points."""
    truth = {name: (x, y) for name, x, y, _, _ in sample.record["letters"]}
    named = {name: to_units(trace.points[name], sample) for name in trace.letters}
    found = sum(name in truth and math.dist(place, truth[name]) <= NEAR for name, place in named.items())
    return Counts(found, len(named), len(truth))


def print_row(name: str, cells: Sequence[str]) -> None:
    """Print a line of a table."""
    print(name.ljust(14) + "".join(cell.rjust(10) for cell in cells), flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--val", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--by-scene", action="store_true")
    parser.add_argument("--only", choices=("rulers", "path"))
    args = parser.parse_args()
    tracer = load_tracer("slowperception-nano", LoadOptions(weights=args.weights))
    assert isinstance(tracer, NanoTracer)
    samples = [Sample(decode(png), record) for png, record in read_group(args.val / "frozen.npz")[:: args.every]]
    if args.only != "path":
        by_ruler(tracer, samples)
    if args.only != "rulers":
        whole_path(tracer, samples, by_scene=args.by_scene)


if __name__ == "__main__":
    main()
