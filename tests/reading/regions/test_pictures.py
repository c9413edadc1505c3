"""Pictures on pages: taken out of the text, read, put back in their place, and written in every format."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import ocr2
from ocr2.documents.sources import expand_sources
from ocr2.formats import render_document
from ocr2.models.spec import ModelSpec
from ocr2.reading.regions import pictures as parts_module
from ocr2.reading.regions.pictures import in_place, is_remnant, picture_regions, widened, without_pictures
from ocr2.results.box import Box
from ocr2.results.document import Block
from ocr2.results.region import Region
from ocr2.slowperception.models import MODELS as SLOW
from ocr2.vary.models import MODELS as VARY
from tests.looking import LINES, FakeDetector, written_page
from tests.reading.figures.test_read import FakeTracer, drawn

FIGURE = Box(200, 150, 600, 510)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A line of text, a plane figure, and two lines below it."""
    sheet = np.full((760, 800, 3), 255, np.uint8)
    sheet[:140] = written_page(LINES[:1])[:140]
    sheet[FIGURE.top : FIGURE.bottom, FIGURE.left : FIGURE.right] = drawn()
    sheet[520:760] = written_page(("", *LINES[1:]))[100:340]
    path = tmp_path / "page.png"
    Image.fromarray(sheet).save(path)
    return path


def put(monkeypatch: pytest.MonkeyPatch, models: dict[str, ModelSpec], name: str, load: Callable[..., Any]) -> None:
    """Let a name load a model of the test."""
    monkeypatch.setitem(models, name, dataclasses.replace(models[name], load=load))


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> FakeDetector:
    """Finds the text above, the figure, the text below."""
    fake = FakeDetector(
        [
            Region("paragraph", Box(40, 40, 780, 140), 0.9),
            Region("geometry", FIGURE, 0.9),
            Region("paragraph", Box(40, 530, 780, 720), 0.9),
        ]
    )
    put(monkeypatch, VARY, "vary-nano", lambda *_: fake)
    put(monkeypatch, SLOW, "slowperception-nano", lambda *_: FakeTracer())
    monkeypatch.setattr(parts_module, "widened", lambda box, shape: box)  # the fake's strokes are where they were drawn
    return fake


@pytest.mark.parametrize(
    ("text", "box", "remnant"),
    [
        (".", Box(300, 511, 320, 514), True),  # just below the figure
        ("—", Box(195, 300, 204, 303), True),
        ("2", Box(300, 511, 320, 514), False),
        (".", Box(300, 540, 320, 544), False),  # further away
    ],
)
def test_marks_at_the_edge_of_a_picture_are_left_of_it(text: str, box: Box, remnant: bool) -> None:
    block = Block("paragraph", text, box, 0.9, ())
    assert is_remnant(block, [Region("geometry", FIGURE, 0.9)], (760, 800, 3)) == remnant


def test_every_part_is_in_its_place_and_read_by_its_model(page: Path, detector: FakeDetector) -> None:
    document = ocr2.read(page, regions=True)
    (read,) = document.pages
    assert read.error is None
    kinds = [block.kind for block in read.blocks]
    assert "geometry" in kinds[1:-1]
    at = kinds.index("geometry")
    assert LINES[0] in " ".join(b.text for b in read.blocks[:at])
    assert LINES[2] in " ".join(b.text for b in read.blocks[at:])
    part = read.blocks[at].part
    assert part is not None
    assert part.trace is not None
    assert len(part.trace.segments) == 4
    assert read.blocks[at].text.startswith("[geometry: 4 segments, 1 circles")
    assert {"regions", "pictures"} <= set(read.seconds)


def test_markdown_links_pictures_that_lie_beside_it(page: Path, detector: FakeDetector, tmp_path: Path) -> None:
    document = ocr2.read(page, regions=True)
    document.save(tmp_path / "out.md")
    text = (tmp_path / "out.md").read_text()
    assert "![geometry](out-pictures/page-1-geometry-1.png)" in text
    assert "```latex\n\\begin{tikzpicture}" in text
    assert text.index(LINES[0]) < text.index("![") < text.index("tikz") < text.index(LINES[2])
    with Image.open(tmp_path / "out-pictures" / "page-1-geometry-1.png") as picture:
        assert picture.width == pytest.approx(FIGURE.width, abs=20)


def test_html_holds_pictures_and_json_what_was_read(page: Path, detector: FakeDetector) -> None:
    document = ocr2.read(page, regions=True)
    html = document.to_html()
    assert '<img src="data:image/png;base64,' in html
    assert "<svg " in html
    assert html.index(LINES[0]) < html.index("<img") < html.index(LINES[2])
    content = json.loads(render_document(document, "json"))
    (block,) = [b for b in content["pages"][0]["blocks"] if b["kind"] == "geometry"]
    assert (block["part"]["name"], block["part"]["chart"]) == ("page-1-geometry-1", None)
    assert len(block["part"]["trace"]["segments"]) == 4
    assert "[geometry" in render_document(document, "text").decode()
    assert "[geometry" in render_document(document, "latex").decode().replace("{[}", "[")


