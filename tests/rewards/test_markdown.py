"""The structure of a page."""

import pytest

from ocr2.markup.parse import parse
from ocr2.rewards.markdown import outline, score_markdown_structure

PAGE = "# Title\n\nText.\n\n## Part\n\n1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n$$x$$"


def test_the_outline_names_blocks_with_levels_items_and_rows() -> None:
    assert outline(parse(PAGE)) == [
        "heading 1", "body", "heading 2", "ordered list", "item", "item", "end", "table", "row 2", "row 2", "formula",
    ]  # fmt: skip


def test_latex_and_markdown_of_one_page_agree() -> None:
    markdown = "## Part\n\nIt is **bold** and $x$.\n\n- one\n- two"
    latex = (
        r"\section{Part} It is \textbf{bold} and \(x\)."
        "\n\n"
        r"\begin{itemize}\item one \item two \end{itemize}"
    )
    assert score_markdown_structure(latex, markdown).total == 1


def test_what_paragraphs_say_does_not_count_but_for_headings() -> None:
    assert score_markdown_structure("# A\n\nOne.", "# A\n\nTwo.").total == 1
    assert score_markdown_structure("# B\n\nOne.", "# A\n\nOne.").parts == {"outline": 1.0, "headings": 0.0}


def test_a_list_read_as_a_paragraph_costs_its_items() -> None:
    # body, body, of body, list, item, item, end: one of five is right.
    result = score_markdown_structure("Text.\n\none two", "Text.\n\n- one\n- two")
    assert result.total == pytest.approx(0.2)


def test_plain_text_of_plain_text_and_nothing_of_nothing_are_right() -> None:
    assert score_markdown_structure("Words.", "Words.").parts == {"outline": 1.0}
    assert score_markdown_structure("", "").total == 1
