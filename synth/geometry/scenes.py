"""Constructions of figures: sixteen scenes of quadrilaterals, triangles, circles and polygons.

The kinds are those that Wei et al. 2024 (arXiv 2412.20631) describe; docs/models/slowperception-nano.md, "Data".
"""

import math
from collections.abc import Callable

from numpy.random import Generator

from ocr2.geometry.parts import Point, along, crossing
from ocr2.synth.geometry.figure import Figure, circumcenter, foot, incenter, merge_lines, middle, mirrored, turned
from ocr2.synth.geometry.shapes import inside, on_circle, quadrilateral, share, sides, triangle, uniform


def quad(rng: Generator) -> Figure:
    """A quadrilateral with none, one or both diagonals."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    drawn = int(rng.integers(0, 3))
    if drawn:
        figure.join(c[0], c[2])
    if drawn == 2:
        figure.join(c[1], c[3])
        figure.name(*filter(None, [crossing(c[0], c[2], c[1], c[3])]))
    return figure


def tri(rng: Generator) -> Figure:
    """A triangle with up to three lines from its corners: medians, altitudes, bisectors, any."""
    figure, c = Figure(), triangle(rng)
    figure.join(*c, close=True)
    for i in rng.permutation(3)[: int(rng.integers(0, 4))].tolist():
        a, b, p = c[(i + 1) % 3], c[(i + 2) % 3], c[i]
        kind = rng.choice(["median", "altitude", "bisector", "any"])
        ratio = math.dist(p, a) / (math.dist(p, a) + math.dist(p, b))
        ends = {"median": middle(a, b), "altitude": foot(p, a, b), "bisector": along(a, b, ratio)}
        end = ends.get(str(kind), along(a, b, share(rng)))
        figure.join(p, end)
        if kind == "altitude":  # its foot may be on the side's extension
            figure.join(a, end) if math.dist(a, end) < math.dist(b, end) else figure.join(b, end)
    return figure


def tri2(rng: Generator) -> Figure:
    """Two triangles: on one side, turned about a corner, or mirrored."""
    figure, c = Figure(), triangle(rng)
    figure.join(*c, close=True)
    kind = int(rng.integers(0, 3))
    if kind == 0:
        figure.join(c[0], mirrored(along(c[2], c[0], uniform(rng, -0.3, 0.3)), c[0], c[1]), c[1])
    elif kind == 1:
        turn, scale = uniform(rng, 30, 150), float(rng.choice([1.0, 1.0, rng.uniform(0.6, 1.2)]))
        b, d = (turned(p, c[0], turn, scale) for p in c[1:])
        figure.join(c[0], b, d, close=True)
        if rng.random() < 0.5:
            figure.join(c[1], b)
            figure.join(c[2], d)
    else:
        d = c[2][0] + uniform(rng, -4, 4), c[2][1] * uniform(rng, 0.7, 1.2)
        figure.join(c[0], d, c[1])
    return figure


def line1(rng: Generator) -> Figure:
    """A quadrilateral cut by a line between two sides, perhaps beyond them."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    edges = sides(c)
    i, j = rng.choice(4, 2, replace=False).tolist()
    a, b = (along(edges[k][0], edges[k][1], share(rng)) for k in (i, j))
    over = uniform(rng, 0.1, 0.4) if rng.random() < 0.3 else 0.0
    figure.join(along(a, b, -over), along(a, b, 1 + over))
    figure.name(a, b)
    return figure


def line2(rng: Generator) -> Figure:
    """A quadrilateral, a line from a corner to a side, and a diagonal or a line from the point on the side."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    e = along(c[1], c[2], share(rng))
    figure.join(c[0], e)
    if rng.random() < 0.6:
        figure.join(c[3], e) if rng.random() < 0.5 else figure.join(c[1], c[3])
    if rng.random() < 0.4:
        figure.join(e, foot(e, c[0], c[3]))
    return figure


def line34(rng: Generator) -> Figure:
    """A quadrilateral with two to four more lines between corners and points of its sides."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    points = [along(a, b, share(rng)) for a, b in sides(c)]
    for _ in range(int(rng.integers(2, 5))):
        i = int(rng.integers(0, 4))
        start = c[i] if rng.random() < 0.6 else points[i]
        end = points[(i + int(rng.integers(1, 3))) % 4] if rng.random() < 0.7 else c[(i + 2) % 4]
        figure.join(start, end)
    return figure


def point(rng: Generator) -> Figure:
    """A point inside a quadrilateral or triangle, joined to its corners, or its feet on the sides."""
    figure = Figure()
    c = quadrilateral(rng) if rng.random() < 0.6 else triangle(rng)
    figure.join(*c, close=True)
    p = inside(rng, c)
    if rng.random() < 0.75:
        for corner in c[: int(rng.integers(2, len(c) + 1))]:
            figure.join(p, corner)
    else:
        for a, b in sides(c)[: int(rng.integers(2, len(c) + 1))]:
            figure.join(p, along(a, b, min(1.0, max(0.0, _share_of(foot(p, a, b), a, b)))))
    return figure


