"""Places of pages: told to a model, or found, cut out and read."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.errors import ModelError
from ocr2.fox.colour_frames import COLORS, find_frame, paint_frame
from ocr2.models.protocols import LineReader
from ocr2.models.registry import load_line_reader
from ocr2.options import Color, FocusOptions, LoadOptions, Where, require_box
from ocr2.reading.lines.page import read_page
from ocr2.reading.questions.focus import find_place, focus_pages
from ocr2.results.box import Box
from tests.looking import LINE_BOXES, LINES, FakeAsker, framed, written_page


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return load_line_reader("got-nano", LoadOptions(device="cpu", dtype="float32"))


def test_the_words_in_a_box_are_read(reader: LineReader) -> None:
    options = FocusOptions(boxes=(LINE_BOXES[1],))
    found = focus_pages([written_page()], reader, options)
    assert (found.error, found.text, found.focus) == (None, LINES[1], "crop")
    (place,) = found.places
    assert place.box is not None
    assert place.box.as_list() == list(LINE_BOXES[1])
    assert found.confidence is not None
    assert found.confidence > 0.8


def test_a_box_that_cuts_lines_gives_whole_words(reader: LineReader) -> None:
    left, top, right, bottom = LINE_BOXES[1]
    page = written_page()
    inked = [np.flatnonzero((page[y0:y1] < 128).any(axis=(1, 2))) + y0 for _, y0, _, y1 in LINE_BOXES]
    cut = {i: (int(rows[0]) + 8, int(rows[-1]) - 7) for i, rows in enumerate(inked)}  # a little below, above its ends
    boxes = {
        "cuts into the line above": (left, cut[0][1], right, bottom),
        "cuts off the heads": (left, cut[1][0], right, bottom),
        "cuts off the feet": (left, top, right, cut[1][1]),
        "cuts into the line below": (left, top, right, cut[2][0]),
    }
    for what, box in boxes.items():
        found = focus_pages([page], reader, FocusOptions(boxes=(box,)))
        assert found.text == LINES[1], what
    words = LINES[1].split()
    half = focus_pages([page], reader, FocusOptions(boxes=((left, top, 300, bottom),))).text
    assert 0 < len(half.split()) < len(words)
    assert half.split() == words[: len(half.split())]


LONG = "Pages are read line by line and every word that stands in a box belongs to whoever wants the words there today"


def long_page(*, skew: float = 0.0, turned: bool = False) -> NDArray[np.uint8]:
    """Return twelve lines of 108 characters, each read in several strips and told by its first word."""
    image = Image.new("RGB", (1300, 620), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=20)
    for i in range(12):
        pen.text((90, 60 + 42 * i), f"Line{i} {LONG}", fill="black", font=font)
    page = np.asarray(image.rotate(-skew, resample=Image.Resampling.BICUBIC, fillcolor="white"), np.uint8)
    return np.ascontiguousarray(np.rot90(page)) if turned else page


def test_words_at_the_edges_of_a_box_within_long_lines_are_kept(reader: LineReader) -> None:
    whole = read_page(long_page()[..., 0].copy(), reader)
    words = [word for block in whole.blocks for line in block.lines[3:4] for word in line.words]
    assert len(words) > 15
    for left in range(100, 900, 90):
        box = (left, words[0].box.top - 6, left + 330, words[0].box.bottom + 6)
        expected = [w.text for w in words if box[0] <= w.box.middle[0] < box[2]]
        found = focus_pages([long_page()], reader, FocusOptions(boxes=(box,)))
        assert found.text.split() == expected


def test_a_point_means_one_line_of_a_crooked_or_turned_page(reader: LineReader) -> None:
    for skew in (0.0, 1.5, -3.0):
        angle = np.deg2rad(skew)
        for x, number in ((150, 4), (640, 7), (1000, 2)):
            across, down = x - 650, 72 + 42 * number - 310  # from the middle, about which the page turns
            point = (
                650 + across * np.cos(angle) - down * np.sin(angle),
                310 + across * np.sin(angle) + down * np.cos(angle),
            )
            found = focus_pages([long_page(skew=skew)], reader, FocusOptions(point=point))
            assert found.text.startswith(f"Line{number} Pages"), (skew, x)
            assert found.text.count("Line") == 1
    found = focus_pages([long_page(turned=True)], reader, FocusOptions(point=(72 + 42 * 4, 1300 - 640)))
    assert found.text.startswith("Line4 Pages")


def test_a_box_that_holds_no_words_middle_gives_none(reader: LineReader) -> None:
    left, top, _, bottom = LINE_BOXES[1]
    found = focus_pages([written_page()], reader, FocusOptions(boxes=((left, top, left + 24, bottom),)))
    assert (found.text, found.error) == ("", None)
    assert any("no word has its middle in the box" in note for note in found.warnings)


def test_what_lies_elsewhere_is_no_warning(reader: LineReader) -> None:
    page = written_page().copy()
    cv2.circle(page, (700, 330), 55, (0, 0, 0), 3)
    found = focus_pages([page], reader, FocusOptions(boxes=(LINE_BOXES[0],)))
    assert (found.text, found.warnings) == (LINES[0], ())


def test_a_page_without_lines_has_none_at_a_point(reader: LineReader) -> None:
    found = focus_pages([np.full((300, 300, 3), 255, np.uint8)], reader, FocusOptions(point=(10, 10)))
    assert found.error is not None
    assert "no line of writing was found" in found.error


def test_writing_too_large_for_a_page_is_cut_out(reader: LineReader) -> None:
    page = written_page()
    large = cv2.resize(page[LINE_BOXES[0][1] : LINE_BOXES[0][3]], None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    sheet = np.full((1200, large.shape[1], 3), 255, np.uint8)
    sheet[40:440, :800] = page
    sheet[600 : 600 + large.shape[0]] = large
    box = (0, 595, large.shape[1], 605 + large.shape[0])
    assert focus_pages([sheet], reader, FocusOptions(boxes=(box,))).text == LINES[0]


def test_thousandths_and_pixels_are_the_same_place(reader: LineReader) -> None:
    shares = tuple(1000 * v / (800, 400)[i % 2] for i, v in enumerate(LINE_BOXES[2]))
    found = focus_pages([written_page()], reader, FocusOptions(boxes=(require_box(shares),), unit="thousandths"))
    assert found.text == LINES[2]


def test_a_whole_page_of_any_size_is_a_box_in_thousandths() -> None:
    page = np.full((2007, 1500, 3), 255, np.uint8)
    place = find_place(page, Where(boxes=((0, 0, 1000, 1000),), unit="thousandths"))
    assert isinstance(place, Box)
    assert place.as_list() == [0, 0, 1500, 2007]


@pytest.mark.parametrize("number", range(3))
def test_a_point_means_the_line_it_lies_on_or_next_to(reader: LineReader, number: int) -> None:
    page = written_page()
    y = (LINE_BOXES[number][1] + LINE_BOXES[number][3]) / 2
    for x in (55, 300):
        found = focus_pages([page], reader, FocusOptions(point=(x, y)))
        assert found.text == LINES[number]
        (place,) = found.places
        assert place.box is not None
        assert place.box.top <= y < place.box.bottom


def test_a_colour_means_the_inside_of_its_frame(reader: LineReader) -> None:
    page = framed(framed(written_page(), LINE_BOXES[0], COLORS["red"]), LINE_BOXES[2], COLORS["blue"])
    for color, line in (("red", 0), ("blue", 2)):
        assert focus_pages([page], reader, FocusOptions(color=color)).text == LINES[line]  # type: ignore[arg-type]
    found = focus_pages([page], reader, FocusOptions(color="green"))
    assert found.error is not None
    assert "no green frame was found" in found.error


def test_pages_are_read_each_at_its_box_and_compared(reader: LineReader) -> None:
    pages = [written_page(), written_page(["x"])]
    boxes = (LINE_BOXES[0], LINE_BOXES[0])
    found = focus_pages(pages, reader, FocusOptions(boxes=boxes))
    assert found.parts[0] == LINES[0]
    assert found.text == "\n\n".join(found.parts)
    assert focus_pages(pages, reader, FocusOptions(task="compare", boxes=boxes)).text == "Page 1"
    assert focus_pages(pages[::-1], reader, FocusOptions(task="compare", boxes=boxes)).text == "Page 2"


def test_a_model_that_reads_is_not_asked_to_translate(reader: LineReader) -> None:
    with pytest.raises(ModelError, match=r"got-nano reads what stands there .* --task translate; fox was taught"):
        focus_pages([written_page()], reader, FocusOptions(task="translate"))


@pytest.mark.parametrize(
    ("places", "pages", "message"),
    [
        ({"boxes": ((0, 0, 10, 10),)}, 2, "expected a box for each page: got 1 boxes for 2 pages"),
        ({"boxes": ((0, 0, 900, 10),)}, 1, "not inside a page of 800 x 400"),
        ({"boxes": ((10, 10, 10, 20),)}, 1, "is empty or not inside"),
        ({"boxes": ((1, 2, 3),)}, 1, "got 3 numbers"),
        ({"point": (801, 10)}, 1, "the point .* is not inside a page of 800 x 400"),
        ({"boxes": ((0, 0, 9, 9),) * 9}, 9, "takes 1 to 8 pages"),
    ],
)
def test_places_that_do_not_fit_are_refused(places: dict[str, Any], pages: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        focus_pages([written_page()] * pages, FakeAsker(), FocusOptions(**places))


def test_two_ways_of_pointing_and_unknown_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="give one, not boxes and color"):
        Where(boxes=((0, 0, 9, 9),), color="red")
    with pytest.raises(ValueError, match="color must be one of red, green, blue, got 'pink'"):
        Where(color="pink")  # type: ignore[arg-type]


def test_a_model_that_was_taught_gets_all_pages_and_one_question() -> None:
    asker = FakeAsker("two texts")
    pages = [written_page(), written_page(height=200)]
    found = focus_pages(pages, asker, FocusOptions(boxes=((80, 40, 400, 200), (80, 40, 400, 100))))
    (question,) = asker.asked
    assert [p.shape for p in question.pictures] == [(400, 800, 3), (200, 800, 3)]
    assert question.text == ("OCR boxes on multiple pages. Page 1: [100, 100, 500, 500], Page 2: [100, 200, 500, 500].")
    assert (found.text, found.focus, found.confidence) == ("two texts", "prompt", 0.75)


def test_a_page_that_cannot_be_opened_is_told_and_nothing_asked(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG no")
    asker = FakeAsker()
    found = focus_pages([str(broken)], asker, FocusOptions())
    assert found.error is not None
    assert "broken.png" in found.error
    assert not asker.asked


@given(
    st.integers(10, 200),
    st.integers(10, 120),
    st.integers(20, 180),
    st.integers(16, 150),
    st.sampled_from(list(COLORS)),
)
@settings(max_examples=40, deadline=None)
def test_a_painted_frame_is_found(left: int, top: int, width: int, height: int, color: Color) -> None:
    page = np.full((320, 420, 3), 250, np.uint8)
    page[100:110, 50:380] = 30
    box = (left, top, left + width, top + height)
    found = find_frame(paint_frame(page, box, color), color)
    assert found is not None
    assert found.as_list() == pytest.approx(box, abs=2)
    assert all(find_frame(paint_frame(page, box, color), other) is None for other in COLORS if other != color)


def test_a_frame_survives_a_photograph() -> None:
    page = framed(written_page(), LINE_BOXES[1], COLORS["green"])
    ok, data = cv2.imencode(".jpg", cv2.GaussianBlur(page[..., ::-1], (0, 0), 1.2), [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert ok
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None
    worn = np.asarray(decoded[..., ::-1], np.uint8)
    found = find_frame(worn, "green")
    assert found is not None
    assert found.as_list() == pytest.approx(LINE_BOXES[1], abs=8)


def test_coloured_pictures_are_no_frames() -> None:
    page = np.full((300, 300, 3), 255, np.uint8)
    page[50:200, 50:200] = (220, 20, 20)
    assert find_frame(page, "red") is None
