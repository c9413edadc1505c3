"""Unread charts as options of ECharts."""

from collections.abc import Callable

import numpy as np

from ocr2.json_types import Json, JsonObject
from ocr2.synth.charts.unread.canvas import Rng, names, samples, title
from ocr2.synth.charts.unread.parts import features, flows, prices, tree

ECHARTS_KINDS = (
    "box", "heat-map", "radar", "candlestick", "gauge", "map", "treemap", "sunburst", "sankey", "network", "parallel",
    "other",
)  # fmt: skip


def echarts_unread(kind: str, rng: Rng, number: int) -> JsonObject:
    """Return an option of ECharts with its theme, for one of `ECHARTS_KINDS`; `number` names its map."""
    option: dict[str, Json] = {"animation": False}
    if rng.random() < 0.5:
        option["title"] = {"text": title(rng)}
    spec: dict[str, Json] = {"option": option, "theme": "dark" if rng.random() < 0.08 else None}
    if kind == "map":
        lands = features(rng)
        spec.update(name=f"m{number}", map={"type": "FeatureCollection", "features": list(lands)})
        shades: Json = [{"name": f"r{i}", "value": i % 11} for i in range(len(lands))]
        option["series"] = [{"type": "map", "map": f"m{number}", "data": shades}]
        if rng.random() < 0.7:
            option["visualMap"] = {"min": 0, "max": 10}
    elif kind in _ON_AXES:
        option.update(_ON_AXES[kind](rng))
    else:
        option.update(_WITHOUT_AXES[kind](rng))
    return spec


def _boxes(rng: Rng) -> JsonObject:
    groups = samples(rng, int(rng.integers(3, 9)))
    category: Json = {"type": "category", "data": list(names(rng, len(groups)))}
    value: Json = {"type": "value", "scale": True}
    x, y = (category, value) if rng.random() < 0.8 else (value, category)
    boxes: Json = [[float(v) for v in np.quantile(group, [0, 0.25, 0.5, 0.75, 1])] for group in groups]
    return {"xAxis": x, "yAxis": y, "series": [{"type": "boxplot", "data": boxes}]}


def _cells(rng: Rng) -> JsonObject:
    wide, high = int(rng.integers(4, 25)), int(rng.integers(3, 9))
    legend: Json = {
        "min": 0, "max": 10, "calculable": bool(rng.random() < 0.5), "orient": "horizontal", "left": "center",
        "bottom": 0, "show": bool(rng.random() < 0.7),
    }  # fmt: skip
    cells: Json = [[i, j, int(rng.integers(0, 11))] for i in range(wide) for j in range(high)]
    return {
        "xAxis": {"type": "category", "data": list(names(rng, wide))},
        "yAxis": {"type": "category", "data": list(names(rng, high))},
        "visualMap": legend,
        "series": [{"type": "heatmap", "data": cells, "label": {"show": bool(rng.random() < 0.4)}}],
    }


def _candles(rng: Rng) -> JsonObject:
    first, last, low, high = prices(rng)
    data: Json = np.stack([first, last, low, high], axis=1).round(2).tolist()
    days: Json = [f"d{i}" for i in range(len(first))]
    return {
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "scale": True},
        "series": [{"type": "candlestick", "data": data}],
    }


def _radar(rng: Rng) -> JsonObject:
    count = int(rng.integers(3, 9))
    filled: dict[str, Json] = {"areaStyle": {}} if rng.random() < 0.5 else {}
    rings: Json = [{"value": rng.uniform(2, 10, count).tolist(), **filled} for _ in range(int(rng.integers(1, 4)))]
    corners: Json = [{"name": name, "max": 10} for name in names(rng, count)]
    shape = "circle" if rng.random() < 0.3 else "polygon"
    return {"radar": {"shape": shape, "indicator": corners}, "series": [{"type": "radar", "data": rings}]}


def _gauge(rng: Rng) -> JsonObject:
    value: Json = [{"value": round(float(rng.uniform(0, 100)), 1), "name": title(rng)}]
    series: dict[str, Json] = {"type": "gauge", "data": value}
    if rng.random() < 0.5:
        series.update(startAngle=180, endAngle=0)
    if rng.random() < 0.5:
        series.update(progress={"show": True, "width": 18}, axisLine={"lineStyle": {"width": 18}})
    if rng.random() < 0.4:
        zones: Json = [[0.3, "#67e0e3"], [0.7, "#37a2da"], [1, "#fd666d"]]
        series["axisLine"] = {"lineStyle": {"width": int(rng.integers(10, 40)), "color": zones}}
    return {"series": [series]}


def _network(rng: Rng) -> JsonObject:
    count = int(rng.integers(15, 50))
    nodes: Json = [{"name": f"n{i}", "symbolSize": int(rng.integers(5, 40))} for i in range(count)]
    links: Json = [{"source": f"n{i}", "target": f"n{int(rng.integers(0, i))}"} for i in range(1, count)]
    layout, shown = ("circular", "force")[int(rng.integers(2))], bool(rng.random() < 0.4)
    series: Json = {"type": "graph", "data": nodes, "links": links, "layout": layout, "label": {"show": shown},
                    "force": {"repulsion": 60}}  # fmt: skip
    return {"series": [series]}


def _parallel(rng: Rng) -> JsonObject:
    axes: Json = [{"dim": i, "name": name} for i, name in enumerate(names(rng, int(rng.integers(3, 9))))]
    assert isinstance(axes, list)
    lines: Json = rng.normal(0, 1, (int(rng.integers(15, 90)), len(axes))).round(2).tolist()
    return {"parallelAxis": axes, "series": [{"type": "parallel", "data": lines}]}


def _funnel(rng: Rng) -> JsonObject:
    labels = names(rng, int(rng.integers(3, 9)))
    parts: Json = [{"name": name, "value": 100 - 100 * i // len(labels)} for i, name in enumerate(labels)]
    return {"series": [{"type": "funnel", "data": parts}]}


def _flow(rng: Rng) -> JsonObject:
    nodes, links = flows(rng)
    return {"series": [{"type": "sankey", "data": list(nodes), "links": list(links)}]}


_ON_AXES = {"box": _boxes, "heat-map": _cells, "candlestick": _candles, "parallel": _parallel}
_WITHOUT_AXES: dict[str, Callable[[Rng], JsonObject]] = {
    "radar": _radar,
    "gauge": _gauge,
    "network": _network,
    "sankey": _flow,
    "treemap": lambda rng: {"series": [{"type": "treemap", "data": tree(rng, 2)}]},
    "sunburst": lambda rng: {"series": [{"type": "sunburst", "data": tree(rng, 3)}]},
    "other": _funnel,
}
