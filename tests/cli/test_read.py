"""`ocr2 read`: where results go, in which format, and what is said meanwhile."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from PIL import Image

from ocr2.cli.outputs import stems_of
from ocr2.documents.document import OpenDocument
from ocr2.documents.sources import Source
from ocr2.results.table import table_of_rows
from tests.cli.conftest import FakeReader, assert_fine, names_in

Run = Callable[..., subprocess.CompletedProcess[str]]

PAGE = "fixed words fixed words"
SUFFIXES = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json", "hocr": ".hocr"}


def test_one_document_goes_to_standard_output_as_text(read: Run, picture: Path) -> None:
    done = read(picture)
    assert_fine(done)
    assert done.stdout == f"{PAGE}\n"


@pytest.mark.parametrize("format", SUFFIXES)
def test_every_text_format_goes_to_standard_output(read: Run, picture: Path, format: str) -> None:
    done = read(picture, "-f", format)
    assert_fine(done)
    assert done.stdout.count("fixed") >= 2
    assert (format == "json") == done.stdout.startswith("{")
    assert (format == "hocr") == ("ocr_page" in done.stdout)


@pytest.mark.parametrize("format", SUFFIXES)
def test_the_format_of_a_file_follows_its_suffix(read: Run, picture: Path, tmp_path: Path, format: str) -> None:
    output = tmp_path / f"out{SUFFIXES[format]}"
    done = read(picture, "-o", output)
    assert_fine(done)
    assert done.stdout == ""
    written = output.read_text()
    assert (format == "json") == written.startswith("{")
    assert (format == "html") == written.startswith("<!DOCTYPE html>")


def test_a_format_that_is_asked_for_wins_over_the_suffix(read: Run, picture: Path, tmp_path: Path) -> None:
    assert_fine(read(picture, "-f", "text", "-o", tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_text() == f"{PAGE}\n"


def test_a_searchable_pdf_holds_the_words(read: Run, pdf: Path, tmp_path: Path) -> None:
    assert_fine(read(pdf, "-o", tmp_path / "out.pdf"))
    pages = list(pdfium.PdfDocument(tmp_path / "out.pdf"))
    assert [page.get_textpage().get_text_bounded().split() for page in pages] == [PAGE.split()] * 3


def test_several_formats_go_to_a_folder_that_is_made(read: Run, picture: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "results"
    assert_fine(read(picture, *(x for f in (*SUFFIXES, "searchable-pdf") for x in ("-f", f)), "-o", output))
    assert names_in(output) == sorted([*(f"scan{s}" for s in SUFFIXES.values()), "scan.ocr.pdf"])


def test_one_result_goes_into_a_folder_under_the_documents_name(read: Run, pdf: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("there", "not_there"):
        assert_fine(read(pdf, "-f", "markdown", "-o", tmp_path / name))
        assert names_in(tmp_path / name) == ["book.md"]


def test_an_existing_file_without_a_suffix_is_a_file(read: Run, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("old")
    assert_fine(read(picture, "-o", tmp_path / "out"))
    assert (tmp_path / "out").read_text() == f"{PAGE}\n"


def test_a_link_stays_one_and_what_it_leads_to_is_written(read: Run, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "elsewhere" / "out.txt")
    for _ in range(2):
        assert_fine(read(picture, "-o", tmp_path / "link.txt"))
        assert (tmp_path / "link.txt").is_symlink()
        assert (tmp_path / "elsewhere" / "out.txt").read_text() == f"{PAGE}\n"


def test_searchable_pdfs_are_not_read_again_with_their_folder(read: Run, picture: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert_fine(read(tmp_path, "-f", "searchable-pdf", "-o", tmp_path))
    assert names_in(tmp_path) == ["scan.ocr.pdf", "scan.png"]


def test_the_same_format_twice_is_one_result(read: Run, picture: Path) -> None:
    assert read(picture, "-f", "text", "-f", "text").stdout == f"{PAGE}\n"


def test_a_folder_of_documents_gives_a_folder_of_results(read: Run, picture: Path, pdf: Path, tmp_path: Path) -> None:
    assert_fine(read(tmp_path, "-o", tmp_path / "results"))
    assert names_in(tmp_path / "results") == ["book.txt", "scan.txt"]


@pytest.mark.parametrize("format", ["text", "searchable-pdf"])
def test_results_of_equal_names_do_not_overwrite_each_other(
    read: Run, page: Image.Image, tmp_path: Path, format: str
) -> None:
    names = ["a/scan.png", "b/scan.png", "b/scan.bmp", "a_scan.png", "other.png"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        page.save(tmp_path / name)
    overlay = tmp_path / "overlay"
    done = read(*(tmp_path / name for name in names), "-f", format, "-o", tmp_path / "results", "--overlay", overlay)
    assert_fine(done)
    assert len(names_in(tmp_path / "results")) == len(names)
    assert len(names_in(overlay)) == len(names)
    assert any(name.startswith("other.") for name in names_in(tmp_path / "results"))


def test_chosen_pages_are_read_and_keep_their_numbers(read: Run, pdf: Path) -> None:
    done = read(pdf, "--pages", "3,1", "-f", "json")
    assert_fine(done)
    assert [page["number"] for page in json.loads(done.stdout)["pages"]] == [3, 1]


def test_a_selection_that_one_document_lacks_leaves_the_others(
    read: Run, picture: Path, pdf: Path, tmp_path: Path
) -> None:
    done = read(picture, pdf, "--pages", "2", "-o", tmp_path / "results")
    assert done.returncode == 2
    assert done.stderr == f"ocr2: {picture} has 1 pages, the selection names none of them\n"
    assert names_in(tmp_path / "results") == ["book.txt"]


def test_pages_beyond_the_last_are_a_warning(read: Run, pdf: Path) -> None:
    done = read(pdf, "--pages", "1,99", "-f", "json")
    warning = "the selection names pages up to 99, the last page is 3"
    assert (done.returncode, done.stderr) == (0, f"ocr2: {pdf}: {warning}\n")
    written = json.loads(done.stdout)
    assert [page["number"] for page in written["pages"]] == [1]
    assert written["warnings"] == [warning]
    assert_fine(read(pdf, "--pages", "2-", "-f", "json"))


def test_stems_are_chosen_in_linear_time() -> None:
    sources = [Source(name, Path(name)) for name in (f"{i}/scan.png" for i in range(40_000))]
    started = time.process_time()
    assert len(set(stems_of(sources).values())) == len(sources)
    assert time.process_time() - started < 5


def test_results_keep_the_folders_below_the_one_that_is_read(read: Run, picture: Path, tmp_path: Path) -> None:
    for name in ("a/scan.png", "a/deep/scan.png", "other.png"):
        place = tmp_path / "scans" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(picture.read_bytes())
    assert_fine(read(tmp_path / "scans", "-o", tmp_path / "out", "-f", "md"))
    assert names_in(tmp_path / "out") == ["a/deep/scan.md", "a/scan.md", "other.md"]
    assert_fine(read(tmp_path / "scans" / "a" / "**" / "*.png", "-o", tmp_path / "by-pattern"))
    assert names_in(tmp_path / "by-pattern") == ["deep/scan.txt", "scan.txt"]


def test_names_of_results_depend_on_files_that_are_called_alike_alone() -> None:
    def stems(*names: str) -> list[str]:
        return list(stems_of([Source(name, Path(name)) for name in names]).values())

    assert stems("a/scan.png", "b/page.pdf") == ["scan", "page"]
    assert stems("a/scan.png", "a/scan.pdf") == ["scan.png", "scan.pdf"]
    assert stems("a/scan.png", "../b/scan.png") == ["a/scan", "b/scan"]
    assert stems("a/scan.png", "b/scan.pdf", "page.png") == ["a/scan", "b/scan", "page"]


def test_an_address_is_named_for_what_it_is(read: Run) -> None:
    done = read("https://example.org/scan.pdf")
    assert done.returncode == 2
    assert "https://example.org/scan.pdf is an address" in done.stderr
    assert "download it first" in done.stderr


def test_a_review_shows_doubtful_lines_and_what_failed(
    read: Run, reader: FakeReader, pdf: Path, tmp_path: Path
) -> None:
    reader.probability = 0.86  # of a letter: 0.47 of a word of five
    reader.errors[2] = RuntimeError("out of <luck>")
    done = read(pdf, "--review", tmp_path / "new" / "reviews")
    assert done.returncode == 1
    (path,) = (tmp_path / "new" / "reviews").iterdir()
    assert path.name == "book-review.html"
    html = path.read_text(encoding="utf-8")
    assert html.count("<mark>fixed</mark>") > 0
    assert html.count("data:image/png;base64,") == html.count("<li>") > 0
    assert "out of &lt;luck&gt;" in html
    assert "words are doubtful; the text as a whole is poor." in html


def test_json_has_an_option_of_its_own(read: Run, picture: Path) -> None:
    assert json.loads(read(picture, "--json").stdout)["pages"][0]["blocks"]


def test_tables_are_files_of_their_own(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tables(count: int) -> None:
        made = [table_of_rows([["Name", "Size"], ["a", str(n)]]) for n in range(count)]
        monkeypatch.setattr("ocr2.results.document.Document.tables", lambda document: made)

    tables(1)
    assert_fine(read(picture, "-f", "csv", "-o", tmp_path / "one"))
    assert names_in(tmp_path / "one") == ["scan.csv"]
    tables(2)
    assert_fine(read(picture, "-f", "csv", "-o", tmp_path / "two"))
    assert names_in(tmp_path / "two") == ["scan-1.csv", "scan-2.csv"]
    assert read(picture, "-f", "csv").stdout == "Name,Size\na,0\n\nName,Size\na,1\n"


def test_the_resolution_decides_the_size_of_a_page(read: Run, pdf: Path) -> None:
    widths = [json.loads(read(pdf, "--dpi", dpi, "-f", "json").stdout)["pages"][0]["width"] for dpi in ("200", "400")]
    assert widths == [400, 800]


def test_standard_input_is_read(read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    assert_fine(read("-", "-o", tmp_path / "results"))
    assert names_in(tmp_path / "results") == ["stdin.txt"]


@pytest.mark.parametrize("to_file", [True, False])
def test_overlays_are_drawn_for_every_page(read: Run, pdf: Path, tmp_path: Path, to_file: bool) -> None:
    folder = tmp_path / "new" / "overlays"
    assert_fine(read(pdf, "--overlay", folder, *(("-o", tmp_path / "out.txt") if to_file else ())))
    assert names_in(folder) == ["book-0001.png", "book-0002.png", "book-0003.png"]
    with Image.open(folder / "book-0002.png") as overlay:
        assert overlay.size == pytest.approx((400, 120), abs=1)  # PDFium rounds up
        assert overlay.convert("RGB").getpixel((200, 2)) == (255, 255, 255)
        saturation = overlay.convert("HSV").getchannel("S").getextrema()
    assert saturation[1] == 255  # boxes are drawn in colour


def test_every_result_takes_its_pictures_as_the_pages_were_read(
    read: Run, pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def open_document(source: Source, **how: Any) -> OpenDocument:
        asked.append(how)
        return OpenDocument(source)

    for module in ("reading.pages.decode", "reading.pages.overlay", "formats.document.searchable_pdf"):
        monkeypatch.setattr(f"ocr2.{module}.OpenDocument", open_document)
    flags = ("--rasterizer", "poppler", "--dpi", "150", "--password", "sesame")
    assert_fine(read(pdf, *flags, "-o", tmp_path / "out.pdf", "--overlay", tmp_path / "overlays"))
    assert asked == [{"dpi": 150, "rasterizer": "poppler", "password": "sesame"}] * 3


def test_the_text_layer_of_a_pdf_is_copied_on_request(read: Run, pdf: Path, tmp_path: Path) -> None:
    assert_fine(read(pdf, "-o", tmp_path / "layered.pdf"))
    done = read(tmp_path / "layered.pdf", "--text-layer", "use", "-q")
    assert_fine(done)
    assert done.stdout.split() == PAGE.split() * 3


@pytest.mark.parametrize("choice", ["use", "auto"])
def test_a_page_without_a_text_layer_is_read_all_the_same(read: Run, picture: Path, pdf: Path, choice: str) -> None:
    for document in (picture, pdf):
        done = read(document, "--pages", "1", "--text-layer", choice)
        assert_fine(done)
        assert done.stdout == f"{PAGE}\n"


def test_warnings_name_their_page_and_can_be_silenced(read: Run, pdf: Path, tmp_path: Path) -> None:
    read(pdf, "-o", tmp_path / "layered.pdf")
    arguments = (tmp_path / "layered.pdf", "--text-layer", "use", "--pages", "2")
    assert read(*arguments).stderr == (
        f"ocr2: page 2 of {tmp_path / 'layered.pdf'}: copied from the text layer of the PDF, not read\n"
    )
    assert read(*arguments, "--quiet").stderr == ""


def test_doubtful_words_are_marked_below_the_given_confidence(read: Run, picture: Path) -> None:
    assert "<mark>" not in read(picture, "-f", "markdown", "--min-confidence", "0.9").stdout
    assert read(picture, "-f", "markdown", "--min-confidence", "0.96").stdout.count("<mark>") == 4
