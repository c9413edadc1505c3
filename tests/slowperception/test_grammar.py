"""The language of traces: written as published, read whatever comes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.slowperception.grammar import (
    MOST,
    Writing,
    gaze_residual,
    order_segments,
    read_figure,
    shake_gaze,
    split_segment,
    write_figure,
)

ENDS = {"A": (-6.1, -2.5), "B": (0.75, 4.2), "C": (5.9, -2.4), "D": (0.69, -2.45)}
SIDES = ("AB", "AC", "DB", "BC")
# By ruler; docs/models/slowperception.md, "Answer".
WRITTEN = {
    math.inf: """Line:
(-6.1, -2.5) -- (0.75, 4.2)
(-6.1, -2.5) -- (5.9, -2.4)
(0.69, -2.45) -- (0.75, 4.2)
(0.75, 4.2) -- (5.9, -2.4)
Circle:
(0.49, -0.15, 2.3)
""",
    8.0: """Line:
(-6.1, -2.5) -- (-0.38, 3.09) -- (0.75, 4.2)
(-6.1, -2.5) -- (1.9, -2.43) -- (5.9, -2.4)
(0.69, -2.45) -- (0.75, 4.2)
(0.75, 4.2) -- (5.67, -2.11) -- (5.9, -2.4)
Circle:
(0.49, -0.15, 2.3)
""",
    4.0: """Line:
(-6.1, -2.5) -- (-3.24, 0.3) -- (-0.38, 3.09) -- (0.75, 4.2)
(-6.1, -2.5) -- (-2.1, -2.47) -- (1.9, -2.43) -- (5.9, -2.4)
(0.69, -2.45) -- (0.73, 1.55) -- (0.75, 4.2)
(0.75, 4.2) -- (3.21, 1.05) -- (5.67, -2.11) -- (5.9, -2.4)
Circle:
(0.49, -0.15, 2.3)
""",
}
coordinates = st.floats(-10, 10).map(lambda v: round(v, 2) + 0.0)
points = st.tuples(coordinates, coordinates)
figures = st.builds(
    Writing,
    st.lists(st.lists(points, min_size=2, max_size=5).map(tuple), max_size=8).map(tuple),
    st.lists(st.tuples(coordinates, coordinates, st.floats(0.01, 9).map(lambda v: round(v, 2))), max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(["A", "B'", "O_1", "点"]), points, max_size=3),
)


@pytest.mark.parametrize("ruler", WRITTEN)
def test_a_figure_is_written_as_published(ruler: float) -> None:
    segments = order_segments([(ENDS[side[1]], ENDS[side[0]]) for side in SIDES])
    figure = Writing(tuple(split_segment(*s, ruler) for s in segments), ((0.49, -0.15, 2.3),))
    assert write_figure(figure) == WRITTEN[ruler]


@given(figures)
def test_reading_undoes_writing(figure: Writing) -> None:
    assert read_figure(write_figure(figure)) == figure


@given(figures, st.integers(0, 400))
def test_what_is_cut_short_keeps_its_whole_lines(figure: Writing, length: int) -> None:
    text = write_figure(figure)
    kept = read_figure(text[:length])
    whole = text[:length].count("\n", 0, text.index("Circle:") if "Circle:" in text else len(text))
    assert kept.strokes[: whole - 1] == figure.strokes[: max(0, whole - 1)]
    assert len(kept.strokes) <= len(figure.strokes)


@given(st.text(alphabet="Line:Crcab()-,. 0123456789\n", max_size=300))
def test_any_text_is_read(text: str) -> None:
    figure = read_figure(text)
    assert all(len(stroke) >= 2 for stroke in figure.strokes)
    assert read_figure(write_figure(figure)) == figure or any(
        round(v, 2) != v for stroke in (*figure.strokes, figure.circles) for point in stroke for v in point
    )


def test_what_models_get_wrong_is_borne() -> None:
    lines = "AB: (0, 1) -- (2.5,1)\nnothing\n(1.0, 1.0)\n(9, 9) -- (1e9, 2)\n"
    text = lines + "Circle:\n(0, 0, -1)\n(1, 2, 3)\nLabel:\nA:(0, 1), B:(2"
    figure = read_figure(text)
    assert figure == Writing((((0.0, 1.0), (2.5, 1.0)),), ((1.0, 2.0, 3.0),), {"A": (0.0, 1.0)})
    assert read_figure("__import__('os')") == Writing()


def test_a_loop_is_read_up_to_a_limit() -> None:
    assert len(read_figure("Line:\n" + "(0.0, 1.0) -- (2.0, 1.0)\n" * (2 * MOST)).strokes) == MOST


@given(points, points, st.sampled_from([math.inf, 12.0, 10.0, 8.0, 4.0]))
def test_strokes_are_as_long_as_the_ruler_but_for_the_last(
    start: tuple[float, float], end: tuple[float, float], ruler: float
) -> None:
    stroke = split_segment(start, end, ruler)
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(stroke)]
    assert (stroke[0], stroke[-1]) == (start, end)
    assert all(length == pytest.approx(ruler, abs=0.02) for length in lengths[:-1])
    assert lengths[-1] <= ruler + 0.02
    assert len(lengths) == max(1, math.ceil(math.dist(start, end) / ruler - 0.003)) or len(lengths) == max(
        1, math.ceil(math.dist(start, end) / ruler)
    )
    assert gaze_residual(stroke) < 0.01


def test_a_ruler_that_fits_exactly_writes_the_end_once() -> None:
    assert split_segment((0.0, 0.0), (8.0, 0.0), 4.0) == ((0.0, 0.0), (4.0, 0.0), (8.0, 0.0))


@pytest.mark.parametrize("ruler", [0.0, -4.0, math.nan])
def test_a_ruler_must_be_positive(ruler: float) -> None:
    with pytest.raises(ValueError, match="a ruler is longer than 0, got"):
        split_segment((0.0, 0.0), (1.0, 0.0), ruler)


def test_shaken_gaze_points_move_along_the_diagonal_and_ends_stay() -> None:
    stroke = split_segment((-6.0, 0.0), (6.0, 0.0), 4.0)
    shaken = shake_gaze(stroke, np.random.default_rng(0))
    assert (shaken[0], shaken[-1], len(shaken)) == (stroke[0], stroke[-1], len(stroke))
    for (x, y), (was_x, was_y) in zip(shaken[1:-1], stroke[1:-1], strict=True):
        assert x - was_x == pytest.approx(y - was_y, abs=0.011)
        assert 0 < abs(x - was_x) <= 1.2
    assert shake_gaze(stroke, np.random.default_rng(0), 0.0) == stroke
