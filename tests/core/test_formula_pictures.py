"""Formulas compared as pictures."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.formulas.drawing import draw_formulas
from ocr2.metrics.formula_pictures import agreement, alike_when_drawn, ink_of, look_alike

TEXTS = (r"\frac{a+b}{c}", r"\sum_{i=0}^{n} x_i^2", r"\alpha = \sqrt{\beta - 1}")


@pytest.fixture(autouse=True)
def matplotlib_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No LaTeX: the same drawer on every machine."""
    monkeypatch.setattr("shutil.which", lambda name: None)


def drawn(text: str) -> NDArray[np.uint8]:
    (picture,) = draw_formulas([text])
    assert picture is not None
    return picture


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_agrees_with_itself_in_another_size_and_on_dark_ground(text: str) -> None:
    picture = drawn(text)
    small = np.asarray(cv2.resize(255 - picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA), np.uint8)
    assert agreement(small, picture) > 0.9


def test_other_formulas_agree_less() -> None:
    pictures = [drawn(text) for text in TEXTS]
    own = min(agreement(p, p) for p in pictures)
    others = max(agreement(p, q) for p in pictures for q in pictures if p is not q)
    assert own > 0.99 > 0.85 > others


def test_a_sign_that_is_missing_or_wrong_lowers_agreement() -> None:
    right = drawn("a^2 + b^2 = c^2")
    assert agreement(right, drawn("a^2 + b^2 = c")) < 0.97
    assert agreement(right, drawn("a + b = c")) < agreement(right, drawn("a^2 + b^3 = c^2"))


def test_what_cannot_be_drawn_gives_nothing() -> None:
    assert draw_formulas([r"\begin{array}{c} a \end{array}", "x"])[0] is None


def test_numbers_of_equations_and_delimiters_are_not_drawn() -> None:
    assert look_alike(drawn(r"\[x + y \tag{3}\]"), drawn("x + y"))


def test_an_empty_picture_agrees_with_an_empty_one_alone() -> None:
    white = np.full((20, 20), 255, np.uint8)
    assert agreement(white, white) == 1.0
    assert agreement(white, drawn("x")) == 0.0
    assert not ink_of(white).any()


def test_formulas_are_alike_that_are_the_same_or_look_so() -> None:
    assert alike_when_drawn([r"\frac ab", "a", r"\frac{"], [r"\frac{a}{b}", "b", "a"]) == [True, False, False]
