"""Scores of regions found on pages: F1 at an overlap, by kind, and how well the reading order was kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr2.metrics.counts import MatchCounts

NamedRegion = tuple[str, tuple[float, float, float, float]]  # kind; left, top, right, bottom
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class RegionCounts(MatchCounts):
    """What was found, of how many; sums over pages."""

    kept: int = 0  # pairs of found regions in the order of the truth
    pairs: int = 0

    def __add__(self, other: "RegionCounts") -> "RegionCounts":
        return RegionCounts(
            self.found + other.found,
            self.answers + other.answers,
            self.truths + other.truths,
            self.kept + other.kept,
            self.pairs + other.pairs,
        )

    @property
    def order(self) -> float:
        """Share of the pairs of found regions that stand in the right order; 1 without pairs."""
        return self.kept / self.pairs if self.pairs else 1.0


@dataclass(frozen=True, slots=True)
class PageCounts:
    """Counts of one page."""

    total: RegionCounts
    by_kind: dict[str, RegionCounts] = field(default_factory=dict)


def count_regions(
    answers: Sequence[NamedRegion], truths: Sequence[NamedRegion], *, overlap: float = OVERLAP
) -> PageCounts:
    """Compare the regions of a page.

    An answer is right if it overlaps a region of its kind by `overlap` (intersection over union); each region is found
    once, by the answer that overlaps it most, as is usual (Everingham et al. 2010, "The PASCAL VOC Challenge").

    Args:
        answers: In the order given.
        truths: In reading order.
        overlap: From which a box is right.
    """
    shared = overlaps([box for _, box in answers], [box for _, box in truths])
    for i, (kind, _) in enumerate(answers):
        for j, (true, _) in enumerate(truths):
            if kind != true:
                shared[i, j] = 0.0
    matched: dict[int, int] = {}
    free = set(range(len(truths)))
    for flat in np.argsort(-shared, axis=None, kind="stable").tolist() if shared.size else []:
        i, j = divmod(flat, shared.shape[1])
        if shared[i, j] < overlap:
            break
        if i not in matched and j in free:
            matched[i] = j
            free.discard(j)
    places = [matched[i] for i in sorted(matched)]
    pairs = [(a, b) for i, a in enumerate(places) for b in places[i + 1 :]]
    total = RegionCounts(len(matched), len(answers), len(truths), sum(a < b for a, b in pairs), len(pairs))
    kinds = sorted({kind for kind, _ in (*answers, *truths)})
    by_kind = {
        kind: RegionCounts(
            sum(answers[i][0] == kind for i in matched),
            sum(k == kind for k, _ in answers),
            sum(k == kind for k, _ in truths),
        )
        for kind in kinds
    }
    return PageCounts(total, by_kind)


def overlaps(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return intersection over union of boxes (n, 4) and (m, 4): (n, m)."""
    shared, union, _ = _areas(one, other)
    return np.asarray(shared / np.maximum(union, 1e-12), np.float64)


def generalised_overlaps(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return generalised intersection over union of boxes (n, 4) and (m, 4): (n, m), from -1, far apart, to 1.

    Source: Rezatofighi et al. 2019 (arXiv 1902.09630).
    """
    shared, union, hull = _areas(one, other)
    empty = (hull - union) / np.maximum(hull, 1e-12)
    return np.asarray(shared / np.maximum(union, 1e-12) - empty, np.float64)


def _areas(
    one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (n, m) each: areas of intersections, of unions and of the smallest boxes around both."""
    a, b = np.array(one, float).reshape(-1, 4), np.array(other, float).reshape(-1, 4)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.clip(x[:, 2:] - x[:, :2], 0, None).prod(axis=1) for x in (a, b)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    outer_low = np.minimum(a[:, None, :2], b[None, :, :2])
    outer_high = np.maximum(a[:, None, 2:], b[None, :, 2:])
    return shared, union, np.clip(outer_high - outer_low, 0, None).prod(axis=2)
