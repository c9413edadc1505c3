"""Bent pages are made level."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.results.box import Box
from ocr2.tiling.bend import Bend, fit_bend
from ocr2.tiling.upright import Frame

WIDTH, HEIGHT, X_HEIGHT = 800, 1000, 12.0


def lines(shift: float) -> list[NDArray[np.float64]]:
    """Return the points of lines that rise to the left, the more the lower they are."""
    x = np.linspace(80, 720, 9)
    return [np.stack([x, y + shift * (x / WIDTH) ** 2 * (0.5 + y / HEIGHT)], axis=1) for y in range(100, 900, 60)]


def fit(shift: float) -> Bend | None:
    found = lines(shift)
    return fit_bend(found, [X_HEIGHT] * len(found), WIDTH, HEIGHT)


def test_level_lines_need_no_bend() -> None:
    assert fit(0.0) is None
    assert fit(2.0) is None


def test_few_lines_say_nothing() -> None:
    assert fit_bend(lines(60.0)[:3], [X_HEIGHT] * 3, WIDTH, HEIGHT) is None


@pytest.mark.parametrize("shift", [-80.0, 30.0, 90.0])
def test_bent_lines_come_to_one_height(shift: float) -> None:
    bend = fit(shift)
    assert bend is not None
    for line in lines(shift):
        assert float(np.std(line[:, 1] - bend.shift(line[:, 0], line[:, 1]))) < 0.06 * X_HEIGHT


def test_one_line_that_lies_does_not_bend_the_page() -> None:
    found = lines(60.0)
    found[3] = found[3] + np.stack([np.zeros(9), np.linspace(-60, 60, 9)], axis=1)
    bend = fit_bend(found, [X_HEIGHT] * len(found), WIDTH, HEIGHT)
    assert bend is not None
    errors = [float(np.std(line[:, 1] - bend.shift(line[:, 0], line[:, 1]))) for line in lines(60.0)]
    assert max(errors) < 0.3 * X_HEIGHT


def test_points_find_their_way_back() -> None:
    bend = fit(70.0)
    assert bend is not None
    x, y = np.array([100.0, 400.0, 700.0]), np.array([200.0, 500.0, 800.0])
    level = y - bend.shift(x, y)
    np.testing.assert_allclose(bend.source_y(x, level), y, atol=0.5)


def test_a_drawn_line_is_level_on_the_levelled_page() -> None:
    bend = fit(70.0)
    assert bend is not None
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for x in range(80, 720):
        y = round(500 + 70.0 * (x / WIDTH) ** 2)
        page[y - 1 : y + 2, x] = 0
    rows = np.flatnonzero((bend.level(page) < 128).any(axis=1))
    assert np.ptp(rows) < 8


def test_boxes_of_the_levelled_page_lie_around_the_same_ink_on_the_bent_one() -> None:
    bend = fit(70.0)
    frame = Frame(WIDTH, HEIGHT, 0, np.array([[1.0, 0, 0], [0, 1, 0]]), bend)
    x, y = frame.to_upright(600, 500)
    box = frame.to_source(Box(int(x) - 5, int(y) - 5, int(x) + 5, int(y) + 5))
    assert box.contains(600, 500)
    assert box.height < 20
