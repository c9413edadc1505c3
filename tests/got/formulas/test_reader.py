"""got-nano-formulas: cells tell where signs are, whatever they are, and its reader never fails."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.got.formulas.config import PRESETS
from ocr2.got.formulas.elements import CELL, CLASSES, NUMBERS, anchors_of, cells_of, read_cells
from ocr2.got.formulas.network import FormulaNano
from ocr2.got.formulas.output_language import VOCAB_SIZE
from ocr2.got.formulas.reader import FormulaReader, Sign, em_of, ink_of, usual_height


def test_classes_are_told_apart() -> None:
    assert len(set(CLASSES)) == len(CLASSES) == len(NUMBERS)


SIDES = st.tuples(st.integers(0, 20), st.integers(0, 5), st.integers(2, 60), st.integers(1, 30))


@settings(deadline=None)
@given(st.lists(SIDES, min_size=1, max_size=12, unique_by=lambda s: (s[0], s[1])))
def test_cells_give_back_the_signs_that_they_were_made_of(sides: list[tuple[int, int, int, int]]) -> None:
    boxes = np.array([(30 * x, 40 * y, 30 * x + min(w, 25), 40 * y + h) for x, y, w, h in sides], np.float32)
    cells = cells_of(boxes, anchors_of(["x"] * len(boxes), boxes), (80, 180))
    found = sorted(tuple(round(v, 1) for v in sign.box) for sign in read_cells(cells))
    assert found == sorted(tuple(round(v, 1) for v in box) for box in boxes.tolist())


def test_a_root_is_found_at_its_foot_and_a_bar_at_its_left_end() -> None:
    boxes = np.array([[10, 10, 110, 60], [10, 80, 200, 82], [10, 100, 20, 112]], np.float32)
    anchors = anchors_of([r"\sqrt", r"\frac", "x"], boxes)
    assert anchors.tolist() == [[14, 56], [14, 81], [15, 106]]
    found = read_cells(cells_of(boxes, anchors, (32, 64)))
    assert sorted(tuple(np.round(s.box).tolist()) for s in found) == [tuple(b) for b in boxes.tolist()]


def test_signs_whose_middles_are_in_one_cell_are_both_found() -> None:
    boxes = np.array([[8, 8, 12, 12], [6, 6, 14, 14]], np.float32)
    found = read_cells(cells_of(boxes, anchors_of(["x", "o"], boxes), (8, 8)))
    assert len(found) == 2


def test_the_scale_is_told_by_letters_of_the_line() -> None:
    signs = [Sign("x", (0, 0, 10, 11), 0.99), Sign("A", (20, 0, 34, 17), 0.99), Sign("2", (34, 0, 40, 11), 0.99)]
    em = em_of(signs)
    assert em is not None
    assert em == pytest.approx(25, rel=0.1)
    assert em_of([Sign("=", (0, 0, 9, 5), 0.99)]) is None


def tiny() -> FormulaReader:
    torch.manual_seed(0)
    config = PRESETS["got-tiny-formulas"]
    assert config.skeleton.decoder.vocab_size == VOCAB_SIZE
    return FormulaReader(FormulaNano(config).eval(), name="tiny", dtype=torch.float32)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (40, 40), (200, 3), (60, 900)])
def test_pictures_of_any_size_are_read_to_something(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for gray in (np.full(shape, 255, np.uint8), rng.integers(0, 256, shape, np.uint8)):
        (reading,) = tiny().read_pictures([gray])
        assert 0 <= reading.confidence <= 1
        assert reading.unexplained <= reading.found


def test_ink_is_what_is_rarer_than_the_ground() -> None:
    gray = np.full((20, 40), 30, np.uint8)
    gray[5:9, 5:9] = 220
    ink = ink_of(gray)
    assert (ink[6, 6], ink[0, 0]) == (1, 0)
    assert usual_height(ink) == 4
    assert CELL == 4
