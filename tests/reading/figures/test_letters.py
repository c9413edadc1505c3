"""The writing of a figure: where it is, the points that letters name, arrows that lead from it."""

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import LineReader, TextBox
from ocr2.reading.figures.letters import (
    find_arrow,
    find_texts,
    lies_on,
    name_points,
    read_texts,
    settle_letters,
    without_strokes,
)
from ocr2.reading.figures.paper import Paper, covered, ink_on_paper
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import Mark, Segment
from tests.fakes import FixedReader

Picture = NDArray[np.uint8]


def page(size: int = 300, ground: int = 255) -> Picture:
    return np.full((size, size, 3), ground, np.uint8)


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
    explained = covered(paper, Geometry(tuple(sides)))
    texts = find_texts(paper, explained)
    middles = [((t.text.box[0] + t.text.box[2]) / 2, (t.text.box[1] + t.text.box[3]) / 2) for t in texts]
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
    texts = [at("R'", 103, 98, 0.8), at("E", 200, 100, 0.7), at("12", 300, 100, 0.99)]
    settled = settle_letters(seen, texts)
    assert [(t.text, t.confidence) for t in settled] == [("R'", 0.8), ("B", 0.9), ("C", 0.5)]
    assert [t.box for t in settled] == [t.box for t in seen]


def test_names_that_the_tracer_did_not_see_are_added_where_they_are_sure() -> None:
    texts = [at("Z", 50, 50, 0.9), at("Y", 50, 150, 0.4), at("12", 50, 250, 0.9), at("x", 50, 350, 0.9)]
    assert settle_letters([at("A", 100, 100, 0.6)], texts)[1:] == [texts[0]]


def test_a_text_at_a_letters_place_is_that_letter() -> None:
    letter = at("A", 100, 100)
    assert lies_on(at("4", 104, 103), letter)
    assert not lies_on(replace(at("4", 130, 103)), letter)


def boxed(*boxes: tuple[int, int, int, int]) -> Paper:
    """Filled boxes: left, top, right, bottom."""
    picture = page(200)
    for left, top, right, bottom in boxes:
        picture[top:bottom, left:right] = 0
    paper = ink_on_paper(picture)
    assert paper is not None
    return paper


NOTHING = np.zeros((200, 200), np.bool_)


def test_where_a_tracer_sees_writing_is_writing_and_nothing_else_is() -> None:
    picture, ends = lettered()
    picture = picture.copy()
    cv2.line(picture, (230, 180), (238, 196), (0, 0, 0), 2)  # a tick
    paper = ink_on_paper(picture)
    assert paper is not None
    explained = covered(paper, Geometry(tuple(Segment(ends[i], ends[(i + 1) % 3]) for i in range(3))))
    assert len(find_texts(paper, explained)) == 5
    seen = [(50.0, 308.0, 70.0, 328.0), (186.0, 312.0, 214.0, 332.0)]
    a, twelve = sorted(find_texts(paper, explained, seen), key=lambda t: t.text.box)
    assert a.text.box[0] < 60 < a.text.box[2]
    assert twelve.text.box[0] < 200 < twelve.text.box[2]
    assert a.degree is twelve.degree is None
    assert find_texts(paper, explained, []) == []


def test_pieces_in_one_box_that_was_seen_are_one_text() -> None:
    paper = boxed((40, 90, 50, 110), (68, 90, 78, 110))  # apart by nearly their height
    assert len(find_texts(paper, NOTHING)) == 2
    (both,) = find_texts(paper, NOTHING, [(38.0, 88.0, 80.0, 112.0)])
    assert both.text.box == pytest.approx((40, 90, 78, 110), abs=1)
    one, other = find_texts(paper, NOTHING, [(38.0, 88.0, 56.0, 112.0), (62.0, 88.0, 80.0, 112.0)])
    assert one.text.box[2] < other.text.box[0]


def test_a_degree_sign_is_no_part_of_the_text_before_it() -> None:
    picture = page(200)
    picture[90:110, 40:48] = picture[90:110, 54:62] = 0
    cv2.circle(picture, (68, 92), 3, (0, 0, 0), 1, cv2.LINE_AA)
    paper = ink_on_paper(picture)
    assert paper is not None
    (place,) = find_texts(paper, NOTHING, [(38.0, 86.0, 74.0, 112.0)])
    assert place.text.box == pytest.approx((40, 90, 62, 110), abs=1)
    assert place.degree is not None
    assert place.degree == pytest.approx((65, 89, 72, 96), abs=2)


def told(word: str) -> Callable[[], LineReader]:
    return lambda: FixedReader(word)


def test_writing_is_read_with_its_degree_sign_and_a_name_with_a_dot_stays_a_name() -> None:
    picture = page(200)
    picture[90:110, 40:48] = picture[90:110, 54:62] = 0
    cv2.circle(picture, (68, 92), 3, (0, 0, 0), 1, cv2.LINE_AA)
    paper = ink_on_paper(picture)
    assert paper is not None
    seen = [(38.0, 86.0, 74.0, 112.0)]
    (measure,) = read_texts(picture, paper, NOTHING, seen, told("60"))
    assert measure.text == "60°"
    assert measure.box[2] > 68 > measure.box[2] - 6
    (letter,) = read_texts(picture, paper, NOTHING, seen, told("B"))
    assert letter.text == "B"
    assert letter.box[2] < 66


def test_without_writing_no_reader_is_loaded() -> None:
    def never() -> LineReader:
        raise AssertionError

    picture = page(200)
    picture[100:102, 20:180] = 0
    paper = ink_on_paper(picture)
    assert paper is not None
    assert read_texts(picture, paper, covered(paper, Geometry((Segment((20, 101), (180, 101)),))), None, never) == []


TWELVE = TextBox("12", (40, 40, 64, 60))


def arrowed(*, start: tuple[int, int] = (70, 55)) -> Picture:
    """A line with a measure to its upper left, and an arrow from somewhere to the line."""
    picture = page(300)
    cv2.line(picture, (20, 200), (280, 200), (0, 0, 0), 2)
    cv2.rectangle(picture, (43, 43), (60, 56), (0, 0, 0), -1)
    cv2.arrowedLine(picture, start, (140, 190), (0, 0, 0), 1, cv2.LINE_AA, tipLength=0.08)
    return picture


def pointed(picture: Picture, *marks: Mark) -> tuple[float, float] | None:
    paper = ink_on_paper(picture)
    assert paper is not None
    explained = covered(paper, Geometry((Segment((20, 200), (280, 200)),)))
    return find_arrow(TWELVE, paper, explained, [TWELVE], marks)


def test_an_arrow_leads_from_writing_to_its_tip() -> None:
    tip = pointed(arrowed())
    assert tip is not None
    assert math.dist(tip, (140, 190)) < 5


def test_an_arrow_that_begins_elsewhere_and_a_mark_are_none() -> None:
    assert pointed(arrowed(start=(110, 110))) is None
    assert pointed(arrowed(), Mark("tick", 1, (100.0, 115.0), ())) is None
    plain = arrowed()
    plain[:, 68:150] = 255  # the arrow wiped out
    assert pointed(plain) is None
