"""Tables that go on over pages."""

from ocr2.reading.tables.continued import continue_tables
from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Page
from ocr2.results.table import Table, table_of_rows

HEAD = ["Name", "Size"]


def page(number: int, table: Table, top: int, bottom: int, *, right: int = 900) -> Page:
    number_line = Block("page_number", str(number), Box(480, 1500, 500, 1520), 1.0, ())
    text = Block("table", "rows", Box(100, top, right, bottom), 1.0, (), table=table)
    return Page(number, 1000, 1600, 200.0, (text, number_line))


def document(*pages: Page) -> Document:
    return Document("a.pdf", continue_tables(pages), "got-nano", "")


def test_a_table_at_the_foot_goes_on_at_the_head_of_the_next_page() -> None:
    first, rest = table_of_rows([HEAD, ["a", "1"]]), table_of_rows([HEAD, ["b", "2"]])
    made = document(page(1, first, 800, 1450), page(2, rest, 120, 400))
    (table,) = made.tables()
    assert table.rows() == [HEAD, ["a", "1"], ["b", "2"]]
    assert made.pages[1].warnings == ("the table at the top goes on from page 1",)
    assert made.to_markdown().count("Name") == 1
    assert "| b | 2 |" in made.to_markdown()


def test_without_a_head_of_its_own_its_first_row_is_none() -> None:
    made = document(
        page(1, table_of_rows([HEAD, ["a", "1"]]), 800, 1450),
        page(2, table_of_rows([["b", "2"], ["c", "3"]]), 120, 400),
    )
    (table,) = made.tables()
    assert table.rows() == [HEAD, ["a", "1"], ["b", "2"], ["c", "3"]]


def test_other_tables_stay_apart() -> None:
    first, rest = table_of_rows([HEAD, ["a", "1"]]), table_of_rows([HEAD, ["b", "2"]])
    for second in (
        page(2, rest, 900, 1400),  # not at the top
        page(2, rest, 120, 400, right=600),  # other sides
        page(2, table_of_rows([["a", "b", "c"]]), 120, 400),
    ):
        assert len(document(page(1, first, 800, 1450), second).tables()) == 2
    assert len(document(page(1, first, 200, 500), page(2, rest, 120, 400)).tables()) == 2
