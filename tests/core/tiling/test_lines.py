"""Lines of writing where empty rows do not separate them: specks, dashed rules, forms, marks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.results.box import Box
from ocr2.tiling.ink import find_ink
from ocr2.tiling.layout import find_lines
from ocr2.tiling.strips import cut_strips
from ocr2.tiling.upright import estimate_skew, is_sideways

Gray = NDArray[np.uint8]


def canvas(*texts: tuple[int, int, str], size: int = 24, shape: tuple[int, int] = (300, 600)) -> Image.Image:
    image = Image.new("L", (shape[1], shape[0]), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=size)
    for x, y, text in texts:
        pen.text((x, y), text, font=font, fill=0)
    return image


def lines_of(image: Image.Image) -> list[Box]:
    ink = find_ink(np.asarray(image, np.uint8))
    return [line.box for line in find_lines(ink.mask, ink.x_height)]


def test_a_short_line_below_a_long_one_stands_alone_though_specks_bridge_them() -> None:
    image = canvas((20, 20, "NO 290 JALAN AIR PANAS"), (120, 60, "SETAPAK"))
    ImageDraw.Draw(image).line((15, 20, 15, 85), fill=0, width=2)  # dirt down the margin
    boxes = [box for box in lines_of(image) if box.width > 50]
    assert len(boxes) == 2
    assert boxes[0].bottom <= boxes[1].top


def test_a_dashed_rule_is_not_part_of_the_line_below() -> None:
    image = canvas((20, 60, "Total amount due now"))
    pen = ImageDraw.Draw(image)
    for x in range(20, 560, 20):
        pen.line((x, 60, x + 12, 60), fill=0, width=3)
    pen.line((12, 55, 12, 90), fill=0, width=1)  # joins rule and line into one band
    boxes = lines_of(image)
    assert len(boxes) == 2
    assert boxes[0].bottom <= boxes[1].top


def test_what_stands_between_two_rows_of_a_form_is_a_line_of_its_own() -> None:
    boxes = lines_of(canvas((20, 20, "Slip number"), (400, 38, "Date one"), (20, 56, "Trans other")))
    assert len(boxes) == 3
    assert [box.left > 300 for box in boxes] == [False, True, False]


@pytest.mark.parametrize("text", ["can't \"won't\", man", "some, more; less... no", "a – b — c ~ d", "xé ñ ü i j ïx"])
def test_marks_stay_with_their_line(text: str) -> None:
    image = canvas((20, 20, text), (20, 60, text), (20, 100, text))
    ImageDraw.Draw(image).line((12, 20, 12, 130), fill=0, width=1)  # joins all rows into one band
    assert len([box for box in lines_of(image) if box.width > 60]) == 3


def test_the_edge_of_the_paper_is_not_writing() -> None:
    image = canvas((120, 20, "First line here"), (120, 60, "Second line here"))
    ImageDraw.Draw(image).polygon([(0, 30), (9, 34), (7, 60), (0, 70)], fill=0)
    assert all(box.left > 100 for box in lines_of(image))


def test_a_tight_crop_keeps_its_first_letter() -> None:
    page = np.asarray(canvas((20, 20, "Tight crop of a line")), np.uint8)
    rows, columns = np.flatnonzero((page < 128).any(axis=1)), np.flatnonzero((page < 128).any(axis=0))
    crop = page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink = find_ink(crop)
    (line,) = find_lines(ink.mask, ink.x_height)
    assert line.box.left == 0
    assert line.box.right == crop.shape[1]
    assert not is_sideways(ink.mask, ink.x_height)


def test_small_blurred_writing_is_no_rule() -> None:
    image = canvas(*((10, y, "so that next the quick fox may have it all " * 3) for y in range(10, 100, 14)), size=11)
    soft = image.resize((450, 225), Image.Resampling.BILINEAR).resize((600, 300), Image.Resampling.BILINEAR)
    assert find_ink(np.asarray(soft, np.uint8)).rules.sum() == 0


@given(st.integers(0, 2**32 - 1))
def test_pieces_of_a_line_share_no_column_and_keep_all_ink(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = np.zeros((60, 1200), np.uint8)
    x = 10
    while x < 1150:  # letters as blocks, gaps from narrow to very wide
        width = int(rng.integers(3, 14))
        mask[20 : 20 + int(rng.integers(12, 24)), x : x + width] = 1
        x += width + int(rng.choice([2, 3, 9, 14, 80]))
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    line = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    boxes = sorted(strip.box for strip in cut_strips(mask, [line], max_width=512))
    covered = np.zeros(1200, np.int64)
    for box in boxes:
        covered[box.left : box.right] += 1
    assert covered.max() == 1
    assert (covered[columns] == 1).all()


@pytest.mark.parametrize(("size", "pitch"), [(42, 1.8), (42, 2.3), (84, 1.3), (84, 1.5), (28, 2.3)])
def test_widely_set_lines_are_not_taken_for_columns(size: int, pitch: float) -> None:
    rows = [(100, 100 + round(i * size * pitch), "some words of a page that is set wide") for i in range(8)]
    page = np.asarray(canvas(*rows, size=size, shape=(200 + round(8 * size * pitch), 200 + 20 * size)), np.uint8)
    for gray, sideways in ((page, False), (np.rot90(page), True)):
        ink = find_ink(np.ascontiguousarray(gray))
        assert is_sideways(ink.mask, ink.x_height) is sideways


@pytest.mark.parametrize("shape", [(4, 8000), (8000, 4), (20, 9000)])
def test_the_thinnest_pages_have_a_skew(shape: tuple[int, int]) -> None:
    assert abs(estimate_skew(np.ones(shape, np.uint8))) <= 5


def test_a_line_flush_with_the_lower_edge_fits_the_reader() -> None:
    mask = np.zeros((34, 2000), np.uint8)
    mask[10:20, 40:1900] = np.tile(np.repeat([1, 0], [6, 4]), 186)
    mask[22:34, 40:1900] = np.tile(np.repeat([1, 0], [6, 4]), 186)
    lines = [Box(40, 10, 1900, 20), Box(40, 22, 1900, 34)]
    for strip in cut_strips(mask, lines, max_width=512):
        assert round(strip.box.width * 32 / strip.box.height) <= 512
