"""Parts of specifications, whatever the library: outlines, trees, flows, prices."""

import itertools

import numpy as np
from numpy.typing import NDArray

from ocr2.json_types import Json
from ocr2.synth.charts.unread.canvas import Rng, names
from ocr2.synth.charts.unread.diagrams import countries

Numbers = NDArray[np.float64]


def features(rng: Rng) -> list[dict[str, Json]]:
    """Return made-up countries as features of GeoJSON."""
    lands: list[dict[str, Json]] = []
    for i, land in enumerate(countries(rng)):
        ring: Json = np.concatenate([land, land[:1]]).round(4).tolist()
        shape: Json = {"type": "Polygon", "coordinates": [ring]}
        lands.append({"type": "Feature", "properties": {"name": f"r{i}"}, "geometry": shape})
    return lands


def tree(rng: Rng, depth: int) -> list[Json]:
    """Return named parts with values, or with parts of their own, at most `depth` levels."""
    parts: list[Json] = []
    for name in names(rng, int(rng.integers(2, 6))):
        part: dict[str, Json] = {"name": name, "value": int(rng.integers(1, 20))}
        if depth > 1 and rng.random() < 0.8:
            part = {"name": name, "children": tree(rng, depth - 1)}
        parts.append(part)
    return parts


def flows(rng: Rng) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
    """Return nodes in columns, and links with values from each column to the next."""
    columns = [[f"{'abcd'[i]}{j}" for j in range(int(rng.integers(2, 6)))] for i in range(int(rng.integers(2, 5)))]
    links: list[dict[str, Json]] = []
    for left, right in itertools.pairwise(columns):
        ends = [(a, b) for a in left for b in right if rng.random() < 0.7] or [(left[0], right[0])]
        links += [{"source": a, "target": b, "value": int(rng.integers(1, 20))} for a, b in ends]
    return [{"name": name} for column in columns for name in column], links


def prices(rng: Rng) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return the first, last, lowest and highest price of some days."""
    first = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, int(rng.integers(10, 90)))))
    last = first * np.exp(rng.normal(0, 0.02, len(first)))
    return first, last, np.minimum(first, last) * 0.99, np.maximum(first, last) * 1.01
