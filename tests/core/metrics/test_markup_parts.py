"""Formulas and tables cut out of pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.markup_parts import Part, cut_part

PAGE = r"""
Let \( a \) and \(b
c\) be
\[ d \] or \[
e
\] \(f\).
"""
NESTED = r"x \begin{tabular}{l} 1 & \begin{tabular}{c} 2 \\ 3 \end{tabular} \end{tabular} y"


def test_got_takes_formulas_of_one_line_inline_ones_first_and_leaves_no_gap() -> None:
    assert cut_part(PAGE, "formula", compat=True) == " a \nf d "


def test_formulas_come_in_their_order() -> None:
    assert cut_part(PAGE, "formula") == "a\nb\nc\nd\ne\nf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x$, $$y\nz$$", "x\ny\nz"),
        ("it costs $5 and $6", ""),
        ("it costs 5$ or 6 $ or $ 7", ""),
        (r"\$5 and $\$6$", r"\$6"),
        (r"\[ \begin{array}{c} a \\[2pt] b \end{array} \]", r"\begin{array}{c} a \\[2pt] b \end{array}"),
        (r"\begin{tabular}{c} a \\[2pt] b \\(c\) \end{tabular}", ""),
        (r"\(a", ""),
        (r"$a$b$c$", "a\nc"),
    ],
)
def test_what_is_a_formula(text: str, expected: str) -> None:
    assert cut_part(text, "formula") == expected


def test_got_ends_a_table_where_an_inner_one_ends() -> None:
    assert cut_part(NESTED, "table", compat=True) == r"{l} 1 & \begin{tabular}{c} 2 \\ 3 "
    assert cut_part(NESTED, "table") == r"{l} 1 & \begin{tabular}{c} 2 \\ 3 \end{tabular}"


@pytest.mark.parametrize("compat", [False, True])
def test_a_table_without_an_end_goes_to_the_end_of_the_page(compat: bool) -> None:
    text = "\\begin{tabular}{c}a\n\\end{tabular}\nand\n\\begin{tabular}{c}b\nc"
    tables = "{c}a\n\n{c}b\nc" if compat else "{c}a\n{c}b\nc"
    assert cut_part(text, "table", compat=compat) == tables


def test_html_tables_count_but_for_got() -> None:
    text = 'a <table border="1"><tr><td>1</td></tr></table> b </table> <tables>'
    assert cut_part(text, "table") == "<tr><td>1</td></tr>"
    assert cut_part(text, "table", compat=True) == ""


@pytest.mark.parametrize("part", ["text", "scene"])
def test_the_whole_page_stays_as_it_is(part: Part) -> None:
    assert cut_part(PAGE, part) == cut_part(PAGE, part, compat=True) == PAGE


@given(st.text(alphabet="ab \n$\\()[]{}<>&", max_size=60), st.booleans())
def test_any_text_has_parts_of_its_own_characters(text: str, compat: bool) -> None:
    for part in ("formula", "table"):
        assert set(cut_part(text, part, compat=compat)) <= {*text, "\n"}
