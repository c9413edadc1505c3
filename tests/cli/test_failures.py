"""Every failure is one line on stderr that says what came, and an exit code that says of which kind it is."""

import dataclasses
import errno
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ocr2.formats import save_document
from ocr2.got.models import MODELS
from ocr2.models.registry import list_models
from ocr2.results.document import Document, Format
from tests.cli.conftest import the_line
from tests.fakes import raising

Run = Callable[..., subprocess.CompletedProcess[str]]
FailOnPage = Callable[[int, BaseException], None]

PAGE = "fixed words fixed words"

KNOWN = ", ".join(info.name for info in list_models())


def png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def pdf_without_pages() -> bytes:
    buffer = io.BytesIO()
    pdfium.PdfDocument.new().save(buffer)
    return buffer.getvalue()


def encrypted_pdf() -> bytes:
    pages = b"1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Kids [] /Count 0 >> endobj\n"
    keys = b"/Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b">"
    return b"%PDF-1.4\n" + pages + b"trailer << /Root 1 0 R /Encrypt << " + keys + b" >> /ID [<00> <00>] >>\n%%EOF\n"


def truncated(format: str) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    Image.fromarray(noise).save(buffer, format)
    return buffer.getvalue()[: len(buffer.getvalue()) // 2]


UNREADABLE = {
    "encrypted.pdf": (encrypted_pdf(), "{} is encrypted; give its password (--password)"),
    "truncated.pdf": (truncated("PDF"), "{} is not a readable PDF: "),
    "zero.pdf": (pdf_without_pages(), "{} is a PDF without pages"),
    "notes.png": (b"these are words\n", "{} is neither a PDF nor a picture that Pillow can open"),
    "notes.pdf": (b"these are words\n", "{} is neither a PDF nor a picture that Pillow can open"),
    "bomb.png": (png(60_000, 60_000, b"\0"), "{} cannot be opened: Image size (3600000000 pixels) exceeds limit of "),
    "large.png": (png(13_350, 13_350, b"\0"), "{} has 13350 x 13350 pixels; at most 178,000,000 are read"),
    "empty.png": (b"", "{} is empty"),
    "truncated.png": (truncated("PNG"), "page 1 of {} cannot be decoded: image file is truncated"),
    "truncated.jpg": (truncated("JPEG"), "page 1 of {} cannot be decoded: image file is truncated"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_document_that_cannot_be_read_is_code_1(read: Run, tmp_path: Path, name: str) -> None:
    data, message = UNREADABLE[name]
    (tmp_path / name).write_bytes(data)
    done = read(tmp_path / name)
    assert the_line(done).startswith(message.format(tmp_path / name))
    assert done.returncode == 1
    assert "fixed" not in done.stdout


def test_unreadable_documents_leave_the_others_read(read: Run, picture: Path, tmp_path: Path) -> None:
    for name, (data, _) in UNREADABLE.items():
        (tmp_path / name).write_bytes(data)
    done = read(tmp_path, "-o", tmp_path / "results")
    assert done.returncode == 1
    assert all(line.startswith("ocr2: ") for line in done.stderr.splitlines())
    assert len(done.stderr.splitlines()) == len(UNREADABLE)
    assert (tmp_path / "results" / "scan.txt").read_text() == f"{PAGE}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Missing argument"),
        ("missing.png", "no such file or folder: missing.png"),
        ("nothing", "folder nothing holds no PDF or image"),
        ("*.tif", "pattern *.tif matches no file"),
        ("scan.png --pages x", "page range 'x' is not of the form 3, 1-5 or 7-"),
        ("scan.png --pages 0", "page range '0' must count up from 1"),
        ("scan.png --pages 3-2", "page range '3-2' must count up from 1"),
        ("scan.png --pages 2-", "scan.png has 1 pages, the selection names none of them"),
        ("scan.png -f docx", "Invalid value for '--format' / '-f': "),
        ("scan.png --dpi 5", "dpi must lie between 20 and 1200, got 5"),
        ("scan.png --dpi nan", "dpi must lie between 20 and 1200, got nan"),
        ("scan.png --min-confidence 2", "min_confidence must lie between 0 and 1, got 2"),
        ("scan.png --page-timeout 0", "page_timeout must be positive, got 0"),
        ("scan.png --batch-size 0", "Invalid value for '--batch-size': "),
        ("scan.png --no-such-option", "No such option: --no-such-option"),
        ("scan.png -f text -f json", "1 document in 2 formats cannot go to standard output; name a "),
        ("scan.png scan.bmp", "2 documents in 1 format cannot go to standard output; name a file or folder with "),
        ("scan.png -f searchable-pdf", "a PDF cannot go to standard output; name a file or folder with -o"),
        ("- -o out.pdf", "a searchable PDF takes its pictures from a file, got standard input"),
        ("scan.png -o scan.bmp/out.txt", "cannot write to scan.bmp: "),
        ("scan.png -o scan.bmp/out", "cannot write to scan.bmp/out: Not a directory"),
        ("scan.png scan.bmp -o scan.bmp", "cannot write to scan.bmp: File exists"),
        ("scan.png --overlay scan.bmp/out", "cannot write to scan.bmp/out: Not a directory"),
        ("scan.png -o scan.docx", "scan.docx names no format; use one of the suffixes .txt, .md, .html, .json, "),
        ("scan.png -o scan.bmp", "scan.bmp names no format; use one of the suffixes .txt, .md, .html, .json, "),
        ("scan.png scan.bmp -o both.txt", "2 documents in 1 format cannot go to one file, both.txt; name a f"),
        ("scan.png -f html -f text -o a.txt", "1 document in 2 formats cannot go to one file, a.txt"),
        ("scan.png -f text -o scan.png", "cannot write to scan.png: it is a document that is to be read"),
        ("scan.png -f text -o link.txt", "cannot write to link.txt: it is a document that is to be read"),
        ("link.txt -f text -o scan.png", "cannot write to scan.png: it is a document that is to be read"),
        ("own.txt scan.png -o .", "cannot write to own.txt: it is a document that is to be read"),
        ("scan.png scan-0001.png -o r --overlay .", "cannot write overlays to .: scan-0001.png is a do"),
    ],
)
def test_wrong_use_is_code_2_and_nothing_is_read(
    read: Run, picture: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, message: str
) -> None:
    monkeypatch.chdir(picture.parent)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    Path("nothing").mkdir()
    Image.open(picture).save("scan.bmp")
    Image.open(picture).save("scan-0001.png")
    Path("own.txt").write_bytes(picture.read_bytes())
    Path("link.txt").symlink_to(picture)
    before = {path.name for path in Path().iterdir()}
    done = read(*arguments.split())
    assert the_line(done).startswith(message)
    assert (done.returncode, done.stdout) == (2, "")
    assert {path.name for path in Path().iterdir()} - before <= {"r"}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("read scan.png --model got-giga", f"unknown model 'got-giga'; expected one of: {KNOWN}"),
        ("read scan.png --weights missing.safetensors", r".*missing\.safetensors.*"),
        ("read scan.png --device abacus", "unknown device 'abacus'; expected auto, cpu, cuda or mps"),
        ("read scan.png --dtype int3 --device cpu", "unknown dtype 'int3'; expected auto, float32, bfloat16, float16"),
        ("chart scan.png --model onechart-giga", f"unknown model 'onechart-giga'; expected one of: {KNOWN}"),
        ("chart scan.png --model got-nano", "got-nano reads pages, not charts; onechart-nano does"),
        ("chart scan.png --model onechart --weights missing", ".*missing.*"),
        ("bench --model got-giga", f"unknown model 'got-giga'; expected one of: {KNOWN}"),
        ("bench --device abacus", "unknown device 'abacus'; expected auto, cpu, cuda or mps"),
        ("bench --dtype int1", "unknown dtype 'int1'; expected auto, float32, bfloat16, float16"),
        (
            "bench --model got-nano --quantize int8",
            "got-nano is small enough as it is: quantize must be none, got int8",
        ),
    ],
)
def test_a_model_that_cannot_be_loaded_is_code_3(
    run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch, command: str, message: str
) -> None:
    monkeypatch.chdir(picture.parent)
    done = run(*command.split())
    assert re.fullmatch(message, the_line(done))
    assert (done.returncode, done.stdout) == (3, "")


