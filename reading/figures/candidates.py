"""What writing may name, and how likely that is: a linear score of how it stands to each side, angle, arc and line.

Weights are fitted by `python -m ocr2.train.figure_naming`. Lengths are pixels of the picture, those of features heights
of the writing.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.geometry.parts import Angle, Point, angles_of, foot_of, pieces_of, points_of, turn_between
from ocr2.geometry.parts import Segment as Piece
from ocr2.models.protocols import TextBox
from ocr2.reading.figures.geometry import figure_size
from ocr2.reading.figures.traced import Geometry
from ocr2.results.figure import LabelKind, Mark

NEAR = 0.012  # of the figure's size: a point on a segment
SHORTEST = 0.02  # of the figure's size: a piece of a side, a way of an angle
FARTHEST = 4.0  # heights of writing that it is off what it names
TURNED = 15.0  # degrees that a mark or a measure may be outside of its angle
DEGREES = re.compile(r"[°º˚]")
SMALL_NUMBER = re.compile(r"1?\d")
LETTER = re.compile(r"[a-zα-ωℓ]")
CAPTION = re.compile(r"[A-Za-z]{3,}|\d+\.$|\(\d+\)$")
# One row a kind; what each stands for: `_features_of_text`, then `_features_of_...`.
WEIGHTS: dict[LabelKind, tuple[float, ...]] = {
    "angle": (2.164, 3.368, 2.029, 0.992, -0.134, -0.809, -4.722, 0.272, -0.662, -0.866),
    "side": (2.25, -2.752, -1.086, -1.182, -0.59, -0.954, -4.387, -0.214, -1.329, 0.186),
    "arc": (-1.129, 0.324, -0.07, -0.359, -0.394, -0.404, -0.929, 0.184, 0.0, 0.0),
    "line": (0.241, -0.252, -0.213, 1.464, -0.118, -0.491, -1.304, 0.365, 0.0, 0.0),
    "free": (-3.527, -0.688, -0.659, -0.916, 1.236, 0.0, 0.0, 0.0, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a figure that writing may name."""

    size: float
    points: list[Point]
    pieces: list[Piece]
    angles: list[Angle]
    lines: list[Piece]  # with an arrow at an end
    rounds: list[tuple[str, Point, float]]  # name, middle, radius


@dataclass(frozen=True, slots=True)
class Named:
    """What writing names."""

    kind: LabelKind
    points: tuple[Point, ...] = ()
    round: str = ""  # "circle 1", "arc 1"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What writing may name."""

    named: Named
    features: tuple[float, ...]

    @property
    def score(self) -> float:
        """Logarithm of how likely it is, but for what all candidates share."""
        return sum(w * f for w, f in zip(WEIGHTS[self.named.kind], self.features, strict=True))


def parts_of(geometry: Geometry) -> Parts:
    """Return the parts of a tidied figure."""
    size = figure_size(geometry)
    segments = [(s.start, s.end) for s in geometry.segments]
    middles = [c.center for c in geometry.circles]
    near, least = NEAR * size, SHORTEST * size
    points = points_of(segments, middles, near=near)
    rounds = [(f"circle {i}", c.center, c.radius) for i, c in enumerate(geometry.circles, start=1)]
    rounds += [(f"arc {i}", a.center, a.radius) for i, a in enumerate(geometry.arcs, start=1)]
    return Parts(
        size,
        points,
        pieces_of(segments, points, near=near, least=least),
        angles_of(segments, points, near=near, least=least),
        [(s.start, s.end) for s in geometry.segments if any(s.arrows)],
        rounds,
    )


def candidates_of(text: TextBox, parts: Parts, marks: Sequence[Mark]) -> list[Candidate]:
    """Return what writing may name, nothing (`free`) among it.

    Args:
        text: The writing.
        parts: Of the figure.
        marks: Of the figure: a measure of an angle stands beside its arcs.
    """
    said = _features_of_text(text)
    found = [Candidate(Named("free"), (*said, 0.0, 0.0, 0.0, 0.0, 0.0))]
    for angle in parts.angles:
        if (seen := _features_of_angle(text, angle, marks)) is not None:
            found.append(Candidate(Named("angle", (angle.first, angle.vertex, angle.second)), (*said, *seen)))
    for piece in parts.pieces:
        if (seen := _features_of_side(text, piece, parts.size)) is not None:
            found.append(Candidate(Named("side", piece), (*said, *seen)))
    for line in parts.lines:
        if (seen := _features_of_line(text, line)) is not None:
            found.append(Candidate(Named("line", line), (*said, *seen)))
    for name, middle, radius in parts.rounds:
        if (seen := _features_of_round(text, middle, radius)) is not None:
            found.append(Candidate(Named("arc", round=name), (*said, *seen)))
    return found


