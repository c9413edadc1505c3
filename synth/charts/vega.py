"""Charts by Vega-Lite (vl-convert), the truth taken from its scene graph."""

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import vl_convert
from PIL import Image

from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.rendered import Drawn, PointMark, Role, TextMark
from ocr2.synth.charts.style import Style

THEMES = (None, None, None, "dark", "excel", "fivethirtyeight", "ggplot2", "googlecharts", "quartz", "vox")
HELD_OUT_THEMES = ("latimes", "urbaninstitute", "powerbi", "carbong10", "carbong90")
ANCHOR_X = {"left": 0.0, "center": 0.5, "right": 1.0, "start": 0.0, "end": 1.0}
TOOLTIP = [{"field": "i"}, {"field": "j"}]
SERIES, INDEX = re.compile(r"(?:^|; )i: (\d+)(?:$|;)"), re.compile(r"(?:^|; )j: (\d+)(?:$|;)")
ROLES: dict[str, Role] = {
    "legend-label": "legend",
    "title-text": "title",
    "title-subtitle": "source",
    "legend-title": "other",
}


def draw_vega(content: Content, style: Style, rng: np.random.Generator, *, held_out: bool = False) -> Drawn:
    """Draw a chart."""
    _register(str(Path(style.face.path).parent))
    builder = _Builder(content, style, rng)
    spec = builder.spec()
    themes = HELD_OUT_THEMES if held_out else THEMES
    theme: Any = themes[int(rng.integers(len(themes)))]
    scene = vl_convert.vegalite_to_scenegraph(spec, theme=theme)
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(spec, scale=style.scale, theme=theme))).convert("RGB")
    pixels = np.asarray(picture, np.uint8)
    return _Truth(content, style, scene, pixels).drawn()


@lru_cache(maxsize=64)
def _register(folder: str) -> None:
    vl_convert.register_font_directory(folder)


