"""Scores of formulas as a table for people, as JSON, and as one record a formula."""

import json
import re
from dataclasses import dataclass

from ocr2.metrics.formulas import formula_distance, normal_form
from ocr2.metrics.pairs import Pairs

# What a formula stands in: \[...\], $$...$$, \(...\), $...$, and the number of a display formula.
AROUND = re.compile(r"^\s*(?:\\\[|\\\(|\$\$?)|(?:\\\]|\\\)|\$\$?)\s*$|\\tag\{[^{}]*\}")


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
    both = [(AROUND.sub("", pair.answer), AROUND.sub("", pair.truth)) for pair in pairs.items]
    exact = [normal_form(a) is not None and normal_form(a) == normal_form(t) for a, t in both]
    alike: list[bool | None] = [None] * len(both)
    by = None
    if drawn:
        by, alike = _compare_drawn(both, exact)
    rows = zip(pairs.items, both, exact, alike, strict=True)
    return FormulaScores(tuple(FormulaScore(p.name, e, formula_distance(*b), like) for p, b, e, like in rows), by)


def _compare_drawn(both: list[tuple[str, str]], exact: list[bool]) -> tuple[str, list[bool | None]]:
    from ocr2.formulas.drawing import can_draw, draw_formulas
    from ocr2.metrics.formula_pictures import look_alike

    by = can_draw()
    if by is None:
        raise ModuleNotFoundError("--drawn needs LaTeX with dvipng, or Matplotlib: pip install 'ocr2[charts]'")
    texts = [normal_form(text) or text for pair in both for text in pair]
    pictures = draw_formulas(texts)
    return by, [
        right or (one is not None and other is not None and look_alike(one, other))
        for right, one, other in zip(exact, pictures[::2], pictures[1::2], strict=True)
    ]


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
