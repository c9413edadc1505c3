"""Two pages on one picture."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import LineReader
from ocr2.options import Spreads
from ocr2.reading.lines.layout import analyse
from ocr2.reading.lines.page import LineOptions, read_page
from ocr2.reading.lines.spreads import find_fold

MakeReader = Callable[..., LineReader]
PROSE = "some words of running text that fill the line quite well to its end"
FONT = ImageFont.load_default(size=20)
PAGE = 800  # pixels of the width of a page


def draw(*sides: list[str], height: int = 1000) -> NDArray[np.uint8]:
    """Draw pages side by side, with their lines; lines of the second stand a little lower."""
    image = Image.new("L", (PAGE * len(sides), height), 250)
    pen = ImageDraw.Draw(image)
    for number, lines in enumerate(sides):
        for i, text in enumerate(lines):
            pen.text((PAGE * number + 70, 100 + 15 * number + 36 * i), text, fill=20, font=FONT)
    return np.asarray(image, np.uint8)


@pytest.fixture
def reader(fixed_reader: MakeReader) -> LineReader:
    return fixed_reader("word")


@pytest.mark.parametrize(("spreads", "is_cut"), [("auto", True), ("always", True), ("never", False)])
def test_pages_side_by_side_are_parted_where_they_meet(reader: LineReader, spreads: Spreads, is_cut: bool) -> None:
    fold = find_fold(analyse(draw([PROSE] * 20, [PROSE] * 20), reader), spreads)
    assert (fold is not None) == is_cut
    assert fold is None or abs(fold - PAGE) < 100


@pytest.mark.parametrize(
    "sides",
    [
        pytest.param([[PROSE] * 20], id="one page"),
        pytest.param([[PROSE] * 3, [PROSE] * 3], id="two captions"),
        pytest.param([["Copper wire, 20 m"] * 20, ["12.50"] * 20], id="a list of prices"),
        pytest.param([[PROSE + " " + PROSE] * 20, []], id="one wide page"),
        pytest.param([[], []], id="nothing"),
    ],
)
def test_other_pictures_are_one_page(reader: LineReader, sides: list[list[str]]) -> None:
    assert find_fold(analyse(draw(*sides), reader), "auto") is None


def test_always_cuts_a_picture_without_white_in_its_middle(reader: LineReader) -> None:
    assert find_fold(analyse(draw([], []), reader), "always") == PAGE


def test_both_pages_are_read_the_left_one_first(reader: LineReader) -> None:
    gray = draw([PROSE] * 20, [PROSE] * 20)
    page = read_page(gray, reader, options=LineOptions(spreads="auto"))
    boxes = [line.box for block in page.blocks for line in block.lines]
    is_right = [box.left >= PAGE for box in boxes]
    assert is_right == sorted(is_right)
    assert sum(is_right) == len(boxes) - sum(is_right) == 20
    assert (page.width, page.height) == (gray.shape[1], gray.shape[0])
    assert all(box.right <= page.width for box in boxes)
    assert page.warnings[0] == "two pages side by side were read one after the other"
    assert all(dark_within(gray, box.left, box.top, box.right, box.bottom) for box in boxes)


def dark_within(gray: NDArray[np.uint8], left: int, top: int, right: int, bottom: int) -> bool:
    return bool((gray[top:bottom, left:right] < 128).any())
