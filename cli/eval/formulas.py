"""Scores of formulas as a table for people, as JSON, and as one record a formula."""

import json
from dataclasses import dataclass

from ocr2.formulas.drawing import bare, can_draw
from ocr2.metrics.formula_pictures import alike_when_drawn
from ocr2.metrics.formulas import formula_distance, normal_form
from ocr2.metrics.pairs import Pairs


@dataclass(frozen=True, slots=True)
class FormulaScore:
    """One formula: whether it is right, and by how many edits it is not."""

    name: str
    exact: bool
    edit: float  # share of the tokens
    alike: bool | None  # whether both look alike when drawn; None if that was not asked


@dataclass(frozen=True, slots=True)
class FormulaScores:
    """A set of formulas."""

    items: tuple[FormulaScore, ...]
    drawn_by: str | None

    @property
    def exact(self) -> float:
        """Per cent that are the truth in the normal form."""
        return 100 * sum(item.exact for item in self.items) / max(1, len(self.items))

    @property
    def edit(self) -> float:
        """Mean edits, per cent of the tokens."""
        return 100 * sum(item.edit for item in self.items) / max(1, len(self.items))

    @property
    def alike(self) -> float | None:
        """Per cent that look like the truth when drawn."""
        if self.drawn_by is None:
            return None
        return 100 * sum(bool(item.alike) for item in self.items) / max(1, len(self.items))


def score_formula_pairs(pairs: Pairs, *, drawn: bool) -> FormulaScores:
    """Score formulas.

    Args:
        pairs: Truths and answers, LaTeX.
        drawn: Also draw both and compare the pictures.

    Raises:
        ModuleNotFoundError: If they are to be drawn, and nothing here does.
    """
    by = can_draw() if drawn else None
    if drawn and by is None:
        raise ModuleNotFoundError("--drawn needs LaTeX with dvipng, or Matplotlib: pip install 'ocr2[charts]'")
    answers, truths = [bare(p.answer) for p in pairs.items], [bare(p.truth) for p in pairs.items]
    alike = alike_when_drawn(answers, truths) if by is not None else [None] * len(answers)
    items = [
        FormulaScore(
            pair.name, normal_form(a) is not None and normal_form(a) == normal_form(t), formula_distance(a, t), is_alike
        )
        for pair, a, t, is_alike in zip(pairs.items, answers, truths, alike, strict=True)
    ]
    return FormulaScores(tuple(items), by)


def formula_scores_to_table(scores: FormulaScores) -> str:
    """Return the scores, one a line."""
    rows = [("formulas", str(len(scores.items))), ("exact %", f"{scores.exact:.1f}"), ("edits %", f"{scores.edit:.2f}")]
    if scores.alike is not None:
        rows.append((f"alike % (drawn by {scores.drawn_by})", f"{scores.alike:.1f}"))
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}{value:>10}\n" for name, value in rows)


def formula_scores_to_json(scores: FormulaScores, pairs: Pairs) -> str:
    """Return everything but the single formulas."""
    content = {
        "formulas": len(scores.items),
        "missing": list(pairs.missing),
        "unmatched": list(pairs.unmatched),
        "exact": round(scores.exact, 2),
        "edit": round(scores.edit, 3),
        "alike": round(scores.alike, 2) if scores.alike is not None else None,
        "drawn_by": scores.drawn_by,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def formula_scores_to_lines(scores: FormulaScores) -> str:
    """Return a JSON object a formula."""
    rows = [{"name": i.name, "exact": i.exact, "edit": round(i.edit, 4), "alike": i.alike} for i in scores.items]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
