"""Writing of figures as patches of ink: names with primes and numbers, measures, fractions and roots."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr2.synth.fonts import Face
from ocr2.synth.geometry.textbook.look import FaceSet

Ink = NDArray[np.float32]  # (height, width), 0 to 1
SMALL = 0.65  # of an em: numbers beside names, parts of fractions in lines


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of writing: characters, or two of them above each other."""

    text: str
    kind: str = "plain"  # plain, low, high, root, fraction (its parts at a slash)


Writing = tuple[Part, ...]


def plain(writing: Writing) -> str:
    """Return writing as it is read: `√` before what stands below a root, a fraction with a slash."""
    return "".join(("√" if part.kind == "root" else "") + part.text for part in writing)


def fitted(writing: Writing, faces: FaceSet) -> Writing:
    """Return writing in characters that a family has: a hyphen for a minus sign, x for Greek letters that it lacks."""

    def shown(c: str) -> str:
        if faces.upright.covers(c) and (not c.isalpha() or faces.italic.covers(c)):
            return c
        return "-" if c == "−" else "x"

    return tuple(Part("".join(map(shown, part.text)), part.kind) for part in writing)


def set_writing(
    writing: Writing, faces: FaceSet, size: int, *, slant: bool = False, bold: bool = False, names: bool = False
) -> Ink:
    """Return writing as ink, as small as it is.

    Args:
        writing: What is written.
        faces: Of a family.
        size: Pixels of an em.
        slant: All of it in italic.
        bold: All of it in bold.
        names: Letters in italic, the rest upright.
    """
    upright = _face(faces, slant=slant, bold=bold)
    italic = _face(faces, slant=slant or names, bold=bold)
    small = max(6, round(SMALL * size))
    width = round(size * (1.2 * sum(len(part.text) + 2 for part in writing) + 2))
    image = Image.new("L", (width, 4 * size))
    pen = ImageDraw.Draw(image)
    x, base = float(size), 2.4 * size
    for part in writing:
        if part.kind == "fraction":
            upper, lower = part.text.split("/")
            lengths = [upright.load(small).getlength(t) for t in (upper, lower)]
            wide = max(lengths) + 0.1 * size
            line = base - 0.28 * size
            pen.text((x + (wide - lengths[0]) / 2, line - 0.12 * size), upper, 255, upright.load(small), anchor="ls")
            pen.text(
                (x + (wide - lengths[1]) / 2, line + 0.12 * size + 0.72 * small),
                lower,
                255,
                upright.load(small),
                anchor="ls",
            )
            pen.line((x, line, x + wide, line), 255, max(1, size // 16))
            x += wide + 0.08 * size
            continue
        em = small if part.kind in ("low", "high") else size
        shift = {"low": 0.2 * size, "high": -0.35 * size}.get(part.kind, 0.0)
        start = x
        if part.kind == "root":
            x += 0.6 * size
        for c in part.text:
            face = italic if c.isalpha() else upright
            font = face.load(em)
            pen.text((x, base + shift), c, 255, font, anchor="ls")
            x += font.getlength(c)
        if part.kind == "root":
            top, thick = base - 0.85 * size, max(1, size // 16)
            pen.line((start + 0.08 * size, base - 0.3 * size, start + 0.25 * size, base), 255, thick + 1)
            pen.line((start + 0.25 * size, base, start + 0.5 * size, top), 255, thick)
            pen.line((start + 0.5 * size, top, x + 0.05 * size, top), 255, thick)
    ink = np.asarray(np.asarray(image, np.float32) / 255, np.float32)
    rows, columns = np.nonzero(ink > 0.1)
    if not len(rows):
        return np.zeros((1, 1), np.float32)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _face(faces: FaceSet, *, slant: bool, bold: bool) -> Face:
    if bold:
        return faces.bold_italic if slant else faces.bold
    return faces.italic if slant else faces.upright


def point_name(rng: Generator, letter: str) -> Writing:
    """Return a point's name: its letter, now and then with a prime or a number."""
    kind = float(rng.random())
    if kind < 0.03:
        return Part(letter), Part("'", "plain")
    if kind < 0.05:
        return Part(letter), Part(str(int(rng.integers(1, 4))), "low")
    return (Part(letter),)


def length_text(rng: Generator) -> Writing:
    """Return a length: a number, a name, an expression, with a unit, a root or a fraction."""
    n, m = int(rng.integers(1, 60)), int(rng.integers(2, 30))
    name = str(rng.choice(list("xyzabcnmhrst")))
    unit = str(rng.choice(["cm", "in.", "ft", "m", "mm", "km", "yd", "units"]))
    kinds: tuple[tuple[Writing, float], ...] = (
        ((Part(str(n)),), 0.34),
        ((Part(f"{n}.{int(rng.integers(1, 10))}"),), 0.08),
        ((Part(name),), 0.14),
        ((Part(f"{min(n, 9)}{name}"),), 0.06),
        ((Part(f"{name} {_sign(rng)} {n}"),), 0.06),
        ((Part(f"{min(m, 9)}{name} {_sign(rng)} {n}"),), 0.1),
        ((Part(f"{n} {unit}"),), 0.1),
        ((Part(str(min(n, 19))), Part(str(int(rng.choice([2, 3, 5, 6, 7]))), "root")), 0.05),
        ((Part(f"{int(rng.integers(1, 10))}/{int(rng.integers(2, 10))}", "fraction"),), 0.04),
        ((Part(f"{name}"), Part("2", "high")), 0.03),
    )
    shares = np.array([share for _, share in kinds])
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))][0]


def angle_text(rng: Generator) -> Writing:
    """Return the measure of an angle: degrees, a number that names it, a letter."""
    n, m = int(rng.integers(10, 170)), int(rng.integers(1, 60))
    name = str(rng.choice(list("xyzabn")))
    kinds: tuple[tuple[str, float], ...] = (
        (f"{n}°", 0.4),
        (str(int(rng.integers(1, 13))), 0.2),
        (f"{name}°", 0.1),
        (str(rng.choice(list("xyαβθ"))), 0.06),
        (f"({int(rng.integers(2, 10))}{name} {_sign(rng)} {m})°", 0.14),
        (f"{int(rng.integers(2, 10))}{name}°", 0.06),
        (f"({name} {_sign(rng)} {m})°", 0.04),
    )
    shares = np.array([share for _, share in kinds])
    return (Part(kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))][0]),)


def _sign(rng: Generator) -> str:
    return str(rng.choice(["+", "−", "-"], p=(0.5, 0.4, 0.1)))
