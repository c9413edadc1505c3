"""Formulas."""

import pytest

from ocr2.rewards.formula import score_formula


@pytest.mark.parametrize(
    ("answer", "truth", "reward"),
    [
        (r"\[ x ^ 2 \]", "x^{2}", 1.0),
        ("x^3", "x^2", 0.8),  # x ^ { 2 }: one of five tokens
        (r"\frac{a}{b}", r"\frac{a}{c}", 6 / 7),
        ("", "x", 0.0),
    ],
)
def test_edits_count_between_normal_forms(answer: str, truth: str, reward: float) -> None:
    assert score_formula(answer, truth).total == pytest.approx(reward)


def test_what_is_no_formula_says_so() -> None:
    result = score_formula(r"\frac{a}{b", r"\frac{a}{b}")
    assert result.problem == "the answer is no formula"
    assert result.parts["valid"] == result.parts["exact"] == 0
    assert 0 < result.total < 1


def test_endless_nesting_is_no_formula_and_an_endless_one_is_not_read() -> None:
    assert score_formula(r"\frac" * 2000, "x").problem == "the answer is no formula"
    assert score_formula("x+" * 6000, "x").problem == "longer than 10000 characters"
