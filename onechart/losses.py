"""Loss terms of OneChart: next-token cross-entropy, and the distance of the auxiliary numbers.

Axis letters: b charts, t positions, n numbers. Source: docs/models/onechart.md, "Auxiliary numbers".
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

IGNORE = -100


def next_labels(prompt: Sequence[int], answer: Sequence[int]) -> list[int]:
    """Return what each position of a prompt and its answer must tell next; nothing is taught inside the prompt.

    Examples:
        >>> next_labels([5, 6, 7], [8, 2])
        [-100, -100, 8, 2, -100]
    """
    return [*[IGNORE] * (len(prompt) - 1), *answer, IGNORE]


def number_targets(values: Sequence[Sequence[float]], *, size: int) -> Tensor:
    """Return the numbers (b, size) that charts' values become: 0 to 1 within a chart, NaN where nothing is taught.

    All values of a chart share one scale, its series too. A chart whose values are all equal, or that has only one,
    teaches nothing.

    Args:
        values: Of each chart, in the order of the answer; those behind `size` are left out.
        size: Outputs of the head.
    """
    padded = [[*row[:size], *[math.nan] * (size - len(row))] for row in values]
    known = torch.tensor(padded, dtype=torch.float64).view(len(values), size)
    missing = known.isnan()
    low = known.masked_fill(missing, torch.inf).amin(dim=1, keepdim=True)
    high = known.masked_fill(missing, -torch.inf).amax(dim=1, keepdim=True)
    scaled = (known - low) / (high - low)  # 0 / 0 where all are equal
    return scaled.masked_fill(missing | ~scaled.isfinite(), math.nan).float()


def number_loss(numbers: Tensor, targets: Tensor) -> Tensor:
    """Return the mean absolute distance of numbers (b, n) from targets (b, n) over those that are not NaN, else 0."""
    taught = ~targets.isnan()
    distances = (numbers.float() - targets.nan_to_num()).abs() * taught
    return distances.sum() / taught.sum().clamp(min=1)


def chart_loss(logits: Tensor, labels: Tensor, numbers: Tensor, targets: Tensor) -> Tensor:
    """Return cross-entropy and number loss, added as they are.

    Args:
        logits: (b, t, vocabulary).
        labels: (b, t): the id that each position must tell next, -100 where nothing is taught.
        numbers: (b, n).
        targets: (b, n), of `number_targets`.
    """
    words = F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORE)
    return words + number_loss(numbers, targets)
