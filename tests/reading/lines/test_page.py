"""Pages: frames, empty pages, failures that stay on their page."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import DetectedLine
from ocr2.options import ReadOptions
from ocr2.reading.lines.page import read_page
from ocr2.reading.read import read_document
from ocr2.results.box import Box
from ocr2.synth.pages import draw_page, draw_style
from ocr2.tiling.upright import Frame, straighten, turn


def blank(value: int = 255) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    return np.full((500, 400), value, np.uint8)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_page_has_no_text(value: int, fixed_reader: Callable[..., Any]) -> None:
    page = read_page(blank(value), fixed_reader())
    assert page.blocks == ()
    assert page.confidence is None
    assert page.text == ""


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 3), (7, 2000)])
def test_tiny_pages_are_read_without_fuss(size: tuple[int, int], fixed_reader: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    page = read_page(rng.integers(0, 255, size, dtype=np.uint8), fixed_reader())
    assert page.error is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3), st.floats(-3, 3), st.integers(10, 80), st.integers(10, 80))
def test_boxes_go_back_to_the_given_pixels(turns: int, skew: float, x: int, y: int) -> None:
    image = blank()
    image[y : y + 12, x : x + 20] = 0
    turned = turn(image, turns)
    level, matrix = straighten(turned, skew)
    rows, columns = np.nonzero(level < 128)
    found = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    back = Frame(400, 500, turns, matrix).to_source(found)
    assert abs(back.left - x) <= 4
    assert abs(back.top - y) <= 4
    assert abs(back.right - x - 20) <= 4
    assert abs(back.bottom - y - 12) <= 4


def test_marks_that_read_with_little_confidence_are_left_out(
    fixed_reader: Callable[..., Any], page_fonts: Any, prose: Any
) -> None:
    rng = np.random.default_rng(3)
    gray = draw_page(rng, draw_style(rng), page_fonts, prose).gray
    doubtful = read_page(gray, fixed_reader(probability=0.2))
    assert doubtful.blocks == ()
    assert any("do not look like writing" in warning for warning in doubtful.warnings)
    assert read_page(gray, fixed_reader()).blocks


def test_words_lie_inside_their_page(fixed_reader: Callable[..., Any], page_fonts: Any, prose: Any) -> None:
    for seed in range(4):
        rng = np.random.default_rng([9, seed])
        page = read_page(draw_page(rng, draw_style(rng), page_fonts, prose).gray, fixed_reader())
        words = [w for b in page.blocks for line in b.lines for w in line.words]
        assert words
        assert all(0 <= w.box.left < w.box.right <= page.width for w in words)
        assert all(0 <= w.box.top < w.box.bottom <= page.height for w in words)


def test_foreign_script_is_reported(fixed_reader: Callable[..., Any], page_fonts: Any, prose: Any) -> None:
    rng = np.random.default_rng(1)
    page = read_page(draw_page(rng, draw_style(rng), page_fonts, prose).gray, fixed_reader(text="a \ufffd b"))
    assert any("script this model does not read" in warning for warning in page.warnings)


def test_a_page_in_a_script_that_the_model_was_not_taught_gives_no_words(
    fixed_reader: Callable[..., Any], page_fonts: Any, prose: Any
) -> None:
    rng = np.random.default_rng(1)
    page = read_page(draw_page(rng, draw_style(rng), page_fonts, prose).gray, fixed_reader(agreement=0.4))
    assert page.text == ""
    (warning,) = page.warnings
    assert "a script, or a hand, that this model does not read" in warning


def test_a_doubtful_line_is_named(fixed_reader: Callable[..., Any]) -> None:
    gray = written(("Once upon a time", 100, 60))
    assert read_page(gray, fixed_reader(text="somewords", probability=0.87)).warnings == (
        "1 line is doubtful: line 1 ('somewords')",
    )
    assert read_page(gray, fixed_reader()).warnings == ()


def written(*lines: tuple[str, int, int]) -> Any:
    """Draw lines of 30-pixel type: text, left end, base line."""
    image = Image.new("L", (700, 400), 255)
    for text, x, y in lines:
        ImageDraw.Draw(image).text((x, y), text, font=ImageFont.load_default(size=30), fill=0, anchor="ls")
    return np.asarray(image, np.uint8)


def detected(x: float, y: float, length: float, angle: float = 0.0) -> DetectedLine:
    turn = np.radians(angle)
    step = np.array([np.cos(turn), -np.sin(turn)]) * length / 2
    points = tuple((float(x + s * step[0]), float(y + s * step[1])) for s in (-0.8, 0.0, 0.8))
    return DetectedLine(x=x, y=y, length=length, x_height=16.0, angle=angle, points=points, confidence=0.95)


@pytest.mark.parametrize(("agreement", "read"), [(0.9, [True]), (1.0, [True, False])])
def test_what_the_detector_does_not_take_for_text_is_read_if_there_is_no_doubt(
    fixed_reader: Callable[..., Any], agreement: float, read: list[bool]
) -> None:
    reader = fixed_reader(probability=0.9, agreement=agreement)
    reader.lines = [detected(220, 92, 240)]
    page = read_page(written(("Once upon a time", 100, 100), ("zigzag zigzag", 100, 300)), reader)
    assert [line.box.top < 110 for block in page.blocks for line in block.lines] == read


def test_print_that_the_detector_hardly_sees_is_found_by_its_white_space(fixed_reader: Callable[..., Any]) -> None:
    lines = [("Once upon a time", 100, 100 + 60 * i) for i in range(5)]
    reader = fixed_reader()
    reader.lines = [detected(220, 92, 240)]
    found = [line.box for block in read_page(written(*lines), reader).blocks for line in block.lines]
    alone = [line.box for block in read_page(written(*lines), fixed_reader()).blocks for line in block.lines]
    assert len(found) == 5
    assert np.abs(np.array([tuple(a) for a in found]) - [tuple(a) for a in alone]).max() <= 2


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_detector_turns_a_page_that_lies_on_its_side(fixed_reader: Callable[..., Any], turns: int) -> None:
    reader = fixed_reader()
    gray = turn(written(("Once upon a time", 100, 100)), turns)
    seen = []

    def find_lines(page: Any, x_height: float) -> list[DetectedLine]:
        seen.append(page.shape)
        upright = len(seen) > 1
        return [detected(220, 92, 240, 0.0 if upright else 90.0 * turns)]

    reader.find_lines = find_lines
    assert read_page(gray, reader).rotation == 90 * (4 - turns)


def test_lines_that_run_up_a_page_are_read_after_the_others(fixed_reader: Callable[..., Any]) -> None:
    reader = fixed_reader()
    page = written(("Once upon a time", 100, 100))
    page = np.concatenate([page, turn(written(("there was", 350, 60)), 1)[:400]], axis=1)
    reader.lines = [detected(220, 92, 240), detected(752, 280, 140, 90.0)]
    blocks = read_page(page, reader).blocks
    assert [block.text for block in blocks] == ["word", "word"]
    assert blocks[1].box is not None
    assert blocks[1].box.left >= 700
    assert blocks[1].box.height > blocks[1].box.width


def test_a_bad_page_does_not_stop_the_others(fixed_reader: Callable[..., Any]) -> None:
    def images() -> Iterator[Any]:
        yield Image.fromarray(blank())
        yield np.zeros((3, 3, 7), np.uint8)
        yield blank()

    document = read_document(images(), fixed_reader(), ReadOptions())
    assert [page.error is None for page in document.pages] == [True, False, True]
    assert "must be (height, width)" in str(document.pages[1].error)


def test_a_page_over_time_is_recorded(fixed_reader: Callable[..., Any], page_fonts: Any, prose: Any) -> None:
    rng = np.random.default_rng(1)
    gray = draw_page(rng, draw_style(rng), page_fonts, prose).gray
    document = read_document(gray, fixed_reader(), ReadOptions(page_timeout=1e-9))
    assert "took longer than 1e-09 s" in str(document.pages[0].error)


def test_a_page_of_countless_specks_is_left_alone_and_says_so(fixed_reader: Callable[..., Any]) -> None:
    page = np.full((3200, 3200), 255, np.uint8)
    page[np.ix_(np.arange(3200) % 9 < 4, np.arange(3200) % 9 < 4)] = 0
    reader = fixed_reader()
    read = read_page(page, reader)
    assert read.blocks == ()
    assert read.warnings
    assert reader.seen < 200


def test_large_drawings_are_not_passed_over_in_silence(fixed_reader: Callable[..., Any]) -> None:
    image = Image.new("L", (800, 800), 255)
    ImageDraw.Draw(image).text((100, 50), "A", font=ImageFont.load_default(size=500), fill=0)
    page = read_page(np.asarray(image, np.uint8), fixed_reader())
    assert any("too large for running text" in warning for warning in page.warnings)
