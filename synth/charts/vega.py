"""Charts by Vega-Lite (vl-convert); positions are read off its scene graph."""

import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import vl_convert
from numpy.typing import NDArray
from PIL import Image

from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.rendered import DataPoint, RenderedChart, RenderedText, Role
from ocr2.synth.charts.style import Style
from ocr2.synth.charts.vega_spec import SpecWriter

if TYPE_CHECKING:
    from vl_convert import VegaThemes

THEMES: "tuple[VegaThemes | None, ...]" = (
    None,
    None,
    None,
    "dark",
    "excel",
    "fivethirtyeight",
    "ggplot2",
    "googlecharts",
    "quartz",
    "vox",
)
HELD_OUT_THEMES: "tuple[VegaThemes, ...]" = ("latimes", "urbaninstitute", "powerbi", "carbong10", "carbong90")
ANCHOR_X = {"left": 0.0, "center": 0.5, "right": 1.0, "start": 0.0, "end": 1.0}
SERIES, INDEX = re.compile(r"(?:^|; )i: (\d+)(?:$|;)"), re.compile(r"(?:^|; )j: (\d+)(?:$|;)")
ROLES: dict[str, Role] = {
    "legend-label": "legend",
    "title-text": "title",
    "title-subtitle": "source",
    "legend-title": "other",
}


def draw_vega(content: Content, style: Style, rng: np.random.Generator, *, held_out: bool = False) -> RenderedChart:
    """Draw a chart."""
    _register(str(Path(style.face.path).parent))
    spec = SpecWriter(content, style, rng).spec()
    themes = HELD_OUT_THEMES if held_out else THEMES
    theme = themes[int(rng.integers(len(themes)))]
    scene = vl_convert.vegalite_to_scenegraph(spec, theme=theme)
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(spec, scale=style.scale, theme=theme))).convert("RGB")
    pixels = np.asarray(picture, np.uint8)
    return _Truth(content, style, pixels, pixels.shape[1] / scene["width"]).drawn(scene["scenegraph"], scene["origin"])


@lru_cache(maxsize=64)
def _register(folder: str) -> None:
    vl_convert.register_font_directory(folder)


class _Item(TypedDict, total=False):
    """An item of a mark, as far as it is read."""

    x: float
    y: float
    width: float
    height: float
    orient: str  # of an axis
    items: list["_Mark"]  # of a group
    description: str
    opacity: float
    text: str | list[str]
    fontSize: float
    align: str
    baseline: str
    angle: float | None
    dx: float | None
    dy: float | None
    radius: float | None
    theta: float
    startAngle: float
    endAngle: float
    outerRadius: float


class _Mark(TypedDict, total=False):
    """A mark of a scene graph: items of one type."""

    marktype: str
    role: str
    items: list[_Item]


