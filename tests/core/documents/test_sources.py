"""What a user names becomes documents in natural order, and page ranges become pages."""

import io
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.documents.sources import expand_sources, left_out, natural_key, select_pages
from ocr2.options import parse_pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("page10.png", "page2.png", "notes.txt", "Scan.PDF", "inside/page1.tif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def names_inside(folder: Path, *names: str) -> list[str]:
    paths = [source.path for source in expand_sources(names)]
    return [path.relative_to(folder).as_posix() for path in paths if path is not None]


def test_a_file_is_one_document_under_the_name_it_was_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (source,) = expand_sources(["./page2.png"])
    assert (source.name, source.path, source.data) == ("./page2.png", Path("page2.png"), None)


def test_a_named_file_needs_no_known_suffix(folder: Path) -> None:
    assert names_inside(folder, str(folder / "notes.txt")) == ["notes.txt"]


def test_a_folder_gives_its_documents_in_natural_order_with_those_of_its_sub_folders(folder: Path) -> None:
    assert names_inside(folder, str(folder)) == ["Scan.PDF", "inside/page1.tif", "page2.png", "page10.png"]


def test_a_folder_gives_photos_under_their_rarer_suffixes_but_not_our_results(tmp_path: Path) -> None:
    for name in ("photo.jfif", "thesis.pdf", "thesis.ocr.pdf", "results/Scan.OCR.PDF"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert names_inside(tmp_path, str(tmp_path)) == ["photo.jfif", "thesis.pdf"]
    assert names_inside(tmp_path, str(tmp_path / "thesis.ocr.pdf")) == ["thesis.ocr.pdf"]


def test_a_pattern_gives_matching_files_in_natural_order(folder: Path) -> None:
    assert names_inside(folder, str(folder / "page*")) == ["page2.png", "page10.png"]


def test_two_stars_reach_into_sub_folders(folder: Path) -> None:
    found = names_inside(folder, str(folder / "**" / "page*"))
    assert found == ["inside/page1.tif", "page2.png", "page10.png"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    for name in ("scan[1].png", "scan1.png"):
        (tmp_path / name).write_bytes(b"x")
    assert names_inside(tmp_path, str(tmp_path / "scan[1].png")) == ["scan[1].png"]


def test_arguments_keep_their_order(folder: Path) -> None:
    names = [str(folder / name) for name in ("page10.png", "Scan.PDF", "page2.png")]
    assert [source.name for source in expand_sources(names)] == names


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x89PNG")))
    (source,) = expand_sources(["-"])
    assert (source.name, source.path, source.data) == ("-", None, b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "no such file or folder: .*missing.png"),
        ("*.jpg", r"pattern .*\*\.jpg matches no file"),
        ("empty", "folder .*empty holds no PDF or image"),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_bytes(b"x")
    with pytest.raises(ValueError, match=message):
        expand_sources([str(tmp_path / name)])


@given(st.lists(st.integers(0, 10**12), unique=True))
def test_numbers_in_names_are_ordered_by_value(numbers: list[int]) -> None:
    paths = sorted((Path(f"page{n}.png") for n in numbers), key=natural_key)
    assert paths == [Path(f"page{n}.png") for n in sorted(numbers)]


@given(st.lists(st.text("a01²٣.-", min_size=1)), st.randoms())
def test_any_names_have_one_order(names: list[str], shuffler: random.Random) -> None:
    paths = [Path(name) for name in names]
    ordered = sorted(paths, key=natural_key)
    shuffler.shuffle(paths)
    assert sorted(paths, key=natural_key) == ordered


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("3", [3]),
        ("1-3,8", [1, 2, 3, 8]),
        ("9-", [9, 10]),
        ("8,1-2", [8, 1, 2]),
        ("2,1-3", [2, 1, 3]),
        (" 1 - 2 , 10 ", [1, 2, 10]),
        ("9-99999999999999999999", [9, 10]),
    ],
)
def test_a_selection_names_pages_in_its_order_and_each_once(text: str, pages: list[int]) -> None:
    assert select_pages(parse_pages(text), 10, name="thesis.pdf") == pages


@pytest.mark.parametrize("text", ["", "x", "1,", "1-2-3", "-3", "1.5", "1;2", "٣x"])
def test_what_is_no_page_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form 3, 1-5 or 7-"):
        parse_pages(text)


@pytest.mark.parametrize("text", ["0", "0-3", "3-1", "1,5-4"])
def test_a_range_that_does_not_count_up_from_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must count up from 1"):
        parse_pages(text)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1), st.integers(1, 30))
def test_a_selection_gives_the_named_pages_that_exist(spans: list[tuple[int, int]], count: int) -> None:
    text = ",".join(f"{first}-{first + more}" if more else str(first) for first, more in spans)
    wanted = {n for first, more in spans for n in range(first, first + more + 1) if n <= count}
    if not wanted:
        with pytest.raises(ValueError, match=rf"a\.pdf has {count} pages, the selection names none of them"):
            select_pages(parse_pages(text), count, name="a.pdf")
        return
    chosen = select_pages(parse_pages(text), count, name="a.pdf")
    assert len(chosen) == len(wanted)
    assert set(chosen) == wanted


def test_without_a_selection_all_pages_are_read() -> None:
    assert select_pages(None, 3, name="a.pdf") == [1, 2, 3]


def test_files_of_a_folder_that_only_look_like_documents_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.documents.sources.is_readable", lambda kind: False)
    for name in ("page1.png", "photo.HEIC", "plan.svg", "letter.docx", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [(path.name, why.split(":")[0]) for path, why in left_out([str(tmp_path), "-"])] == [
        ("letter.docx", "it is an office document or another archive"),
        ("photo.HEIC", "it is HEIC"),
        ("plan.svg", "it is SVG"),
    ]
    assert names_inside(tmp_path, str(tmp_path)) == ["page1.png"]


def test_a_folder_without_documents_names_what_it_holds_instead(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"holds no PDF or image; letter.docx is left out: it is an office document"):
        expand_sources([str(tmp_path)])
