"""Rooms: what is imported when, and that no step of adding a model was forgotten."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from torch import nn

from ocr2.models.registry import ROOMS
from ocr2.models.spec import Task

ROOT = Path(__file__).parent.parent
MODEL_FILES = {
    "__init__.py", "models.py", "config.py", "network.py", "checkpoint.py", "prompts.py", "reader.py",
}  # fmt: skip
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


@pytest.mark.parametrize("room", ROOMS)
def test_a_model_room_has_the_files_of_all_rooms_and_is_packaged(room: str) -> None:
    files = {path.name for path in (ROOT / room).glob("*.py")}
    assert files >= MODEL_FILES
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    setuptools = config["tool"]["setuptools"]
    assert f"ocr2.{room}" in setuptools["packages"]
    assert setuptools["package-dir"][f"ocr2.{room}"] == room
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    assert any(room in layer.split(" | ") for layer in layers)


@pytest.mark.parametrize("room", ROOMS)
def test_the_files_of_a_model_room_hold_the_same_things_as_in_all_rooms(room: str) -> None:
    def load(name: str) -> ModuleType:
        return importlib.import_module(f"ocr2.{room}.{name}")

    published = [spec for spec in load("models").MODELS.values() if not spec.shipped]
    assert published
    assert load("checkpoint").LAYOUTS
    assert callable(load("checkpoint").load_published)
    assert load("checkpoint").checkpoint_format().architectures == load("checkpoint").ARCHITECTURES
    presets = {**load("config").PRESETS, **getattr(load("config"), "PUBLISHED_PRESETS", {})}
    assert any(spec.name in presets for spec in published)
    networks = [one for one in vars(load("network")).values() if isinstance(one, type) and issubclass(one, nn.Module)]
    assert networks
    readers = [one for one in vars(load("reader")).values() if isinstance(one, type)]
    for spec in published:
        if spec.name != "vary-tiny":  # in a folder of its own
            assert any(all(able(one, task) for task in spec.tasks) for one in readers), spec.name


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "fox"])  # it has no network of its own
def test_a_nano_model_is_apart_from_the_published_one(room: str) -> None:
    files = {path.name for path in (ROOT / room / "nano").glob("*.py")}
    assert "reader.py" in files
    assert ("network.py" in files) != (room == "got")  # whose nano network is the published class


METHODS: dict[Task, tuple[str, ...]] = {
    "read": ("read_strips", "read_pictures"),
    "chart": ("read_charts",),
    "trace": ("trace_figures",),
    "detect": ("find_regions",),
    "ask": ("answer",),
    "focus": ("read_places", "read_pictures", "read_strips"),
}


def able(reader: type, task: Task) -> bool:
    """Say whether a class has a method that a task calls."""
    return any(callable(getattr(reader, name, None)) for name in METHODS[task])


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
