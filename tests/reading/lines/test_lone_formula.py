"""A picture of one formula is read as it is given; what is none stays text."""

import io
from collections.abc import Sequence

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

import ocr2
from ocr2.formulas.parse import parse_formula
from ocr2.models.protocols import ReadFormula, StripReading
from ocr2.reading.lines import lone_formula
from ocr2.reading.lines.lone_formula import LoneFormula, may_be_formula, read_lone_formula
from ocr2.results.box import Box

Gray = NDArray[np.uint8]


class PlayedReader:
    """Reads every picture as one formula."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def read_formulas(self, pictures: Sequence[Gray]) -> list[ReadFormula]:
        self.shapes += [picture.shape for picture in pictures]
        return [ReadFormula(parse_formula("x^2"), 0.99, 2, 0, 1.0, "end")] * len(pictures)


def strip(text: str, certainty: float) -> StripReading:
    return StripReading(text, (certainty,) * len(text), (0.5,) * len(text), 1.0, "end")


def drawn(latex: str) -> Image.Image:
    """Draw a formula with the faces that Matplotlib ships."""
    figure = Figure(figsize=(5, 1.2))
    figure.text(0.5, 0.5, f"${latex}$", math_fontfamily="cm", fontsize=14, ha="center", va="center")
    data = io.BytesIO()
    figure.savefig(data, dpi=200, format="png")
    return Image.open(data).convert("L")


def test_words_that_are_read_are_no_formula() -> None:
    assert not may_be_formula([strip("some words of text", 0.95), strip("= 5", 0.9)])
    assert may_be_formula([strip("some words of text", 0.4), strip("= 5", 0.9)])
    assert may_be_formula([strip("sin x cos y", 0.95)])
    assert may_be_formula([])
    assert not may_be_formula([strip("=", 0.3)] * 100)


def test_a_formula_is_cut_out_of_its_picture_whatever_the_contrast() -> None:
    reader = PlayedReader()
    gray = np.full((300, 500), 200, np.uint8)
    gray[100:129, 50:150] = 150
    gray[110:120, 200:250] = 150
    found = read_lone_formula(gray, reader)
    assert found is not None
    assert found.box == Box(50, 100, 250, 129)
    assert reader.shapes == [(39, 210)]


@pytest.mark.parametrize("case", ["empty", "photograph"])
def test_what_cannot_be_signs_is_not_read(case: str) -> None:
    gray = np.full((300, 500), 255, np.uint8)
    if case == "photograph":
        gray[:] = np.random.default_rng(1).integers(0, 255, gray.shape)
    reader = PlayedReader()
    assert read_lone_formula(gray, reader) is None
    assert reader.shapes == []


@pytest.mark.parametrize(
    ("confidence", "unexplained", "covered", "sure", "likely"),
    [
        (0.99, 0, 1.0, True, True),
        (0.99, 3, 1.0, False, True),
        (0.8, 0, 1.0, False, True),
        (0.99, 0, 0.7, False, True),
        (0.5, 0, 1.0, False, False),
        (0.99, 0, 0.3, False, False),
        (0.99, 9, 1.0, False, False),
    ],
)
def test_a_formula_is_sure_likely_or_neither(
    confidence: float, unexplained: int, covered: float, sure: bool, likely: bool
) -> None:
    reading = ReadFormula(parse_formula(r"x_1 = \alpha"), confidence, 20, unexplained, covered, "end")
    formula = LoneFormula(reading, Box(0, 0, 9, 9))
    assert (formula.is_sure, formula.is_likely) == (sure, likely)
    assert bool(formula.doubts) == (covered < 1)


@pytest.mark.parametrize(
    ("latex", "read"),
    [
        (r"f(x) = \int_a^b g(t) dt", r"f(x)=\int_{a}^{b}g(t)dt"),
        (r"y = \frac{a+b}{c-d}", r"y=\frac{a+b}{c-d}"),
        (r"\sqrt{a^2+b^2} = c", r"\sqrt{a^{2}+b^{2}}=c"),
        (r"E = mc^2", "E=mc^{2}"),
    ],
)
def test_a_drawn_formula_is_read_the_right_way_up(latex: str, read: str) -> None:
    page = ocr2.read(drawn(latex)).pages[0]
    assert [block.text for block in page.blocks] == [rf"\[ {read} \]"]
    assert (page.rotation, page.grade.verdict, page.warnings) == (0, "good", ())
    assert page.confidence is not None
    assert page.confidence > 0.9


def test_a_formula_that_is_not_beyond_doubt_stands_where_text_is_read_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lone_formula, "SURE", 1.0)
    page = ocr2.read(drawn(r"\lim_{x \to 0} \frac{\sin x}{x} = 1")).pages[0]
    assert [block.text for block in page.blocks] == [r"\[ \lim_{x\rightarrow0}\frac{\sin x}{x}=1 \]"]


def test_text_that_is_upside_down_is_turned_whatever_formula_it_resembles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lone_formula, "SURE", 1.0)
    upside_down = drawn(r"\mathrm{the\ tables\ are\ given\ below}").rotate(180)
    page = ocr2.read(upside_down).pages[0]
    assert (page.rotation, page.text) == (180, "the tables are given below")
