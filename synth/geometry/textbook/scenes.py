"""Constructions that textbooks draw beside triangles and quadrilaterals: rays, parallel lines, secants, arcs, solids.

The figures that a scene returns are about ten units wide; `ocr2.synth.geometry.figure.placed` puts them in their place.
"""

import itertools
import math
from collections.abc import Callable

from numpy.random import Generator

from ocr2.geometry.parts import Point, Segment, along, crossing
from ocr2.synth.geometry.figure import Figure, foot, merge_lines, middle, turned
from ocr2.synth.geometry.shapes import on_circle, quadrilateral, share, sides, triangle, uniform

Scene = Callable[[Generator], Figure]
ORIGIN = (0.0, 0.0)


def _line(figure: Figure, a: Point, b: Point, rng: Generator, *, over: float = 0.25, arrows: float = 0.8) -> Segment:
    """Draw a line through two points and beyond, its ends most often with arrowheads."""
    length = math.dist(a, b)
    start, end = (
        along(a, b, -uniform(rng, 0.5, 1.6) * over * 4 / length),
        along(a, b, 1 + uniform(rng, 0.5, 1.6) * over * 4 / length),
    )
    figure.segments.append((start, end))
    if rng.random() < arrows:
        figure.arrows += [start, end]
    return start, end


def transversal(rng: Generator) -> Figure:
    """Two or three parallel lines cut by one or two others."""
    figure = Figure()
    count = int(rng.choice([2, 2, 2, 3]))
    gap, arrows = uniform(rng, 2.2, 4), float(rng.random() < 0.85)
    tilt = uniform(rng, -0.15, 0.15) if rng.random() < 0.2 else 0.0
    heights = [k * gap * (1 if k == 0 else uniform(rng, 0.85, 1.15)) for k in range(count)]
    lines = [((0.0, h), (9.0, h + 9 * tilt * (k % 2))) for k, h in enumerate(heights)]
    for line in lines:
        _line(figure, *line, rng, arrows=arrows)
    cuts = int(rng.choice([1, 1, 1, 2]))
    for k in range(cuts):
        low = uniform(rng, 2, 4) + 3.5 * k
        slope = math.tan(math.radians(uniform(rng, 35, 145) - 90)) * (-1 if k else 1)
        top = low + slope * (heights[-1] or gap)
        top = min(8.5, max(0.5, top))
        found = [crossing((low, 0.0), (top, heights[-1]), *line) for line in lines]
        _line(figure, (low, 0.0), (top, heights[-1]), rng, over=0.4, arrows=arrows)
        figure.name(*[p for p in found if p is not None])
    return figure


def rays(rng: Generator) -> Figure:
    """Two to five rays from a point, perhaps on a straight line."""
    figure = Figure()
    count = int(rng.integers(2, 6))
    start = uniform(rng, -30, 30) if rng.random() < 0.5 else 0.0
    whole = 180.0 if rng.random() < 0.5 else uniform(rng, 60, 300)
    cuts = sorted(uniform(rng, 0.1, 0.9) for _ in range(count - 2))
    arrows = rng.random() < 0.85
    for turn in [start, *[start + whole * c for c in cuts], start + whole]:
        length = uniform(rng, 3, 6)
        end = turned((length, 0.0), ORIGIN, turn)
        figure.join(ORIGIN, end)
        figure.named.remove(end)
        if arrows:
            figure.arrows.append(end)
        if rng.random() < 0.8:
            figure.name(along(ORIGIN, end, uniform(rng, 0.6, 0.9) if arrows else 1.0))
    return figure


def crossing_lines(rng: Generator) -> Figure:
    """Two to four lines through a point, or three that make a triangle."""
    figure = Figure()
    arrows = float(rng.random() < 0.8)
    if rng.random() < 0.3:
        c = triangle(rng)
        for a, b in sides(c):
            _line(figure, a, b, rng, over=0.5, arrows=arrows)
        figure.name(*c)
        return figure
    count = int(rng.integers(2, 5))
    turns = [180 * (k + uniform(rng, -0.25, 0.25)) / count for k in range(count)]
    if rng.random() < 0.3:
        turns[1] = turns[0] + 90
    for turn in turns:
        a, b = (turned((uniform(rng, 3, 5) * way, 0.0), ORIGIN, turn) for way in (-1, 1))
        _line(figure, a, b, rng, over=0.1, arrows=arrows)
        figure.name(along(ORIGIN, a, uniform(rng, 0.6, 0.9)), along(ORIGIN, b, uniform(rng, 0.6, 0.9)))
    figure.name(ORIGIN)
    return figure


