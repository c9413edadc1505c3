"""Tables from lines of words and rules."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.reading.lines.line import ReadLine
from ocr2.reading.tables.columns import find_separators
from ocr2.reading.tables.find import FoundTable, find_tables
from ocr2.reading.tables.grid import build_table
from ocr2.reading.tables.pieces import Piece, pieces_of, rows_of
from ocr2.reading.tables.rules import Rule, Rules, find_rules
from ocr2.results.box import Box, union
from ocr2.results.document import Line, Word
from ocr2.results.table import Table

EM = 20
LETTER = 10  # pixels
PITCH = 26

Cells = list[tuple[int, str]]  # x and text of the parts of a row


def row(cells: Cells, y: int) -> ReadLine:
    """Return a line with words at given places, a space of half an em between the words of a part."""
    words = []
    for x, text in cells:
        for word in text.split():
            words.append(Word(word, Box(x, y, x + LETTER * len(word), y + 18), 0.9))
            x += LETTER * len(word) + 6
    box = union(word.box for word in words)
    gaps = [
        (a.box.right, b.box.left) for a, b in itertools.pairwise(words) if b.box.left - a.box.right > 1.2 * box.height
    ]
    text = " ".join(word.text for word in words)
    return ReadLine(Line(text, box, 0.9, tuple(words)), 0, EM, 0.1, 0.3, 11, tuple(gaps))


def rows(*cells: Cells, y: int = 300) -> list[ReadLine]:
    return [row(one, y + PITCH * i) for i, one in enumerate(cells)]


def level(*heights: float, left: float = 95, right: float = 605) -> tuple[Rule, ...]:
    return tuple(Rule(y, left, right) for y in heights)


def only(lines: list[ReadLine], rules: Rules = Rules()) -> Table:  # noqa: B008  # frozen
    (found,) = find_tables(lines, rules)
    return found.table


PRICES: list[Cells] = [
    [(100, "Fruit"), (300, "Number"), (500, "Price")],
    [(100, "Pear"), (330, "12"), (510, "3.50")],
    [(100, "Plum"), (510, "1.20")],
    [(100, "Water melon"), (330, "2"), (510, "4.80")],
]


def test_rows_with_white_in_common_are_a_table() -> None:
    table = only(rows(*PRICES))
    assert table.rows() == [
        ["Fruit", "Number", "Price"], ["Pear", "12", "3.50"], ["Plum", "", "1.20"], ["Water melon", "2", "4.80"]
    ]  # fmt: skip
    assert table.header_rows == 1


def test_running_text_is_no_table() -> None:
    text = [[(100, "some words of running text that fill the line to its end")]] * 6
    assert find_tables(rows(*text), Rules()) == []


@pytest.mark.parametrize("between", [False, True])
def test_two_columns_of_running_text_between_rules_are_no_table(between: bool) -> None:
    text = "words of a column that says something"
    lines = rows(*[[(100, text), (600, text)] for _ in range(12)])
    halves = [
        part
        for line in lines
        for number, part in enumerate((row([(100, text)], line.line.box.top), row([(600, text)], line.line.box.top)))
        for part in (ReadLine(part.line, number, EM, 0.1, 0.3, 11, ()),)
    ]
    upright = (Rule(540, 290, 300 + 12 * PITCH),) if between else ()
    assert find_tables(halves, Rules(level(290, 300 + 12 * PITCH, right=1000), upright)) == []


def test_numbered_items_are_no_table() -> None:
    items: list[Cells] = [[(100, f"{n}."), (150, "an item of a list that is long enough")] for n in range(1, 6)]
    assert find_tables(rows(*items), Rules()) == []


def test_contents_with_leaders_are_no_table() -> None:
    entries: list[Cells] = [[(100, f"Chapter {n} . . . . . . . . . ."), (500, str(10 * n))] for n in range(1, 6)]
    assert find_tables(rows(*entries), Rules()) == []


def test_a_rule_below_the_head_says_how_many_rows_it_has() -> None:
    lines = rows([(330, "All"), (510, "Of these")], [(100, "Year"), (330, "fruit"), (510, "ripe")], *PRICES[1:])
    table = only(lines, Rules(level(290, 300 + 2 * PITCH - 4, 300 + 5 * PITCH)))
    assert table.header_rows == 1
    assert table.rows()[0] == ["Year", "All fruit", "Of these ripe"]


def test_a_head_stands_over_the_columns_of_its_rule() -> None:
    lines = rows(
        [(420, "Sales")],
        [(100, "Year"), (330, "East"), (510, "West")],
        [(100, "2001"), (330, "120"), (510, "340")],
        [(100, "2002"), (330, "125"), (510, "350")],
    )
    rules = Rules((*level(290), Rule(322, 320, 600), *level(300 + 2 * PITCH - 4, 300 + 4 * PITCH)))
    table = only(lines, rules)
    sales = next(cell for cell in table.cells if cell.text == "Sales")
    assert (sales.row, sales.column, sales.columns) == (0, 1, 2)
    assert table.header_rows == 2
    assert 'colspan="2">Sales</th>' in table.to_html()


def test_a_heading_inside_a_table_spans_it() -> None:
    lines = rows(*PRICES, [(100, "Vegetables")], [(100, "Leek"), (330, "3"), (510, "0.90")])
    table = only(lines)
    heading = next(cell for cell in table.cells if cell.text == "Vegetables")
    assert (heading.column, heading.columns) == (0, 3)


def test_the_lines_of_a_cell_are_one_row() -> None:
    lines = rows(
        [(100, "Statement"), (500, "Share")],
        [(100, "The first thing that they were asked was"), (510, "12.5")],
        [(100, "whether it helps")],
        [(100, "The next thing"), (510, "80.1")],
    )
    assert only(lines).rows()[1] == ["The first thing that they were asked was whether it helps", "12.5"]


def test_rules_around_cells_part_rows_of_several_lines() -> None:
    lines = rows(
        [(100, "Kind"), (300, "Meaning")],
        [(100, "Word"), (300, "What stands between")],
        [(300, "two spaces of a line")],
        [(100, "Line"), (300, "What stands beside")],
        [(300, "each other")],
    )
    heights = [292, 321, 300 + 3 * PITCH - 5, 300 + 5 * PITCH]
    rules = Rules(level(*heights), tuple(Rule(x, 292, heights[-1]) for x in (95, 280, 605)))
    assert only(lines, rules).rows() == [
        ["Kind", "Meaning"],
        ["Word", "What stands between two spaces of a line"],
        ["Line", "What stands beside each other"],
    ]


def test_a_label_in_a_frame_stands_beside_its_rows() -> None:
    lines = [
        *rows([(100, "Group"), (300, "Level"), (500, "Share")]),
        *rows([(300, "low"), (510, "5%")], [(300, "middle"), (510, "15%")], [(300, "high"), (510, "30%")], y=340),
        row([(100, "All of them")], 340 + PITCH),
    ]
    rules = Rules(level(292, 330, 340 + 3 * PITCH + 4), tuple(Rule(x, 292, 430) for x in (95, 280, 480, 605)))
    table = only(lines, rules)
    label = next(cell for cell in table.cells if cell.text == "All of them")
    assert (label.row, label.rows) == (1, 3)


def test_numbers_alone_have_no_head() -> None:
    lines = rows(*[[(100, f"{200 * n}.01"), (300, str(n))] for n in range(1, 6)])
    table = only(lines, Rules(level(*(292 + PITCH * n for n in range(6)), right=400)))
    assert table.header_rows == 0
    assert table.row_count == 5


def test_signs_of_currencies_are_no_column() -> None:
    lines = rows(*[[(100, f"Item {n}"), (400, "$"), (450, f"{n}50.00")] for n in range(1, 6)])
    assert only(lines).rows()[1] == ["Item 2", "$ 250.00"]


def test_a_caption_and_a_source_inside_of_the_frame_are_left_out() -> None:
    lines = [
        row([(110, "Table 3. What it costs")], 300),
        *rows(*PRICES, y=340),
        row([(100, "Source: what the shop around the corner says on its sign")], 340 + 4 * PITCH + 10),
    ]
    (found,) = find_tables(lines, Rules(level(292, 330, 470, 500)))
    assert found.table.rows()[0][0] == "Fruit"
    assert min(found.words) == 1
    assert len(lines) - 1 not in found.words


def test_text_beside_a_table_is_not_taken() -> None:
    lines = [row([*cells, (800, "beside")], 300 + PITCH * i) for i, cells in enumerate(PRICES)]
    (found,) = find_tables(lines, Rules(level(292, 322, 410)))
    assert all("beside" not in cell.text for cell in found.table.cells)


words = st.text("abcdefgh0123456789", min_size=1, max_size=12)
pieces = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20), words), min_size=1, max_size=60)


@given(pieces, st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.integers(0, 500)), max_size=8))
def test_every_place_of_a_table_belongs_to_one_cell(
    placed: list[tuple[int, int, str]], ruled: list[tuple[bool, int, int]]
) -> None:
    made = []
    for x, y, text in placed:
        box = Box(20 * x, PITCH * y, 20 * x + LETTER * len(text), PITCH * y + 18)
        made.append(Piece((Word(text, box, 0.9),), box, EM))
    rules = Rules(
        tuple(Rule(float(at), float(start), start + 300.0) for is_level, at, start in ruled if is_level),
        tuple(Rule(float(at), float(start), start + 300.0) for is_level, at, start in ruled if not is_level),
    )
    table = build_table(made, rules, union(piece.box for piece in made))
    if table is None:
        return
    places = [
        (r, c)
        for cell in table.cells
        for r in range(cell.row, cell.row + cell.rows)
        for c in range(cell.column, cell.column + cell.columns)
    ]
    assert sorted(places) == [(r, c) for r in range(table.row_count) for c in range(table.column_count)]
    said = sorted(word for cell in table.cells for word in cell.text.split())
    assert said == sorted(text for _, _, text in placed)


def test_rules_are_found_as_segments() -> None:
    mask = np.zeros((200, 300), np.uint8)
    mask[50:52, 20:280] = mask[100:102, 20:140] = mask[100:102, 160:280] = mask[20:180, 60:62] = 1
    rules = find_rules(mask, 12.0)
    found = [[r.at, r.start, r.end] for r in rules.level]
    assert np.allclose(found, [[51, 20, 280], [101, 20, 140], [101, 160, 280]], atol=1.1)
    assert np.allclose([[r.at, r.start, r.end] for r in rules.upright], [[61, 20, 180]], atol=1.1)


def test_an_upright_rule_parts_words_that_stand_close() -> None:
    close = row([(100, "12"), (127, "34")], 300)
    assert len(pieces_of([close], ())) == 1
    assert len(pieces_of([close], (Rule(123, 290, 330),))) == 2


def test_numbered_lines_of_a_program_are_no_table() -> None:
    code = ["if found:", "x = found[1]", "return {x}", "}"]
    listing = rows(*([(100, str(12 + i)), (200, text)] for i, text in enumerate(code)))
    assert find_tables(listing, Rules()) == []
    assert only(rows(*([(100, str(12 + i)), (200, text)] for i, text in enumerate(("Oslo", "Bergen", "Narvik")))))
    years = [[(100, str(2019 + i)), (200, f"-{i + 3}"), (300, "max_tokens"), (500, "120")] for i in range(3)]
    assert only(rows(*years)).column_count == 4


def test_stretched_lines_of_justified_text_are_no_table() -> None:
    text = rows(
        [(100, "many a word of this text fills all of the margins")],
        [(100, "only"), (190, "the"), (270, "way"), (350, "to"), (420, "set"), (501, "items")],
        [(100, "can"), (184, "be"), (258, "called"), (370, "at"), (442, "the"), (520, "end")],
        [(100, "and so it goes on down to the end of all the ages")],
    )
    rights = [line.line.box.right for line in text]
    assert max(rights) - min(rights) < 12
    assert text[1].gaps
    assert find_tables(text, Rules()) == []


@pytest.mark.parametrize("gap", [14, 60])
def test_columns_are_parted_in_the_middle_of_their_white(gap: int) -> None:
    lines = rows(*[[(100, "abcd"), (140 + gap, "efgh")] for _ in range(4)])
    grid = rows_of(pieces_of(lines, ()))
    (x,) = find_separators(grid, (), Box(100, 300, 180 + gap, 400), EM)
    assert x == pytest.approx(140 + gap / 2, abs=2)


def test_tables_know_the_words_that_they_took() -> None:
    lines = rows(*PRICES)
    (found,) = find_tables(lines, Rules())
    assert isinstance(found, FoundTable)
    assert sum(map(len, found.words.values())) == sum(len(line.line.words) for line in lines)
