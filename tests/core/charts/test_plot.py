"""Charts read by geometry: drawn here with known text, so that only places and colours are to be understood."""

import itertools
import math
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ocr2.charts.plot.labels import Label, name_places
from ocr2.charts.plot.read import read_plot
from ocr2.charts.plot.result import Plot
from ocr2.charts.plot.scale import fit_scale
from ocr2.charts.plot.words import words_of
from ocr2.models.protocols import TextBox

BLUE, ORANGE, GREEN, GREY, BLACK = (31, 119, 180), (255, 127, 14), (44, 160, 44), (210, 210, 210), (0, 0, 0)
LEFT, TOP, RIGHT, BOTTOM = 60, 40, 460, 300  # of the plot
HIGH = 12.0  # pixels of a line of text


class Drawing:
    """A picture and the text in it; nothing writes the text into the picture, as it is given beside it."""

    def __init__(self, *, ground: tuple[int, int, int] = (255, 255, 255)) -> None:
        self.picture: NDArray[np.uint8] = np.full((360, 600, 3), ground, np.uint8)
        self.texts: list[TextBox] = []

    def text(self, text: str, x: float, y: float, *, angle: float = 0.0, anchor: str = "middle") -> None:
        long = 7.0 * len(text)
        x = x + long / 2 if anchor == "left" else x - long / 2 if anchor == "right" else x
        self.texts.append(TextBox(text, (x - long / 2, y - HIGH / 2, x + long / 2, y + HIGH / 2), angle))

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        self.picture[round(top) : round(bottom), round(left) : round(right)] = colour

    def line(self, points: Sequence[tuple[float, float]], colour: tuple[int, int, int], width: int = 2) -> None:
        shifted = np.array([[x * 16, y * 16] for x, y in points], np.int32)
        cv2.polylines(self.picture, [shifted], False, colour, width, cv2.LINE_AA, shift=4)

    def axis(self, values: Sequence[float], low: float, high: float, *, log: bool = False) -> None:
        """Draw a column of numbers and a grid."""
        for value in values:
            y = place_of(value, low, high, log=log)
            self.text(f"{value:g}", LEFT - 6, y, anchor="right")
            self.box(LEFT, y, RIGHT, y + 1, GREY)

    def labels(self, names: Sequence[str], *, every: int = 1) -> list[float]:
        """Write labels below the plot; returns where all of them would be."""
        step = (RIGHT - LEFT) / len(names)
        places = [LEFT + step * (i + 0.5) for i in range(len(names))]
        for name, x in list(zip(names, places, strict=True))[::every]:
            self.text(name, x, BOTTOM + 14)
        return places

    def legend(self, names: Sequence[str], colours: Sequence[tuple[int, int, int]]) -> None:
        for i, (name, colour) in enumerate(zip(names, colours, strict=True)):
            y = 80 + 20 * i
            self.box(480, y - 5, 492, y + 5, colour)
            self.text(name, 500, y, anchor="left")

    def read(self) -> Plot | None:
        return read_plot(self.picture, self.texts)


def place_of(value: float, low: float, high: float, *, log: bool = False) -> float:
    if log:
        value, low, high = math.log10(value), math.log10(low), math.log10(high)
    return BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP)


def values_of(plot: Plot | None) -> dict[str | None, dict[str, float]]:
    assert plot is not None
    return {series.name: {value.label: value.value for value in series.values} for series in plot.series}


def bars(values: Sequence[float], ticks: Sequence[float], names: Sequence[str]) -> Drawing:
    drawing = Drawing()
    low, high = min(ticks), max(ticks)
    drawing.axis(ticks, low, high)
    zero = place_of(0, low, high)
    for x, value in zip(drawing.labels(names), values, strict=True):
        y = place_of(value, low, high)
        drawing.box(x - 15, min(y, zero), x + 15, max(y, zero), BLUE)
    return drawing


def test_bars_on_both_sides_of_zero_keep_their_signs() -> None:
    plot = bars([35, -80, -15, 52], [-100, -50, 0, 50, 100], ["a", "b", "c", "d"]).read()
    assert plot is not None
    assert (plot.kind, plot.arrangement) == ("bar", "single")
    assert values_of(plot)[None] == pytest.approx({"a": 35, "b": -80, "c": -15, "d": 52}, abs=1.0)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(3, 99), min_size=2, max_size=9))
def test_bars_of_any_heights_are_measured_to_a_pixel(values: list[int]) -> None:
    plot = bars(values, [0, 20, 40, 60, 80, 100], [f"n{i}" for i in range(len(values))]).read()
    assert list(values_of(plot)[None].values()) == pytest.approx(values, abs=0.8)


