"""Content-aware tiles on generated pages: every glyph in exactly one tile, in reading order."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.lines.layout import analyse
from ocr2.results.box import Box
from ocr2.synth.pages import TruePage, draw_page, draw_style
from ocr2.tiling.upright import turn
from tests.fakes import FixedReader

WITHOUT_DETECTOR = FixedReader()


def page(seed: int, fonts: object, prose: object) -> TruePage:
    rng = np.random.default_rng([500, seed])
    return draw_page(rng, draw_style(rng), fonts, prose)  # type: ignore[arg-type]


def places(truth: TruePage) -> tuple[int, int, list[int]]:
    """Return glyphs, glyphs that lie in exactly one tile, and the tile of each line in true order."""
    layout = analyse(truth.gray, WITHOUT_DETECTOR)
    tiles = [s.box for s in layout.strips]
    total = good = 0
    order: list[int] = []
    for block in truth.blocks:
        for line in block.lines:
            homes: list[int] = []
            for glyph in line.glyphs:
                x, y = levelled(glyph, layout.frame.matrix)
                inside = [i for i, t in enumerate(tiles) if t.left <= x < t.right and t.top <= y < t.bottom]
                total += 1
                good += len(inside) == 1
                homes += inside[:1]
            if homes:
                order.append(homes[0])
    return total, good, order


def levelled(glyph: Box, matrix: NDArray[np.float64]) -> tuple[float, float]:
    """Return a glyph's centre on the levelled page."""
    x, y = matrix @ ((glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2, 1)
    return float(x), float(y)


def kendall(order: Sequence[int]) -> float:
    values = np.array(order)
    n = len(values)
    if n < 2:
        return 1.0
    signs = np.sign(values[None, :] - values[:, None])[np.triu_indices(n, 1)]
    return float(signs[signs != 0].mean()) if (signs != 0).any() else 1.0


def check_pages(seeds: range, fonts: object, prose: object) -> None:
    total = good = 0
    taus: list[float] = []
    for seed in seeds:
        n, ok, order = places(page(seed, fonts, prose))
        total, good = total + n, good + ok
        taus.append(kendall(order))
    assert good == total, f"{total - good} of {total} glyphs are not in exactly one tile"
    assert float(np.mean(taus)) >= 0.98, f"mean tau {np.mean(taus):.4f}, worst seeds {np.argsort(taus)[:5]}"


def test_generated_pages_are_cut_in_reading_order(page_fonts: object, prose: object) -> None:
    check_pages(range(40), page_fonts, prose)


@pytest.mark.slow
def test_500_generated_pages_are_cut_in_reading_order(page_fonts: object, prose: object) -> None:
    check_pages(range(500), page_fonts, prose)


@pytest.mark.parametrize("turns", [1, 3])
def test_a_page_on_its_side_is_turned(turns: int, page_fonts: object, prose: object) -> None:
    for seed in range(6):
        truth = page(seed, page_fonts, prose)
        assert analyse(turn(truth.gray, turns), WITHOUT_DETECTOR).frame.quarter_turns == 1
        assert analyse(truth.gray, WITHOUT_DETECTOR).frame.quarter_turns == 0


def test_skew_is_measured(page_fonts: object, prose: object) -> None:
    errors = []
    for seed in range(12):
        truth = page(seed, page_fonts, prose)
        errors.append(abs(analyse(truth.gray, WITHOUT_DETECTOR).skew - truth.skew))
    assert max(errors) < 0.15
