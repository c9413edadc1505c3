"""The shipped weights read charts as a newcomer would have them read: found, read, and put together offline."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ocr2
from ocr2.results.chart import Chart

EXAMPLE = Path(__file__).parents[2] / "examples" / "chart.png"
RAIN = {"2023": (83, 211, 68, 61, 57, 52), "2024": (64, 183, 77, 70, 66, 61)}


@pytest.fixture(scope="module")
def example() -> Chart:
    return ocr2.chart(EXAMPLE)


def test_the_example_is_read(example: Chart) -> None:
    assert example.error is None
    assert (example.title, example.y_title) == ("Rain in October", "mm")
    found = {one.name: {v.label: v.value for v in one.values} for one in example.series}
    cities = ("Oslo", "Bergen", "Turku", "Riga", "Gdansk", "Rostock")
    assert found == {year: dict(zip(cities, values, strict=True)) for year, values in RAIN.items()}


def test_values_and_charts_say_how_sure_they_are(example: Chart) -> None:
    sure = [value.confidence for _, value in example.points()]
    assert all(p is not None and 0 <= p <= 1 for p in sure)
    assert example.reliability.score is not None
    assert 0 <= example.reliability.score <= 1


@pytest.mark.parametrize("size", [(4, 4), (64, 64), (900, 20)])
def test_an_empty_picture_is_no_chart(size: tuple[int, int]) -> None:
    chart = ocr2.chart(Image.fromarray(np.full((*size, 3), 255, np.uint8)))
    assert chart.error is not None
    assert "no chart was found" in chart.error
    assert chart.series == ()


def test_a_picture_of_one_pixel_says_so() -> None:
    chart = ocr2.chart(Image.new("RGB", (1, 1)))
    assert chart.error == "page 1 of image has 1 x 1 pixels; at least 4 x 4 are needed"
