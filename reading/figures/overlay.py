"""A figure with what was traced drawn over it: a person checks it at a glance."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.reading.figures.traced import arc_path
from ocr2.results.figure import Point, Segment, Trace

LEAST = 480  # pixels of the longer side; smaller pictures are enlarged
PALE = 0.55  # of the way to white: the picture beneath
SURE, UNSURE, ROUND, NAMED, MARKED = "#1565c0", "#d35400", "#2e7d32", "#c00000", "#8e24aa"
DOUBT = 0.7  # strokes less sure than this are drawn as unsure
DASHES = 24  # of a dashed segment


def draw_trace(trace: Trace, picture: NDArray[np.uint8]) -> Image.Image:
    """Return a picture (height, width, 3), made pale, with strokes, circles and names over it.

    Strokes are blue, unsure ones orange, dashed ones dashed; circles and arcs green; points and names red; marks, and
    writing that names something, violet.
    """
    scale = max(1.0, LEAST / max(1, *picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    pale = np.asarray(255 - (255 - picture.astype(np.float32)) * (1 - PALE), np.uint8)
    image = Image.fromarray(pale).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    stroke = max(2, round(max(size) / 320))

    def at(point: Point) -> Point:
        return point[0] * scale, point[1] * scale

    for segment in trace.segments:
        unsure = segment.confidence is not None and segment.confidence < DOUBT
        _draw_segment(pen, segment, at(segment.start), at(segment.end), UNSURE if unsure else SURE, stroke)
    for arc in trace.arcs:
        pen.line([at((x, y)) for x, y in arc_path(arc).tolist()], fill=ROUND, width=stroke)
    for mark in trace.marks:
        x, y = at(mark.place)
        pen.rectangle((x - 2 * stroke, y - 2 * stroke, x + 2 * stroke, y + 2 * stroke), outline=MARKED, width=2)
    for label in trace.labels:
        pen.rectangle((*at(label.box[:2]), *at(label.box[2:])), outline=MARKED if label.of else UNSURE, width=1)
    for circle in trace.circles:
        (x, y), r = at(circle.center), circle.radius * scale
        pen.ellipse((x - r, y - r, x + r, y + r), outline=ROUND, width=stroke)
        pen.ellipse((x - stroke, y - stroke, x + stroke, y + stroke), fill=ROUND)
    font = ImageFont.load_default(size=max(12, max(size) // 32))
    for name, point in trace.points.items():
        x, y = at(point)
        pen.ellipse((x - stroke, y - stroke, x + stroke, y + stroke), fill=NAMED)
        if name in trace.letters:
            pen.text((x + 2 * stroke, y + stroke), name, fill=NAMED, font=font)
    return image


def _draw_segment(
    pen: ImageDraw.ImageDraw, segment: Segment, start: Point, end: Point, colour: str, stroke: int
) -> None:
    pieces = [(0.0, 1.0)] if not segment.dashed else [(k / DASHES, (k + 0.6) / DASHES) for k in range(DASHES)]
    for low, high in pieces:
        a, b = (
            (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])) for share in (low, high)
        )
        pen.line((*a, *b), fill=colour, width=stroke)