class _Builder:
    """Writes the specification."""

    def __init__(self, content: Content, style: Style, rng: np.random.Generator) -> None:
        self.content, self.style, self.rng = content, style, rng
        self.size = style.font_size * 100 / 72
        self.named = all(s.name for s in content.series)

    def rows(self) -> list[dict[str, Any]]:
        """Return the data, one row a value."""
        content = self.content
        rows = []
        for i, series in enumerate(content.series):
            for j, value in enumerate(series.values):
                if value is not None:
                    label: Any = content.places[j] if content.places is not None else content.labels[j]
                    rows.append(
                        {
                            "label": label,
                            "value": value,
                            "series": series.name or "",
                            "i": i,
                            "j": j,
                            "shown": content.numbers_of(series).show(value),
                        }
                    )
        return rows

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification."""
        content, style = self.content, self.style
        layers = self._round() if content.kind in ROUND else self._layers()
        spec: dict[str, Any] = {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "width": int(style.width / style.scale * 0.72),
            "height": int(style.height / style.scale * 0.7),
            "data": {"values": self.rows()},
            "layer": layers,
            "config": self._config(),
        }
        if content.title is not None or content.source is not None:
            title: dict[str, Any] = {
                "text": content.title or "",
                "fontSize": self.size * style.title_size,
                "fontWeight": "normal",
                "anchor": "start" if style.title_left else "middle",
            }
            if content.title is None:
                title = {
                    "text": content.source,
                    "orient": "bottom",
                    "anchor": "end",
                    "fontWeight": "normal",
                    "fontSize": self.size * 0.8,
                }
            elif content.source is not None:
                title.update(subtitle=content.source, subtitleFontSize=self.size * 0.8)
            spec["title"] = title
        if any(s.second_axis for s in content.series):
            spec["resolve"] = {"scale": {"y": "independent"}}
        return spec

    def _config(self) -> dict[str, Any]:
        style = self.style
        font = {"font": style.face.family}
        axis = {
            "labelFontSize": self.size * 0.9,
            "titleFontSize": self.size,
            "labelFont": style.face.family,
            "titleFont": style.face.family,
            "labelLimit": 600,
            "titleLimit": 900,
            "titleFontWeight": "normal",
        }
        config: dict[str, Any] = {
            **font,
            "axis": axis,
            "title": {"font": style.face.family, "subtitleFont": style.face.family, "limit": 2000},
            "legend": {
                "labelFontSize": self.size * 0.9,
                "labelFont": style.face.family,
                "labelLimit": 600,
                "title": None,
            },
            "text": {**font, "fontSize": self.size * 0.85},
        }
        if self.rng.random() < 0.6:
            ink = _hex(style.ink)
            config["background"] = _hex(style.paper)
            config["view"] = {
                "fill": _hex(style.ground),
                "stroke": _hex(style.grid_color) if style.frame == "box" else None,
            }
            axis.update(
                labelColor=ink,
                titleColor=ink,
                domainColor=ink,
                tickColor=ink,
                gridColor=_hex(style.grid_color),
                grid=style.grid != "none",
            )
            config["title"].update(color=ink, subtitleColor=ink)
            config["legend"].update(labelColor=ink)
            config["text"]["color"] = ink
            config["range"] = {"category": [_hex(c) for c in style.palette]}
        return config

    def _axis_of(self, title: str | None, **more: Any) -> dict[str, Any]:
        return {"title": title, **more}

    def _layers(self) -> list[dict[str, Any]]:
        content = self.content
        bars = [i for i, s in enumerate(content.series) if content.kind in ("bar", "hbar", "combo") and not s.line]
        lines = [i for i in range(len(content.series)) if i not in bars]
        layers = []
        if bars:
            layers.append(
                self._layer(
                    {"type": "bar", **({"stroke": "black", "strokeWidth": 0.7} if self.style.outline else {})},
                    bars,
                    "bar",
                )
            )
        if lines and content.kind == "area":
            layers.append(self._layer({"type": "area", "line": True, "opacity": 0.75}, lines, "line"))
        elif lines and content.kind == "scatter":
            layers.append(
                self._layer(
                    {"type": "point", "filled": bool(self.style.outline), "size": float(self.rng.uniform(30, 90))},
                    lines,
                    "line",
                )
            )
        elif lines:
            mark = {"type": "line", "point": self.style.markers, "strokeWidth": self.style.line_width}
            if self.style.smooth:
                mark["interpolate"] = "monotone"
            layers.append(self._layer(mark, lines, "line"))
        if self.style.value_labels != "none":
            layers += self._value_layers(bars, lines)
        return layers

    def _layer(self, mark: dict[str, Any], members: list[int], name: str) -> dict[str, Any]:
        return {
            "mark": mark,
            "transform": [{"filter": {"field": "i", "oneOf": members}}],
            "encoding": self._encoding(members, name),
        }

    def _encoding(self, members: list[int], name: str) -> dict[str, Any]:
        content, style = self.content, self.style
        flat: dict[str, Any] = {
            "field": "label",
            "type": "quantitative" if content.places is not None else "nominal",
            "sort": None,
        }
        flat["axis"] = self._axis_of(content.y_title if content.horizontal else content.x_title)
        if content.places is not None:
            flat["scale"] = {"zero": False}
        elif not content.horizontal:
            flat["axis"]["labelAngle"] = -style.label_angle
        second = any(content.series[i].second_axis for i in members)
        title = content.second_title if second else content.x_title if content.horizontal else content.y_title
        value: dict[str, Any] = {
            "field": "value",
            "type": "quantitative",
            "axis": self._axis_of(title, labels=style.axis_labels, tickCount=style.ticks),
        }
        scale: dict[str, Any] = {"zero": style.from_zero or name == "bar"}
        if style.log:
            scale = {"type": "log"}
        value["scale"] = scale
        numbers = content.second_numbers if second and content.second_numbers else content.numbers
        if numbers.suffix == "%":
            value["axis"]["labelExpr"] = "datum.label + '%'"
        elif not numbers.thousands:
            value["axis"]["format"] = "~g" if self.rng.random() < 0.2 else "~f"
        stacked = content.arrangement == "stacked"
        value["stack"] = "zero" if stacked and name in ("bar", "line") and content.kind != "combo" else None
        encoding: dict[str, Any] = {"y": flat, "x": value} if content.horizontal else {"x": flat, "y": value}
        if len(content.series) > 1 or self.named:
            legend: Any = {
                "orient": {"right": "right", "top": "top", "bottom": "bottom", "inside": "top-right", "none": "right"}[
                    style.legend
                ]
            }
            encoding["color"] = {
                "field": "series",
                "type": "nominal",
                "sort": None,
                "legend": legend if style.legend != "none" else None,
            }
            if content.arrangement == "grouped" and name == "bar" and len(members) > 1:
                encoding["yOffset" if content.horizontal else "xOffset"] = {"field": "series", "sort": None}
        else:
            encoding["color"] = {"value": _hex(style.palette[0])}
        if stacked:
            encoding["order"] = {"field": "i"}
        encoding["tooltip"] = TOOLTIP
        return encoding

    def _value_layers(self, bars: list[int], lines: list[int]) -> list[dict[str, Any]]:
        layers = []
        if bars:
            mark: dict[str, Any] = {
                "type": "text",
                **({"dx": 4, "align": "left"} if self.content.horizontal else {"dy": -6}),
            }
            if self.content.arrangement == "stacked":
                mark = {"type": "text"}
            layer = self._layer(mark, bars, "bar")
            layers.append(layer)
        if lines:
            layers.append(self._layer({"type": "text", "dy": -9}, lines, "line"))
        for layer in layers:
            encoding = layer["encoding"]
            encoding["text"] = {"field": "shown"}
            side = "x" if self.content.horizontal else "y"
            if self.content.arrangement == "stacked" and self.content.kind != "area":
                encoding[side] = {**encoding[side], "bandPosition": 0.5}
            if self.content.arrangement != "grouped" or "color" in encoding:
                encoding["color"] = {"value": _hex(self.style.ink)}
                encoding["detail"] = {"field": "series"}
        return layers

    def _round(self) -> list[dict[str, Any]]:
        content, style = self.content, self.style
        theta = {"field": "value", "type": "quantitative", "stack": True}
        beside = style.legend_on_slices or style.legend in ("none", "inside")
        orient = {"right": "right", "top": "top", "bottom": "bottom"}.get(style.legend, "right")
        color = {"field": "label", "type": "nominal", "sort": None, "legend": None if beside else {"orient": orient}}
        base = {"theta": theta, "color": color, "order": {"field": "j"}, "tooltip": TOOLTIP}
        radius = min(style.width, style.height) / style.scale * 0.26
        inner = radius * 0.5 if content.kind == "donut" else 0
        arc = {"type": "arc", "outerRadius": radius, "innerRadius": inner, "stroke": _hex(style.paper)}
        layers: list[dict[str, Any]] = [{"mark": arc, "encoding": base}]
        if beside:
            words = {"field": "label", "type": "nominal"}
            layers.append(
                {
                    "mark": {"type": "text", "radius": radius + 26},
                    "encoding": {**base, "text": words, "color": {"value": _hex(style.ink)}},
                }
            )
        if style.value_labels != "none":
            mark = {"type": "text", "radius": (radius + inner) / 2 if inner else radius * 0.65}
            layers.append(
                {
                    "mark": mark,
                    "encoding": {
                        **base,
                        "text": {"field": "shown"},
                        "color": {"value": "white" if self.rng.random() < 0.4 else "black"},
                    },
                }
            )
        return layers


class _Truth:
    """Reads where everything came."""

    def __init__(
        self, content: Content, style: Style, scene: dict[str, Any], pixels: "np.ndarray[Any, np.dtype[np.uint8]]"
    ) -> None:
        self.content, self.style, self.scene, self.pixels = content, style, scene, pixels
        self.factor = pixels.shape[1] / scene["width"]
        self.texts: list[TextMark] = []
        self.points: dict[tuple[int, int], PointMark] = {}

    def drawn(self) -> Drawn:
        """Return the picture with the places of its marks, off the scene graph."""
        origin = self.scene["origin"]
        for mark, x, y, roles in _walk(self.scene["scenegraph"], float(origin[0]), float(origin[1]), ()):
            if mark.get("marktype") == "text":
                for item in mark["items"]:
                    self._text(item, x, y, mark.get("role", ""), roles)
            elif mark.get("marktype") in ("rect", "symbol", "arc", "line", "area") and "legend" not in " ".join(roles):
                self._shapes(mark, x, y)
        printed = any(t.role == "value" for t in self.texts)
        points = tuple(self.points[k] for k in sorted(self.points))
        log = self.style.log and self.content.kind not in ROUND
        return Drawn(self.pixels, tuple(self.texts), points, printed, log, "vega-lite")

    def _text(self, item: dict[str, Any], x: float, y: float, role: str, roles: tuple[str, ...]) -> None:
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
            TextMark(text, cx * f, cy * f, (right - left) * f, (bottom - top) * f, angle, what, series, index)
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

    def _shapes(self, mark: dict[str, Any], x: float, y: float) -> None:
        """Note where values end; which value a mark shows is in its place among the rows, by its description."""
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

    def _key(self, item: dict[str, Any]) -> tuple[int, int] | None:
        """Return series and label of an item: their numbers stand in its description, where the tooltip goes."""
        series, index = (find.search(str(item.get("description", ""))) for find in (SERIES, INDEX))
        return (int(series[1]), int(index[1])) if series and index else None

    def _bar(self, key: tuple[int, int], item: dict[str, Any], left: float, top: float) -> None:
        width, height = item.get("width", 0), item.get("height", 0)
        value = self.content.series[key[0]].values[key[1]] or 0.0
        if self.content.horizontal:
            end, base = (left + width, left) if value >= 0 else (left, left + width)
            self._note(key, end, top + height / 2, base, top + height / 2)
        else:
            end, base = (top, top + height) if value >= 0 else (top + height, top)
            self._note(key, left + width / 2, end, left + width / 2, base)

    def _arc(self, key: tuple[int, int], item: dict[str, Any], x: float, y: float) -> None:
        mid = (item["startAngle"] + item["endAngle"]) / 2
        radius = item.get("outerRadius", 1)
        self._note(key, x + radius * np.sin(mid), y - radius * np.cos(mid), x, y)

    def _note(self, key: tuple[int, int], x: float, y: float, base_x: float, base_y: float) -> None:
        f = self.factor
        self.points[key] = PointMark(*key, x * f, y * f, base_x * f, base_y * f)


def _walk(
    node: dict[str, Any], x: float, y: float, roles: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], float, float, tuple[str, ...]]]:
    """Yield marks that are no groups, with the place of the group they are in and what it is."""
    if node.get("marktype") != "group":
        yield node, x, y, roles
        return
    for item in node.get("items", []):
        here = (*roles, str(node.get("role", "")), str(item.get("orient", "")))
        for child in item.get("items", []):
            yield from _walk(child, x + item.get("x", 0), y + item.get("y", 0), here)


def _hex(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
