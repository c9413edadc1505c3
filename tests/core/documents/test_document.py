"""A document gives its pages one at a time, whatever its kind."""

import io
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.errors import DocumentError

MakePdf = Callable[..., bytes]


def open_bytes(data: bytes, *, dpi: float = 72) -> OpenDocument:
    return OpenDocument(Source("scan", None, data), dpi=dpi)


def picture(format: str = "PNG", pages: int = 1) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.new("L", (30, 20), 10 * i) for i in range(pages)]
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_a_pdf_and_a_picture_look_the_same_to_a_caller(make_pdf: MakePdf) -> None:
    for data, shape, dpi in ((make_pdf(box="0 0 30 20"), (20, 30), 72.0), (picture(), (20, 30), None)):
        document = open_bytes(data)
        page = document.page(1)
        document.close()
        assert document.page_count == 1
        assert (page.number, page.gray.shape, page.dpi) == (1, shape, dpi)
        assert page.gray.dtype == np.uint8


def test_a_page_too_large_for_its_resolution_says_so(make_pdf: MakePdf) -> None:
    document = open_bytes(make_pdf(box="0 0 7200 100"), dpi=200)
    assert document.page(1).warnings == (
        "rendered at 120 dpi, not 200: a page has at most 35,000,000 pixels, 12,000 a side",
    )
    document.close()
    document = open_bytes(make_pdf(), dpi=200)
    assert document.page(1).warnings == ()
    document.close()


def test_a_pdf_behind_some_garbage_is_opened(make_pdf: MakePdf) -> None:
    document = open_bytes(b"\r\n\r\n" + make_pdf())
    assert document.page(1).gray.min() < 128
    document.close()


def test_a_picture_has_no_text_layer_and_a_pdf_has(make_pdf: MakePdf) -> None:
    image, pdf = open_bytes(picture()), open_bytes(make_pdf())
    assert image.text_layer(1) == []
    assert "".join(c.text for c in pdf.text_layer(1)) == "Hello world"
    image.close()
    pdf.close()


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    path.write_bytes(picture("TIFF", pages=3))
    document = OpenDocument(Source("scan.tif", path))
    assert document.page_count == 3
    assert document.page(3).gray.max() == 20
    document.close()


def test_a_damaged_page_leaves_the_others_readable() -> None:
    tiff = picture("TIFF", pages=2)
    document = open_bytes(tiff[:-100])  # the end of the last page is lost
    assert document.page(1).gray.shape == (20, 30)
    with pytest.raises(DocumentError, match=r"^page 2 of scan cannot be decoded: "):
        document.page(2)
    assert document.page(1).gray.shape == (20, 30)
    document.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "^scan is empty$"),
        (b"plain words", "^scan is neither a PDF nor a picture that Pillow can open$"),
        (b"%PDF-1.7\nplain words", "^scan is not a readable PDF: "),
    ],
)
def test_what_is_no_document_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        open_bytes(data)


@pytest.mark.parametrize(("name", "reason"), [("missing.png", "No such file"), (".", "Is a directory")])
def test_a_path_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=f"cannot be read: {reason}"):
        OpenDocument(Source(name, tmp_path / name))


@pytest.fixture(scope="module")
def long_pdf() -> bytes:
    """A PDF of 2,000 A4 pages."""
    pdf = pdfium.PdfDocument.new()
    for _ in range(2000):
        pdf.new_page(595, 842).close()
    buffer = io.BytesIO()
    pdf.save(buffer)
    pdf.close()
    return buffer.getvalue()


def test_no_page_is_rendered_before_it_is_asked_for(long_pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[pdfium.PdfPage] = []
    render = pdfium.PdfPage.render

    def watched(page: pdfium.PdfPage, **how: object) -> pdfium.PdfBitmap:
        rendered.append(page)
        return render(page, **how)

    monkeypatch.setattr(pdfium.PdfPage, "render", watched)
    document = open_bytes(long_pdf, dpi=20)
    assert document.page_count == 2000
    assert rendered == []
    assert document.page(2000).gray.shape == (234, 166)
    assert len(rendered) == 1
    document.close()


def test_memory_stays_flat_over_two_thousand_pages(long_pdf: bytes) -> None:
    document = open_bytes(long_pdf, dpi=20)  # 39 kB a page, 78 MB all of them
    document.page(1)
    tracemalloc.start()
    try:
        resident = []
        for number in range(1, 2001):
            document.page(number)
            if number % 500 == 0:
                resident.append(_resident_bytes())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    document.close()
    assert peak < 1_000_000
    assert resident[-1] - resident[0] < 20_000_000


def _resident_bytes() -> int:
    """Return the memory of this process, where the system tells; PDFium's own is not seen by tracemalloc."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
