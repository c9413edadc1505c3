"""Strokes looked at again on their ink: dashes, circles, arcs."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.reading.figures.paper import Paper, ink_along, ink_on_paper
from ocr2.reading.figures.strokes import LEAST_ARC, fit_circle, is_dashed, whole_or_arcs
from ocr2.reading.figures.traced import circle_path
from ocr2.results.figure import Arc, Circle, Segment

Picture = NDArray[np.uint8]
ROUND = Circle((150.5, 150.5), 100.0, 0.8)


def page(size: int = 300, ground: int = 255) -> Picture:
    return np.full((size, size, 3), ground, np.uint8)


def dashed_line(picture: Picture, start: tuple[int, int], end: tuple[int, int], dash: int) -> None:
    length = math.dist(start, end)
    for k in range(int(length / (2 * dash)) + 1):
        a, b = (min(1.0, (2 * k + j) * dash / length) for j in (0, 1))
        ends = [tuple(round(s + t * (e - s)) for s, e in zip(start, end, strict=True)) for t in (a, b)]
        cv2.line(picture, ends[0], ends[1], (0, 0, 0), 2)


@pytest.mark.parametrize("dash", [5, 9, 14])
def test_dashes_are_seen(dash: int) -> None:
    picture = page()
    dashed_line(picture, (30, 40), (270, 120), dash)
    cv2.line(picture, (30, 40), (30, 280), (0, 0, 0), 2)
    cv2.line(picture, (30, 280), (270, 120), (0, 0, 0), 2)
    cv2.line(picture, (150, 20), (150, 290), (0, 0, 0), 2)  # crosses both
    paper = ink_on_paper(picture)
    assert paper is not None
    assert is_dashed(paper, Segment((30.5, 40.5), (270.5, 120.5)))
    assert not is_dashed(paper, Segment((30.5, 40.5), (30.5, 280.5)))
    assert not is_dashed(paper, Segment((30.5, 280.5), (270.5, 120.5)))
    assert not is_dashed(paper, Segment((40, 200), (44, 200)))


def test_a_circle_moves_to_its_ink() -> None:
    picture = page()
    cv2.circle(picture, (150, 140), 80, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.line(picture, (10, 140), (290, 140), (0, 0, 0), 2)
    paper = ink_on_paper(picture)
    assert paper is not None
    line = Segment((10, 140), (290, 140))
    fitted = fit_circle(paper, Circle((154, 137), 84, 0.5), [line])
    assert fitted.center == pytest.approx((150.5, 140.5), abs=0.7)
    assert fitted.radius == pytest.approx(80, abs=0.7)
    assert fitted.confidence == 0.5
    far = Circle((60, 60), 20)
    assert fit_circle(paper, far, [line]) == far  # nothing there to move to
    assert ink_along(paper, circle_path(fitted)).mean() == 1
    assert ink_along(paper, circle_path(far)).mean() < 0.2


def drawn_round(*spans: tuple[float, float], dash: float = 0.0) -> Paper:
    """Arcs of one circle, degrees counter-clockwise as seen; in dashes of so many degrees."""
    picture = page()
    for start, end in spans:
        step = dash or end - start
        for k in np.arange(start, end, 2 * step).tolist():
            stop = min(k + step, end)
            cv2.ellipse(picture, (150, 150), (100, 100), 0, -stop, -k, (0, 0, 0), 2, cv2.LINE_AA)  # y is down
    paper = ink_on_paper(picture)
    assert paper is not None
    return paper


def test_a_circle_with_ink_all_around_is_whole() -> None:
    assert whole_or_arcs(drawn_round((0, 360)), ROUND) == (ROUND, [])


@pytest.mark.parametrize("dash", [3.0, 5.0, 7.0])
def test_a_dashed_circle_is_whole_too(dash: float) -> None:
    assert whole_or_arcs(drawn_round((0, 360), dash=dash), ROUND) == (ROUND, [])


@pytest.mark.parametrize(("start", "end"), [(0, 180), (180, 360), (90, 270), (20, 65), (-40, 200), (300, 400)])
def test_a_part_of_a_circle_is_an_arc_counter_clockwise_as_seen(start: float, end: float) -> None:
    whole, (arc,) = whole_or_arcs(drawn_round((start, end)), ROUND)
    assert whole is None
    assert (arc.center, arc.radius, arc.confidence) == (ROUND.center, ROUND.radius, ROUND.confidence)
    assert 0 <= arc.start < 360 > arc.end - arc.start
    assert math.remainder(arc.start - start, 360) == pytest.approx(0, abs=4)  # ink reaches a little beyond its ends
    assert math.remainder(arc.end - end, 360) == pytest.approx(0, abs=4)
    assert abs(arc.end - arc.start - (end - start)) < 8


def test_two_parts_of_a_circle_are_two_arcs() -> None:
    _, arcs = whole_or_arcs(drawn_round((10, 100), (190, 250)), ROUND)
    first, second = sorted(arcs, key=lambda a: a.start)
    assert [first.start, first.end, second.start, second.end] == pytest.approx([10, 100, 190, 250], abs=3)


def test_specks_on_a_circle_are_no_arcs() -> None:
    speck = LEAST_ARC - 6
    whole, arcs = whole_or_arcs(drawn_round((30, 30 + speck), (200, 300)), ROUND)
    assert (whole, len(arcs)) == (None, 1)
    nowhere = Circle((60.0, 60.0), 20.0)
    assert whole_or_arcs(drawn_round((200, 300)), nowhere) == (None, list[Arc]())
