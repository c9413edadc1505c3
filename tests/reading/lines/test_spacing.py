"""Spaces by the grid of letters: of faces with one width, and of digits."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.lines.spacing import Letter, respace
from ocr2.results.box import Box

PITCH = 14.0
STRIP = Box(0, 0, 1000, 20)
Placed = list[tuple[str, float]]  # letters with their middles


def set_line(
    text: str, *, widths: dict[str, float] | None = None, ink: float = 0.6
) -> tuple[list[tuple[str, float]], NDArray[np.bool_]]:
    """Set a line; returns its letters with their middles, and the columns of it that hold ink."""
    inked, x, letters = np.zeros(1000, np.bool_), 10.0, []
    for character in text:
        wide = PITCH * (widths or {}).get(character, 1.0)
        if character != " ":
            letters.append((character, x + wide / 2))
            inked[round(x + wide * (1 - ink) / 2) : round(x + wide * (1 + ink) / 2)] = True
        x += wide
    return letters, inked


def read_as(text: str, letters: Placed, *, jitter: float = 0.0) -> list[Letter]:
    """Return letters as they were read, with the spaces of a text."""
    rng, rest, found = np.random.default_rng(1), iter(letters), []
    for character in text:
        if character == " ":
            found.append(Letter(" ", 1.0, 0.0, STRIP))
        else:
            seen, x = next(rest)
            assert seen == character
            found.append(Letter(character, 0.9, x + jitter * PITCH * float(rng.uniform(-1, 1)), STRIP))
    return found


def text_of(letters: list[Letter]) -> str:
    return "".join(letter.character for letter in letters)


@pytest.mark.parametrize(
    ("true", "read"),
    [
        ("Lot 38, Boulevard, TAX 55.00", "Lot 38, Boulevar d, TAX 55. 00"),
        ("RESERVATION NO: 010 7745055", "RESERVATION NO: 010 7 745055"),
        ("SUBTOTAL 85.20 RM", "SUBTOTAL85.20 RM"),
        ("def read(page, lines):", "def read(page, lines):"),
    ],
)
def test_a_face_of_one_width_has_spaces_where_cells_are_empty(true: str, read: str) -> None:
    letters, inked = set_line(true)
    assert text_of(respace(read_as(read, letters, jitter=0.06), inked, 0)) == true


def test_other_faces_keep_the_spaces_that_were_read() -> None:
    narrow = dict.fromkeys("ilI.,'tfr", 0.45) | dict.fromkeys("mwMW", 1.5) | {" ": 0.5}
    text = "will it fit more if the limit is little, William"
    letters, inked = set_line(text, widths=narrow, ink=0.85)
    assert text_of(respace(read_as(text, letters), inked, 0)) == text
    wrong = text.replace("more if", "moreif")
    assert text_of(respace(read_as(wrong, letters), inked, 0)) == wrong


def test_no_space_stands_between_digits_that_are_as_near_as_those_of_a_number() -> None:
    widths = dict.fromkeys("MGTABLES", 1.3) | {" ": 0.5, "I": 0.5}
    letters, inked = set_line("TABLETS 100MG 100 250", widths=widths, ink=0.8)
    read = respace(read_as("TABLETS 1 00MG 100 250", letters), inked, 0)
    assert text_of(read) == "TABLETS 100MG 100 250"


def test_letters_that_are_not_where_ink_is_show_no_grid() -> None:
    letters, _ = set_line("scanned scanned")
    inked = np.tile([True, False], 500)
    assert text_of(respace(read_as("scanned scan ned", letters), inked, 0)) == "scanned scan ned"


@pytest.mark.parametrize("text", ["", "a", "a b", "12 3"])
def test_a_line_too_short_to_show_a_grid_is_left_alone(text: str) -> None:
    letters, inked = set_line(text)
    assert text_of(respace(read_as(text, letters), inked, 0)) == text


def test_capitals_of_much_one_width_keep_their_narrow_spaces() -> None:
    widths = dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 1.3) | {"I": 1.0, " ": 0.5}
    text = "THANK YOU FOR YOUR PATRONAGE"
    letters, inked = set_line(text, widths=widths, ink=0.9)
    assert text_of(respace(read_as(text, letters, jitter=0.05), inked, 0)) == text


def test_prices_of_a_line_that_shows_no_empty_cell_are_joined() -> None:
    letters, inked = set_line("TOTAL    64.15    3.20")
    assert text_of(respace(read_as("TOTAL 64. 15 3. 20", letters, jitter=0.06), inked, 0)) == "TOTAL 64.15 3.20"
