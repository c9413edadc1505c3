"""Tables: cells, spans and rules of LaTeX, with what models get wrong about them."""

import pytest

from ocr2.markup import parse, to_text
from ocr2.markup.grid import rows_of
from ocr2.markup.nodes import Block, Paragraph, Table
from ocr2.markup.tables import normal_spec


def table_of(rows: str, spec: str = "lll") -> Table:
    (table,) = parse(f"\\begin{{tabular}}{{{spec}}} {rows} \\end{{tabular}}")
    assert isinstance(table, Table)
    return table


def grid(table: Table) -> list[list[str]]:
    """Return the text of cells with what they cover, `None` cells as a caret."""
    written = []
    for places in rows_of(table):
        row = []
        for cell in places:
            if cell is None:
                row.append("^")
                continue
            span = "" if cell.columns == cell.rows == 1 else f" {cell.columns}x{cell.rows}"
            row.append(to_text(cell.blocks).replace("\n", "/") + span)
        written.append(row)
    return written


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (r"a & & c \\ & & \\", [["a", "", "c"], ["", "", ""]]),
        (r"a & b", [["a", "b"]]),
        (r"a \\ b & c \\ d & e & f & g \\", [["a"], ["b", "c"], ["d", "e", "f", "g"]]),
        (r"R\&D & 5\% \\", [["R&D", "5%"]]),
        (r"$5 & $6 \\", [["$5", "$6"]]),
        (r"\(a & b\) & $x$ \\", [["a & b", "x"]]),
        (r"\(a & b \\ c", [[r"\(a", "b"], ["c"]]),
        (r"\textbf{a & b \\ c", [[r"\textbf{a", "b"], ["c"]]),
        (r"a|b & `c|d` & \| \\", [["a|b", "c|d", "|"]]),
        (r"\shortstack{a \\ b} & \makecell[l]{c \\ d} \\", [["a/b", "c/d"]]),
        (r"a \\[2pt] b \\* c \tabularnewline d \\", [["a"], ["b"], ["c"], ["d"]]),
        (r"\multicolumn{2}{|c|}{a} & b \\", [["a 2x1", "b"]]),
        (r"\multicolumn{2}{c}{a \\ b", [[r"\multicolumn{2}{c}{a"], ["b"]]),
        (r"\multicolumn{two}{c}{a} \\", [[r"\multicolumn{two}{c}{a}"]]),
        (r"\multirow{2}{*}{a \\ b} & 1 \\ & 2 \\", [["a/b 1x2", "1"], ["^", "2"]]),
        (r"\multirow[t]{2}{3cm}{a} & 1 \\ & 2 \\", [["a 1x2", "1"], ["^", "2"]]),
        (r"\multirow{2}*{a} & 1 \\ & 2 \\", [["a 1x2", "1"], ["^", "2"]]),
        (
            r"\multicolumn{2}{c}{\multirow{2}{*}{a}} & b \\ \multicolumn{2}{c}{} & c \\",
            [["a 2x2", "b"], ["^", "^", "c"]],
        ),
        (r"\multirow{9}{*}{a} & b \\ & c \\", [["a 1x2", "b"], ["^", "c"]]),
        (r"\multirow{-2}{*}{a} & b \\", [["a", "b"]]),
        (r"\multirow{2}{*}{a} & 1 & x \\ 2 & y \\", [["a 1x2", "1", "x"], ["^", "2", "y"]]),
        (
            r"\multirow{3}{*}{a} & 1 & x \\ & 2 & y \\ b & 3 & z \\",
            [["a 1x2", "1", "x"], ["^", "2", "y"], ["b", "3", "z"]],
        ),
        (r"\multirow{2}{*}{a} \\ \\ b \\", [["a 1x2"], ["^"], ["b"]]),
        (r"a \\ \\ b", [["a"], ["b"]]),
        (r"a & \begin{tabular}{c} x \\ y & z \end{tabular} \\ b", [["a", "x/y\tz"], ["b"]]),
        (r"\begin{tabular}{c} x & y \\", [["x\ty"]]),
        (r"\rowcolor{gray} a & \cellcolor[rgb]{1} b \\", [["a", "b"]]),
        ("- a & 1. b & # c \\\\\n- d & --- \\\\", [["- a", "1. b", "# c"], ["- d", "---"]]),
    ],
)
def test_cells_are_found(rows: str, expected: list[list[str]]) -> None:
    assert grid(table_of(rows)) == expected


def test_rules_are_kept_by_their_rows() -> None:
    table = table_of(
        r"\toprule a & b \\ \cmidrule(lr){1-2} c & d \\ \hline\hline e \\ \cline{ 2 - 3 } f & g \\ \bottomrule"
    )
    assert [row.rules for row in table.rows] == [(r"\hline",), (r"\cline{1-2}",), (r"\hline",) * 2, (r"\cline{2-3}",)]
    assert table.rules == (r"\hline",)


def test_a_row_that_a_rule_ends_is_a_row() -> None:
    assert grid(table_of(r"a & b \hline c & d")) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("|c|c|", "|c|c|"),
        ("@{}l >{\\raggedright}p{ 3 cm } r@{\\hspace{1em}}", "lp{3cm}r"),
        ("*{3}{c|}", "c|c|c|"),
        ("XSYm{2cm}b", "lccp{2cm}l"),
        ("", ""),
        ("some text", None),
        ("c;c", None),
    ],
)
def test_columns_are_brought_to_a_normal_form(written: str, spec: str | None) -> None:
    assert normal_spec(written) == spec


def test_what_is_no_specification_is_content() -> None:
    assert to_text(parse(r"\begin{tabular}{some text} a \\ \end{tabular}")) == "{some text} a"
    assert to_text(parse(r"\begin{tabular} a & b \end{tabular}")) == "a\tb"


@pytest.mark.parametrize(
    "begin", [r"\begin{tabular}[t]{ll}", r"\begin{tabular*}{\textwidth}{ll}", r"\begin{tabularx}{5cm}{lX}"]
)
def test_widths_and_places_are_no_content(begin: str) -> None:
    name = begin[begin.index("{") + 1 : begin.index("}")]
    assert to_text(parse(f"{begin} a & b \\end{{{name}}}")) == "a\tb"


def test_captions_of_long_tables_come_first() -> None:
    found = parse(r"\begin{longtable}{ll} \caption{A} \\ \hline a & b \\ \endhead c & d \\ \end{longtable}")
    caption, table = found
    assert isinstance(caption, Paragraph)
    assert caption.role == "caption"
    assert isinstance(table, Table)
    assert grid(table) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ("| a | b |\n|---|:-:|\n| c | `d` |\n|e|", [["a", "b"], ["c", "d"], ["e"]]),
        ("a | b\n- | -\nc | d", [["a", "b"], ["c", "d"]]),
        ("| a |\n|---|\n| b \\| c |", [["a"], ["b | c"]]),
    ],
)
def test_tables_of_pipes_are_tables(lines: str, rows: list[list[str]]) -> None:
    (table,) = parse(lines)
    assert isinstance(table, Table)
    assert grid(table) == rows


@pytest.mark.parametrize("lines", ["a | b\nc | d", "| a | b |\n|---|\n| c | d |", "|---|\n| a |"])
def test_lines_with_pipes_alone_are_text(lines: str) -> None:
    found: tuple[Block, ...] = parse(lines)
    assert not any(isinstance(block, Table) for block in found)
    assert to_text(found) == lines
