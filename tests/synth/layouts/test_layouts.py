"""Pages of regions are seeded, their boxes hold the ink they name, and cells tell what is where."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.results.region import REGION_KINDS
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.layouts.engine import LAYOUTS, LayoutEngine
from ocr2.synth.layouts.picture_bank import KINDS, Bank, load_smiles
from ocr2.synth.layouts.pictures import draw_diagram, draw_photo, trim
from ocr2.synth.layouts.pool import SIDE, LayoutPool, render_frozen, squash
from ocr2.synth.layouts.records import PageRecord, regions_of
from ocr2.synth.layouts.scores import random_score
from ocr2.synth.layouts.targets import region_boxes, region_cells, region_kinds


def png(rng: Generator, height: int, width: int) -> NDArray[np.uint8]:
    gray = np.where(rng.random((height, width)) < 0.3, 0, 255).astype(np.uint8)
    return cv2.imencode(".png", gray)[1].ravel()


@pytest.fixture(scope="module")
def engine() -> LayoutEngine:

    matplotlib = Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"
    fonts = FontLibrary.find([matplotlib], held_out=False)
    rng = np.random.default_rng(0)
    bank = Bank({kind: [png(rng, 40 if kind == "formula" else 150, 240) for _ in range(3)] for kind in KINDS})
    prose = ["the reading of pages is an old art, and " * 8, "what stands where is half of what it says. " * 5]
    return LayoutEngine(bank, fonts, prose)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_boxes_lie_on_the_page_and_hold_ink(engine: LayoutEngine, layout: str) -> None:
    for seed in range(6):
        page = engine.draw(np.random.default_rng(seed), layout, strength=0.0)
        height, width = page.pixels.shape
        assert (page.record["width"], page.record["height"]) == (width, height)
        ground = int(np.median(page.pixels))
        for kind, (left, top, right, bottom) in regions_of(page.record):
            assert kind in REGION_KINDS
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            inside = page.pixels[int(top) : int(bottom), int(left) : int(right)]
            assert (np.abs(inside.astype(int) - ground) > 12).any(), kind


def test_regions_of_a_page_hardly_overlap(engine: LayoutEngine) -> None:
    worst = 0.0
    for seed in range(30):
        boxes = region_boxes(engine.draw(np.random.default_rng(seed), "columns", strength=0.0).record)
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
                shared = np.clip(high - low, 0, None).prod()
                worst = max(worst, float(shared / min((b[2:] - b[:2]).prod() for b in (one, other))))
    assert worst < 0.35


def test_one_seed_is_one_page_also_worn(engine: LayoutEngine) -> None:
    one, other = (engine.draw(np.random.default_rng(5), strength=1.0) for _ in range(2))
    assert one.record == other.record
    np.testing.assert_array_equal(one.pixels, other.pixels)


def test_columns_are_read_one_after_the_other(engine: LayoutEngine) -> None:
    """From the right column to the left leads only what begins below all that was read: a spanning foot, say."""
    for seed in range(12):
        boxes = region_boxes(engine.draw(np.random.default_rng(seed), "columns", columns=2, strength=0.0).record)
        for i in range(1, len(boxes)):
            middles = (boxes[i - 1 : i + 1, 0] + boxes[i - 1 : i + 1, 2]) / 2
            if middles[0] > 0.5 >= middles[1]:
                assert boxes[i, 1] >= boxes[:i, 3].max() - 0.01


def test_a_squashed_page_keeps_the_shares_of_its_boxes(engine: LayoutEngine) -> None:
    page = engine.draw(np.random.default_rng(3), "columns", strength=0.0)
    small = squash(page)
    assert small.pixels.shape == (SIDE, SIDE)
    np.testing.assert_allclose(region_boxes(small.record), region_boxes(page.record), atol=1e-3)


RECORD: PageRecord = {
    "layout": "columns",
    "width": 100,
    "height": 200,
    "skew": 0.0,
    "regions": [["table", 10, 20, 90, 180], ["title", 20, 2, 80, 5], ["chart", 40, 100, 60, 140]],
}


def test_cells_tell_of_the_smallest_region_and_of_thin_ones() -> None:
    cells = region_cells(RECORD, (16, 8))
    assert cells.shape == (16, 8)
    assert cells[9, 4] == 3  # the chart inside the table
    assert cells[5, 2] == 1
    assert (cells[0, 2:6] == 2).all()  # thinner than a row of cells
    assert cells[15, 0] == 0
    assert region_kinds(RECORD).tolist() == [1 + REGION_KINDS.index(k) for k in ("table", "title", "chart")]


def test_the_frozen_set_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "frozen.npz").touch()
    with pytest.raises(FileExistsError, match="made once"):
        render_frozen(LayoutPool(tmp_path, tmp_path, (), tmp_path, 1, True))


def test_scores_have_as_many_columns_in_every_row() -> None:
    for seed in range(40):
        rows = random_score(np.random.default_rng(seed), 4).splitlines()
        assert len({row.count("\t") for row in rows}) == 1
        assert rows[0].startswith("**kern")
        assert rows[-1].startswith("*-")


def test_pictures_are_cut_to_their_ink(tmp_path: Path) -> None:
    page = np.full((50, 60), 255, np.uint8)
    page[10:20, 5:40] = 0
    assert trim(page).shape == (10, 35)
    with pytest.raises(ValueError, match="empty"):
        trim(np.full((5, 5), 255, np.uint8))
    cv2.imwrite(str(tmp_path / "tiny.png"), np.zeros((20, 20), np.uint8))
    with pytest.raises(ValueError, match="too few"):
        draw_photo(np.random.default_rng(0), [tmp_path / "tiny.png"])


def test_a_diagram_has_boxes_with_names(engine: LayoutEngine) -> None:
    class Phrases:
        def phrase(self, rng: Generator) -> str:
            return "some name"

    drawn = draw_diagram(np.random.default_rng(1), Phrases(), engine.fonts)  # type: ignore[arg-type]
    assert min(drawn.shape) > 20
    assert 0.01 < (drawn < 128).mean() < 0.6


def test_smiles_come_from_both_kinds_of_file(tmp_path: Path) -> None:
    (tmp_path / "a.smi").write_text("CC1=CC(=O)C=CC1=O 1\nC 2\n")
    (tmp_path / "b.tsv").write_text("1\t50-00\tC\t1\tCCOC(=O)C\tInChI\n")
    assert load_smiles(tmp_path / "a.smi") == ["CC1=CC(=O)C=CC1=O"]
    assert load_smiles(tmp_path / "b.tsv") == ["CCOC(=O)C"]
