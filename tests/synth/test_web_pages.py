"""HTML documents that are printed for training: which are taken, and what is added to them."""

import subprocess
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest

from ocr2.synth import web_pages
from ocr2.synth.web_pages import MAX_PAGES, find_documents, print_documents, styled


def document(folder: Path, name: str, size: int = 5000) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<html><head></head><body>{'x' * size}</body></html>", encoding="utf-8")
    return path


def test_documents_that_are_measured_empty_or_huge_are_left_out(tmp_path: Path) -> None:
    kept = document(tmp_path, "python/re.html")
    document(tmp_path, "octave/index.html")
    document(tmp_path, "python/short.html", size=10)
    document(tmp_path, "python/long.html", size=400_000)
    assert find_documents([tmp_path]) == [kept]


def test_a_document_is_given_a_face_a_size_and_paper() -> None:
    rng = np.random.default_rng(1)
    html = styled("<html><head><title>t</title></head><body>b</body></html>", rng, ["Lora"])
    assert html.index("<title>") < html.index("<style>") < html.index("</head>")
    assert 'font-family: "Lora" !important' in html
    assert styled("no head", rng, ["Lora"]).startswith("<style>")


def test_a_document_that_cannot_be_printed_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    documents = [document(tmp_path, f"{n}.html") for n in range(3)]

    def play(html: str, path: Path) -> None:
        assert '<base href="file:' in html
        if path.name == "web-0001.pdf":
            raise subprocess.TimeoutExpired("chromium", 1)
        pdf = pdfium.PdfDocument.new()
        for _ in range(MAX_PAGES + 3):
            pdf.new_page(100, 100)
        pdf.save(path)

    monkeypatch.setattr(web_pages, "print_html", play)
    printed = list(print_documents(tmp_path / "out", documents, np.random.default_rng(1), ["Lora"]))
    assert [path.name for path in printed] == ["web-0000.pdf", "web-0002.pdf"]
    assert "1.html" in caplog.text
    assert len(pdfium.PdfDocument(printed[0].read_bytes())) == MAX_PAGES
