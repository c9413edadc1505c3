"""Whether an answer has the form that was asked for, 1 or 0; what it says does not count.

Source: Perception-R1 (arXiv 2504.07954); docs/rewards.md.
"""

import re
from typing import Literal

from ocr2.markup.structure import markup_problem
from ocr2.rewards.reward import RewardResult

Format = Literal["thinking", "grounding", "count", "grounding_compat", "count_compat"]

INSIDE = r"(?:(?!<\|).)*"  # no mark: with `.*?` the time of a search could double with every box
REFERENCE = rf"<\|object_ref_start\|>{INSIDE}<\|object_ref_end\|>"
BOX = rf"<\|box_start\|>{INSIDE}<\|box_end\|>"
END = r"<\|im_end\|>"
FORMATS: dict[Format, re.Pattern[str]] = {
    "thinking": re.compile(r"<think>.*?</think><answer>.*?</answer>\Z", re.DOTALL),
    # Decoders leave the end mark out, so it may be missing.
    "grounding": re.compile(rf"{REFERENCE}{BOX}(?:{END})?\Z", re.DOTALL),
    "count": re.compile(rf"{REFERENCE}(?:{BOX})+(?:{END})?\Z", re.DOTALL),
    # As published, without backslashes before the bars: an alternative is "<" alone, so any text after it will do.
    "grounding_compat": re.compile(
        r"<|object_ref_start|>.*?<|object_ref_end|><|box_start|>.*?<|box_end|><|im_end|>", re.DOTALL
    ),
    "count_compat": re.compile(rf"{REFERENCE}(?:{BOX})+{END}", re.DOTALL),
}


def has_format(answer: str, form: Format) -> bool:
    """Return whether an answer has a form, from its first character on; blanks around it count in the compat forms.

    Examples:
        >>> has_format("<think>1 + 1</think><answer>2</answer>", "thinking"), has_format("<p>", "grounding_compat")
        (True, True)
    """
    text = answer if form.endswith("compat") else answer.strip()
    return FORMATS[form].match(text) is not None


def score_thinking(answer: str, truth: str, /) -> RewardResult:
    """Score `<think>…</think><answer>…</answer>` and nothing else."""
    return _score(answer, "thinking")


def score_grounding_format(answer: str, truth: str, /) -> RewardResult:
    """Score one reference and one box in Qwen's marks."""
    return _score(answer, "grounding")


def score_grounding_format_compat(answer: str, truth: str, /) -> RewardResult:
    """Score as the published pattern, which any text that begins with `<` fits."""
    return _score(answer, "grounding_compat")


def score_count_format(answer: str, truth: str, /) -> RewardResult:
    """Score one reference and one box or more in Qwen's marks."""
    return _score(answer, "count")


def score_markup_format(answer: str, truth: str, /) -> RewardResult:
    """Score markup that is whole: environments, delimiters, arguments and formulas end; an empty page is whole."""
    problem = markup_problem(answer)
    return RewardResult(float(problem is None), problem=problem)


def _score(answer: str, form: Format) -> RewardResult:
    fits = has_format(answer, form)
    return RewardResult(float(fits), problem=None if fits else f"the answer does not have the form {form!r}")
