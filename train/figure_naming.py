"""Fit which side, angle, arc or line a figure's writing names; prints the weights of `ocr2.reading.figures.candidates`.

    python -m ocr2.train.figure_naming runs/textbook

Strokes, marks and writing are taken as the records of `ocr2.synth.geometry.textbook` have them; writing that stands
far from what it names, and is led there by an arrow, is left out.
"""

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ocr2.geometry.parts import Point
from ocr2.models.protocols import TextBox
from ocr2.reading.figures.candidates import WEIGHTS, Candidate, Parts, candidates_of, parts_of
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Arc, Circle, LabelKind, Mark, Segment
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.groups import read_group
from ocr2.train.pools import find_groups

SCALE = 20.0  # pixels of a unit
NEAR = 0.25  # units that a point is off
ASIDE = 6.0  # degrees that a way is off
KINDS: tuple[LabelKind, ...] = ("angle", "side", "arc", "line", "free")
DECAY = 1e-3
EVERY = 10  # one figure in so many is for validation

Example = tuple[list[Candidate], int]  # what writing may name, and which it is


def examples_of(record: FigureRecord) -> Iterator[Example]:
    """Yield the writing of a figure that is among its candidates."""
    geometry = _geometry(record)
    parts = parts_of(geometry)
    marks = [
        Mark(kind, int(count), _pixel((float(x), float(y))), ())  # type: ignore[arg-type]  # a kind of marks
        for kind, count, x, y, *_ in record.get("marks", ())
    ]
    for text, kind, *values in record.get("texts", ()):
        if kind == "point":
            continue
        numbers = [float(v) for v in values]
        (left, bottom), (right, top) = _pixel((numbers[0], numbers[1])), _pixel((numbers[2], numbers[3]))
        candidates = candidates_of(TextBox(str(text), (left, top, right, bottom)), parts, marks)
        wanted = [_pixel((x, y)) for x, y in zip(numbers[4::2], numbers[5::2], strict=True)]
        right_ones = [i for i, c in enumerate(candidates) if _is(c, str(kind), wanted, parts)]
        if right_ones:
            yield candidates, right_ones[0]


def _pixel(place: Point) -> Point:
    return (place[0] + 10) * SCALE, (10 - place[1]) * SCALE


def _geometry(record: FigureRecord) -> Geometry:
    heads = [_pixel((x, y)) for x, y in record.get("arrows", ())]
    segments = []
    for a, b, c, d in record["segments"]:
        start, end = _pixel((a, b)), _pixel((c, d))
        tips = [any(math.dist(p, head) < 1 for head in heads) for p in (start, end)]
        segments.append(Segment(start, end, arrows=(tips[0], tips[1])))
    circles = [Circle(_pixel((x, y)), r * SCALE) for x, y, r in record["circles"]]
    arcs = [Arc(_pixel((x, y)), r * SCALE, start, end) for x, y, r, start, end in record.get("arcs", ())]
    return Geometry(tuple(segments), tuple(circles), tuple(arcs))


def _is(candidate: Candidate, kind: str, wanted: Sequence[Point], parts: Parts) -> bool:
    named = candidate.named
    if named.kind != kind:
        return False
    near = NEAR * SCALE
    if kind == "arc":
        middle = next(m for name, m, _ in parts.rounds if name == named.round)
        return math.dist(middle, wanted[0]) < near
    if kind == "angle":
        vertex, first, second = wanted
        if math.dist(named.points[1], vertex) > near:
            return False
        told = [math.atan2(p[1] - vertex[1], p[0] - vertex[0]) for p in (first, second)]
        seen = [math.atan2(named.points[i][1] - vertex[1], named.points[i][0] - vertex[0]) for i in (0, 2)]
        orders = (told, told[::-1])
        return any(
            all(abs(math.degrees(math.remainder(s - t, 2 * math.pi))) < ASIDE for s, t in zip(seen, order, strict=True))
            for order in orders
        )
    ends = set(range(len(wanted)))
    return kind == "free" or all(min(math.dist(p, wanted[i]) for i in ends) < near for p in named.points)


def fit(examples: Sequence[Example]) -> dict[LabelKind, tuple[float, ...]]:
    """Return the weights that make what is right most likely among the candidates."""
    size = len(WEIGHTS["free"])
    longest = max(len(candidates) for candidates, _ in examples)
    rows: NDArray[np.float32] = np.zeros((len(examples), longest, len(KINDS) * size), np.float32)
    valid = np.zeros((len(examples), longest), np.bool_)
    for i, (candidates, _) in enumerate(examples):
        for j, candidate in enumerate(candidates):
            at = KINDS.index(candidate.named.kind) * size
            rows[i, j, at : at + size] = candidate.features
            valid[i, j] = True
    x, ok = torch.from_numpy(rows), torch.from_numpy(valid)
    wanted = torch.tensor([right for _, right in examples])
    weights = torch.zeros(len(KINDS) * size, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        scores = (x @ weights).masked_fill(~ok, -1e4)
        loss = torch.nn.functional.cross_entropy(scores, wanted) + DECAY * weights.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type here
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    found = weights.detach().reshape(len(KINDS), size).tolist()
    return {kind: tuple(round(v, 3) for v in row) for kind, row in zip(KINDS, found, strict=True)}


def share_right(examples: Sequence[Example], weights: dict[LabelKind, tuple[float, ...]]) -> dict[str, float]:
    """Return how much of the writing gets what it names, by kind."""
    right: dict[str, list[bool]] = defaultdict(list)
    for candidates, wanted in examples:
        scores = [sum(w * f for w, f in zip(weights[c.named.kind], c.features, strict=True)) for c in candidates]
        right[candidates[wanted].named.kind].append(int(np.argmax(scores)) == wanted)
    return {kind: float(np.mean(values)) for kind, values in sorted(right.items())}


def main() -> None:
    """Fit from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pools", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=12_000, help="figures")
    args = parser.parse_args()
    records = [record for path in find_groups(args.pools) for _, record in read_group(path)][: args.most]
    parts: tuple[list[Example], list[Example]] = [], []
    for i, record in enumerate(records):
        parts[i % EVERY == 0].extend(examples_of(record))
    training, validation = parts
    weights = fit(training)
    print(f"{len(training)} pieces of writing; right, by kind, of {len(validation)} others:")
    for name, told in (("before", WEIGHTS), ("fitted", weights)):
        print(name, " ".join(f"{kind} {share:.3f}" for kind, share in share_right(validation, told).items()))
    for kind, row in weights.items():
        print(f'    "{kind}": {row},')


if __name__ == "__main__":
    main()
