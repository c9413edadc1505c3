"""Lines into blocks."""

from pathlib import Path
from typing import get_args

import pytest

from ocr2.formats.document.prose import join_lines
from ocr2.reading.lines.blocks import build_blocks, level_headings
from ocr2.reading.lines.line import ReadLine, estimate_em
from ocr2.results.box import Box
from ocr2.results.document import BlockKind, Line, Page, Word

DOCS = Path(__file__).parents[3] / "docs" / "json.md"
HEIGHT = 1600
EM = 20


def line(
    text: str,
    y: int,
    *,
    x: int = 100,
    em: float = EM,
    stroke: float = 0.1,
    error: float = 0.3,
    gaps: tuple[tuple[int, int], ...] = (),
) -> ReadLine:
    width = max(10, round(0.5 * em * len(text)))
    box = Box(x, y, x + width, y + round(0.91 * em))
    words, left = [], x
    for part in text.split():
        right = left + round(0.5 * em * len(part))
        words.append(Word(part, Box(left, box.top, right, box.bottom), 0.9))
        left = right + round(0.5 * em)
    return ReadLine(Line(text, box, 0.9, tuple(words)), 0, em, stroke, error, 0.55 * em, gaps)


def paragraph(y: int, n: int = 4) -> list[ReadLine]:
    return [line("some words of running text that fill the line quite well to its", y + 26 * i) for i in range(n)]


def kinds(lines: list[ReadLine]) -> list[str]:
    return [block.kind for block in build_blocks(lines, HEIGHT)]


def test_a_page_of_every_kind() -> None:
    lines = [
        line("Journal of Examples 7", 60),
        line("A Large Title", 200, em=36),
        line("1 Introduction", 300, em=26, stroke=0.14),
        *paragraph(350),
        line("• first point", 500),
        line("• second point", 526),
        line("print(1 + 2)", 600, error=0.08),
        line("return value", 626, error=0.08),
        line("alpha 1 2", 700, gaps=((150, 300), (350, 500))),
        line("beta 3 4", 726, gaps=((150, 300), (350, 500))),
        *paragraph(800, 8),
        line("17", 1560),
    ]
    assert kinds(lines) == [
        "header", "title", "heading", "paragraph", "list_item", "list_item", "code", "table", "paragraph", "page_number"
    ]  # fmt: skip


def test_white_above_begins_a_paragraph() -> None:
    assert len(build_blocks([*paragraph(300, 3), *paragraph(300 + 3 * 26 + 14, 3)], HEIGHT)) == 2


def test_an_indent_begins_a_paragraph() -> None:
    lines = [
        *paragraph(300, 3),
        line("indented begin of what comes next in this text here", 378, x=130),
        *paragraph(404, 2),
    ]
    assert [len(b.lines) for b in build_blocks(lines, HEIGHT)] == [3, 3]


def test_a_hanging_line_belongs_to_its_item() -> None:
    lines = [*paragraph(200, 5), line("• an item that goes on", 400), line("in a hanging line", 426, x=118)]
    blocks = build_blocks(lines, HEIGHT)
    assert [b.kind for b in blocks] == ["paragraph", "list_item"]
    assert blocks[1].text == "• an item that goes on in a hanging line"


def test_code_keeps_its_indentation() -> None:
    lines = [*paragraph(200, 6), line("if x:", 400, error=0.05), line("return", 426, x=140, error=0.05)]
    assert build_blocks(lines, HEIGHT)[-1].text == "if x:\n    return"


def test_no_lines_give_no_blocks() -> None:
    assert build_blocks([], HEIGHT) == []


def test_headings_take_their_level_from_their_size() -> None:
    lines = [
        line("Large Heading", 300, em=40, stroke=0.2),
        *paragraph(360, 6),
        line("Small Heading", 560, em=28, stroke=0.2),
        *paragraph(610, 6),
    ]
    blocks = build_blocks([*paragraph(100, 4), *lines], HEIGHT)
    (page,) = level_headings([Page(1, 1000, HEIGHT, None, tuple(blocks))])
    assert [b.level for b in page.blocks if b.kind == "heading"] == [1, 2]


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["recog-", "nition of text"], "recognition of text"),
        (["the well-", "known well-known case"], "the well-known well-known case"),
        (["Anglo-", "Saxon"], "Anglo-Saxon"),
        (["1990-", "1999"], "1990-1999"),
        (["a dash -", "here"], "a dash - here"),
        (["plain", "lines"], "plain lines"),
        ([], ""),
    ],
)
def test_hyphens_at_line_ends_are_resolved(lines: list[str], joined: str) -> None:
    assert join_lines(lines) == joined


@pytest.mark.parametrize(("text", "share"), [("xenon", 0.48), ("Xenon", 0.71), ("gone", 0.68), ("Going", 0.91)])
def test_sizes_come_from_ink_and_letters(text: str, share: float) -> None:
    assert estimate_em(text, round(share * 100)) == pytest.approx(100, rel=0.03)


def test_the_kinds_of_blocks_are_the_documented_ones() -> None:
    row = next(row for row in DOCS.read_text().splitlines() if "`kind`:" in row)
    documented = row.split("`kind`:")[1].split(";")[0]
    assert [kind.strip(" `") for kind in documented.split(",")] == list(get_args(BlockKind))
