"""How a figure looks: its ground, colours, widths of strokes, faces and sizes of writing.

The validation split has hues and faces that training does not have.
"""

import colorsys
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from ocr2.synth.fonts import Face, FontLibrary

Colour = tuple[float, float, float]  # red, green, blue, 0 to 255
HELD_OUT_HUES = ((0.05, 0.12), (0.44, 0.52), (0.80, 0.86))  # of a turn: orange, teal, violet
BLUE = (0.53, 0.66)
PINK = (0.88, 0.99)
STYLES = {"textbook": 0.42, "exam": 0.2, "screen": 0.16, "worksheet": 0.12, "chalk": 0.04, "pencil": 0.06}
UNSTEADY = {"chalk": 0.5, "pencil": 0.5}  # share that is drawn by hand
FAINTEST = 1.3  # contrast of the palest strokes with their ground
LEAST_LETTERS = 7.0  # a figure is at least so many letters wide
EXTRA_CHARACTERS = "°√−′"


@dataclass(frozen=True, slots=True)
class FaceSet:
    """Faces of one family; what it lacks is its upright one."""

    upright: Face
    italic: Face
    bold: Face
    bold_italic: Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look of one figure; sizes in pixels of its square unless said otherwise."""

    style: str
    side: int
    ground: Colour
    stroke: Colour
    second: Colour  # of some strokes
    mark: Colour
    text: Colour
    letter: Colour
    fill: Colour
    width: float
    mark_width: float
    letters: FaceSet
    letter_slant: bool
    letter_bold: bool
    letter_size: int
    measures: FaceSet
    measure_size: int
    slanted_names: bool  # x in italic among upright digits
    gap: float  # between a stroke and its writing
    mark_size: float  # of a square, a tick, an arc
    arrow: float  # length of a head
    arrow_open: bool
    dots: int  # 0 none, 1 dots, 2 rings
    wobble: float
    dash: float


def face_sets(fonts: FontLibrary) -> list[FaceSet]:
    """Return the families that have all capitals, small letters and the signs of measures, each with its styles."""
    found = []
    for family in fonts.families.values():
        by_style: dict[str, Face] = {}
        for face in family:
            if face.small_capitals or not face.covers(EXTRA_CHARACTERS[0]):
                continue
            name = str(face.load(12).getname()[1] or "").lower()
            slant, heavy = "italic" in name or "oblique" in name, "bold" in name or "black" in name
            odd = any(word in name for word in ("light", "thin", "condensed", "extra", "semi", "medium"))
            style = ("bold" if heavy else "") + ("italic" if slant else "") or "upright"
            if not odd or style not in by_style:
                by_style[style] = face
        if "upright" in by_style:
            upright = by_style["upright"]
            found.append(
                FaceSet(
                    upright,
                    by_style.get("italic", upright),
                    by_style.get("bold", upright),
                    by_style.get("bolditalic", by_style.get("bold", upright)),
                )
            )
    if not found:
        raise ValueError("no font family has the letters and signs of figures")
    return found


def pick_look(
    rng: Generator, faces: list[FaceSet], side: int, *, style: str | None, extent: float, held_out: bool
) -> Look:
    """Choose the look of a figure.

    Args:
        rng: For the choice.
        faces: Of writing.
        side: Pixels of its square.
        style: One of `STYLES`, or any.
        extent: Units of the figure's larger side: writing is no larger than suits it.
        held_out: Whether hues are those of the validation split.
    """
    style = style or str(rng.choice(list(STYLES), p=list(STYLES.values())))
    unit = side / 20
    ground, *colours, fill = _colours(rng, style, held_out=held_out)
    stroke, second, mark, text = (_seen(colour, ground) for colour in colours)
    thin = rng.random() < 0.75
    width = float(rng.uniform(0.8, 2.4) if thin else rng.uniform(2.4, 5.5)) * max(0.8, side / 450)
    letters = faces[int(rng.integers(len(faces)))]
    measures = letters if rng.random() < 0.6 else faces[int(rng.integers(len(faces)))]
    large = rng.random() < 0.45
    size = min(float(rng.uniform(1.3, 2.3) if large else rng.uniform(0.75, 1.3)), extent / LEAST_LETTERS)
    grey = text if rng.random() < 0.5 else _towards(text, ground, float(rng.uniform(0.1, 0.55)))
    return Look(
        style=style,
        side=side,
        ground=ground,
        stroke=stroke,
        second=second,
        mark=mark,
        text=text,
        letter=grey if rng.random() < 0.8 else stroke,
        fill=fill,
        width=width,
        mark_width=max(0.7, width * float(rng.uniform(0.45, 1.0))),
        letters=letters,
        letter_slant=bool(rng.random() < 0.6),
        letter_bold=bool(rng.random() < 0.3),
        letter_size=max(9, round(size * unit)),
        measures=measures,
        measure_size=max(8, round(size * unit * float(rng.uniform(0.65, 1.0)))),
        slanted_names=bool(rng.random() < 0.75),
        gap=float(rng.uniform(0.12, 0.45)) * unit + width / 2,
        mark_size=float(rng.uniform(0.35, 1.0)) * unit,
        arrow=max(4.0, width * float(rng.uniform(2.5, 5.5))),
        arrow_open=bool(rng.random() < 0.35),
        dots=int(rng.choice([0, 1, 2], p=(0.65, 0.3, 0.05) if style != "screen" else (0.25, 0.7, 0.05))),
        wobble=float(rng.uniform(0.4, 1.6) * side / 384) if rng.random() < UNSTEADY.get(style, 0.02) else 0.0,
        dash=float(rng.uniform(0.2, 0.5)) * unit,
    )


def varied(rng: Generator, look: Look) -> Look:
    """Return the look of a part of a figure that is drawn in another width and colour."""
    return replace(look, stroke=look.second, width=max(0.7, look.width * float(rng.uniform(0.4, 1.3))))


def _colours(rng: Generator, style: str, *, held_out: bool) -> tuple[Colour, Colour, Colour, Colour, Colour, Colour]:
    white: Colour = (255.0, 255.0, 255.0)
    black: Colour = (0.0, 0.0, 0.0)

    def colour(span: tuple[float, float] = (0.0, 1.0), *, light: tuple[float, float] = (0.3, 1.0)) -> Colour:
        return _hue(rng, span, light, held_out=held_out)

    if style == "textbook":
        stroke = colour(BLUE if rng.random() < 0.6 and not held_out else (0.0, 1.0), light=(0.5, 1.0))
        if rng.random() < 0.4:
            stroke = _pale(stroke, white, float(rng.uniform(0.2, 0.85)))
        mark = colour(PINK) if rng.random() < 0.5 and not held_out else (colour() if rng.random() < 0.5 else stroke)
        second = stroke if rng.random() < 0.6 else colour()
        tint = white if rng.random() < 0.85 else _pale(colour(), white, 0.9)
        return tint, stroke, second, mark, black, _pale(colour(), white, float(rng.uniform(0.3, 0.8)))
    if style == "screen":
        dark = rng.random() < 0.15
        ground = (30.0, 30.0, 34.0) if dark else white
        stroke = colour() if rng.random() < 0.6 else ((220.0,) * 3 if dark else (20.0, 20.0, 20.0))
        if rng.random() < 0.4:
            stroke = _pale(stroke, ground, float(rng.uniform(0.1, 0.7)))
        return (
            ground,
            stroke,
            colour(),
            colour(),
            colour() if rng.random() < 0.5 else stroke,
            _pale(colour(), ground, 0.7),
        )
    if style == "chalk":
        base = colour((0.3, 0.45), light=(0.15, 0.35)) if rng.random() < 0.6 else (40.0, 42.0, 45.0)
        chalk: Colour = (235.0, 235.0, 230.0)
        return base, chalk, _pale(colour(), chalk, 0.4), _pale(colour(), chalk, 0.5), chalk, _pale(chalk, base, 0.8)
    grey = float(rng.uniform(0, 60) if rng.random() < 0.7 else rng.uniform(60, 190))
    paper = float(rng.uniform(235, 255)) if style == "exam" else float(rng.uniform(195, 250))
    ground = (paper, paper, paper * float(rng.uniform(0.92, 1.0)))
    stroke = (grey, grey, grey)
    if style == "pencil":
        stroke = (80.0, 80.0, 85.0)
    return ground, stroke, stroke, stroke, (min(grey, 60.0),) * 3, _pale(stroke, ground, float(rng.uniform(0.5, 0.85)))


def _hue(rng: Generator, span: tuple[float, float], light: tuple[float, float], *, held_out: bool) -> Colour:
    """Return a colour of a hue of its split."""
    if held_out:
        low, high = HELD_OUT_HUES[int(rng.integers(len(HELD_OUT_HUES)))]
        hue = float(rng.uniform(low, high))
    else:
        hue = float(rng.uniform(*span))
        while any(low <= hue <= high for low, high in HELD_OUT_HUES):
            hue = float(rng.uniform(*span))
    r, g, b = colorsys.hsv_to_rgb(hue, float(rng.uniform(0.45, 1.0)), float(rng.uniform(*light)))
    return 255 * r, 255 * g, 255 * b


def _pale(colour: Colour, ground: Colour, share: float) -> Colour:
    """Return a colour moved towards the ground, but not so far that it cannot be seen."""
    while share > 0 and contrast(_towards(colour, ground, share), ground) < FAINTEST:
        share -= 0.05
    return _towards(colour, ground, max(0.0, share))


def _seen(colour: Colour, ground: Colour) -> Colour:
    """Return a colour moved away from the ground until it can be seen."""
    far: Colour = (0.0, 0.0, 0.0) if _luminance(ground) > 0.2 else (255.0, 255.0, 255.0)
    while contrast(colour, ground) < FAINTEST:
        colour = _towards(colour, far, 0.1)
    return colour


def _towards(colour: Colour, other: Colour, share: float) -> Colour:
    r, g, b = (c + (o - c) * share for c, o in zip(colour, other, strict=True))
    return r, g, b


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1."""
    low, high = sorted(_luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))
