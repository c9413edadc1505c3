"""Formulas: what holds together, what is mended, and MathML without anything foreign."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.markup.formulas import FormulaError, formula_problem, mended, to_mathml, unknown_commands


@pytest.mark.parametrize(
    "source",
    [
        *("x", r"\frac{1}{2}", r"\left\{ x \right.", r"\begin{cases} 1 & 2 \end{cases}", r"a \& b", r"\leftarrow x"),
        *(r"\{ x \}", r"\begin{matrix} \left( a & b \right) \end{matrix}", "", r"\#"),
    ],
)
def test_sound_formulas_have_no_problem(source: str) -> None:
    assert formula_problem(source) is None


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (r"\frac{1", "{ is not closed"),
        ("x}", "} closes what is not open"),
        (r"\left( x", r"\left has no \right"),
        (r"x \right)", r"\right has no \left"),
        (r"\begin{cases} x", r"\begin{cases} has no \end"),
        (r"x \end{cases}", r"\end{cases} has no \begin"),
        (r"\begin{a} { \end{a} }", r"\end{a} has no \begin"),
        ("a & b", "& stands outside of rows"),
        ("a # b", "# is not escaped"),
        ("x \\", "it ends in the middle of a command"),
    ],
)
def test_the_problem_of_a_formula_is_named(source: str, problem: str) -> None:
    assert formula_problem(source) == problem


def test_rows_belong_to_the_environment_around() -> None:
    assert formula_problem("a &= b", "align*") is None
    assert formula_problem("a &= b", "gather") == "& stands outside of rows"


@pytest.mark.parametrize(
    ("source", "whole"),
    [(r"\left( x", "( x"), (r"\left. x \right\}", r"\left. x \right\}"), (r"x \right.", "x "), (r"\left( {", None)],
)
def test_sides_that_do_not_pair_are_left_out(source: str, whole: str | None) -> None:
    assert mended(source) == whole


@pytest.mark.parametrize(
    ("source", "environment"),
    [
        *((r"a &= b \\ c &= d", name) for name in ("align", "align*", "aligned", "flalign", "eqnarray", "split")),
        *((r"a \\ b", name) for name in ("gather", "gathered", "multline")),
        ("{2} a &= b", "alignat"),
        ("x", "equation"),
    ],
)
def test_environments_become_tables(source: str, environment: str) -> None:
    root = ElementTree.fromstring(to_mathml(source, environment=environment))
    rows = 2 if r"\\" in source else 1 if "&" in source else 0
    assert len(list(root.iter("mtr"))) == rows
    assert "(1)" not in "".join(root.itertext())  # no number that was not there


def test_mathml_carries_its_source_and_nothing_foreign() -> None:
    root = ElementTree.fromstring(to_mathml(r"\text{<b> \& 5%} \href{javascript:x}{y} \color{red} z", display=True))
    assert root.attrib == {"display": "block"}
    assert len(root[0]) == 2
    assert root[0][1].text == r"\text{<b> \& 5%} \href{javascript:x}{y} \color{red} z"
    text = "".join(root[0][0].itertext())
    assert all(part in text for part in ("<b>", "5%", "y", "z"))
    assert "href" not in {name for element in root.iter() for name in element.attrib}


def test_labels_are_not_shown() -> None:
    root = ElementTree.fromstring(to_mathml(r"x \label{eq:1} \nonumber"))
    assert "".join(root[0][0].itertext()).strip() == "x"


@pytest.mark.parametrize(
    ("source", "known"),
    [
        (r"\frac{1", True),
        ("x_a_b", True),
        (r"\foo{x}", False),
        (r"\begin{foo} x \end{foo}", False),
        ("x" * 20_000, False),
    ],
)
def test_what_cannot_be_converted_is_refused(source: str, known: bool) -> None:
    with pytest.raises(FormulaError) as error:
        to_mathml(source)
    assert error.value.known == known


def test_unknown_commands_are_found_once() -> None:
    assert unknown_commands([r"\alpha \foo{x} \frac{1}{2}", r"\foo \bar x \baz"]) == ["foo", "baz"]


@settings(deadline=None)
@given(st.text("\\{}^_&#%$<>abx 12lefrightac()[].~'", max_size=40))
def test_any_formula_is_converted_or_refused(source: str) -> None:
    try:
        root = ElementTree.fromstring(to_mathml(source))
    except FormulaError:
        return
    assert root[0][1].text or not source
