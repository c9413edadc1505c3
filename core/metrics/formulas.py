"""How well formulas are read: exactly in the normal form, and by edits."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ocr2.formulas.parse import TOKEN, FormulaError, parse_formula
from ocr2.formulas.tree import Space
from ocr2.formulas.write import write_formula


def normal_form(text: str, *, gaps: bool = False) -> str | None:
    """Return a formula in the one form that `ocr2.formulas.write` gives; None if it is none.

    Args:
        text: LaTeX.
        gaps: Whether wide blanks between the parts of the outermost row count.
    """
    try:
        row = parse_formula(text)
        return write_formula(row if gaps else tuple(node for node in row if not isinstance(node, Space)))
    except (FormulaError, RecursionError):  # what a looping model writes nests without end
        return None


def tokens_of(text: str) -> list[str]:
    """Cut LaTeX into commands and characters, blanks left out."""
    return [m.group() for m in TOKEN.finditer(text) if not m.group().isspace()]


def formula_distance(answer: str, truth: str) -> float:
    """Return the edits that make the truth's normal form of an answer's, as a share of the longer one's tokens.

    What is no formula is compared as it is written.
    """
    left, right = (tokens_of(normal_form(text) or text) for text in (answer, truth))
    return Levenshtein.distance(left, right) / max(1, len(left), len(right))


def score_formulas(answers: Sequence[str], truths: Sequence[str]) -> dict[str, float]:
    """Return per cent of formulas with the truth's normal form, and the mean distance in per cent."""
    exact = sum(
        normal_form(a) is not None and normal_form(a) == normal_form(t) for a, t in zip(answers, truths, strict=True)
    )
    distances = [formula_distance(a, t) for a, t in zip(answers, truths, strict=True)]
    count = max(1, len(truths))
    return {"exact": 100 * exact / count, "edit": 100 * sum(distances) / count}
