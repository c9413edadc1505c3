"""Unread charts: every kind is drawn, alike for one seed, at many sizes; specifications are plain JSON."""

import json

import numpy as np
import pytest
import vl_convert

from ocr2.charts.kinds import UNREAD_KINDS
from ocr2.synth.charts.unread import empty, readable
from ocr2.synth.charts.unread.canvas import MAX_SIDE, MIN_SIDE, Draw, draw_picture, resized
from ocr2.synth.charts.unread.diagrams import countries
from ocr2.synth.charts.unread.echarts import ECHARTS_KINDS, echarts_unread
from ocr2.synth.charts.unread.pages import MATPLOTLIB, draw_with_matplotlib, printers
from ocr2.synth.charts.unread.plotly import PLOTLY_KINDS, plotly_unread
from ocr2.synth.charts.unread.vega import VEGA_KINDS, vega_unread

DRAWERS = [draw for drawers in MATPLOTLIB.values() for draw in dict.fromkeys(drawers)]
READABLE = (
    readable.histogram, readable.error_bars, readable.bubbles, readable.steps, readable.bands, readable.rose,
    readable.twin, readable.multiples, readable.stems, readable.floating, readable.dense, readable.dots, readable.rings,
)  # fmt: skip


def test_matplotlib_draws_all_kinds() -> None:
    assert set(MATPLOTLIB) == set(UNREAD_KINDS)


@pytest.mark.parametrize("draw", [*DRAWERS, *READABLE, empty.draw_empty])
def test_a_drawer_draws_pictures_that_differ(draw: Draw) -> None:
    pictures = [draw_picture(draw, np.random.default_rng([8, i])) for i in range(3)]
    assert all(picture.std() > 3 for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 3


def test_one_seed_gives_one_picture() -> None:
    one, other = (draw_with_matplotlib("box", np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_pictures_are_resized_within_bounds() -> None:
    rng = np.random.default_rng(0)
    sides = [max(resized(np.zeros((300, 400, 3), np.uint8), rng).shape) for _ in range(50)]
    assert MIN_SIDE - 1 <= min(sides) < 400 < max(sides) <= min(MAX_SIDE, 800)
    assert max(resized(np.zeros((20, 40, 3), np.uint8), rng).shape) == MIN_SIDE


@pytest.mark.parametrize("kind", ECHARTS_KINDS)
def test_options_of_echarts_are_json(kind: str) -> None:
    spec = echarts_unread(kind, np.random.default_rng(1), 0)
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert ("map" in spec) == (kind == "map")


@pytest.mark.parametrize("kind", PLOTLY_KINDS)
def test_figures_of_plotly_are_json(kind: str) -> None:
    spec = plotly_unread(kind, np.random.default_rng(1), (400, 300))
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec


@pytest.mark.parametrize("kind", VEGA_KINDS)
def test_vega_lite_draws_its_kinds(kind: str) -> None:
    assert "<path" in vl_convert.vegalite_to_svg(dict(vega_unread(kind, np.random.default_rng(2))))


def test_libraries_draw_kinds_of_the_closed_list() -> None:
    drawn = printers(None)
    assert set(drawn) == {"gnuplot", "r", "vega-lite"}
    assert {kind for kinds, _ in drawn.values() for kind in kinds} <= set(UNREAD_KINDS)


def test_neighbouring_countries_share_their_border() -> None:
    lands = countries(np.random.default_rng(6))
    points = [set(map(tuple, land.round(9).tolist())) for land in lands]
    assert len(lands) > 3
    assert all(any(len(one & other) > 5 for other in points if other is not one) for one in points)
