"""Unread charts as figures of Plotly."""

from collections.abc import Callable

from ocr2.json_types import Json, JsonObject
from ocr2.synth.charts.unread.canvas import Rng, field, names, samples, title
from ocr2.synth.charts.unread.parts import flows, prices

Trace = dict[str, Json]


def plotly_unread(kind: str, rng: Rng, size: tuple[int, int]) -> JsonObject:
    """Return data and layout of Plotly, `size` its width and height in CSS pixels, for one of `PLOTLY_KINDS`."""
    layout: Trace = {"width": size[0], "height": size[1]}
    if rng.random() < 0.5:
        layout["title"] = {"text": title(rng)}
    if kind == "candlestick" and rng.random() < 0.5:
        layout["xaxis"] = {"rangeslider": {"visible": False}}
    return {"data": list(TRACES[kind](rng)), "layout": layout}


def _groups(kind: str, rng: Rng) -> list[Trace]:
    count, way = int(rng.integers(2, 8)), "y" if rng.random() < 0.8 else "x"
    traces: list[Trace] = []
    for name, group in zip(names(rng, count), samples(rng, count), strict=True):
        trace: Trace = {"type": kind, "name": name, way: group.tolist()}
        if rng.random() < 0.2:
            trace["boxpoints" if kind == "box" else "points"] = "all"
        if kind == "violin":
            trace["box"] = {"visible": bool(rng.random() < 0.5)}
        traces.append(trace)
    return traces


def _heat_map(rng: Rng) -> list[Trace]:
    cells = rng.random((int(rng.integers(3, 10)), int(rng.integers(3, 20))))
    return [{"type": "heatmap", "z": cells.round(3).tolist(), "colorscale": _shades(rng)}]


def _contour(rng: Rng) -> list[Trace]:
    return [{"type": "contour", "z": field(rng, 30).z.round(3).tolist(), "colorscale": _shades(rng)}]


def _shades(rng: Rng) -> str | None:
    return ("Viridis", "Blues", "Portland", "RdBu", None)[int(rng.integers(5))]


def _candles(rng: Rng) -> list[Trace]:
    first, last, low, high = prices(rng)
    parts = {"open": first, "close": last, "high": high, "low": low}
    candles: Trace = {name: part.round(2).tolist() for name, part in parts.items()}
    days: Json = list(range(len(first)))
    return [{"type": "candlestick" if rng.random() < 0.75 else "ohlc", "x": days, **candles}]


def _radar(rng: Rng) -> list[Trace]:
    count = int(rng.integers(4, 10))
    corners: Json = list(names(rng, count))
    return [
        {"type": "scatterpolar", "r": rng.uniform(1, 10, count).tolist(), "theta": corners, "fill": "toself", "name": n}
        for n in names(rng, int(rng.integers(1, 4)))
    ]


def _gauge(rng: Rng) -> list[Trace]:
    dial: Trace = {"axis": {"range": [0, 100]}}
    if rng.random() < 0.5:
        dial["steps"] = [{"range": [0, 50], "color": "lightgray"}, {"range": [50, 80], "color": "gray"}]
    mode = ("gauge+number", "gauge+number+delta", "gauge")[int(rng.integers(3))]
    return [{"type": "indicator", "mode": mode, "value": float(rng.uniform(5, 95)), "gauge": dial}]


def _sankey(rng: Rng) -> list[Trace]:
    nodes, links = flows(rng)
    numbers = {node["name"]: i for i, node in enumerate(nodes)}
    ends: Trace = {end: [numbers[link[end]] for link in links] for end in ("source", "target")}
    ends["value"] = [link["value"] for link in links]
    return [{"type": "sankey", "node": {"label": [node["name"] for node in nodes]}, "link": ends}]


def _parts(kind: str, rng: Rng) -> list[Trace]:
    labels, parents, values = ["all"], [""], [0.0]
    for i in range(int(rng.integers(2, 8))):
        leaves = int(rng.integers(1, 5))
        labels += [f"a{i}", *(f"a{i}b{j}" for j in range(leaves))]
        parents += ["all", *[f"a{i}"] * leaves]
        values += [0.0, *rng.uniform(1, 9, leaves).tolist()]
    return [{"type": kind, "labels": list(labels), "parents": list(parents), "values": list(values)}]


TRACES: dict[str, Callable[[Rng], list[Trace]]] = {
    "box": lambda rng: _groups("box", rng),
    "violin": lambda rng: _groups("violin", rng),
    "heat-map": _heat_map,
    "contour": _contour,
    "radar": _radar,
    "candlestick": _candles,
    "gauge": _gauge,
    "treemap": lambda rng: _parts("treemap", rng),
    "sunburst": lambda rng: _parts("sunburst", rng),
    "sankey": _sankey,
}
PLOTLY_KINDS = tuple(TRACES)