def test_series_are_told_apart_by_the_legend() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20, 30], 0, 30)
    drawing.legend(["north", "south"], [BLUE, ORANGE])
    data = {"north": [10, 25, 5], "south": [20, 15, 30]}
    for i, x in enumerate(drawing.labels(["2", "3", "4"])):
        drawing.box(x - 20, place_of(data["north"][i], 0, 30), x, BOTTOM, BLUE)
        drawing.box(x, place_of(data["south"][i], 0, 30), x + 20, BOTTOM, ORANGE)
    plot = drawing.read()
    assert plot is not None
    assert plot.arrangement == "grouped"
    for name, numbers in data.items():
        assert values_of(plot)[name] == pytest.approx(dict(zip("234", numbers, strict=True)), abs=0.5)


def test_parts_of_stacks_are_their_own_lengths() -> None:
    drawing = Drawing()
    drawing.axis([0, 20, 40, 60], 0, 60)
    drawing.legend(["low", "high"], [BLUE, ORANGE])
    for (low, high), x in zip([(10, 30), (25, 15), (40, 5)], drawing.labels(["a", "b", "c"]), strict=True):
        drawing.box(x - 20, place_of(low, 0, 60), x + 20, BOTTOM, BLUE)
        drawing.box(x - 20, place_of(low + high, 0, 60), x + 20, place_of(low, 0, 60), ORANGE)
    plot = drawing.read()
    assert plot is not None
    assert plot.arrangement == "stacked"
    assert values_of(plot)["low"] == pytest.approx({"a": 10, "b": 25, "c": 40}, abs=0.6)
    assert values_of(plot)["high"] == pytest.approx({"a": 30, "b": 15, "c": 5}, abs=0.6)


def test_lying_bars_have_their_labels_at_the_left() -> None:
    drawing = Drawing()
    for value in (0, 25, 50, 75, 100):
        drawing.text(str(value), 100 + 3 * value, BOTTOM + 14)
        drawing.box(100 + 3 * value, TOP, 101 + 3 * value, BOTTOM, GREY)
    for i, (name, value) in enumerate({"Ann": 80, "Bob": 30, "Chloe": 55}.items()):
        y = TOP + 40 + 80 * i
        drawing.text(name, 90, y, anchor="right")
        drawing.box(100, y - 20, 100 + 3 * value, y + 20, GREEN)
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "hbar"
    assert values_of(plot)[None] == pytest.approx({"Ann": 80, "Bob": 30, "Chloe": 55}, abs=0.6)


def test_an_axis_that_labels_every_second_point_loses_none() -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug"]
    numbers = [8.0, 12.0, 9.0, 16.0, 19.0, 14.0, 22.0, 18.0]
    drawing = Drawing()
    drawing.axis([0, 5, 10, 15, 20, 25], 0, 25)
    places = drawing.labels(months, every=2)
    drawing.line([(x, place_of(v, 0, 25)) for x, v in zip(places, numbers, strict=True)], BLUE)
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "line"
    assert values_of(plot)[None] == pytest.approx(dict(zip(months, numbers, strict=True)), abs=0.4)


def test_an_area_below_zero_keeps_its_sign() -> None:
    numbers = [60.0, -40.0, -90.0, 30.0]
    drawing = Drawing()
    drawing.axis([-100, -50, 0, 50, 100], -100, 100)
    places = drawing.labels(["a", "b", "c", "d"])
    zero = place_of(0, -100, 100)
    edge = [(x, place_of(v, -100, 100)) for x, v in zip(places, numbers, strict=True)]
    outline = np.array([(places[0], zero), *edge, (places[-1], zero)], np.int32)
    cv2.fillPoly(drawing.picture, [outline], BLUE)
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "area"
    assert values_of(plot)[None] == pytest.approx(dict(zip("abcd", numbers, strict=True)), abs=4)


def test_points_on_a_logarithmic_axis_keep_their_magnitude() -> None:
    drawing = Drawing()
    drawing.axis([1, 10, 100, 1000, 10000], 1, 10000, log=True)
    for i in range(6):
        drawing.text(str(i), LEFT + 20 + 70 * i, BOTTOM + 14)
    points = {0: 3.0, 1: 40.0, 3: 700.0, 5: 5000.0}
    for x, value in points.items():
        middle = round(LEFT + 20 + 70 * x), round(place_of(value, 1, 10000, log=True))
        cv2.circle(drawing.picture, middle, 5, ORANGE, -1)
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "scatter"
    assert plot.y is not None
    assert plot.y.scale == "log"
    assert values_of(plot)[None] == pytest.approx({str(x): v for x, v in points.items()}, rel=0.06)