def _features_of_text(text: TextBox) -> tuple[float, ...]:
    """Return 1, and whether it is degrees, a small number, a small letter, a caption."""
    patterns = (
        DEGREES.search(text.text),
        SMALL_NUMBER.fullmatch(text.text),
        LETTER.fullmatch(text.text),
        CAPTION.search(text.text),
    )
    return (1.0, *(float(found is not None) for found in patterns))


def _features_of_angle(text: TextBox, angle: Angle, marks: Sequence[Mark]) -> tuple[float, ...] | None:
    """Return the gap to the vertex, how far beside the middle, whether an arc is between, width, and how much room."""
    middle = middle_of(text)
    turn = turn_between(angle.vertex, angle.first, middle) % 360
    if turn > angle.degrees or not lies_within(middle, angle):
        return None
    away = math.dist(middle, angle.vertex)
    gap = max(0.0, away - half_of(text, angle.vertex)) / text.height
    aside = abs(turn - angle.degrees / 2) / max(1.0, angle.degrees / 2)
    arcs = [m.place for m in marks if m.kind == "arc" and lies_within(m.place, angle)]
    turns = [abs(turn_between(angle.vertex, angle.first, p) % 360 - angle.degrees / 2) for p in arcs]
    before = any(t < TURNED and math.dist(p, angle.vertex) < away for t, p in zip(turns, arcs, strict=True))
    shorter = min(math.dist(angle.vertex, end) for end in (angle.first, angle.second))
    return min(gap, 6.0), aside, float(before), angle.degrees / 90, min(2.0, away / max(1.0, shorter))


def _features_of_side(text: TextBox, piece: Piece, size: float) -> tuple[float, ...] | None:
    """Return the gap to it, how far from its middle along it, how far beyond its ends, its length, and nearness."""
    middle = middle_of(text)
    foot, share = foot_of(middle, *piece)
    gap = max(0.0, math.dist(middle, foot) - half_of(text, foot)) / text.height
    if gap > FARTHEST or not -0.2 <= share <= 1.2:
        return None
    beyond = max(0.0, 0.12 - share, share - 0.88)
    return gap, abs(share - 0.5), beyond * 10, math.dist(*piece) / max(1.0, size), float(gap < 0.6)


def _features_of_line(text: TextBox, line: Piece) -> tuple[float, ...] | None:
    """Return the gap to it, and how far from its nearer end."""
    middle = middle_of(text)
    foot, share = foot_of(middle, *line)
    near = foot if 0 <= share <= 1 else line[share > 1]
    gap = max(0.0, math.dist(middle, near) - half_of(text, near)) / text.height
    if gap > FARTHEST:
        return None
    end = min(math.dist(middle, p) for p in line) / text.height
    return gap, min(end, 6.0), float(not 0.2 <= share <= 0.8), 0.0, 0.0


def _features_of_round(text: TextBox, middle: Point, radius: float) -> tuple[float, ...] | None:
    """Return the gap outside of it, and inside."""
    off = math.dist(middle_of(text), middle) - radius
    half = half_of(text, middle)
    outside, inside = (off - half) / text.height, (-off - half) / text.height
    if max(outside, inside) > FARTHEST / 2:
        return None
    return max(0.0, outside), max(0.0, inside), float(off > 0), 0.0, 0.0


def lies_within(place: Point, angle: Angle) -> bool:
    """Say whether a place lies between the ways of an angle, not beyond them."""
    turn = turn_between(angle.vertex, angle.first, place) % 360
    inside = turn <= angle.degrees + TURNED or turn >= 360 - TURNED
    longest = max(math.dist(angle.vertex, end) for end in (angle.first, angle.second))
    return inside and 0 < math.dist(place, angle.vertex) < longest


def half_of(text: TextBox, towards: Point) -> float:
    """Return how far writing reaches from its middle towards a point."""
    middle = middle_of(text)
    way = np.array([towards[0] - middle[0], towards[1] - middle[1]])
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        return 0.0
    half = (text.box[2] - text.box[0]) / 2, (text.box[3] - text.box[1]) / 2
    return float(min(h * length / max(1e-9, abs(w)) for h, w in zip(half, way.tolist(), strict=True)))


def middle_of(text: TextBox) -> Point:
    """Return the middle of writing."""
    return (text.box[0] + text.box[2]) / 2, (text.box[1] + text.box[3]) / 2