def secants(rng: Generator) -> Figure:
    """A circle and lines from a point outside: secants, tangents, past the circle or not."""
    figure = Figure()
    r = uniform(rng, 2.5, 4)
    circle = (0.0, 0.0, r)
    figure.circles.append(circle)
    p = (r * uniform(rng, 1.5, 2.4), 0.0)
    widest = math.degrees(math.asin(r / p[0]))
    figure.name(p)
    if rng.random() < 0.6:
        figure.name(ORIGIN)
    for sign in (1, -1):
        kind = float(rng.random())
        if kind < 0.35:  # a tangent
            end = on_circle(circle, sign * (90 - widest))
            over = uniform(rng, 1.1, 1.6) if rng.random() < 0.5 else 1.0
            figure.join(p, along(p, end, over))
            figure.name(end)
        else:
            turn = 0.0 if sign < 0 and rng.random() < 0.3 else sign * uniform(rng, 0.25, 0.8) * widest
            far = p[0] * math.cos(math.radians(turn)) + math.sqrt(
                max(0.0, r * r - (p[0] * math.sin(math.radians(turn))) ** 2)
            )
            near = 2 * p[0] * math.cos(math.radians(turn)) - far
            ends = [turned((p[0] - d, 0.0), p, -turn) for d in (near, far)]
            over = far + uniform(rng, 0.5, 1.5) if rng.random() < 0.35 else far
            last = turned((p[0] - over, 0.0), p, -turn)
            figure.join(p, last)
            figure.name(*ends)
            if over > far:
                figure.named.remove(last)
                if rng.random() < 0.7:
                    figure.arrows.append(last)
    if rng.random() < 0.3:
        turns = uniform(rng, 60, 160), uniform(rng, 200, 300)
        figure.join(*(on_circle(circle, turn) for turn in turns))
    return figure


def chords(rng: Generator) -> Figure:
    """A circle with chords, some beyond it, radii to them, a diameter."""
    figure = Figure()
    circle = (0.0, 0.0, 4.0)
    figure.circles.append(circle)
    figure.name(ORIGIN)
    for _ in range(int(rng.integers(1, 4))):
        start = uniform(rng, 0, 360)
        a, b = on_circle(circle, start), on_circle(circle, start + uniform(rng, 50, 180))
        kind = float(rng.random())
        if kind < 0.2:
            _line(figure, a, b, rng, over=0.3)
            figure.name(a, b)
        else:
            figure.join(a, b)
        if kind > 0.6:
            m = middle(a, b)
            figure.join(ORIGIN, m)
            if rng.random() < 0.4:
                figure.join(ORIGIN, along(ORIGIN, m, 4.0 / max(0.5, math.dist(ORIGIN, m))))
        elif kind > 0.4:
            figure.join(ORIGIN, a)
            if rng.random() < 0.6:
                figure.join(ORIGIN, b)
    if rng.random() < 0.3:
        start = uniform(rng, 0, 180)
        figure.join(on_circle(circle, start), on_circle(circle, start + 180))
    return figure


def central(rng: Generator) -> Figure:
    """A circle with radii or diameters, as of central angles and arcs."""
    figure = Figure()
    circle = (0.0, 0.0, 4.0)
    figure.circles.append(circle)
    figure.name(ORIGIN)
    count = int(rng.integers(2, 6))
    start = uniform(rng, 0, 360)
    turns = [start + 360 * (k + uniform(rng, -0.3, 0.3)) / count for k in range(count)]
    if count > 2 and rng.random() < 0.5:
        turns[1] = turns[0] + 180
    points = [on_circle(circle, t) for t in turns]
    for p in points:
        figure.join(ORIGIN, p)
    if rng.random() < 0.4:
        figure.join(points[0], points[1])
    if rng.random() < 0.2:
        figure.join(*points, close=True)
    return figure


