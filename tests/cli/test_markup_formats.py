"""`ocr2 read` with formats that are made of a model's markup."""

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.models.protocols import PageReading, PageRequest
from ocr2.options import PageInstructions
from tests.fakes import use_model

Run = Callable[..., subprocess.CompletedProcess[str]]
RGB = NDArray[np.uint8]

TIKZ = "\\begin{tikzpicture}\n\\draw (0,0) -- (1,1);\n\\end{tikzpicture}"
KERN = "**kern\n4c\n*-"


class FakePictureReader:
    """Answers each page with the next of its answers, and keeps what it was asked."""

    name = "fake"
    weights_sha256 = "0" * 64
    device_type = "cuda"  # where no small model reads ahead

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.asked: list[PageInstructions] = []

    def read_pictures(
        self, tasks: Iterable[PageRequest], *, batch_size: int | None = None
    ) -> Iterator[tuple[PageRequest, PageReading]]:
        for task in tasks:
            yield task, self.answer(task.instructions)

    def read_pages(self, pictures: Sequence[RGB], instructions: PageInstructions, **options: object) -> PageReading:
        return self.answer(instructions)

    def answer(self, instructions: PageInstructions) -> PageReading:
        self.asked.append(instructions)
        return PageReading(self.answers[len(self.asked) - 1], (0.9,), "end")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> FakePictureReader:
    """The whole-page model that every name loads."""
    fake = FakePictureReader()
    use_model(monkeypatch, fake)
    return fake


def test_without_such_a_format_plain_text_is_asked(run: Run, pages: FakePictureReader, picture: Path) -> None:
    pages.answers = ["Costs $5."]
    done = run("read", picture, "-f", "json")
    assert [told.formatted for told in pages.asked] == [False]
    assert json.loads(done.stdout)["pages"][0]["blocks"][0]["kind"] == "paragraph"


@pytest.mark.parametrize("format", ["mmd", "latex", "tikz", "smiles", "kern"])
def test_such_a_format_asks_for_markup(run: Run, pages: FakePictureReader, picture: Path, format: str) -> None:
    pages.answers = [f"{TIKZ}\n\n<smiles>CCO</smiles>\n\n{KERN}"]
    done = run("read", picture, "-f", format)
    assert (done.returncode, done.stderr) == (0, "")
    assert [told.formatted for told in pages.asked] == [True]


@pytest.mark.parametrize(("suffix", "written"), [(".tikz", TIKZ), (".krn", KERN), (".smi", "CCO")])
def test_the_suffix_picks_the_notation(
    run: Run, pages: FakePictureReader, picture: Path, tmp_path: Path, suffix: str, written: str
) -> None:
    pages.answers = [f"{TIKZ}\n\n<smiles>CCO</smiles>\n\n{KERN}"]
    assert run("read", picture, "-o", tmp_path / f"out{suffix}").returncode == 0
    assert (tmp_path / f"out{suffix}").read_text() == f"{written}\n"


def test_markup_is_brought_into_every_other_format(
    run: Run, pages: FakePictureReader, picture: Path, tmp_path: Path
) -> None:
    pages.answers = [r"\section*{One} Costs 5\%."]
    formats = ("text", "markdown", "html", "json", "hocr", "latex", "mmd")
    done = run("read", picture, "--markup", *(x for f in formats for x in ("-f", f)), "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    read = {path.suffix: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert read[".txt"] == "One\n\nCosts 5%.\n"
    assert read[".md"] == "## One\n\nCosts 5%.\n"
    assert "<h2>One</h2>" in read[".html"]
    assert r"\section*{One}" in read[".tex"]
    assert read[".mmd"] == "\\section*{One} Costs 5\\%.\n"
    assert "Costs 5%." in read[".hocr"]
    assert json.loads(read[".json"])["pages"][0]["blocks"][0]["notation"]["kind"] == "mmd"


def test_a_page_that_lacks_a_notation_is_told_and_fails(run: Run, pages: FakePictureReader, pdf: Path) -> None:
    pages.answers = [TIKZ, "Just words.", r"\[ x \]"]
    done = run("read", pdf, "-f", "tikz")
    assert done.returncode == 1
    assert done.stdout == f"{TIKZ}\n"
    assert done.stderr == (
        f"ocr2: page 2 of {pdf}: no TikZ: the answer is plain text\n"
        f"ocr2: page 3 of {pdf}: no TikZ: the answer is LaTeX\n"
    )


def test_a_notation_that_is_wrong_is_a_warning(run: Run, pages: FakePictureReader, picture: Path) -> None:
    pages.answers = [TIKZ.replace(";", ""), TIKZ.replace(";", "")]
    done = run("read", picture, "-f", "tikz")
    assert done.returncode == 0
    assert done.stderr == f"ocr2: page 1 of {picture}: tikz: \\draw does not end with ;\n"
    assert run("read", picture, "-f", "tikz", "--quiet").stderr == ""


def test_pages_that_are_read_as_one_text_do_not_lack_it(run: Run, pages: FakePictureReader, pdf: Path) -> None:
    pages.answers = [KERN]
    done = run("read", pdf, "-f", "kern", "--multi-page", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{KERN}\n", "")


@pytest.mark.parametrize("format", ["tikz", "smiles", "kern"])
def test_a_model_that_reads_lines_has_none(read: Run, picture: Path, format: str, tmp_path: Path) -> None:
    done = read(picture, picture, "-f", format, "-f", "text", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"ocr2: {format}: from models that read whole pages, got-nano reads lines\n"
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(("format", "start"), [("latex", "\\documentclass"), ("mmd", "fixed words")])
def test_a_model_that_reads_lines_gives_latex_and_mmd(read: Run, picture: Path, format: str, start: str) -> None:
    done = read(picture, "-f", format)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)
    assert "fixed words" in done.stdout
