"""Blocks of a model's markup in every format, and what is made of markup alone."""

import json
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ocr2.formats import format_of
from ocr2.formats.document.notations import page_notations
from ocr2.formats.document.registry import FORMATS
from ocr2.markup import parse, to_text
from ocr2.results.document import Block, Document, Format, Page

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

MARKUP = r"""\title{On \(x\)}
\section*{One}
Costs $5, 50\% \textbf{off}\footnote{A note.}:

\begin{tabular}{|l|r|}
\hline A & 1 \\
\hline
\end{tabular}

\[ x = 1 \]"""
TIKZ = "\\begin{tikzpicture}\n\\draw (0,0);\n\\end{tikzpicture}"
KERN = "**kern\n4c\n*-"


def markup(text: str) -> Block:
    return Block("markup", text, None, 0.9, ())


def pages_of(texts: Sequence[str]) -> list[Page]:
    return [Page(n, 90, 120, None, (markup(text),) if text else ()) for n, text in enumerate(texts, start=1)]


@pytest.fixture
def document(make_document: MakeDocument) -> Document:
    return make_document(pages=pages_of([MARKUP, r"More\footnote{B}."]))


def test_text_says_what_the_markup_says(document: Document) -> None:
    assert document.render("text").decode() == (
        "On x\n\nOne\n\nCosts $5, 50% off[1]:\n\n[1] A note.\n\nA\t1\n\nx = 1\n\f\nMore[1].\n\n[1] B\n"
    )


def test_markdown_is_markdown_with_notes_named_after_their_page(document: Document) -> None:
    assert document.to_markdown() == (
        "# On $x$\n\n## One\n\nCosts \\$5, 50% **off**[^1-1]:\n\n[^1-1]: A note.\n\n| A | 1 |\n| --- | ---: |\n\n"
        "$$\nx = 1\n$$\n\nMore[^2-1].\n\n[^2-1]: B\n"
    )


def test_html_is_well_formed_and_has_formulas_in_mathml(document: Document) -> None:
    html = document.to_html()
    open_tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Reader().feed(html)
    assert open_tags == []
    assert html.count("<math") == 2
    assert '<td style="text-align:right">1</td>' in html
    assert 'id="page-1-note-1"' in html
    assert 'id="page-2-note-1"' in html


def test_hocr_holds_the_text_and_is_xml(document: Document) -> None:
    root = ElementTree.fromstring(document.render("hocr"))
    text = "".join(root.itertext())
    assert "Costs $5, 50% off" in text
    assert "\\" not in text


def test_json_holds_the_markup_and_its_notation(document: Document) -> None:
    first, second = (page["blocks"][0] for page in json.loads(document.render("json"))["pages"])
    assert first["text"] == MARKUP
    assert (first["kind"], first["box"], first["lines"]) == ("markup", None, [])
    assert first["notation"] == {
        "kind": "mmd",
        "valid": True,
        "reason": "environments, delimiters and formulas are whole",
    }
    assert second["notation"]["kind"] == "mmd"


def test_json_of_other_blocks_has_no_notation(make_block: MakeBlock, make_document: MakeDocument) -> None:
    (page,) = json.loads(make_document(make_block("words")).render("json"))["pages"]
    assert "notation" not in page["blocks"][0]


def test_mmd_is_the_markup_as_it_was_written(document: Document) -> None:
    assert document.render("mmd").decode() == f"{MARKUP}\n\nMore\\footnote{{B}}.\n"


def test_latex_is_one_document(document: Document) -> None:
    latex = document.to_latex()
    assert latex.startswith("\\documentclass{article}\n")
    assert latex.endswith("\\end{document}\n")
    assert latex.count(r"\begin{document}") == 1
    assert r"\title{On \(x\)}" in latex
    assert r"More\footnote[2]{B}." in latex


def ordinary(make_block: MakeBlock) -> list[Block]:
    return [
        make_block("A & B", kind="title"),
        make_block("Journal", kind="header"),
        make_block("Part $1", kind="heading", level=1),
        make_block("Words_of 5%."),
        make_block("• one", kind="list_item"),
        make_block("3. two", kind="list_item", level=1),
        make_block("4) three", kind="list_item", level=1),
        make_block("– four", kind="list_item"),
        make_block("if x:", "    y()", kind="code"),
    ]


def test_ordinary_blocks_become_latex(make_block: MakeBlock, make_document: MakeDocument) -> None:
    body = make_document(*ordinary(make_block)).to_latex().partition("\\begin{document}\n\n")[2]
    assert body == (
        "\\title{A \\& B}\n\\author{}\n\\date{}\n\\maketitle\n\n\\section*{Part \\$1}\n\nWords\\_of 5\\%.\n\n"
        "\\begin{itemize}\n\\item one\n\n\\begin{enumerate}\n\\setcounter{enumi}{2}\n\\item two\n\\item three\n"
        "\\end{enumerate}\n\\item four\n\\end{itemize}\n\n\\begin{verbatim}\nif x:\n    y()\n\\end{verbatim}\n\n"
        "\\end{document}\n"
    )


def test_ordinary_blocks_become_mmd_that_says_the_same(make_block: MakeBlock, make_document: MakeDocument) -> None:
    written = make_document(*ordinary(make_block)).render("mmd").decode()
    assert to_text(parse(written)) == (
        "A & B\n\nPart $1\n\nWords_of 5%.\n\n- one\n  3. two\n  4. three\n- four\n\nif x:\n    y()"
    )


@pytest.mark.parametrize("format", ["mmd", "latex"])
def test_a_failed_page_leaves_a_line(make_document: MakeDocument, format: Format) -> None:
    failed = Page(number=2, width=0, height=0, dpi=None, error="page 2 of scan.png: took longer than 1 s")
    written = make_document(pages=[*pages_of(["a"]), failed]).render(format).decode()
    assert "[page 2 could not be read: took longer than 1 s]" in written


@pytest.mark.parametrize(
    ("format", "texts", "expected"),
    [
        ("tikz", [f"a\n{TIKZ}", "words", TIKZ], f"{TIKZ}\n\n{TIKZ}\n"),
        ("smiles", ["<smiles>CCO</smiles>", "CC(=O)O"], "CCO\n\nCC(=O)O\n"),
        ("kern", [KERN, ""], f"{KERN}\n"),
        ("kern", ["words"], ""),
    ],
)
def test_a_notation_is_taken_from_every_page(
    make_document: MakeDocument, format: Format, texts: list[str], expected: str
) -> None:
    assert make_document(pages=pages_of(texts)).render(format).decode() == expected


def test_pages_are_told_with_what_they_hold(make_document: MakeDocument) -> None:
    failed = Page(number=9, width=0, height=0, dpi=None, error="took too long")
    document = make_document(pages=[*pages_of([TIKZ, "words", ""]), failed])
    found = list(page_notations(document, ["text", "tikz"]))
    assert [(page.number, notation.valid) for page, notation in found] == [(1, True), (2, False), (3, False)]
    assert [notation.reason for _, notation in found[1:]] == [
        "no TikZ: the answer is plain text",
        "no TikZ: the answer is empty",
    ]


@pytest.mark.parametrize("format", sorted(name for name, row in FORMATS.items() if row.from_markup))
def test_formats_of_markup_have_suffixes(format: Format) -> None:
    assert format_of(Path(f"a{FORMATS[format].suffix}")) == format
