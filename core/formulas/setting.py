"""Formulas set by LaTeX and drawn by dvipng: many in one run.

Axis letters: h rows, w columns.
"""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

DPI = 540  # drawn without grey levels, then made smaller
SIZE = 10.0  # points of an em
LIMIT_SECONDS = 120
DISPLAY = r"\displaystyle"


@dataclass(frozen=True, slots=True)
class Setting:
    """How a formula is set."""

    text: str
    display: bool


def set_formulas(settings: Sequence[Setting], preamble: str) -> list[NDArray[np.uint8] | None]:
    """Return the pictures (h, w, 3) of formulas in one run of LaTeX; None for one that cannot be set.

    Raises:
        FileNotFoundError: If LaTeX or dvipng is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "f.tex").write_text(_document(settings, preamble), encoding="utf-8")
        _call(["latex", "-interaction=nonstopmode", "-no-shell-escape", "f.tex"], path)
        log = (path / "f.log").read_text(encoding="utf-8", errors="replace") if (path / "f.log").exists() else ""
        failed = _failed(log, len(settings))
        if not (path / "f.dvi").exists():
            return [None] * len(settings)
        look = ["-D", str(DPI), "-Q", "1", "-T", "tight", "--truecolor", "-bg", "White"]
        _call(["dvipng", "-q", *look, "-o", "p%d.png", "f.dvi"], path)
        return [None if i in failed else _read(path / f"p{i + 1}.png") for i in range(len(settings))]


def _document(settings: Sequence[Setting], preamble: str) -> str:
    pages = [
        rf"\typeout{{BEGIN {i}}}\shipout\hbox{{${DISPLAY if setting.display else ''} {setting.text} $}}"
        for i, setting in enumerate(settings)
    ]
    return "\n".join(
        (
            r"\documentclass[10pt]{article}",
            r"\usepackage{amsmath}",
            preamble,
            r"\begin{document}",
            r"\everymath{}",
            *pages,
            r"\typeout{BEGIN -1}",
            r"\end{document}",
        )
    )


def _failed(log: str, count: int) -> set[int]:
    """Return the numbers of formulas at which LaTeX complained, and of those behind a stop."""
    failed: set[int] = set()
    current, last = -1, -1
    for line in log.splitlines():
        if found := re.match(r"BEGIN (-?\d+)", line):
            current = int(found[1])
            last = max(last, current)
        elif line.startswith("!") and current >= 0:
            failed.add(current)
    return failed | set(range(last + 1, count))


def _call(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, timeout=LIMIT_SECONDS, check=False)


def _read(path: Path) -> NDArray[np.uint8] | None:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if pixels is None else np.ascontiguousarray(pixels[..., ::-1])
