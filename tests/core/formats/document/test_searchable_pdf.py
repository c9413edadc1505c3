"""A searchable PDF looks like its source, and its words can be found where they stand."""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError, OutputError
from ocr2.results.box import Box
from ocr2.results.document import Block, Document, Line, Origin, Page, Word

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

WIDTH, HEIGHT = 900, 1200
SCALE = 72 / 200  # points of a pixel, where the source states no resolution


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a dark bar in its upper left."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    ImageDraw.Draw(image).rectangle((100, 50, 400, 90), fill=0)
    path = tmp_path_factory.mktemp("scan") / "scan.png"
    image.save(path)
    return path


def open_pdf(document: Document) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(document.render("searchable-pdf"))


def words_of(page: pdfium.PdfPage) -> list[str]:
    text: str = page.get_textpage().get_text_bounded()
    return text.split()


def test_the_text_is_that_of_the_words_in_order(make_block: MakeBlock, make_document: MakeDocument, scan: Path) -> None:
    blocks = [make_block("Zażółć gęślą jaźń", "costs 5,00 €"), make_block("„Straße“ — naïve ½ Ελλάδα", top=300)]
    (page,) = open_pdf(make_document(*blocks, source=str(scan)))
    assert words_of(page) == ["Zażółć", "gęślą", "jaźń", "costs", "5,00", "€", "„Straße“", "—", "naïve", "½", "Ελλάδα"]


PRINTED = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd", "Sc"), max_codepoint=0x24F), min_size=1, max_size=8
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(PRINTED, min_size=1, max_size=5))
def test_any_words_can_be_read_back(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path, words: list[str]
) -> None:
    (page,) = open_pdf(make_document(make_block(" ".join(words)), source=str(scan)))
    assert words_of(page) == words


def test_the_file_says_its_title_and_language_and_keeps_to_the_standard_of_archives(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path
) -> None:
    blocks = [make_block("Of pages and", "their lines", kind="heading", level=1), make_block("Hier steht Text.")]
    data = replace(make_document(*blocks, source=str(scan)), language="de").render("searchable-pdf")
    assert b">Of pages and their lines<" in data  # in XMP, where the standard wants it
    assert b"/Lang (de)" in data
    assert b"<pdfaid:part>2</pdfaid:part>" in data
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in data
    assert b"/OutputIntents" in data
    assert b"/FontFile2" in data


def test_a_document_without_a_heading_is_called_after_its_file(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path
) -> None:
    data = make_document(make_block("no heading"), source=str(scan)).render("searchable-pdf")
    assert f">{scan.stem}<".encode() in data


def test_a_hyphen_at_a_line_end_stays_there(make_block: MakeBlock, make_document: MakeDocument, scan: Path) -> None:
    (page,) = open_pdf(make_document(make_block("well-known hyphen-", "ated"), source=str(scan)))
    text = page.get_textpage().get_text_bounded().replace("\x02", "-\n").replace("\ufffe", "-\n")
    assert text.split() == ["well-known", "hyphen-", "ated"]


@pytest.mark.parametrize("word", ["Żółć", "€", "one", "(x)"])
def test_a_word_is_found_where_it_stands(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path, word: str
) -> None:
    block = make_block(f"before {word} after")
    box = block.lines[0].words[1].box
    (page,) = open_pdf(make_document(block, source=str(scan)))
    text = page.get_textpage()
    found = text.search(word, match_case=True).get_next()
    assert found is not None
    assert text.count_rects(*found) == 1
    left, bottom, right, top = text.get_rect(0)
    middle = ((left + right) / 2 / SCALE, HEIGHT - (top + bottom) / 2 / SCALE)
    assert box.left <= middle[0] <= box.right
    assert box.top <= middle[1] <= box.bottom
    assert right - left == pytest.approx(box.width * SCALE, rel=0.35)


