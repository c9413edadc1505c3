"""PDF pages are rendered as they look, with a text layer that lies where the page shows it."""

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.documents import pdf
from ocr2.documents.pdf import PdfFile, TextChar, is_pdf
from ocr2.errors import DocumentError

MakePdf = Callable[..., bytes]
Extent = tuple[float, float, float, float]

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")


@contextlib.contextmanager
def opened(data: bytes, rasterizer: str = "pdfium") -> Iterator[PdfFile]:
    file = PdfFile(data, name="a.pdf", rasterizer=rasterizer)
    try:
        yield file
    finally:
        file.close()


def render(data: bytes, dpi: float = 72) -> NDArray[np.uint8]:
    with opened(data) as file:
        return file.render(1, dpi=dpi)[0]


def characters(data: bytes) -> list[TextChar]:
    with opened(data) as file:
        return file.text_layer(1)


def text(data: bytes) -> str:
    return "".join(character.text for character in characters(data))


def ink_extent(gray: NDArray[np.uint8]) -> Extent:
    rows, columns = np.nonzero(gray < 128)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def text_extent(found: list[TextChar]) -> Extent:
    return (
        min(c.left for c in found),
        min(c.top for c in found),
        max(c.right for c in found),
        max(c.bottom for c in found),
    )


@pytest.mark.parametrize("dpi", [72, 144, 200])
def test_a_page_is_rendered_at_the_asked_resolution(make_pdf: MakePdf, dpi: int) -> None:
    with opened(make_pdf(box="0 0 360 180")) as file:
        gray, used = file.render(1, dpi=dpi)
    assert used == dpi
    assert gray.dtype == np.uint8
    assert gray.shape == (180 * dpi // 72, 360 * dpi // 72)


def test_writing_is_dark_on_white_paper(make_pdf: MakePdf) -> None:
    gray = render(make_pdf())
    assert gray.max() == 255
    assert gray.min() < 64
    assert ink_extent(gray) == pytest.approx((74, 75, 189, 92), abs=2)


def test_what_was_filled_into_a_form_is_rendered(make_pdf: MakePdf, make_stream: Callable[..., bytes]) -> None:
    look = "/Type /XObject /Subtype /Form /BBox [0 0 328 40] /Resources << /Font << /F1 5 0 R >> >>"
    field = "/Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada) /Rect [72 600 400 640] /F 4 /AP << /N 7 0 R >>"
    data = make_pdf(
        b"",
        page="/Annots [6 0 R]",
        catalog="/AcroForm << /Fields [6 0 R] >>",
        more=[f"<< {field} >>".encode(), make_stream(b"BT /F1 24 Tf 2 10 Td (Ada) Tj ET", look)],
    )
    left, top, right, bottom = ink_extent(render(data))
    assert 72 <= left < right < 400
    assert 792 - 640 <= top < bottom <= 792 - 600


def test_a_very_long_page_is_rendered_at_a_lower_resolution(make_pdf: MakePdf) -> None:
    with opened(make_pdf(box="0 0 200000 100")) as file:
        gray, used = file.render(1, dpi=200)
    assert max(gray.shape) <= pdf.MAX_SIDE
    assert max(gray.shape) > 0.99 * pdf.MAX_SIDE
    assert used == pytest.approx(72 * pdf.MAX_SIDE / 200_000, rel=0.01)


@pytest.mark.parametrize("box", ["0 0 0 0", "0 0 612 0", "0 0 0.001 900"])
def test_a_page_without_a_size_is_rendered_all_the_same(make_pdf: MakePdf, box: str) -> None:
    gray = render(make_pdf(box=box))
    assert min(gray.shape) >= 1


def test_an_encrypted_file_is_refused(encrypted_pdf: bytes) -> None:
    for rasterizer in ("pdfium", "poppler"):
        with pytest.raises(DocumentError, match=r"^a\.pdf is encrypted; give its password \(--password\)$"):
            PdfFile(encrypted_pdf, name="a.pdf", rasterizer=rasterizer)


@pytest.mark.parametrize("rasterizer", ["pdfium", pytest.param("poppler", marks=[pytest.mark.poppler, needs_poppler])])
def test_a_password_opens_an_encrypted_file(
    make_pdf: MakePdf, locked_pdf: Callable[[str], bytes], rasterizer: str
) -> None:
    file = PdfFile(locked_pdf("sesame"), name="a.pdf", rasterizer=rasterizer, password="sesame")
    gray, _ = file.render(1, dpi=72)
    assert "".join(c.text for c in file.text_layer(1)) == "Hello world"
    file.close()
    assert ink_extent(gray) == pytest.approx(ink_extent(render(make_pdf())), abs=2)


def test_a_wrong_password_is_refused(locked_pdf: Callable[[str], bytes]) -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf is encrypted; the password that was given does not open it$"):
        PdfFile(locked_pdf("sesame"), name="a.pdf", password="open")


def test_a_file_without_pages_is_refused(make_pdf: MakePdf) -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf is a PDF without pages$"):
        PdfFile(make_pdf(kids=""), name="a.pdf")


def test_one_refused_file_does_not_change_what_is_said_of_the_next(make_pdf: MakePdf, encrypted_pdf: bytes) -> None:
    files = {
        "encrypted": encrypted_pdf,
        "not a readable PDF": make_pdf()[:40],
        "a PDF without pages": make_pdf(kids=""),
    }
    for reasons in itertools.product(files, repeat=2):
        for reason in reasons:
            with pytest.raises(DocumentError, match=rf"^a\.pdf is {reason}"):
                PdfFile(files[reason], name="a.pdf")


@pytest.mark.parametrize("kept", [9, 40, 300])
def test_a_truncated_file_is_refused(make_pdf: MakePdf, kept: int) -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf is not a readable PDF: "):
        PdfFile(make_pdf()[:kept], name="a.pdf")


def test_a_missing_page_is_refused_and_the_others_are_rendered(make_pdf: MakePdf) -> None:
    with opened(make_pdf(kids="3 0 R 99 0 R 3 0 R")) as file:
        assert file.page_count == 3
        with pytest.raises(DocumentError, match=r"^page 2 of a\.pdf cannot be loaded: "):
            file.render(2, dpi=72)
        assert file.render(3, dpi=72)[0].min() < 64


def test_the_text_layer_holds_every_character_in_order(make_pdf: MakePdf) -> None:
    assert text(make_pdf()) == "Hello world"


def test_a_page_without_text_has_an_empty_text_layer(make_pdf: MakePdf) -> None:
    assert characters(make_pdf(b"72 72 100 100 re f")) == []


@pytest.mark.parametrize(
    ("box", "page"),
    [
        ("0 0 612 792", ""),
        ("0 0 612 792", "/Rotate 90"),
        ("0 0 612 792", "/Rotate 180"),
        ("0 0 612 792", "/Rotate 270"),
        ("0 0 612 792", "/CropBox [50 600 400 780]"),
        ("50 600 400 780", ""),
        ("0 0 612 792", "/CropBox [50 600 400 780] /Rotate 90"),
    ],
)
def test_boxes_of_the_text_layer_lie_where_the_page_shows_the_text(make_pdf: MakePdf, box: str, page: str) -> None:
    data = make_pdf(box=box, page=page)
    assert text_extent(characters(data)) == pytest.approx(ink_extent(render(data)), abs=2)


def test_lines_of_the_text_layer_end_with_line_ends(make_pdf: MakePdf) -> None:
    layer = text(make_pdf(b"BT /F1 24 Tf 26 TL 72 700 Td (one) Tj T* (two) Tj ET"))
    assert layer.split() == ["one", "two"]
    assert set(layer[3:-3]) == {"\n"}


def test_a_hyphen_at_a_line_end_is_kept_with_its_line_end(make_pdf: MakePdf) -> None:
    assert text(make_pdf(b"BT /F1 24 Tf 26 TL 72 700 Td (hyphen-) Tj T* (ated) Tj ET")) == "hyphen-\nated"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("017B", "Ż"), ("20AC", "€"), ("D835DC00", "𝐀"), ("D83DDE00", "😀"), ("DC00", "\ufffd")],
)
def test_characters_of_every_plane_come_whole(
    make_pdf: MakePdf, make_stream: Callable[..., bytes], code: str, shown: str
) -> None:
    mapping = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <{code}> endbfchar endcmap end end"
    )
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    data = make_pdf(b"BT /F1 24 Tf 72 700 Td (A) Tj ET", font=font, more=[make_stream(mapping.encode())])
    assert text(data) == shown


