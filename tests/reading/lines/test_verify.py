"""Formulas that are drawn again: those that do not look like the picture become doubtful."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.formulas.drawing import draw_formulas
from ocr2.reading.lines import verify
from ocr2.reading.lines.verify import NOTHING_DRAWS, verify_formulas
from ocr2.results.box import Box
from ocr2.results.document import Block, Page


@pytest.fixture(autouse=True)
def matplotlib_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No LaTeX: the same drawer on every machine."""
    monkeypatch.setattr("shutil.which", lambda name: None)


def page_with(shown: str, read: str, *, number: str = "") -> tuple[Page, NDArray[np.uint8]]:
    """A page that shows one formula, and what was read there."""
    (picture,) = draw_formulas([shown])
    assert picture is not None
    gray = np.full((400, 1400), 255, np.uint8)
    height, width = picture.shape
    gray[100 : 100 + height, 300 : 300 + width] = picture
    right = 300 + width
    if number:
        (mark,) = draw_formulas([number])
        assert mark is not None
        gray[100 : 100 + mark.shape[0], 1200 : 1200 + mark.shape[1]] = mark
        right, height = 1200 + mark.shape[1], max(height, mark.shape[0])
    block = Block("formula", read, Box(300, 100, right, 100 + height), 0.9, ())
    return Page(number=1, width=1400, height=400, dpi=None, blocks=(block,)), gray


def test_a_right_formula_gives_no_warning() -> None:
    assert verify_formulas(*page_with(r"\frac{a+b}{c}", r"\[\frac{a+b}{c}\]")).warnings == ()


def test_a_wrong_formula_is_told() -> None:
    page = verify_formulas(*page_with(r"\frac{a+b}{c}", r"\[x = \sqrt{y}\]"))
    assert "formula 1 is doubtful" in page.warnings[0]
    assert page.blocks[0].confidence == pytest.approx(0.9)


def test_the_number_of_an_equation_is_left_out() -> None:
    page = verify_formulas(*page_with("a + b = c", r"\[a + b = c \tag{12}\]", number="(12)"))
    assert page.warnings == ()


def test_what_cannot_be_drawn_or_checked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    page, gray = page_with("a", r"\[\begin{array}{c} a \end{array}\]")
    assert "was not checked" in verify_formulas(page, gray).warnings[0]
    monkeypatch.setattr(verify, "can_draw", lambda: None)
    assert verify_formulas(page, gray).warnings == (NOTHING_DRAWS,)


def test_a_page_without_formulas_stays_as_it_is() -> None:
    page = Page(number=1, width=10, height=10, dpi=None, blocks=())
    assert verify_formulas(page, np.zeros((10, 10), np.uint8)) is page
