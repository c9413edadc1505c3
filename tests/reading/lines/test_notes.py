"""Footnotes and captions."""

import dataclasses

import pytest

from ocr2.formats.document.markdown import document_to_markdown
from ocr2.reading.lines.blocks import build_blocks
from ocr2.reading.lines.line import ReadLine
from ocr2.reading.lines.notes import is_caption
from ocr2.reading.tables.find import FoundTable
from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Line, Page, Word
from ocr2.results.table import table_of_rows

HEIGHT = 1600


def line(text: str, y: int, *, em: float = 20, x: int = 100, column: int = 0) -> ReadLine:
    words, left = [], x
    for part in text.split():
        right = left + round(0.5 * em * len(part))
        words.append(Word(part, Box(left, y, right, y + round(0.9 * em)), 0.9))
        left = right + round(0.5 * em)
    box = Box(x, y, words[-1].box.right, y + round(0.9 * em))
    return ReadLine(Line(text, box, 0.9, tuple(words)), column, em, 0.1, 0.3, 0.5 * em, ())


def text(y: int, count: int, *, column: int = 0, x: int = 100) -> list[ReadLine]:
    words = "some words of running text that fill the line quite well to its"
    return [line(words, y + 26 * i, x=x, column=column) for i in range(count)]


def markdown(blocks: list[Block]) -> str:
    return document_to_markdown(Document("a.png", (Page(3, 1000, HEIGHT, None, tuple(blocks)),), "", ""))


def test_small_marked_lines_at_the_foot_of_a_column_are_notes_at_the_end_of_the_page() -> None:
    lines = [
        line("And a word¹ that has a note, another² one too", 200),
        *text(226, 4),
        line("¹ Variously known under", 1300, em=16),
        line("other names.", 1320, em=16),
        line("2 Or so they say.", 1342, em=16),
        *text(200, 6, column=1, x=900),
    ]
    blocks = build_blocks(lines, HEIGHT)
    assert [block.kind for block in blocks] == ["paragraph", "footnote", "footnote"]
    assert blocks[1].text == "¹ Variously known under other names."
    shown = markdown(blocks)
    assert "a word[^3-1] that" in shown
    assert shown.endswith("[^3-1]: Variously known under other names.\n\n2 Or so they say.\n")


def test_numbers_that_were_not_seen_to_be_raised_go_on() -> None:
    small = ["¹ A note", "2 Bees are small.", "3 Cows are not.", "7 Seas there are.", "4 Days go by."]
    lines = [*text(200, 4), *(line(t, 1200 + 20 * i, em=16) for i, t in enumerate(small))]
    notes = [block.text for block in build_blocks(lines, HEIGHT) if block.kind == "footnote"]
    assert notes == ["¹ A note", "2 Bees are small.", "3 Cows are not. 7 Seas there are.", "4 Days go by."]
    starred = [line("The authors* thank", 200), *text(226, 4), line("* A", 1200, em=16), line("2 B", 1220, em=16)]
    assert build_blocks(starred, HEIGHT)[-1].text == "* A 2 B"


def test_tables_around_a_note_are_both_kept() -> None:
    def table(number: int) -> FoundTable:
        return FoundTable(table_of_rows([["a", "b"]]), Box(0, 0, 9, 9), {number: frozenset({0, 1})}, is_ruled=True)

    lines = [*text(200, 4), line("one two", 900), line("¹ A note", 1200, em=16), line("three four", 1250)]
    kinds = [block.kind for block in build_blocks(lines, HEIGHT, [table(4), table(6)])]
    assert kinds == ["paragraph", "table", "table", "footnote"]


def test_a_note_that_nothing_refers_to_stays_a_paragraph_in_markdown() -> None:
    blocks = build_blocks([*text(200, 4), line("¹ Equal contribution", 1300, em=16)], HEIGHT)
    assert blocks[-1].kind == "footnote"
    assert markdown(blocks).endswith("\n\n¹ Equal contribution\n")


def test_a_list_with_stars_in_small_print_and_sections_of_a_law_are_no_notes() -> None:
    stars = [line("* bring your own pen", 1300, em=14), line("* bring a lunch", 1326, em=14)]
    assert "footnote" not in [block.kind for block in build_blocks([*text(200, 6), *stars], HEIGHT)]
    law = [line("as told there (§ 433 of it)", 200), *text(226, 4), line("§ 12 Liability", 900), *text(926, 4)]
    assert "footnote" not in [block.kind for block in build_blocks(law, HEIGHT)]


def test_a_mark_is_named_where_it_is_one() -> None:
    def shown(*texts: str) -> str:
        box = Box(0, 0, 9, 9)
        return markdown([Block("footnote" if t[0] in "*²" else "paragraph", t, box, 0.9, ()) for t in texts])

    assert shown("2*3 and a price*", "* Note") == "2\\*3 and a price[^3-star]\n\n[^3-star]: Note\n"
    assert shown("25 m² by Smith²", "² Note").startswith("25 m² by Smith[^3-2]")
    twice = shown("one* and two*", "* First", "* Second")
    assert twice.count("[^3-star]:") == 1
    assert "\\* Second" in twice


def test_a_note_marked_with_a_star_is_named() -> None:
    blocks = build_blocks(
        [line("The authors* thank all", 200), *text(226, 4), line("*In name only", 1300, em=16)], HEIGHT
    )
    assert "authors[^3-star] thank" in markdown(blocks)


def test_what_is_as_large_as_the_text_and_not_referred_to_is_no_note() -> None:
    blocks = build_blocks([*text(200, 4), line("² is how a square is written", 1300)], HEIGHT)
    assert [block.kind for block in blocks] == ["paragraph", "paragraph"]
    referred = [dataclasses.replace(line("a square² of it", 200)), *text(226, 4), line("² is how it is written", 1300)]
    assert [block.kind for block in build_blocks(referred, HEIGHT)] == ["paragraph", "footnote"]


def test_what_stands_far_below_notes_is_none_of_them() -> None:
    lines = [*text(200, 4), line("¹ A note", 1200, em=16), line("Working Paper 1299", 1300, em=16)]
    assert [block.kind for block in build_blocks(lines, HEIGHT)] == ["paragraph", "paragraph", "footnote"]


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("Figure 3. Sales by year", True),
        ("Fig. 4a: Sales", True),
        ("TABLE 4: GROWTH RATE", True),
        ("Table 2", True),
        ("Table 12 Names and places", True),
        ("Abb. 3 – Der Aufbau", True),
        ("Figure 3 shows that sales grew", False),
        ("Figure 4a shows that", False),
        ("Table IV gives the results", False),
        ("Table IV. Results", True),
        ("Box I made of wood", False),
        ("Table 2 gives names", False),
        ("Tables are of two kinds", False),
        ("Chart of accounts", False),
    ],
)  # fmt: skip
def test_captions_are_known_by_how_they_begin(first: str, found: bool) -> None:
    assert is_caption(first) is found


def test_a_caption_goes_on_until_its_lines_end() -> None:
    lines = [*text(200, 4), line("Figure 3. Sales by year, as they", 400), line("were told.", 426), *text(500, 4)]
    assert [block.kind for block in build_blocks(lines, HEIGHT)] == ["paragraph", "caption", "paragraph"]
    within = [*text(200, 4), line("Figure 3. Sales by year", 304), *text(330, 4)]
    assert "caption" not in [block.kind for block in build_blocks(within, HEIGHT)]
