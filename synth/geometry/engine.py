"""The figure engine: pictures of geometric figures drawn from a seed, with their records."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.geometry.parts import Segment, crossing
from ocr2.synth.fonts import Face, FontLibrary
from ocr2.synth.geometry.annotations import MEASURES, Signs, draw_signs, pick_signs
from ocr2.synth.geometry.draw import draw_extras, draw_letters, draw_strokes, on_paper, pick_hand, place_letters
from ocr2.synth.geometry.figure import Figure, placed
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.scenes import build_scene

Gray = NDArray[np.uint8]
SIDES = (192, 256, 320, 384, 448, 512, 640)  # pixels that figures are drawn at
EXTENTS = (9.0, 18.6)  # units of a figure's larger side
MIN_MARGIN = 0.5  # units between a figure and the square's edge
DEGRADED = 0.55  # share of figures that are not clean
DASHED = 0.2  # share of a figure's segments, where any are dashed
SIGNED = 0.4  # share of figures with annotations
CROSSINGS = 1 / 11  # share of inner crossings that may have a letter


@dataclass(frozen=True, slots=True)
class FigureSample:
    """A drawn figure."""

    pixels: Gray  # (side, side)
    record: FigureRecord


class FigureEngine:
    """Draws figures.

    Args:
        fonts: Fonts of letters.
        sides: Sides of the square, pixels; each figure has one of them.
        extras: Whether dots, grey areas and arrow heads are drawn.
    """

    def __init__(self, fonts: FontLibrary, *, sides: tuple[int, ...] = SIDES, extras: bool = False) -> None:
        self.extras = extras
        self.faces = _letter_faces(fonts)
        self.sides = sides

    def draw(self, rng: Generator, scene: str | None = None, *, strength: float = DEGRADED) -> FigureSample:
        """Draw a figure of one scene, or of any."""
        name, figure = build_scene(rng, scene)
        extent = float(rng.uniform(*EXTENTS))
        room = max(0.0, 10 - MIN_MARGIN - extent / 2)
        at = float(rng.uniform(-room, room)), float(rng.uniform(-room, room))
        turn = float(rng.uniform(0, 360)) if rng.random() < 0.25 else float(rng.choice([0, 0, 0, 90, 180, 270]))
        figure = placed(figure, extent=extent, at=at, turn=turn, mirror=bool(rng.random() < 0.5))
        hand = pick_hand(rng, int(rng.choice(self.sides)))
        share = DASHED if rng.random() < 0.5 else 0.0
        dashed = (rng.random(len(figure.segments)) < share).tolist()
        coverage = draw_strokes(rng, figure.segments, dashed, figure.circles, hand)
        if self.extras:
            draw_extras(rng, coverage, figure, hand)
        figure.name(*_inner_crossings(rng, figure))
        named = float(rng.choice([0.0, 0.6, 0.9, 1.0], p=(0.2, 0.3, 0.2, 0.3)))
        letters = place_letters(rng, figure, named, hand.letter_gap)
        face = self._face(rng)
        draw_letters(coverage, letters, face.load(hand.letter_size))
        signs = pick_signs(rng, figure) if rng.random() < SIGNED else Signs()
        font = face.load(max(7, round(0.85 * hand.letter_size))) if face.covers(MEASURES) else None
        draw_signs(rng, coverage, signs, hand, font)
        record: FigureRecord = {
            "scene": name,
            "segments": [_rounded((*a, *b)) for a, b in figure.segments],
            "dashed": dashed,
            "circles": [_rounded(circle) for circle in figure.circles],
            "letters": [[letter.text, *_rounded((*letter.point, *letter.at))] for letter in letters],
            "signs": len(signs.paths) + (len(signs.texts) if font is not None else 0),
            "side": hand.side,
            "width": round(hand.width, 4),
            "wobble": round(hand.wobble, 4),
        }
        return FigureSample(on_paper(rng, coverage, strength=strength), record)

    def _face(self, rng: Generator) -> Face:
        return self.faces[int(rng.integers(len(self.faces)))]


def _letter_faces(fonts: FontLibrary) -> list[Face]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    faces = [face for family in fonts.families.values() for face in family if face.covers(letters)]
    if not faces:
        raise ValueError("no font has the capital letters")
    return faces


def _inner_crossings(rng: Generator, figure: Figure) -> list[tuple[float, float]]:
    """Return a few of the points where segments cross between their ends."""
    found = []
    for i, one in enumerate(figure.segments):
        for other in figure.segments[i + 1 :]:
            p = crossing(*one, *other)
            if p is not None and all(_within(p, s) for s in (one, other)) and rng.random() < CROSSINGS:
                found.append(p)
    return found


def _within(p: tuple[float, float], segment: Segment) -> bool:
    (x0, y0), (x1, y1) = segment
    share = ((p[0] - x0) * (x1 - x0) + (p[1] - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
    return 0.05 < share < 0.95


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(value, 4) for value in values]
