"""Formulas in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.formulas.speech import formula_to_words
from ocr2.formulas.symbols import ARROWS, GREEK, LARGE, OPERATORS, OTHERS, RELATIONS


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x^2 + y_i^3", "x squared plus y sub i cubed"),
        ("A = -3.14", "cap A equals negative 3.14"),
        (r"\frac{a+b}{c}", "the fraction with numerator a plus b and denominator c, end fraction"),
        (r"\frac{3}{4} + \frac{x}{y}", "three quarters plus x over y"),
        (r"\sqrt[3]{2} - \sqrt{x+1}", "the cube root of 2 minus the square root of x plus 1, end root"),
        (r"\sum_{i=1}^{n} i", "the sum from i equals 1 to n of i"),
        (r"\int_0^\infty f(x)\,dx.", "the integral from 0 to infinity of f of x d x"),
        (r"\lim_{h \to 0} g'(h)", "the limit as h approaches 0 of g prime of h"),
        (r"\sin^2\theta + \log_2 8", "sine squared of theta plus log base 2 of 8"),
        (r"\sin^{-1} x", "inverse sine of x"),
        (r"e^{i\pi + 1}", "e to the power i pi plus 1, end power"),
        (r"\binom{n}{k}", "n choose k"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
         "the 2 by 2 matrix, row 1: a, b; row 2: c, d; end matrix"),
        (r"\begin{vmatrix} a \\ c \end{vmatrix}",
         "the determinant of the 2 by 1 matrix, row 1: a; row 2: c; end matrix"),
        (r"|x| = \begin{cases} x & x \geq 0 \\ -x & \text{else} \end{cases}",
         "the absolute value of x equals 2 cases, case 1: x, x is greater than or equal to 0; case 2: negative x, "
         "else; end cases"),
        (r"P(A|B)P(C|D)",
         "cap P open paren cap A given cap B close paren cap P open paren cap C given cap D close paren"),
        (r"\{x \in \mathbb{R} | x > 0\}",
         "open brace x is in the real numbers such that x is greater than 0 close brace"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "2 lines: line 1: a equals b; line 2: c equals d;"),
        (r"\hat{\beta} + \vec{v} + \overline{AB}", "beta hat plus vector v plus bar over cap A cap B, end bar"),
        (r"90^\circ", "90 degrees"),
        (r"\mathbf{v} \cdot \mathcal{L}", "bold v times script cap L"),
        (r"x \xrightarrow{f} y", "x right arrow with f over it, y"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_formula_is_read_in_words(source: str, words: str) -> None:
    assert formula_to_words(source) == words


@pytest.mark.parametrize(
    ("source", "words"), [(r"\frac{a", "frac a"), (r"\foo x^2 = 1", "foo x to the 2 equals 1"), ("}", "")]
)
def test_what_is_no_formula_is_read_as_the_names_of_its_commands(source: str, words: str) -> None:
    assert formula_to_words(source) == words


@pytest.mark.parametrize("name", [*RELATIONS, *ARROWS, *OPERATORS, *LARGE, *GREEK, *OTHERS])
def test_every_known_sign_has_words(name: str) -> None:
    words = formula_to_words(rf"a \{name} b")
    assert words.removeprefix("a").removesuffix("b").strip(" ,") not in ("", "\\")
    assert "\\" not in words


PARTS = st.sampled_from(
    ["x", "A", "2", "3.5", "+", "-", "=", "|", "(", ")", ",", r"\alpha", r"\frac{a}{b}", r"\sqrt{x}", "^2", "_i",
     r"\sum", r"\{", r"\}", r"\lim", r"\hat{x}", r"\begin{matrix} a & b \\ c \end{matrix}", r"\text{if }", "'",
     r"\quad", "{", "}"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=12).map(" ".join))
def test_reading_never_fails_and_leaves_no_latex(source: str) -> None:
    words = formula_to_words(source)
    assert not set("\\{}^_&") & set(words)
    assert words == " ".join(words.split())


@given(st.text(max_size=40))
def test_any_text_may_be_asked_for(source: str) -> None:
    formula_to_words(source)