def test_slices_without_numbers_are_measured_and_named_by_the_words_beside_them() -> None:
    drawing = Drawing()
    shares = {"Bread": 45, "Soup": 30, "Cake": 25}
    start = -90.0
    for (name, share), colour in zip(shares.items(), (BLUE, ORANGE, GREEN), strict=True):
        end = start + 3.6 * share
        cv2.ellipse(drawing.picture, (300, 180), (120, 120), 0, start, end, colour, -1)
        turn = math.radians((start + end) / 2)
        drawing.text(name, 300 + 150 * math.cos(turn), 180 + 140 * math.sin(turn))
        start = end
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "pie"
    assert values_of(plot)[None] == pytest.approx(shares, abs=1.0)


def test_the_ground_of_a_plot_may_be_covered_mostly_by_bars() -> None:
    drawing = Drawing()
    drawing.axis([0, 50, 100], 0, 100)
    for x, value in zip(drawing.labels(["a", "b", "c", "d"]), [90, 95, 85, 99], strict=True):
        drawing.box(x - 48, place_of(value, 0, 100), x + 48, BOTTOM, (89, 89, 89))
    assert values_of(drawing.read())[None] == pytest.approx({"a": 90, "b": 95, "c": 85, "d": 99}, abs=0.8)


def test_a_factor_at_the_end_of_an_axis_counts() -> None:
    drawing = bars([2, 6, 4], [0, 2, 4, 6, 8], ["a", "b", "c"])
    drawing.text("1e6", LEFT, TOP - 14)
    assert values_of(drawing.read())[None] == pytest.approx({"a": 2e6, "b": 6e6, "c": 4e6}, abs=1e5)


def test_printed_numbers_count_more_than_measured_ones() -> None:
    drawing = bars([31, 64], [0, 20, 40, 60, 80], ["a", "b"])
    places = [LEFT + 100, LEFT + 300]
    for text, value, x in zip(["31.2", "63.9"], [31, 64], places, strict=True):
        drawing.text(text, x, place_of(value, 0, 80) - 10)
    plot = drawing.read()
    assert plot is not None
    assert [(v.printed, v.measured) for v in plot.series[0].values] == [("31.2", False), ("63.9", False)]


def test_a_page_of_text_with_numbered_lines_is_no_chart() -> None:
    drawing = Drawing()
    for i in range(12):
        drawing.text(str(i + 1), 40, 40 + 24 * i, anchor="right")
        drawing.text("words of a line that goes on for a while", 60, 40 + 24 * i, anchor="left")
        drawing.box(60, 36 + 24 * i, 340, 44 + 24 * i, BLACK)
    assert drawing.read() is None


def test_a_picture_without_text_is_no_chart() -> None:
    drawing = Drawing()
    cv2.circle(drawing.picture, (300, 180), 120, BLACK, 2)
    assert drawing.read() is None


def test_labels_moved_inwards_at_the_ends_do_not_bend_the_axis() -> None:
    texts = [TextBox(str(v), (x - 4, 0, x + 4, 12)) for v, x in [(0, 106), (5, 150), (10, 200), (15, 250), (20, 300)]]
    scale = fit_scale(words_of(texts), lambda word: word.x)
    assert scale is not None
    assert scale.value(200) == pytest.approx(10, abs=0.05)
    assert scale.value(100) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["Mon", None, "Wed", None], ["Mon", "Tue", "Wed", "Thu"]),
        (["2010", None, "2014", None], ["2010", "2012", "2014", "2016"]),
        (["A", None, "C", "D"], ["A", "B", "C", "D"]),
        (["red", None, "blue", None], ["red", "between red and blue", "blue", "after blue"]),
    ],
)
def test_places_between_labels_are_named_by_what_goes_on(labels: list[str | None], names: list[str]) -> None:
    places = [10.0, 20.0, 30.0, 40.0]
    known = [Label(text, place) for text, place in zip(labels, places, strict=True) if text is not None]
    assert name_places(places, known, None) == names


def dashed(drawing: Drawing, points: Sequence[tuple[float, float]], *, on: float, off: float) -> None:
    """Draw dashes (dots, if they are as long as wide) along a line through points."""
    way, phase = 0.0, on + off
    for (x, y), (u, v) in itertools.pairwise(points):
        length = math.hypot(u - x, v - y)
        at = -way % phase
        while at < length:
            a, b = at / length, min(1.0, (at + on) / length)
            drawing.line([(x + a * (u - x), y + a * (v - y)), (x + b * (u - x), y + b * (v - y))], BLUE, 3)
            at += phase
        way += length


@pytest.mark.parametrize(("on", "off"), [(8.0, 4.0), (1.0, 6.0)], ids=["dashes", "dots"])
def test_dashed_and_dotted_lines_are_lines(on: float, off: float) -> None:
    drawing = Drawing()
    drawing.axis([0, 20, 40, 60], 0, 60)
    values = [12.0, 48.0, 30.0, 55.0]
    places = drawing.labels(["ant", "bee", "cat", "dog"])
    dashed(drawing, [(x, place_of(v, 0, 60)) for x, v in zip(places, values, strict=True)], on=on, off=off)
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "line"
    assert list(values_of(plot)[None].values()) == pytest.approx(values, abs=2.0)


