"""Tables as LaTeX: rules, spans, fonts, spacing."""

import itertools
from collections.abc import Sequence

from numpy.random import Generator

from ocr2.results.table import TableCell
from ocr2.synth.tables.content import Content

ESCAPES = str.maketrans({c: f"\\{c}" for c in "%$&#_{}"})
FACES = (r"\fontfamily{lmr}", r"\fontfamily{ptm}", r"\fontfamily{phv}", r"\fontfamily{ppl}")
SIZES = ((8, 9.5), (9, 11), (10, 12), (12, 14.5))  # points of letters and lines
HEAD = r"""\documentclass{article}
\usepackage[paperwidth=34cm,paperheight=40cm,margin=2cm]{geometry}
\usepackage[T1]{fontenc}
\usepackage{booktabs,multirow,array}
\pagestyle{empty}\setlength{\parindent}{0pt}\raggedright
\begin{document}
"""


def document_of(tables: Sequence[str]) -> str:
    """Return a document with a table a page."""
    return HEAD + "\n\\newpage\n".join(tables) + "\n\\end{document}\n"


def table_to_latex(rng: Generator, content: Content, *, caption: str = "", note: str = "") -> str:
    """Return a table, set in a drawn face and size, with running text above and below where it is given."""
    size, line = SIZES[int(rng.integers(len(SIZES)))]
    face = FACES[int(rng.integers(len(FACES)))]
    stretch, gap = rng.choice([1.0, 1.0, 1.2, 1.4]), rng.choice([3, 5, 6, 9])
    look = (
        f"{{{face}\\fontsize{{{size}}}{{{line}}}\\selectfont\\renewcommand{{\\arraystretch}}{{{stretch}}}"
        f"\\setlength{{\\tabcolsep}}{{{gap}pt}}"
    )
    parts = [look, caption.translate(ESCAPES) + r"\par\vspace{4pt}" if caption else "", _tabular(rng, content)]
    return "\n".join([*parts, r"\par\vspace{4pt}" + note.translate(ESCAPES) if note else "", r"\par}"])


def _tabular(rng: Generator, content: Content) -> str:
    upright = "|" if content.style in ("grid", "columns") else ""
    label = "p{5cm}" if content.wide_labels else "l"
    kinds = [label, *(str(rng.choice(["l", "c", "r", "r"])) for _ in range(1, content.columns))]
    bold = bool(rng.random() < 0.4)
    rows = [_row(content, row, kinds, upright, bold=bold) for row in range(content.table.row_count)]
    rules = _rules(content)
    lines = [rules[0]]
    for row, text in enumerate(rows):
        lines += [text + r" \\", rules[row + 1]]
    spec = upright + upright.join(kinds) + upright
    return "\n".join([rf"\begin{{tabular}}{{{spec}}}", *(line for line in lines if line), r"\end{tabular}"])


def _row(content: Content, row: int, kinds: Sequence[str], upright: str, *, bold: bool) -> str:
    parts = []
    column = 0
    while column < content.columns:
        cell = next((c for c in content.cells if c.row <= row < c.row + c.rows and c.column == column), None)
        if cell is None or cell.row < row:  # below the first row of a label
            parts.append("")
            column += 1
            continue
        parts.append(_cell(content, cell, kinds, upright, bold=bold and row < content.header_rows))
        column += cell.columns
    return " & ".join(parts)


def _cell(content: Content, cell: TableCell, kinds: Sequence[str], upright: str, *, bold: bool) -> str:
    text = cell.text.translate(ESCAPES)
    text = rf"\textbf{{{text}}}" if bold and text else text
    if cell.rows > 1:
        width = "5cm" if cell.column == 0 and content.wide_labels else "*"
        return rf"\multirow{{{cell.rows}}}{{{width}}}{{{text}}}"
    if cell.columns > 1:
        kind = "l" if cell.row in content.sections else "c"
        left = upright if cell.column == 0 else ""
        return rf"\multicolumn{{{cell.columns}}}{{{left}{kind}{upright}}}{{{text}}}"
    return text


def _rules(content: Content) -> list[str]:
    """Return the rules above every row, and below the last."""
    count, head = content.table.row_count, content.header_rows
    rules = [""] * (count + 1)
    style = content.style
    if style == "booktabs":
        rules[0], rules[head], rules[count] = r"\toprule", r"\midrule", r"\bottomrule"
    elif style == "lines":
        rules = [r"\hline"] * (count + 1)
    elif style == "grid":
        rules = [_grid_rule(content, row) for row in range(count + 1)]
    elif style == "columns":
        rules[0] = rules[head] = rules[count] = r"\hline"
    elif style == "head":
        rules[head] = r"\hline"
    if head == 2 and style in ("booktabs", "columns", "lines"):
        rule = r"\cmidrule(lr)" if style == "booktabs" else r"\cline"
        spans = [cell for cell in content.cells if cell.row == 0 and cell.columns > 1]
        rules[1] = "".join(f"{rule}{{{c.column + 1}-{c.column + c.columns}}}" for c in spans)
    return rules


def _grid_rule(content: Content, row: int) -> str:
    """Return the rule above a row of a grid, broken where a cell reaches over it."""
    crossed = {c.column for c in content.cells if c.row < row < c.row + c.rows}
    free = [column for column in range(content.columns) if column not in crossed]
    if not crossed:
        return r"\hline"
    runs = [[free[0], free[0]]] if free else []
    for a, b in itertools.pairwise(free):
        if b == a + 1:
            runs[-1][1] = b
        else:
            runs.append([b, b])
    return "".join(rf"\cline{{{a + 1}-{b + 1}}}" for a, b in runs)
