"""Lines from the bands that a text detector finds."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.tiling.columns import Band
from ocr2.tiling.detected import find_text
from ocr2.tiling.ink import find_ink, without_other_ink
from ocr2.tiling.strips import cut_strips

SIZE = 32
FONT = ImageFont.load_default(size=SIZE)


class Page:
    """A page that is drawn with the bands of its lines."""

    def __init__(self, paper: int = 255) -> None:
        self.image = Image.new("L", (900, 400), paper)
        self.pen = ImageDraw.Draw(self.image)
        self.bands: list[Band] = []

    def write(self, x: float, base: float, text: str, ink: int = 0) -> float:
        self.pen.text((x, base), text, font=FONT, fill=ink, anchor="ls")
        end = x + self.pen.textlength(text, font=FONT)
        self.bands.append(Band(x, base - 0.52 * SIZE, end, base))
        return float(end)

    def raised(self, x: float, base: float, text: str) -> float:
        font = ImageFont.load_default(size=round(0.62 * SIZE))
        self.pen.text((x, base - 0.36 * SIZE), text, font=font, fill=0, anchor="ls")
        return float(x + self.pen.textlength(text, font=font))

    @property
    def gray(self) -> NDArray[np.uint8]:
        return np.asarray(self.image, np.uint8)


def owned(page: Page) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the ink of a page's lines, and where they are."""
    text = find_text(page.gray, find_ink(page.gray), page.bands)
    return text.mask, text.places


def test_a_line_has_its_tall_and_deep_letters_and_its_dots() -> None:
    page = Page()
    page.write(50, 200, "Typing, quickly!")
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    rows = np.flatnonzero((page.gray < 128).any(axis=1))
    columns = np.flatnonzero((page.gray < 128).any(axis=0))
    assert abs(line.box.top - rows[0]) <= 2
    assert abs(line.box.bottom - rows[-1] - 1) <= 2
    assert abs(line.box.left - columns[0]) <= 2
    assert abs(line.box.right - columns[-1] - 1) <= 2


def test_parts_of_one_row_are_one_line() -> None:
    page = Page()
    page.write(50, 200, "Name")
    page.write(500, 200, "Anna")
    assert len(find_text(page.gray, find_ink(page.gray), page.bands).lines) == 1


def test_a_raised_mark_is_a_strip_by_itself_and_quotes_are_not() -> None:
    page = Page()
    middle = page.raised(page.write(50, 200, 'He said "yes" to ponds,'), 200, "[2]")
    page.write(middle + 10, 200, "and rivers")
    whole = Band(page.bands[0].left, page.bands[0].top, page.bands[1].right, page.bands[1].bottom)
    ink = find_ink(page.gray)
    (line,) = find_text(page.gray, ink, [whole]).lines
    assert [mark.kind for mark in line.marks] == ["raised"]
    assert abs((line.marks[0].box.left + line.marks[0].box.right) / 2 - middle) < 40
    strips = cut_strips(ink.mask, [line.box], max_width=2000, marks=[line.marks])
    assert [strip.mark for strip in strips] == [None, "raised", None]


def test_dots_that_lead_to_a_number_are_a_mark() -> None:
    page = Page()
    page.write(50, 200, "The Holy Well . . . . . . . . . . . . . . 90")
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert [mark.kind for mark in line.marks] == ["leader"]


def test_a_dashed_rule_below_a_row_does_not_close_the_white_between_its_words() -> None:
    page = Page()
    page.write(50, 200, "Total")
    page.write(500, 200, "10.94")
    for x in range(40, 620, 12):
        page.pen.rectangle((x, 211, x + 6, 213), fill=0)
    ink = find_ink(page.gray)
    (line,) = find_text(page.gray, ink, page.bands).lines
    assert line.box.bottom <= 211
    clean = without_other_ink(ink, *owned(page))
    assert len(cut_strips(clean.mask, [line.box], max_width=2000)) == 2


