"""The weights that ship: a page with a chart and a figure is taken apart, and read with everything in place."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import ocr2
from ocr2.cli.models import describe_model
from ocr2.metrics.answers import box_match
from ocr2.models.loading import weights_of
from ocr2.models.registry import find, load_detector
from ocr2.options import LoadOptions
from ocr2.results.box import Box
from tests.looking import LINES, written_page

EXAMPLES = Path(__file__).parents[2] / "examples"
PLACES = {"chart": Box(150, 330, 650, 620), "geometry": Box(220, 780, 580, 1010)}


def pasted(page: NDArray[np.uint8], name: str, box: Box) -> Box:
    with Image.open(EXAMPLES / name) as image:
        picture = image.convert("RGB")
        picture.thumbnail((box.width, box.height))
    page[box.top : box.top + picture.height, box.left : box.left + picture.width] = np.asarray(picture, np.uint8)
    return Box(box.left, box.top, box.left + picture.width, box.top + picture.height)


@pytest.fixture(scope="module")
def page() -> tuple[NDArray[np.uint8], dict[str, Box]]:
    sheet = np.full((1130, 800, 3), 255, np.uint8)
    sheet[:310] = written_page()[:310]
    sheet[640:760] = written_page(LINES[:1], height=130)[:120]
    places = {"chart": pasted(sheet, "chart.png", PLACES["chart"])}
    places["geometry"] = pasted(sheet, "figure.png", PLACES["geometry"])
    return sheet, places


def test_the_file_is_the_one_that_is_described() -> None:
    described = describe_model("vary-nano")
    assert described["weights"] == str(weights_of(find("vary-nano")))
    assert Path(described["card"]).is_file()
    assert weights_of(find("vary-nano")).stat().st_size < 12 * 2**20
    detector = load_detector("vary-nano", LoadOptions(device="cpu"))
    assert detector.weights_sha256 == described["sha256"]


def test_chart_and_figure_are_found_among_the_text(page: tuple[NDArray[np.uint8], dict[str, Box]]) -> None:
    sheet, places = page
    (found,) = ocr2.detect(sheet, device="cpu", dtype="float32")
    for kind, box in places.items():
        wanted = [float(v) for v in box.as_list()]
        boxes = [[float(v) for v in region.box.as_list()] for region in found.regions if region.kind == kind]
        assert any(box_match(wanted, given) for given in boxes), (kind, found.regions)
    kinds = [region.kind for region in found.regions if region.kind in places]
    assert kinds.index("chart") < kinds.index("geometry")


def test_the_page_is_read_with_both_in_place(page: tuple[NDArray[np.uint8], dict[str, Box]]) -> None:
    sheet, _ = page
    text = ocr2.read(sheet, regions=True, device="cpu", dtype="float32").to_markdown()
    parts = [text.index(part) for part in (LINES[2].rsplit(",", 1)[0], "page-1-chart-", "page-1-geometry-")]
    assert parts == sorted(parts)
    assert LINES[0] in text[parts[1] : parts[2]]
    assert "| --- |" in text
    assert "\\begin{tikzpicture}" in text
