"""What all charts of Matplotlib have in common: fonts, titles, and the positions of text and data points."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.rendered import DataPoint, RenderedChart, RenderedText, Role
from ocr2.synth.charts.style import Color, Style

OUTSIDE: dict[str, Any] = {  # Matplotlib's types lack the first
    "right": "outside center right", "top": "outside upper center", "bottom": "outside lower center",
}  # fmt: skip
TaggedText = tuple[Text, Role, int, int]  # a text, its role, series and index; -1 for none


class TextStyle(TypedDict, total=False):
    """Keywords of Matplotlib for text."""

    fontsize: float
    fontproperties: FontProperties
    color: str
    textcoords: str
    ha: str
    va: str


class Base(ABC):
    """What all charts of Matplotlib have in common.

    Args:
        content: The chart's data.
        style: The chart's looks.
        rng: Source of every choice.
        own_looks: Whether fonts and colours are the style's; else those of Matplotlib's style sheet.
    """

    def __init__(self, content: Content, style: Style, rng: np.random.Generator, *, own_looks: bool) -> None:
        self.content, self.style, self.rng, self.own = content, style, rng, own_looks
        dpi = 100 * style.scale
        self.figure = Figure(figsize=(style.width / dpi, style.height / dpi), dpi=dpi, layout="constrained")
        canvas: Any = FigureCanvasAgg  # Matplotlib has no types of its backends
        self.canvas = canvas(self.figure)
        self.axes: Axes = self.figure.add_subplot()
        self.second: Axes | None = None
        self.tagged: list[TaggedText] = []
        self.values: list[tuple[int, int, float, float, float, float, Axes]] = []  # data coordinates: end, start, axes
        self.size = style.font_size if own_looks else matplotlib.rcParams["font.size"] * rng.uniform(0.75, 1.05)
        self.font: FontProperties | None = None
        if own_looks or rng.random() < 0.5:
            self.font = FontProperties(fname=style.face.path, size=self.size)
        cycle = matplotlib.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
        self.colors = [hex_color(c) for c in style.palette] if own_looks else cycle

    def _text_style(self, factor: float = 1.0) -> TextStyle:
        if self.font is None:
            return {"fontsize": self.size * factor}
        properties = self.font.copy()
        properties.set_size(self.size * factor)
        return {"fontproperties": properties}

    def draw(self) -> RenderedChart:
        """Draw the chart and measure the positions of its text and data points."""
        if self.own:
            self.figure.set_facecolor(hex_color(self.style.paper))
            self.axes.set_facecolor(hex_color(self.style.ground))
        self._plot()
        self._titles()
        self.canvas.draw()
        pixels = np.asarray(self.canvas.buffer_rgba())[..., :3].copy()
        tagged = [*self.tagged, *self._tick_labels()]
        texts = tuple(text_marks(tagged, self.canvas.get_renderer(), pixels.shape[0]))
        points = tuple(self._points(pixels.shape[0]))
        printed = any(t.role == "value" for t in texts)
        log = self.style.log and self.content.kind not in ROUND
        return RenderedChart(pixels, texts, points, printed, log, "matplotlib")

    @abstractmethod
    def _plot(self) -> None:
        """Draw the data."""

    def _tick_labels(self) -> list[TaggedText]:
        return []

    def _ink(self) -> TextStyle:
        return {"color": hex_color(self.style.ink)} if self.own else {}

    def _inked(self, factor: float = 1.0) -> TextStyle:
        return {**self._text_style(factor), **self._ink()}

    def _titles(self) -> None:
        content, rng = self.content, self.rng
        if content.title is not None:
            width = max(12, int(self.style.width / (self.style.points(0.6) * self.style.title_size)))
            title = _wrapped(content.title, width)
            if rng.random() < 0.8:
                loc: Literal["left", "center"] = "left" if self.style.title_left else "center"
                artist = self.axes.set_title(title, loc=loc, **self._inked(self.style.title_size))
            else:
                artist = self.figure.suptitle(title, **self._inked(self.style.title_size))
            self.tagged.append((artist, "title", -1, -1))
        if content.source is not None:
            artist = self.figure.supxlabel(content.source, x=0.02, ha="left", **self._inked(0.8))
            self.tagged.append((artist, "source", -1, -1))

    def _points(self, height: int) -> list[DataPoint]:
        marks = []
        for i, j, x, y, base_x, base_y, axes in self.values:
            low = axes.get_xlim()[0] if self.content.horizontal else axes.get_ylim()[0]
            if self.style.log:
                base_x, base_y = (low, base_y) if self.content.horizontal else (base_x, low)
            (px, py), (bx, by) = axes.transData.transform([(x, y), (base_x, base_y)])
            marks.append(DataPoint(i, j, px, height - py, bx, height - by))
        return marks


def hex_color(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _wrapped(text: str, width: int) -> str:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def text_marks(tagged: Sequence[TaggedText], renderer: RendererBase, height: int) -> list[RenderedText]:
    """Return the lines of all visible text.

    Args:
        tagged: Text objects of a drawn figure.
        renderer: The figure's renderer, which measures text.
        height: Height of the picture, pixels.
    """
    marks: list[RenderedText] = []
    for artist, role, series, index in tagged:
        if artist.get_text().strip() and artist.get_visible():
            marks += _lines_of(artist, renderer, role, series, index, height)
    return marks


def _lines_of(
    artist: Text, renderer: RendererBase, role: Role, series: int, index: int, height: int
) -> list[RenderedText]:
    box = artist.get_window_extent()
    angle = float(artist.get_rotation())
    lines = artist.get_text().split("\n")
    x, y = (box.x0 + box.x1) / 2, height - (box.y0 + box.y1) / 2
    properties = artist.get_fontproperties()
    sizes = [renderer.get_text_width_height_descent(line, properties, False)[:2] for line in lines]
    if len(lines) == 1:
        return [RenderedText(_clean(lines[0]), x, y, sizes[0][0], sizes[0][1], angle, role, series, index)]
    step = box.height / len(lines)
    align = artist.get_horizontalalignment()
    marks = []
    for k, (line, (w, h)) in enumerate(zip(lines, sizes, strict=True)):
        middle = box.x0 + w / 2 if align == "left" else x
        marks.append(RenderedText(line, middle, height - box.y1 + step * (k + 0.5), w, h, 0.0, role, series, index))
    return marks


def _clean(text: str) -> str:
    """Undo the markup of exponents that Matplotlib writes on log axes."""
    return text.replace("$\\mathdefault{10^{", "10^").replace("}}$", "")
