"""Printed values set right by their fellows: one chart prints its numbers in one way.

In small print a point and a comma, or O and 0, look alike. What the other values and the axis rule out is replaced.
"""

import re
from collections.abc import Sequence

from ocr2.charts.numbers import read_number

LIKE_DIGITS = str.maketrans("OoQDIl|SZB", "0000111528")
LETTERS = re.compile(r"(?<![^\W\d_])[OoQDIl|SZB]+(?=[\d.,])|(?<=[\d.,])[OoQDIl|SZB]+(?![^\W\d_])")  # units stay
MARK = re.compile(r"(?<=\d)[.,/-](?=(\d+)\D*$)")  # the last one between digits, and those behind it
DIGITS = re.compile(r"\d+(?=\D*$)")  # the last ones
FEWEST, ALMOST_ALL = 3, 0.75  # others, and share of them, that have a mark at one place
FAR = 3.0  # times the farthest number that the axis reaches: no value of the chart

Form = tuple[str, int]  # a number's last mark and how many digits stand behind it


def agree(texts: Sequence[str], farthest: float | None = None) -> list[str]:
    """Return the prints of a chart's values, those that cannot be meant set right.

    Args:
        texts: As they were read.
        farthest: The farthest number from 0 that the values' axis reaches; None if that is not known.

    Examples:
        >>> agree(["1.25", "2,70", "3.10", "I.95"])
        ['1.25', '2.70', '3.10', '1.95']
        >>> agree(["47.70", "60.00", "4000%", "22.10", "35.25"])
        ['47.70', '60.00', '40.00%', '22.10', '35.25']
        >>> agree(["1,177", "1,032"], farthest=1.5)
        ['1.177', '1.032']
    """
    texts = [_with_digits(text) for text in texts]
    forms = [_form(text) for text in texts]
    return [_marked_right(text, forms[:i] + forms[i + 1 :], farthest) for i, text in enumerate(texts)]


def _with_digits(text: str) -> str:
    """Replace letters that look like digits, if only they keep a print from being a number."""
    changed = LETTERS.sub(lambda match: match[0].translate(LIKE_DIGITS), text)
    return changed if not _is_number(text) and _is_number(changed) else text


def _is_number(text: str) -> bool:
    return read_number(text).value is not None


def _form(text: str) -> Form | None:
    match = MARK.search(text)
    return (match[0], len(match[1])) if match is not None and _is_number(text) else None


def _marked_right(text: str, others: Sequence[Form | None], farthest: float | None) -> str:
    """Exchange a number's last mark for the one that most others have there or the axis asks for; add a lost one."""
    match = MARK.search(text)
    if match is None:
        return _with_lost_mark(text, others)
    for mark in ".,":
        changed = f"{text[: match.start()]}{mark}{text[match.end() :]}"
        if mark == match[0] or not _is_number(changed):
            continue
        fellows, alike = (others.count((m, len(match[1]))) for m in (mark, match[0]))
        outvoted = 2 * fellows > len(others) - others.count(None) and fellows > alike + 1
        if outvoted or (_is_far(text, farthest) and not _is_far(changed, farthest)):
            return changed
    return text


def _with_lost_mark(text: str, others: Sequence[Form | None]) -> str:
    """Put a mark where nearly all others have one: the same number of digits from the end."""
    form = max(set(others), key=others.count, default=None)
    digits = DIGITS.search(text)
    if form is None or digits is None or others.count(form) < max(FEWEST, ALMOST_ALL * len(others)):
        return text
    cut = digits.end() - form[1]
    changed = f"{text[:cut]}{form[0]}{text[cut:]}"
    return changed if cut > digits.start() and _is_number(changed) else text


def _is_far(text: str, farthest: float | None) -> bool:
    value = read_number(text).value
    return value is not None and farthest is not None and abs(value) > FAR * farthest
