"""Pictures of every mode come out as the same grey page; damaged and oversized ones are refused."""

import contextlib
import gzip
import io
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile

from ocr2.documents.images import (
    MAX_PIXELS,
    array_to_gray,
    count_frames,
    frame_to_gray,
    frame_to_picture,
    open_image,
    to_gray,
    to_picture,
)
from ocr2.errors import DocumentError

Gray = NDArray[np.uint8]


def encode(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def decode(data: bytes, index: int = 0) -> Gray:
    return frame_to_gray(open_image(data, name="scan"), index, name="scan")[0]


def page_in_mode(mode: str) -> Image.Image:
    """Draw a black square on white paper, off the middle."""
    gray = np.full((20, 30), 255, np.uint8)
    gray[2:8, 3:12] = 0
    page = Image.fromarray(gray)
    match mode:
        case "I;16":
            return Image.fromarray(gray.astype(np.uint16) * 257)
        case "I":
            return Image.fromarray(gray.astype(np.int32) * 257)
        case "F":
            return Image.fromarray(gray.astype(np.float32) / 255)
        case "CMYK" | "YCbCr" | "HSV" | "LAB" | "P":
            rgb = page.convert("RGB")
            return rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=2) if mode == "P" else _from_rgb(rgb, mode)
        case "La" | "RGBa":
            return page.convert("LA" if mode == "La" else "RGBA").convert(mode)
    return page.convert(mode)


def _from_rgb(page: Image.Image, mode: str) -> Image.Image:
    if mode != "LAB":
        return page.convert(mode)
    lab = np.full((page.height, page.width, 3), (255, 0, 0), np.uint8)
    lab[2:8, 3:12] = 0
    return Image.frombytes("LAB", page.size, lab.tobytes())


def assert_shows_the_square(gray: Gray, tolerance: int = 2) -> None:
    assert gray.dtype == np.uint8
    assert gray.shape == (20, 30)
    expected = np.full((20, 30), 255)
    expected[2:8, 3:12] = 0
    assert np.abs(gray - expected).max() <= tolerance


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("I;16", "PNG"),
        ("1", "TIFF"),
        ("CMYK", "TIFF"),
        ("I;16", "TIFF"),
        ("I", "TIFF"),
        ("F", "TIFF"),
        ("LAB", "TIFF"),
        ("P", "GIF"),
        ("RGB", "BMP"),
        ("L", "JPEG2000"),
    ],
)
def test_a_file_of_any_mode_shows_the_same_page(mode: str, format: str) -> None:
    assert_shows_the_square(decode(encode(page_in_mode(mode), format)))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_of_any_mode_shows_the_same_page(mode: str) -> None:
    assert_shows_the_square(decode(encode(page_in_mode(mode), "JPEG", quality=100, subsampling=0)), tolerance=20)


@pytest.mark.parametrize("mode", ["La", "RGBa", "YCbCr", "HSV"])
def test_a_mode_that_only_memory_holds_is_converted(mode: str) -> None:
    assert_shows_the_square(to_gray(page_in_mode(mode)))


@pytest.mark.parametrize(("alpha", "shown"), [(0, 255), (128, 127), (255, 0)])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_laid_over_white(mode: str, alpha: int, shown: int) -> None:
    black = (0, alpha) if mode == "LA" else (0, 0, 0, alpha)
    gray = decode(encode(Image.new(mode, (8, 8), black), "PNG"))
    assert np.abs(gray.astype(int) - shown).max() <= 1


@pytest.mark.parametrize(("mode", "transparency"), [("P", 0), ("P", b"\0"), ("L", 0), ("RGB", (0, 0, 0))])
def test_a_transparent_colour_shows_white(mode: str, transparency: object) -> None:
    black = Image.new("RGB", (8, 8)).convert(mode, palette=Image.Palette.ADAPTIVE, colors=1)
    assert decode(encode(black, "PNG")).max() == 0
    assert decode(encode(black, "PNG", transparency=transparency)).min() == 255


UPRIGHT = np.array([[0, 80, 160], [40, 120, 255]], np.uint8)
STORED = {
    1: UPRIGHT,
    2: np.fliplr(UPRIGHT),
    3: np.rot90(UPRIGHT, 2),
    4: np.flipud(UPRIGHT),
    5: UPRIGHT.T,
    6: np.rot90(UPRIGHT, 1),
    7: np.rot90(UPRIGHT, 2).T,
    8: np.rot90(UPRIGHT, 3),
}


