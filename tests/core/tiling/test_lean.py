"""Columns of photographed pages."""

import numpy as np
import pytest

from ocr2.tiling.columns import Band, cut_columns
from ocr2.tiling.lean import stand_upright

SIZE, PITCH, WIDE, GUTTER = 9.0, 24.0, 280.0, 40.0


def columns(count: int, lines: int = 30, *, offset: float = 0.0) -> list[Band]:
    """Set columns of ragged lines of several words; each stands lower than the one before by an offset."""
    rng = np.random.default_rng(4)
    found = []
    for c in range(count):
        left, top = 100 + c * (WIDE + GUTTER), 200 + c * offset
        for i in range(lines):
            y = top + i * PITCH
            found.append(Band(left, y, left + WIDE * float(rng.uniform(0.75, 1.0)), y + SIZE, words=6))
    return found


def leaning(bands: list[Band], lean: float, change: float = 0.0) -> list[Band]:
    """Move bands aside with their height on the page, more to the right if the lean changes."""
    middle = np.mean([b.top for b in bands])
    width = max(b.right for b in bands) - min(b.left for b in bands)
    moved = []
    for b in bands:
        shift = (lean + change * (b.left - 100) / width) * (b.top - float(middle))
        moved.append(Band(b.left + shift, b.top, b.right + shift, b.bottom, b.words))
    return moved


@pytest.mark.parametrize(("lean", "change"), [(0.12, 0.0), (-0.15, 0.0), (0.05, -0.2), (-0.08, 0.25)])
@pytest.mark.parametrize("count", [2, 3])
def test_columns_that_lean_are_read_one_after_the_other(count: int, lean: float, change: float) -> None:
    bands = columns(count, offset=0.4 * PITCH)
    found = cut_columns(stand_upright(leaning(bands, lean, change)))
    assert [sorted(part) for part in found] == [list(range(30 * c, 30 * c + 30)) for c in range(count)]


@pytest.mark.parametrize("count", [1, 2])
def test_columns_that_stand_upright_are_left_as_they_are(count: int) -> None:
    bands = columns(count)
    assert stand_upright(bands) == bands


def test_a_few_lines_show_no_lean() -> None:
    bands = leaning(columns(1, lines=6), 0.2)
    assert stand_upright(bands) == bands


def test_heights_and_words_stay() -> None:
    bands = leaning(columns(2), 0.15)
    moved = stand_upright(bands)
    assert moved != bands
    assert [(b.top, b.bottom, b.words) for b in moved] == [(b.top, b.bottom, b.words) for b in bands]
    assert [b.right - b.left for b in moved] == pytest.approx([b.right - b.left for b in bands])


def test_three_columns_on_base_lines_of_their_own_are_three() -> None:
    found = cut_columns(columns(3, offset=0.45 * PITCH))
    assert [sorted(part) for part in found] == [list(range(30 * c, 30 * c + 30)) for c in range(3)]
