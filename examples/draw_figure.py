"""Draws figure.png: a triangle, its altitude in dashes, its inscribed circle, letters."""

import math
import sys

from PIL import Image, ImageDraw, ImageFont

SCALE, SIZE, WIDTH = 4, (560, 440), 2.2
A, B, C = (70.0, 370.0), (500.0, 370.0), (200.0, 70.0)
Point = tuple[float, float]

image = Image.new("L", (SIZE[0] * SCALE, SIZE[1] * SCALE), 255)
pen = ImageDraw.Draw(image)


def line(p: Point, q: Point) -> None:
    pen.line([v * SCALE for v in (*p, *q)], fill=0, width=round(WIDTH * SCALE))


for start, end in ((A, B), (B, C), (C, A)):
    line(start, end)
for k in range(0, 17, 2):
    line((C[0], C[1] + k / 17 * (A[1] - C[1])), (C[0], C[1] + (k + 1) / 17 * (A[1] - C[1])))
sides = math.dist(B, C), math.dist(C, A), math.dist(A, B)
x, y = (sum(s * p[i] for s, p in zip(sides, (A, B, C), strict=True)) / sum(sides) for i in (0, 1))
r = A[1] - y
pen.ellipse([v * SCALE for v in (x - r, y - r, x + r, y + r)], outline=0, width=round(WIDTH * SCALE))
line(A, (x, y))
font = ImageFont.truetype(sys.argv[1], 26 * SCALE) if len(sys.argv) > 1 else ImageFont.load_default(26 * SCALE)
places = {"A": (50, 384), "B": (521, 384), "C": (192, 48), "D": (C[0], A[1] + 24), "I": (x + 18, y - 10)}
for name, place in places.items():
    pen.text((place[0] * SCALE, place[1] * SCALE), name, fill=0, font=font, anchor="mm")
image.resize(SIZE, Image.Resampling.LANCZOS).save("figure.png", optimize=True)
