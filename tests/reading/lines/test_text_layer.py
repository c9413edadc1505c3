"""A PDF's own characters, copied where they are all of the page."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import LineReader
from ocr2.options import ReadOptions, TextLayer
from ocr2.reading.read import read_document
from ocr2.results.document import Document
from tests.pdfs import BOLD, COURIER, MONO, PITCH, Row, make_pdf

MakeReader = Callable[..., LineReader]
Read = Callable[[bytes, TextLayer], Document]

EXAMPLE = Path(__file__).parents[3] / "examples" / "page.pdf"
PROSE = "some words of running text that fill the line quite well to its end"


STAMP = Row(60, 825, "Downloaded from https://example.org/journal on 1 November 2022")


def scan(lines: int) -> Image.Image:
    """Draw a page of print."""
    image = Image.new("L", (1240, 1754), 250)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=24)
    for i in range(lines):
        draw.text((120, 120 + 36 * i), PROSE, fill=20, font=font)
    return image


def photograph() -> Image.Image:
    """Draw soft shapes in all greys, and one short label as on a map."""
    rng = np.random.default_rng(3)
    small: NDArray[np.uint8] = rng.integers(0, 256, (14, 24), np.uint8)
    image = Image.fromarray(small).resize((1240, 720), Image.Resampling.BICUBIC)
    ImageDraw.Draw(image).text((500, 300), "North", fill=0, font=ImageFont.load_default(size=24))
    return image


def prose(top: float, lines: int) -> list[Row]:
    return [Row(60, top + 14 * i, PROSE) for i in range(lines)]


@pytest.fixture
def read(fixed_reader: MakeReader) -> Read:
    """Read a PDF with a reader that finds only one word."""

    def run(data: bytes, text_layer: TextLayer) -> Document:
        return read_document(data, fixed_reader("scanned"), ReadOptions(text_layer=text_layer))

    return run


@pytest.mark.parametrize("lines", [40, 6])
def test_a_scanned_page_with_a_line_of_text_stamped_on_it_is_read(read: Read, lines: int) -> None:
    data = make_pdf([STAMP], picture=scan(lines))
    words = [word.text for word in read(data, "auto").words()]
    assert set(words) == {"scanned"}
    assert len(words) > lines


def test_a_scanned_page_is_copied_if_asked_for(read: Read) -> None:
    copied = read(make_pdf([STAMP], picture=scan(40)), "use")
    assert " ".join(word.text for word in copied.words()) == STAMP.text


def test_a_page_of_text_is_copied(read: Read) -> None:
    assert read(make_pdf(prose(80, 40)), "auto").text.count(PROSE) == 40


def test_a_large_picture_is_no_missing_text(read: Read) -> None:
    data = make_pdf([*prose(60, 12), *prose(600, 12)], picture=photograph(), top=230)
    assert read(data, "auto").text.count(PROSE) == 24


def test_a_layer_of_nothing_but_blanks_is_no_layer(read: Read) -> None:
    data = make_pdf([Row(60, 80, "   ")], picture=scan(3))
    assert "scanned" in read(data, "use").text


def test_code_copied_from_a_layer_keeps_its_lines(read: Read) -> None:
    markdown = read(EXAMPLE.read_bytes(), "use").to_markdown()
    assert '```\nimport ocr2\ndocument = ocr2.read("page.pdf")\nprint(document.to_markdown())\n```' in markdown


def test_code_copied_from_a_layer_keeps_its_indentation(read: Read) -> None:
    code = ["def double(values):", "    for value in values:", "        yield 2 * value"]
    rows = [Row(60 + PITCH * (len(t) - len(t.lstrip())), 400 + 14 * i, t.lstrip(), MONO) for i, t in enumerate(code)]
    blocks = read(make_pdf([*prose(80, 20), *rows]), "use").pages[0].blocks
    assert (blocks[-1].kind, blocks[-1].text) == ("code", "\n".join(code))


def test_code_in_a_face_that_the_machine_puts_for_courier_is_code(read: Read) -> None:
    code = ["def double(values):", "    for value in values:", "        yield 2 * value"]
    rows = [Row(60 + 6.6 * (len(t) - len(t.lstrip())), 400 + 14 * i, t.lstrip(), COURIER) for i, t in enumerate(code)]
    blocks = read(make_pdf([*prose(80, 20), *rows]), "use").pages[0].blocks
    assert (blocks[-1].kind, blocks[-1].text) == ("code", "\n".join(code))


def test_a_table_copied_from_a_layer_keeps_its_rows(read: Read) -> None:
    cells = [("Margin", "Length"), ("Paper width", "210 mm"), ("Paper height", "297 mm"), ("Note", "45 mm")]
    rows = [Row(x, 400 + 14 * i, cell) for i, row in enumerate(cells) for x, cell in zip((60, 220), row, strict=True)]
    table = next(b for b in read(make_pdf([*prose(80, 20), *rows]), "use").pages[0].blocks if b.kind == "table")
    assert table.text == "\n".join("\t".join(row) for row in cells)


def test_the_white_behind_a_bullet_makes_no_table(read: Read) -> None:
    rows = [Row(x, 400 + 14 * i, text) for i in range(4) for x, text in ((60, "•"), (84, "a point to remember"))]
    blocks = read(make_pdf([*prose(80, 20), *rows]), "use").pages[0].blocks
    assert [block.kind for block in blocks[1:]] == ["list_item"] * 4


def test_a_bold_line_of_a_layer_is_a_heading(read: Read) -> None:
    heading = Row(60, 390, "An unnumbered heading", BOLD)
    page = read(make_pdf([*prose(80, 20), heading, *prose(420, 20)]), "use").pages[0]
    assert [block.text for block in page.blocks if block.kind == "heading"] == [heading.text]
