"""What Markdown shows, when a CommonMark parser reads it back, is the text that was given."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ocr2.formats.document.markdown import block_to_markdown
from ocr2.markup.escape import escape, fence
from ocr2.results.document import Block, BlockKind, Document, Page
from tests.markup_readers import pieces_of

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

# Words of anything that is printed, markup more often than chance would have it.
MARKUP = st.text("\\`*_{}[]()#+-.!<>&;:~=|'\"1aé", min_size=1, max_size=6)
TOKENS = st.sampled_from(["1.", "2)", "-", "+", "*", "#", "##", ">", "```", "~~~", "---", "===", "&amp;", "<b>", "[x]"])
LETTERS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)
TEXTS = st.lists(st.one_of(MARKUP, TOKENS, LETTERS), min_size=1, max_size=5).map(" ".join)


def parse(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").parse(markdown)


def shown(markdown: str) -> list[tuple[str, str]]:
    """Return (what it stands in, text) of every piece of text, as a reader sees them."""
    return pieces_of(parse(markdown), _inline)


def _inline(around: list[str], token: Token) -> tuple[str, str]:
    inside = "li" if around[-2:] == ["li", "p"] else around[-1]
    return inside, "".join(_visible(child) for child in token.children or ())


def _visible(token: Token) -> str:
    if token.type == "softbreak":
        return "\n"
    return token.content if token.type == "text" else f"<{token.type} {token.content}>"


@given(TEXTS)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    assert shown(escape(text)) == [("p", text)]


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_escaped_lines_are_shown_as_they_are(lines: list[str]) -> None:
    assert shown(escape("\n".join(lines))) == [("p", "\n".join(lines))]


@given(st.text(st.one_of(st.sampled_from("`~ \n#a"), st.characters(exclude_categories=("C", "Z")))))
def test_a_fence_holds_any_text_unchanged(text: str) -> None:
    assert shown(fence(text)) == [("fence", text + "\n" if text else "\n")]


PROSE: list[BlockKind] = ["paragraph", "title", "heading", "list_item"]
TAGS = {"paragraph": "p", "title": "h1", "heading": "h3", "list_item": "li", "code": "fence"}


@given(st.lists(st.tuples(st.sampled_from([*PROSE, "code"]), TEXTS, st.integers(0, 4)), min_size=1))
def test_blocks_come_back_in_order_with_their_kind_and_text(
    make_block: MakeBlock, make_document: MakeDocument, blocks: list[tuple[BlockKind, str, int]]
) -> None:
    made = [
        make_block(f"• {text}" if kind == "list_item" else text, kind=kind, level=level if kind == "list_item" else 2)
        for kind, text, level in blocks
    ]
    expected = [(TAGS[kind], text + "\n" if TAGS[kind] == "fence" else text) for kind, text, _ in blocks]
    assert shown(make_document(*made).to_markdown()) == expected


def test_a_table_is_one_of_githubs_with_its_first_row_as_the_head(make_block: MakeBlock) -> None:
    table = block_to_markdown(make_block("Name\tSize\nAnn | Bob\t1\nEve", kind="table"))
    assert table == "| Name | Size |\n| --- | --- |\n| Ann \\| Bob | 1 |\n| Eve |  |"


def test_a_table_of_one_column_is_lines(make_block: MakeBlock) -> None:
    assert block_to_markdown(make_block("one\ntwo", kind="table")) == "one\\\ntwo"


@pytest.mark.parametrize(("level", "tag"), [(1, "h2"), (2, "h3"), (3, "h4"), (9, "h6")])
def test_a_heading_has_its_level(make_block: MakeBlock, level: int, tag: str) -> None:
    assert shown(block_to_markdown(make_block("Method", kind="heading", level=level))) == [(tag, "Method")]


@pytest.mark.parametrize(("text", "markdown"), [("1. Method", "## 1. Method"), ("Notes on C #", "## Notes on C \\#")])
def test_only_what_would_vanish_is_escaped_in_a_heading(make_block: MakeBlock, text: str, markdown: str) -> None:
    assert block_to_markdown(make_block(text, kind="heading", level=1)) == markdown


@pytest.mark.parametrize("text", ["well-known", "-5 degrees", "3.14", "1,5", "#hashtag", "a + b = c", "AT&T", "x > y"])
def test_ordinary_text_is_left_readable(text: str) -> None:
    assert escape(text) == text.replace(">", "\\>")


def list_items(*items: tuple[str, int], make_block: MakeBlock, make_document: MakeDocument) -> str:
    blocks = [make_block(text, kind="list_item", level=level) for text, level in items]
    return make_document(*blocks).to_markdown()


def test_bullets_of_every_kind_become_one_list(make_block: MakeBlock, make_document: MakeDocument) -> None:
    items = [("• one", 0), ("– two", 0), ("▪ three", 0), ("(a) four", 0)]
    markdown = list_items(*items, make_block=make_block, make_document=make_document)
    assert markdown == "- one\n- two\n- three\n- (a) four\n"


def test_a_numbered_list_begins_with_its_number(make_block: MakeBlock, make_document: MakeDocument) -> None:
    markdown = list_items(("4. four", 0), ("5) five", 0), make_block=make_block, make_document=make_document)
    (start,) = [token for token in parse(markdown) if token.type == "ordered_list_open"]
    assert start.attrs == {"start": 4}
    assert shown(markdown) == [("li", "four"), ("li", "five")]


@pytest.mark.parametrize(
    ("items", "depths"),
    [
        ([("• a", 0), ("• b", 1), ("• c", 0)], [1, 2, 1]),
        ([("10. a", 0), ("• b", 1), ("1. c", 2)], [1, 2, 3]),
        ([("• a", 3), ("• b", 0)], [1, 1]),
        ([("• a", 0), ("• b", 4), ("• c", 4), ("• d", 1)], [1, 2, 2, 2]),
    ],
)
def test_an_item_is_nested_below_the_nearest_item_of_a_lower_level(
    make_block: MakeBlock, make_document: MakeDocument, items: list[tuple[str, int]], depths: list[int]
) -> None:
    depth, found = 0, []
    for token in parse(list_items(*items, make_block=make_block, make_document=make_document)):
        depth += token.nesting if token.type.endswith(("list_open", "list_close")) else 0
        if token.type == "inline":
            found.append(depth)
    assert found == depths


def test_headers_and_footers_are_left_out_and_a_failed_page_leaves_a_line(
    make_block: MakeBlock, make_document: MakeDocument
) -> None:
    header, number = make_block("Journal", kind="header"), make_block("7", kind="page_number")
    pages = [
        Page(number=1, width=9, height=9, dpi=None, blocks=(header, make_block("Words."), number)),
        Page(number=2, width=0, height=0, dpi=None, error="page 2 of scan.png: took longer than 1 s"),
        Page(number=3, width=9, height=9, dpi=None, blocks=(make_block("More."),)),
    ]
    assert make_document(pages=pages).to_markdown() == (
        "Words.\n\n\\[page 2 could not be read: took longer than 1 s\\]\n\nMore.\n"
    )


def test_doubtful_words_are_marked(make_block: MakeBlock, make_document: MakeDocument) -> None:
    block = make_block("sure doub*ful words", doubtful="doub*ful")
    assert make_document(block, min_confidence=0.5).to_markdown() == "sure <mark>doub\\*ful</mark> words\n"
    assert make_document(block).to_markdown() == "sure doub\\*ful words\n"


@pytest.mark.parametrize("text", ["• word", "3. word"])
def test_a_doubtful_bullet_or_number_still_makes_a_list(make_block: MakeBlock, text: str) -> None:
    block = make_block(text, kind="list_item", doubtful=text.split()[0])
    assert block_to_markdown(block, 0.5) == block_to_markdown(block)


def test_headers_are_kept_if_they_are_asked_for(make_block: MakeBlock, make_document: MakeDocument) -> None:
    document = make_document(make_block("Journal", kind="header"), make_block("Body text."))
    assert document.to_markdown() == "Body text.\n"
    kept = dataclasses.replace(document, keep_headers=True)
    assert kept.to_markdown() == "Journal\n\nBody text.\n"
    assert kept.render("text").decode() == "Journal\n\nBody text.\n"
    assert "Journal" in kept.to_latex()
    assert "Journal" not in document.to_latex()


def test_page_breaks_say_where_pages_begin_and_end_lists(make_block: MakeBlock, make_document: MakeDocument) -> None:
    (page,) = make_document(make_block("- one", kind="list_item")).pages
    pages = (page, dataclasses.replace(page, number=2))
    document = dataclasses.replace(make_document(), pages=pages)
    assert document.to_markdown() == "- one\n- one\n"
    assert dataclasses.replace(document, page_breaks=True).to_markdown() == "- one\n\n<!-- page 2 -->\n\n- one\n"
