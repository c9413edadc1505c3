"""Pictures for pages: photographs, diagrams, molecules, scores, formulas. Each is grey, ink on white."""

import io
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr2.synth.charts.words import Words
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.layouts.scores import random_score

Gray = NDArray[np.uint8]
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MIN_SIDE = 60  # pixels of the longer side of a photograph
MAX_ATOMS = 45
MUSIC_FONTS = {False: ("Leipzig", "Bravura", "Leland"), True: ("Gootville", "Petaluma")}  # by held out
INK = 240  # grey level from which a pixel is background
DIMENSION = re.compile(
    r"\\(?:hspace|vspace|kern|hskip|raisebox|rule)\b|\\label|\\ref|\\cite|\\tag|\\footnote|\\includegraphics"
)
FORMULA_PAGE = r"""\documentclass[10pt]{article}
\usepackage{amsmath,amssymb,%s}
\usepackage[active,displaymath,tightpage]{preview}
\begin{document}
%s
\end{document}
"""
FORMULA_FONTS = {False: ("bm", "bm", "mathptmx", "euler"), True: ("mathpazo",)}


def trim(picture: Gray, border: int = 0) -> Gray:
    """Crop a picture to its ink, with a white border.

    Raises:
        ValueError: If there is no ink.
    """
    rows, columns = (np.flatnonzero((picture < INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise ValueError("the picture is empty")
    inner = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(inner, border, constant_values=255)


def find_photos(folders: Sequence[Path]) -> list[Path]:
    """Return the pictures below folders; files are returned as they are."""
    found = (p for f in folders for p in ([f] if f.is_file() else f.rglob("*")) if p.suffix.lower() in PHOTO_SUFFIXES)
    return sorted(p for p in found if not {"alphabets", "math", "symbols"} & set(p.parts))


def draw_photo(rng: Generator, files: Sequence[Path]) -> Gray:
    """Return a random crop of a picture, in grey."""
    with Image.open(files[int(rng.integers(len(files)))]) as opened:
        opened.draft("L", (1600, 1600))
        image = opened.convert("RGBA")
    ground = Image.new("RGBA", image.size, (255, 255, 255, 255))
    gray = np.asarray(Image.alpha_composite(ground, image).convert("L"), np.uint8)
    height, width = gray.shape
    if max(height, width) < MIN_SIDE:
        raise ValueError(f"{width} x {height} pixels are too few for a photograph")
    if max(height, width) > 900 or rng.random() < 0.3:  # a part of a large one
        share = float(rng.uniform(0.3, 1.0))
        ratio = float(np.exp(rng.uniform(-0.5, 0.7)))
        high = max(16, min(height, round(share * height)))
        wide = max(16, min(width, round(high * ratio)))
        top, left = int(rng.integers(height - high + 1)), int(rng.integers(width - wide + 1))
        gray = gray[top : top + high, left : left + wide]
    scale = min(1.0, 640 / max(gray.shape))
    gray = np.asarray(cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if rng.random() < 0.3:
        gray = np.asarray(np.clip(rng.uniform(0.6, 1.3) * (gray - 128.0) + 128 + rng.normal(0, 25), 0, 255), np.uint8)
    if rng.random() < 0.15:  # framed
        gray = cv2.copyMakeBorder(gray, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(0.0,)).astype(np.uint8)
    return gray


def draw_diagram(rng: Generator, words: Words, fonts: FontLibrary) -> Gray:
    """Return boxes with names, joined by arrows: a flow chart, a tree, a network or layers."""
    width, height = int(rng.integers(300, 640)), int(rng.integers(180, 520))
    image = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(image)
    families, _ = fonts.names_and_shares()
    faces = fonts.families[families[int(rng.integers(len(families)))]]
    size = int(rng.integers(9, 16))
    font = faces[int(rng.integers(len(faces)))].load(size)
    rows, columns = int(rng.integers(1, 5)), int(rng.integers(2, 5))
    places: list[tuple[float, float]] = []
    for r in range(rows):
        count = columns if rng.random() < 0.6 else int(rng.integers(1, columns + 1))
        for c in range(count):
            jitter = rng.normal(0, 0.06, 2)
            places.append(((c + 0.5 + jitter[0]) / count * width, (r + 0.5 + jitter[1]) / rows * height))
    half = width / columns * rng.uniform(0.25, 0.42), min(height / rows * 0.35, size * rng.uniform(1.0, 2.2))
    line = int(rng.integers(1, 3))
    for i in range(1, len(places)):
        j = int(rng.integers(i)) if rng.random() < 0.4 else i - 1
        _arrow(pen, places[j], places[i], line, size * 0.5 if rng.random() < 0.8 else 0)
    shape = str(rng.choice(["box", "round", "oval", "diamond"], p=[0.5, 0.25, 0.2, 0.05]))
    fill = int(rng.choice([255, 255, 235, 215, 190]))
    for x, y in places:
        box = (x - half[0], y - half[1], x + half[0], y + half[1])
        if shape == "oval":
            pen.ellipse(box, fill=fill, outline=0, width=line)
        elif shape == "diamond":
            pen.polygon([(x, box[1]), (box[2], y), (x, box[3]), (box[0], y)], fill=fill, outline=0)
        else:
            pen.rounded_rectangle(box, radius=6 if shape == "round" else 0, fill=fill, outline=0, width=line)
        pen.text((x, y), words.phrase(rng)[: max(3, int(half[0] * 3.4 / size))], font=font, fill=0, anchor="mm")
    return trim(np.asarray(image, np.uint8))


def _arrow(pen: ImageDraw.ImageDraw, a: tuple[float, float], b: tuple[float, float], width: int, head: float) -> None:
    pen.line((*a, *b), fill=0, width=width)
    if head:
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        angle = math.atan2(b[1] - a[1], b[0] - a[0])
        wings = [(middle[0] - head * math.cos(angle + s), middle[1] - head * math.sin(angle + s)) for s in (0.4, -0.4)]
        pen.polygon([middle, *wings], fill=0)


def draw_molecule(rng: Generator, smiles: Sequence[str], *, held_out: bool) -> Gray:
    """Return a molecule's structure, drawn by RDKit."""
    from rdkit import Chem, RDLogger
    from rdkit.Chem.Draw import rdMolDraw2D

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    while True:
        molecule = Chem.MolFromSmiles(smiles[int(rng.integers(len(smiles)))])
        if molecule is not None and 5 <= molecule.GetNumHeavyAtoms() <= MAX_ATOMS:
            break
    side = int(rng.integers(260, 520))
    drawer = rdMolDraw2D.MolDraw2DCairo(side, side)
    options: Any = drawer.drawOptions()  # the stubs of RDKit mistake the type of its attributes
    options.useBWAtomPalette()
    options.bondLineWidth = int(rng.integers(1, 4))
    options.multipleBondOffset = float(rng.uniform(0.1, 0.2))
    options.rotate = 30 if held_out else int(rng.integers(0, 360))
    options.addStereoAnnotation = bool(rng.random() < 0.1)
    options.addAtomIndices = bool(rng.random() < 0.06)
    options.explicitMethyl = bool(rng.random() < 0.15)
    options.fixedBondLength = float(rng.uniform(16, 34))
    drawer.DrawMolecule(molecule)
    drawer.FinishDrawing()
    picture = np.asarray(Image.open(io.BytesIO(drawer.GetDrawingText())).convert("L"), np.uint8)
    return trim(picture)


def draw_score(rng: Generator, *, held_out: bool) -> Gray:
    """Return one to six systems of music, drawn by Verovio."""
    import resvg_py
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    tk = verovio.toolkit()
    fonts = MUSIC_FONTS[held_out]
    tk.setOptions({
        "pageWidth": int(rng.integers(1000, 2400)), "pageHeight": int(rng.integers(600, 2600)),
        "adjustPageHeight": True, "adjustPageWidth": True, "scale": 40, "font": str(rng.choice(fonts)),
        "header": "none", "footer": "none", "svgViewBox": True, "breaks": "auto",
        "spacingSystem": int(rng.integers(2, 14)), "pageMarginLeft": 20, "pageMarginRight": 20,
    })  # fmt: skip
    tk.loadData(random_score(rng, int(rng.choice([2, 4, 6, 8, 12, 16, 24]))))
    svg = tk.renderToSVG(1)
    picture = resvg_py.svg_to_bytes(svg_string=svg, background="white", width=int(rng.integers(500, 900)))
    return trim(np.asarray(Image.open(io.BytesIO(bytes(picture))).convert("L"), np.uint8))


def load_formulas(path: Path) -> list[str]:
    """Read token-spaced formulas, one a line, without those that need more than a formula."""
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [line.strip() for line in lines if 8 < len(line) < 400 and not DIMENSION.search(line)]


def draw_formulas(rng: Generator, formulas: Sequence[str], *, held_out: bool, dpi: int = 150) -> list[Gray]:
    """Return display formulas set by LaTeX; those that it refuses are left out."""
    package = str(rng.choice(FORMULA_FONTS[held_out]))
    body = "\n".join(f"\\begin{{displaymath}}{f}\\end{{displaymath}}" for f in formulas)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "f.tex").write_text(FORMULA_PAGE % (package, body))
        latex, dvipng = (shutil.which(name) for name in ("latex", "dvipng"))
        if latex is None or dvipng is None:
            raise FileNotFoundError("formulas need latex and dvipng")
        quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        environment = {**os.environ, "openout_any": "p", "shell_escape": "f"}
        subprocess.run([latex, "-interaction=nonstopmode", "f.tex"], env=environment, **quiet)  # type: ignore[call-overload]
        subprocess.run([dvipng, "-D", str(dpi), "-T", "tight", "--gamma", "2", "-o", "p%05d.png", "f.dvi"], **quiet)  # type: ignore[call-overload]
        pictures = []
        for path in sorted(Path(folder).glob("p*.png")):
            gray = np.asarray(Image.open(path).convert("L"), np.uint8)
            if gray.shape[0] >= 8 and (gray < INK).any():
                pictures.append(trim(gray))
    return pictures