class _Truth:
    """Reads where everything is off the scene graph.

    Args:
        content: The chart's data.
        style: The chart's looks.
        pixels: The picture (height, width, 3).
        factor: Pixels of the picture for one of the scene graph.
    """

    def __init__(self, content: Content, style: Style, pixels: NDArray[np.uint8], factor: float) -> None:
        self.content, self.style, self.pixels, self.factor = content, style, pixels, factor
        self.texts: list[RenderedText] = []
        self.points: dict[tuple[int, int], DataPoint] = {}

    def drawn(self, root: _Mark, origin: Sequence[float]) -> RenderedChart:
        """Return the picture with the positions of its text and data points."""
        for mark, x, y, roles in _walk(root, float(origin[0]), float(origin[1]), ()):
            if mark.get("marktype") == "text":
                for item in mark["items"]:
                    self._text(item, x, y, mark.get("role", ""), roles)
            elif mark.get("marktype") in ("rect", "symbol", "arc", "line", "area") and "legend" not in " ".join(roles):
                self._shapes(mark, x, y)
        printed = any(t.role == "value" for t in self.texts)
        points = tuple(self.points[k] for k in sorted(self.points))
        log = self.style.log and self.content.kind not in ROUND
        return RenderedChart(self.pixels, tuple(self.texts), points, printed, log, "vega-lite")

    def _text(self, item: _Item, x: float, y: float, role: str, roles: tuple[str, ...]) -> None:
        words = item.get("text", "")
        text = " ".join(words) if isinstance(words, list) else str(words)
        if not text.strip() or item.get("opacity", 1) == 0:
            return
        size = float(item.get("fontSize", 11))
        if item.get("radius") is not None and "theta" in item:
            x += item["radius"] * np.sin(item["theta"])
            y -= item["radius"] * np.cos(item["theta"])
        font = self.style.face.load(max(4, round(size * 4)))
        left, top, right, bottom = (v / 4 for v in font.getbbox(text, anchor="ls"))
        angle = -float(item.get("angle", 0) or 0)
        along = (0.5 - ANCHOR_X.get(item.get("align", "left"), 0.0)) * (right - left) + float(item.get("dx", 0) or 0)
        base = {"top": 0.79, "middle": 0.30, "bottom": -0.21, "line-top": 0.79, "line-bottom": -0.21}.get(
            item.get("baseline", "alphabetic"), 0.0
        ) * size
        across = base + (top + bottom) / 2 + float(item.get("dy", 0) or 0)
        turn = np.radians(angle)
        cx = x + item.get("x", 0) + along * np.cos(turn) + across * np.sin(turn)
        cy = y + item.get("y", 0) + across * np.cos(turn) - along * np.sin(turn)
        what, series, index = self._role(role, roles, text)
        key = self._key(item)
        if what == "other" and key is not None:
            value = self.content.series[key[0]].values[key[1]]
            shown = value is not None and self.content.numbers_of(self.content.series[key[0]]).show(value) == text
            what, series, index = ("value", *key) if shown else ("label", -1, key[1])
        f = self.factor
        self.texts.append(
            RenderedText(text, cx * f, cy * f, (right - left) * f, (bottom - top) * f, angle, what, series, index)
        )

    def _role(self, role: str, roles: tuple[str, ...], text: str) -> tuple[Role, int, int]:
        content = self.content
        if role in ROLES:
            names = list(content.labels) if content.kind in ROUND else [s.name for s in content.series]
            place = names.index(text) if text in names else -1
            if role == "legend-label":
                return ("label", -1, place) if content.kind in ROUND else ("legend", place, -1)
            if role == "title-text" and content.title is None:
                return "source", -1, -1
            return ROLES[role], -1, -1
        side = next((r for r in roles if r in ("left", "right", "bottom", "top")), "")
        if role == "axis-title":
            vertical: Role = "second_title" if side == "right" else "y_title"
            return (vertical if side in ("left", "right") else "x_title"), -1, -1
        if role == "axis-label":
            flat = side in ("bottom", "top")
            if flat != content.horizontal:
                return (
                    "label",
                    -1,
                    content.labels.index(text) if text in content.labels and content.places is None else -1,
                )
            return ("second_tick" if side == "right" else "tick"), -1, -1
        return "other", -1, -1

    def _shapes(self, mark: _Mark, x: float, y: float) -> None:
        """Record the data points of a mark; its description has the numbers of series and label."""
        for item in mark["items"]:
            key = self._key(item)
            if key is None or key in self.points:
                continue
            left, top = x + item.get("x", 0), y + item.get("y", 0)
            if mark["marktype"] == "rect":
                self._bar(key, item, left, top)
            elif mark["marktype"] == "arc":
                self._arc(key, item, left, top)
            else:
                self._note(key, left, top, left, top)

    def _key(self, item: _Item) -> tuple[int, int] | None:
        """Return the numbers of an item's series and label, which the tooltip puts into its description."""
        series, index = (find.search(str(item.get("description", ""))) for find in (SERIES, INDEX))
        return (int(series[1]), int(index[1])) if series and index else None

    def _bar(self, key: tuple[int, int], item: _Item, left: float, top: float) -> None:
        width, height = item.get("width", 0), item.get("height", 0)
        value = self.content.series[key[0]].values[key[1]] or 0.0
        if self.content.horizontal:
            end, base = (left + width, left) if value >= 0 else (left, left + width)
            self._note(key, end, top + height / 2, base, top + height / 2)
        else:
            end, base = (top, top + height) if value >= 0 else (top + height, top)
            self._note(key, left + width / 2, end, left + width / 2, base)

    def _arc(self, key: tuple[int, int], item: _Item, x: float, y: float) -> None:
        mid = (item["startAngle"] + item["endAngle"]) / 2
        radius = item.get("outerRadius", 1)
        self._note(key, x + radius * np.sin(mid), y - radius * np.cos(mid), x, y)

    def _note(self, key: tuple[int, int], x: float, y: float, base_x: float, base_y: float) -> None:
        f = self.factor
        self.points[key] = DataPoint(*key, x * f, y * f, base_x * f, base_y * f)


def _walk(
    node: _Mark, x: float, y: float, roles: tuple[str, ...]
) -> Iterator[tuple[_Mark, float, float, tuple[str, ...]]]:
    """Yield marks that are no groups, with the position of the group they are in and the roles of the groups above."""
    if node.get("marktype") != "group":
        yield node, x, y, roles
        return
    for item in node.get("items", []):
        here = (*roles, str(node.get("role", "")), str(item.get("orient", "")))
        for child in item.get("items", []):
            yield from _walk(child, x + item.get("x", 0), y + item.get("y", 0), here)
