"""A figure drawn anew beside its picture."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.figures.overlay import draw_trace
from ocr2.reading.figures.redraw import BETWEEN, GAP, draw_figure, redraw
from ocr2.results.figure import Arc, Circle, Label, Mark, Point, Segment, Trace

A, B, C = (30.5, 170.5), (230.5, 170.5), (30.5, 30.5)
EMPTY = Trace(file="x", page=1, width=260, height=200, model="m", weights_sha256="", ruler=None)
PLAIN = Trace(
    file="x", page=1, width=260, height=200, model="m", weights_sha256="", ruler=None,
    segments=(Segment(A, B, dashed=False), Segment(A, C, dashed=True)),
    circles=(Circle((180.5, 60.5), 40.0),),
    arcs=(Arc((100.5, 100.5), 30.0, 0.0, 90.0),),
    points={"A": A, "B": B, "C": C},
    letters=("A",),
)  # fmt: skip


def page() -> NDArray[np.uint8]:
    picture = np.full((200, 260, 3), 240, np.uint8)
    cv2.line(picture, (30, 170), (230, 170), (200, 30, 30), 3)
    return picture


def dark(drawn: NDArray[np.uint8], *points: Point) -> list[bool]:
    return [bool(drawn[int(y), int(x)].max() < 100) for x, y in points]


def test_both_pictures_stand_side_by_side_at_one_size() -> None:
    picture = page()
    both = np.asarray(redraw(PLAIN, picture))
    assert both.shape == (200, 2 * 260 + GAP, 3)
    np.testing.assert_array_equal(both[:, :260], picture)
    assert (both[:, 260 : 260 + GAP] == BETWEEN).all()
    right = both[:, 260 + GAP :]
    assert right[170, 40:220].max() < 100  # the base, black
    assert right[185:195].min() == 255


def test_a_picture_without_ink_is_drawn_beside_too() -> None:
    both = np.asarray(redraw(PLAIN, np.full((200, 260, 3), 255, np.uint8)))
    assert both[170, 260 + GAP + 100].max() < 100


def test_ink_is_where_strokes_circles_and_arcs_are() -> None:
    drawn = draw_figure(PLAIN, 200, 260, stroke=2.0)
    assert all(dark(drawn, (130, 170), (220, 60), (140, 60), (180, 20), (180, 100)))  # the base, the circle
    assert all(dark(drawn, (130, 100), (100, 70), (121, 79)))  # the arc, above its middle and right of it
    assert not any(dark(drawn, (70, 100), (100, 130), (180, 60)))
    column = drawn[31:170, 30].max(axis=1) < 128  # the dashed side
    assert 0.3 < column.mean() < 0.8
    assert np.diff(column.astype(int)).clip(0).sum() > 4
    assert draw_figure(EMPTY, 50, 60, stroke=1.0).min() == 255


def test_wider_strokes_are_drawn_wider() -> None:
    thin, thick = (draw_figure(PLAIN, 200, 260, stroke=stroke) for stroke in (1.0, 5.0))
    assert (thick[:, 130] < 128).sum() > 2 * (thin[:, 130] < 128).sum()


@pytest.mark.parametrize("arrows", [(True, False), (False, True)])
def test_heads_stand_at_the_ends_that_have_them(arrows: tuple[bool, bool]) -> None:
    line = Trace(
        file="x", page=1, width=260, height=200, model="m", weights_sha256="", ruler=None,
        segments=(Segment(A, B, arrows=arrows),),
    )  # fmt: skip
    drawn = draw_figure(line, 200, 260, stroke=2.0)
    heads = [(drawn[:, x] < 128).any(axis=1).sum() > 5 for x in (38, 222)]
    assert heads == list(arrows)


def test_marks_and_writing_are_drawn_and_writing_only_if_asked_for() -> None:
    marked = Trace(
        file="x", page=1, width=260, height=200, model="m", weights_sha256="", ruler=None,
        segments=(Segment(A, B),),
        points={"A": A, "B": B},
        marks=(Mark("tick", 2, (130.5, 170.5), ("A", "B")),),
        labels=(Label("12", (120.0, 180.0, 140.0, 194.0), "side", ("A", "B")),),
    )  # fmt: skip
    drawn = draw_figure(marked, 200, 260, stroke=2.0)
    assert (drawn[167, 120:141] < 200).any()  # the ticks reach above the stroke
    assert drawn[167, 60:110].min() == 255
    assert (drawn[180:194, 120:140] < 128).any()
    silent = draw_figure(marked, 200, 260, stroke=2.0, writing=False)
    assert silent[180:194, 110:150].min() == 255


def test_the_overlay_shows_marks_labels_and_arcs() -> None:
    shown = Trace(
        file="x", page=1, width=600, height=600, model="m", weights_sha256="", ruler=None,
        arcs=(Arc((300.0, 300.0), 200.0, 0.0, 90.0),),
        marks=(Mark("tick", 1, (100.0, 100.0), ()),),
        labels=(Label("12", (400.0, 500.0, 440.0, 530.0), "side", ("A", "B")),
                Label("no", (100.0, 500.0, 140.0, 530.0), "free")),
    )  # fmt: skip
    pixels = np.asarray(draw_trace(shown, np.full((600, 600, 3), 255, np.uint8)).convert("RGB"), np.int64)
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    is_green, is_violet, is_orange = (green > red + 40) & (green > blue), blue > green + 60, red > blue + 100
    assert is_green[100, 298:304].any()  # the arc above its middle
    assert not is_green[480:].any()
    assert is_violet[90:111, 90:111].any()
    assert is_violet[500, 405:435].all()
    assert is_orange[500, 105:135].all()
