"""Unread charts as specifications of Vega-Lite."""

from collections.abc import Callable

from ocr2.json_types import Json, JsonObject
from ocr2.synth.charts.unread.canvas import Rng, names, samples, title
from ocr2.synth.charts.unread.parts import features, prices


def vega_unread(kind: str, rng: Rng) -> JsonObject:
    """Return a specification of Vega-Lite, for one of `VEGA_KINDS`."""
    width, height = int(rng.choice([200, 300, 400])), int(rng.choice([150, 200, 300]))
    spec: dict[str, Json] = {"width": width, "height": height}
    if rng.random() < 0.4:
        spec["title"] = title(rng)
    return {**spec, **MARKS[kind](rng)}


def _box(rng: Rng) -> JsonObject:
    count = int(rng.integers(2, 9))
    groups = zip(names(rng, count), samples(rng, count), strict=True)
    rows: Json = [{"x": name, "y": float(value)} for name, group in groups for value in group]
    x: Json = {"field": "x", "type": "ordinal"}
    y: Json = {"field": "y", "type": "quantitative"}
    ways: Json = {"x": x, "y": y} if rng.random() < 0.7 else {"y": x, "x": y}
    mark: Json = {"type": "boxplot", "extent": "min-max" if rng.random() < 0.4 else 1.5}
    return {"data": {"values": rows}, "mark": mark, "encoding": ways}


def _heat_map(rng: Rng) -> JsonObject:
    wide, high = int(rng.integers(3, 25)), int(rng.integers(3, 10))
    rows: Json = [{"x": i, "y": j, "z": float(rng.random())} for i in range(wide) for j in range(high)]
    kinds = {"x": "ordinal", "y": "ordinal", "z": "quantitative"}
    ways: dict[str, Json] = {
        "color" if name == "z" else name: {"field": name, "type": kind} for name, kind in kinds.items()
    }
    return {"data": {"values": rows}, "mark": "rect", "encoding": ways}


def _candlestick(rng: Rng) -> JsonObject:
    columns = zip(*prices(rng), strict=True)
    rows: list[Json] = [
        {"x": i, "o": float(o), "c": float(c), "l": float(low), "h": float(high)}
        for i, (o, c, low, high) in enumerate(columns)
    ]
    color: Json = {"condition": {"test": "datum.o < datum.c", "value": "#06982d"}, "value": "#ae1325"}
    low: Json = {"field": "l", "type": "quantitative", "scale": {"zero": False}}
    layers: Json = [
        {"mark": "rule", "encoding": {"y": low, "y2": {"field": "h"}}},
        {"mark": "bar", "encoding": {"y": {"field": "o", "type": "quantitative"}, "y2": {"field": "c"}}},
    ]
    shared: Json = {"x": {"field": "x", "type": "ordinal"}, "color": color}
    return {"width": 12 * len(rows), "data": {"values": rows}, "encoding": shared, "layer": layers}


def _map(rng: Rng) -> JsonObject:
    lands: Json = [{**land, "v": float(rng.random())} for land in features(rng)]
    valued = rng.random() < 0.7
    ways: Json = {"color": {"field": "v", "type": "quantitative"}} if valued else {}
    shape: dict[str, Json] = {"type": "geoshape", "stroke": "white" if valued else "black"}
    if not valued:
        shape["fill"] = "lightgray"
    return {"data": {"values": lands}, "mark": shape, "encoding": ways, "projection": {"type": "identity"}}


MARKS: dict[str, Callable[[Rng], JsonObject]] = {
    "box": _box,
    "heat-map": _heat_map,
    "candlestick": _candlestick,
    "map": _map,
}
VEGA_KINDS = tuple(MARKS)
