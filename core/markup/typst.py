r"""Formulas in Typst's notation, through tex2typst (the extra `typst`).

A formula is brought to the one form of `ocr2.formulas` first, where it parses: what LaTeX spells in many ways has one.
"""

from ocr2.formulas.parse import parse_formula
from ocr2.formulas.write import write_formula
from ocr2.markup.formulas import MAX_LENGTH, FormulaError

MISSING = 'Typst needs tex2typst: pip install "ocr2[typst]"'
SURD = r"\surd"  # a root without a bar: the library passes its name on, which Typst does not know


def formula_to_typst(source: str) -> str:
    r"""Return a formula in Typst's notation, without dollars.

    Args:
        source: LaTeX without delimiters.

    Raises:
        FormulaError: If it cannot be converted.
        ModuleNotFoundError: If tex2typst is not installed.

    Examples:
        formula_to_typst(r"\frac{a}{b}^2") is "(a/b)^2".
    """
    try:
        from tex2typst import tex2typst
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(MISSING) from error
    if len(source) > MAX_LENGTH:
        raise FormulaError(f"longer than {MAX_LENGTH} characters", known=False)
    try:
        whole = write_formula(parse_formula(source))
    except (ValueError, RecursionError):
        whole = source
    try:
        return str(tex2typst(whole.replace(SURD, r"\sqrt{}"))).strip()
    except Exception as error:  # the library raises whatever its parsing runs into
        raise FormulaError(f"tex2typst: {str(error).splitlines()[0] if str(error) else error!r}") from error
