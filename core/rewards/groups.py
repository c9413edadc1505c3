"""Rewards of several answers to one question: advantages of GRPO and weights of PerPO's listwise loss, in numpy.

Sources: Shao et al. 2024 (GRPO, arXiv 2402.03300), Perception-R1 (arXiv 2504.07954), PerPO (arXiv 2502.04371).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-4  # added to the standard deviation, as published
GAMMA = 0.5  # of PerPO
BETA = 0.1  # of PerPO
# Best less worst reward from which PerPO keeps a group.
MIN_SPREAD_GROUNDING = 0.8
MIN_SPREAD_OCR = 0.04


def spread(rewards: Sequence[float]) -> float:
    """Return best less worst reward; 0 without any."""
    return max(rewards) - min(rewards) if rewards else 0.0


def group_advantages(
    rewards: Sequence[float], *, scale: bool = True, clamp: bool = False, keep_mean_if_equal: bool = False
) -> NDArray[np.float64]:
    """Return (rewards - mean) / (standard deviation + 1e-4) of a group; all 0 where the rewards are equal.

    Args:
        rewards: (answers,), at least two.
        scale: Whether to divide; the deviation is the unbiased one.
        clamp: Whether to cut to -1 to 1.
        keep_mean_if_equal: Whether equal rewards are taken as they are, neither centred nor divided.

    Returns:
        (answers,)

    Raises:
        ValueError: If there are fewer than two, or one is not finite.

    Examples:
        >>> group_advantages([0.0, 1.0, 2.0]).round(3).tolist()
        [-1.0, 0.0, 1.0]
    """
    values = _check(rewards)
    if not np.ptp(values):
        advantages = values if keep_mean_if_equal else np.zeros_like(values)
    else:
        advantages = values - values.mean()
        if scale:
            advantages = advantages / (values.std(ddof=1) + EPSILON)
    return np.clip(advantages, -1, 1) if clamp else advantages


def listwise_weights(rewards: Sequence[float], *, gamma: float = GAMMA) -> NDArray[np.float64] | None:
    """Return the weight of every pair of answers in PerPO's loss: |difference of rewards| ** gamma, normalised.

    Args:
        rewards: (answers,), at least two, in any order.
        gamma: 0 gives all pairs of different rewards the same weight, as LiPO.

    Returns:
        (answers, answers): above 0 where the row's answer is better than the column's; the sum is 1. None if all
        rewards are equal: such a group teaches nothing.

    Raises:
        ValueError: If there are fewer than two rewards, one is not finite, or gamma is negative.

    Examples:
        >>> listwise_weights([1.0, 0.0, 0.75], gamma=1.0).round(3).tolist()
        [[0.0, 0.5, 0.125], [0.0, 0.0, 0.0], [0.0, 0.375, 0.0]]
    """
    if gamma < 0:
        raise ValueError(f"gamma must be at least 0, got {gamma}")
    values = _check(rewards)
    margins = values[:, None] - values[None, :]
    better = margins > 0
    weights = np.where(better, np.where(better, margins, 1.0) ** gamma, 0.0)
    total = weights.sum()
    return weights / total if total > 0 else None


def listwise_loss(
    log_ratios: Sequence[float], rewards: Sequence[float], *, beta: float = BETA, gamma: float = GAMMA
) -> float:
    """Return PerPO's loss of one group: the weighted mean of log(1 + exp(-beta * (s_i - s_j))) over its pairs.

    With two answers it is the loss of DPO. Answers are not expected in an order, as the original does.

    Args:
        log_ratios: (answers,), log-probability of each answer under the policy less that under the reference.
        rewards: (answers,)
        beta: Strength of the reference.
        gamma: See `listwise_weights`.

    Returns:
        The loss; 0 if all rewards are equal.

    Raises:
        ValueError: If the lengths differ, or see `listwise_weights`.
    """
    scores = _check(log_ratios)
    if len(scores) != len(rewards):
        raise ValueError(f"expected as many rewards as log ratios, got {len(rewards)} and {len(scores)}")
    weights = listwise_weights(rewards, gamma=gamma)
    if weights is None:
        return 0.0
    return float((weights * np.logaddexp(0.0, -beta * (scores[:, None] - scores[None, :]))).sum())


def kl_k3(log_probs: Sequence[float], reference_log_probs: Sequence[float]) -> NDArray[np.float64]:
    """Return the k3 estimate of the divergence from the reference, a token each: exp(d) - d - 1, d = ref - policy.

    It is 0 for equal probabilities and above 0 otherwise.

    Args:
        log_probs: (tokens,), of the policy.
        reference_log_probs: (tokens,)

    Source: Schulman 2020, "Approximating KL divergence".

    Examples:
        >>> kl_k3([-1.0, 0.0], [-1.0, -1.0]).round(4).tolist()
        [0.0, 0.3679]
    """
    difference = np.asarray(reference_log_probs, np.float64) - np.asarray(log_probs, np.float64)
    return np.asarray(np.expm1(difference) - difference, np.float64)


def _check(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or len(array) < 2 or not np.isfinite(array).all():
        raise ValueError(f"a group has at least two finite values, got {list(values)}")
    return array
