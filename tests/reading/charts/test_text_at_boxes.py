"""Writing at known places: cut out, turned upright and read, whatever its angle and colours."""

import math
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import LineReader, TextBox
from ocr2.models.registry import load_line_reader
from ocr2.options import LoadOptions
from ocr2.reading.charts.text_at_boxes import Letter, cut_upright, gray_by_ground, recognise_text, split_numbers

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
RGB = tuple[int, int, int]


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return load_line_reader("got-nano", LoadOptions(device="cpu", dtype="float32"))


def draw(
    text: str, angle: float, *, paper: RGB = (255, 255, 255), ink: RGB = (0, 0, 0)
) -> tuple[NDArray[np.uint8], TextBox]:
    """Draw a line turned about the middle of a picture."""
    font = ImageFont.truetype(str(FONT), 20)
    left, top, right, bottom = font.getbbox(text)
    line = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(line).text((2 - left, 2 - top), text, 255, font)
    turned = line.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    page = Image.new("RGB", (400, 400), paper)
    page.paste(Image.new("RGB", turned.size, ink), (200 - turned.width // 2, 200 - turned.height // 2), turned)
    half_w, half_h = (right - left) / 2, (bottom - top) / 2
    return np.asarray(page, np.uint8), TextBox("", (200 - half_w, 200 - half_h, 200 + half_w, 200 + half_h), angle)


@pytest.mark.parametrize("angle", [0, 30, 45, 90, -90])
def test_words_are_read_at_any_angle(reader: LineReader, angle: float) -> None:
    picture, place = draw("Exports 2019", angle)
    (found,) = recognise_text(picture, [place], reader)
    assert found.text == "Exports 2019"
    assert found.box == place.box
    assert found.confidence > 0.8


@pytest.mark.parametrize(
    ("paper", "ink"),
    [((0, 0, 0), (255, 255, 255)), ((255, 221, 51), (255, 255, 255)), ((120, 160, 60), (200, 100, 90))],
)
def test_colours_of_similar_lightness_are_read(reader: LineReader, paper: RGB, ink: RGB) -> None:
    picture, place = draw("12,345.6", 0, paper=paper, ink=ink)
    assert [found.text for found in recognise_text(picture, [place], reader)] == ["12,345.6"]


def test_a_place_without_writing_is_left_out(reader: LineReader) -> None:
    picture = np.full((60, 200, 3), 255, np.uint8)
    assert recognise_text(picture, [TextBox("", (10, 10, 90, 30))], reader) == []
    assert recognise_text(picture, [], reader) == []


@pytest.mark.parametrize("box", [(-40.0, -10.0, 30.0, 5.0), (5.0, 5.0, 5.2, 5.3), (390.0, 390.0, 500.0, 430.0)])
def test_places_at_the_edge_are_cut_with_what_lies_there(box: tuple[float, float, float, float]) -> None:
    piece = cut_upright(draw("a", 0)[0], TextBox("", box, 10.0))
    assert min(piece.shape[:2]) >= 4
    assert gray_by_ground(piece).shape == piece.shape[:2]


def test_the_piece_of_a_turned_line_is_as_wide_as_the_line() -> None:
    picture, place = draw("wide enough", 90)
    height, width = cut_upright(picture, place).shape[:2]
    left, top, right, bottom = place.box
    assert math.isclose(width / height, (right - left + 0.5 * (bottom - top)) / (1.5 * (bottom - top)), rel_tol=0.05)


@pytest.mark.parametrize("angle", [0, 90])
def test_numbers_side_by_side_are_several(reader: LineReader, angle: float) -> None:
    picture, place = draw("7.0%  6.5%", angle)
    first, second = recognise_text(picture, [place], reader)
    assert [first.text, second.text] == ["7.0%", "6.5%"]
    middle = (place.box[0] + place.box[2]) / 2, (place.box[1] + place.box[3]) / 2
    across = 0 if angle == 0 else 1
    ends = sorted((first, second), key=lambda part: part.box[across])
    assert ends == ([first, second] if angle == 0 else [second, first])
    for part in (first, second):
        x, y = (part.box[0] + part.box[2]) / 2, (part.box[1] + part.box[3]) / 2
        quarter = (place.box[2] - place.box[0]) / 4
        assert abs((x, y)[across] - middle[across]) == pytest.approx(quarter, rel=0.25)
        assert (x, y)[1 - across] == pytest.approx(middle[1 - across], abs=0.01)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("12 345", ["12 345"]), ("2019 2020", ["2019", "2020"]), ("5 apples 6", ["5 apples 6"]), ("-3 4%", ["-3", "4%"])],
)
def test_only_lines_of_several_numbers_are_parted(text: str, parts: list[str]) -> None:
    letters = [Letter(c, 1.0, float(i)) for i, c in enumerate(text)]
    assert ["".join(letter.character for letter in part) for part in split_numbers(letters)] == parts
