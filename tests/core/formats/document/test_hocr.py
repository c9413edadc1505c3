"""hOCR is XML with a box for every page, block, line and word."""

import dataclasses
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Line, Page, Word

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]


def elements(document: Document, kind: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(document.render("hocr"))
    return [element for element in root.iter() if element.get("class") == kind]


def box_of(element: ElementTree.Element) -> Box:
    found = re.search(r"bbox (\d+) (\d+) (\d+) (\d+)", element.get("title", ""))
    assert found is not None
    left, top, right, bottom = map(int, found.groups())
    return Box(left, top, right, bottom)


def test_every_part_has_its_box(make_block: MakeBlock, make_document: MakeDocument) -> None:
    blocks = [make_block("one two", "three"), make_block("four", top=200)]
    document = make_document(*blocks)
    lines = [line for block in blocks for line in block.lines]
    assert [box_of(e) for e in elements(document, "ocr_page")] == [Box(0, 0, 900, 1200)]
    assert [box_of(e) for e in elements(document, "ocr_carea")] == [block.box for block in blocks]
    assert [box_of(e) for e in elements(document, "ocr_par")] == [block.box for block in blocks]
    assert [box_of(e) for e in elements(document, "ocr_line")] == [line.box for line in lines]
    assert [box_of(e) for e in elements(document, "ocrx_word")] == [w.box for line in lines for w in line.words]


def test_words_have_their_text_and_their_confidence_in_percent(
    make_block: MakeBlock, make_document: MakeDocument
) -> None:
    words = elements(make_document(make_block("sure doubtful", doubtful="doubtful")), "ocrx_word")
    assert [word.text for word in words] == ["sure", "doubtful"]
    assert [word.get("title", "").partition("; ")[2] for word in words] == ["x_wconf 90", "x_wconf 20"]


def test_words_of_a_line_are_separated_by_spaces(make_block: MakeBlock, make_document: MakeDocument) -> None:
    (line,) = elements(make_document(make_block("one two three")), "ocr_line")
    assert "".join(line.itertext()) == "one two three"


def test_ids_are_unique_over_pages(make_block: MakeBlock, make_document: MakeDocument) -> None:
    block = make_block("one two", "three")
    pages = [Page(number=n, width=900, height=1200, dpi=None, blocks=(block, block)) for n in (1, 2, 11)]
    root = ElementTree.fromstring(make_document(pages=pages).render("hocr"))
    ids = [name for element in root.iter() if (name := element.get("id")) is not None]
    assert len(ids) == 3 * (1 + 2 * (2 + 2 + 3))
    assert len(set(ids)) == len(ids)


def test_a_page_says_which_it_is(make_document: MakeDocument) -> None:
    pages = [Page(number=3, width=90, height=120, dpi=None)]
    (page,) = elements(make_document(pages=pages, source='Bob\'s "best" & <last>.pdf'), "ocr_page")
    assert page.get("title") == 'image "Bob\'s %22best%22 & <last>.pdf"; bbox 0 0 90 120; ppageno 2'


ANY = st.text(
    st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=60
)  # a name as long as file systems allow


@given(ANY, ANY)
def test_any_text_and_any_name_make_xml(make_document: MakeDocument, text: str, name: str) -> None:
    word = Word(text, Box(0, 0, 9, 9), 0.5)
    line = Line(text, word.box, 0.5, (word,))
    document = make_document(Block("paragraph", text, word.box, 0.5, (line,)), source=name)
    (found,) = elements(document, "ocrx_word")
    assert found.text is not None
    assert len(found.text) == len(text)
    assert all(a in (b, "\ufffd") for a, b in zip(found.text, text, strict=True))


@pytest.mark.parametrize("character", ["\0", "\x02", "\x1b", "\ufffe", "\udcff"])
def test_a_character_that_xml_forbids_is_replaced(make_document: MakeDocument, character: str) -> None:
    word = Word(f"a{character}b", Box(0, 0, 9, 9), 0.5)
    line = Line(word.text, word.box, 0.5, (word,))
    (found,) = elements(make_document(Block("paragraph", word.text, word.box, 0.5, (line,))), "ocrx_word")
    assert found.text == "a\ufffdb"


def test_the_page_says_its_language_if_it_is_known(make_block: MakeBlock, make_document: MakeDocument) -> None:
    document = dataclasses.replace(make_document(make_block("ein Wort")), language="de")
    assert 'xml:lang="de" lang="de"' in document.render("hocr").decode()
