"""What a library caller may give, how it is taken, and what is refused."""

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocr2.errors import OutputError
from ocr2.options import ReadOptions
from ocr2.reading.read import read_document

MakeReader = Callable[..., Any]


def encode(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


PAGE = Image.new("L", (40, 30), 255)
PAGES = [Image.new("L", (40 + i, 30), 255) for i in range(3)]  # the width tells which it is


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO])
def test_a_file_comes_in_memory_in_many_ways(kind: Callable[[bytes], Any], fixed_reader: MakeReader) -> None:
    document = read_document(kind(encode(PAGE)), fixed_reader(), ReadOptions())
    assert [(page.width, page.height, page.error) for page in document.pages] == [(40, 30, None)]


def test_an_open_file_is_read(fixed_reader: MakeReader) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(encode(PAGE))
        file.seek(0)
        assert read_document(file, fixed_reader(), ReadOptions()).failed_pages == ()


def test_a_file_in_text_mode_is_refused(fixed_reader: MakeReader) -> None:
    with pytest.raises(TypeError, match="a file must be opened in binary mode, got str from it"):
        read_document(io.StringIO("words"), fixed_reader(), ReadOptions())  # type: ignore[arg-type]  # the point


def test_bytes_have_no_file_for_a_searchable_pdf_and_a_path_has(
    fixed_reader: MakeReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bytes", "image", "file", "scan.png"):
        (tmp_path / name).write_bytes(encode(PAGE))
    monkeypatch.chdir(tmp_path)
    for source in (encode(PAGE), io.BytesIO(encode(PAGE)), PAGE):
        with pytest.raises(OutputError, match="needs the file that was read"):
            read_document(source, fixed_reader(), ReadOptions()).save(tmp_path / "out.pdf")
    read_document("scan.png", fixed_reader(), ReadOptions()).save(tmp_path / "out.pdf")


def test_pages_select_images_by_position(fixed_reader: MakeReader) -> None:
    for images in (PAGES, iter(PAGES)):
        document = read_document(images, fixed_reader(), ReadOptions(pages="3,1,7"))
        assert [(page.number, page.width) for page in document.pages] == [(3, 42), (1, 40)]
        assert document.warnings == ("the selection names pages up to 7, the last page is 3",)
    with pytest.raises(ValueError, match="image has 3 pages, the selection names none of them"):
        read_document(PAGES, fixed_reader(), ReadOptions(pages="4"))


def test_images_are_taken_one_at_a_time(fixed_reader: MakeReader) -> None:
    taken: list[int] = []

    def images() -> Iterator[Image.Image]:
        for i, page in enumerate(PAGES):
            taken.append(i)
            yield page

    seen: list[int] = []
    read_document(images(), fixed_reader(), ReadOptions(), on_page=lambda *_: seen.append(len(taken)))
    assert seen == [1, 2, 3]


def test_an_image_of_several_frames_gives_all_and_stays_as_it_was(fixed_reader: MakeReader) -> None:
    tiff = Image.open(io.BytesIO(encode(PAGES[0], "TIFF", save_all=True, append_images=PAGES[1:])))
    tiff.seek(1)
    for images in (tiff, [tiff]):
        document = read_document(images, fixed_reader(), ReadOptions())
        assert [(page.number, page.width) for page in document.pages] == [(1, 40), (2, 41), (3, 42)]
    assert tiff.tell() == 1
    chosen = read_document(tiff, fixed_reader(), ReadOptions(pages="2"))
    assert [(page.number, page.width) for page in chosen.pages] == [(2, 41)]


def test_an_image_whose_file_is_closed_is_read_if_it_was_loaded(fixed_reader: MakeReader) -> None:
    with Image.open(io.BytesIO(encode(PAGE, "TIFF"))) as image:
        image.load()
    assert read_document(image, fixed_reader(), ReadOptions()).failed_pages == ()


def test_the_shown_frame_of_an_animation_is_read(fixed_reader: MakeReader) -> None:
    frames = [Image.new("L", (40, 30), value) for value in (255, 0)]
    film = Image.open(io.BytesIO(encode(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    film.seek(1)
    assert len(read_document(film, fixed_reader(), ReadOptions()).pages) == 1
    assert film.tell() == 1


def test_exif_orientation_of_an_image_is_applied(fixed_reader: MakeReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.open(io.BytesIO(encode(PAGE, exif=exif)))
    (page,) = read_document(image, fixed_reader(), ReadOptions()).pages
    assert (page.width, page.height) == (30, 40)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((0, 0), np.uint8), r"page 2 of image: an image array must have pixels, got \(0, 0\)"),
        (np.zeros((0, 9, 3), np.uint8), r"page 2 of image: an image array must have pixels, got \(0, 9, 3\)"),
        (np.zeros((3, 90), np.uint8), "page 2 of image has 90 x 3 pixels; at least 4 x 4 are needed"),
        (Image.new("L", (1, 9)), "page 2 of image has 1 x 9 pixels; at least 4 x 4 are needed"),
        (np.zeros((9, 9, 7), np.uint8), r"page 2 of image: an image array must be \(height, width\) or .*"),
    ],
)
def test_an_image_that_is_no_page_is_one_line_on_its_page(image: Any, message: str, fixed_reader: MakeReader) -> None:
    document = read_document([PAGE, image, PAGE], fixed_reader(), ReadOptions())
    assert [page.error is None for page in document.pages] == [True, False, True]
    error = document.pages[1].error or ""
    assert re.fullmatch(message, error), error


def test_a_page_keeps_the_warnings_of_its_rendering(fixed_reader: MakeReader, tmp_path: Path) -> None:
    Image.new("1", (9000, 40), 1).save(tmp_path / "long.pdf", resolution=72)
    document = read_document(tmp_path / "long.pdf", fixed_reader(), ReadOptions(dpi=200))
    assert document.pages[0].warnings[0].startswith("rendered at 96 dpi, not 200")
