"""Advantages of groups and weights of pairs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.rewards.groups import group_advantages, kl_k3, listwise_loss, listwise_weights, spread

rewards = st.lists(st.integers(0, 20).map(lambda k: k / 20), min_size=2, max_size=8)


def test_advantages_are_centred_and_scaled_by_the_unbiased_deviation() -> None:
    # Mean .5; squares of .5, four times, over 3: the deviation is 1 / sqrt(3).
    expected = 0.5 / (1 / math.sqrt(3) + 1e-4)
    assert group_advantages([0, 1, 0, 1]) == pytest.approx([-expected, expected, -expected, expected])
    assert group_advantages([0, 1, 0, 1], scale=False) == pytest.approx([-0.5, 0.5, -0.5, 0.5])


def test_equal_rewards_have_no_advantage_unless_their_mean_is_kept() -> None:
    assert group_advantages([0.1] * 3).tolist() == [0, 0, 0]
    assert group_advantages([0.1] * 3, keep_mean_if_equal=True).tolist() == [0.1] * 3
    assert group_advantages([2.0] * 3, keep_mean_if_equal=True, clamp=True).tolist() == [1] * 3


def test_advantages_may_be_cut() -> None:
    assert group_advantages([0, 0, 0, 1], clamp=True).max() == 1
    assert group_advantages([0, 0, 0, 1]).max() == pytest.approx(0.75 / (0.5 + 1e-4))


@given(rewards)
def test_advantages_add_up_to_nothing_and_keep_the_order(values: list[float]) -> None:
    advantages = group_advantages(values)
    assert advantages.sum() == pytest.approx(0, abs=1e-9)
    assert all(
        (a > b) == (x > y)
        for a, x in zip(advantages, values, strict=True)
        for b, y in zip(advantages, values, strict=True)
    )


@pytest.mark.parametrize("values", [[], [1.0], [0.0, math.nan], [0.0, math.inf]])
def test_a_group_has_two_finite_rewards(values: list[float]) -> None:
    with pytest.raises(ValueError, match="a group has at least two finite values"):
        group_advantages(values)
    with pytest.raises(ValueError, match="a group has at least two finite values"):
        listwise_weights(values)


def test_weights_are_roots_of_margins() -> None:
    # Margins .64, .25 of 1, .36, 0: pairs (0, 1) .64, (0, 2) 1, (1, 2) .36; roots .8, 1, .6 of 2.4.
    weights = listwise_weights([1.0, 0.36, 0.0])
    assert weights is not None
    assert weights == pytest.approx(np.array([[0, 0.8, 1], [0, 0, 0.6], [0, 0, 0]]) / 2.4)


def test_gamma_zero_weighs_all_untied_pairs_alike() -> None:
    weights = listwise_weights([1.0, 0.5, 0.5], gamma=0)
    assert weights is not None
    assert weights.tolist() == [[0, 0.5, 0.5], [0, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="gamma must be at least 0, got -1"):
        listwise_weights([0.0, 1.0], gamma=-1)


@given(rewards, st.sampled_from((0.0, 0.5, 1.0, 2.0)))
def test_weights_add_up_to_one_whatever_the_order(values: list[float], gamma: float) -> None:
    weights, backwards = listwise_weights(values, gamma=gamma), listwise_weights(values[::-1], gamma=gamma)
    if spread(values) == 0:
        assert weights is None
        assert backwards is None
        return
    assert weights is not None
    assert backwards is not None
    assert weights.sum() == pytest.approx(1)
    assert weights == pytest.approx(backwards[::-1, ::-1])
    assert not (weights * weights.T).any()


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_the_loss_of_two_answers_is_that_of_dpo(chosen: float, rejected: float) -> None:
    dpo = -math.log(1 / (1 + math.exp(-0.1 * (chosen - rejected))))
    assert listwise_loss([chosen, rejected], [0.9, 0.2]) == pytest.approx(dpo)
    assert listwise_loss([rejected, chosen], [0.2, 0.9]) == pytest.approx(dpo)


def test_the_loss_does_not_overflow_and_is_nothing_of_equal_rewards() -> None:
    assert listwise_loss([-1e6, 1e6], [1.0, 0.0]) == pytest.approx(2e5)
    assert listwise_loss([1e6, -1e6], [1.0, 0.0]) == 0
    assert listwise_loss([1.0, 2.0], [0.5, 0.5]) == 0
    with pytest.raises(ValueError, match="expected as many rewards as log ratios, got 3 and 2"):
        listwise_loss([1.0, 2.0], [0.5, 0.5, 0.5])


@given(st.floats(-20, 0), st.floats(-20, 0))
def test_the_divergence_is_never_negative(policy: float, reference: float) -> None:
    (estimate,) = kl_k3([policy], [reference]).tolist()
    assert estimate >= 0
    assert estimate == pytest.approx(math.exp(reference - policy) - (reference - policy) - 1, rel=1e-6, abs=1e-9)


def test_spread_is_best_less_worst() -> None:
    assert spread([0.25, 1.0, 0.5]) == 0.75
    assert spread([]) == 0
