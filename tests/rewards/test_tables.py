"""Tables."""

import pytest

from ocr2.metrics.tables import parse_html
from ocr2.rewards.tables import html_tables, score_table_teds

pytest.importorskip("apted")
HTML = "<table><tr><td>a</td><td>b</td></tr></table>"
LATEX = r"\begin{tabular}{ll} a & b \\ \end{tabular}"
MARKDOWN = "| a | b |\n|---|---|"


@pytest.mark.parametrize("answer", [HTML, LATEX, MARKDOWN])
@pytest.mark.parametrize("truth", [HTML, LATEX, MARKDOWN])
def test_notations_of_one_table_agree(answer: str, truth: str) -> None:
    assert score_table_teds(answer, truth).total == 1


def test_a_missing_cell_and_a_wrong_text_cost_what_teds_says() -> None:
    # Nodes: table, row, two cells.
    assert score_table_teds(HTML.replace("<td>b</td>", ""), HTML).total == 0.75
    assert score_table_teds(HTML.replace(">b<", ">c<"), HTML).total == 0.75
    assert score_table_teds(HTML.replace(">b<", ">bc<"), HTML).total == 0.875  # half of a text


def test_tables_are_compared_one_by_one_and_a_missing_one_counts_nothing() -> None:
    assert len(html_tables(HTML + "\n" + HTML)) == 2
    assert score_table_teds(HTML, HTML + HTML).total == 0.5
    assert score_table_teds("words", HTML).problem == "there is no table"
    assert score_table_teds("words", "other words").total == 1
    assert score_table_teds(HTML, "words").total == 0


def test_a_table_that_goes_on_without_end_is_not_compared() -> None:
    result = score_table_teds("<table>" + "<tr><td>a</td></tr>" * 600, HTML)
    assert (result.total, result.problem) == (0, "a table has more than 1000 rows and cells")


@pytest.mark.parametrize(("html", "nodes"), [("<table>" * 3000, 50), ("<table><tr><![x[", 2), (HTML, 4)])
def test_broken_html_is_a_table_too(html: str, nodes: int) -> None:
    assert parse_html(html).count() == nodes
