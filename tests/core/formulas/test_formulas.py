"""Formulas: what shows the same is one tree, and a tree is written in one way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.formulas.parse import FormulaError, parse_formula
from ocr2.formulas.symbols import KNOWN
from ocr2.formulas.tidy import tidy
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Stack, Symbol, Table, Word
from ocr2.formulas.write import write_formula
from ocr2.got.formulas.elements import TAKING
from ocr2.got.formulas.output_language import assemble, linearise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"x^2_1", r"x _ { 1 } ^ { 2 }"),
        (r"{a+b \over c}", r"\frac{a+b}{c}"),
        (r"a \le b", r"a\leq b"),
        (r"\left( x \right)", r"( x )"),
        (r"{\bf A}", r"\mathbf{A}"),
        (r"\operatorname{sin} x", r"\sin x"),
        (r"\mathrm { s i n } ^ 2 x", r"\sin^2 x"),
        (r"f''", r"f^{\prime\prime}"),
        (r"x\,y\;z\! w", r"xyzw"),
        (
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"\left(\begin{array}{cc} a & b \\ c & d \\ \end{array}\right)",
        ),
        (r"$\alpha$", r"\alpha"),
        (r"{n \choose k}", r"\binom{n}{k}"),
        (r"\not=", r"\neq"),
        (r"E = mc^2 \label{eq:e}", r"E=mc^{2}"),
    ],
)
def test_what_shows_the_same_is_one_tree(one: str, other: str) -> None:
    assert parse_formula(one) == parse_formula(other)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (r"\sum\limits_{i} \frac1{(a_i+\frac12)^2}", r"\sum_{i}\frac{1}{\left(a_{i}+\frac{1}{2}\right)^{2}}"),
        (r"V_{\rm eff} = \operatorname*{lim}_{t \to 0} V", r"V_{\mathrm{eff}}=\lim_{t\rightarrow0}V"),
        (r"\overline{x}+\bar{x y}", r"\bar{x}+\overline{xy}"),
        (r"|x| = \left\{ \begin{array}{ll} x & x>0 \\ -x & \mbox{else} \end{array} \right.",
         r"|x|=\begin{cases} x & x>0 \\ -x & \mathrm{else} \end{cases}"),
    ],
)  # fmt: skip
def test_a_tree_is_written_in_one_way(text: str, written: str) -> None:
    assert write_formula(parse_formula(text)) == written


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        (r"a + \frac{1}", "an argument is missing", 12),
        (r"{a", "} is missing", 2),
        (r"a}", "unexpected }", 1),
        (r"x \foo y", r"unknown command \foo", 2),
        (r"\begin{pmatrix} a \end{bmatrix}", r"\end{bmatrix} for \begin{pmatrix}", 31),
    ],
)
def test_what_is_no_formula_is_named_with_its_place(text: str, reason: str, place: int) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert (caught.value.reason, caught.value.place) == (reason, place)


SIGNS = st.one_of(
    st.sampled_from("abcxyzABC0123456789+-=,"),
    st.sampled_from(sorted(KNOWN - {r"\{", r"\}", r"\langle", r"\rangle", r"\|"})),
).map(Symbol)
LEAVES: st.SearchStrategy[Node] = st.one_of(
    SIGNS,
    st.text("abcdefg", min_size=1, max_size=4).map(Word),
    st.sampled_from("ABXYZ").map(lambda c: Symbol(c, "cal")),
)


def _nodes(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    row: st.SearchStrategy[Row] = st.lists(inner, min_size=1, max_size=3).map(tuple)
    maybe = st.none() | row
    accents = st.sampled_from([r"\hat", r"\bar", r"\vec", r"\underbrace"])
    cells = st.lists(st.tuples(row, row), min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Fraction, row, row),
        st.builds(Root, row, maybe),
        st.builds(Accent, accents, row),
        st.builds(lambda base, sub, sup: Scripts(base, sub, sup), inner, row, maybe),
        st.builds(lambda base, over: Stack(base, over, None), row, row),
        st.builds(Table, cells),
    )


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.recursive(LEAVES, _nodes, max_leaves=12), min_size=1, max_size=5).map(lambda nodes: tidy(tuple(nodes)))
)
def test_writing_and_reading_again_gives_the_same(row: Row) -> None:
    once = parse_formula(write_formula(row))
    assert parse_formula(write_formula(once)) == once


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.recursive(LEAVES, _nodes, max_leaves=12), min_size=1, max_size=5).map(lambda nodes: tidy(tuple(nodes)))
)
def test_what_the_network_writes_of_a_tree_gives_the_tree(row: Row) -> None:
    once = parse_formula(write_formula(row))
    again = assemble(linearise(once), accents=TAKING)
    assert write_formula(again) == write_formula(once)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("token"),
                st.sampled_from(("sub", "sup", "close", "next", "row", "table", "stack", "index", "empty")),
            ),
            st.tuples(st.just("element"), st.sampled_from(("x", r"\frac", r"\sqrt", r"\hat", "rm:a", "bf:B", "("))),
        ),
        max_size=20,
    )
)
def test_whatever_a_network_writes_becomes_a_formula(items: list[tuple[str, str]]) -> None:
    once = parse_formula(write_formula(assemble(items, accents=TAKING)))
    assert parse_formula(write_formula(once)) == once