def inscribed(rng: Generator) -> Figure:
    """Angles and polygons in a circle: two on one chord, a quadrilateral, a right angle on a diameter."""
    figure = Figure()
    circle = (0.0, 0.0, 4.0)
    figure.circles.append(circle)
    kind = int(rng.integers(0, 3))
    if kind == 0:
        a, b = on_circle(circle, uniform(rng, 200, 240)), on_circle(circle, uniform(rng, 300, 340))
        for turn in sorted(uniform(rng, 20, 160) for _ in range(int(rng.integers(1, 3)))):
            figure.join(a, on_circle(circle, turn), b)
        if rng.random() < 0.5:
            figure.join(a, ORIGIN, b)
    elif kind == 1:
        turns = [90 * k + uniform(rng, -30, 30) for k in range(4)]
        figure.join(*[on_circle(circle, t) for t in turns], close=True)
    else:
        figure.join((-4.0, 0.0), on_circle(circle, uniform(rng, 40, 140)), (4.0, 0.0), close=True)
    if rng.random() < 0.7:
        figure.name(ORIGIN)
    return figure


def two_circles(rng: Generator) -> Figure:
    """Two circles: concentric, tangent, crossing or apart, with what joins them."""
    figure = Figure()
    r, q = uniform(rng, 2, 3.5), uniform(rng, 1.2, 3)
    kind = int(rng.integers(0, 4))
    if kind == 0:
        figure.circles += [(0.0, 0.0, r), (0.0, 0.0, r * uniform(rng, 0.35, 0.75))]
        figure.name(ORIGIN)
        for _ in range(int(rng.integers(0, 3))):
            figure.join(ORIGIN, on_circle(figure.circles[int(rng.integers(0, 2))], uniform(rng, 0, 360)))
        return figure
    apart = {1: r + q, 2: (r + q) * uniform(rng, 0.6, 0.9), 3: (r + q) * uniform(rng, 1.1, 1.5)}[kind]
    other = (apart, 0.0)
    figure.circles += [(0.0, 0.0, r), (*other, q)]
    figure.name(ORIGIN, other)
    if rng.random() < 0.5:
        figure.join(ORIGIN, other)
    if rng.random() < 0.5:  # a common tangent and the radii to it
        turn = math.degrees(math.acos((r - q) / apart))
        a, b = on_circle((0.0, 0.0, r), turn), on_circle((*other, q), turn)
        figure.join(a, b)
        if rng.random() < 0.6:
            figure.join(ORIGIN, a)
            figure.join(other, b)
    if kind == 2 and rng.random() < 0.6:
        x = (apart**2 + r**2 - q**2) / (2 * apart)
        y = math.sqrt(max(0.0, r**2 - x**2))
        figure.join((x, y), (x, -y))
        if rng.random() < 0.4:
            figure.join(ORIGIN, (x, y), other)
    return figure


def sector(rng: Generator) -> Figure:
    """Arcs: a sector, a segment of a circle, a half circle on a side, a quarter in a square."""
    figure = Figure()
    kind = int(rng.integers(0, 5))
    if kind == 0:
        start, whole = uniform(rng, 0, 360), uniform(rng, 40, 300)
        figure.arcs.append((0.0, 0.0, 4.0, start, start + whole))
        a, b = on_circle((0.0, 0.0, 4.0), start), on_circle((0.0, 0.0, 4.0), start + whole)
        figure.join(a, ORIGIN, b)
        if rng.random() < 0.4:
            figure.join(a, b)
    elif kind == 1:
        figure.arcs.append((0.0, 0.0, 4.0, 0.0, 180.0))
        figure.join((-4.0, 0.0), (4.0, 0.0))
        top = on_circle((0.0, 0.0, 4.0), uniform(rng, 30, 150))
        if rng.random() < 0.6:
            figure.join((-4.0, 0.0), top, (4.0, 0.0))
        if rng.random() < 0.5:
            figure.join(top, foot(top, (-4.0, 0.0), (4.0, 0.0)))
        if rng.random() < 0.4:
            figure.join(ORIGIN, top)
        figure.name(ORIGIN)
    elif kind == 2:  # half circles on the sides of a rectangle
        w, h = uniform(rng, 3, 8), uniform(rng, 2.5, 5)
        both = rng.random() < 0.5
        figure.join((0.0, h), (0.0, 0.0), (w, 0.0), (w, h), close=not both)
        figure.arcs.append((w / 2, h, w / 2, 0.0, 180.0) if not both else (w, h / 2, h / 2, -90.0, 90.0))
        if both:
            figure.segments = [((0.0, 0.0), (w, 0.0)), ((0.0, h), (w, h))]
            figure.arcs.append((0.0, h / 2, h / 2, 90.0, 270.0))
    elif kind == 3:  # quarters in a square
        side = 6.0
        figure.join((0.0, 0.0), (side, 0.0), (side, side), (0.0, side), close=True)
        corners = [(0.0, 0.0, 0.0), (side, 0.0, 90.0), (side, side, 180.0), (0.0, side, 270.0)]
        r = side if rng.random() < 0.6 else side / 2
        for x, y, turn in corners[: int(rng.integers(1, 3 if r == side else 5))]:
            figure.arcs.append((x, y, r, turn, turn + 90))
    else:  # two points joined by an arc and a chord, as a compass leaves them
        c = triangle(rng)
        figure.join(*c, close=True)
        for corner in c[: int(rng.integers(1, 4))]:
            r, at = uniform(rng, 2, 4), uniform(rng, 0, 360)
            figure.arcs.append((*corner, r, at, at + uniform(rng, 20, 70)))
    return figure


