"""Lines into blocks."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ocr2.reading.lines.blocks import build_blocks, level_headings
from ocr2.reading.lines.line import ReadLine, estimate_em, measure_grid
from ocr2.reading.tables.find import FoundTable, find_tables
from ocr2.reading.tables.rules import Rules
from ocr2.results.box import Box
from ocr2.results.document import BlockKind, Line, Page, Word
from ocr2.results.table import table_of_rows

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
    grid: float = 0.3,
    gaps: tuple[tuple[int, int], ...] = (),
) -> ReadLine:
    width = max(10, round(0.5 * em * len(text)))
    box = Box(x, y, x + width, y + round(0.91 * em))
    words, left = [], x
    for part in text.split():
        right = left + round(0.5 * em * len(part))
        words.append(Word(part, Box(left, box.top, right, box.bottom), 0.9))
        left = right + round(0.5 * em)
    return ReadLine(Line(text, box, 0.9, tuple(words)), 0, em, stroke, grid, 0.55 * em, gaps)


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
        line("print(1 + 2)", 600, grid=0.9),
        line("return value", 626, grid=0.9),
        line("alpha 1 2", 700, gaps=((150, 300), (350, 500))),
        line("beta 3 4", 726, gaps=((150, 300), (350, 500))),
        *paragraph(800, 8),
        line("17", 1560),
    ]
    assert kinds(lines) == [
        "header", "title", "heading", "paragraph", "list_item", "list_item", "code",
        "paragraph", "paragraph", "paragraph", "page_number",
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
    lines = [*paragraph(200, 6), line("if x:", 400, grid=0.9), line("return", 426, x=140, grid=0.9)]
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


@pytest.mark.parametrize(("text", "share"), [("xenon", 0.48), ("Xenon", 0.71), ("gone", 0.68), ("Going", 0.91)])
def test_sizes_come_from_ink_and_letters(text: str, share: float) -> None:
    assert estimate_em(text, round(share * 100)) == pytest.approx(100, rel=0.03)


def test_the_kinds_of_blocks_are_the_documented_ones() -> None:
    row = next(row for row in DOCS.read_text().splitlines() if "`kind`:" in row)
    documented = row.split("`kind`:")[1].split(";")[0]
    assert [kind.strip(" `") for kind in documented.split(",")] == list(get_args(BlockKind))


def test_a_page_of_one_line_at_its_edge_is_not_empty() -> None:
    assert kinds([line("The parcel was left with the neighbour.", 60)]) == ["paragraph"]


def test_a_long_header_above_a_few_words_is_text() -> None:
    lines = [line("Everything that this page says stands at its upper edge", 60), line("Yes", 800)]
    assert "header" not in kinds(lines)


def test_the_first_row_of_a_form_is_no_header() -> None:
    rows = [line(f"Question {n} of this form, and the answer to it", 70 + 90 * n) for n in range(9)]
    assert "header" not in kinds(rows)


def test_a_line_alone_whose_letters_lie_on_a_grid_is_no_code() -> None:
    lines = [line("It is not easy to see from here.", 300, grid=0.9), *paragraph(326)]
    assert "code" not in kinds(lines)
    command = line("$ ocr2 read page.pdf --format markdown", 300, grid=0.9)
    assert kinds([*paragraph(150), command, *paragraph(400)]) == ["paragraph", "code", "paragraph"]


def test_a_lone_bracket_below_code_is_code() -> None:
    code = [
        line("function add(a, b) {", 300, grid=0.9),
        line("return a + b;", 326, x=122, grid=0.9),
        line("}", 352, grid=0),
    ]
    assert kinds([*paragraph(150), *code, *paragraph(420)]) == ["paragraph", "code", "paragraph"]


def test_short_neighbours_whose_letters_differ_in_width_are_no_code() -> None:
    rows = [line("under conditions.", 300, grid=0.9), line("those at the gate", 326, grid=0.9, em=1.08 * EM)]
    assert "code" not in kinds([*paragraph(150), *rows, *paragraph(380)])


def test_numbered_lines_of_a_program_are_one_block_of_code() -> None:
    white = ((130, 190),)
    listing = [line(f"{17 + i} {text}", 300 + 26 * i, gaps=white) for i, text in enumerate(("if x {", "go on", "}"))]
    assert kinds([*paragraph(150), *listing]) == ["paragraph", "code"]
    years = [line(f"{1917 + i} was a good year", 300 + 26 * i) for i in range(3)]
    assert "code" not in kinds([*paragraph(150), *years])


def test_a_bold_entry_of_contents_is_no_heading() -> None:
    entry = [line("Usage of this 4", 400, stroke=0.2, gaps=((300, 700),)), *paragraph(500)]
    assert "heading" not in kinds([*paragraph(120, 6), *entry])
    assert "heading" in kinds([*paragraph(120, 6), line("Usage of this 4", 400, stroke=0.2), *paragraph(500)])


def test_several_lines_of_sentences_in_larger_print_are_no_heading() -> None:
    large = [line("and this is some of the larger print of the page", 300 + 40 * i, em=30) for i in range(4)]
    assert kinds([*paragraph(120, 6), *large]) == ["paragraph", "paragraph"]
    assert kinds([*paragraph(120, 6), large[0]]) == ["paragraph", "heading"]


def test_letters_of_one_width_keep_to_a_grid_over_the_whole_line() -> None:
    rng = np.random.default_rng(1)
    cells = [[10.3 * i + rng.normal(0, 0.8) for i in range(a, b)] for a, b in ((0, 6), (7, 15), (16, 31))]
    pitch, grid = measure_grid(cells)
    assert abs(pitch - 10.3) < 0.1
    assert grid > 0.8
    steps = np.cumsum(rng.choice([5.0, 8.0, 10.0, 13.0], 60))
    assert measure_grid([list(steps[a : a + 6]) for a in range(0, 60, 6)])[1] < 0.6
    assert measure_grid([[1.0, 2.0, 3.0]]) == (0.0, 0.0)


def test_items_are_nested_in_the_item_before_them_that_begins_further_left() -> None:
    rows = [("1. Wash", 100), ("a) small", 118), ("b) lid", 118), ("2. Boil", 100), ("- white", 118), ("- brown", 140)]
    lines = [line(text, 300 + 26 * i, x=x) for i, (text, x) in enumerate(rows)]
    assert [block.level for block in build_blocks(lines, HEIGHT)] == [0, 1, 1, 0, 1, 2]


def test_entries_of_contents_stay_apart() -> None:
    lines = [line(f"A chapter of this book {'.' * 30} {n}", 300 + 26 * n) for n in range(5)]
    assert len(build_blocks(lines, HEIGHT)) == 5


def test_cells_of_a_table_keep_their_columns_where_one_is_empty() -> None:
    def row(cells: list[str], y: int) -> ReadLine:
        words: list[Word] = []
        gaps: list[tuple[int, int]] = []
        end: int | None = None
        for i, cell in enumerate(cells):
            if not cell:
                continue
            box = Box(100 + 250 * i, y, 100 + 250 * i + 10 * len(cell), y + 18)
            if end is not None:
                gaps.append((end, box.left))
            end = box.right
            words.append(Word(cell, box, 0.9))
        text = " ".join(word.text for word in words)
        whole = Box(words[0].box.left, y, words[-1].box.right, y + 18)
        return ReadLine(Line(text, whole, 0.9, tuple(words)), 0, EM, 0.1, 0.3, 11, tuple(gaps))

    rows = [row(["Name", "Size", "Price"], 300), row(["Pear", "", "3.50"], 326), row(["Plum", "2", "1.20"], 352)]
    (table,) = build_blocks(rows, HEIGHT, find_tables(rows, Rules()))
    assert table.kind == "table"
    assert table.text == "Name\tSize\tPrice\nPear\t\t3.50\nPlum\t2\t1.20"


def test_tables_that_begin_in_one_line_both_stand_there() -> None:
    lines = [line("left right", 300), line("1 2", 326)]
    rows = table_of_rows([["left", "right"], ["1", "2"]])
    halves = [FoundTable(rows, lines[0].line.box, {0: frozenset((i,)), 1: frozenset((i,))}, False) for i in (0, 1)]
    blocks = build_blocks([*lines, *paragraph(400)], HEIGHT, halves)
    assert [block.kind for block in blocks] == ["table", "table", "paragraph"]
    assert [word.text for block in blocks[:2] for one in block.lines for word in one.words] == [
        "left",
        "1",
        "right",
        "2",
    ]
