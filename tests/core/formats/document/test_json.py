"""JSON holds everything a document holds, under the names of docs/json.md."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ocr2.results.box import Box
from ocr2.results.document import SCHEMA_VERSION, Block, Document, Page
from ocr2.results.table import Table, TableCell

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

Shape = dict[str, Any]
BOX = [int, int, int, int]
GRADE: Shape = {"verdict": str, "mean": float, "words": int, "doubtful": int}
WORD: Shape = {"text": str, "box": BOX, "confidence": float}
LINE: Shape = {"text": str, "box": BOX, "confidence": float, "words": [WORD]}
BLOCK: Shape = {
    "order": int,
    "kind": str,
    "level": int,
    "text": str,
    "box": BOX,
    "confidence": float,
    "lines": [LINE],
}
PAGE: Shape = {
    "number": int,
    "width": int,
    "height": int,
    "dpi": float,
    "rotation": int,
    "skew": float,
    "confidence": float,
    "grade": GRADE,
    "draft_agreement": float,
    "seconds": {"model": float},
    "warnings": [str],
    "error": type(None),
    "blocks": [BLOCK],
}
DOCUMENT: Shape = {
    "schema_version": str,
    "source": str,
    "model": str,
    "weights_sha256": str,
    "grade": GRADE | {"worst_page": int},
    "language": type(None),
    "warnings": [str],
    "pages": [PAGE],
}


def shape_of(value: object) -> object:
    """Replace every value by its type, and equal members of a list by one."""
    if isinstance(value, dict):
        return {name: shape_of(member) for name, member in value.items()}
    if isinstance(value, list):
        members = [shape_of(member) for member in value]
        is_box = len(members) == 4 and set(map(str, members)) == {str(int)}
        return members if is_box else members[:1] if all(member == members[0] for member in members) else members
    return type(value)


def full_page(*blocks: Block) -> Page:
    return Page(
        number=1,
        width=900,
        height=1200,
        dpi=200.0,
        blocks=blocks,
        rotation=90,
        skew=0.25,
        confidence=0.123456,
        draft_agreement=0.987654,
        seconds={"model": 0.123456},
        warnings=("2 marks were left out",),
    )


def test_the_schema_is_the_documented_one(make_block: MakeBlock, make_document: MakeDocument) -> None:
    page = full_page(make_block("two lines", "of words"), make_block("Heading", kind="heading", level=2))
    written = json.loads(make_document(pages=[page]).render("json"))
    assert shape_of(written) == DOCUMENT | {"warnings": []}
    assert written["schema_version"] == SCHEMA_VERSION == "1.8"


def test_values_are_those_of_the_document(make_block: MakeBlock, make_document: MakeDocument) -> None:
    block = make_block("two lines", "of words", kind="list_item", level=1)
    written = make_document(pages=[full_page(block)], source="a/b.pdf").to_dict()
    (page,) = json.loads(json.dumps(written))["pages"]
    (found,) = page["blocks"]
    assert written["source"] == "a/b.pdf"
    assert (page["rotation"], page["skew"], page["warnings"]) == (90, 0.25, ["2 marks were left out"])
    assert (found["order"], found["kind"], found["level"], found["text"]) == (1, "list_item", 1, block.text)
    assert [line["text"] for line in found["lines"]] == ["two lines", "of words"]
    words = [word for line in found["lines"] for word in line["words"]]
    assert [word["text"] for word in words] == ["two", "lines", "of", "words"]
    assert [Box(*word["box"]) for word in words] == [word.box for line in block.lines for word in line.words]


def test_warnings_of_the_document_are_kept(make_document: MakeDocument) -> None:
    warned = dataclasses.replace(make_document(), warnings=("cut short",))
    assert json.loads(warned.render("json"))["warnings"] == ["cut short"]


def test_numbers_are_rounded_to_four_places(make_document: MakeDocument) -> None:
    (page,) = json.loads(make_document(pages=[full_page()]).render("json"))["pages"]
    assert (page["confidence"], page["seconds"]["model"]) == (0.1235, 0.1235)


def test_a_failed_page_has_its_error_and_no_blocks(make_document: MakeDocument) -> None:
    failed = Page(number=2, width=0, height=0, dpi=None, error="page 2 of a.pdf cannot be loaded")
    (page,) = json.loads(make_document(pages=[failed]).render("json"))["pages"]
    assert (page["number"], page["error"], page["blocks"]) == (2, failed.error, [])
    assert (page["dpi"], page["confidence"], page["draft_agreement"]) == (None, None, None)


def test_text_is_written_as_it_is(make_block: MakeBlock, make_document: MakeDocument) -> None:
    written = make_document(make_block('Żółć "€" 𝐀')).render("json")
    assert 'Żółć \\"€\\" 𝐀'.encode() in written
    assert written.endswith(b"}\n")


def test_a_document_comes_back_from_json(make_block: MakeBlock, make_document: MakeDocument) -> None:
    table = Table((TableCell(0, 0, "a", columns=2, box=Box(1, 2, 3, 4), confidence=0.5), TableCell(1, 0, "b")), 1)
    blocks = (
        make_block("two lines", "of words"),
        dataclasses.replace(make_block("a", kind="table"), table=table),
        Block("markup", "**a**", None, 0.5, ()),
    )
    given = make_document(pages=[full_page(*blocks), Page(2, 0, 0, None, error="damaged")], source="a.pdf")
    found = Document.from_json(given.to_json())
    assert found.to_dict() == given.to_dict()
    assert found.pages[0].blocks[1].table == table
    assert found.to_markdown() == given.to_markdown()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "no schema_version"),
        ({"schema_version": "9.0"}, "version 9.0 of the schema"),
        ({"schema_version": SCHEMA_VERSION}, "no document: KeyError"),
        ({"schema_version": SCHEMA_VERSION, "source": "a", "pages": [3]}, "no document: TypeError"),
        ([], "no schema_version"),
    ],
)
def test_what_is_no_document_is_refused(content: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Document.from_dict(content)


def test_a_page_has_the_methods_of_a_document(make_block: MakeBlock, make_document: MakeDocument) -> None:
    page = full_page(make_block("Heading", kind="heading", level=1), make_block("two words"))
    alone = make_document(pages=[page])
    assert page.to_markdown() == alone.to_markdown()
    assert page.to_text() == alone.to_text() == "Heading\n\ntwo words\n"
    assert page.to_latex() == alone.to_latex()
    assert "<h2>Heading</h2>" in page.to_html()
    assert json.loads(page.to_json()) == page.to_dict() == json.loads(alone.to_json())["pages"][0]