def similar(rng: Generator) -> Figure:
    """Two similar or congruent polygons side by side."""
    c = triangle(rng) if rng.random() < 0.65 else quadrilateral(rng)
    scale, turn = (
        float(rng.choice([1.0, 1.0, uniform(rng, 0.4, 0.8)])),
        float(rng.choice([0, 0, 0, 180, uniform(rng, -60, 60)])),
    )
    way = -1 if rng.random() < 0.25 else 1
    other = [turned((way * x, y), ORIGIN, turn, scale) for x, y in c]
    left = min(x for x, _ in other)
    step = max(x for x, _ in c) + uniform(rng, 1.2, 3) - left
    low = min(y for _, y in other) - min(y for _, y in c)
    other = [(x + step, y - low) for x, y in other]
    if rng.random() < 0.25:  # below each other
        high = max(y for _, y in other)
        shift = min(y for _, y in c) - high - uniform(rng, 1.2, 2.5)
        other = [(x - step, y + shift) for x, y in other]
    figure = Figure()
    figure.join(*c, close=True)
    figure.join(*other, close=True)
    if rng.random() < 0.3:
        for corners in (c, other):
            figure.join(corners[-1], foot(corners[-1], corners[0], corners[1]))
    return figure


def solid(rng: Generator) -> Figure:
    """A prism, box or pyramid; what is behind is dashed."""
    figure = Figure()
    w, h = uniform(rng, 3, 7), uniform(rng, 2.5, 6)
    dx, dy = uniform(rng, 1, 3), uniform(rng, 0.8, 2)
    kind = int(rng.integers(0, 3))
    if kind == 0:
        front = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
        back = [(x + dx, y + dy) for x, y in front]
        figure.join(*front, close=True)
        figure.join(front[1], back[1], back[2], front[2])
        figure.join(back[2], back[3], front[3])
        hidden = [(back[0], front[0]), (back[0], back[1]), (back[0], back[3])]
    elif kind == 1:
        base = [(0.0, 0.0), (w, 0.0), (w + dx, dy), (dx, dy)]
        top = (w / 2 + dx / 2, h + 1)
        figure.join(base[0], base[1], base[2], top, base[0])
        figure.join(base[1], top)
        hidden = [(base[0], base[3]), (base[3], base[2]), (base[3], top)]
        if rng.random() < 0.5:
            m = crossing(base[0], base[2], base[1], base[3])
            if m is not None:
                hidden.append((top, m))
    else:
        front = [(0.0, 0.0), (w, 0.0), (w * uniform(rng, 0, 1), h)]
        back = [(x + dx * 1.6, y + dy) for x, y in front]
        figure.join(*front, close=True)
        figure.join(front[1], back[1], back[2], front[2])
        hidden = [(front[0], back[0]), (back[0], back[1]), (back[0], back[2])]
    if rng.random() < 0.85:
        for a, b in hidden:
            figure.join(a, b)
            figure.help.append((a, b))
    return figure


def composite(rng: Generator) -> Figure:
    """Rectilinear polygons and houses, whose areas are asked for."""
    figure = Figure()
    w, h = uniform(rng, 6, 10), uniform(rng, 4, 8)
    a, b = uniform(rng, 0.25, 0.6) * w, uniform(rng, 0.3, 0.65) * h
    kind = int(rng.integers(0, 4))
    if kind == 0:
        c = [(0.0, 0.0), (w, 0.0), (w, b), (a, b), (a, h), (0.0, h)]
    elif kind == 1:
        c = [(0.0, 0.0), (w, 0.0), (w, b), (w - a / 2, b), (w - a / 2, h), (a / 2, h), (a / 2, b), (0.0, b)]
    elif kind == 2:
        c = [(0.0, 0.0), (w, 0.0), (w, b), (w / 2, h), (0.0, b)]
    else:
        c = [(0.0, 0.0), (w, 0.0), (w - a, h), (0.0, h)]
    figure.join(*c, close=True)
    if rng.random() < 0.35:
        start, end = (c[3], foot(c[3], c[0], c[1])) if kind != 2 else (c[4], c[2])
        figure.join(start, end)
        figure.help.append((start, end))
    return figure


