"""Rooms: what is imported when, and that no step of adding a model was forgotten."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ocr2.models.registry import ROOMS

ROOT = Path(__file__).parent.parent
MODEL_FILES = {"__init__.py", "config.py", "model.py", "checkpoint.py", "prompts.py", "pipeline.py"}
HEAVY = ("torch", "PIL", "transformers", "cv2", "pypdfium2", "numpy")


@pytest.mark.parametrize("code", ["import ocr2", "from ocr2.cli.main import app"])
def test_importing_loads_nothing_heavy(code: str) -> None:
    check = f"{code}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_heavy() -> None:
    check = (
        "import sys\nfrom ocr2.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


# A room whose network is its family's and whose weights are others' has its prompts and its models' names alone.
WITHOUT_NETWORK = {"fox": {"__init__.py", "loading.py", "prompts.py"}}


@pytest.mark.parametrize("room", ROOMS)
def test_a_model_room_is_complete_and_packaged(room: str) -> None:
    assert {path.name for path in (ROOT / room).glob("*.py")} >= WITHOUT_NETWORK.get(room, MODEL_FILES)
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = config["tool"]["setuptools"]
    assert f"ocr2.{room}" in setuptools["packages"]
    assert room in WITHOUT_NETWORK or f"ocr2.{room}.assets" in setuptools["packages"]
    assert setuptools["package-dir"][f"ocr2.{room}"] == room
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    assert any(room in layer.split(" | ") for layer in layers)


def test_every_folder_with_code_is_a_package() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = config["tool"]["setuptools"]
    folders = {"ocr2": ROOT / "core", **{k: ROOT / v for k, v in setuptools["package-dir"].items() if k != "ocr2"}}
    found = {
        ".".join([name, *path.parent.relative_to(folder).parts])
        for name, folder in folders.items()
        for path in folder.rglob("__init__.py")
    }
    assert found == set(setuptools["packages"])


def test_no_folder_hides_the_installed_package() -> None:
    assert not (ROOT / "ocr2").exists()
