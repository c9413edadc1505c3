"""Content of example charts, as in galleries, offices and notebooks: short names, few numbers, negative values."""

import string
from dataclasses import replace

import numpy as np

from ocr2.synth.charts.content import ROUND, Content, Kind, NumberStyle
from ocr2.synth.charts.sampler import ContentSampler

Rng = np.random.Generator
KINDS: dict[Kind, float] = {
    "bar": 0.34,
    "hbar": 0.12,
    "line": 0.22,
    "area": 0.06,
    "scatter": 0.1,
    "pie": 0.09,
    "donut": 0.04,
    "combo": 0.03,
}
NEGATIVE = 0.3  # share of charts with values below zero, among those that may have them
NAMES = ("series", "value", "count", "y", "a", "b", "total", "sales", "speed", "Series1", "group", "data", "2019", "N")


def draw_content(rng: Rng, sampler: ContentSampler) -> Content:
    """Draw the content of a chart; a part is the sampler's, the rest has names and numbers as examples have."""
    kind = list(KINDS)[int(rng.choice(len(KINDS), p=np.array(list(KINDS.values())) / sum(KINDS.values())))]
    content = replace(sampler.draw(rng, kind), source=None, second_title=None)
    if rng.random() < 0.65 and content.places is None:
        content = replace(content, labels=_labels(rng, len(content.labels)))
    count = len(content.series)
    if rng.random() < 0.5 and count > 1:
        content = replace(
            content, series=tuple(replace(s, name=n) for s, n in zip(content.series, _names(rng, count), strict=True))
        )
    if rng.random() < 0.5:
        content = _small_numbers(rng, content)
    if kind not in ROUND and content.arrangement != "stacked" and rng.random() < NEGATIVE:
        content = _signed(rng, content)
    if rng.random() < 0.55:
        content = replace(content, title=None)
    if rng.random() < 0.4:
        content = replace(content, x_title=_word(rng), y_title=_word(rng))
    series = tuple(replace(s, line=s.line and kind == "combo", second_axis=False) for s in content.series)
    return replace(content, series=series, second_numbers=None)


def _labels(rng: Rng, count: int) -> tuple[str, ...]:
    form = int(rng.integers(7))
    first = int(rng.integers(0, 5))
    if form == 0:
        return tuple((string.ascii_uppercase * 2)[first : first + count])
    if form == 1:
        return tuple(string.ascii_lowercase[first : first + count])
    if form == 2:
        return tuple(str(first + i) for i in range(count))
    if form == 3:
        stem = ("Group ", "Item ", "G", "x", "Team ", "P", "cat", "Q")[int(rng.integers(8))]
        return tuple(f"{stem}{i + 1}" for i in range(count))
    if form == 4:
        year = int(rng.integers(1990, 2020))
        return tuple(str(year + i) for i in range(count))
    if form == 5:
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
        return months[:count] if count <= 12 else tuple(str(i) for i in range(count))
    words = (
        "apple",
        "cat",
        "dog",
        "horse",
        "red",
        "blue",
        "fast",
        "slow",
        "Tom",
        "Ann",
        "Bob",
        "Sue",
        "Kim",
        "Lee",
        "tea",
        "milk",
        "rice",
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
        "left",
        "right",
        "up",
        "down",
    )
    return tuple(words[int(i)] for i in rng.permutation(len(words))[:count])


def _names(rng: Rng, count: int) -> tuple[str, ...]:
    form = int(rng.integers(4))
    if form == 0:
        return tuple(string.ascii_uppercase[:count])
    if form == 1:
        return tuple(f"Series{i + 1}" for i in range(count))
    if form == 2:
        return tuple(f"Batch {i + 1}" for i in range(count))
    return tuple(NAMES[int(i)] for i in rng.permutation(len(NAMES))[:count])


def _word(rng: Rng) -> str | None:
    words = (
        *NAMES,
        "x",
        "label",
        "date",
        "Time (s)",
        "Test number",
        "Sample length (mm)",
        "price",
        "lab",
        "%",
        "[m/s]",
    )
    return words[int(rng.integers(len(words)))] if rng.random() < 0.7 else None


def _small_numbers(rng: Rng, content: Content) -> Content:
    most = float(rng.choice([5, 10, 20, 50, 100, 100, 1000, 1e5, 1e7]))
    decimals = 0 if rng.random() < 0.7 else 1
    series = tuple(
        replace(
            s,
            values=tuple(
                None if v is None else max(1.0, float(np.round(rng.uniform(0.02, 1) * most, decimals)))
                for v in s.values
            ),
        )
        for s in content.series
    )
    return replace(content, series=series, numbers=NumberStyle(decimals))


def _signed(rng: Rng, content: Content) -> Content:
    share = rng.uniform(0.1, 1)
    series = tuple(
        replace(s, values=tuple(-v if v is not None and rng.random() < share else v for v in s.values))
        for s in content.series
    )
    return replace(content, series=series)
