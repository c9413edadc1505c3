"""Drawings and photographs on pages: hatching, curves, circles, stipple; sometimes with labels."""

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.synth.layouts.pictures import Gray
from ocr2.synth.text_lines.canvas import Canvas
from ocr2.synth.text_lines.elements import Rect, Style, drawable, words


def drawing(canvas: Canvas, style: Style, box: Rect) -> float:
    """Draw a photograph, or hatching, curves, circles, scribbles, a map; sometimes with labels."""
    rng = style.rng
    left, top, right, bottom = box
    high = min(bottom - top, (right - left) * style.between(0.3, 1.2))
    if high < 20:
        return bottom
    wide = int(right - left)
    picture = (
        style.picture(wide, int(high)) if style.chance(0.4) else sketch(rng, wide, int(high), style.paper, style.ink)
    )
    canvas.paste(picture, int(left), int(top))
    if style.chance(0.3):
        face, size = style.faces[0], max(6, round(0.8 * style.em))
        for _ in range(int(rng.integers(1, 6))):
            text = drawable(words(style, 1, 12), face)
            x, y = left + style.between(0.05, 0.6) * wide, top + style.between(0.15, 0.9) * high
            long = face.load(size).getlength(text)
            background = int(
                np.median(np.asarray(canvas.image)[int(y - size) : int(y) + 1, int(x) : int(x + long) + 1])
            )
            background = background if style.chance(0.6) else style.paper
            if text and long < 0.38 * wide:
                if background == style.paper:
                    canvas.panel((x - 3, y - size, x + long + 3, y + 0.3 * size), fill=style.paper)
                canvas.text(x, y, text, face, size, ink=style.contrast(background))
    return top + high + style.em


def sketch(rng: Generator, width: int, height: int, paper: int, ink: int) -> Gray:
    """Draw strokes that look like an engraving, a diagram, a map or a signature."""
    picture = np.full((height, width), paper, np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        kind = int(rng.integers(6))
        if kind == 0:  # hatching
            step, angle = float(rng.uniform(3, 14)), float(rng.uniform(0, np.pi))
            x0, y0 = rng.uniform(0, 0.5, 2) * (width, height)
            x1, y1 = rng.uniform(0.5, 1, 2) * (width, height)
            across = np.array([np.cos(angle), np.sin(angle)])
            for at in np.arange(-1.5 * max(width, height), 1.5 * max(width, height), step):
                middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2]) + at * np.array([-across[1], across[0]])
                far = rng.uniform(0.3, 1) * max(width, height)
                a, b = middle - far * across, middle + far * across
                ok, p, q = cv2.clipLine((int(x0), int(y0), int(x1 - x0), int(y1 - y0)), _int(a), _int(b))
                if ok:
                    cv2.line(picture, p, q, ink, 1, cv2.LINE_AA)
        elif kind == 1:  # curves
            for _ in range(int(rng.integers(1, 14))):
                points = np.cumsum(rng.normal(0, 0.12, (int(rng.integers(4, 40)), 2)), axis=0) + rng.uniform(0, 1, 2)
                smooth = cv2.GaussianBlur(np.ascontiguousarray(points * (width, height), np.float32), (1, 5), 2)
                cv2.polylines(picture, [smooth.astype(np.int32)], False, ink, int(rng.integers(1, 4)), cv2.LINE_AA)
        elif kind == 2:  # circles and boxes
            for _ in range(int(rng.integers(1, 10))):
                middle = _int(rng.uniform(0, 1, 2) * (width, height))
                fill = -1 if rng.random() < 0.3 else int(rng.integers(1, 4))
                shade = int(rng.integers(0, 256))
                if rng.random() < 0.5:
                    cv2.circle(picture, middle, int(rng.uniform(2, 0.3 * height + 3)), shade, fill, cv2.LINE_AA)
                else:
                    cv2.rectangle(picture, middle, _int(rng.uniform(0, 1, 2) * (width, height)), shade, fill)
        elif kind == 3:  # stipple
            count = int(rng.integers(50, 2000))
            xs, ys = rng.integers(0, width, count), rng.integers(0, height, count)
            for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
                cv2.circle(picture, (x, y), int(rng.integers(0, 3)), ink, -1)
        elif kind == 4:  # short strokes in rows, like grass or brickwork
            step = float(rng.uniform(5, 22))
            for y in np.arange(0, height, step):
                for x in np.arange(0, width, step * rng.uniform(0.4, 1.5)):
                    a = np.array([x, y]) + rng.normal(0, 0.15 * step, 2)
                    b = a + rng.normal(0, 0.4 * step, 2) + (0, 0.5 * step)
                    cv2.line(picture, _int(a), _int(b), ink, 1, cv2.LINE_AA)
        else:  # soft shades
            coarse = rng.normal(128, 60, (int(rng.integers(2, 12)), int(rng.integers(2, 12)))).astype(np.float32)
            noise = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
            picture = np.minimum(picture, np.clip(noise, 0, 255).astype(np.uint8))
    return picture


def _int(point: NDArray[np.float64]) -> tuple[int, int]:
    return int(point[0]), int(point[1])
