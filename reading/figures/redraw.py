"""A figure drawn anew from its trace, beside its picture: a person checks it at a glance."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.formats.figure.mark_paths import mark_paths
from ocr2.reading.figures.paper import ink_on_paper
from ocr2.reading.figures.traced import arc_path
from ocr2.results.figure import Point, Segment, Trace

RGB = NDArray[np.uint8]  # (h, w, 3)
GAP = 8  # pixels between the pictures
BETWEEN = (187, 187, 187)
SHIFT = 4  # bits of a pixel's fractions, for OpenCV
DASH = 4.0  # strokes' widths
HEAD, WING = 5.0, 0.45  # strokes' widths of an arrow's head, radians of half of it
SMALLEST = 9  # pixels of writing


def redraw(trace: Trace, picture: RGB) -> Image.Image:
    """Return a picture (h, w, 3) with its trace drawn at its right, in black on white at the same size."""
    height, width = picture.shape[:2]
    paper = ink_on_paper(picture)
    drawn = draw_figure(trace, height, width, stroke=paper.width if paper is not None else 2.0)
    both = Image.new("RGB", (2 * width + GAP, height), BETWEEN)
    both.paste(Image.fromarray(picture), (0, 0))
    both.paste(Image.fromarray(drawn), (width + GAP, 0))
    return both


def draw_figure(trace: Trace, height: int, width: int, *, stroke: float, writing: bool = True) -> RGB:
    """Return a trace drawn in black on white (h, w, 3).

    Args:
        trace: The figure.
        height: Pixels.
        width: Pixels.
        stroke: Width of its strokes, pixels.
        writing: Draw names and measures too.
    """
    page = np.full((height, width), 255, np.uint8)
    thick = max(1, round(stroke))
    for segment in trace.segments:
        for piece in _pieces(segment, DASH * stroke):
            _line(page, piece, thick)
        for tip, other, is_arrow in zip(
            (segment.start, segment.end), (segment.end, segment.start), segment.arrows, strict=True
        ):
            if is_arrow:
                _line(page, _head(tip, other, HEAD * stroke + 3), thick)
    for circle in trace.circles:
        at = round((circle.center[0] - 0.5) * (1 << SHIFT)), round((circle.center[1] - 0.5) * (1 << SHIFT))
        cv2.circle(page, at, round(circle.radius * (1 << SHIFT)), 0, thick, cv2.LINE_AA, SHIFT)
    for arc in trace.arcs:
        _line(page, [(x, y) for x, y in arc_path(arc).tolist()], thick)
    for path in mark_paths(trace):
        _line(page, path, max(1, thick // 2))
    image = Image.fromarray(page).convert("RGB")
    if writing:
        _write(image, trace)
    return np.asarray(image, np.uint8)


def _line(page: NDArray[np.uint8], points: list[Point], thick: int) -> None:
    fixed = np.rint((np.array(points) - 0.5) * (1 << SHIFT)).astype(np.int32)
    cv2.polylines(page, [fixed], False, 0, thick, cv2.LINE_AA, SHIFT)


def _pieces(segment: Segment, dash: float) -> list[list[Point]]:
    (x0, y0), (x1, y1) = segment.start, segment.end
    if not segment.dashed:
        return [[segment.start, segment.end]]
    count = max(2, round(math.dist(segment.start, segment.end) / (2 * dash)))
    shares = [(k / (count - 0.5), (k + 0.5) / (count - 0.5)) for k in range(count)]
    return [[(x0 + s * (x1 - x0), y0 + s * (y1 - y0)) for s in pair] for pair in shares]


def _head(tip: Point, other: Point, size: float) -> list[Point]:
    turn = math.atan2(other[1] - tip[1], other[0] - tip[0])
    wings = [(tip[0] + size * math.cos(turn + w), tip[1] + size * math.sin(turn + w)) for w in (WING, -WING)]
    return [wings[0], tip, wings[1]]


def _write(image: Image.Image, trace: Trace) -> None:
    pen = ImageDraw.Draw(image)
    for label in trace.labels:
        left, top, right, bottom = label.box
        font = ImageFont.load_default(size=max(SMALLEST, round(1.25 * (bottom - top))))
        pen.text(((left + right) / 2, (top + bottom) / 2), label.text, fill="black", font=font, anchor="mm")
