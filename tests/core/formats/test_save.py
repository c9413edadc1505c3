"""Documents are rendered in a format by name or suffix, and written whole or not at all."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from ocr2.errors import OutputError
from ocr2.formats import format_of
from ocr2.formats.document.registry import FORMATS, OTHER_NAMES
from ocr2.results.document import Block, Document, Format, Page

MakeBlock = Callable[..., Block]
MakeDocument = Callable[..., Document]

TEXT_FORMATS: list[Format] = ["text", "markdown", "html", "json", "hocr", "mmd", "latex"]


@pytest.fixture
def document(make_block: MakeBlock, make_document: MakeDocument) -> Document:
    return make_document(make_block("Żółć costs 5 €"))


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_every_text_format_is_utf8_and_holds_the_words(document: Document, format: Format) -> None:
    text = document.render(format).decode()
    assert all(word in text for word in ("Żółć", "costs", "5", "€"))


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_a_file_name_that_is_no_utf8_does_not_lose_the_document(
    make_block: MakeBlock, make_document: MakeDocument, format: Format
) -> None:
    name = os.fsdecode(b"scan-\xff.png")
    assert "words" in make_document(make_block("words"), source=name).render(format).decode()


def test_text_has_pages_separated_by_form_feeds(make_block: MakeBlock, make_document: MakeDocument) -> None:
    pages = [Page(number=n, width=9, height=9, dpi=None, blocks=(make_block(f"page {n}"),)) for n in (1, 2)]
    assert make_document(pages=pages).render("text") == b"page 1\n\f\npage 2\n"


@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_the_format_follows_the_suffix_unless_given(document: Document, tmp_path: Path, format: Format) -> None:
    named, given = tmp_path / f"a{FORMATS[format].suffix.upper()}", tmp_path / "a.out"
    assert document.save(named) == named
    assert document.save(given, format) == given
    assert named.read_bytes() == given.read_bytes() == document.render(format)


def test_a_suffix_that_names_no_format_is_refused(document: Document, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.doc names no format; expected one of the suffixes \.txt, \.md, "):
        document.save(tmp_path / "a.doc")
    assert format_of(Path("a.doc")) is None


def test_a_failed_page_leaves_a_line_in_the_text(make_block: MakeBlock, make_document: MakeDocument) -> None:
    failed = Page(number=1, width=0, height=0, dpi=None, error="page 1 of a.pdf: took longer\nthan 1 s")
    read = Page(number=2, width=9, height=9, dpi=None, blocks=(make_block("words"),))
    text = make_document(pages=[failed, read], source="a.pdf").render("text")
    assert text == b"[page 1 could not be read: took longer than 1 s]\n\f\nwords\n"


def test_an_unknown_format_is_refused_with_the_known_ones(document: Document) -> None:
    with pytest.raises(ValueError, match="unknown format 'docx'; expected one of text, markdown, html, json, hocr, "):
        document.render("docx")  # type: ignore[arg-type]  # the point


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_some(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "a.md"
    path.write_text("old")
    monkeypatch.setattr(Path, "write_bytes", write_some)
    with pytest.raises(OutputError, match=r"cannot write .*a\.md: No space left on device"):
        document.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("parent", "reason"), [("missing", "No such file"), ("file", "Not a directory")])
def test_a_place_that_is_no_folder_is_refused(document: Document, tmp_path: Path, parent: str, reason: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=rf"cannot write .*a\.md: {reason}"):
        document.save(tmp_path / parent / "a.md")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(document: Document, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        document.save(pipe)
        assert os.read(reader, 1000).decode() == "Żółć costs 5 €\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_every_format_has_a_row_and_a_suffix_of_its_own() -> None:
    assert tuple(FORMATS) + tuple(OTHER_NAMES) == get_args(Format)
    assert len({row.suffix for row in FORMATS.values()}) == len(FORMATS)
