"""Losses of post-training, of the answers to one question.

Axis letters: n answers, t tokens of an answer, padded. Log-probabilities are natural.
Sources: GRPO (arXiv 2402.03300) as Perception-R1 (arXiv 2504.07954) takes it, PPO (arXiv 1707.06347), PerPO (arXiv
2502.04371), DPO (arXiv 2305.18290), RePer (arXiv 2504.07165). `ocr2.rewards.groups` and `ocr2.rewards.reflection` have
the same in numpy.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from ocr2.rewards.groups import BETA
from ocr2.rewards.reflection import ALPHA, MAX_PROBABILITY
from ocr2.train.posttraining.config import KL_WEIGHT


def token_mean(values: Tensor, valid: Tensor) -> Tensor:
    """Return the mean (n,) over the valid tokens of each answer; 0 for an answer without any.

    Args:
        values: (n, t).
        valid: (n, t), boolean: False where padded.
    """
    return (values * valid).sum(dim=1) / valid.sum(dim=1).clamp(min=1)


def kl_k3(log_probs: Tensor, reference: Tensor) -> Tensor:
    """Return the k3 estimate (n, t) of the divergence from the reference: exp(d) - d - 1, d = reference - policy."""
    difference = reference - log_probs
    return difference.expm1() - difference


def grpo_loss(
    log_probs: Tensor,
    reference: Tensor,
    advantages: Tensor,
    valid: Tensor,
    *,
    beta: float = KL_WEIGHT,
    sampled: Tensor | None = None,
    clip: float | None = None,
) -> Tensor:
    """Return GRPO's loss: mean over answers of the mean over tokens of -ratio * advantage + beta * KL.

    The published code takes one step on what it has just sampled: the ratio is 1, with the gradient of the
    log-probability, and clipping would do nothing.

    Args:
        log_probs: (n, t), of the policy.
        reference: (n, t), of the frozen start.
        advantages: (n,), of `ocr2.rewards.groups.group_advantages`.
        valid: (n, t), boolean.
        beta: Weight of the divergence.
        sampled: (n, t), of the policy that the answers were sampled from; None if it is this one.
        clip: How far from 1 a ratio counts (PPO); None does not clip.
    """
    ratio = (log_probs - (log_probs if sampled is None else sampled).detach()).exp()
    gain = ratio * advantages[:, None]
    if clip is not None:
        gain = torch.minimum(gain, ratio.clamp(1 - clip, 1 + clip) * advantages[:, None])
    return token_mean(beta * kl_k3(log_probs, reference) - gain, valid).mean()


def listwise_loss(log_ratios: Tensor, weights: Tensor, *, beta: float = BETA) -> Tensor:
    """Return PerPO's loss: the weighted sum over pairs of softplus(-beta * (s_i - s_j)).

    Args:
        log_ratios: (n,), log-probability of each answer under the policy less that under the reference.
        weights: (n, n), of `ocr2.rewards.groups.listwise_weights`: above 0 where the row's answer is better.
        beta: Strength of the reference.
    """
    return (weights * F.softplus(-beta * _margins(log_ratios))).sum()


def listwise_slopes(log_ratios: Tensor, weights: Tensor, *, beta: float = BETA) -> Tensor:
    """Return the derivatives (n,) of `listwise_loss` by the log ratios; arguments as there."""
    pairs = -beta * weights * torch.sigmoid(-beta * _margins(log_ratios))
    return pairs.sum(dim=1) - pairs.sum(dim=0)


def backward_listwise(
    log_prob: Callable[[int], Tensor],
    references: Tensor,
    weights: Tensor,
    *,
    beta: float = BETA,
    scale: float = 1.0,
) -> float:
    """Go backwards through `listwise_loss` with one answer's graph in memory at a time.

    A first pass without gradients finds the loss and its derivative by each log ratio; a second goes backwards answer
    by answer, weighted by these. The gradients are those of one pass if `log_prob` gives the same in both.

    Args:
        log_prob: Returns the log-probability () of an answer by its number, under the policy.
        references: (n,), under the reference.
        weights: (n, n).
        beta: Strength of the reference.
        scale: Factor of the gradients.

    Returns:
        The loss, without the factor.
    """
    with torch.no_grad():
        log_ratios = torch.stack([log_prob(i) for i in range(len(references))]) - references
        loss = float(listwise_loss(log_ratios, weights, beta=beta))
        slopes = (scale * listwise_slopes(log_ratios, weights, beta=beta)).tolist()
    for i, slope in enumerate(slopes):
        if slope:
            (slope * log_prob(i)).backward()
    return loss


def dpo_loss(better: Tensor, worse: Tensor, *, beta: float = BETA) -> Tensor:
    """Return DPO's loss of the log ratios () of two answers, `listwise_loss` of two: softplus(-beta * their margin)."""
    weights = better.new_tensor([[0.0, 1.0], [0.0, 0.0]])
    return listwise_loss(torch.stack([better, worse]), weights, beta=beta)


def reflective_loss(log_probs: Tensor, shares: Tensor, valid: Tensor, *, alpha: float = ALPHA) -> Tensor:
    """Return RePer's loss: mean over answers of the mean over tokens of its objective, negated.

    The paper writes the probability of a whole answer; that of a page is 0 in floating point, so it is taken of each
    token. Above `MAX_PROBABILITY` the unlikelihood has no gradient.

    Args:
        log_probs: (n, t), of the policy.
        shares: (n,): reward over the best reward of the group, 0 to 1.
        valid: (n, t), boolean.
        alpha: Weight of the unlikelihood.
    """
    unlikely = (-log_probs.clamp(max=math.log(MAX_PROBABILITY)).expm1()).log()
    share = shares[:, None]
    return -token_mean(share * log_probs + alpha * (1 - share) * unlikely, valid).mean()


def _margins(values: Tensor) -> Tensor:
    return values[:, None] - values[None, :]
