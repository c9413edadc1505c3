"""Draws figures as textbooks and screens show them, in colour, with records of all that is on them."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.geometry.parts import Point, Segment, angles_of, pieces_of, points_of
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.geometry.draw import UNITS
from ocr2.synth.geometry.figure import Figure, arc_points, away, box_of, placed, turned
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.scenes import build_scene
from ocr2.synth.geometry.textbook.canvas import Canvas, roughness, wear
from ocr2.synth.geometry.textbook.labels import Labels
from ocr2.synth.geometry.textbook.look import Look, face_sets, pick_look, varied
from ocr2.synth.geometry.textbook.marks import pick_marks
from ocr2.synth.geometry.textbook.scenes import build_textbook_scene

RGB = NDArray[np.uint8]
SIDES = (224, 288, 352, 416, 512, 640)  # pixels that figures are drawn at
PLAIN_SCENES = 0.4  # share of scenes that the plain engine has too
SEVERAL = 0.08  # of pictures hold two figures
GRIDS, FILLED, HATCHED = 0.07, 0.2, 0.04
DEGRADED = 0.55
CIRCLE_STEPS = 240
NEAR = 0.03  # units from a segment that a point is on


@dataclass(frozen=True, slots=True)
class FigurePicture:
    """A drawn figure."""

    pixels: RGB  # (side, side, 3)
    record: FigureRecord


class TextbookEngine:
    """Draws figures.

    Args:
        fonts: Fonts of their writing.
        held_out: Whether colours are those of the validation split.
    """

    def __init__(self, fonts: FontLibrary, *, held_out: bool = False) -> None:
        self.faces = face_sets(fonts)
        self.held_out = held_out

    def draw(self, rng: Generator, *, style: str | None = None, strength: float = DEGRADED) -> FigurePicture:
        """Draw a figure, or two side by side.

        Args:
            rng: Decides everything that is not given.
            style: Of `ocr2.synth.geometry.textbook.look.STYLES`.
            strength: Probability of wear.
        """
        name, figure = _compose(rng)
        left, bottom, right, top = box_of(figure)
        extent = max(right - left, top - bottom)
        look = pick_look(rng, self.faces, int(rng.choice(SIDES)), style=style, extent=extent, held_out=self.held_out)
        canvas = Canvas(look)
        if look.style in ("chalk", "pencil"):
            canvas.rough = roughness(rng, look.side)
        if rng.random() < GRIDS:
            _draw_grid(rng, canvas, figure)
        _fill_areas(rng, canvas, figure)
        dashed = _draw_strokes(rng, canvas, figure)
        points = [p for p in points_of(figure.segments, figure.named, near=NEAR) if p not in figure.arrows]
        pieces = pieces_of(figure.segments, points, near=NEAR, least=0.5)
        angles = angles_of(figure.segments, points, near=NEAR, least=0.4)
        size = look.mark_size / look.side * UNITS
        marks = pick_marks(rng, pieces, angles, size)
        for mark in marks:
            canvas.stroke(rng, mark.paths, look.mark, look.mark_width)
        labels = Labels(rng, canvas, figure)
        labels.name_points(
            _nameable(figure, points), float(rng.choice([0.0, 0.5, 0.9, 1.0], p=(0.15, 0.15, 0.25, 0.45)))
        )
        if rng.random() < 0.6:
            labels.name_lines()
        if rng.random() < 0.65:
            labels.measure_angles(angles, float(rng.uniform(0.15, 0.9)), 0.4 + size)
        if rng.random() < 0.6:
            labels.measure_sides(pieces, float(rng.uniform(0.15, 0.8)))
        if rng.random() < 0.4:
            labels.measure_arcs([*figure.circles, *(a[:3] for a in figure.arcs)], 0.7)
        if rng.random() < 0.1:
            labels.caption()
        record: FigureRecord = {
            "scene": name,
            "segments": [_rounded((*a, *b)) for a, b in figure.segments],
            "dashed": dashed,
            "circles": [_rounded(circle) for circle in figure.circles],
            "letters": labels.letters,
            "signs": len(marks),
            "side": look.side,
            "width": round(look.width, 4),
            "wobble": round(look.wobble, 4),
            "style": look.style,
            "arcs": [_rounded(arc) for arc in figure.arcs],
            "arrows": [_rounded(p) for p in figure.arrows],
            "marks": [[m.kind, m.count, *_rounded((*m.at, *(v for p in m.on for v in p)))] for m in marks],
            "texts": labels.texts,
        }
        return FigurePicture(wear(rng, canvas.pixels, look.style, strength=strength), record)


def _compose(rng: Generator) -> tuple[str, Figure]:
    """Return a figure in its place, or two of them beside each other."""
    if rng.random() >= SEVERAL:
        name, figure = _scene(rng)
        extent = float(rng.uniform(8.0, 18.0))
        room = max(0.0, 9.4 - extent / 2)
        return name, _place(rng, figure, extent, (float(rng.uniform(-room, room)), float(rng.uniform(-room, room))))
    both, names = Figure(), []
    across = rng.random() < 0.6
    for way in (-1, 1):
        name, figure = _scene(rng)
        names.append(name)
        at = (way * 4.9, float(rng.uniform(-3, 3))) if across else (float(rng.uniform(-3, 3)), way * 4.9)
        part = _place(rng, figure, float(rng.uniform(5.5, 8.2)), at)
        for whole, more in zip(_lists(both), _lists(part), strict=True):
            whole += more
    return "+".join(names), both


def _lists(figure: Figure) -> tuple[list, ...]:  # type: ignore[type-arg]  # lists of several types
    return figure.segments, figure.circles, figure.named, figure.arcs, figure.arrows, figure.help


def _scene(rng: Generator) -> tuple[str, Figure]:
    return build_scene(rng) if rng.random() < PLAIN_SCENES else build_textbook_scene(rng)


def _place(rng: Generator, figure: Figure, extent: float, at: Point) -> Figure:
    turn = float(rng.choice([0.0, 0.0, 0.0, 90.0, 180.0, 270.0])) if rng.random() < 0.75 else float(rng.uniform(0, 360))
    return placed(figure, extent=extent, at=at, turn=turn, mirror=bool(rng.random() < 0.5))


def _draw_grid(rng: Generator, canvas: Canvas, figure: Figure) -> None:
    """Draw pale lines of a lattice, and often two axes, which belong to the figure."""
    step, look = float(rng.choice([0.5, 1.0, 1.0, 2.0])), canvas.look
    reach = float(rng.uniform(7, 9.8))
    lines: list[list[Point]] = []
    for k in np.arange(-reach, reach + 0.01, step).tolist():
        lines += [[(k, -reach), (k, reach)], [(-reach, k), (reach, k)]]
    pale = tuple(g + (i - g) * float(rng.uniform(0.1, 0.3)) for g, i in zip(look.ground, look.stroke, strict=True))
    canvas.stroke(rng, lines, pale, max(0.6, 0.4 * look.width))  # type: ignore[arg-type]  # three values
    canvas.taken[:] = 0
    if rng.random() < 0.5:
        x, y = (float(rng.integers(-4, 5)) for _ in range(2))
        for a, b in (((-reach, y), (reach, y)), ((x, -reach), (x, reach))):
            figure.segments.append((a, b))
            figure.arrows += [a, b] if rng.random() < 0.5 else [b]


def _fill_areas(rng: Generator, canvas: Canvas, figure: Figure) -> None:
    """Fill or hatch a circle, a sector or a polygon of the figure."""
    look = canvas.look
    areas: list[list[Point]] = [arc_points((*c, 0.0, 360.0), 90) for c in figure.circles]
    areas += [[*arc_points(arc, 40), arc[:2]] for arc in figure.arcs]
    ring = _ring(figure.segments)
    if ring:
        areas += [ring, ring]
    if areas and rng.random() < FILLED:
        canvas.fill([areas[int(rng.integers(len(areas)))]], look.fill, takes=False)
    if areas and rng.random() < HATCHED:
        area = areas[int(rng.integers(len(areas)))]
        canvas.hatch(area, look.fill, float(rng.uniform(0.3, 0.6)) * look.side / UNITS, float(rng.uniform(20, 70)))


def _ring(segments: list[Segment]) -> list[Point]:
    """Return corners of a polygon that segments enclose, one after the other; none if none is found."""
    for first in segments:
        path = [first[0], first[1]]
        used = [first]
        while len(path) < 9:
            following = next(
                (s for s in segments if s not in used and any(math.dist(p, path[-1]) < 1e-6 for p in s)), None
            )
            if following is None:
                break
            used.append(following)
            end = following[1] if math.dist(following[0], path[-1]) < 1e-6 else following[0]
            if math.dist(end, path[0]) < 1e-6:
                return path
            path.append(end)
    return []


def _draw_strokes(rng: Generator, canvas: Canvas, figure: Figure) -> list[bool]:
    """Draw segments, circles, arcs, heads of arrows and points; returns which segments are dashed."""
    look = canvas.look
    thin = varied(rng, look)
    mixed = float(rng.uniform(0.15, 0.6)) if rng.random() < 0.3 else 0.0
    at_random = 0.25 if rng.random() < 0.15 else 0.0
    kind = "dotted" if rng.random() < 0.2 else "dashed"
    dashed: list[bool] = []
    strokes: dict[tuple[bool, bool], list[Segment]] = {}
    for segment in figure.segments:
        is_help = any(_same(segment, other) for other in figure.help)
        dashed.append(is_help or bool(rng.random() < at_random))
        strokes.setdefault((bool(rng.random() < mixed), dashed[-1]), []).append(segment)
    for (is_thin, is_dashed), segments in strokes.items():
        way = thin if is_thin else look
        canvas.stroke(rng, segments, way.stroke, way.width, dashed=kind if is_dashed else "")
        tips = [(p, other) for a, b in segments for p, other in ((a, b), (b, a)) if p in figure.arrows]
        _draw_heads(rng, canvas, tips, way)
    rounds = [arc_points((*c, 0.0, 360.0), CIRCLE_STEPS) for c in figure.circles]
    rounds += [arc_points(arc, CIRCLE_STEPS // 2) for arc in figure.arcs]
    way = thin if rng.random() < mixed else look
    if rounds:
        canvas.stroke(rng, rounds, way.stroke, way.width)
    if look.dots:
        _draw_dots(rng, canvas, figure)
    return dashed


def _same(one: Segment, other: Segment) -> bool:
    return (
        min(
            math.dist(one[0], other[0]) + math.dist(one[1], other[1]),
            math.dist(one[0], other[1]) + math.dist(one[1], other[0]),
        )
        < 1e-3
    )


def _draw_heads(rng: Generator, canvas: Canvas, tips: list[tuple[Point, Point]], look: Look) -> None:
    size = look.arrow / look.side * UNITS
    spread = float(rng.uniform(18, 32))
    for tip, other in tips:
        back = away(tip, other, size)
        wings = [turned(back, tip, turn) for turn in (spread, -spread)]
        if look.arrow_open:
            canvas.stroke(rng, [[wings[0], tip, wings[1]]], look.stroke, look.width)
        else:
            canvas.fill([[tip, *wings]], look.stroke)


def _draw_dots(rng: Generator, canvas: Canvas, figure: Figure) -> None:
    look = canvas.look
    radius = (look.width * float(rng.uniform(0.9, 2.0)) + 1) / look.side * UNITS
    colour = look.mark if rng.random() < 0.4 else look.stroke
    points = [p for p in figure.named if p not in figure.arrows]
    points = points if rng.random() < 0.7 else [c[:2] for c in figure.circles]
    discs = [arc_points((*p, radius, 0.0, 360.0), 24) for p in points]
    if discs:
        canvas.fill(discs, colour if look.dots == 1 else look.ground)
        if look.dots == 2 or rng.random() < 0.3:
            canvas.stroke(rng, discs, look.stroke, max(0.8, 0.6 * look.width))


def _nameable(figure: Figure, points: list[Point]) -> list[Point]:
    """Return points that may have a letter: those that the scene names, and middles of circles; then crossings."""
    named = [p for p in figure.named if p not in figure.arrows]
    rest = [p for p in points if all(math.dist(p, q) > 0.05 for q in named)]
    return [*named, *itertools.islice(rest, 3)]


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [round(float(value), 4) for value in values]
