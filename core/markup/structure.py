r"""Whether markup is whole: environments, delimiters and arguments that end, formulas that hold together."""

from ocr2.markup.commands import SHOWN, STYLES, TABLE_ENVIRONMENTS
from ocr2.markup.formulas import FormulaError, formula_problem, to_mathml
from ocr2.markup.scan import Scan
from ocr2.markup.tikz import tikz_problem

DELIMITERS = frozenset((r"\(", r"\)", r"\[", r"\]", "$$"))
WITH_ARGUMENT = frozenset((*STYLES, *SHOWN, "footnote", "caption", "title", "author", "section", "subsection"))


def markup_problem(text: str) -> str | None:
    r"""Return the first thing that is wrong with the structure of markup; None if it is whole.

    Examples:
        >>> markup_problem(r"\begin{center} \(x\)")
        '\\begin{center} has no end'
    """
    scan = Scan(text)
    unmatched = set(scan.unmatched)
    for i, token in enumerate(scan.tokens):
        if i in unmatched:
            what = "end" if token.kind == "begin" else "begin"
            return rf"\{token.kind}{{{token.value}}} has no {what}"
        if token.kind == "text" and token.value in DELIMITERS:
            return f"{token.value} has no counterpart"
        if token.kind == "command" and token.value in WITH_ARGUMENT:
            at = scan.skip_space(i + 1, len(scan.tokens))
            if at < len(scan.tokens) and scan.tokens[at].kind == "open" and scan.partner[at] < 0:
                return rf"the argument of \{token.value} has no end"
        if token.kind in ("math", "display"):
            problem = formula_problem(token.value, token.name)
            if problem is not None:
                return f"{_shortened(token.value)}: {problem}"
        if token.kind == "drawing" and (problem := tikz_problem(token.value)) is not None:
            return problem
    return None


def latex_pieces(text: str) -> list[str]:
    """Return the formulas and tables of markup as they were written, delimiters included."""
    scan = Scan(text)
    pieces: list[str] = []
    i = 0
    while i < len(scan.tokens):
        token = scan.tokens[i]
        is_table = token.kind == "begin" and token.value in TABLE_ENVIRONMENTS
        after = scan.after[i] if is_table else i + 1
        if is_table or (token.kind in ("math", "display") and token.value):
            pieces.append(scan.raw(i, after).strip())
        i = max(after, i + 1)
    return pieces


def formulas_problem(text: str) -> tuple[bool | None, str]:
    """Return whether latex2mathml takes every formula (None: it does not know something), and why it does not."""
    unknown = ""
    for token in Scan(text).tokens:
        if token.kind not in ("math", "display") or not token.value:
            continue
        try:
            to_mathml(token.value, environment=token.name)
        except FormulaError as error:
            if error.known:
                return False, f"{_shortened(token.value)}: {error}"
            unknown = unknown or str(error)
    return (None, unknown) if unknown else (True, "")


def _shortened(source: str, length: int = 40) -> str:
    line = " ".join(source.split())
    return line if len(line) <= length else line[: length - 1] + "…"
