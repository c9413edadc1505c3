"""RePer's objective of one answer's probability: likelihood by its reward, unlikelihood by what it lacks.

Source: Perception in Reflection (arXiv 2504.07165); docs/rewards.md.
"""

import math

ALPHA = 10.0  # weight of the unlikelihood, as published
MAX_PROBABILITY = 1 - 1e-6  # above it log(1 - p) is not taken


def reflective_objective(probability: float, share: float, *, alpha: float = ALPHA) -> float:
    """Return share * log p + alpha * (1 - share) * log(1 - p), which is to be maximised.

    Args:
        probability: Of a token, above 0; cut to `MAX_PROBABILITY`.
        share: Reward over the best reward, 0 to 1.
        alpha: Weight of the unlikelihood.

    Raises:
        ValueError: If the probability or the share is out of its range.
    """
    p = _check(probability, share)
    return share * math.log(p) + alpha * (1 - share) * math.log1p(-p)


def reflective_gradient(probability: float, share: float, *, alpha: float = ALPHA) -> float:
    """Return the derivative of the objective by the probability: positive below the target, negative above."""
    p = _check(probability, share)
    return share / p - alpha * (1 - share) / (1 - p)


def target_probability(share: float, *, alpha: float = ALPHA) -> float:
    """Return the probability at which the objective is largest: share / (share + alpha * (1 - share)).

    Examples:
        >>> [round(target_probability(share), 2) for share in (1.0, 0.9, 0.5, 0.0)]
        [1.0, 0.47, 0.09, 0.0]
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share is from 0 to 1, got {share}")
    rest = alpha * (1 - share)
    return share / (share + rest) if share + rest else 1.0


def _check(probability: float, share: float) -> float:
    if not 0 < probability <= 1 or not 0 <= share <= 1:
        raise ValueError(f"expected a probability and a share from 0 to 1, got {probability} and {share}")
    return min(probability, MAX_PROBABILITY)