def _share_of(p: Point, a: Point, b: Point) -> float:
    return ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / math.dist(a, b) ** 2


def point2(rng: Generator) -> Figure:
    """A point outside a quadrilateral, joined to corners."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    a, b = sides(c)[int(rng.integers(0, 4))]
    m = along(a, b, uniform(rng, 0.2, 0.8))
    p = turned(along(m, b, 1.0), m, -90, uniform(rng, 0.5, 1.3))
    figure.join(a, p, b)
    if rng.random() < 0.4:
        figure.join(p, c[int(rng.integers(0, 4))])
    return figure


def point3(rng: Generator) -> Figure:
    """Sides made longer to a point, which is joined to other corners."""
    figure, c = Figure(), quadrilateral(rng)
    figure.join(*c, close=True)
    i = int(rng.integers(0, 4))
    a, b, d = c[i], c[(i + 1) % 4], c[(i + 2) % 4]
    p = along(a, b, 1 + uniform(rng, 0.25, 0.9))
    figure.join(a, p)
    figure.join(p, d)
    if rng.random() < 0.5:
        figure.join(p, c[(i + 3) % 4])
        figure.name(*filter(None, [crossing(p, c[(i + 3) % 4], b, d)]))
    return figure


def pp(rng: Generator) -> Figure:
    """A parallelogram, a line from a corner through a side to the extension of another, a diagonal."""
    figure = Figure()
    w, h, lean = uniform(rng, 4, 9), uniform(rng, 3, 6), uniform(rng, -2, 3)
    c = [(0.0, 0.0), (w, 0.0), (w + lean, h), (lean, h)]
    figure.join(*c, close=True)
    e = along(c[1], c[2], share(rng))
    f = crossing(c[3], e, c[0], c[1])
    if f is not None and math.dist(f, c[1]) < 3 * w:
        figure.join(c[3], f)
        figure.join(c[0], f)
    if rng.random() < 0.6:
        figure.join(c[0], c[2])
    figure.name(e)
    return figure


def p1(rng: Generator) -> Figure:
    """Two squares with a corner in common, and lines between their corners."""
    figure = Figure()
    a, b = uniform(rng, 3, 7), uniform(rng, 2, 7)
    first = [(0.0, 0.0), (-a, 0.0), (-a, a), (0.0, a)]
    turn = float(rng.choice([0.0, rng.uniform(-60, 60)]))
    second = [turned(p, (0.0, 0.0), turn) for p in ((0.0, 0.0), (b, 0.0), (b, b), (0.0, b))]
    figure.join(*first, close=True)
    figure.join(*second, close=True)
    for i, j in ((3, 1), (1, 3), (2, 2), (3, 3))[: int(rng.integers(0, 4))]:
        figure.join(first[i], second[j])
    return figure


def fold(rng: Generator) -> Figure:
    """A rectangle or triangle with a corner folded over a line."""
    figure = Figure()
    w, h = uniform(rng, 5, 10), uniform(rng, 3, 8)
    c = triangle(rng) if rng.random() < 0.3 else [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
    figure.join(*c, close=True)
    e, f = along(c[1], c[0], share(rng)), along(c[1], c[2], share(rng))
    image = mirrored(c[1], e, f)
    figure.join(e, f)
    figure.join(e, image, f)
    return figure


def incircle(rng: Generator) -> Figure:
    """An inscribed circle of a triangle, square or rhombus; radii, tangent points and chords between them."""
    figure = Figure()
    kind = rng.choice(["triangle", "square", "rhombus"], p=(0.7, 0.15, 0.15))
    if kind == "triangle":
        c = triangle(rng)
        center = incenter(c[0], c[1], c[2])
    else:
        a, b = uniform(rng, 2, 5), uniform(rng, 2, 5)
        c = [(-b, 0.0), (0.0, -a), (b, 0.0), (0.0, a)] if kind == "rhombus" else [(-a, -a), (a, -a), (a, a), (-a, a)]
        center = (0.0, 0.0)
    feet = [foot(center, a, b) for a, b in sides(c)]
    figure.join(*c, close=True)
    figure.circles.append((*center, math.dist(center, feet[0])))
    figure.name(center)
    kinds = rng.random(3) < (0.4, 0.3, 0.3)
    if kinds[0]:
        for p in feet[: int(rng.integers(1, len(feet) + 1))]:
            figure.join(center, p)
    if kinds[1]:
        figure.join(*feet[:3], close=bool(rng.random() < 0.5))
    if kinds[2]:
        for p in c[: int(rng.integers(1, len(c) + 1))]:
            figure.join(center, p)
    return figure


def circumcircle(rng: Generator) -> Figure:
    """Three to five points of a circle, joined; diagonals, radii, a diameter."""
    figure = Figure()
    circle = (0.0, 0.0, uniform(rng, 3, 5))
    count = int(rng.choice([3, 3, 4, 4, 5]))
    step = 360 / count
    start = uniform(rng, 0, 360)
    angles = [start + step * (i + uniform(rng, -0.3, 0.3)) for i in range(count)]
    c = [on_circle(circle, a) for a in angles]
    if rng.random() < 0.3:
        c[1] = (-c[0][0], -c[0][1])
    figure.circles.append(circle)
    figure.join(*c, close=True)
    if count >= 4 and rng.random() < 0.6:
        figure.join(c[0], c[2])
        if rng.random() < 0.6:
            figure.join(c[1], c[3])
    if rng.random() < 0.4:
        for p in c[: int(rng.integers(1, count + 1))]:
            figure.join((0.0, 0.0), p)
    else:
        figure.name((0.0, 0.0))
    if rng.random() < 0.2:
        found = circumcenter(c[0], c[1], middle(c[0], c[2]))
        radius = math.dist(found, c[0]) if found is not None else math.inf
        if found is not None and radius < 2 * circle[2]:
            figure.circles.append((*found, radius))
    return figure


def tangents(rng: Generator) -> Figure:
    """A circle with tangents from a point, or at the end of a diameter; radii, chords, a secant."""
    figure = Figure()
    r = uniform(rng, 2, 4)
    circle = (0.0, 0.0, r)
    figure.circles.append(circle)
    figure.name((0.0, 0.0))
    if rng.random() < 0.6:
        d = r * uniform(rng, 1.5, 2.6)
        open_ = math.degrees(math.acos(r / d))
        p, a, b = (d, 0.0), on_circle(circle, open_), on_circle(circle, -open_)
        figure.join(a, p)
        if rng.random() < 0.7:
            figure.join(p, b)
        if rng.random() < 0.5:
            figure.join((0.0, 0.0), a)
        if rng.random() < 0.4:
            figure.join(a, b)
        if rng.random() < 0.4:
            figure.join((-r, 0.0), p)
        if rng.random() < 0.3:
            e = on_circle(circle, uniform(rng, 100, 260))
            figure.join(a, e, b)
    else:
        a, b = (-r, 0.0), (r, 0.0)
        e = on_circle(circle, uniform(rng, 30, 150))
        figure.join(a, b)
        figure.join(a, e, b)
        top = uniform(rng, 1, 3) * r
        if rng.random() < 0.6:
            figure.join(b, (r, top))
            far = crossing(a, e, b, (r, 1.0))
            if far is not None and math.dist(far, b) < 3 * r:
                figure.join(a, far)
        if rng.random() < 0.5:
            figure.join(e, foot(e, a, b))
        if rng.random() < 0.4:
            figure.join((0.0, 0.0), e)
    return figure


def polygon(rng: Generator) -> Figure:
    """A regular polygon of five to eight sides, with some diagonals."""
    figure = Figure()
    n = int(rng.integers(5, 9))
    c = [on_circle((0.0, 0.0, 4.0), 360 * i / n) for i in range(n)]
    figure.join(*c, close=True)
    for _ in range(int(rng.integers(0, 4))):
        i = int(rng.integers(0, n))
        figure.join(c[i], c[(i + int(rng.integers(2, n - 1))) % n])
    if rng.random() < 0.2:
        figure.circles.append((0.0, 0.0, 4.0))
    return figure


SCENES: dict[str, tuple[Callable[[Generator], Figure], float]] = {
    "quad": (quad, 1.0),
    "tri": (tri, 1.4),
    "tri2": (tri2, 1.0),
    "line1": (line1, 1.0),
    "line2": (line2, 1.0),
    "line34": (line34, 1.0),
    "point": (point, 1.0),
    "point2": (point2, 1.0),
    "point3": (point3, 1.0),
    "pp": (pp, 1.0),
    "p1": (p1, 0.7),
    "fold": (fold, 0.7),
    "incircle": (incircle, 1.2),
    "circumcircle": (circumcircle, 1.6),
    "tangents": (tangents, 1.4),
    "polygon": (polygon, 0.5),
}


def build_scene(rng: Generator, name: str | None = None) -> tuple[str, Figure]:
    """Return a figure and its scene's name; a random one by default. Segments on one line are one."""
    if name is None:
        weights = [weight for _, weight in SCENES.values()]
        name = str(rng.choice(list(SCENES), p=[w / sum(weights) for w in weights]))
    figure = SCENES[name][0](rng)
    return name, Figure(merge_lines(figure.segments), figure.circles, figure.named)
