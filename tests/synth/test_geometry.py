"""Figures are whole, seeded, and drawn where their records say."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.draw import on_paper, pick_hand, to_pixel
from ocr2.synth.geometry.engine import FigureEngine
from ocr2.synth.geometry.figure import box_of, foot, incenter, merge_lines, mirrored, placed
from ocr2.synth.geometry.records import letters_of
from ocr2.synth.geometry.scenes import SCENES, build_scene
from ocr2.synth.groups import decode_gray, read_group, write_group

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def library() -> FontLibrary:
    """The fonts that Matplotlib ships."""
    matplotlib = Path(pytest.importorskip("matplotlib").__file__).parent / "mpl-data" / "fonts" / "ttf"
    return FontLibrary.find([matplotlib], held_out=False)


@pytest.fixture(scope="module")
def engine(library: FontLibrary) -> FigureEngine:
    return FigureEngine(library)


@given(seeds, st.sampled_from(sorted(SCENES)))
@settings(max_examples=150, deadline=None)
def test_a_scene_has_segments_each_once_and_none_on_anothers_line(seed: int, name: str) -> None:
    _, figure = build_scene(np.random.default_rng(seed), name)
    assert len(figure.segments) >= 3 or figure.circles
    assert all(math.dist(a, b) > 1e-3 for a, b in figure.segments)
    assert figure.segments == merge_lines(figure.segments)
    assert all(r > 0.1 for _, _, r in figure.circles)


@given(seeds, st.floats(4, 19), st.floats(-2, 2), st.floats(0, 360), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_figure_is_as_large_as_asked_and_where(seed: int, extent: float, x: float, turn: float, mirror: bool) -> None:
    _, figure = build_scene(np.random.default_rng(seed))
    left, bottom, right, top = box_of(placed(figure, extent=extent, at=(x, 0.5), turn=turn, mirror=mirror))
    assert max(right - left, top - bottom) == pytest.approx(extent)
    assert ((left + right) / 2, (bottom + top) / 2) == pytest.approx((x, 0.5))


def test_one_seed_is_one_figure(engine: FigureEngine) -> None:
    one, other = (engine.draw(np.random.default_rng(7)) for _ in range(2))
    assert one.record == other.record
    np.testing.assert_array_equal(one.pixels, other.pixels)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_strokes_are_inked_where_the_record_says(engine: FigureEngine, name: str) -> None:
    for seed in range(4):
        sample = engine.draw(np.random.default_rng(seed), name, strength=0.0)
        side = sample.record["side"]
        assert sample.pixels.shape == (side, side)
        reach = 3 + math.ceil(sample.record["width"] + 3 * sample.record["wobble"])
        near = cv2.erode(sample.pixels, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))  # the darkest around
        for x0, y0, x1, y1 in sample.record["segments"]:
            x, y = to_pixel(((x0 + x1) / 2, (y0 + y1) / 2), side)
            ends = [to_pixel(p, side) for p in ((x0, y0), (x1, y1))]
            dark = [near[min(side - 1, int(v)), min(side - 1, int(u))] for u, v in [*ends, (x, y)]]
            assert max(dark) < 200, (name, seed)
        for x, y, r in sample.record["circles"]:
            for turn in np.linspace(0, 2 * math.pi, 9):
                u, v = to_pixel((x + r * math.cos(turn), y + r * math.sin(turn)), side)
                assert near[min(side - 1, int(v)), min(side - 1, int(u))] < 200


def test_letters_name_points_of_the_figure(engine: FigureEngine) -> None:
    letters = [row for seed in range(40) for row in letters_of(engine.draw(np.random.default_rng(seed)).record)]
    assert len(letters) > 60
    assert all(math.dist(point, middle) < 1.0 for _, point, middle in letters)


def test_merging_keeps_gaps_and_other_lines() -> None:
    lines = [((0.0, 0.0), (2.0, 0.0)), ((1.0, 0.0), (3.0, 0.0)), ((4.0, 0.0), (5.0, 0.0)), ((0.0, 0.0), (0.0, 1.0))]
    assert merge_lines(lines) == [((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (3.0, 0.0)), ((4.0, 0.0), (5.0, 0.0))]


def test_the_little_geometry() -> None:
    assert foot((1.0, 5.0), (0.0, 0.0), (3.0, 0.0)) == (1.0, 0.0)
    assert mirrored((1.0, 5.0), (0.0, 0.0), (3.0, 0.0)) == (1.0, -5.0)
    center = incenter((0.0, 0.0), (4.0, 0.0), (0.0, 3.0))
    assert center == pytest.approx((1.0, 1.0))


def test_paper_keeps_the_figure_visible() -> None:
    ink = np.zeros((200, 200), np.float32)
    ink[:, 90:110] = 1
    for seed in range(60):
        image = on_paper(np.random.default_rng(seed), ink, strength=1.0).astype(float)
        assert abs(image[:, 95:105].mean() - image[:, :80].mean()) > 40
    assert pick_hand(np.random.default_rng(0), 384).side == 384


def test_a_group_keeps_pictures_and_records(engine: FigureEngine, tmp_path: Path) -> None:
    samples = [engine.draw(np.random.default_rng(seed)) for seed in range(3)]
    write_group(tmp_path / "group-00000.npz", samples)
    for (png, record), sample in zip(read_group(tmp_path / "group-00000.npz"), samples, strict=True):
        np.testing.assert_array_equal(decode_gray(png), sample.pixels)
        assert record == sample.record


def test_extras_change_pictures_and_not_what_is_in_them(library: FontLibrary) -> None:
    plain, rich = FigureEngine(library), FigureEngine(library, extras=True)
    changed = 0
    for seed in range(30):
        one, other = (engine.draw(np.random.default_rng(seed), strength=0.0) for engine in (plain, rich))
        assert one.record["segments"] == other.record["segments"]
        assert one.record["circles"] == other.record["circles"]
        changed += int((one.pixels != other.pixels).any())
    assert changed > 5


def test_signs_are_drawn_and_not_traced(library: FontLibrary) -> None:
    engine = FigureEngine(library)
    counts = [engine.draw(np.random.default_rng(seed)).record["signs"] for seed in range(60)]
    assert 0.15 < float(np.mean([count > 0 for count in counts])) < 0.6
