"""Formulas among the lines of a page: taken where a reader is sure of them, and nowhere else."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.formulas.parse import parse_formula
from ocr2.models.protocols import ReadFormula
from ocr2.reading.lines.blocks import build_blocks
from ocr2.reading.lines.formulas import find_formulas, is_strange, written
from ocr2.reading.lines.line import ReadLine
from ocr2.results.box import Box
from ocr2.results.document import Document, Line, Page, Word

PAGE = np.full((1000, 800), 255, np.uint8)


def line(text: str, y: int, *, x: int = 100, confidence: float = 0.95, height: int = 20) -> ReadLine:
    box = Box(x, y, x + 10 * len(text), y + height)
    word = Word(text, box, confidence)
    return ReadLine(Line(text, box, confidence, (word,)), 0, 20.0, 0.1, 0.3, 11.0, ())


TEXT = "some words of running text that fill the line"


class PlayedReader:
    """Reads every picture as one formula."""

    def __init__(self, latex: str, confidence: float = 0.99, unexplained: int = 0, covered: float = 1.0) -> None:
        tree = parse_formula(latex)
        self.reading = ReadFormula(tree, confidence, 20, unexplained, covered, "end")
        self.shapes: list[tuple[int, ...]] = []

    def read_formulas(self, pictures: Sequence[NDArray[np.uint8]]) -> list[ReadFormula]:
        self.shapes += [picture.shape for picture in pictures]
        return [self.reading] * len(pictures)


def page() -> list[ReadLine]:
    """Return lines with a fraction between them, read as three strange lines."""
    return [
        line(TEXT, 100), line(TEXT, 126), line("a + b", 170, x=200, confidence=0.6), line("x =", 185, x=130),
        line("2c", 200, x=200), line(TEXT, 250),
    ]  # fmt: skip


def test_strange_lines_close_together_are_one_formula_in_its_place() -> None:
    reader = PlayedReader(r"x = \frac{a+b}{2c}")
    lines = page()
    found = find_formulas(lines, frozenset(), PAGE, reader)
    blocks = build_blocks(lines, 1000, found)
    assert len(reader.shapes) == 1
    assert [block.kind for block in blocks] == ["paragraph", "formula", "paragraph"]
    assert blocks[1].text == r"\[ x=\frac{a+b}{2c} \]"
    assert len(blocks[1].lines) == 3
    assert blocks[1].box is not None
    assert 146 <= blocks[1].box.top <= 170
    assert 220 <= blocks[1].box.bottom <= 250


def test_all_formats_show_a_formula() -> None:
    lines = page()
    blocks = build_blocks(lines, 1000, find_formulas(lines, frozenset(), PAGE, PlayedReader(r"x = \frac{a+b}{2c}")))
    document = Document("a", (Page(1, 800, 1000, None, tuple(blocks)),), "m", "0")
    assert r"$$x=\frac{a+b}{2c}$$" in document.to_markdown().replace("\n", "").replace(" ", "").replace("$$x", "$$x")
    assert "<math" in document.to_html()
    assert r"\frac{a+b}{2c}" in document.to_latex()
    assert document.to_dict()["pages"][0]["blocks"][1]["kind"] == "formula"  # type: ignore[index]


@pytest.mark.parametrize(
    "reader",
    [
        PlayedReader("x=1", confidence=0.7),
        PlayedReader("x=1", unexplained=6),
        PlayedReader("x=1", covered=0.5),
        PlayedReader(r"\mathrm{page} \mathrm{four} = 4"),
        PlayedReader("12, 13"),
    ],
    ids=["unsure", "unexplained", "uncovered", "words", "numbers"],
)
def test_what_is_not_surely_a_formula_stays_as_it_was_read(reader: PlayedReader) -> None:
    lines = page()
    assert find_formulas(lines, frozenset(), PAGE, reader) == []


def test_text_is_never_asked_about() -> None:
    reader = PlayedReader("x=1")
    lines = [line(TEXT, 100), line("Sales (in EUR)", 130), line("The end.", 160)]
    assert not any(map(is_strange, lines))
    find_formulas(lines, frozenset(), PAGE, reader)
    assert reader.shapes == []


def test_lines_of_tables_are_left_to_them() -> None:
    reader = PlayedReader("x=1")
    find_formulas(page(), frozenset((2, 3, 4)), PAGE, reader)
    assert reader.shapes == []


def test_a_number_behind_a_gap_is_a_tag() -> None:
    assert written(parse_formula(r"E = mc^2 \qquad (3.1a)")) == r"\[ E=mc^{2} \tag{3.1a} \]"
    assert written(parse_formula(r"f \quad (x)")) == r"\[ f\quad (x) \]"