def test_a_picture_that_cannot_be_read_is_still_cut_out(
    page: Path, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*names: object, **how: object) -> Any:
        raise RuntimeError("no such model")

    put(monkeypatch, SLOW, "slowperception-nano", broken)
    (read,) = ocr2.read(page, regions=True).pages
    (block,) = [b for b in read.blocks if b.part is not None]
    assert block.part is not None
    assert block.part.error == "RuntimeError: no such model"
    assert block.part.picture.startswith(b"\x89PNG")
    assert any("no such model" in note for note in read.warnings)


def test_what_was_cut_out_is_no_document(page: Path, detector: FakeDetector, tmp_path: Path) -> None:
    ocr2.read(page, regions=True).save(tmp_path / "page.md")
    assert (tmp_path / "page-pictures" / "page-1-geometry-1.png").is_file()
    assert [source.path for source in expand_sources([str(tmp_path)])] == [page]


def test_regions_need_pictures_of_pages(page: Path) -> None:
    with pytest.raises(ValueError, match="text_layer must be ignore"):
        ocr2.read(page, regions=True, text_layer="auto")


def text_block(top: int, left: int = 0, width: int = 100) -> Block:
    return Block("paragraph", f"{left} {top}", Box(left, top, left + width, top + 20), 1.0, ())


def order_of(blocks: Sequence[Block]) -> list[str]:
    return [block.text for block in blocks]


def test_a_picture_follows_what_its_region_follows() -> None:
    left, right = Region("paragraph", Box(0, 0, 100, 300), 1.0), Region("paragraph", Box(200, 0, 300, 300), 1.0)
    chart = Region("chart", Box(0, 310, 100, 400), 1.0)
    made = Block("chart", "chart", chart.box, 1.0, ())
    blocks = [text_block(0), text_block(100), text_block(0, 200), text_block(100, 200)]
    placed = in_place(blocks, [(chart, made)], [left, chart, right])
    assert order_of(placed) == ["0 0", "0 100", "chart", "200 0", "200 100"]
    placed = in_place(blocks, [(chart, made)], [left, right, chart])
    assert order_of(placed)[-1] == "chart"
    placed = in_place(blocks, [(chart, made)], [chart, left, right])
    assert order_of(placed)[0] == "chart"


def test_pictures_without_regions_of_text_go_by_their_height() -> None:
    first, second = Region("figure", Box(0, 50, 90, 90), 1.0), Region("figure", Box(0, 300, 90, 390), 1.0)
    pictures = [(r, Block("figure", f"figure {i}", r.box, 1.0, ())) for i, r in enumerate((first, second))]
    placed = in_place([text_block(0), text_block(200)], pictures, [first, second])
    assert order_of(placed) == ["0 0", "figure 0", "0 200", "figure 1"]


def test_only_sure_and_large_pictures_are_taken_out() -> None:
    box = Box(10, 10, 100, 100)
    regions = [
        Region("chart", box, 0.4), Region("paragraph", box, 0.9), Region("figure", Box(0, 0, 10, 100), 0.9),
        Region("score", box, 0.9),
    ]  # fmt: skip
    assert [r.kind for r in picture_regions(regions)] == ["score"]


def test_ground_takes_the_place_of_pictures() -> None:
    gray: NDArray[np.uint8] = np.full((50, 60), 240, np.uint8)
    gray[10:20, 10:20] = 0
    left = without_pictures(gray, [Region("figure", Box(5, 5, 25, 25), 1.0)])
    assert (left == 240).all()
    assert (gray == 0).any()
    assert without_pictures(gray, []) is gray
    assert widened(Box(0, 10, 60, 50), (50, 60)).as_list() == [0, 8, 60, 50]


def ruled_sheet() -> NDArray[np.uint8]:
    """Draw numbers in a grid of rules."""
    sheet = np.full((760, 800, 3), 255, np.uint8)
    sheet[:140] = written_page(LINES[:1])[:140]
    image = Image.fromarray(sheet)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=26)
    for row in range(8):
        pen.rectangle((200, 200 + 44 * row, 600, 244 + 44 * row), outline=0, width=2)
        pen.text((240, 208 + 44 * row), f"{200 * row + 10}", font=font, fill=0)
        pen.text((460, 208 + 44 * row), f"{row + 3}00", font=font, fill=0)
    pen.line((400, 200, 400, 552), fill=0, width=2)
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize(("kind", "ruled"), [("figure", True), ("geometry", False)])
def test_a_table_that_is_taken_for_a_picture_stays_a_table(
    monkeypatch: pytest.MonkeyPatch, page: Path, tmp_path: Path, kind: Any, ruled: bool
) -> None:
    region = Region(kind, Box(196, 196, 606, 560) if ruled else FIGURE, 0.9)
    put(monkeypatch, VARY, "vary-nano", lambda *_: FakeDetector([region]))
    put(monkeypatch, SLOW, "slowperception-nano", lambda *_: FakeTracer())
    path = page
    if ruled:
        path = tmp_path / "table.png"
        Image.fromarray(ruled_sheet()).save(path)
    document = ocr2.read(path, regions=True)
    found = [block.kind for block in document.pages[0].blocks]
    assert ("table" in found, kind in found) == (ruled, not ruled)
    if ruled:
        (table,) = document.tables()
        assert table.rows()[1] == ["210", "400"]
