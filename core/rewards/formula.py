"""A formula: edits between the normal forms of answer and truth."""

from ocr2.metrics.formulas import formula_distance, normal_form
from ocr2.rewards.reward import RewardResult

MAX_LENGTH = 10_000  # characters of an answer that is more than twice as long as the truth: a loop


def score_formula(answer: str, truth: str, /) -> RewardResult:
    r"""Return 1 - edits over the longer one's tokens (commands and characters of LaTeX), both in the normal form.

    Delimiters and numbers do not count. What is no formula is compared as it is written.

    Examples:
        >>> score_formula(r"\(x^2\)", "x^{2}").total, score_formula("x^3", "x^2").total
        (1.0, 0.8)
    """
    if len(answer) > max(MAX_LENGTH, 2 * len(truth)):
        return RewardResult(0.0, {"edit": 0.0, "exact": 0.0, "valid": 0.0}, f"longer than {MAX_LENGTH} characters")
    given, wanted = normal_form(answer), normal_form(truth)
    nearness = 1 - formula_distance(answer, truth)
    exact = float(given == wanted if given is not None and wanted is not None else answer.strip() == truth.strip())
    problem = None if given is not None else "the answer is no formula"
    return RewardResult(nearness, {"edit": nearness, "exact": exact, "valid": float(given is not None)}, problem)
