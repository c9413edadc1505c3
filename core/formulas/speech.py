"""Formulas in LaTeX read out in English words."""

import re

from ocr2.formulas import spoken
from ocr2.formulas.parse import FormulaError, parse_formula
from ocr2.formulas.tree import Space, Symbol
from ocr2.formulas.words import row_to_words

END_OF_SENTENCE = (Symbol("."), Symbol(","), Symbol(";"), Space())  # that a formula ends in
LATEX_TOKEN = re.compile(r"\\?[A-Za-z]+|\d+(?:[.,]\d+)*|\S")
LATEX_SIGNS = {"^": "to the", "_": "sub", "{": "", "}": "", "&": "", "\\": "", "$": "", "~": ""}


def formula_to_words(source: str) -> str:
    r"""Return a formula in words; one that cannot be parsed as the names of its LaTeX commands, in their order.

    Args:
        source: Mathematics in LaTeX, with or without its delimiters.

    Examples:
        >>> formula_to_words(r"\sqrt{x^2 + 1} \leq \frac{1}{2}")
        'the square root of x squared plus 1, end root, is less than or equal to one half'
        >>> formula_to_words(r"\frac{a")
        'frac a'
    """
    try:
        row = parse_formula(source)
    except (FormulaError, RecursionError):
        return _spelt(source)
    while row and row[-1] in END_OF_SENTENCE:
        row = row[:-1]
    return row_to_words(row)


def _spelt(source: str) -> str:
    tokens = (token.lstrip("\\") or token for token in LATEX_TOKEN.findall(source))
    words = (LATEX_SIGNS.get(token, spoken.SIGNS.get(token, token)) for token in tokens)
    return " ".join(word for word in words if word)
