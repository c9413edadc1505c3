"""Charts as Vega-Lite specifications (version 5) that draw what was read, in its kind, scale and colours."""

import json
from collections.abc import Sequence

from ocr2.json_types import Json, JsonObject
from ocr2.results.chart import Chart, ChartAxis

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MARKS: dict[str | None, Json] = {
    "line": {"type": "line", "point": True}, "area": "area", "scatter": "point", "pie": "arc",
    "donut": {"type": "arc", "innerRadius": 50},
}  # fmt: skip
ROUND = ("pie", "donut")


def charts_to_vega_lite(charts: Sequence[Chart]) -> str:
    """Return a specification as indented JSON: of one chart alone, or of several below each other."""
    drawn = [chart_to_spec(chart) for chart in charts if chart.error is None]
    spec = drawn[0] if len(drawn) == 1 else {"vconcat": drawn}
    return json.dumps({"$schema": SCHEMA, **spec}, ensure_ascii=False, indent=1) + "\n"


def chart_to_spec(chart: Chart) -> JsonObject:
    """Return what draws a chart, without the name of the schema."""
    rows = [
        {"label": _label(value.label, chart), "value": value.value, "series": series.name or ""}
        for series, value in chart.points()
        if value.value is not None
    ]
    spec: dict[str, Json] = {"data": {"values": rows}, "mark": MARKS.get(chart.kind, "bar")}
    if chart.title is not None:
        spec["title"] = chart.title
    lying = chart.kind == "hbar"
    axis = chart.x if lying else chart.y
    free = chart.kind in ("line", "scatter") or (axis is not None and axis.scale == "log")  # bars begin at zero
    value: dict[str, Json] = {"field": "value", "type": "quantitative", **(_scale(axis) if free else {})}
    value["title"] = chart.x_title if lying else chart.y_title
    numeric = bool(rows) and all(isinstance(row["label"], float) for row in rows)
    label: dict[str, Json] = {"field": "label", "type": "quantitative" if numeric else "nominal"}
    if numeric:
        label.update(_scale(chart.y if lying else chart.x))
    else:
        label["sort"] = None  # as they come
    names = list(dict.fromkeys(series.name or "" for series in chart.series))
    if chart.kind in ROUND:
        spec["encoding"] = {"theta": {"field": "value", "type": "quantitative"}, "color": {**label, "title": None}}
        return spec
    label["title"] = chart.y_title if lying else chart.x_title
    encoding: dict[str, Json] = {"x": value, "y": label} if lying else {"x": label, "y": value}
    if len(names) > 1:
        encoding["color"] = {
            "field": "series",
            "type": "nominal",
            "title": None,
            "sort": None,
            **_colours(chart, names),
        }
        if chart.arrangement == "grouped" and not numeric:
            encoding["yOffset" if lying else "xOffset"] = {"field": "series", "sort": None}
        if chart.kind == "area" and chart.arrangement != "stacked":
            value["stack"] = None
    spec["encoding"] = encoding
    return spec


def _label(text: str, chart: Chart) -> str | float:
    """Return a label, as a number where the chart's labels are places on an axis of numbers."""
    axis = chart.y if chart.kind == "hbar" else chart.x
    if chart.kind not in ("scatter", "line", "area") or axis is None or axis.scale == "category":
        return text
    try:
        return float(text.replace("−", "-").replace(",", ""))
    except ValueError:
        return text


def _scale(axis: ChartAxis | None) -> dict[str, Json]:
    if axis is None or axis.scale == "category":
        return {}
    return {"scale": {"type": "log"}} if axis.scale == "log" else {"scale": {"zero": False}}


def _colours(chart: Chart, names: Sequence[str]) -> dict[str, Json]:
    known = {series.name or "": series.color for series in chart.series}
    colours = [known.get(name) for name in names]
    return {"scale": {"domain": list(names), "range": colours}} if all(colours) else {}
