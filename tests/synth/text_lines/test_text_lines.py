"""Pages with the places of their lines: seeded, lines on their ink, and with it wherever wear moves it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.text_lines.canvas import PICTURE, RULE, TextPage
from ocr2.synth.text_lines.pages import FROZEN_KINDS, KINDS, PARTS, PageEngine
from ocr2.synth.text_lines.pdf import draw_pdf_page
from ocr2.synth.text_lines.pool import page_of, sample_of
from ocr2.synth.text_lines.wear import wear
from tests.pdfs import Row, make_pdf

PROSE = "what stands where on a page is half of what it says, and the rest is words of many kinds " * 30


@pytest.fixture(scope="module")
def engine() -> PageEngine:
    matplotlib = Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"

    def text(rng: Generator, length: int) -> str:
        start = PROSE.find(" ", int(rng.integers(400))) + 1
        return PROSE[start : start + length]

    found = FontLibrary.find([matplotlib], held_out=False).families  # fonts of symbols among them
    fonts = FontLibrary({name: faces for name, faces in found.items() if name == "DejaVu Sans"})
    return PageEngine(fonts, text, lambda rng, width, height: None)


def contrast_within(page: TextPage) -> list[int]:
    """Return the range of grey levels in every line's band that lies on the page."""
    found = []
    for band in page.bands:
        low, high = band.reshape(-1, 2).min(axis=0).astype(int), band.reshape(-1, 2).max(axis=0).astype(int)
        part = page.pixels[max(0, low[1]) : high[1] + 1, max(0, low[0]) : high[0] + 1]
        if part.size > 4:
            found.append(int(part.max()) - int(part.min()))
    return found


@pytest.mark.parametrize("kind", FROZEN_KINDS)
def test_lines_lie_on_ink(engine: PageEngine, kind: str) -> None:
    for seed in range(4):
        levels = contrast_within(engine.draw(np.random.default_rng(seed), kind))
        assert sum(level > 30 for level in levels) >= 0.95 * len(levels)


def test_lines_of_a_receipt_lie_on_its_print_however_faded(engine: PageEngine) -> None:
    for seed in range(6):
        page = engine.draw(np.random.default_rng(seed), "till")
        levels = contrast_within(page)
        assert len(levels) >= 8
        assert sum(level > 15 for level in levels) >= 0.9 * len(levels), seed
        heights = [float(band[1, 0, 1] - band[0, 0, 1]) for band in page.bands]
        assert min(heights) > 2


def test_parts_of_a_row_of_a_receipt_that_stand_apart_are_lines_of_their_own(engine: PageEngine) -> None:
    rng = np.random.default_rng(3)
    pages = [engine.draw(rng, "till") for _ in range(4)]
    rows = [[round(float(band[1, 0, 1])) for band in page.bands] for page in pages]
    assert any(len(set(bases)) < len(bases) for bases in rows)


def test_a_page_is_the_same_for_the_same_seed(engine: PageEngine) -> None:
    one, other = (wear(np.random.default_rng(9), engine.draw(np.random.default_rng(8))) for _ in range(2))
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert all(np.array_equal(a, b) for a, b in zip(one.bands, other.bands, strict=True))


def test_lines_go_where_wear_moves_them(engine: PageEngine) -> None:
    for seed in range(24):
        page = wear(np.random.default_rng([1, seed]), engine.draw(np.random.default_rng(seed), "prose"))
        levels = contrast_within(page)
        assert sum(level > 20 for level in levels) >= 0.9 * len(levels), seed
        assert page.pixels.shape == page.other.shape
        assert set(np.unique(page.other)) <= {0, RULE, PICTURE}


def test_all_parts_of_every_kind_are_drawn_somewhere() -> None:
    assert set(PARTS) == set(FROZEN_KINDS)
    assert sum(KINDS.values()) == pytest.approx(1)


def test_a_pool_keeps_a_page(engine: PageEngine) -> None:
    page = engine.draw(np.random.default_rng(2), "office")
    sample = sample_of(page)
    kept = page_of(sample.pixels, sample.record)
    np.testing.assert_array_equal(kept.pixels, page.pixels)
    np.testing.assert_array_equal(kept.other, page.other)
    assert all(np.allclose(a, b, atol=0.06) for a, b in zip(kept.bands, page.bands, strict=True))


def test_lines_of_a_text_layer_lie_on_their_ink(tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    path.write_bytes(make_pdf([Row(60, 100 + 20 * i, f"line number {i} of a page of words") for i in range(12)]))
    page = draw_pdf_page(np.random.default_rng(0), path)
    assert page is not None
    assert len(page.bands) == 12
    assert min(contrast_within(page)) > 60
