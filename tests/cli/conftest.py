"""The command line with a reader that needs no weights, and documents to give it."""

import functools
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.cli.main import main
from ocr2.models.protocols import StripReading
from tests.fakes import FixedReader, in_use

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = "fixed words"


class FakeReader(FixedReader):
    """Reads the same words on every strip, and can be told to fail."""

    name = "fake"
    max_strip_width = 1024

    def __init__(self) -> None:
        super().__init__(TEXT, probability=0.99)
        self.calls = 0  # one a page
        self.errors: dict[int, BaseException] = {}

    def read_strips(
        self, strips: Sequence[NDArray[np.uint8]], *, on_batch: Callable[[int], None] | None = None, **options: object
    ) -> list[StripReading]:
        self.calls += 1
        if self.calls in self.errors:
            raise self.errors[self.calls]
        return super().read_strips(strips, on_batch=on_batch)


def assert_fine(done: subprocess.CompletedProcess[str]) -> None:
    """Check that a command neither failed nor said anything."""
    assert (done.returncode, done.stderr) == (0, "")


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a failed run printed, without its beginning."""
    assert done.stderr.endswith("\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ocr2: ")
    return line.removeprefix("ocr2: ")


def names_in(folder: Path) -> list[str]:
    """Return the files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    """The reader that every model name loads."""
    return in_use(monkeypatch, FakeReader())


@pytest.fixture
def fail_on_page(reader: FakeReader) -> Callable[[int, BaseException], None]:
    """Return a function that makes the reader raise an error on the n-th page it is given."""

    def plan(number: int, error: BaseException) -> None:
        reader.errors[number] = error

    return plan


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `ocr2` with arguments in this process."""

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = ["ocr2", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return subprocess.CompletedProcess(command, int(stop.value.code), out, err)

    return call


def command_with(reader: str, name: str) -> Callable[..., Run]:
    """Return a fixture: a function that runs the command `name` with the model of the fixture `reader`."""

    @pytest.fixture(name=name)
    def command(request: pytest.FixtureRequest, run: Run) -> Run:
        request.getfixturevalue(reader)
        return functools.partial(run, name)

    return command


read = command_with("reader", "read")


@pytest.fixture(scope="session")
def page() -> Image.Image:
    """A page with two lines of writing."""
    image = Image.new("L", (400, 120), 255)
    font = ImageFont.load_default(size=24)
    for top in (20, 60):
        ImageDraw.Draw(image).text((30, top), "Some written words", fill=0, font=font)
    return image


@pytest.fixture
def picture(page: Image.Image, tmp_path: Path) -> Path:
    """A picture of one page."""
    page.save(tmp_path / "scan.png")
    return tmp_path / "scan.png"


@pytest.fixture
def pdf(page: Image.Image, tmp_path: Path) -> Path:
    """A PDF of three pages, 400 x 120 pixels at 200 dpi."""
    scan = page.convert("1")  # else Pillow would write JPEGs
    scan.save(tmp_path / "book.pdf", save_all=True, append_images=[scan, scan], resolution=200)
    return tmp_path / "book.pdf"
