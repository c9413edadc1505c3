"""Twenty constructions as a geometry program shows them on a screen: blue dots, thin dark strokes, pale areas."""

import math
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
SIZE = 640, 480
POINT, STROKE, AREA, GREEN, GRID = (77, 77, 255), (40, 40, 40), (153, 51, 0, 30), (0, 100, 0), (225, 225, 225)
SCALE = 4  # drawn so many times larger, then made smaller


@dataclass(frozen=True)
class Screen:
    """One construction, pixels."""

    points: dict[str, Point]
    segments: tuple[str, ...]  # names of both ends
    circles: tuple[tuple[str, float], ...] = ()  # middle, radius
    area: str = ""  # corners of a filled polygon
    rays: tuple[str, ...] = ()  # from the first point through the second to the picture's edge, without an arrow
    dashed: tuple[str, ...] = field(default=())  # segments that are drawn dashed
    grid: bool = False
    colour: tuple[int, int, int] = STROKE


def on(middle: Point, radius: float, degrees: float) -> Point:
    """Return a point of a circle, degrees counter-clockwise as seen."""
    turn = math.radians(degrees)
    return middle[0] + radius * math.cos(turn), middle[1] - radius * math.sin(turn)


M = (320.0, 240.0)
TRIANGLE: dict[str, Point] = {"A": (120, 380), "B": (520, 380), "C": (260, 90)}
SQUARE: dict[str, Point] = {"A": (180, 380), "B": (460, 380), "C": (460, 100), "D": (180, 100)}
HEXAGON: dict[str, Point] = {n: on(M, 180, 60 * i) for i, n in enumerate("ABCDEF")}
BLUE, RED = (21, 101, 192), (211, 47, 47)

SCREENS: dict[str, Screen] = {
    "triangle": Screen(TRIANGLE, ("AB", "BC", "CA"), area="ABC"),
    "square": Screen(SQUARE, ("AB", "BC", "CD", "DA"), area="ABCD"),
    "diagonals": Screen(SQUARE | {"E": (320, 240)}, ("AB", "BC", "CD", "DA", "AC", "BD")),
    "grid": Screen(TRIANGLE, ("AB", "BC", "CA"), area="ABC", grid=True),
    "altitude": Screen(TRIANGLE | {"D": (260, 380)}, ("AB", "BC", "CA", "CD"), dashed=("CD",)),
    "median": Screen(TRIANGLE | {"M": (320, 380)}, ("AB", "BC", "CA", "CM"), colour=BLUE),
    "midsegment": Screen(TRIANGLE | {"M": (190, 235), "N": (390, 235)}, ("AB", "BC", "CA", "MN"), colour=RED),
    "circle": Screen({"O": M, "A": on(M, 170, 20)}, ("OA",), circles=(("O", 170),)),
    "diameter": Screen({"O": M, "A": on(M, 170, 160), "B": on(M, 170, -20)}, ("AB",), circles=(("O", 170),)),
    "inscribed": Screen(
        {"O": M} | {n: on(M, 180, d) for n, d in (("A", 210), ("B", 330), ("C", 80))},
        ("AB", "BC", "CA"),
        circles=(("O", 180),),
    ),
    "central": Screen(
        {"O": M} | {n: on(M, 180, d) for n, d in (("A", 15), ("B", 130))}, ("OA", "OB", "AB"), circles=(("O", 180),)
    ),
    "tangent": Screen(
        {"O": (230, 240), "T": (230 + 67.5, 240 - 130.77), "P": (520, 240)},
        ("OT", "TP", "OP"),
        circles=(("O", 147.2),),
    ),
    "hexagon": Screen(HEXAGON, ("AB", "BC", "CD", "DE", "EF", "FA"), area="ABCDEF"),
    "spokes": Screen(HEXAGON | {"O": M}, ("AB", "BC", "CD", "DE", "EF", "FA", "OA", "OC", "OE"), colour=BLUE),
    "parallelogram": Screen(
        {"A": (120, 360), "B": (420, 360), "C": (520, 140), "D": (220, 140)}, ("AB", "BC", "CD", "DA")
    ),
    "trapezoid": Screen(
        {"A": (110, 370), "B": (530, 370), "C": (420, 130), "D": (230, 130)},
        ("AB", "BC", "CD", "DA", "AC"),
        area="ABCD",
    ),
    "rays": Screen({"A": (130, 360), "B": (330, 360), "C": (300, 180)}, (), rays=("AB", "AC")),
    "cross": Screen({"A": (120, 110), "B": (520, 370), "C": (140, 380), "D": (500, 100)}, ("AB", "CD"), colour=RED),
    "kite": Screen(
        {"A": (320, 70), "B": (460, 200), "C": (320, 420), "D": (180, 200)}, ("AB", "BC", "CD", "DA", "AC"), grid=True
    ),
    "two circles": Screen(
        {"A": (230, 240), "B": (410, 240)}, ("AB",), circles=(("A", 130), ("B", 130)), dashed=("AB",)
    ),
}  # fmt: skip


def strokes_of(screen: Screen) -> list[tuple[Point, Point]]:
    """Return the straight strokes that are drawn, pixels."""
    found = [(screen.points[s[0]], screen.points[s[1]]) for s in screen.segments]
    return found + [(screen.points[r[0]], _edge(screen.points[r[0]], screen.points[r[1]])) for r in screen.rays]


def _edge(start: Point, through: Point) -> Point:
    dx, dy = through[0] - start[0], through[1] - start[1]
    shares = [((SIZE[0] - 1 if dx > 0 else 0) - start[0]) / dx] if dx else []
    shares += [((SIZE[1] - 1 if dy > 0 else 0) - start[1]) / dy] if dy else []
    return start[0] + min(shares) * dx, start[1] + min(shares) * dy


def draw_screen(screen: Screen) -> Image.Image:
    """Return a picture of a construction."""
    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), "white")
    pen = ImageDraw.Draw(image, "RGBA")

    def at(point: Point) -> Point:
        return point[0] * SCALE, point[1] * SCALE

    for k in range(0, 640, 40) if screen.grid else ():
        pen.line((*at((k, 0)), *at((k, 480))), fill=GRID, width=SCALE)
        pen.line((*at((0, k)), *at((640, k))), fill=GRID, width=SCALE)
    if screen.area:
        pen.polygon([at(screen.points[name]) for name in screen.area], fill=AREA)
    drawn = [*screen.segments, *screen.rays]
    for name, (start, end) in zip(drawn, strokes_of(screen), strict=True):
        count = 40 if name in screen.dashed else 1
        for k in range(0, count, 2):
            low, high = k / count, min(1.0, (k + 1.2) / count) if count > 1 else 1.0
            ends = [(start[0] + s * (end[0] - start[0]), start[1] + s * (end[1] - start[1])) for s in (low, high)]
            pen.line((*at(ends[0]), *at(ends[1])), fill=screen.colour, width=round(2.2 * SCALE))
    for name, radius in screen.circles:
        (x, y), r = at(screen.points[name]), radius * SCALE
        pen.ellipse((x - r, y - r, x + r, y + r), outline=screen.colour, width=round(2.2 * SCALE))
    font = ImageFont.load_default(size=20 * SCALE)
    for name, point in screen.points.items():
        (x, y), r = at(point), 5 * SCALE
        pen.ellipse((x - r, y - r, x + r, y + r), fill=POINT, outline=STROKE, width=SCALE)
        pen.text((x + 8 * SCALE, y - 8 * SCALE), name, fill=POINT, font=font, anchor="lb")
    return image.resize(SIZE, Image.Resampling.LANCZOS)
