"""docs/recipes.md: its programs run, and its commands are ones that exist."""

import re
import runpy
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with files as the recipes name them."""
    (tmp_path / "receipts").mkdir()
    shutil.copy(ROOT / "examples" / "page.pdf", tmp_path / "report.pdf")
    shutil.copy(ROOT / "examples" / "chart.png", tmp_path / "plot.png")
    receipt = Image.new("L", (640, 300), 255)
    for i, row in enumerate(("CORNER SHOP", "Coffee and cake    4.50", "Total    4.50")):
        ImageDraw.Draw(receipt).text((40, 40 + 70 * i), row, fill=0, font=ImageFont.load_default(size=36))
    receipt.save(tmp_path / "receipts" / "one.jpg", quality=95)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("program", PROGRAMS, ids=[str(i) for i in range(len(PROGRAMS))])
def test_a_program_runs(program: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "recipe.py").write_text(program, encoding="utf-8")
    runpy.run_path("recipe.py")
    assert capsys.readouterr().out or "tables()" in program  # the page has no table


def test_every_option_of_a_command_is_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    calls = re.findall(r"^    ocr2 (\w+) (.*?)(?:\s+#.*)?$", PAGE, re.MULTILINE)
    assert len(calls) >= 10
    for command, rest in calls:
        part = reference.split(f"\n## ocr2 {command}", 1)[1].split("\n## ", 1)[0]
        for option in re.findall(r"(?<!\S)-{1,2}[a-z][a-z-]*", rest):
            assert f"`{option}`" in part, f"ocr2 {command} has no {option}"
