"""Lines of receipts, invoices and price lists: what something is, and the amount at the end of its row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.charts.numbers import read_number
from ocr2.results.box import Box, union
from ocr2.results.document import MARGIN_KINDS, Line, Page, Word, mean_confidence

# An amount: two digits behind the last mark, maybe grouped before; a minus or brackets are a discount.
AMOUNT = re.compile(r"^\(?-?(?:\d{1,3}(?:[.,’']\d{3})+|\d+)[.,]\d{2}-?\)?$")
SIGN = (
    r"(?:(?:HK|US|A|C|NZ|R|S)?\$|[€£¥₹₩]|RM|Rs\.?|kr|zł|Kč|Ft|CHF|USD|EUR|GBP|JPY|CNY|INR|MYR|SGD|HKD|AUD|CAD|NZD|SEK|NOK"
    r"|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|IDR|THB|PHP|VND|KRW|ILS|AED)"
)
CURRENCY = re.compile(rf"^{SIGN}$")
ATTACHED = re.compile(rf"^([(-]*)({SIGN})(?=[\d(-])")
BEHIND = re.compile(rf"(?<=\d)({SIGN}|[A-Z])$")  # a currency or a tax's code at an amount
CODE = re.compile(r"^(?:[A-Z*]{1,3}|\d?%?[A-Z])$")  # of a tax, behind the amount
CLOSE = 1.5  # heights of a row: white above it below which the row above names what it counts
NAME_LETTERS = 3  # of a row that names something; one without says how many, and the row above what


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A row that ends in an amount."""

    text: str  # what stands before it, with the name of the row above if the row has only a number of pieces
    amount: str  # as printed, without currency
    value: float
    currency: str | None  # as printed
    box: Box  # of the amount's row, pixels of the page
    confidence: float  # mean of the row's words


def price_lines(page: Page) -> list[PriceLine]:
    """Return the rows of a page that end in an amount, from top to bottom; totals and taxes are among them.

    Examples:
        >>> price_lines(Page(1, 100, 100, None))
        []
    """
    found: list[PriceLine] = []
    above: tuple[str, int] | None = None  # a row without an amount, and where it ends
    for row in _rows([line for block in page.blocks if block.kind not in MARGIN_KINDS for line in block.lines]):
        words = [word for line in row for word in line.words]
        split = _split(words)
        if split is None:
            above = " ".join(word.text for word in words), max(line.box.bottom for line in row)
            continue
        before, amount, currency = split
        text = " ".join(word.text for word in before)
        if sum(c.isalpha() for c in text) < NAME_LETTERS and above is not None:
            close = row[0].box.top - above[1] < CLOSE * row[0].box.height
            text = f"{above[0]} {text}".strip() if close else text
        value = read_number(amount.replace("’", "").removesuffix("-")).value
        if value is not None:
            value = -abs(value) if amount.endswith("-") else value
            sure = mean_confidence([word.confidence for word in words])
            found.append(PriceLine(text, amount, value, currency, union(word.box for word in words), sure))
        above = None
    return found


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return lines side by side together, from top to bottom and left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.top + line.box.bottom):
        last = rows[-1][0].box if rows else None
        level = min(last.bottom, line.box.bottom) - max(last.top, line.box.top) if last is not None else 0
        if last is not None and level > 0.5 * min(last.height, line.box.height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _split(words: Sequence[Word]) -> tuple[Sequence[Word], str, str | None] | None:
    """Return what stands before the amount that a row ends in, the amount and its currency; None without one."""
    end, currency = len(words) - 1, None
    while end > 0 and (CURRENCY.match(words[end].text) or CODE.match(words[end].text)):
        currency = words[end].text if CURRENCY.match(words[end].text) else currency
        end -= 1
    if end < 0:
        return None
    text = words[end].text
    if behind := BEHIND.search(text):
        text = text[: behind.start()]
        currency = behind[1] if CURRENCY.match(behind[1]) else currency
    if attached := ATTACHED.match(text):
        text, currency = attached[1] + text[attached.end() :], attached[2]
    if AMOUNT.match(text) is None:
        return None
    if currency is None and end and CURRENCY.match(words[end - 1].text):
        end, currency = end - 1, words[end - 1].text
    return words[:end], text, currency
