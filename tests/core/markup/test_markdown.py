"""Markdown shows what the tree says when a CommonMark parser with GitHub's tables reads it back."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ocr2.markup import parse, to_markdown
from ocr2.markup.nodes import Block, Code, Heading, Inline, Item, LineBreak, List, Paragraph, Styled, Table, Text
from tests.core.markup.trees import CODES, WORDS, nest, runs, tables, texts
from tests.markup_readers import pieces_of

slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def words_alone(gaps: str = "  \n", *, breaks: bool = False) -> st.SearchStrategy[tuple[Inline, ...]]:
    """Inline parts that CommonMark knows: text with all its traps, emphasis and code."""
    leaf: st.SearchStrategy[Inline] = CODES.map(Code)
    apart = (Text, Code)  # a blank comes between two pieces of code
    inner = runs(leaf, texts(WORDS, gaps), apart=apart)
    styles = st.sampled_from(["bold", "italic", "underline", "strike", "superscript"])
    return runs(leaf | st.builds(Styled, styles, inner), texts(WORDS, gaps), breaks=breaks, apart=apart)


def read(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)


def shown(token: Token) -> str:
    """Return the text of an inline token as a reader sees it."""
    parts = []
    for child in token.children or ():
        breaks = child.type in ("softbreak", "hardbreak") or child.content == "<br>"
        parts.append(" " if breaks else child.content if child.type in ("text", "code_inline") else "")
    return " ".join("".join(parts).split())


def said(parts: Sequence[Inline]) -> str:
    """Return the text of inline parts, on one line."""
    found = []
    for part in parts:
        if isinstance(part, Styled):
            found.append(said_exactly(part.children))
        elif isinstance(part, Text | Code):
            found.append(part.text)
        elif isinstance(part, LineBreak):
            found.append(" ")
    return " ".join("".join(found).split())


def said_exactly(parts: Sequence[Inline]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text | Code))


def pieces(markdown: str) -> list[tuple[str, str]]:
    """Return what holds each piece of text, and the text."""
    found = pieces_of(read(markdown), lambda around, token: (around[-1], shown(token)))
    return [(kind, text.strip()) for kind, text in found]


@slow
@given(words_alone(breaks=True))
def test_a_paragraph_is_one_with_its_text(parts: tuple[Inline, ...]) -> None:
    assert pieces(to_markdown((Paragraph(parts),))) == [("p", said(parts))]


@slow
@given(st.integers(1, 6), words_alone(" "))
def test_a_heading_has_its_level_and_text(level: int, parts: tuple[Inline, ...]) -> None:
    assert pieces(to_markdown((Heading(level, parts),))) == [(f"h{level}", said(parts))]


CELLS = words_alone(" ", breaks=True).map(lambda parts: (Paragraph(parts),))


@slow
@given(tables(CELLS, spans=False))
def test_a_table_has_its_cells(table: Table) -> None:
    markdown = to_markdown((table,))
    expected = [said(cell.blocks[0].children) if cell.blocks else "" for row in table.rows for cell in row.cells]  # type: ignore[union-attr]  # cells hold paragraphs
    found = [(tag, text) for tag, text in pieces(markdown) if tag in ("td", "th")]
    assert [text for _, text in found] == expected
    assert sum(tag == "th" for tag, _ in found) == len(table.rows[0].cells)


def items_of(blocks: Sequence[Block], depth: int = 0) -> list[tuple[int, str, str]]:
    """Return depth, kind of list and text of every paragraph in a list."""
    found = []
    for block in blocks:
        if isinstance(block, List):
            for item in block.items:
                for inside in item.blocks:
                    if isinstance(inside, Paragraph):
                        found.append((depth + 1, "ol" if block.ordered else "ul", said(inside.children)))
                    found += items_of((inside,), depth + 1)
    return found


def shown_items(markdown: str) -> list[tuple[int, str, str]]:
    found, lists = [], []
    for token in read(markdown):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token.tag)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "inline" and lists:
            found.append((len(lists), lists[-1], shown(token)))
    return found


LINES: st.SearchStrategy[Block] = st.builds(Paragraph, words_alone())
ITEMS = st.lists(LINES, min_size=1, max_size=2).map(lambda found: Item(tuple(found)))
LISTS: st.SearchStrategy[Block] = st.builds(
    List, st.booleans(), st.lists(ITEMS, min_size=1, max_size=3).map(tuple), st.integers(0, 99)
)
NESTED = st.lists(st.lists(LINES | LISTS, min_size=1, max_size=3).map(lambda b: Item(tuple(b))), min_size=1, max_size=3)


@slow
@given(st.lists(st.builds(List, st.booleans(), NESTED.map(tuple)), min_size=1, max_size=3))
def test_a_list_has_its_items(lists: list[List]) -> None:
    markdown = to_markdown(tuple(lists))
    assert shown_items(markdown) == items_of(lists)
    opened = [token.type for token in read(markdown) if token.level == 0 and token.nesting > 0]
    assert len(opened) == len(lists)  # no two have become one


@slow
@given(st.lists(nest(LINES), min_size=2, max_size=4))
def test_blocks_stay_apart(found: list[Block]) -> None:
    lone = [piece for block in found for piece in pieces(to_markdown((block,)))]
    assert [text for _, text in pieces(to_markdown(tuple(found)))] == [text for _, text in lone]


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        (r"\title{A} \section{B} \subsubsection*{C}", "# A\n\n## B\n\n#### C"),
        (r"Costs $5 and $6, not $x$.", r"Costs \$5 and \$6, not $x$."),
        (r"\[ x = 1 \]", "$$\nx = 1\n$$"),
        ("\\begin{align*} a &= b \\\\\n- c \\end{align*}", "$$\n\\begin{align*}\na &= b \\\\ - c\n\\end{align*}\n$$"),
        (r"\(a<b\), \(5%\)", r"$a< b$, $5\%$"),
        (r"\textbf{a}b \textit{c}d \textbf{(e)}f", "**a**b <em>c</em>d <strong>(e)</strong>f"),
        (r"\textbf{\textit{a}} \sout{b} \underline{c}\textsuperscript{2}", "**_a_** ~~b~~ <u>c</u><sup>2</sup>"),
        ("a \\\\ b", "a\\\nb"),
        (r"``quoted''", "“quoted”"),
        (r"\begin{itemize} \item[a)] one \item two \end{itemize}", "- a) one\n- two"),
        ("1. a\n   - b\n2. c", "1. a\n   - b\n2. c"),
        (r"\begin{quote} a \end{quote}", "> a"),
        (r"\begin{abstract} Words. \end{abstract}", "**Abstract**\n\nWords."),
        (r"\begin{abstract} Abstract: words. \end{abstract}", "Abstract: words."),
        (r"a\footnote{b} c", "a[^1] c\n\n[^1]: b"),
        (r"\includegraphics[width=1cm]{a b.png}", "![](<a b.png>)"),
        (
            r"\href{https://a.org/b_(c)}{d}!\url{https://e.org}",
            "[d](<https://a.org/b_(c)>)\\![https://e.org](https://e.org)",
        ),
        (r"<smiles>C#N</smiles>", "`C#N`"),
        ("a|b\n|-|", "a|b\n\\|-|"),
        (r"\hrule", "***"),
    ],
)
def test_markup_becomes_markdown(markup: str, markdown: str) -> None:
    assert to_markdown(parse(markup)) == markdown


def test_a_table_without_spans_is_githubs() -> None:
    table = r"\begin{tabular}{|l|c|r|} \hline A & B|C & \(|x|\) \\ \hline 1 & & 3 \\ 4 \end{tabular}"
    assert to_markdown(parse(table)) == "\n".join(
        ["| A | B\\|C | $\\|x\\|$ |", "| --- | :---: | ---: |", "| 1 |  | 3 |", "| 4 |"]
    )


def test_a_table_with_spans_is_html() -> None:
    rows = r"\multicolumn{2}{c}{A $x<y$ & $5} \\ \multirow{2}{*}{B} & C \\ & D\footnote{n}"
    assert to_markdown(parse(rf"\begin{{tabular}}{{ll}} {rows} \end{{tabular}} e")) == "\n".join(
        [
            "<table>",
            '<tr><td colspan="2">A $x&lt;y$ &amp; &#36;5</td></tr>',
            '<tr><td rowspan="2">B</td><td>C</td></tr>',
            "<tr><td>D<sup>1</sup></td></tr>",
            "</table>",
            "",
            "<p><sup>1</sup> n</p>",
            "",
            "e",
        ]
    )


def test_code_in_the_cell_of_an_html_table_has_no_empty_line() -> None:
    table = "\\begin{tabular}{l}\n```\na\n\nb\n```\n\\\\ c \\end{tabular}"
    written = to_markdown(parse(table))
    assert "<pre><code>a&#10;&#10;b</code></pre>" in written
    assert [token.type for token in read(written)] == ["html_block"]


def test_footnotes_of_several_pages_have_names_of_their_own() -> None:
    assert to_markdown(parse(r"a\footnote{b}"), notes="p3-") == "a[^p3-1]\n\n[^p3-1]: b"
