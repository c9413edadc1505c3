"""What Fox is asked, and frames around places."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.fox.colour_frames import paint_frame
from ocr2.fox.prompts import focus_question
from ocr2.options import FocusTask, Where
from ocr2.places import box_in_thousandths

PAGE = [(800, 1200)]
BOX = ((80, 120, 400, 600),)


@pytest.mark.parametrize(
    ("task", "focus", "pages", "question"),
    [
        ("ocr", Where(), PAGE, "Give the OCR results of the box [2, 2, 998, 998]."),
        ("translate", Where(boxes=BOX), PAGE, "Translate the content of the box [100, 100, 500, 500]."),
        ("summary", Where(boxes=BOX), PAGE, "Summarize the content of the box [100, 100, 500, 500]."),
        ("caption", Where(boxes=BOX), PAGE, "What is this in the box [100, 100, 500, 500]?"),
        ("latex", Where(boxes=BOX), PAGE, "Convert the box [100, 100, 500, 500] to Latex format."),
        ("ocr", Where(color="blue"), PAGE, "OCR blue box"),
        ("ocr", Where(point=(500, 250), unit="thousandths"), PAGE, "OCR the line [500, 250]."),
        (
            "ocr",
            Where(boxes=((1, 2, 3, 4), (5, 6, 7, 8)), unit="thousandths"),
            PAGE * 2,
            "OCR boxes on multiple pages. Page 1: [1, 2, 3, 4], Page 2: [5, 6, 7, 8].",
        ),
        (
            "compare",
            Where(boxes=((1, 2, 3, 4), (5, 6, 7, 8)), unit="thousandths"),
            PAGE * 2,
            "Which page's box contains more characters? Page 1: [1, 2, 3, 4], Page 2: [5, 6, 7, 8].",
        ),
    ],
)
def test_questions_are_the_published_ones(
    task: FocusTask, focus: Where, pages: list[tuple[int, int]], question: str
) -> None:
    assert focus_question(task, focus, pages) == question


@pytest.mark.parametrize(
    ("task", "focus", "pages", "message"),
    [
        ("ocr", {"boxes": BOX * 2}, 1, "got 2 boxes for 1 pages"),
        ("ocr", {"boxes": BOX}, 2, "got 1 boxes for 2 pages"),
        ("ocr", {"boxes": ((0, 0, 801, 5),)}, 1, "not inside a page of 800 x 1200 pixels"),
        ("ocr", {"boxes": ((0, 0, 1),)}, 1, "got 3 numbers"),
        ("ocr", {"boxes": ((5, 5, 5, 9),)}, 1, "is empty"),
        ("ocr", {"point": (900, 5)}, 1, "the point .* is not inside"),
        ("summary", {"point": (9, 5)}, 1, "a point says where to read one page; got summary of 1"),
        ("ocr", {"color": "red"}, 2, "a colour says where to read one page; got ocr of 2"),
        ("latex", {"boxes": BOX * 2}, 2, "latex is a task for one page, got 2; several can be ocr or compare"),
        ("compare", {"boxes": BOX}, 1, "compare is a task for several pages, got one"),
        ("ocr", {}, 9, "1 to 8 pages, got 9"),
        ("ocr", {"color": "pink"}, 1, "color must be one of red, green, blue, got 'pink'"),
        ("ocr", {"unit": "cm"}, 1, "unit must be one of px, thousandths"),
        ("ocr", {"boxes": BOX, "point": (1, 1)}, 1, "give one, not boxes and point"),
    ],
)
def test_what_cannot_be_asked_is_told(task: Any, focus: dict[str, Any], pages: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        focus_question(task, Where(**focus), PAGE * pages)


sizes = st.integers(1, 5000)


@given(sizes, sizes, st.data())
def test_boxes_of_pixels_become_thousandths(width: int, height: int, data: st.DataObject) -> None:
    left, top = (data.draw(st.integers(0, side - 1)) for side in (width, height))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    box = box_in_thousandths((left, top, right, bottom), (width, height), "px", rounding="nearest")
    assert all(0 <= v <= 1000 for v in box)
    for share, pixel, side in zip(box, (left, top, right, bottom), (width, height) * 2, strict=True):
        assert abs(share * side / 1000 - pixel) <= side / 2000 + 1e-9


def test_frames_are_drawn_just_outside() -> None:
    page = np.full((1179, 833, 3), 200, np.uint8)
    framed = paint_frame(page, (100, 200, 300, 400), "green")
    assert (page == 200).all()
    assert (framed[200:400, 100:300] == 200).all()
    green = (framed == (0, 255, 0)).all(axis=2)
    assert green.sum() == 210 * 210 - 200 * 200
    assert green[195:405, 95:305].sum() == green.sum()
    edge = paint_frame(page, (0, 0, 833, 1179), "red")
    assert (edge == page).all()  # no room outside
    with pytest.raises(ValueError, match="not inside a page of 833 x 1179 pixels"):
        paint_frame(page, (0, 0, 900, 10), "red")