def test_a_full_disk_is_code_2_and_leaves_the_old_result(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def write_until_full(path: Path, data: bytes) -> int:
        if data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return write(path, data)

    output = tmp_path / "out.txt"
    output.write_text("old")
    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    done = read(picture, "-o", output)
    assert the_line(done) == f"cannot write {output}: No space left on device"
    assert done.returncode == 2
    assert output.read_text() == "old"


def test_a_full_folder_of_overlays_is_code_2(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "save", raising(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    done = read(picture, "--overlay", tmp_path / "overlays")
    assert the_line(done) == f"cannot write {tmp_path / 'overlays' / 'scan-0001.png'}: No space left on device"
    assert done.returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["models", "list"]])
def test_a_full_standard_output_is_code_2_and_python_does_not_complain(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _in_a_process(arguments, stdout=full.fileno())
    assert the_line(done) == "output: No space left on device"
    assert done.returncode == 2


def test_a_reader_of_our_output_that_leaves_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = _in_a_process(["models", "list"], stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def _in_a_process(arguments: list[str], *, stdout: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ocr2.cli.main import main; main()", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_a_page_that_fails_in_the_middle_leaves_the_others(
    read: Run, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage
) -> None:
    fail_on_page(2, ZeroDivisionError("a defect"))
    done = read(pdf, "-o", tmp_path / "out.txt")
    assert the_line(done) == f"page 2 of {pdf}: ZeroDivisionError: a defect"
    assert done.returncode == 1
    assert (
        tmp_path / "out.txt"
    ).read_text() == f"{PAGE}\n\f\n[page 2 could not be read: ZeroDivisionError: a defect]\n\f\n{PAGE}\n"


@pytest.mark.parametrize("format", ["markdown", "html", "json", "hocr"])
def test_a_failed_page_spoils_no_format(read: Run, pdf: Path, fail_on_page: FailOnPage, format: str) -> None:
    fail_on_page(2, ValueError("a defect"))
    done = read(pdf, "-f", format)
    assert the_line(done) == f"page 2 of {pdf}: ValueError: a defect"
    assert done.returncode == 1
    assert done.stdout.count("fixed") >= 4


def test_a_failed_page_stays_in_a_searchable_pdf(
    read: Run, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage
) -> None:
    fail_on_page(2, ValueError("a defect"))
    assert read(pdf, "-o", tmp_path / "out.pdf").returncode == 1
    pages = list(pdfium.PdfDocument(tmp_path / "out.pdf"))
    texts = [page.get_textpage().get_text_bounded().split() for page in pages]
    assert texts == [PAGE.split(), [], PAGE.split()]


def test_a_searchable_pdf_of_a_damaged_picture_is_one_failure_among_others(
    read: Run, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(truncated("PNG"))
    done = read(tmp_path / "broken.png", picture, "-f", "searchable-pdf", "-o", tmp_path / "results")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["ocr2", "ocr2"]
    assert f"no page of {tmp_path / 'broken.png'} can be rendered" in done.stderr
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["scan.ocr.pdf"]


def test_a_page_that_takes_too_long_is_a_failed_page(read: Run, pdf: Path) -> None:
    done = read(pdf, "--pages", "2", "--page-timeout", "1e-9")
    assert the_line(done) == f"page 2 of {pdf}: took longer than 1e-09 s (2 of 2 strips read)"
    assert done.returncode == 1


def test_a_traceback_is_shown_with_debug_only(read: Run, pdf: Path, fail_on_page: FailOnPage) -> None:
    for number in (1, 4):
        fail_on_page(number, ValueError("a defect"))
    assert "Traceback" not in read(pdf).stderr
    shown = read(pdf, "--debug").stderr
    assert "Traceback (most recent call last)" in shown
    assert "in read_strips" in shown


def test_debug_shows_the_traceback_of_what_stops_the_run_too(read: Run) -> None:
    assert "Traceback" not in read("missing.png").stderr
    assert "in expand_sources" in read("missing.png", "--debug").stderr


def test_an_interruption_keeps_the_pages_already_read(
    read: Run, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage
) -> None:
    fail_on_page(2, KeyboardInterrupt())
    done = read(pdf, "-o", tmp_path / "out.txt")
    assert the_line(done) == f"interrupted; 1 pages of {pdf} were read and are kept"
    assert done.returncode == 130
    assert (tmp_path / "out.txt").read_text() == f"{PAGE}\n"


def test_an_interruption_keeps_the_documents_already_read_and_begins_no_other(
    read: Run, picture: Path, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage
) -> None:
    Image.open(picture).save(tmp_path / "zuletzt.png")
    fail_on_page(3, KeyboardInterrupt())
    done = read(picture, pdf, tmp_path / "zuletzt.png", "-o", tmp_path / "results")
    assert done.returncode == 130
    results = {path.name: path.read_text() for path in (tmp_path / "results").iterdir()}
    assert results == {"scan.txt": f"{PAGE}\n", "book.txt": f"{PAGE}\n"}


def test_termination_is_an_interruption_with_its_own_code(
    read: Run, reader: Any, pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_strips = reader.read_strips

    def read_until_terminated(*strips: Any, **options: Any) -> Any:
        if reader.calls == 1:
            signal.raise_signal(signal.SIGTERM)
        return read_strips(*strips, **options)

    monkeypatch.setattr(reader, "read_strips", read_until_terminated)
    before = signal.getsignal(signal.SIGTERM)
    done = read(pdf, "-o", tmp_path / "out.txt")
    assert the_line(done) == f"interrupted; 1 pages of {pdf} were read and are kept"
    assert done.returncode == 143
    assert (tmp_path / "out.txt").read_text() == f"{PAGE}\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_document_that_was_cut_short_says_so(read: Run, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage) -> None:
    fail_on_page(3, KeyboardInterrupt())
    read(pdf, "-o", tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["warnings"] == ["cut short by an interruption: 2 of 3 pages were read"]
    assert len(written["pages"]) == 2


ALL_FORMATS = ["searchable-pdf", "text", "markdown", "html", "json", "hocr"]


def test_a_result_that_cannot_be_written_leaves_the_others(read: Run, picture: Path, pdf: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    (results / "scan.txt").mkdir(parents=True)
    flags = [flag for format in ALL_FORMATS for flag in ("-f", format)]
    done = read(picture, pdf, *flags, "-o", results, "--overlay", results / "overlays")
    assert the_line(done) == f"cannot write {results / 'scan.txt'}: Is a directory"
    assert done.returncode == 2
    written = {path.name for path in results.rglob("*") if path.is_file()}
    suffixes = [".txt", ".md", ".html", ".json", ".hocr", ".ocr.pdf"]
    pictures = {"scan-0001.png", *(f"book-000{n}.png" for n in (1, 2, 3))}
    assert written == {stem + suffix for stem in ("scan", "book") for suffix in suffixes} - {"scan.txt"} | pictures


def test_text_is_written_before_a_searchable_pdf_that_fails(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(document: object) -> bytes:
        assert (tmp_path / "out" / "scan.txt").exists()
        raise MemoryError("too large")

    monkeypatch.setattr("ocr2.formats.document.searchable_pdf.document_to_pdf", fail)
    done = read(picture, "-f", "searchable-pdf", "-f", "text", "-o", tmp_path / "out")
    assert the_line(done).startswith("MemoryError: too large")
    assert done.returncode == 3


@pytest.mark.parametrize("interrupted", [1, 3])
def test_an_interruption_while_writing_loses_no_text(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: int
) -> None:
    calls: list[str] = []

    def save(document: Document, path: Path, format: Format) -> Path:
        calls.append(format)
        if len(calls) == interrupted:
            raise KeyboardInterrupt
        return save_document(document, path, format)

    monkeypatch.setattr("ocr2.cli.job.save_document", save)
    flags = ("-f", "searchable-pdf", "-f", "text", "-f", "json")
    done = read(picture, *flags, "-o", tmp_path / "out", "--overlay", tmp_path / "out")
    assert done.returncode == 130
    lost = {"scan.ocr.pdf"} if interrupted == 3 else set()
    assert len(done.stderr.splitlines()) == len(lost)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"scan.txt", "scan.json", "scan.ocr.pdf", "scan-0001.png"} - lost


def test_a_reader_of_the_text_that_leaves_does_not_cost_the_overlays(
    read: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.cli.job._write_result", raising(BrokenPipeError()))
    done = read(picture, "--overlay", tmp_path / "overlays")
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in (tmp_path / "overlays").iterdir()] == ["scan-0001.png"]


def test_an_interruption_before_the_first_page_leaves_the_old_result(
    read: Run, pdf: Path, tmp_path: Path, fail_on_page: FailOnPage
) -> None:
    (tmp_path / "out.txt").write_text("old")
    fail_on_page(1, KeyboardInterrupt())
    done = read(pdf, "-o", tmp_path / "out.txt")
    assert the_line(done) == f"interrupted; 0 pages of {pdf} were read and are kept"
    assert done.returncode == 130
    assert (tmp_path / "out.txt").read_text() == "old"


def test_an_interruption_while_the_model_loads_is_one_line_too(
    run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = raising(KeyboardInterrupt())
    monkeypatch.setitem(MODELS, "got-nano", dataclasses.replace(MODELS["got-nano"], load=load))
    done = run("read", picture)
    assert the_line(done) == "interrupted"
    assert done.returncode == 130


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        (ImportError("No module named 'cv2'"), "No module named 'cv2'; the installation is incomplete, see `ocr2 d", 3),
        (MemoryError("two\nlines"), "MemoryError: two lines (run again with --debug for details)", 3),
        (PermissionError(errno.EACCES, "Permission denied", "weights"), "weights: Permission denied", 2),
    ],
)
def test_what_nobody_expected_is_one_line_too(
    run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str, code: int
) -> None:
    monkeypatch.setitem(MODELS, "got-nano", dataclasses.replace(MODELS["got-nano"], load=raising(error)))
    done = run("read", picture)
    assert the_line(done).startswith(message)
    assert (done.returncode, done.stdout) == (code, "")


def test_what_a_room_logs_is_one_line(read: Run, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFium refuses a file that poppler can open: the log says so."""
    monkeypatch.setattr("ocr2.documents.pdf._poppler_count", lambda *_: 1)
    monkeypatch.setattr("ocr2.documents.pdf._poppler_size", lambda *_: None)
    monkeypatch.setattr("ocr2.documents.pdf._poppler_page", lambda *_, **__: Image.open(picture))
    path = picture.with_name("odd.pdf")
    path.write_bytes(b"%PDF-1.7 odd")
    done = read(path)
    assert the_line(done).startswith(f"{path}: PDFium refused it (")
    assert (done.returncode, done.stdout) == (0, f"{PAGE}\n")
