"""Tables as results."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.results.box import Box
from ocr2.results.table import Table, TableCell, joined, table_of_rows

SALES = Table(
    (
        TableCell(0, 0, "Year", rows=2), TableCell(0, 1, "Sales", columns=2),
        TableCell(1, 1, "East"), TableCell(1, 2, "West"),
        TableCell(2, 0, "2001", box=Box(0, 0, 9, 9)), TableCell(2, 1, "12"), TableCell(2, 2, "a, <b>"),
    ),
    header_rows=2,
)  # fmt: skip


def test_html_has_spans_and_a_head() -> None:
    assert SALES.to_html().splitlines() == [
        "<table>",
        "<thead>",
        '<tr><th rowspan="2">Year</th><th colspan="2">Sales</th></tr>',
        "<tr><th>East</th><th>West</th></tr>",
        "</thead>",
        "<tbody>",
        "<tr><td>2001</td><td>12</td><td>a, &lt;b&gt;</td></tr>",
        "</tbody>",
        "</table>",
    ]


def test_csv_fills_the_head() -> None:
    assert SALES.to_csv() == 'Year,Sales,Sales\nYear,East,West\n2001,12,"a, <b>"\n'


def test_a_frame_has_the_names_of_its_columns() -> None:
    pytest.importorskip("pandas")
    frame = SALES.to_frame()
    assert list(frame.columns) == ["Year", "Sales / East", "Sales / West"]
    assert frame.iloc[0].tolist() == ["2001", "12", "a, <b>"]


def test_a_head_that_is_repeated_is_left_out_where_tables_are_joined() -> None:
    first, rest = table_of_rows([["a", "b"], ["1", "2"]]), table_of_rows([["a", "b"], ["3", "4"]])
    assert joined(first, rest).rows() == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert joined(first, table_of_rows([["3", "4"]], 0)).rows() == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_boxes_can_be_moved() -> None:
    moved = SALES.moved(lambda box: box.shifted(5, 7))
    assert next(cell.box for cell in moved.cells if cell.text == "2001") == Box(5, 7, 14, 16)


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["C"])), min_size=2, max_size=4), min_size=1, max_size=5)
)
def test_csv_says_what_the_rows_say(rows: list[list[str]]) -> None:
    table = table_of_rows(rows)
    read = list(csv.reader(io.StringIO(table.to_csv(), newline="")))
    assert read == table.rows()
