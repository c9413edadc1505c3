"""What all charts by Pillow and OpenCV have in common: fonts, titles, legend."""

from dataclasses import dataclass

import numpy as np
from PIL import ImageFont

from ocr2.synth.charts.canvas import Canvas, text_width
from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.rendered import DataPoint, RenderedChart
from ocr2.synth.charts.style import Color, Style


@dataclass(slots=True)
class Frame:
    """The rectangle of the axes, pixels."""

    left: float
    top: float
    right: float
    bottom: float


class Base:
    """A chart while it is being drawn: fonts, titles, legend."""

    def __init__(self, content: Content, style: Style, rng: np.random.Generator) -> None:
        self.content = content
        self.style = style
        self.rng = rng
        self.canvas = Canvas(style.width, style.height, style.paper)
        self.font = self._font(1.0)
        self.small = self._font(rng.uniform(0.8, 1.0))
        self.em = style.points()
        self.pad = self.em * rng.uniform(0.3, 0.9)
        self.points: list[DataPoint] = []
        self.frame = Frame(self.pad, self.pad, style.width - self.pad, style.height - self.pad)

    def _font(self, factor: float, *, title: bool = False) -> ImageFont.FreeTypeFont:
        face = self.style.title_face if title else self.style.face
        return face.load(max(7, round(self.style.points(factor))))

    def _title(self) -> None:
        if self.content.title is None:
            return
        font = self._font(self.style.title_size, title=True)
        lines = wrap(self.content.title, font, self.style.width * 0.92)
        step = sum(font.getmetrics()) * 1.05
        x, anchor = (self.frame.left, 0.0) if self.style.title_left else (self.style.width / 2, 0.5)
        for i, line in enumerate(lines):
            y = self.frame.top + step * i
            if self.style.title_below:
                y = self.frame.bottom - step * (len(lines) - i)
            self.canvas.write(line, font, (x, y), self.style.ink, "title", anchor=(anchor, 0.0))
        if self.style.title_below:
            self.frame.bottom -= step * len(lines) + self.pad
        else:
            self.frame.top += step * len(lines) + self.pad

    def _source(self) -> None:
        if self.content.source is None:
            return
        height = sum(self.small.getmetrics())
        x, anchor = (self.frame.left, 0.0) if self.rng.random() < 0.6 else (self.frame.right, 1.0)
        self.canvas.write(
            self.content.source, self.small, (x, self.frame.bottom), self.style.ink, "source", anchor=(anchor, 1.0)
        )
        self.frame.bottom -= height + self.pad

    def _legend(self, names: list[str], colors: list[Color], lined: list[bool]) -> None:
        if self.style.legend == "right":
            self._legend_right(names, colors, lined)
        elif self.style.legend in ("top", "bottom"):
            self._legend_row(names, colors, lined)

    def _legend_right(self, names: list[str], colors: list[Color], lined: list[bool]) -> None:
        step = sum(self.small.getmetrics()) * 1.15
        widest = max(text_width(name, self.small) for name in names)
        left = self.frame.right - widest - 2.2 * self.em
        middle = self.rng.random() < 0.5
        top = (self.frame.top + self.frame.bottom - step * len(names)) / 2 if middle else self.frame.top + self.em
        self._entries(names, colors, lined, [(left, top + step * (i + 0.5)) for i in range(len(names))])
        self.frame.right = left - self.pad

    def _legend_row(self, names: list[str], colors: list[Color], lined: list[bool]) -> None:
        step = sum(self.small.getmetrics()) * 1.2
        widths = [text_width(name, self.small) + 3.2 * self.em for name in names]
        rows: list[list[int]] = [[]]
        for i, width in enumerate(widths):
            if rows[-1] and sum(widths[j] for j in rows[-1]) + width > self.frame.right - self.frame.left:
                rows.append([])
            rows[-1].append(i)
        top = self.frame.top if self.style.legend == "top" else self.frame.bottom - step * len(rows)
        places: list[tuple[float, float]] = []
        for r, row in enumerate(rows):
            x = (self.style.width - sum(widths[i] for i in row)) / 2
            for i in row:
                places.append((x, top + step * (r + 0.5)))
                x += widths[i]
        self._entries(names, colors, lined, places)
        if self.style.legend == "top":
            self.frame.top += step * len(rows) + self.pad
        else:
            self.frame.bottom -= step * len(rows) + self.pad

    def _entries(
        self, names: list[str], colors: list[Color], lined: list[bool], places: list[tuple[float, float]]
    ) -> None:
        size = self.em * 0.75
        for i, (name, (x, y)) in enumerate(zip(names, places, strict=True)):
            if lined[i]:
                self.canvas.line([(x, y), (x + 1.6 * size, y)], colors[i], self.style.line_width * self.style.scale)
                if self.style.markers:
                    self.canvas.dot(x + 0.8 * size, y, size * 0.3, colors[i])
            else:
                self.canvas.bar(x, y - size / 2, x + 1.3 * size, y + size / 2, colors[i], None, 1)
            at = (x + 1.6 * size + 0.35 * self.em, y)
            self.canvas.write(name, self.small, at, self.style.ink, "legend", anchor=(0, 0.5), series=i)

    def _drawn(self) -> RenderedChart:
        printed = any(t.role == "value" for t in self.canvas.texts)
        log = self.style.log and self.content.kind not in ROUND
        return RenderedChart(self.canvas.pixels, tuple(self.canvas.texts), tuple(self.points), printed, log, "fast")


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break a text into lines that fit a width."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", font) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def contrast(color: Color) -> Color:
    """Return black or white, whichever is easier to read on a colour."""
    light = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
    return (0, 0, 0) if light > 140 else (255, 255, 255)
