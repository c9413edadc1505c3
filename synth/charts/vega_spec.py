"""Vega-Lite specifications of charts."""

from collections.abc import Mapping

import numpy as np

from ocr2.json_types import Json
from ocr2.synth.charts.content import ROUND, Content
from ocr2.synth.charts.style import Style

TOOLTIP = [{"field": "i"}, {"field": "j"}]  # numbers of series and label: they become the description of a mark


class SpecWriter:
    """Writes the specification of a chart.

    Args:
        content: The chart's data.
        style: The chart's looks.
        rng: Source of every choice.
    """

    def __init__(self, content: Content, style: Style, rng: np.random.Generator) -> None:
        self.content, self.style, self.rng = content, style, rng
        self.size = style.font_size * 100 / 72
        self.named = all(s.name for s in content.series)

    def rows(self) -> list[dict[str, Json]]:
        """Return the data, one row a value."""
        content = self.content
        rows: list[dict[str, Json]] = []
        for i, series in enumerate(content.series):
            for j, value in enumerate(series.values):
                if value is not None:
                    label = content.places[j] if content.places is not None else content.labels[j]
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

    def spec(self) -> dict[str, Json]:
        """Return the Vega-Lite specification."""
        content, style = self.content, self.style
        layers = self._round() if content.kind in ROUND else self._layers()
        spec: dict[str, Json] = {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "width": int(style.width / style.scale * 0.72),
            "height": int(style.height / style.scale * 0.7),
            "data": {"values": self.rows()},
            "layer": layers,
            "config": self._config(),
        }
        if content.title is not None or content.source is not None:
            title: dict[str, Json] = {
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

    def _config(self) -> dict[str, Json]:
        style = self.style
        axis: dict[str, Json] = {
            "labelFontSize": self.size * 0.9,
            "titleFontSize": self.size,
            "labelFont": style.face.family,
            "titleFont": style.face.family,
            "labelLimit": 600,
            "titleLimit": 900,
            "titleFontWeight": "normal",
        }
        title: dict[str, Json] = {"font": style.face.family, "subtitleFont": style.face.family, "limit": 2000}
        legend: dict[str, Json] = {
            "labelFontSize": self.size * 0.9,
            "labelFont": style.face.family,
            "labelLimit": 600,
            "title": None,
        }
        text: dict[str, Json] = {"font": style.face.family, "fontSize": self.size * 0.85}
        config: dict[str, Json] = {
            "font": style.face.family,
            "axis": axis,
            "title": title,
            "legend": legend,
            "text": text,
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
            title.update(color=ink, subtitleColor=ink)
            legend.update(labelColor=ink)
            text["color"] = ink
            config["range"] = {"category": [_hex(c) for c in style.palette]}
        return config

    def _layers(self) -> list[Json]:
        content = self.content
        bars = [i for i, s in enumerate(content.series) if content.kind in ("bar", "hbar", "combo") and not s.line]
        lines = [i for i in range(len(content.series)) if i not in bars]
        layers: list[Json] = []
        if bars:
            outline: dict[str, Json] = {"stroke": "black", "strokeWidth": 0.7} if self.style.outline else {}
            layers.append(_layer({"type": "bar", **outline}, bars, self._encoding(bars, "bar")))
        if lines and content.kind == "area":
            layers.append(_layer({"type": "area", "line": True, "opacity": 0.75}, lines, self._encoding(lines, "line")))
        elif lines and content.kind == "scatter":
            dots: Json = {"type": "point", "filled": self.style.outline, "size": float(self.rng.uniform(30, 90))}
            layers.append(_layer(dots, lines, self._encoding(lines, "line")))
        elif lines:
            mark: dict[str, Json] = {"type": "line", "point": self.style.markers, "strokeWidth": self.style.line_width}
            if self.style.smooth:
                mark["interpolate"] = "monotone"
            layers.append(_layer(mark, lines, self._encoding(lines, "line")))
        if self.style.value_labels != "none":
            layers += self._value_layers(bars, lines)
        return layers

    def _encoding(self, members: list[int], name: str) -> dict[str, dict[str, Json]]:
        """Return the channels of a layer but for its tooltip."""
        content, style = self.content, self.style
        flat_axis: dict[str, Json] = {"title": content.y_title if content.horizontal else content.x_title}
        flat: dict[str, Json] = {
            "field": "label",
            "type": "quantitative" if content.places is not None else "nominal",
            "sort": None,
            "axis": flat_axis,
        }
        if content.places is not None:
            flat["scale"] = {"zero": False}
        elif not content.horizontal:
            flat_axis["labelAngle"] = -style.label_angle
        second = any(content.series[i].second_axis for i in members)
        title = content.second_title if second else content.x_title if content.horizontal else content.y_title
        value_axis: dict[str, Json] = {"title": title, "labels": style.axis_labels, "tickCount": style.ticks}
        numbers = content.second_numbers if second and content.second_numbers else content.numbers
        if numbers.suffix == "%":
            value_axis["labelExpr"] = "datum.label + '%'"
        elif not numbers.thousands:
            value_axis["format"] = "~g" if self.rng.random() < 0.2 else "~f"
        stacked = content.arrangement == "stacked"
        value: dict[str, Json] = {
            "field": "value",
            "type": "quantitative",
            "axis": value_axis,
            "scale": {"type": "log"} if style.log else {"zero": style.from_zero or name == "bar"},
            "stack": "zero" if stacked and name in ("bar", "line") and content.kind != "combo" else None,
        }
        encoding = {"y": flat, "x": value} if content.horizontal else {"x": flat, "y": value}
        if len(content.series) > 1 or self.named:
            orient = {"right": "right", "top": "top", "bottom": "bottom", "inside": "top-right", "none": "right"}
            encoding["color"] = {
                "field": "series",
                "type": "nominal",
                "sort": None,
                "legend": {"orient": orient[style.legend]} if style.legend != "none" else None,
            }
            if content.arrangement == "grouped" and name == "bar" and len(members) > 1:
                encoding["yOffset" if content.horizontal else "xOffset"] = {"field": "series", "sort": None}
        else:
            encoding["color"] = {"value": _hex(style.palette[0])}
        if stacked:
            encoding["order"] = {"field": "i"}
        return encoding

    def _value_layers(self, bars: list[int], lines: list[int]) -> list[Json]:
        content, layers = self.content, []
        stacked = content.arrangement == "stacked"
        beside: dict[str, Json] = {"dx": 4, "align": "left"} if content.horizontal else {"dy": -6}
        marks: tuple[tuple[dict[str, Json], list[int], str], ...] = (
            ({"type": "text", **({} if stacked else beside)}, bars, "bar"),
            ({"type": "text", "dy": -9}, lines, "line"),
        )
        for mark, members, name in marks:
            if members:
                encoding = self._encoding(members, name)
                side = "x" if content.horizontal else "y"
                if stacked and content.kind != "area":
                    encoding[side] = {**encoding[side], "bandPosition": 0.5}
                encoding["color"] = {"value": _hex(self.style.ink)}
                layers.append(_layer(mark, members, encoding, text={"field": "shown"}, detail={"field": "series"}))
        return layers

    def _round(self) -> list[Json]:
        content, style = self.content, self.style
        theta: Json = {"field": "value", "type": "quantitative", "stack": True}
        beside = style.legend_on_slices or style.legend in ("none", "inside")
        orient = {"right": "right", "top": "top", "bottom": "bottom"}.get(style.legend, "right")
        legend = None if beside else {"orient": orient}
        color: Json = {"field": "label", "type": "nominal", "sort": None, "legend": legend}
        base: dict[str, Json] = {"theta": theta, "color": color, "order": {"field": "j"}, "tooltip": TOOLTIP}
        radius = min(style.width, style.height) / style.scale * 0.26
        inner = radius * 0.5 if content.kind == "donut" else 0
        arc: Json = {"type": "arc", "outerRadius": radius, "innerRadius": inner, "stroke": _hex(style.paper)}
        layers: list[Json] = [{"mark": arc, "encoding": base}]
        if beside:
            words: Json = {"field": "label", "type": "nominal"}
            layers.append(
                {
                    "mark": {"type": "text", "radius": radius + 26},
                    "encoding": {**base, "text": words, "color": {"value": _hex(style.ink)}},
                }
            )
        if style.value_labels != "none":
            mark: Json = {"type": "text", "radius": (radius + inner) / 2 if inner else radius * 0.65}
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


def _layer(mark: Json, members: list[int], encoding: Mapping[str, Json], **more: Json) -> Json:
    """Return a layer that shows some of the series; `more` are channels after the tooltip."""
    return {
        "mark": mark,
        "transform": [{"filter": {"field": "i", "oneOf": members}}],
        "encoding": {**encoding, "tooltip": TOOLTIP, **more},
    }


def _hex(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
