"""What real pages have: boxes hold their ink, furniture is no region, and frozen pages are not touched by it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.layouts import engine as drawing
from ocr2.synth.layouts.engine import LayoutEngine
from ocr2.synth.layouts.hard_pages import COMMON, furnish, han_prose, on_a_wider_scan, program
from ocr2.synth.layouts.picture_bank import KINDS, Bank
from ocr2.synth.layouts.records import regions_of


def png(rng: Generator) -> NDArray[np.uint8]:
    return cv2.imencode(".png", np.where(rng.random((120, 200)) < 0.3, 0, 255).astype(np.uint8))[1].ravel()


def make_engine(*, wild: bool) -> LayoutEngine:
    matplotlib = Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"
    bank = Bank({kind: [png(np.random.default_rng(i)) for i in range(2)] for kind in KINDS})
    fonts = FontLibrary.find([matplotlib], held_out=False)
    return LayoutEngine(bank, fonts, ["the reading of pages is an old art, and " * 8], wild=wild)


@pytest.fixture(scope="module")
def engine() -> LayoutEngine:
    return make_engine(wild=True)


def test_boxes_of_wild_pages_hold_ink(engine: LayoutEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "WIDE", 0.5)
    monkeypatch.setattr(drawing, "LARGE", 0.5)
    for seed in range(12):
        page = engine.draw(np.random.default_rng(seed), "columns", strength=0.0)
        height, width = page.pixels.shape
        assert page.record["regions"]
        for kind, (left, top, right, bottom) in regions_of(page.record):
            assert 0 <= left < right <= width, kind
            assert 0 <= top < bottom <= height, kind
            assert int(page.pixels[int(top) : int(bottom), int(left) : int(right)].min()) < 200, kind


def test_pages_without_it_draw_no_number_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make_engine(wild=False)
    before = [plain.draw(np.random.default_rng(seed)) for seed in range(6)]
    for name in ("WIDE", "LARGE", "HAN"):
        monkeypatch.setattr(drawing, name, 1.0)
    after = [plain.draw(np.random.default_rng(seed)) for seed in range(6)]
    assert [page.record for page in before] == [page.record for page in after]


def test_headers_are_written_and_are_no_regions(engine: LayoutEngine) -> None:
    inked = 0
    for seed in range(10):
        sheet = engine._sheet(np.random.default_rng(seed), "columns")
        furnish(sheet, 0.1 * sheet.height, 0.9 * sheet.height)
        assert sheet.regions == []
        ink = np.asarray(sheet.image) < 128
        inked += bool(ink.any())
        assert not ink[round(0.12 * sheet.height) : round(0.88 * sheet.height)].any()
    assert inked >= 7


def test_a_listing_is_a_paragraph_or_says_that_there_is_no_room(engine: LayoutEngine) -> None:
    for seed in range(12):
        sheet = engine._sheet(np.random.default_rng(seed), "columns")
        below = program(sheet, 60, 100, 500, 700)
        ((kind, box),) = sheet.regions
        assert kind == "paragraph"
        assert 100 <= box[1] < box[3] <= below
        assert below < 700 + 2 * sheet.leading
        assert program(sheet, 60, 690, 500, 700) == 700
        assert len(sheet.regions) == 1


def test_chinese_prose_is_of_such_characters_and_breaks() -> None:
    text = han_prose(np.random.default_rng(0))(200)
    assert 90 < len(text) < 130
    assert {ord(c) for c in text} <= {*COMMON, *map(ord, "，。、 ")}
    assert max(map(len, text.split())) < 10


def test_boxes_follow_a_page_onto_a_wider_scan() -> None:
    page = np.full((60, 40), 255, np.uint8)
    page[10:20, 5:15] = 0
    for seed in range(20):
        wide, ((_, box),) = on_a_wider_scan(np.random.default_rng(seed), page, [("title", (5.0, 10.0, 15.0, 20.0))])
        left, top, right, bottom = map(int, box)
        assert wide.shape[0] >= 60
        assert wide.shape[1] >= 40
        assert (wide[top:bottom, left:right] == 0).all()