@pytest.mark.poppler
@needs_poppler
def test_poppler_renders_the_same_page(make_pdf: MakePdf) -> None:
    data = make_pdf(page="/Rotate 90")
    with opened(data, "poppler") as file:
        gray, used = file.render(1, dpi=72.3)
        assert file.page_count == 1
        assert "".join(c.text for c in file.text_layer(1)) == "Hello world"
    assert used == 72.3
    assert gray.shape == render(data, 72.3).shape
    assert ink_extent(gray) == pytest.approx(ink_extent(render(data, 72.3)), abs=2)


@pytest.mark.poppler
@needs_poppler
@pytest.mark.parametrize("page", ["/CropBox [50 600 400 780]", "/CropBox [50 600 400 780] /Rotate 90"])
def test_poppler_renders_the_crop_box(make_pdf: MakePdf, page: str) -> None:
    data = make_pdf(page=page)
    with opened(data, "poppler") as file:
        gray, _ = file.render(1, dpi=72)
        picture, _ = file.picture(1, dpi=72)
        assert text_extent(file.text_layer(1)) == pytest.approx(ink_extent(gray), abs=2)
    assert gray.shape == render(data).shape == (picture.height, picture.width)


def test_a_very_large_page_is_rendered_at_a_lower_resolution(make_pdf: MakePdf) -> None:
    with opened(make_pdf(box="0 0 4320 4320")) as file:  # five feet a side
        gray, used = file.render(1, dpi=200)
    assert 0.99 * pdf.MAX_PIXELS < gray.size <= 1.001 * pdf.MAX_PIXELS
    assert used == pytest.approx(72 * pdf.MAX_PIXELS**0.5 / 4320, rel=0.01)


