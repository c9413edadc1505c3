"""RePer's objective."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.rewards.reflection import reflective_gradient, reflective_objective, target_probability

shares = st.floats(0.05, 0.95)


@pytest.mark.parametrize(("share", "target"), [(1.0, 1.0), (0.9, 0.47), (0.5, 0.09), (0.0, 0.0)])
def test_targets_are_much_lower_than_rewards(share: float, target: float) -> None:
    assert target_probability(share) == pytest.approx(target, abs=0.005)


@given(shares, st.sampled_from((0.5, 1.0, 10.0)))
def test_the_gradient_changes_its_sign_at_the_target(share: float, alpha: float) -> None:
    target = target_probability(share, alpha=alpha)
    assert reflective_gradient(target, share, alpha=alpha) == pytest.approx(0, abs=1e-6)
    assert reflective_gradient(target * 0.9, share, alpha=alpha) > 0
    assert reflective_gradient(target + (1 - target) * 0.1, share, alpha=alpha) < 0


@given(shares, st.floats(0.01, 0.99))
def test_the_gradient_is_the_slope_of_the_objective(share: float, probability: float) -> None:
    step = 1e-6
    rise = reflective_objective(probability + step, share) - reflective_objective(probability - step, share)
    assert reflective_gradient(probability, share) == pytest.approx(rise / (2 * step), rel=1e-3, abs=1e-3)


def test_certainty_is_cut_and_values_out_of_range_are_refused() -> None:
    assert reflective_objective(1.0, 0.0) == pytest.approx(10 * -13.8155, rel=1e-4)
    for probability, share in ((0.0, 0.5), (1.1, 0.5), (0.5, -0.1)):
        with pytest.raises(ValueError, match="expected a probability and a share"):
            reflective_gradient(probability, share)
    with pytest.raises(ValueError, match="a share is from 0 to 1, got 2"):
        target_probability(2)
    assert target_probability(0.0, alpha=0.0) == 1
