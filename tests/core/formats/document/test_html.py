"""The HTML page is well formed and shows the text, whatever characters it has."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.results.document import Block, BlockKind, Document, Page
from tests.markup_readers import PairedTags

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

VOID = {"meta", "br"}
TEXTS = st.lists(st.text("<>&\"'/!-=#;amp1.é•", min_size=1, max_size=8), min_size=1, max_size=4).map(" ".join)


class Shown(PairedTags):
    """Collects (tags around, text) of every piece of text of the body."""

    def __init__(self, html: str) -> None:
        self.pieces: list[tuple[str, str]] = []
        super().__init__(html, VOID)

    def handle_data(self, data: str) -> None:
        if "section" in self.around and data.strip():
            self.pieces.append((" ".join(self.around[self.around.index("section") + 1 :]), data))


@given(st.lists(st.tuples(st.sampled_from(["paragraph", "heading", "code", "footer"]), TEXTS), min_size=1), TEXTS)
def test_any_text_is_shown_as_it_is(
    make_block: MakeBlock, make_document: MakeDocument, blocks: list[tuple[BlockKind, str]], name: str
) -> None:
    tags = {"paragraph": "p", "heading": "h3", "code": "pre", "footer": "p"}
    made = [make_block(text, kind=kind, level=2) for kind, text in blocks]
    shown = Shown(make_document(*made, source=name).to_html())
    assert shown.pieces == [(tags[kind], text) for kind, text in blocks]


@given(st.lists(TEXTS, min_size=1), st.sets(st.text("<>&\"'/!-=#;amp1.é•", min_size=1, max_size=8)))
def test_marks_pair_whatever_is_doubtful(
    make_block: MakeBlock, make_document: MakeDocument, lines: list[str], doubted: set[str]
) -> None:
    block = make_block(*lines, doubtful=" ".join(doubted))
    shown = Shown(make_document(block, min_confidence=0.5).to_html())
    assert "".join(text for _, text in shown.pieces).replace(" ", "") == block.text.replace(" ", "")
    marked = [text for tags, text in shown.pieces if tags == "p mark"]
    assert len(marked) == sum(word.confidence < 0.5 for line in block.lines for word in line.words)


def test_doubtful_words_are_marked(make_block: MakeBlock, make_document: MakeDocument) -> None:
    block = make_block("sure <doubt> words", doubtful="<doubt>")
    shown = Shown(make_document(block, min_confidence=0.5).to_html())
    assert shown.pieces == [("p", "sure "), ("p mark", "<doubt>"), ("p", " words")]


def test_marked_code_keeps_its_indentation(make_block: MakeBlock, make_document: MakeDocument) -> None:
    block = make_block("if x:", "    y()", kind="code", doubtful="y()")
    assert "if x:\n    <mark>y()</mark>" in make_document(block, min_confidence=0.5).to_html()


def test_lists_keep_their_kind_and_numbers(make_block: MakeBlock, make_document: MakeDocument) -> None:
    texts = ["• one", "– two", "3. three", "7) seven"]
    shown = Shown(make_document(*(make_block(text, kind="list_item") for text in texts)).to_html())
    assert shown.pieces == [("ul li", "one"), ("ul li", "two"), ("ol li", "three"), ("ol li", "seven")]
    assert [value for name, value in shown.attributes if name == "value"] == ["3", "7"]


@pytest.mark.parametrize("min_confidence", [0.0, 0.5])
def test_a_number_is_not_shown_twice(make_block: MakeBlock, make_document: MakeDocument, min_confidence: float) -> None:
    block = make_block("3. three", kind="list_item", doubtful="3.")
    shown = Shown(make_document(block, min_confidence=min_confidence).to_html())
    assert shown.pieces == [("ol li", "three")]


def test_a_failed_page_says_why(make_document: MakeDocument) -> None:
    page = Page(number=4, width=0, height=0, dpi=None, error="page 4 of <a.pdf> cannot be loaded")
    shown = Shown(make_document(pages=[page], source="<a.pdf>").to_html())
    assert shown.pieces == [("p", "[page 4 could not be read: cannot be loaded]")]
    assert ("id", "page-4") in shown.attributes
    assert ("class", "failed") in shown.attributes


def test_headers_and_footers_are_set_apart(make_block: MakeBlock, make_document: MakeDocument) -> None:
    html = make_document(make_block("Journal", kind="header"), make_block("Words.")).to_html()
    assert '<p class="margin">Journal</p>\n<p>Words.</p>' in html


def test_the_page_loads_nothing_from_elsewhere(make_block: MakeBlock, make_document: MakeDocument) -> None:
    html = make_document(make_block("see http://example.org")).to_html()
    assert not {name for name, _ in Shown(html).attributes} & {"src", "href"}
    assert html.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in html


def test_the_page_says_its_language_if_it_is_known(make_block: MakeBlock, make_document: MakeDocument) -> None:
    document = make_document(make_block("ein Wort"))
    assert "<html>" in document.to_html()
    assert '<html lang="de-AT">' in dataclasses.replace(document, language="de-AT").to_html()