def test_years_may_name_slices() -> None:
    drawing = Drawing()
    shares = [0.4, 0.35, 0.25]
    turn = -90.0
    for share, colour, name in zip(shares, [BLUE, ORANGE, GREEN], ["1999", "2000", "2001"], strict=True):
        cv2.ellipse(drawing.picture, (260, 180), (100, 100), 0, turn, turn + 360 * share, colour, cv2.FILLED)
        middle = math.radians(turn + 180 * share)
        drawing.text(name, 260 + 125 * math.cos(middle), 180 + 125 * math.sin(middle))
        turn += 360 * share
    plot = drawing.read()
    assert plot is not None
    assert plot.kind == "pie"
    assert values_of(plot)[None] == pytest.approx({"1999": 40, "2000": 35, "2001": 25}, abs=1.0)


def test_shares_printed_on_slices_are_no_axis() -> None:
    drawing = Drawing()
    turn = -90.0
    for share, colour, name in zip([50, 30, 20], [BLUE, ORANGE, GREEN], ["oak", "elm", "fir"], strict=True):
        cv2.ellipse(drawing.picture, (260, 180), (120, 120), 0, turn, turn + 3.6 * share, colour, cv2.FILLED)
        middle = math.radians(turn + 1.8 * share)
        drawing.text(f"{share}%", 260 + 70 * math.cos(middle), 180 + 70 * math.sin(middle))
        drawing.text(name, 260 + 145 * math.cos(middle), 180 + 145 * math.sin(middle))
        turn += 3.6 * share
    assert values_of(drawing.read())[None] == {"oak": 50, "elm": 30, "fir": 20}


def test_slanted_labels_may_have_their_middles_at_the_tick_marks() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20], 0, 20)
    places = [LEFT + 50.0 + 100 * i for i in range(4)]
    names, values = ["alpha", "beta", "gamma", "delta"], [4, 16, 9, 12]
    for name, x, value in zip(names, places, values, strict=True):
        drawing.text(name, x, BOTTOM + 30, angle=45)
        drawing.box(x, BOTTOM, x + 1, BOTTOM + 5, BLACK)
        drawing.box(x - 15, place_of(value, 0, 20), x + 15, BOTTOM, BLUE)
    drawing.box(LEFT, BOTTOM, RIGHT, BOTTOM + 1, BLACK)
    assert values_of(drawing.read())[None] == pytest.approx(dict(zip(names, values, strict=True)), abs=0.3)


def test_numbers_at_the_feet_of_bars_are_no_labels() -> None:
    drawing = bars([20, 45, 33], [0, 10, 20, 30, 40, 50], ["red", "tan", "sky"])
    step = (RIGHT - LEFT) / 3
    for i, value in enumerate((20, 45, 33)):
        drawing.text(str(value), LEFT + step * (i + 0.5), BOTTOM - 8)
    assert list(values_of(drawing.read())[None]) == ["red", "tan", "sky"]


def test_bars_along_an_axis_of_numbers_stand_where_they_stand() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20, 30], 0, 30)
    for value in range(0, 110, 10):
        drawing.text(str(value), LEFT + 4 * value, BOTTOM + 14)
    heights = {13: 20.0, 28: 10.0, 31: 25.0, 67: 15.0}
    for x, height in heights.items():
        at = LEFT + 4 * x
        drawing.box(at - 4, place_of(height, 0, 30), at + 4, BOTTOM, BLUE)
    (found,) = values_of(drawing.read()).values()
    assert [float(label) for label in found] == pytest.approx(list(heights), abs=0.5)
    assert list(found.values()) == pytest.approx(list(heights.values()), abs=0.2)


def test_a_ring_that_was_read_as_a_letter_is_a_sample_of_the_legend() -> None:
    drawing = Drawing()
    drawing.axis([0, 10, 20, 30], 0, 30)
    drawing.labels(["0", "1", "2", "3"])
    for i, (name, colour) in enumerate((("A", BLUE), ("B", ORANGE))):
        y = 80 + 24 * i
        cv2.circle(drawing.picture, (486, y), 5, colour, 2, cv2.LINE_AA)
        drawing.text(name, 500, y, anchor="left")
        for k in range(3):
            point = LEFT + 50 + 100 * k + 12 * i, round(place_of(5 + 8 * k + 3 * i, 0, 30))
            cv2.circle(drawing.picture, point, 4, colour, 2, cv2.LINE_AA)
    drawing.text("0", 486, 104)
    plot = drawing.read()
    assert plot is not None
    assert {series.name for series in plot.series} == {"A", "B"}