@pytest.mark.poppler
@needs_poppler
def test_poppler_renders_a_very_long_page_at_a_lower_resolution(make_pdf: MakePdf) -> None:
    with opened(make_pdf(box="0 0 14400 100"), "poppler") as file:
        gray, used = file.render(1, dpi=200)
    assert 0.99 * pdf.MAX_SIDE < max(gray.shape) <= pdf.MAX_SIDE
    assert used == pytest.approx(72 * pdf.MAX_SIDE / 14_400, rel=0.01)


@pytest.mark.parametrize("rasterizer", ["pdfium", pytest.param("poppler", marks=[pytest.mark.poppler, needs_poppler])])
def test_a_picture_has_the_colours_of_the_page_and_its_size(make_pdf: MakePdf, rasterizer: str) -> None:
    for content, mode in ((b"1 0 0 rg 72 72 100 100 re f", "RGB"), (b"72 72 100 100 re f", "L")):
        with opened(make_pdf(content), rasterizer) as file:
            picture, used = file.picture(1, dpi=72)
            assert file.render(1, dpi=72)[0].shape == (picture.height, picture.width)
        assert (picture.mode, used) == (mode, 72)
        assert picture.getpixel((120, 792 - 120)) == ((255, 0, 0) if mode == "RGB" else 0)


@pytest.mark.poppler
@needs_poppler
@pytest.mark.parametrize("kept", [9, 300])
def test_poppler_refuses_a_truncated_file_too(make_pdf: MakePdf, kept: int) -> None:
    with pytest.raises(DocumentError, match=r"^a\.pdf is not a readable PDF$"):
        PdfFile(make_pdf()[:kept], name="a.pdf", rasterizer="poppler")


@pytest.mark.poppler
@needs_poppler
def test_poppler_refuses_a_page_that_is_not_there(make_pdf: MakePdf) -> None:
    with opened(make_pdf(), "poppler") as file, pytest.raises(DocumentError, match=r"page 2 of a\.pdf cannot be rend"):
        file.render(2, dpi=72)


def test_without_poppler_the_message_says_what_to_install(make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match="poppler is not installed; install poppler-utils or use --rasterizer"):
        PdfFile(make_pdf(), name="a.pdf", rasterizer="poppler")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7", True),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", True),
        (b"PDF", False),
        (b"\x89PNG", False),
        (b"x" * 1024 + b"%PDF-", False),
    ],
)
def test_a_pdf_is_known_by_its_header(data: bytes, expected: bool) -> None:
    assert is_pdf(data) is expected