def test_letters_of_a_row_close_below_that_was_not_found_are_no_ink_of_the_line() -> None:
    page = Page()
    page.write(50, 200, "No 2A MAIN STREET")
    page.pen.text((50, 200 + SIZE), "55100 NEW TOWN", font=FONT, fill=0, anchor="ls")
    band = page.bands[0]
    low = Band(band.left, band.top + 6, band.right, band.bottom + 6)  # places of lines are not exact
    (line,) = find_text(page.gray, find_ink(page.gray), [low]).lines
    assert line.box.bottom <= 203


def test_dots_and_accents_of_letters_are_no_dashed_rule() -> None:
    page = Page()
    page.write(50, 200, "iiiiiiiiii, ïïïïïïïï, ;;;;;;;;")
    rows = np.flatnonzero((page.gray < 128).any(axis=1))
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert line.box.top - rows[0] <= 2
    assert rows[-1] - line.box.bottom <= 2


def test_dots_between_parts_of_a_row_that_no_part_has_are_a_mark() -> None:
    page = Page()
    end = page.write(50, 200, "General rules")
    for x in range(round(end) + 12, 690, 12):
        page.pen.rectangle((x, 197, x + 2, 199), fill=0)
    page.write(700, 200, "12")
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert [mark.kind for mark in line.marks] == ["leader"]
    assert line.marks[0].box.right - line.marks[0].box.left > 300


def test_a_stroke_across_a_line_does_not_make_it_higher() -> None:
    page = Page()
    page.write(50, 200, "Typing, quickly!")
    (before,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    page.pen.line((60, 250, 130, 150), fill=0, width=2)
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert abs(line.box.top - before.box.top) <= 1
    assert abs(line.box.bottom - before.box.bottom) <= 1


def test_the_upper_half_of_a_worn_letter_is_no_raised_mark() -> None:
    def marks(ink: int) -> int:
        page = Page()
        end = round(page.write(50, 200, "Ten of them were broken"))
        page.pen.rectangle((end + 8, 171, end + 20, 186), fill=0)  # the bowl of a P
        page.pen.rectangle((end + 8, 187, end + 10, 200), fill=ink)  # its stem
        page.bands[0] = Band(50, 200 - 0.52 * SIZE, end + 20, 200)
        return len(find_text(page.gray, find_ink(page.gray), page.bands).lines[0].marks)

    assert marks(255) == 1
    assert marks(188) == 0


def test_strokes_beside_a_line_are_neither_ink_of_it_nor_in_its_strips() -> None:
    page = Page()
    page.write(300, 200, "beside a drawing")
    for x in range(20, 280, 12):
        page.pen.line((x, 100, x + 30, 300), fill=0, width=2)
    ink = find_ink(page.gray)
    text = find_text(page.gray, ink, page.bands)
    clean = without_other_ink(ink, text.mask, text.places)
    assert text.lines[0].box.left >= 290
    assert int((clean.clean[:, :280] < 128).sum()) == 0
    assert int((clean.clean[:, 300:] < 128).sum()) > 500


def test_light_text_on_a_dark_panel_is_found() -> None:
    page = Page()
    page.pen.rectangle((0, 150, 900, 230), fill=40)
    page.write(50, 200, "Light on dark", ink=235)
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert abs(line.box.left - 50) < 8
    assert line.box.height < 1.6 * SIZE


def test_a_band_without_ink_is_no_line() -> None:
    page = Page()
    assert find_text(page.gray, find_ink(page.gray), [Band(50, 180, 300, 200)]).lines == []


def test_a_bullet_before_a_line_belongs_to_it_and_a_speck_further_off_does_not() -> None:
    page = Page()
    page.write(120, 200, "first things")
    page.pen.ellipse((70, 186, 80, 196), fill=0)
    page.pen.ellipse((10, 186, 20, 196), fill=0)
    (line,) = find_text(page.gray, find_ink(page.gray), page.bands).lines
    assert abs(line.box.left - 70) <= 2
