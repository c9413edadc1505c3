"""A picture as ink on paper: what is ink, how wide it is, and what lies under strokes."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.figures.paper import covered, ink_along, ink_on_paper, look_up, width_along
from ocr2.reading.figures.traced import Geometry, arc_path, circle_path, segment_path
from ocr2.results.figure import Arc, Circle, Segment

Picture = NDArray[np.uint8]


def page(size: int = 300, ground: int = 255) -> Picture:
    return np.full((size, size, 3), ground, np.uint8)


@pytest.mark.parametrize("ground", [255, 230, 40])
@pytest.mark.parametrize("thick", [1, 3, 6])
def test_ink_and_its_width_are_seen_on_any_ground(ground: int, thick: int) -> None:
    picture = page(ground=ground)
    ink = (0, 0, 0) if ground > 128 else (255, 255, 255)
    picture[40 : 40 + thick, 30:270] = ink
    paper = ink_on_paper(picture)
    assert paper is not None
    assert paper.width == pytest.approx(thick, abs=1.4)
    assert ink_along(paper, segment_path(Segment((30, 41), (270, 41)))).mean() > 0.98
    assert ink_along(paper, segment_path(Segment((30, 140), (270, 140)))).mean() == 0


def test_uneven_light_is_no_ink() -> None:
    light = np.linspace(90, 250, 300)[:, None] * np.ones(300)
    assert ink_on_paper(np.repeat(light[..., None], 3, axis=2).astype(np.uint8)) is None
    assert ink_on_paper(page()) is None
    assert ink_on_paper(np.zeros((1, 1, 3), np.uint8)) is None


@pytest.mark.parametrize("thick", [1, 3, 7])
@pytest.mark.parametrize("end", [(270, 150), (260, 240), (150, 270)])
def test_the_width_of_a_stroke_is_told_beside_its_crossings(thick: int, end: tuple[int, int]) -> None:
    picture = page()
    cv2.line(picture, (40, 50), end, (0, 0, 0), thick, cv2.LINE_AA)
    width = (255.0 - picture[..., 0]).sum() / 255 / math.dist((40, 50), end)
    for x in (80, 140, 200):  # thick ones cross it
        cv2.line(picture, (x, 20), (x - 30, 280), (0, 0, 0), 9)
    paper = ink_on_paper(picture)
    assert paper is not None
    path = segment_path(Segment((40.5, 50.5), (end[0] + 0.5, end[1] + 0.5)))
    assert width_along(paper, path) == pytest.approx(width + 1.6, abs=1.2)  # ink reaches to where it is faint


def test_widths_differ_in_one_picture_and_need_ink() -> None:
    picture = page()
    picture[50:52, 20:280] = picture[150:160, 20:280] = 0
    paper = ink_on_paper(picture)
    assert paper is not None
    thin, thick = (width_along(paper, segment_path(Segment((20, y), (280, y)))) for y in (51, 155))
    assert thick - thin == pytest.approx(8, abs=1)
    assert width_along(paper, segment_path(Segment((20, 250), (280, 250)))) == paper.width  # nothing there
    assert width_along(paper, np.zeros((1, 2))) == paper.width


def test_strokes_cover_their_ink_and_little_more() -> None:
    picture = page()
    cv2.line(picture, (30, 280), (270, 280), (0, 0, 0), 8)
    cv2.line(picture, (30, 20), (270, 40), (0, 0, 0), 2)
    cv2.circle(picture, (90, 160), 60, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.ellipse(picture, (220, 160), (50, 50), 0, -90, 90, (0, 0, 0), 3, cv2.LINE_AA)
    paper = ink_on_paper(picture)
    assert paper is not None
    segments = (Segment((30.5, 280.5), (270.5, 280.5)), Segment((30.5, 20.5), (270.5, 40.5)))
    geometry = Geometry(segments, (Circle((90.5, 160.5), 60.0),), (Arc((220.5, 160.5), 50.0, 270.0, 450.0),))
    under = covered(paper, geometry)
    assert not (paper.ink & ~under).any()
    assert under.sum() < 3 * paper.ink.sum()
    assert not look_up(under, np.array([[170.0, 160.0]])).any()  # the half of the circle that is not drawn


def test_an_arrowhead_is_covered_where_the_segment_has_an_arrow() -> None:
    picture = page()
    cv2.line(picture, (40, 150), (260, 150), (0, 0, 0), 2)
    cv2.fillPoly(picture, [np.array([(262, 150), (251, 143), (251, 157)])], (0, 0, 0))
    paper = ink_on_paper(picture)
    assert paper is not None
    bare, pointed = (
        paper.ink & ~covered(paper, Geometry((Segment((40.5, 150.5), (261, 150.5), arrows=(False, arrow)),)))
        for arrow in (False, True)
    )
    assert bare.sum() > 12
    assert pointed.sum() <= 6


def test_paths_are_about_a_pixel_apart_and_arcs_go_counter_clockwise_as_seen() -> None:
    circle = circle_path(Circle((50.0, 60.0), 30.0))
    assert np.hypot(*(circle - (50, 60)).T) == pytest.approx(np.full(len(circle), 30.0))
    arc = arc_path(Arc((50.0, 60.0), 30.0, 0.0, 90.0))
    assert arc[0] == pytest.approx((80, 60))
    assert arc[-1] == pytest.approx((50, 30))  # above: y points down
    assert arc[len(arc) // 2] == pytest.approx((50 + 30 * math.sqrt(0.5), 60 - 30 * math.sqrt(0.5)), abs=1)
    for path in (circle, arc, segment_path(Segment((3.0, 4.0), (63.0, 84.0)))):
        assert np.hypot(*np.diff(path, axis=0).T).max() < 1.1


def test_pale_strokes_beside_black_ones_are_ink_and_noise_is_not() -> None:
    picture = page()
    picture[40:46, 30:270] = 0
    picture[100:102, 30:270] = (200, 220, 255)
    paper = ink_on_paper(picture)
    assert paper is not None
    assert ink_along(paper, segment_path(Segment((30, 101), (270, 101)))).mean() > 0.98
    noise = np.random.default_rng(0).normal(240, 4, (300, 300, 3)).clip(0, 255).astype(np.uint8)
    noise[40:46, 30:270] = 0
    noisy = ink_on_paper(noise)
    assert noisy is not None
    assert noisy.ink[60:].mean() < 0.01


def test_outside_of_a_picture_nothing_is_looked_up() -> None:
    values = np.ones((4, 6), np.uint8)
    path = np.array([[0.0, 0.0], [5.9, 3.9], [6.0, 2.0], [-0.1, 2.0], [2.0, 4.0], [2.0, -3.0]])
    assert look_up(values, path).tolist() == [1, 1, 0, 0, 0, 0]
