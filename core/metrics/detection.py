"""Things found in pictures, matched with the truth one to one: boxes with names as DETR matches them, and points.

Source: Carion et al. 2020 (arXiv 2005.12872), docs/rewards.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.metrics.assignment import assign
from ocr2.metrics.counts import MatchCounts
from ocr2.metrics.regions import OVERLAP, NamedRegion, generalised_overlaps, overlaps

Point = tuple[float, float]

# Weights of the terms of DETR's matching cost.
L1_WEIGHT = 5.0
KIND_WEIGHT = 1.0
OVERLAP_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class RegionMatches:
    """Pairs of answers and truths that overlap by more than the threshold."""

    counts: MatchCounts
    right_kind: float  # share of the pairs whose kinds are equal; 0 without pairs
    overlap: float  # mean intersection over union of the pairs; 0 without pairs


@dataclass(frozen=True, slots=True)
class PointMatches:
    """How far points agree with the truth; 1 each where both sides have none, 0 where one has."""

    count: float  # smaller count over larger
    nearness: float  # 1 - mean distance of the pairs over the largest possible, at least 0


def match_regions(
    answers: Sequence[NamedRegion], truths: Sequence[NamedRegion], *, side: float = 1.0, overlap: float = OVERLAP
) -> RegionMatches:
    """Pair regions so that DETR's cost adds up to the least, and keep the pairs that overlap by more than `overlap`.

    The cost is 5 times the L1 distance of (middle x, middle y, width, height), less 1 for the same kind, less twice the
    generalised intersection over union.

    Args:
        answers: Kind and box (left, top, right, bottom), finite.
        truths: The same.
        side: Length that counts as 1 in the L1 distance, in the unit of the boxes.
        overlap: Intersection over union that a pair must exceed.
    """
    if not answers or not truths:
        return RegionMatches(MatchCounts(0, len(answers), len(truths)), 0.0, 0.0)
    given, wanted = ([box for _, box in regions] for regions in (answers, truths))
    a, b = (_middles_and_sizes(boxes) / side for boxes in (given, wanted))
    same = np.array([[kind == true for true, _ in truths] for kind, _ in answers], np.float64)
    distance = np.abs(a[:, None] - b[None, :]).sum(axis=2)
    cost = L1_WEIGHT * distance - KIND_WEIGHT * same - OVERLAP_WEIGHT * generalised_overlaps(given, wanted)
    pairs = assign(cost)
    shared = overlaps(given, wanted)[pairs]
    kept = shared > overlap
    counts = MatchCounts(int(kept.sum()), len(answers), len(truths))
    if not counts.found:
        return RegionMatches(counts, 0.0, 0.0)
    return RegionMatches(counts, float(same[pairs][kept].mean()), float(shared[kept].mean()))


def _middles_and_sizes(boxes: Sequence[Sequence[float]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    corners = np.array(boxes, np.float64).reshape(-1, 4)
    low, high = corners[:, :2], corners[:, 2:]
    return np.hstack([(low + high) / 2, high - low])


def match_points(answers: Sequence[Point], truths: Sequence[Point], *, reach: float) -> PointMatches:
    """Pair points so that their distances add up to the least.

    Args:
        answers: (x, y), finite.
        truths: The same.
        reach: Largest possible distance, in the unit of the points.

    Examples:
        >>> match_points([(0.0, 0.0), (3.0, 4.0)], [(3.0, 4.0)], reach=10.0)
        PointMatches(count=0.5, nearness=1.0)
    """
    if not answers or not truths:
        same = float(not answers and not truths)
        return PointMatches(same, same)
    distances = np.array([[math.dist(one, other) for other in truths] for one in answers], np.float64)
    mean = float(distances[assign(distances)].mean())
    counts = sorted((len(answers), len(truths)))
    return PointMatches(counts[0] / counts[1], max(0.0, 1 - mean / reach))