def ladder(rng: Generator) -> Figure:
    """Triangles with parallels, altitudes, exterior angles, a smaller one inside."""
    figure, c = Figure(), triangle(rng)
    figure.join(*c, close=True)
    kind = int(rng.integers(0, 4))
    if kind == 0:
        for at in sorted(share(rng) for _ in range(int(rng.integers(1, 3)))):
            figure.join(along(c[2], c[0], at), along(c[2], c[1], at))
    elif kind == 1:
        h = foot(c[2], c[0], c[1])
        figure.join(c[2], h)
        if not -0.01 < (h[0] - c[0][0]) / (c[1][0] - c[0][0]) < 1.01:
            figure.join(h, min(c[:2], key=lambda p: math.dist(p, h)))
            figure.help.append((h, min(c[:2], key=lambda p: math.dist(p, h))))
        if rng.random() < 0.6:
            figure.help.append((c[2], h))
    elif kind == 2:
        end = along(c[0], c[1], 1 + uniform(rng, 0.25, 0.6))
        figure.join(c[1], end)
        if rng.random() < 0.6:
            figure.arrows.append(end)
    else:
        d = along(c[0], c[1], share(rng))
        figure.join(c[2], d)
        figure.join(d, foot(d, c[2], c[1]))
    return figure


def kite(rng: Generator) -> Figure:
    """Kites and rhombi with their diagonals."""
    figure = Figure()
    a, b, w = uniform(rng, 2, 4), uniform(rng, 2, 6), uniform(rng, 2, 4)
    c = [(0.0, a), (w, 0.0), (0.0, -b), (-w, 0.0)]
    figure.join(*c, close=True)
    for start, end in ((c[0], c[2]), (c[1], c[3]))[: int(rng.choice([1, 2, 2, 2]))]:
        figure.join(start, end)
    figure.name(ORIGIN)
    return figure


def apothem(rng: Generator) -> Figure:
    """A regular polygon with its middle, radii, the height of a side; perhaps in a circle, or with sides drawn on."""
    figure = Figure()
    n = int(rng.integers(3, 9))
    c = [on_circle((0.0, 0.0, 4.0), 360 * (i + 0.5) / n - 90) for i in range(n)]
    figure.join(*c, close=True)
    if rng.random() < 0.5:
        m = middle(c[0], c[-1])
        figure.join(ORIGIN, m)
        for p in (c[0], c[-1])[: int(rng.integers(0, 3))]:
            figure.join(ORIGIN, p)
    if rng.random() < 0.25:
        figure.circles.append((0.0, 0.0, 4.0))
    if rng.random() < 0.25:
        for p, q in itertools.pairwise(c[: int(rng.integers(2, n + 1))]):
            end = along(p, q, 1.4)
            figure.segments.append((p, end))
            if rng.random() < 0.7:
                figure.arrows.append(end)
    return figure


SCENES: dict[str, tuple[Scene, float]] = {
    "transversal": (transversal, 2.0),
    "rays": (rays, 1.2),
    "crossing_lines": (crossing_lines, 1.0),
    "secants": (secants, 1.6),
    "chords": (chords, 1.4),
    "central": (central, 1.0),
    "inscribed": (inscribed, 1.0),
    "two_circles": (two_circles, 0.8),
    "sector": (sector, 1.2),
    "similar": (similar, 1.6),
    "solid": (solid, 0.6),
    "composite": (composite, 0.8),
    "ladder": (ladder, 1.4),
    "kite": (kite, 0.8),
    "apothem": (apothem, 0.7),
}


def build_textbook_scene(rng: Generator, name: str | None = None) -> tuple[str, Figure]:
    """Return a figure and its scene's name; a random one by default. Segments on one line are one."""
    if name is None:
        weights = [weight for _, weight in SCENES.values()]
        name = str(rng.choice(list(SCENES), p=[w / sum(weights) for w in weights]))
    figure = SCENES[name][0](rng)
    figure.segments = merge_lines(figure.segments)
    return name, figure
