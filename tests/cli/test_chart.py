"""`ocr2 chart`: where tables go, what is marked, and what fails."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import ocr2
from ocr2.errors import ModelError
from ocr2.models.protocols import ChartReading, TextBox, UnreadKind
from tests.cli.conftest import assert_fine, command_with, names_in, the_line
from tests.fakes import in_use

RGB = NDArray[np.uint8]
Run = Callable[..., subprocess.CompletedProcess[str]]

ANSWER = json.dumps({"title": "Sales", "values": {"Jan": "10", "Feb": "30", "Mar": "20"}})
SUFFIXES = {"markdown": ".md", "json": ".json", "csv": ".csv", "html": ".html"}
STARTS = {"markdown": "# Sales\n\n|", "json": "{\n", "csv": "series,label,", "html": "<!DOCTYPE html>"}


class FakeChartReader:
    """Writes one answer about every picture, and can be told to fail."""

    name = "fake"
    weights_sha256 = "0" * 64
    needs_text = False

    def __init__(self) -> None:
        self.calls = 0
        self.reading = ChartReading(ANSWER, (0.0, 1.0, 0.5), "end")
        self.errors: dict[int, BaseException] = {}  # by call
        self.asked: list[int | None] = []

    def find_text(self, picture: NDArray[np.uint8]) -> list[TextBox]:
        return []

    def read_charts(
        self, pictures: Sequence[RGB], texts: Sequence[Sequence[TextBox]], *, max_new_tokens: int | None = None
    ) -> list[ChartReading]:
        self.calls += 1
        self.asked.append(max_new_tokens)
        if self.calls in self.errors:
            raise self.errors[self.calls]
        return [self.reading] * len(pictures)


@pytest.fixture
def charts(monkeypatch: pytest.MonkeyPatch) -> FakeChartReader:
    """The reader that every model name loads."""
    return in_use(monkeypatch, FakeChartReader())


chart = command_with("charts", "chart")


def test_a_chart_goes_to_standard_output_as_markdown(chart: Run, picture: Path) -> None:
    done = chart(picture)
    assert_fine(done)
    assert done.stdout == (
        "# Sales\n\n|  | value |\n| --- | ---: |\n| Jan | 10 |\n| Feb | 30 |\n| Mar | 20 |\n\n"
        "Reliable (1.00): the two readings differ by 0.000 on average, below 0.1.\n"
    )


@pytest.mark.parametrize("format", SUFFIXES)
def test_every_format_goes_to_standard_output_or_a_file(chart: Run, picture: Path, tmp_path: Path, format: str) -> None:
    done = chart(picture, f"--{format}")
    assert_fine(done)
    assert done.stdout.startswith(STARTS[format])
    for arguments in ((f"--{format}", "-o", "out.txt"), ("-o", f"out{SUFFIXES[format]}")):
        assert_fine(chart(picture, *arguments[:-1], tmp_path / arguments[-1]))
        assert (tmp_path / arguments[-1]).read_bytes().decode().startswith(STARTS[format])


def test_several_documents_go_to_one_place_together(chart: Run, picture: Path, pdf: Path, tmp_path: Path) -> None:
    expected = [(str(pdf), 1), (str(pdf), 2), (str(pdf), 3), (str(picture), 1)]
    content = json.loads(chart(pdf, picture, "--json").stdout)
    assert [(one["file"], one["page"]) for one in content] == expected
    assert_fine(chart(pdf, picture, "-o", tmp_path / "all.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert list(dict.fromkeys((row["file"], int(row["page"])) for row in rows)) == expected


def test_a_folder_gets_a_file_a_document_and_format(chart: Run, picture: Path, pdf: Path, tmp_path: Path) -> None:
    assert_fine(chart(pdf, picture, "--csv", "--json", "-o", tmp_path / "new" / "results"))
    assert names_in(tmp_path / "new") == [f"results/{stem}{s}" for stem in ("book", "scan") for s in (".csv", ".json")]
    assert len(json.loads((tmp_path / "new" / "results" / "book.json").read_text())) == 3
    assert_fine(chart(picture, "-o", tmp_path / "new"))
    assert (tmp_path / "new" / "scan.md").exists()


def test_pages_and_resolution_are_as_asked(chart: Run, charts: FakeChartReader, pdf: Path) -> None:
    done = chart(pdf, "--pages", "3,1", "--dpi", "400", "--json", "--max-new-tokens", "9")
    assert_fine(done)
    content = json.loads(done.stdout)
    assert [one["page"] for one in content] == [3, 1]
    assert content[0]["width"] == pytest.approx(800, abs=1)
    assert charts.asked == [9, 9]


def test_a_chart_less_reliable_than_asked_is_marked_and_kept(
    chart: Run, charts: FakeChartReader, picture: Path
) -> None:
    assert_fine(chart(picture, "--min-confidence", "1"))
    charts.reading = ChartReading(ANSWER, (0.0, 1.0, 0.8), "end")
    assert_fine(chart(picture, "--min-confidence", "0.4"))
    done = chart(picture, "--min-confidence", "0.6")
    line = "Unreliable (0.50), less than the 0.6 that was asked for: the two readings differ by 0.100 on average, not "
    assert done.returncode == 1
    assert f"\n\n**{line}" in done.stdout
    assert "| Mar | <mark>20</mark> |" in done.stdout
    assert done.stderr.startswith(f"ocr2: page 1 of {picture}: {line}")


def test_an_unverifiable_chart_is_below_any_confidence(chart: Run, charts: FakeChartReader, picture: Path) -> None:
    charts.reading = ChartReading(ANSWER, None, "end")
    assert chart(picture).returncode == 0
    done = chart(picture, "--min-confidence", "0.01", "--json")
    assert done.returncode == 1
    content = json.loads(done.stdout)
    assert (content["doubtful"], content["reliability"]["verdict"], len(content["values"])) == (True, "unverifiable", 3)


def test_the_drawing_of_one_chart_is_the_file_that_was_named(chart: Run, picture: Path, tmp_path: Path) -> None:
    assert_fine(chart(picture, "--redraw", tmp_path / "new" / "seen.png"))
    with Image.open(tmp_path / "new" / "seen.png") as drawing:
        assert drawing.width > drawing.height


def test_drawings_of_several_charts_are_named_after_them(chart: Run, pdf: Path, picture: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    assert_fine(chart(pdf, "--redraw", folder / "seen.png"))
    assert names_in(folder) == [f"seen-book-000{n}.png" for n in (1, 2, 3)]
    assert_fine(chart(picture, pdf, "--pages", "1", "-o", tmp_path / "r", "--redraw", folder / "two.png"))
    assert names_in(folder)[-2:] == ["two-book-0001.png", "two-scan-0001.png"]


def test_a_drawing_does_not_take_the_place_of_a_document(chart: Run, picture: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "seen-scan-0001.png", tmp_path / "two.png"
    for path in (one, other):
        Image.new("RGB", (50, 50)).save(path)
    before = one.read_bytes()
    done = chart(picture, one, other, "--redraw", tmp_path / "seen.png", "-o", tmp_path / "r")
    assert f"cannot write to {one}: it is a document that is to be read" in done.stderr
    assert done.returncode == 2
    assert one.read_bytes() == before
    assert names_in(tmp_path / "r") == ["scan.md", "seen-scan-0001.md", "two.md"]


def test_what_fails_leaves_the_others(chart: Run, charts: FakeChartReader, pdf: Path, tmp_path: Path) -> None:
    charts.errors[2] = ZeroDivisionError("a defect")
    (tmp_path / "a.png").write_bytes(b"words")
    done = chart(tmp_path, "--json")
    assert done.returncode == 1
    errors = [
        f"{tmp_path / 'a.png'} is neither a PDF nor a picture that Pillow can open",
        None,
        f"page 2 of {pdf}: ZeroDivisionError: a defect",
        None,
    ]
    assert [one["error"] for one in json.loads(done.stdout)] == errors
    assert done.stderr == "".join(f"ocr2: {error}\n" for error in errors if error is not None)


@pytest.mark.parametrize("format", SUFFIXES)
def test_a_picture_without_a_chart_is_code_1(chart: Run, charts: FakeChartReader, picture: Path, format: str) -> None:
    charts.reading = ChartReading("Sorry.", None, "end")
    done = chart(picture, f"--{format}")
    assert done.returncode == 1
    assert done.stderr == (f"ocr2: page 1 of {picture}: no chart was found: the answer is no dictionary: 'Sorry'\n")
    assert ("no chart was found" in done.stdout) == (format != "csv")


@pytest.mark.parametrize("format", SUFFIXES)
def test_a_kind_that_is_not_read_is_named_with_code_1(
    chart: Run, charts: FakeChartReader, picture: Path, format: str
) -> None:
    charts.reading = ChartReading(ANSWER, None, "end", unread=UnreadKind("violin", 0.99))
    done = chart(picture, f"--{format}")
    line = "this is a violin plot, a kind that is not read"
    assert (done.returncode, done.stderr) == (1, f"ocr2: page 1 of {picture}: {line}\n")
    assert (line in done.stdout) == (format != "csv")
    assert "Feb" not in done.stdout
    if format == "json":
        content = json.loads(done.stdout)
        assert (content["kind"], content["values"], content["series"]) == ("violin", {}, [])


def test_warnings_can_be_silenced(chart: Run, charts: FakeChartReader, picture: Path) -> None:
    charts.reading = ChartReading(ANSWER[:-1], None, "end")
    warning = "the model's answer was not well-formed and was repaired: values may be missing"
    assert chart(picture).stderr == f"ocr2: page 1 of {picture}: {warning}\n"
    assert_fine(chart(picture, "--quiet"))


def test_an_interruption_keeps_what_was_read(
    chart: Run, charts: FakeChartReader, pdf: Path, picture: Path, tmp_path: Path
) -> None:
    charts.errors[3] = KeyboardInterrupt()
    done = chart(pdf, picture, "-o", tmp_path / "out.json")
    assert (done.returncode, done.stderr) == (130, f"ocr2: interrupted; 2 charts of {pdf} were read and are kept\n")
    assert len(json.loads((tmp_path / "out.json").read_text())) == 2


def test_a_selection_that_one_document_lacks_leaves_the_others(chart: Run, pdf: Path, picture: Path) -> None:
    done = chart(picture, pdf, "--pages", "2", "--json")
    assert done.returncode == 2
    assert done.stderr == f"ocr2: {picture} has 1 pages, the selection names none of them\n"
    assert json.loads(done.stdout)["page"] == 2


def test_standard_input_is_read(chart: Run, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(picture.read_bytes())))
    assert_fine(chart("-", "-o", tmp_path / "results"))
    assert names_in(tmp_path / "results") == ["stdin.md"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Missing argument"),
        ("missing.png", "no such file or folder: missing.png"),
        ("*.tif", "pattern *.tif matches no file"),
        ("scan.png --pages x", "page range 'x' is not of the form 3, 1-5 or 7-"),
        ("scan.png --dpi 5", "dpi must lie between 20 and 1200, got 5"),
        ("scan.png --min-confidence 2", "min_confidence must lie between 0 and 1, got 2"),
        ("scan.png --max-new-tokens 0", "Invalid value for '--max-new-tokens': "),
        ("scan.png --csv --json", "2 formats cannot go to standard output; name a folder with -o"),
        ("scan.png --csv --json -o a.csv", "2 formats cannot go to one file, a.csv; name a folder with -o"),
        (
            "scan.png -o a.docx",
            "a.docx names no format; use one of the suffixes .md, .json, .csv, .html, .vl.json, or ",
        ),
        ("scan.png -o scan.png", "scan.png names no format; use one of the suffixes"),
        ("scan.png --csv -o scan.png", "cannot write to scan.png: it is a document that is to be read"),
        ("own.md -o .", "cannot write to own.md: it is a document that is to be read"),
        ("scan.png -o own.md/out", "cannot write to own.md/out: Not a directory"),
        ("scan.png --redraw scan.png", "cannot write to scan.png: it is a document that is to be read"),
        ("scan.png --redraw out.jpg", "a drawing is a PNG, its name ends in .png; got out.jpg"),
        ("scan.png --redraw own.md/out.png", "cannot write to own.md: "),
    ],
)
def test_wrong_use_is_code_2_and_nothing_is_read(
    chart: Run,
    charts: FakeChartReader,
    picture: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    message: str,
) -> None:
    monkeypatch.chdir(picture.parent)
    Path("own.md").write_bytes(picture.read_bytes())
    done = chart(*arguments.split())
    assert the_line(done).startswith(message)
    assert (done.returncode, done.stdout, charts.calls) == (2, "", 0)


def test_a_result_that_cannot_be_written_leaves_the_others(chart: Run, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "results" / "scan.csv").mkdir(parents=True)
    done = chart(picture, "--csv", "--json", "-o", tmp_path / "results")
    assert done.stderr == f"ocr2: cannot write {tmp_path / 'results' / 'scan.csv'}: Is a directory\n"
    assert done.returncode == 2
    assert names_in(tmp_path / "results") == ["scan.json"]


def test_the_library_reads_what_the_command_reads(charts: FakeChartReader, picture: Path, pdf: Path) -> None:
    found = ocr2.read_charts(picture, min_confidence=0.5)
    assert [(one.title, one.page, one.doubtful) for one in found] == [("Sales", 1, False)]
    assert [one.page for one in ocr2.read_charts(pdf, pages="2-", dpi=100)] == [2, 3]
    assert len(ocr2.read_charts(str(pdf.parent / "*.p*"))) == 4
    assert [one.page for one in ocr2.read_charts([Image.open(picture)] * 2)] == [1, 2]
    with pytest.raises(ValueError, match="dpi must lie between 20 and 1200, got 1"):
        ocr2.read_charts(picture, dpi=1)


def test_one_chart_is_not_a_list(charts: FakeChartReader, picture: Path, pdf: Path) -> None:
    assert ocr2.chart(picture).title == "Sales"
    assert ocr2.chart(pdf, page=2, dpi=100).page == 2
    with pytest.raises(ValueError, match=r"has 3 pages: name one with page, or read them all with ocr2\.read_charts"):
        ocr2.chart(pdf, dpi=100)
    with pytest.raises(ValueError, match=r"read them with ocr2\.read_charts"):
        ocr2.chart([Image.open(picture)] * 2)


def test_pages_are_not_read_by_a_model_of_charts(charts: FakeChartReader, picture: Path) -> None:
    with pytest.raises(ModelError, match="onechart reads charts, not pages; got-nano does"):
        ocr2.read(picture, model="onechart")


def test_the_library_refuses_a_model_that_reads_no_charts(picture: Path) -> None:
    with pytest.raises(ModelError, match="got-nano reads pages, not charts"):
        ocr2.read_charts(picture, model="got-nano")
