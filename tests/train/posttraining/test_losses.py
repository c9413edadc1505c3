"""Losses against the numpy forms of `ocr2.rewards`, and against autograd on small tensors."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ocr2.rewards import groups
from ocr2.rewards.reflection import reflective_gradient, reflective_objective, target_probability
from ocr2.train.posttraining.losses import (
    backward_listwise,
    dpo_loss,
    grpo_loss,
    kl_k3,
    listwise_loss,
    listwise_slopes,
    reflective_loss,
    token_mean,
)

VALID = torch.tensor([[True, True, True], [True, False, False], [True, True, False]])
ADVANTAGES = torch.tensor([1.0, -0.5, -0.5])


def log_probs(seed: int, rows: int = 3, columns: int = 3) -> Tensor:
    values = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    return -values.abs() - 0.1


def test_the_mean_of_tokens_leaves_padding_out() -> None:
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 9.0, 9.0], [5.0, 7.0, 9.0]])
    assert token_mean(values, VALID).tolist() == [2.0, 4.0, 6.0]


def test_the_divergence_is_that_of_numpy() -> None:
    one, other = log_probs(0), log_probs(1)
    expected = groups.kl_k3(one.flatten().tolist(), other.flatten().tolist())
    torch.testing.assert_close(kl_k3(one, other).flatten().double(), torch.from_numpy(expected), rtol=1e-5, atol=1e-6)


def test_one_step_on_fresh_answers_has_the_gradient_of_the_log_probability() -> None:
    values, reference = log_probs(0).requires_grad_(), log_probs(1)
    loss = grpo_loss(values, reference, ADVANTAGES, VALID, beta=0.04)
    plain = token_mean(0.04 * kl_k3(values, reference) - values * ADVANTAGES[:, None], VALID).mean()
    (one,) = torch.autograd.grad(loss, values)
    (other,) = torch.autograd.grad(plain, values)
    torch.testing.assert_close(one, other)
    divergence = token_mean(kl_k3(values, reference), VALID).mean().item()
    assert loss.item() == pytest.approx(0.04 * divergence - float(ADVANTAGES.mean()), abs=1e-6)
    assert (one[~VALID] == 0).all()


def test_a_ratio_beyond_the_clip_has_no_gradient() -> None:
    sampled = torch.full((2, 1), -1.0)
    values = torch.tensor([[-0.5], [-0.5]], requires_grad=True)  # ratio 1.65
    valid = torch.ones(2, 1, dtype=torch.bool)
    advantages = torch.tensor([1.0, -1.0])
    loss = grpo_loss(values, values.detach(), advantages, valid, beta=0.0, sampled=sampled, clip=0.2)
    (gradient,) = torch.autograd.grad(loss, values)
    assert gradient[0, 0] == 0  # has gained enough
    assert gradient[1, 0].item() == pytest.approx(0.5 * math.exp(0.5))
    assert loss.item() == pytest.approx((-1.2 + math.exp(0.5)) / 2)


@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(0, 1)), min_size=2, max_size=6))
def test_the_listwise_loss_is_that_of_numpy(pairs: list[tuple[float, float]]) -> None:
    ratios, rewards = [pair[0] for pair in pairs], [round(pair[1], 2) for pair in pairs]
    weights = groups.listwise_weights(rewards)
    if weights is None:
        return
    loss = listwise_loss(torch.tensor(ratios, dtype=torch.float64), torch.from_numpy(weights))
    assert loss.item() == pytest.approx(groups.listwise_loss(ratios, rewards), rel=1e-9)


def test_the_slopes_are_those_of_autograd() -> None:
    ratios = torch.tensor([0.3, -2.0, 5.0, 0.0], dtype=torch.float64, requires_grad=True)
    weights = groups.listwise_weights([0.2, 0.9, 0.9, 0.1])
    assert weights is not None
    table = torch.from_numpy(weights)
    (expected,) = torch.autograd.grad(listwise_loss(ratios, table), ratios)
    torch.testing.assert_close(listwise_slopes(ratios.detach(), table), expected)


def test_two_passes_have_the_gradients_of_one() -> None:
    inputs = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    references = torch.randn(5, generator=torch.Generator().manual_seed(1))
    table = groups.listwise_weights([0.1, 0.5, 0.5, 0.9, 0.0])
    assert table is not None
    weights = torch.from_numpy(table).float()
    gradients: list[Tensor] = []
    losses: list[float] = []
    for two_passes in (False, True):
        torch.manual_seed(0)
        layer = torch.nn.Sequential(torch.nn.Linear(7, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
        if two_passes:
            losses.append(backward_listwise(lambda i: layer(inputs[i])[0], references, weights, scale=0.5))  # noqa: B023
        else:
            loss = listwise_loss(layer(inputs)[:, 0] - references, weights)
            (0.5 * loss).backward()  # type: ignore[no-untyped-call]
            losses.append(loss.item())
        gradients.append(torch.cat([p.grad.flatten() for p in layer.parameters() if p.grad is not None]))
    assert losses[0] == pytest.approx(losses[1])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_each_answer_goes_backwards_before_the_next_is_made() -> None:
    events: list[str] = []
    parameter = torch.zeros((), requires_grad=True)

    def log_prob(number: int) -> Tensor:
        value = parameter * number
        if torch.is_grad_enabled():
            events.append(f"made {number}")
            value.register_hook(lambda gradient: events.append(f"done {number}"))  # type: ignore[no-untyped-call]
        return value

    table = groups.listwise_weights([0.1, 0.3, 0.9])
    assert table is not None
    backward_listwise(log_prob, torch.zeros(3), torch.from_numpy(table).float())
    assert events == ["made 0", "done 0", "made 1", "done 1", "made 2", "done 2"]


def test_of_two_answers_the_listwise_loss_is_dpos() -> None:
    better, worse = torch.tensor(0.7), torch.tensor(-0.2)
    expected = -torch.nn.functional.logsigmoid(0.1 * (better - worse))
    torch.testing.assert_close(dpo_loss(better, worse), expected)
    assert dpo_loss(better, worse).item() == pytest.approx(groups.listwise_loss([0.7, -0.2], [0.9, 0.1]))


def test_the_reflective_loss_is_that_of_numpy() -> None:
    values, shares = log_probs(0), torch.tensor([1.0, 0.4, 0.0])
    means = [
        np.mean([reflective_objective(math.exp(v), share) for v in row[mask].tolist()])
        for row, mask, share in zip(values, VALID, shares.tolist(), strict=True)
    ]
    assert reflective_loss(values, shares, VALID).item() == pytest.approx(-float(np.mean(means)), rel=1e-4)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_reflective_gradient_vanishes_at_the_target(share: float) -> None:
    target = target_probability(share)
    for probability in (target / 2, target, min(0.99, 2 * target)):
        value = torch.tensor([[math.log(probability)]], dtype=torch.float64, requires_grad=True)
        loss = reflective_loss(value, torch.tensor([share], dtype=torch.float64), torch.tensor([[True]]))
        (gradient,) = torch.autograd.grad(loss, value)
        expected = -probability * reflective_gradient(probability, share)
        assert gradient.item() == pytest.approx(expected, abs=1e-6)


def test_a_sure_token_has_a_finite_reflective_loss() -> None:
    value = torch.zeros(1, 1, requires_grad=True)
    loss = reflective_loss(value, torch.tensor([0.0]), torch.tensor([[True]]))
    (gradient,) = torch.autograd.grad(loss, value)
    assert math.isfinite(loss.item())
    assert gradient.isfinite().all()
