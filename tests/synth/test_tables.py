"""Tables drawn for the yardstick."""

import shutil
import subprocess

import numpy as np
import pytest

from ocr2.synth.tables.content import STYLES, Content, Words, draw_content
from ocr2.synth.tables.latex import document_of, table_to_latex

TEXTS = ["Some words of running text that are long enough to be taken for the labels of rows and columns."] * 3


def has_faces() -> bool:
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        return False
    metrics = ["ec-lmr10.tfm", "phvr8t.tfm", "ptmr8t.tfm", "pplr8t.tfm"]
    return all(subprocess.run(["kpsewhich", name], capture_output=True, check=False).stdout for name in metrics)


def draw(number: int) -> Content:
    return draw_content(np.random.default_rng([1, number]), Words(TEXTS))


@pytest.mark.parametrize("number", range(30))
def test_every_place_belongs_to_one_cell(number: int) -> None:
    content = draw(number)
    places = sorted(
        (row, column)
        for cell in content.cells
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    )
    table = content.table
    assert places == [(r, c) for r in range(table.row_count) for c in range(content.columns)]
    assert content.style in STYLES


@pytest.mark.parametrize("number", range(30))
def test_every_row_of_latex_has_all_columns(number: int) -> None:
    content = draw(number)
    source = table_to_latex(np.random.default_rng(number), content)
    rows = [line for line in source.splitlines() if line.endswith(r" \\")]
    assert len(rows) == content.table.row_count
    for row, text in enumerate(rows):
        spans = sum(cell.columns - 1 for cell in content.cells if cell.row == row)
        assert text.count(" & ") == content.columns - 1 - spans


def test_the_same_seed_draws_the_same() -> None:
    first, second = (table_to_latex(np.random.default_rng(3), draw(7)) for _ in range(2))
    assert first == second
    assert document_of([first]).count(r"\begin{tabular}") == 1


@pytest.mark.tex
@pytest.mark.skipif(not has_faces(), reason="pdflatex with the faces of the tables is not installed")
def test_latex_sets_a_page_a_table() -> None:
    from ocr2.documents.pdf import PdfFile
    from ocr2.synth.tables.pool import cropped, draw_batch, set_pages

    words = Words(TEXTS)
    drawn = draw_batch(5, 0, 3, words)
    assert [dpi for _, _, dpi in drawn] == [75.0, 100.0, 150.0]
    assert all(pixels.min() < 100 and pixels.shape[0] > 30 for pixels, _, _ in drawn)
    (data,) = set_pages(["one", "two"])
    pdf = PdfFile(data, name="x", rasterizer="pdfium", password=None)
    assert pdf.page_count == 2
    page, _ = pdf.render(1, dpi=100)
    assert cropped(np.random.default_rng(1), page, 100).size < page.size / 10
    pdf.close()
