"""Scores of tables."""

import pytest

from ocr2.metrics.tables import count_relations, parse_html, plain, relations, teds
from ocr2.results.table import Table, TableCell, table_of_rows

pytest.importorskip("apted")

TRUE = "<table><thead><tr><td><b>A</b></td><td>B</td></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"


def test_a_table_is_like_itself() -> None:
    assert teds(TRUE, TRUE) == teds(TRUE.replace("td>", "th>"), TRUE) == 1.0


def test_a_missing_cell_costs_its_node() -> None:
    assert teds(TRUE.replace("<td>2</td>", ""), TRUE) == pytest.approx(1 - 1 / 9)


def test_wrong_text_costs_its_distance_and_nothing_of_the_structure() -> None:
    wrong = TRUE.replace("<td>2</td>", "<td>3</td>")
    assert teds(wrong, TRUE) == pytest.approx(1 - 1 / 9)
    assert teds(wrong, TRUE, structure_only=True) == 1.0


def test_another_span_costs_a_node() -> None:
    assert teds(TRUE.replace("<td>1", '<td colspan="2">1'), TRUE, structure_only=True) == pytest.approx(1 - 1 / 9)


def test_the_first_table_counts_and_markup_in_cells_does_not() -> None:
    tree = parse_html(f"<p>x</p>{TRUE}<p>y</p>")
    assert [child.tag for child in tree.children] == ["thead", "tbody"]
    assert tree.children[0].children[0].children[0].text == "A"


def test_no_table_is_like_nothing() -> None:
    assert teds("nothing", TRUE) == pytest.approx(1 / 9)


def test_relations_skip_empty_cells() -> None:
    table = table_of_rows([["a", "", "b"], ["", "c", ""]])
    assert dict(relations(table)) == {("a", "b", "right"): 1}
    spanning = Table((TableCell(0, 0, "a", columns=2), TableCell(1, 0, "b"), TableCell(1, 1, "c")))
    assert set(relations(spanning)) == {("a", "b", "below"), ("a", "c", "below"), ("b", "c", "right")}


def test_counts_of_a_page() -> None:
    true = [table_of_rows([["a", "b"], ["c", "d"]])]
    read = [table_of_rows([["A.", "b"], ["c", "x"]])]
    count = count_relations(read, true)
    assert (count.found, count.answers, count.truths) == (2, 4, 4)
    assert count.f1 == 0.5
    assert count_relations([], []).f1 == 1.0


def test_punctuation_and_case_do_not_count() -> None:
    assert plain("N = 1,250 (%)") == plain("n=1.250 %")
