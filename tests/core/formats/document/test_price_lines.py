"""Rows that end in an amount."""

import pytest

from ocr2.formats.document.price_lines import PriceLine, price_lines
from ocr2.results.box import Box
from ocr2.results.document import Block, Line, Page, Word


def line(text: str, top: int, left: int = 0) -> Line:
    words = tuple(
        Word(word, Box(left + 40 * i, top, left + 40 * i + 30, top + 20), 0.9) for i, word in enumerate(text.split())
    )
    return Line(text, Box(left, top, words[-1].box.right, top + 20), 0.9, words)


def page(*lines: Line) -> Page:
    return Page(1, 600, 800, None, tuple(Block("paragraph", one.text, one.box, 0.9, (one,)) for one in lines))


def told(found: list[PriceLine]) -> list[tuple[str, float, str | None]]:
    return [(one.text, one.value, one.currency) for one in found]


def test_names_and_amounts_of_a_receipt() -> None:
    lines = [
        line("KEDAI PAPAN", 0),
        line("BAGIS COAT-HANGER", 30),
        line("2 pc @ 4.90 9.80 SR", 60),
        line("TEODORES", 90), line("90.00 S", 92, left=300),
        line("Discount -1.50", 120),
        line("Total RM 98.30", 150),
        line("Thank you, come again", 180),
    ]  # fmt: skip
    assert told(price_lines(page(*lines))) == [
        ("BAGIS COAT-HANGER 2 pc @ 4.90", 9.8, None),
        ("TEODORES", 90.0, None),
        ("Discount", -1.5, None),
        ("Total", 98.3, "RM"),
    ]


@pytest.mark.parametrize(
    ("last", "value", "currency"),
    [
        ("$7.10", 7.1, "$"), ("RM5.83", 5.83, "RM"), ("1.234,50", 1234.5, None), ("1,234.50", 1234.5, None),
        ("(3.20)", -3.2, None), ("3.20-", -3.2, None), ("-RM0.02", -0.02, "RM"), ("12,50 €", 12.5, "€"),
        ("9,99€", 9.99, "€"), ("12,50 € A", 12.5, "€"), ("12,50 EUR", 12.5, "EUR"), ("($5.00)", -5.0, "$"),
        ("5.00A", 5.0, None),
    ],
)  # fmt: skip
def test_amounts_as_they_are_printed(last: str, value: float, currency: str | None) -> None:
    assert told(price_lines(page(line(f"Something {last}", 0)))) == [("Something", value, currency)]


@pytest.mark.parametrize("last", ["17:57:00", "12.5", "29.03.2018", "1.5.20", "03-40210276", "6.0%"])
def test_what_is_no_amount(last: str) -> None:
    assert price_lines(page(line(f"Something {last}", 0))) == []