def test_the_page_looks_like_the_source(make_block: MakeBlock, make_document: MakeDocument, scan: Path) -> None:
    (page,) = open_pdf(make_document(make_block("invisible words"), source=str(scan)))
    assert page.get_size() == pytest.approx((WIDTH * SCALE, HEIGHT * SCALE))
    shown = _render(page, 1 / SCALE)
    source = np.asarray(Image.open(scan))
    assert shown.shape == source.shape
    assert np.abs(shown.astype(int) - source).mean() < 1
    assert np.abs(shown[100:].astype(int) - 255).max() <= 8  # nothing is seen of the words


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_page_is_shown_upright_and_reads_in_order(
    make_block: MakeBlock, make_document: MakeDocument, tmp_path: Path, scan: Path, rotation: int
) -> None:
    """The scan lies so that turning it counter-clockwise by `rotation` makes it upright; so do the boxes."""
    turns = rotation // 90
    lying = np.rot90(np.asarray(Image.open(scan)), -turns)
    Image.fromarray(np.ascontiguousarray(lying)).save(tmp_path / "lying.png")
    block = make_block("first line of words", "second line here", top=100)
    lines = tuple(
        replace(line, words=tuple(replace(w, box=w.box.turned(-turns, WIDTH, HEIGHT)) for w in line.words))
        for line in block.lines
    )
    height, width = lying.shape
    page = Page(1, width, height, None, (replace(block, lines=lines),), rotation=rotation)
    (shown,) = open_pdf(make_document(pages=[page], source=str(tmp_path / "lying.png")))
    assert words_of(shown) == ["first", "line", "of", "words", "second", "line", "here"]
    assert np.abs(_render(shown, 1 / SCALE).astype(int) - np.asarray(Image.open(scan))).mean() < 1
    text = shown.get_textpage()
    found = text.search("second").get_next()
    assert found is not None
    assert text.count_rects(*found) == 1
    left, bottom, right, top = text.get_rect(0)
    box = block.lines[1].words[0].box
    assert box.left <= (left + right) / 2 / SCALE <= box.right
    assert box.top <= HEIGHT - (top + bottom) / 2 / SCALE <= box.bottom


@pytest.mark.parametrize("degrees", [-2.0, 0.8])
def test_a_crooked_page_is_shown_level_and_its_words_are_on_lines(
    make_document: MakeDocument, tmp_path: Path, degrees: float
) -> None:
    font = ImageFont.load_default(size=24)
    image, words = Image.new("L", (WIDTH, HEIGHT), 255), []
    pen, slope = ImageDraw.Draw(image), math.tan(math.radians(degrees))
    for row in range(6):
        for column in range(8):
            x, y = 100 + 85 * column, 300 + 40 * row
            v = round(y + slope * (x - WIDTH / 2))
            pen.text((x, v), f"w{row}{column}", font=font, fill=0)
            words.append(Word(f"w{row}{column}", Box(x, v + 2, x + 60, v + 24 - 4 * (column % 2)), 0.9))
    image.save(tmp_path / "crooked.png")
    lines = tuple(Line("", Box(100, 300, 800, 500), 0.9, tuple(words[i : i + 8])) for i in range(0, 48, 8))
    page = Page(1, WIDTH, HEIGHT, None, (Block("paragraph", "", Box(100, 300, 800, 500), 0.9, lines),))
    (shown,) = open_pdf(make_document(pages=[page], source=str(tmp_path / "crooked.png")))
    text = shown.get_textpage()
    bottoms = [text.get_charbox(text.search(word.text).get_next()[0])[1] for word in words]
    for row in range(6):
        assert np.ptp(bottoms[8 * row : 8 * row + 8]) < 0.1
    assert words_of(shown) == [word.text for word in words]
    rendered = 255 - _render(shown, 1 / SCALE).astype(float)
    rows = rendered.sum(axis=1)
    assert (rows[: int(0.7 * HEIGHT)] < 0.02 * rows.max()).sum() > 200  # there is white between the lines


@pytest.mark.parametrize("name", ["scan.png", "scan.jpg", "scan.pdf"])
def test_colours_are_kept(make_block: MakeBlock, make_document: MakeDocument, tmp_path: Path, name: str) -> None:
    Image.new("RGB", (300, 200), (200, 30, 30)).save(tmp_path / name)
    page = Page(1, 300, 200, None, (make_block("words"),))
    (shown,) = open_pdf(make_document(pages=[page], source=str(tmp_path / name)))
    colour = shown.render(scale=1).to_pil().convert("RGB").getpixel((40, 40))
    assert colour == pytest.approx((200, 30, 30), abs=6)


