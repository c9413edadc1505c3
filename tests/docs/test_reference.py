"""docs/reference.md: it is what `scripts/reference` writes of the commands as they are."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "reference", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, f"run scripts/reference\n{done.stderr}"


def test_every_command_and_its_options_are_there() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    for command in (
        "read",
        "chart",
        "trace",
        "detect",
        "ask",
        "focus",
        "batch",
        "serve",
        "mcp",
        "models list",
        "eval read",
    ):
        assert f"\n## ocr2 {command}\n" in page
    assert "| `-o`, `--output` | path |" in page
