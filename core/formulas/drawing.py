"""Formulas drawn again, to be compared with the picture they were read in: by LaTeX, or by Matplotlib without it."""

import importlib.util
import io
import re
import shutil
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr2.formulas.setting import Setting, set_formulas

Gray = NDArray[np.uint8]  # (height, width)
PREAMBLE = r"\usepackage{amssymb}"
DPI = 300
# What a formula stands in, and the number of a display formula.
AROUND = re.compile(r"^\s*(?:\\\[|\\\(|\$\$?)|(?:\\\]|\\\)|\$\$?)\s*$|\\tag\{[^{}]*\}")


def bare(text: str) -> str:
    """Return a formula without delimiters and number.

    Examples:
        >>> bare(r"\\[a + b \\tag{3}\\]"), bare("$x$")
        ('a + b', 'x')
    """
    return AROUND.sub("", text).strip()


def can_draw() -> str | None:
    """Return the name of what draws formulas here; None if nothing does."""
    if shutil.which("latex") is not None and shutil.which("dvipng") is not None:
        return "LaTeX"
    return "Matplotlib" if importlib.util.find_spec("matplotlib") is not None else None


def draw_formulas(texts: Sequence[str]) -> list[Gray | None]:
    """Draw formulas, black on white; None for one that cannot be drawn.

    Args:
        texts: LaTeX; numbers of equations are left out.

    Raises:
        ModuleNotFoundError: If there is neither LaTeX nor Matplotlib.
    """
    formulas = [bare(text) for text in texts]
    if can_draw() == "LaTeX":
        pictures = set_formulas([Setting(text or "?", True) for text in formulas], PREAMBLE)
        return [None if picture is None else np.asarray(picture.min(axis=2), np.uint8) for picture in pictures]
    return [_by_matplotlib(text) for text in formulas]


def _by_matplotlib(text: str) -> Gray | None:
    from matplotlib.mathtext import math_to_image

    out = io.BytesIO()
    try:
        math_to_image(f"${text}$", out, dpi=DPI, format="png")
    except ValueError:  # its LaTeX is a part of LaTeX's
        return None
    return np.asarray(Image.open(out).convert("RGBA").convert("L"), np.uint8)
