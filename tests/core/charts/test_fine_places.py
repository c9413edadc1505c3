"""Places between pixels: axes by their lines, ends of bars by their edges, bends of lines by their pieces."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.charts.plot.align import align_axis
from ocr2.charts.plot.axes import NumberAxis, number_axes
from ocr2.charts.plot.bars import Rect, refine_end
from ocr2.charts.plot.expected import labels_of_bars
from ocr2.charts.plot.read import read_plot
from ocr2.charts.plot.traces import Trace, bends_of
from ocr2.charts.plot.words import words_of
from ocr2.models.protocols import TextBox
from tests.core.charts.test_plot import BLUE, BOTTOM, LEFT, ORANGE, RIGHT, TOP, Drawing, place_of, values_of

PLOT = (LEFT, TOP, RIGHT, BOTTOM)


def axis_of(places: dict[int, float], right: float = 50.0) -> NumberAxis:
    texts = [TextBox(str(v), (right - 8 * len(str(v)), y - 6, right, y + 6)) for v, y in places.items()]
    (axis,) = number_axes(words_of(texts), upright=True)
    return axis


@pytest.mark.parametrize("seen_as", ["grid", "tick marks"])
def test_an_axis_is_moved_to_its_lines(seen_as: str) -> None:
    lines = [60, 110, 160, 210, 260]
    axis = axis_of({40 - 10 * i: y - 1.5 for i, y in enumerate(lines)})
    gray = np.full((360, 600), 255, np.uint8)
    grid = np.zeros(gray.shape, np.bool_)
    for y in lines:
        if seen_as == "grid":
            grid[y, LEFT:RIGHT] = True
        else:
            gray[y, 52:58] = 0
    aligned = align_axis(axis, gray, grid, PLOT)
    assert [tick.place for tick in aligned.scale.ticks] == pytest.approx([y + 0.5 for y in lines])
    assert aligned.scale.value(110.5) == pytest.approx(30)


@pytest.mark.parametrize("moved", [0.4, 7.0])
def test_an_axis_stays_where_lines_are_as_near_as_they_are_drawn_or_too_far(moved: float) -> None:
    lines = [60, 110, 160, 210, 260]
    axis = axis_of({40 - 10 * i: y + 0.5 - moved for i, y in enumerate(lines)})
    gray = np.full((360, 600), 255, np.uint8)
    grid = np.zeros(gray.shape, np.bool_)
    grid[lines, LEFT:RIGHT] = True
    assert align_axis(axis, gray, grid, PLOT) == axis


def blended(top: float) -> NDArray[np.uint8]:
    """Return a bar whose upper edge lies between two rows."""
    picture = np.full((100, 60, 3), 255, np.float64)
    row = int(top)
    picture[row + 1 : 80, 20:40] = BLUE
    picture[row, 20:40] = (1 - (top - row)) * np.array(BLUE) + (top - row) * 255
    return np.asarray(picture.round(), np.uint8)


@pytest.mark.parametrize("top", [30.0, 30.25, 30.5, 30.75])
@pytest.mark.parametrize("upright", [True, False])
def test_the_end_of_a_bar_is_where_its_edge_is_blended(top: float, *, upright: bool) -> None:
    picture = blended(top)
    rect = Rect(20, 31, 40, 80, 0)
    if upright:
        found = refine_end(rect, picture, BLUE, (255, 255, 255), upright=True, base=80)
        assert [found.top, found.bottom] == pytest.approx([top, 80], abs=0.02)
    else:
        found = refine_end(rect.turned(), picture.transpose(1, 0, 2), BLUE, (255, 255, 255), upright=False, base=80)
        assert [found.left, found.right] == pytest.approx([top, 80], abs=0.02)


def test_a_bar_below_another_keeps_its_end() -> None:
    picture = blended(30.0)
    picture[10:30, 20:40] = ORANGE
    rect = Rect(20, 30, 40, 80, 0)
    assert refine_end(rect, picture, BLUE, (255, 255, 255), upright=True, base=80) == rect


def trace(along: NDArray[np.floating], down: NDArray[np.floating], stroke: float) -> Trace:
    xs, ys = along.astype(np.float64), down.astype(np.float64)
    slopes = np.abs(np.gradient(ys, xs))
    spread = slopes + stroke * np.hypot(1.0, slopes)
    return Trace(xs, ys, spread, float(np.percentile(spread, 20)))


def test_a_bend_is_where_straight_pieces_meet() -> None:
    xs = np.arange(10, 100) + 0.5
    ys = np.where(xs < 50.2, 20 + 2 * (xs - 10), 100.4 - 1.5 * (xs - 50.2))
    bends = bends_of(trace(xs, ys, 2.0), loose=1.6)
    assert [x for x, _ in bends[1:-1]] == [pytest.approx(50.2, abs=0.2)]


def test_the_stroke_is_measured_across_its_direction() -> None:
    xs = np.arange(10, 60) + 0.5
    steep = trace(xs, 3 * xs, 2.0)
    assert steep.width > 6
    assert steep.stroke == pytest.approx(2.0, abs=0.05)


def test_points_on_the_axis_are_points() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20, 30], 0, 30)
    drawing.box(LEFT, TOP, LEFT + 1, BOTTOM, (136, 136, 136))
    for i, x in enumerate((0, 1, 2, 3, 4)):
        drawing.text(str(x), LEFT + 90 * x, BOTTOM + 14)
        y = place_of(5 * (i + 1), 0, 30)
        drawing.box(LEFT + 90 * x - 3, y - 3, LEFT + 90 * x + 4, y + 4, BLUE)
    (values,) = values_of(drawing.read()).values()
    assert values == pytest.approx({"0": 5, "1": 10, "2": 15, "3": 20, "4": 25}, abs=0.4)


def test_a_bar_without_a_label_says_where_its_label_must_be() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20, 30], 0, 30)
    places = drawing.labels(["Ada", "Ben", "Cid"])
    for x, value in zip(places, (10, 20, 25), strict=True):
        drawing.box(x - 20, place_of(value, 0, 30), x + 20, BOTTOM, BLUE)
    plot = drawing.read()
    assert plot is not None
    assert labels_of_bars(drawing.picture, drawing.texts, plot) == []
    known = [text for text in drawing.texts if text.text != "Ben"]
    plot = read_plot(drawing.picture, known)
    assert plot is not None
    (expected,) = labels_of_bars(drawing.picture, known, plot)
    assert (expected.place.box[0] + expected.place.box[2]) / 2 == pytest.approx(places[1], abs=1.5)
    assert labels_of_bars(drawing.picture, known, replace(plot, kind="line")) == []
