"""Ink under strokes: what is ink, dashes, circles, letters beside points."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import TextBox
from ocr2.reading.figures.letters import find_texts, lies_on, name_points, settle_letters, without_strokes
from ocr2.reading.figures.strokes import (
    circle_path,
    covered,
    fit_circle,
    ink_along,
    ink_on_paper,
    is_dashed,
    segment_path,
)
from ocr2.results.figure import Circle, Segment

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


def lettered() -> tuple[Picture, list[tuple[float, float]]]:
    picture = page(400)
    ends = [(80, 300), (320, 300), (150, 100)]
    for a, b in ((0, 1), (1, 2), (2, 0)):
        cv2.line(picture, ends[a], ends[b], (0, 0, 0), 2)
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=24)
    for text, at in (("A", (60, 318)), ("B", (342, 312)), ("C", (148, 76)), ("12", (200, 322))):
        pen.text(at, text, fill="black", font=font, anchor="mm")
    return np.asarray(image, np.uint8), [(float(x), float(y)) for x, y in ends]


def test_writing_is_what_no_stroke_explains() -> None:
    picture, ends = lettered()
    paper = ink_on_paper(picture)
    assert paper is not None
    sides = [Segment(ends[i], ends[(i + 1) % 3]) for i in range(3)]
    explained = covered(paper, sides, [])
    texts = find_texts(paper, explained)
    middles = [((t.box[0] + t.box[2]) / 2, (t.box[1] + t.box[3]) / 2) for t in texts]
    assert len(texts) == 4
    for at in ((60, 318), (342, 312), (148, 76), (200, 322)):
        assert min(math.dist(at, m) for m in middles) < 6
    assert len(find_texts(paper, np.ones_like(explained))) == 0
    cleaned = without_strokes(picture, explained)
    assert cleaned[200:202, 115].min() == 255
    assert cleaned[300, 200].min() == 255


def at(text: str, x: float, y: float, confidence: float = 0.9) -> TextBox:
    return TextBox(text, (x - 8, y - 10, x + 8, y + 10), confidence=confidence)


def test_letters_go_to_the_points_beside_them() -> None:
    points = [(100.0, 100.0), (130.0, 100.0), (300.0, 300.0)]
    texts = [at("A", 112, 88), at("B", 128, 80), at("12", 300, 290), at("x", 300, 310), at("D", 200, 200)]
    assert name_points(texts, points) == {"A": points[0], "B": points[1]}  # the shortest ways together
    assert name_points([at("A'", 310, 310), at("C1.", 100, 110)], points) == {"A'": points[2], "C1": points[0]}
    twice = [at("A", 100, 90, 0.4), at("A", 300, 290, 0.8)]
    assert name_points(twice, points) == {"A": points[2]}
    assert name_points([], points) == name_points(texts, []) == {}


def test_the_surer_of_tracer_and_reader_names_a_letter() -> None:
    seen = [at("A", 100, 100, 0.6), at("B", 200, 100, 0.9), at("C", 300, 100, 0.5)]
    texts = [at("R'", 103, 98, 0.8), at("E", 200, 100, 0.7), at("12", 300, 100, 0.99), at("Z", 50, 50, 1.0)]
    settled = settle_letters(seen, texts)
    assert [(t.text, t.confidence) for t in settled] == [("R'", 0.8), ("B", 0.9), ("C", 0.5)]
    assert [t.box for t in settled] == [t.box for t in seen]


def test_a_text_at_a_letters_place_is_that_letter() -> None:
    letter = at("A", 100, 100)
    assert lies_on(at("4", 104, 103), letter)
    assert not lies_on(replace(at("4", 130, 103)), letter)
