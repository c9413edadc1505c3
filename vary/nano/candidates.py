"""Candidate regions: boxes merged from vary-nano's dense predictions, which its decoder names in reading order.

Axis letters: h rows, w columns of cells, n candidates. Coordinates are normalised: 0 to 1 along the page's sides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.results.region import REGION_KINDS

MAX_CANDIDATES = 128
NAMES = ("pad", "image", "end", "regions")
IDS = {name: i for i, name in enumerate(NAMES)}
FIRST_CANDIDATE = len(NAMES)
VOCAB_SIZE = FIRST_CANDIDATE + MAX_CANDIDATES  # candidates come last: they differ from page to page
CANDIDATE_IDS = range(FIRST_CANDIDATE, VOCAB_SIZE)
KINDS = 1 + len(REGION_KINDS)  # none, and each kind
# Of a cell: logits of its kind, where its region's sides are, logit of how well they fit.
CELL_OUTPUTS = KINDS + 4 + 1
STEP = 0.5  # cells: distances to sides are told by their inverse hyperbolic sine in such steps
THRESHOLD = 0.15  # of a candidate's score
NEARNESS = 1.5  # by this power of the distance, in cells, a cell counts less for a side that is far: it errs more there
SAME = 0.55  # overlap from which two candidates are one

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes that may be regions, the surest first."""

    boxes: Array  # (n, 4): left, top, right, bottom
    kinds: Array  # (n, KINDS): probabilities
    scores: Array  # (n,)


def merge_cell_boxes(
    kinds: Array, sides: Array, fits: Array, *, threshold: float = THRESHOLD, most: int = MAX_CANDIDATES
) -> Candidates:
    """Read candidates off the network's cells: each is the mean of the boxes of cells that agree on it.

    For each side those cells count most that are surest and nearest to it.

    Args:
        kinds: (h, w, KINDS): probabilities.
        sides: (h, w, 4): left, top, right, bottom as `CELL_OUTPUTS` tells them.
        fits: (h, w): how well the box fits, 0 to 1.
        threshold: Least score of a candidate.
        most: Candidates at most.
    """
    height, width = kinds.shape[:2]
    score = (1 - kinds[..., 0]) * fits
    rows, columns = np.nonzero(score >= threshold)
    order = np.argsort(-score[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    far = np.sinh(np.clip(sides[rows, columns], -7, 7)) * STEP
    middle = np.stack([columns, rows], axis=1) + 0.5
    boxes = np.concatenate([middle - far[:, :2], middle + far[:, 2:]], axis=1) / [width, height, width, height]
    boxes = np.clip(boxes, 0, 1).astype(np.float32)
    scores, told = score[rows, columns], kinds[rows, columns]
    weighed = scores[:, None] / (1 + np.abs(far)) ** NEARNESS
    free = np.ones(len(boxes), bool)
    kept_boxes, kept_kinds, kept_scores = [], [], []
    for i in range(len(boxes)):
        if not free[i]:
            continue
        group = free & (overlaps(boxes[i : i + 1], boxes)[0] > SAME)
        group[i] = True  # a box without area overlaps nothing
        weights = scores[group][:, None]
        kept_boxes.append((boxes[group] * weighed[group]).sum(axis=0) / weighed[group].sum(axis=0))
        kept_kinds.append((told[group] * weights).sum(axis=0) / weights.sum())
        kept_scores.append(scores[i])
        free &= ~group
        if len(kept_boxes) == most:
            break
    return Candidates(
        np.array(kept_boxes, np.float32).reshape(-1, 4),
        np.array(kept_kinds, np.float32).reshape(-1, KINDS),
        np.array(kept_scores, np.float32),
    )


def overlaps(one: NDArray[np.floating], other: NDArray[np.floating]) -> Array:
    """Return intersection over union of boxes (n, 4) and (m, 4): (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    area = (one[:, 2:] - one[:, :2]).clip(0).prod(axis=1)[:, None] + (other[:, 2:] - other[:, :2]).clip(0).prod(axis=1)
    return np.asarray(shared / np.maximum(area - shared, 1e-12), np.float32)