def test_the_file_is_opened_as_it_was_read(
    make_document: MakeDocument, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def open_document(source: Source, **how: Any) -> OpenDocument:
        asked.append(how)
        return OpenDocument(source, **how)

    monkeypatch.setattr("ocr2.formats.document.searchable_pdf.OpenDocument", open_document)
    make_document(origin=Origin(scan, 150, "poppler", "sesame")).render("searchable-pdf")
    assert asked == [{"dpi": 150, "rasterizer": "poppler", "password": "sesame"}]


def _render(page: pdfium.PdfPage, scale: float) -> NDArray[np.uint8]:
    gray = page.render(scale=scale, grayscale=True).to_numpy()
    return np.array(gray[..., 0] if gray.ndim == 3 else gray, np.uint8)


@pytest.fixture(scope="module")
def mixed_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 100 m, which is rendered at a low resolution, before one of 4 x 3 inches."""
    pdf = pdfium.PdfDocument.new()
    for width, height in ((283_465, 20), (288, 216)):
        pdf.new_page(width, height).close()
    path = tmp_path_factory.mktemp("pdf") / "mixed.pdf"
    pdf.save(path)
    pdf.close()
    return path


def images_of(page: pdfium.PdfPage) -> Iterator[tuple[int, int]]:
    for image in page.get_objects():
        if isinstance(image, pdfium.PdfImage):
            yield image.get_px_size()


def test_every_page_of_a_pdf_keeps_its_size_and_resolution(
    make_block: MakeBlock, make_document: MakeDocument, mixed_pdf: Path
) -> None:
    pages = [
        Page(number=1, width=11_999, height=1, dpi=72 * 11_999 / 283_465),
        Page(number=2, width=600, height=450, dpi=150.0, blocks=(make_block("found"),)),
    ]
    _, second = open_pdf(make_document(pages=pages, origin=Origin(mixed_pdf, dpi=150)))
    pixel = 72 / 150  # PDFium rounds sides up to it
    assert second.get_size() == pytest.approx((288, 216), abs=pixel)
    assert list(images_of(second)) == [pytest.approx((600, 450), abs=1)]
    assert words_of(second) == ["found"]


def failed(number: int) -> Page:
    return Page(number=number, width=0, height=0, dpi=None, error="took longer than 1 s")


def test_a_page_that_could_not_be_read_is_kept_as_a_picture(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path
) -> None:
    (page,) = open_pdf(make_document(pages=[failed(1)], source=str(scan)))
    assert words_of(page) == []
    assert _render(page, 1).min() < 16


def test_a_page_that_cannot_be_rendered_is_left_out(
    make_block: MakeBlock, make_document: MakeDocument, scan: Path
) -> None:
    read = Page(number=1, width=WIDTH, height=HEIGHT, dpi=None, blocks=(make_block("words"),))
    (page,) = open_pdf(make_document(pages=[read, failed(2)], source=str(scan)))
    assert words_of(page) == ["words"]


def test_a_document_without_any_page_is_refused(make_document: MakeDocument, scan: Path) -> None:
    with pytest.raises(DocumentError, match=r"no page of .*scan\.png can be rendered; a PDF needs one"):
        make_document(pages=[failed(7)], source=str(scan)).render("searchable-pdf")


def test_a_document_that_is_no_file_is_refused(make_document: MakeDocument) -> None:
    with pytest.raises(OutputError, match="a searchable PDF needs the file that was read; 'image' is none"):
        make_document(source="image").render("searchable-pdf")


def test_a_file_of_the_name_of_a_description_is_not_taken(
    make_document: MakeDocument, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bytes").write_bytes(scan.read_bytes())
    monkeypatch.chdir(tmp_path)
    document = replace(make_document(source="bytes"), origin=None)
    with pytest.raises(OutputError, match="a searchable PDF needs the file that was read; 'bytes' is none"):
        document.render("searchable-pdf")


def test_a_file_that_changed_meanwhile_is_refused(make_document: MakeDocument, tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_text("words")
    with pytest.raises(OutputError, match=r"needs the pages again: .*scan\.png is neither a PDF nor a picture"):
        make_document(source=str(tmp_path / "scan.png")).render("searchable-pdf")


def test_the_file_is_saved_under_its_suffix(make_document: MakeDocument, scan: Path, tmp_path: Path) -> None:
    path = make_document(source=str(scan)).save(tmp_path / "out.pdf")
    assert len(pdfium.PdfDocument(io.BytesIO(path.read_bytes()))) == 1


def test_a_box_without_a_size_does_not_break_the_page(make_document: MakeDocument, scan: Path) -> None:
    flat = Box(WIDTH, HEIGHT, WIDTH, HEIGHT)
    line = Line("edge", flat, 1.0, (Word("edge", flat, 1.0),))
    (page,) = open_pdf(make_document(Block("paragraph", "edge", flat, 1.0, (line,)), source=str(scan)))
    assert page.get_size() == pytest.approx((WIDTH * SCALE, HEIGHT * SCALE))
