"""Numbers as charts print them: "1,234", "(5)", "€ 1.2M", "60.5%", "3万"; value and unit.

What is chosen where a print can be read in two ways:

- Of "." and "," the one that comes last is the decimal mark. Alone, a comma before three digits groups them ("1,234" is
  1234, "0,234" is 0.234), any other comma and any single point is the decimal mark ("1.234" is 1.234).
- Words and letters that multiply do so: "1.2M" is 1200000. A single letter only where it stands at the digits or a
  currency is named: "300 K" are kelvin, "5 m" metres, "$5 m" millions. 万 and 亿 always do.
- Parentheses around the whole are a minus; digits in parentheses or brackets behind a number are a footnote.
- Ranges, dates, times, fractions, inequalities and sentences are no numbers.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

LONGEST = 64  # characters of a print that may be a number
LONGEST_UNIT = 24
SIGNS = str.maketrans({
    "−": "-", "－": "-", "﹣": "-", "＋": "+", "％": "%", "，": ",", "．": ".", "٫": ".", "٬": ",", "’": "'",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "（": "(", "）": ")",
})  # fmt: skip
FOOTNOTE = re.compile(r"(?<=[^\s(\[])\s*(?:\(\d+\)|\[\d+\]|[*†‡]+)$")
NUMBER = re.compile(
    r"""(?P<sign>[-+]?)\s*(?P<before>(?:[^\d\s.,+-]+\.?)?)\s*(?P<inner>[-+]?)
    (?P<body>\d+(?:[.,' ]\d+)*[.,]?|[.,]\d+)(?P<exponent>[eE][-+]?\d{1,3}(?![\d.]))?
    (?P<gap>\s*)(?P<after>(?:[^\s\d,;:=<>~()\[\]{}|+-][^\d,;:=<>~()\[\]{}|]*(?:(?<=[a-zµ])[23])?)?)""",
    re.VERBOSE,
)
CODE = re.compile(r"[A-Z]{2,3}|Rs\.?|kr\.?")  # of a currency; a symbol may follow: US$, R$
ABOUT = "~≈"
# Longest first: 万亿 is not 万.
WORDS = {
    "trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3, "crore": 1e7, "lakh": 1e5, "bn": 1e9,
    "mn": 1e6, "tn": 1e12,
}  # fmt: skip
CHINESE = {
    "万亿": 1e12,
    "萬億": 1e12,
    "十亿": 1e9,
    "千万": 1e7,
    "百万": 1e6,
    "亿": 1e8,
    "億": 1e8,
    "万": 1e4,
    "萬": 1e4,
}
LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
MONEY_LETTERS = {"m": 1e6, "b": 1e9, "T": 1e12}


@dataclass(frozen=True, slots=True)
class Number:
    """What a print stands for."""

    value: float | None = None  # None if it is no number
    unit: str | None = None  # without what multiplies


def read_number(printed: str) -> Number:
    """Return the value and unit of a print; the module says how it is read.

    Examples:
        >>> read_number("€ 1.2M"), read_number("(1,234)"), read_number("10-20")
        (Number(value=1200000.0, unit='€'), Number(value=-1234.0, unit=None), Number(value=None, unit=None))
    """
    if len(printed) > LONGEST:
        return Number()
    text = FOOTNOTE.sub("", "".join(_digit(c) for c in printed.translate(SIGNS)).strip())
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
    match = NUMBER.fullmatch(_without_remark(inner))
    if match is None or (match["sign"] and match["inner"]):
        return Number()
    before = match["before"].strip(ABOUT)
    digits = _plain_digits(match["body"])
    if digits is None or not (before == "" or is_currency(before)):
        return Number()
    factor, after = _split_factor(match["after"].strip(), attached=not match["gap"], money=before != "")
    value = float(digits + (match["exponent"] or "")) * factor
    if not math.isfinite(value) or len(after) > LONGEST_UNIT:
        return Number()
    minus = (match["sign"] or match["inner"]) == "-"
    if inner is not text and (minus or match["sign"] == "+"):
        return Number()
    return Number(-value if minus or inner is not text else value, f"{before} {after}".strip() or None)


def is_currency(text: str) -> bool:
    """Say whether a text names a currency, as far as its form tells.

    Examples:
        >>> is_currency("US$"), is_currency("EUR"), is_currency("Jan")
        (True, True, False)
    """
    letters = text.rstrip("".join(c for c in text if unicodedata.category(c) == "Sc"))
    return (letters != text and (not letters or letters.isupper())) or CODE.fullmatch(text) is not None


def _digit(character: str) -> str:
    """Return a decimal digit of any script as ours."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _without_remark(text: str) -> str:
    """Return a number whose unit stands in parentheses with the unit alone."""
    match = re.fullmatch(r"([^()]*\d[^()]*?)\s*\(([^()\d]*)\)", text)
    return f"{match[1]} {match[2]}" if match is not None else text


def _plain_digits(body: str) -> str | None:
    """Return digits with a point at most; None if its marks are none of a number."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        mark = "," if body.rindex(",") > body.rindex(".") else "."
        whole, _, rest = body.rpartition(mark)
        grouped = _ungrouped(whole, "." if mark == "," else ",")
        return f"{grouped}.{rest}" if grouped is not None and mark not in whole else None
    if commas and (commas > 1 or _groups(body, ",")):
        return _ungrouped(body, ",")
    if points > 1:
        return _ungrouped(body, ".")
    if any(space in body for space in " '"):
        whole, mark, rest = body.replace(",", ".").partition(".")
        grouped = _ungrouped(whole, " " if " " in whole else "'")
        return f"{grouped}{mark}{rest}" if grouped is not None and not set(rest) & set(" '") else None
    return body.replace(",", ".")


def _ungrouped(whole: str, mark: str) -> str | None:
    """Return grouped digits as one; None if they are not grouped so."""
    return whole.replace(mark, "") if whole.isdecimal() or _groups(whole, mark) else None


def _groups(text: str, mark: str) -> bool:
    """Say whether marks stand between groups of three digits, or of two before the last, as in India."""
    m = re.escape(mark)
    return re.fullmatch(rf"[1-9]\d{{0,2}}(?:{m}\d{{3}})+|[1-9]\d?(?:{m}\d{{2}})+{m}\d{{3}}", text) is not None


def _split_factor(after: str, *, attached: bool, money: bool) -> tuple[float, str]:
    """Split what follows the digits into what multiplies them and the unit."""
    for word, factor in CHINESE.items():
        if after.startswith(word):
            return factor, after.removeprefix(word).strip()
    word = re.split(r"[\s.]", after, maxsplit=1)[0]
    rest = after[len(word) :].lstrip(". ")
    if word.lower() in WORDS or word.lower().removesuffix("s") in WORDS:
        return WORDS.get(word.lower()) or WORDS[word.lower().removesuffix("s")], rest
    if word.rstrip("%+") in LETTERS and word and (attached or money):
        return LETTERS[word.rstrip("%+")], rest
    # A letter and a currency: "1.2M€".
    if attached and word[:1] in LETTERS and is_currency(word[1:]):
        return LETTERS[word[0]], f"{word[1:]} {rest}".strip()
    if word in MONEY_LETTERS and money:
        return MONEY_LETTERS[word], rest
    return 1.0, after
