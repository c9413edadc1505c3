"""How well a figure was traced: the published score of Slow Perception, and a sound one by ends and circles.

`sp1_score` follows the authors' script, with its weaknesses: a segment along an axis can never be found, for its
overlap on the other axis counts 0, and the two diagonals of one box count as equal (docs/eval.md, "Traces").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.metrics.assignment import assign
from ocr2.metrics.counts import MatchCounts

Point = tuple[float, float]
Segment = tuple[Point, Point]
Circle = tuple[float, float, float]  # x, y, radius

SAME_LINE = 1e-4  # of slope and intercept
LONG = 8.0  # units from which a segment is long
THRESHOLDS = (0.75, 0.9)  # of the overlap, strictly exceeded
TOLERANCES = (0.5, 0.25)  # units that an end, a centre or a radius may be off


@dataclass(frozen=True, slots=True)
class Counts(MatchCounts):
    """Of one figure, or of one part of it."""

    EMPTY = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.found + other.found, self.answers + other.answers, self.truths + other.truths)


@dataclass(frozen=True, slots=True)
class Sp1Score:
    """The published score of one figure; those of a set are plain means over figures."""

    all: Counts
    short: Counts  # segments below LONG units, on either side
    long: Counts


def sp1_score(answer: Sequence[Segment], truth: Sequence[Segment], *, threshold: float = THRESHOLDS[0]) -> Sp1Score:
    """Score a figure as the authors' script does.

    Args:
        answer: Segments of the model, gaze points left out; those on one line are joined first.
        truth: Segments of the figure, as they are.
        threshold: Overlap that a match must exceed.

    Examples:
        >>> sp1_score([((0, 0), (2, 3))], [((0, 0), (2, 3))]).all.f1
        1.0
        >>> sp1_score([((0, 0), (2, 0))], [((0, 0), (2, 0))]).all.f1
        0.0
    """
    joined = join_lines(answer)
    short, long = (
        _greedy([s for s in joined if _is_long(s) == is_long], [s for s in truth if _is_long(s) == is_long], threshold)
        for is_long in (False, True)
    )
    return Sp1Score(_greedy(joined, truth, threshold), short, long)


def _is_long(segment: Segment) -> bool:
    return math.dist(*segment) >= LONG


def join_lines(segments: Sequence[Segment]) -> list[Segment]:
    """Join all segments on one line, by slope and intercept, into one from its smallest to its largest end.

    As the authors' script does it, whether or not they touch.

    Examples:
        >>> join_lines([((0, 0), (1, 1)), ((3, 3), (2, 2)), ((0, 1), (1, 0))])
        [((0, 0), (3, 3)), ((0, 1), (1, 0))]
    """
    lines: list[tuple[tuple[float, float], list[Point]]] = []
    for start, end in segments:
        line = _line(start, end)
        for known, points in lines:
            if _same(known, line):
                points += [start, end]
                break
        else:
            lines.append((line, [start, end]))
    return [(min(points), max(points)) for _, points in lines]


def _line(start: Point, end: Point) -> tuple[float, float]:
    """Return slope and intercept; of an upright line infinity and its x."""
    if start[0] == end[0]:
        return math.inf, start[0]
    slope = (end[1] - start[1]) / (end[0] - start[0])
    return slope, start[1] - slope * start[0]


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    slopes = one[0] == other[0] or abs(one[0] - other[0]) < SAME_LINE
    return slopes and abs(one[1] - other[1]) < SAME_LINE


def overlap(one: Segment, other: Segment) -> float:
    """Return the mean of the overlaps (intersection over union) of two segments' shadows on the axes."""
    return (_shadow(one, other, 0) + _shadow(one, other, 1)) / 2


def _shadow(one: Segment, other: Segment, axis: int) -> float:
    (a, b), (c, d) = (sorted((s[0][axis], s[1][axis])) for s in (one, other))
    shared = max(0.0, min(b, d) - max(a, c))
    union = (b - a) + (d - c) - shared
    return shared / union if union > 0 else 0.0


def _greedy(answer: Sequence[Segment], truth: Sequence[Segment], threshold: float) -> Counts:
    """Match each segment of the answer, in order, with the truth's free one that it overlaps most."""
    free = list(truth)
    found = 0
    for segment in answer:
        overlaps = [overlap(segment, other) for other in free]
        best = max(overlaps, default=0.0)
        if best > threshold:
            found += 1
            del free[overlaps.index(best)]
    return Counts(found, len(answer), len(truth))


def segment_counts(answer: Sequence[Segment], truth: Sequence[Segment], *, tolerance: float = TOLERANCES[0]) -> Counts:
    """Match segments by their ends, whichever comes first: both must be within the tolerance.

    The matching is the one with the most pairs (Kuhn 1955).

    Examples:
        >>> segment_counts([((2.0, 0.1), (0.0, 0.0))], [((0, 0), (2, 0))]).found
        1
    """

    def off(one: Segment, other: Segment) -> float:
        forth = max(math.dist(one[0], other[0]), math.dist(one[1], other[1]))
        back = max(math.dist(one[0], other[1]), math.dist(one[1], other[0]))
        return min(forth, back)

    return _matched([[off(a, t) <= tolerance for t in truth] for a in answer], len(answer), len(truth))


def circle_counts(answer: Sequence[Circle], truth: Sequence[Circle], *, tolerance: float = TOLERANCES[0]) -> Counts:
    """Match circles: centre and radius must be within the tolerance."""

    def near(one: Circle, other: Circle) -> bool:
        return math.dist(one[:2], other[:2]) <= tolerance and abs(one[2] - other[2]) <= tolerance

    return _matched([[near(a, t) for t in truth] for a in answer], len(answer), len(truth))


def _matched(fits: Sequence[Sequence[bool]], answered: int, wanted: int) -> Counts:
    if not (answered and wanted):
        return Counts(0, answered, wanted)
    table = np.array(fits, bool)
    return Counts(int(table[assign(1.0 - table)].sum()), answered, wanted)


def mean_f1(counts: Sequence[Counts]) -> float:
    """Return the plain mean of F1 over figures; a figure without anything on both sides counts as right.

    The published means count such figures as 0: give `sp1_mean` for those.
    """
    return sum(1.0 if not (c.answers or c.truths) else c.f1 for c in counts) / max(1, len(counts))


def sp1_mean(counts: Sequence[Counts]) -> tuple[float, float, float]:
    """Return the plain means of F1, precision and recall over figures, 0 where a figure has none, as published."""
    n = max(1, len(counts))
    return sum(c.f1 for c in counts) / n, sum(c.precision for c in counts) / n, sum(c.recall for c in counts) / n
