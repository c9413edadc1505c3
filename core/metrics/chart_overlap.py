"""How many values of a chart were read within a tolerance, as a share of all there are on either side.

This is the overlap that SCRM (StructChart, arXiv 2309.11268) thresholds for its average precision; docs/eval.md,
"Charts". `published_overlap` counts as OneChart's script does, `point_overlap` pairs every value with one at most.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from ocr2.metrics.assignment import assign
from ocr2.metrics.chart_points import Point, arrangements, tidy

Level = Literal["strict", "slight", "high"]
SLACK = 1e-9  # relative: what binary fractions may add to an error that is just within its bound
NOT_DIGITS = re.compile(r"[^0-9.\-]")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far names and a number may be from the truth."""

    edits: int  # characters
    error: float  # relative


# The bounds for charts that are not "difficult" in OneChart's evaluation, that is, of all its sets.
TOLERANCES: dict[Level, Tolerance] = {
    "strict": Tolerance(0, 0.0),
    "slight": Tolerance(2, 0.05),
    "high": Tolerance(5, 0.1),
}


def point_overlap(truth: Sequence[Point], answer: Sequence[Point], tolerance: Tolerance) -> float:
    """Return matched points over all points of both sides, matched ones counted once.

    Points are matched one to one, as many as can be, in the better of the arrangements. Two charts without points
    agree.
    """
    if not truth or not answer:
        return float(not truth and not answer)
    best = max(_count_matches(a, b, tolerance) for a, b in arrangements(tidy(truth), tidy(answer)))
    return best / (len(truth) + len(answer) - best)


def published_overlap(truth: Sequence[Point], answer: Sequence[Point], tolerance: Tolerance) -> float:
    """Return what OneChart's script takes for the overlap; docs/eval.md says where it errs."""
    wanted, given = (set(triples) for triples in _align(truth, answer))
    matched = {triple for triple in given if any(_is_near(triple, other, tolerance) for other in wanted)}
    union = (given | wanted) - (matched - wanted)
    return len(matched) / len(union) if union else 1.0  # the script fails where both sides are empty


class _Triple(NamedTuple):
    """A value and its two names, as OneChart's script has them."""

    first: str
    second: str
    value: float | str

    @property
    def names(self) -> str:
        return self.first + self.second


def _count_matches(truth: list[Point], answer: list[Point], tolerance: Tolerance) -> int:
    matching = _find_matches(truth, answer, tolerance)
    matching = matching[matching.any(axis=1)][:, matching.any(axis=0)]
    rows, columns = assign(np.where(matching, 0.0, 1.0))
    return int(matching[rows, columns].sum())


def _find_matches(truth: list[Point], answer: list[Point], tolerance: Tolerance) -> NDArray[np.bool_]:
    """Return (truths, answers): whether two points are the same within the tolerance."""
    edits = _edits([p.series or "" for p in truth], [p.series or "" for p in answer], tolerance)
    edits += _edits([p.label for p in truth], [p.label for p in answer], tolerance)
    wanted, given = ([p.value for p in points] for points in (truth, answer))
    is_wanted, is_given = (np.array([isinstance(value, float) for value in values]) for values in (wanted, given))
    texts = edits + _edits(_texts(wanted), _texts(given), tolerance)
    near = _is_close(_numbers(wanted)[:, None], _numbers(given)[None, :], tolerance)
    both_numbers, both_texts = is_wanted[:, None] & is_given, ~is_wanted[:, None] & ~is_given
    found: NDArray[np.bool_] = (both_numbers & near & (edits <= tolerance.edits)) | (
        both_texts & (texts <= tolerance.edits)
    )
    return found


def _edits(truth: list[str], answer: list[str], tolerance: Tolerance) -> NDArray[np.int32]:
    """Return (truths, answers): edit distances, those above the tolerance cut off."""
    distances = process.cdist(truth, answer, scorer=Levenshtein.distance, score_cutoff=tolerance.edits, dtype=np.int32)
    return np.asarray(distances, np.int32)


def _is_close(truth: NDArray[np.float64], answer: NDArray[np.float64], tolerance: Tolerance) -> NDArray[np.bool_]:
    with np.errstate(over="ignore", invalid="ignore"):
        close: NDArray[np.bool_] = np.abs(answer - truth) <= (tolerance.error + SLACK) * np.abs(truth)
    return close


def _texts(values: list[float | str]) -> list[str]:
    return [value if isinstance(value, str) else "" for value in values]


def _numbers(values: list[float | str]) -> NDArray[np.float64]:
    return np.array([value if isinstance(value, float) else np.nan for value in values], np.float64)


def _align(truth: Sequence[Point], answer: Sequence[Point]) -> tuple[list[_Triple], list[_Triple]]:
    """Return both sides as triples, the names of those at the same place brought into one order."""
    wanted, given = list(map(_to_triple, truth)), list(map(_to_triple, answer))
    for place, (theirs, ours) in enumerate(zip(wanted, given, strict=False)):
        if theirs.second == "value" and "value" not in (ours.first, ours.second):
            ours = ours._replace(second="value")
        wanted[place], given[place] = _sorted(theirs), _sorted(ours)
    return wanted, given


def _to_triple(point: Point) -> _Triple:
    printed = str(point.value)
    try:
        value: float | str = float(NOT_DIGITS.sub("", printed))
    except ValueError:
        value = printed
    if point.series is None:
        return _Triple(point.label.lower(), "value", value)
    return _Triple(point.series.lower(), point.label.lower(), value)


def _sorted(triple: _Triple) -> _Triple:
    first, second = sorted((triple.first, triple.second))
    return _Triple(first, second, triple.value)


def _is_near(triple: _Triple, truth: _Triple, tolerance: Tolerance) -> bool:
    if isinstance(triple.value, str) or isinstance(truth.value, str):
        ours, theirs = (f"{side.names}{side.value}" for side in (triple, truth))
        return Levenshtein.distance(ours, theirs, score_cutoff=tolerance.edits) <= tolerance.edits
    if not abs(triple.value - truth.value) / (abs(truth.value) + 1e-6) <= tolerance.error:
        return False
    if triple.names in truth.names or truth.names in triple.names:
        return True
    return Levenshtein.distance(triple.names, truth.names, score_cutoff=tolerance.edits) <= tolerance.edits
