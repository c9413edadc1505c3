"""Formulas drawn for training: every sign has a colour of its own, in the order in which it will be written."""

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest

from ocr2.formulas.parse import parse_formula
from ocr2.got.formulas.output_language import linearise
from ocr2.synth.formulas.faces import PREAMBLES
from ocr2.synth.formulas.painting import COLOURS, elements_of, paint
from ocr2.synth.formulas.sources import Sources, is_held_out, load_formulas

FORMULAS = [
    r"x_1^2+\frac{a}{\sqrt[3]{b}}", r"\hat{x}+\overline{ab}", r"\sin^2 x=\lim_{t\to0} f",
    r"\left(\begin{matrix}a&b\\c&d\end{matrix}\right)",
    r"\stackrel{*}{F}{}_{\mu}^{\nu}", r"\underbrace{a+b}_{n}", r"\not p\neq\mathbf{k}",
]  # fmt: skip


def test_colours_are_told_apart_even_where_edges_are_smoothed() -> None:
    assert len({tuple(c) for c in COLOURS.tolist()}) == len(COLOURS)
    for share in (1.0, 0.95):
        smoothed = (255 - share * (255 - COLOURS.astype(np.float64))).round().astype(np.uint8)[None]
        assert elements_of(smoothed)[0].tolist() == list(range(len(COLOURS)))
    paler = (255 - 0.5 * (255 - COLOURS.astype(np.float64))).round().astype(np.uint8)[None]
    assert (elements_of(paler) == -1).all()


@pytest.mark.parametrize("latex", FORMULAS)
def test_signs_are_painted_in_the_order_in_which_they_are_written(latex: str) -> None:
    tree = parse_formula(latex)
    for seed in range(5):
        _, names, _ = paint(tree, np.random.default_rng(seed))
        assert names == [name for kind, name in linearise(tree) if kind == "element"]


@pytest.fixture
def strings(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "a.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join([*FORMULAS, *(rf"x_{{{i}}}=y^{{{i}}}" for i in range(60)), r"\broken{"]))
    return tmp_path


def test_no_formula_is_in_both_splits(strings: Path) -> None:
    train, held_out = (load_formulas(strings, held_out=held) for held in (False, True))
    assert len(train) + len(held_out) == len(FORMULAS) + 60
    assert not {repr(row) for row in train} & {repr(row) for row in held_out}
    assert all(is_held_out(repr(row)) for row in held_out)


def test_drawn_formulas_are_a_function_of_the_seed_and_can_be_written(strings: Path) -> None:
    sources = Sources(load_formulas(strings, held_out=False))
    one, other = ([sources.draw(np.random.default_rng([1, i])) for i in range(200)] for _ in range(2))
    assert one == other
    assert len(set(map(repr, one))) > 100
    for row in one:
        linearise(row)


@pytest.mark.tex
def test_every_sign_of_a_drawn_formula_has_its_box(strings: Path) -> None:
    from ocr2.synth.formulas.pool import draw_formulas

    if shutil.which("latex") is None or shutil.which("dvipng") is None:
        pytest.skip("needs latex and dvipng")
    sources = Sources(load_formulas(strings, held_out=False), changed=False)
    drawn = draw_formulas(np.random.default_rng(0), sources, PREAMBLES["computer modern"], 20)
    assert len(drawn) >= 15
    for formula in drawn:
        height, width = formula.pixels.shape
        paper = int(np.median(formula.pixels))
        signs = [name for name in formula.record["items"] if not name.startswith("<") or name == "<"]
        assert len(signs) == len(formula.record["boxes"])
        for left, top, right, bottom in formula.record["boxes"]:
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            inside = formula.pixels[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
            assert np.abs(inside.astype(int) - paper).max() > 30  # dark on light, or light on dark
