"""Names, measures and other writing: chosen, put where there is room, and recorded with what they name."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from ocr2.geometry.parts import Angle, Point, Segment, along
from ocr2.synth.geometry.draw import LETTERS, UNITS, neighbours, to_pixel
from ocr2.synth.geometry.figure import Circle, Figure, away, turned
from ocr2.synth.geometry.textbook.canvas import Canvas, Ink
from ocr2.synth.geometry.textbook.look import Colour
from ocr2.synth.geometry.textbook.writing import (
    Part,
    Writing,
    angle_text,
    fitted,
    length_text,
    plain,
    point_name,
    set_writing,
)

TAKEN = 0.02  # of a box may be ink already
LINE_NAMES = "abcfghklmnpqrst"
CAPTIONS = ("Figure {n}", "{n}.", "Fig. {n}", "Exercise {n}", "({n})", "Not drawn to scale", "Example {n}")


class Labels:
    """Writing on one figure.

    Args:
        rng: For all choices.
        canvas: That is drawn on.
        figure: In its place.
    """

    def __init__(self, rng: Generator, canvas: Canvas, figure: Figure) -> None:
        self.rng = rng
        self.canvas = canvas
        self.figure = figure
        self.look = canvas.look
        self.letters: list[list[str | float]] = []  # the letter, its point, its middle
        self.texts: list[list[str | float]] = []  # text, kind, box (left, bottom, right, top), what it names

    def name_points(self, points: Sequence[Point], share: float) -> None:
        """Write capitals beside points, each where the least ink is."""
        names = list(LETTERS)
        if self.rng.random() < 0.4:
            self.rng.shuffle(names)
        for point in points:
            if self.rng.random() > share or not names:
                continue
            centre = any(math.dist(point, c[:2]) < 1e-6 for c in self.figure.circles)
            name = "O" if centre and "O" in names and self.rng.random() < 0.6 else names[0]
            names.remove(name)
            writing = point_name(self.rng, name)
            ink = set_writing(
                writing,
                self.look.letters,
                self.look.letter_size,
                slant=self.look.letter_slant,
                bold=self.look.letter_bold,
            )
            at, cost = self._freest(point, ink)
            box = self._put(writing, ink, at, "point", (point,), self.look.letter) if cost < 6 else None
            if box is not None and len(writing) == 1:
                self.letters.append([name, *_rounded(point), *_rounded(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))])

    def _freest(self, point: Point, ink: Ink) -> tuple[Point, float]:
        """Return where the least is in the way of writing about a point, pixels, and how much."""
        ways = [math.atan2(q[1] - point[1], q[0] - point[0]) for q in neighbours(self.figure, point)]
        found: list[tuple[float, Point]] = []
        for k in range(16):
            turn = 2 * math.pi * k / 16
            free = min((abs(math.remainder(turn - w, 2 * math.pi)) for w in ways), default=math.pi)
            for gap in (1.0, 1.6, 2.4):
                at = self._beside(point, turn, ink, gap * self.look.gap)
                cost = 12 * self.canvas.room(ink.shape, at) - 0.35 * free + 0.5 * gap + 0.15 * self.rng.random()
                found.append((float(cost), at))
        cost, at = min(found)
        return at, cost

    def name_lines(self) -> None:
        """Write small letters at ends of lines that go on."""
        names = list(LINE_NAMES)
        self.rng.shuffle(names)
        for segment in self.figure.segments:
            ends = [p for p in segment if p in self.figure.arrows]
            if not ends or not names or self.rng.random() > 0.7:
                continue
            writing: Writing = (Part(names.pop()),)
            ink = self._measure(writing)
            end = ends[0]
            other = segment[1] if end == segment[0] else segment[0]
            turn = math.atan2(end[1] - other[1], end[0] - other[0])
            back = away(end, other, 0.8)
            spots = [self._beside(end, turn + d, ink, self.look.gap) for d in (0.0, 1.2, -1.2)]
            spots += [self._beside(back, turn + d * math.pi / 2, ink, self.look.gap) for d in (1, -1)]
            self._first(writing, ink, spots, "line", segment)

    def measure_sides(self, pieces: Sequence[Segment], share: float) -> None:
        """Write lengths beside sides; where there is no room, farther off with an arrow."""
        for piece in pieces:
            if self.rng.random() > share:
                continue
            writing = fitted(length_text(self.rng), self.look.measures)
            ink = self._measure(writing)
            turn = math.atan2(piece[1][1] - piece[0][1], piece[1][0] - piece[0][0])
            turns = [turn + math.pi / 2, turn - math.pi / 2]
            self.rng.shuffle(turns)
            spots = [
                self._beside(along(*piece, at), way, ink, self.look.gap)
                for at in (0.5, 0.4, 0.6, 0.3, 0.7)
                for way in turns
            ]
            if self.rng.random() < 0.03 or not self._first(writing, ink, spots, "side", piece):
                self._with_arrow(writing, ink, along(*piece, float(self.rng.uniform(0.35, 0.65))), "side", piece)

    def measure_angles(self, angles: Sequence[Angle], share: float, nearest: float) -> None:
        """Write measures between the ways of angles, as near to the vertex as there is room."""
        for angle in angles:
            if self.rng.random() > share:
                continue
            writing = fitted(angle_text(self.rng), self.look.measures)
            ink = self._measure(writing)
            reach = 0.8 * min(math.dist(angle.vertex, end) for end in (angle.first, angle.second))
            on = (angle.vertex, angle.first, angle.second)
            spots = []
            for distance in np.arange(nearest, max(nearest + 0.1, min(reach, nearest + 4)), 0.25):
                at = turned(away(angle.vertex, angle.first, float(distance)), angle.vertex, angle.degrees / 2)
                spots.append(to_pixel(at, self.canvas.side))
            if not self._first(writing, ink, spots, "angle", on) and self.rng.random() < 0.5:
                inner = turned(away(angle.vertex, angle.first, nearest), angle.vertex, angle.degrees / 2)
                self._with_arrow(writing, ink, inner, "angle", on)

    def measure_arcs(self, circles: Sequence[Circle], share: float) -> None:
        """Write degrees or lengths outside circles and arcs."""
        for x, y, r in circles:
            if self.rng.random() < share:
                chosen = angle_text(self.rng) if self.rng.random() < 0.6 else length_text(self.rng)
                writing = fitted(chosen, self.look.measures)
                ink = self._measure(writing)
                spots = []
                for turn in self.rng.uniform(0, 2 * math.pi, 8).tolist():
                    edge = x + r * math.cos(turn), y + r * math.sin(turn)
                    spots.append(self._beside(edge, turn, ink, self.look.gap))
                self._first(writing, ink, spots, "arc", ((x, y), (x + r, y)))

    def caption(self) -> None:
        """Write a caption or a number where there is room near an edge."""
        text = str(self.rng.choice(list(CAPTIONS))).format(n=int(self.rng.integers(1, 60)))
        ink = self._measure((Part(text),))
        side = self.canvas.side
        height, width = ink.shape
        spots = [
            (side / 2, side - height),
            (width / 2 + 4, height),
            (side / 2, height),
            (side - width / 2 - 4, side - height),
        ]
        self.rng.shuffle(spots)
        self._first((Part(text),), ink, spots, "free", ())

    def _with_arrow(self, writing: Writing, ink: Ink, tip: Point, kind: str, on: Sequence[Point]) -> None:
        """Write where there is room and draw an arrow from there to what is meant."""
        for _ in range(24):
            turn, distance = float(self.rng.uniform(0, 2 * math.pi)), float(self.rng.uniform(1.6, 4))
            at = tip[0] + distance * math.cos(turn), tip[1] + distance * math.sin(turn)
            middle = to_pixel(at, self.canvas.side)
            if self.canvas.room(ink.shape, middle) > TAKEN:
                continue
            x, y = to_pixel(tip, self.canvas.side)
            reach = math.dist(middle, (x, y))
            half = min(reach * 0.8, 0.5 * math.hypot(*ink.shape) + 2)
            start = along(at, tip, half / reach)
            bend = turned(along(start, tip, 0.5), along(start, tip, 0.5), 0.0)
            lift = float(self.rng.uniform(-0.25, 0.25)) * math.dist(start, tip) if self.rng.random() < 0.5 else 0.0
            bend = bend[0] - lift * math.sin(turn), bend[1] + lift * math.cos(turn)
            path = [_curve(start, bend, tip, k / 10) for k in range(11)]
            self._put(writing, ink, middle, kind, on, self.look.text)
            self.canvas.stroke(self.rng, [path], self.look.text, self.look.mark_width)
            size = max(4.0, 3 * self.look.mark_width) / self.canvas.side * UNITS
            back = away(tip, path[-3], size)
            self.canvas.fill([[tip, turned(back, tip, 25), turned(back, tip, -25)]], self.look.text)
            return

    def _first(self, writing: Writing, ink: Ink, spots: Sequence[Point], kind: str, on: Sequence[Point]) -> bool:
        """Write at the first spot (pixels) that has room; returns whether there is one."""
        for at in spots:
            if self.canvas.room(ink.shape, at) <= TAKEN:
                return self._put(writing, ink, at, kind, on, self.look.text) is not None
        return False

    def _put(
        self, writing: Writing, ink: Ink, at: Point, kind: str, on: Sequence[Point], colour: Colour
    ) -> tuple[float, float, float, float] | None:
        box = self.canvas.put(ink, at, colour)
        if box is None:
            return None
        unit = self.canvas.side / UNITS
        left, top, right, bottom = (v / unit for v in box)
        found = left - UNITS / 2, UNITS / 2 - bottom, right - UNITS / 2, UNITS / 2 - top
        self.texts.append([plain(writing), kind, *_rounded(found), *(v for p in on for v in _rounded(p))])
        return found

    def _measure(self, writing: Writing) -> Ink:
        return set_writing(writing, self.look.measures, self.look.measure_size, names=self.look.slanted_names)

    def _beside(self, point: Point, turn: float, ink: Ink, gap: float) -> Point:
        """Return the middle, pixels, of a box that touches a circle about a point from outside, in a direction."""
        height, width = ink.shape
        x, y = to_pixel(point, self.canvas.side)
        dx, dy = math.cos(turn), -math.sin(turn)
        reach = gap + abs(dx) * width / 2 + abs(dy) * height / 2
        return x + dx * reach, y + dy * reach


def _curve(start: Point, bend: Point, end: Point, share: float) -> Point:
    return along(along(start, bend, share), along(bend, end, share), share)


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(float(value), 3) for value in values]