@pytest.mark.parametrize("orientation", STORED)
def test_exif_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.fromarray(np.ascontiguousarray(STORED[orientation])), "PNG", exif=exif)
    np.testing.assert_array_equal(decode(data), UPRIGHT)


def test_the_pages_of_a_tiff_are_decoded_one_by_one_in_any_order() -> None:
    pages = [Image.new("L", (10 + i, 20), 50 * i) for i in range(3)]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    image = open_image(data, name="fax.tif")
    assert count_frames(image, name="fax.tif") == 3
    for index in (2, 0, 1):
        gray, _ = frame_to_gray(image, index, name="fax.tif")
        assert gray.shape == (20, 10 + index)
        assert np.unique(gray).tolist() == [50 * index]


def test_the_previews_in_a_phones_jpeg_are_no_pages() -> None:
    photo = Image.new("RGB", (8, 8), "white")
    image = open_image(encode(photo, "MPO", save_all=True, append_images=[photo]), name="photo.jpg")
    assert (image.format, image.n_frames) == ("MPO", 2)  # type: ignore[attr-defined]  # as below
    assert count_frames(image, name="photo.jpg") == 1


@pytest.mark.parametrize(("mode", "kept"), [("RGB", "RGB"), ("RGBA", "RGB"), ("CMYK", "RGB"), ("L", "L"), ("1", "L")])
def test_a_picture_keeps_its_colours_upright_on_white_paper(mode: str, kept: str) -> None:
    image = Image.new("RGBA", (20, 10), (200, 30, 30, 255) if kept == "RGB" else (0, 0, 0, 255))
    image.paste((0, 0, 0, 0) if mode == "RGBA" else (255, 255, 255, 255), (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    data = encode(image.convert(mode), "TIFF", exif=exif)
    picture, _ = frame_to_picture(open_image(data, name="scan"), 0, name="scan")
    np.testing.assert_array_equal(np.asarray(picture.convert("L")), decode(data))
    assert (picture.mode, picture.size) == (kept, (10, 20))
    assert picture.getpixel((5, 15)) == ((200, 30, 30) if kept == "RGB" else 0)


def test_a_colour_picture_without_colours_is_grey() -> None:
    assert to_picture(Image.new("RGB", (4, 4), (90, 90, 90))).mode == "L"


def layered(gray: Gray) -> bytes:
    """Return a Photoshop document with its merged picture and no layers."""
    height, width = gray.shape
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, height, width, 8, 1)
    return header + struct.pack(">III", 0, 0, 0) + struct.pack(">H", 0) + gray.tobytes()


def test_the_merged_picture_of_a_photoshop_document_is_its_page() -> None:
    gray = to_gray(page_in_mode("L"))
    np.testing.assert_array_equal(decode(layered(gray)), gray)


def painted(ink: int, ground: tuple[int, int, int, int]) -> bytes:
    image = Image.new("RGBA", (30, 20), ground)
    image.paste((ink, ink, ink, 255), (5, 5, 15, 10))
    return encode(image, "PNG")


def test_light_paint_on_a_clear_ground_is_laid_over_black() -> None:
    page = decode(painted(255, (0, 0, 0, 0)))
    assert page[7, 7] == 255
    assert page[0, 0] == 0


@pytest.mark.parametrize("ink", [0, 120])
def test_dark_paint_on_a_clear_ground_is_laid_over_white(ink: int) -> None:
    page = decode(painted(ink, (255, 255, 255, 0)))
    assert page[7, 7] == ink
    assert page[0, 0] == 255


def test_oblong_pixels_of_a_tiff_are_made_square() -> None:
    data = encode(page_in_mode("L"), "TIFF", dpi=(204, 98))
    page, dpi = frame_to_gray(open_image(data, name="fax"), 0, name="fax")
    assert page.shape == (round(20 * 204 / 98), 30)
    assert dpi == pytest.approx(204)


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect x="10" y="10" width="20" height="20"/></svg>'
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(12), "HEIC: install ocr2[heif]"),
        (SVG, "SVG: install ocr2[svg]"),
        (b"PK\x03\x04" + bytes(30), "an office document or another archive: save or print it as PDF"),
        (b"%!PS-Adobe-3.0", "PostScript: convert it to PDF"),
        (b"<!DOCTYPE html><html>", "a web page: print it as PDF"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_would_open_it(
    data: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.documents.images.is_readable", lambda kind: False)
    with pytest.raises(DocumentError, match=re.escape(said)):
        open_image(data, name="scan")


@pytest.mark.parametrize("data", [SVG, gzip.compress(SVG, mtime=0)])
def test_a_drawing_is_drawn_twice_as_large_as_it_says(data: bytes) -> None:
    page = decode(data)
    assert page.shape == (80, 120)
    assert page[40, 40] == 0
    assert page[5, 5] == 255


def test_a_drawing_that_says_it_is_huge_is_drawn_small() -> None:
    page = decode(SVG.replace(b'width="60" height="40"', b'width="6000000" height="4000000"'))
    assert page.shape == (2000, 3000)


@pytest.mark.parametrize("data", [b"<svg></svg>", SVG[:70], gzip.compress(SVG, mtime=0)[:60]])
def test_a_damaged_drawing_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match="scan"):
        decode(data)


def test_packed_bytes_that_are_no_drawing_are_no_picture() -> None:
    with pytest.raises(DocumentError, match="neither a PDF nor a picture"):
        decode(gzip.compress(b"some text", mtime=0))


def test_a_photograph_of_a_telephone_is_read() -> None:
    heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    heif.from_pillow(page_in_mode("RGB").resize((120, 80))).save(buffer, format="HEIF", quality=95)
    page = decode(buffer.getvalue())
    assert page.shape == (80, 120)
    assert page[20, 30] < 60
    assert page[60, 100] > 200


def test_a_damaged_photograph_is_refused_in_our_words() -> None:
    with pytest.raises(DocumentError, match="scan cannot be opened: its HEIC data is damaged"):
        decode(b"\0\0\0\x18ftypheic" + bytes(40))


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_one_page(format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("white", "black")]
    image = open_image(encode(frames[0], format, save_all=True, append_images=frames[1:]), name="film")
    assert image.is_animated  # type: ignore[attr-defined]  # Pillow types it on the formats only
    assert count_frames(image, name="film") == 1
    assert frame_to_gray(image, 0, name="film")[0].min() == 255


@pytest.mark.parametrize(("stated", "kept"), [(300, 300), (2, None), (100_000, None), (None, None)])
def test_a_plausible_resolution_is_kept(stated: int | None, kept: int | None) -> None:
    options: dict[str, object] = {} if stated is None else {"dpi": (stated, stated)}
    image = open_image(encode(Image.new("L", (8, 8)), "TIFF", **options), name="scan")
    _, dpi = frame_to_gray(image, 0, name="scan")
    assert dpi == (None if kept is None else pytest.approx(kept, abs=0.1))


def png_that_claims(width: int, height: int) -> bytes:
    """Write a PNG of a few bytes whose header states a size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(image: ImageFile.ImageFile) -> None:
        pytest.fail("pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("side", [13_350, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    assert side**2 > MAX_PIXELS
    with pytest.raises(DocumentError, match=r"^bomb\.png .*pixels"):
        open_image(png_that_claims(side, side), name="bomb.png")


@pytest.mark.usefixtures("no_decoding")
def test_a_large_page_below_the_limit_is_opened_without_a_warning() -> None:
    assert open_image(png_that_claims(13_000, 13_000), name="map.png").size == (13_000, 13_000)


def test_a_bomb_in_a_later_page_is_refused_before_it_is_decoded() -> None:
    data = bytearray(encode(Image.new("L", (8, 8)), "TIFF", save_all=True, append_images=[Image.new("L", (8, 8))]))
    _claim_size(data, frame=1, side=60_000)
    image = open_image(bytes(data), name="fax.tif")
    assert frame_to_gray(image, 0, name="fax.tif")[0].shape == (8, 8)
    with pytest.raises(DocumentError, match=r"page 2 of fax\.tif has 60000 x 60000 pixels; at most 178,000,000 are"):
        frame_to_gray(image, 1, name="fax.tif")


def _claim_size(tiff: bytearray, *, frame: int, side: int) -> None:
    """Write another width and height into a directory of a little-endian TIFF."""
    (at,) = struct.unpack_from("<I", tiff, 4)
    for _ in range(frame):
        (entries,) = struct.unpack_from("<H", tiff, at)
        (at,) = struct.unpack_from("<I", tiff, at + 2 + 12 * entries)
    (entries,) = struct.unpack_from("<H", tiff, at)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        if struct.unpack_from("<H", tiff, entry)[0] in (256, 257):  # ImageWidth, ImageLength
            struct.pack_into("<HII", tiff, entry + 2, 4, 1, side)


def test_a_text_file_named_png_is_no_picture() -> None:
    with pytest.raises(DocumentError, match=r"notes\.png is neither a PDF nor a picture"):
        open_image(b"these are words\n", name="notes.png")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
def test_a_truncated_picture_is_refused_with_its_page(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    data = encode(Image.fromarray(noise), format)
    with pytest.raises(DocumentError, match=r"^(page 1 of )?scan cannot be (opened|decoded): "):
        decode(data[: len(data) // 2])


FILES = [
    encode(page_in_mode(mode), format, **options)
    for mode, format, options in (
        ("RGB", "PNG", {}),
        ("P", "PNG", {}),
        ("RGB", "JPEG", {}),
        ("RGB", "TIFF", {"compression": "tiff_lzw"}),
        ("L", "TIFF", {"save_all": True, "append_images": [page_in_mode("1")]}),
        ("P", "GIF", {}),
        ("RGB", "BMP", {}),
        ("RGB", "WEBP", {}),
        ("RGBA", "ICO", {}),
        ("RGB", "TGA", {}),
        ("RGB", "JPEG2000", {}),
        ("RGB", "AVIF", {}),
    )
]
DAMAGES = st.lists(st.tuples(st.one_of(st.integers(0, 40), st.integers(0, 1000)), st.integers(0, 255)), max_size=3)


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.sampled_from(FILES), DAMAGES, st.one_of(st.just(1.0), st.floats(0, 1)))
def test_a_damaged_picture_is_decoded_or_refused(data: bytes, damages: list[tuple[int, int]], kept: float) -> None:
    damaged = bytearray(data)
    for at, value in damages:
        damaged[at % len(damaged)] = value
    with contextlib.suppress(DocumentError):
        image = open_image(bytes(damaged[: round(kept * len(damaged))]), name="scan")
        for index in range(min(3, count_frames(image, name="scan"))):
            assert frame_to_gray(image, index, name="scan")[0].ndim == 2


@pytest.mark.parametrize(
    "array",
    [
        np.array([[False, True]]),
        np.array([[0, 255]], np.uint8),
        np.array([[[0], [255]]], np.uint8),
        np.array([[0, 65535]], np.uint16),
        np.array([[0, 1]], np.float32),
        np.array([[0, 255]], np.float64),
        np.array([[-3, 5]], np.int64),
        np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8),
        np.array([[[0, 0, 0, 255], [9, 9, 9, 0]]], np.uint8),
        np.array([[[0, 0, 0], [1, 1, 1]]], np.float32),
    ],
    ids=lambda array: f"{array.dtype}{list(array.shape)}",
)
def test_an_array_of_any_number_type_spans_black_to_white(array: NDArray[np.generic]) -> None:
    np.testing.assert_array_equal(array_to_gray(array), [[0, 255]])


def test_deep_pixels_that_are_not_finite_do_not_hide_the_others() -> None:
    values = np.array([[0, 0.5, 1, np.nan, np.inf, -np.inf]], np.float32)
    np.testing.assert_array_equal(array_to_gray(values), [[0, 128, 255, 0, 0, 0]])


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 5), (1, 4, 4, 3)])
def test_an_array_that_is_no_image_is_refused_with_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"an image array must be .*, got \(") as refusal:
        array_to_gray(np.zeros(shape, np.uint8))
    assert str(shape) in str(refusal.value)


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("name", ["href", "xlink:href", "HREF", "href "])
def test_a_drawing_loads_no_file_of_this_machine(tmp_path: Path, name: str, quote: str) -> None:
    pytest.importorskip("resvg_py")
    Image.new("L", (20, 20), 0).save(tmp_path / "it's.png")
    place = str(tmp_path / "it's.png") if quote == '"' else str(tmp_path / "it&#39;s.png")
    picture = f"<image width={quote}60{quote} height={quote}40{quote} {name}={quote}{place}{quote}/>"
    data = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="40">'
        f'<rect width="9" height="9"/>{picture}</svg>'
    ).encode()
    image = open_image(data, name="a.svg")
    gray = np.asarray(image.convert("L"))
    assert gray[:15, :15].min() < 50
    assert gray[30:, 40:].min() == 255
