"""The package as it was at an earlier commit: frozen sets are drawn by the code of their day."""

import subprocess
import tomllib
from pathlib import Path


def take_package(commit: str, folder: Path) -> Path:
    """Lay the package of a commit out as it is installed; returns what to put on the path.

    Args:
        commit: Of the repository that the working folder belongs to.
        folder: To lay it out in; what is there from an earlier call is used again.

    Raises:
        ValueError: If there is no such commit.
    """
    package = folder / "package"
    if package.exists():
        return package
    archive = subprocess.run(["git", "archive", commit], capture_output=True)
    if archive.returncode:
        raise ValueError(f"no commit {commit!r}: {archive.stderr.decode().strip()}")
    source = folder / "source"
    source.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-x", "-C", source], input=archive.stdout, check=True)
    rooms = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-dir"]
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    for name in sorted(rooms):  # ocr2 before what lies in it
        (source / rooms[name]).rename(unfinished.joinpath(*name.split(".")))
    return unfinished.rename(package)
