"""Pies and rings: slices, their names and printed shares."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import read_number
from ocr2.charts.plot.layout import Layout
from ocr2.charts.plot.result import Plot, PlotSeries, PlotValue, Signs
from ocr2.charts.plot.sequences import without_leaders
from ocr2.charts.plot.slices import Pie, Slice, find_pie
from ocr2.charts.plot.titles import find_titles
from ocr2.charts.plot.words import Word

RGB = NDArray[np.uint8]  # (height, width, 3)
SAME = 60.0  # distance at which a slice has an entry's colour
NAMED = 1.4  # radii from the middle, within which slices are named
AWAY = 1.75  # radii from the middle, within which a slice's words lie
SHARE_OFF = 0.03  # of the whole, by which a printed share may differ from the angle's


def read_round(picture: RGB, layout: Layout) -> Plot | None:
    """Read a pie or ring; None if there is none, or nothing names its slices."""
    hidden = np.zeros(picture.shape[:2], np.bool_)
    for word in layout.words:
        hidden[max(0, int(word.top)) : int(word.bottom) + 1, max(0, int(word.left)) : int(word.right) + 1] = True
    for none in (np.zeros_like(hidden), hidden):
        pie = find_pie(picture, none)
        if pie is not None:
            break
    if pie is None:
        return None
    return _read_pie(pie, layout)


def is_round(picture: RGB, layout: Layout, axis: Sequence[Word]) -> bool:
    """Say whether what looks like an axis is numbers printed on the slices of a pie."""
    pie = find_pie(picture, np.zeros(picture.shape[:2], np.bool_))
    return pie is not None and len(pie.slices) >= 3 and all(_radius(pie, w) < NAMED for w in axis)


def _read_pie(pie: Pie, layout: Layout) -> Plot | None:
    words = [w for w in layout.words if all(w is not e.word for e in layout.legend)]
    around = [w for w in words if _radius(pie, w) < AWAY]
    numbers = [w for w in around if _number_in(w.text) is not None]
    printed = _printed(pie, numbers)
    names, used = _names(pie, layout, around, numbered=not printed)
    if all(name is None for name in names):
        return None
    percent = sum("%" in w.text for w in numbers) * 2 > len(numbers)
    values = []
    for i, part in enumerate(pie.slices):
        label = names[i] or f"slice {i + 1}"
        value_word = printed.get(i)
        x, y = pie.place(part)
        box = (x - 4, y - 4, x + 4, y + 4)
        number = _number_in(value_word.text) if value_word is not None else None
        if value_word is not None and number is not None:
            text = number + ("%" if percent and "%" not in number else "")
            values.append(
                PlotValue(label, text, float(read_number(text).value or 0.0), False, box, value_word.confidence)
            )
        else:
            share = round(100 * part.share, 1)
            values.append(PlotValue(label, f"{share:g}%", share, True, box, 0.9))
    free = [w for w in words if w not in used and all(w is not p for p in printed.values())]
    size = float(np.median([w.size for w in layout.words]))
    plot = int(pie.x - pie.radius), int(pie.y - pie.radius), int(pie.x + pie.radius), int(pie.y + pie.radius)
    titles = find_titles([w for w in free if w.y < plot[1] or w.y > plot[3]], plot, size)
    return Plot(
        kind="donut" if pie.hole else "pie",
        arrangement="single",
        title=titles.title,
        subtitle=titles.subtitle,
        source=titles.source,
        series=(PlotSeries(None, None, _in_order(values, layout)),),
        signs=Signs(
            unnamed=float(np.mean([name is None for name in names])),
            unused=(len(numbers) - len(printed)) / len(values),
            empty=max(0.0, 1 - len(values) / len(layout.legend)) if layout.legend else 0.0,
            least_label=min((w.confidence for w in used), default=0.0),
        ),
    )


def _in_order(values: Sequence[PlotValue], layout: Layout) -> tuple[PlotValue, ...]:
    """Return values as the legend lists them, if it does."""
    order = {e.word.text: i for i, e in enumerate(layout.legend)}
    return tuple(sorted(values, key=lambda v: order.get(v.label, -1)))


def _radius(pie: Pie, word: Word) -> float:
    """Return how far the nearest point of a word's box is from the middle, in radii."""
    dx = max(0.0, word.left - pie.x, pie.x - word.right)
    dy = max(0.0, word.top - pie.y, pie.y - word.bottom)
    return math.hypot(dx, dy) / pie.radius


def _angle(pie: Pie, word: Word) -> float:
    return math.degrees(math.atan2(word.x - pie.x, pie.y - word.y)) % 360


def _off(part: Slice, angle: float) -> float:
    """Return degrees from a slice's middle, as a share of its half width where it is inside."""
    middle, half = part.middle % 360, (part.end - part.start) / 2
    away = abs((angle - middle + 180) % 360 - 180)
    return away / half * 8 if away <= half else 8 + (away - half)


def _number_in(text: str) -> str | None:
    """Return the number that a text is, or ends in: of "Ann: 44.6%" the share."""
    if read_number(text).value is not None:
        return text.strip()
    for separator in (" ", ":", "(", "\n"):
        tail = text.rpartition(separator)[2].strip(" )")
        if (
            separator in text
            and any(c.isdigit() for c in tail)
            and read_number(tail).value is not None
            and ("%" in tail or separator == ":")
        ):
            return tail
    return None


def _without_number(text: str) -> str:
    number = _number_in(text)
    if number is None:
        return text
    return text.strip().removesuffix(")").removesuffix(number).rstrip(" :,(")


def _names(pie: Pie, layout: Layout, around: Sequence[Word], *, numbered: bool) -> tuple[list[str | None], list[Word]]:
    """Return the name of each slice: by the legend's colours, else of the words beside it.

    Args:
        pie: The circle.
        layout: Of the chart.
        around: Words near it.
        numbered: Whether numbers may be names, years for one.
    """
    names: list[str | None] = [None] * len(pie.slices)
    if layout.legend:
        pairs = sorted(
            (math.dist(part.colour, e.colour), i, k)
            for i, part in enumerate(pie.slices)
            for k, e in enumerate(layout.legend)
        )
        given: set[int] = set()
        for distance, i, k in pairs:
            if names[i] is None and k not in given and distance < SAME:
                names[i] = layout.legend[k].word.text
                given.add(k)
        if any(name is not None for name in names):
            return names, [e.word for e in layout.legend]
    near = [w for w in around if 0.25 < _radius(pie, w) < NAMED and w.level]
    candidates = [w for w in near if any(c.isalpha() for c in _without_number(w.text))]
    if numbered and len(candidates) < len(pie.slices):
        outside = [w for w in near if _radius(pie, w) > 0.95 and any(c.isdigit() for c in w.text)]
        if len(outside) >= max(2, 0.7 * len(pie.slices)):
            candidates = outside
    taken: list[Word] = []
    pairs = sorted(
        ((_off(p, _angle(pie, w)), i, k) for i, p in enumerate(pie.slices) for k, w in enumerate(candidates))
    )
    for off, i, k in pairs:
        word = candidates[k]
        if names[i] is None and word not in taken and off < 40:
            names[i] = word.text if numbered else _without_number(word.text)
            taken.append(word)
    return without_leaders(names), taken


def _printed(pie: Pie, numbers: Sequence[Word]) -> dict[int, Word]:
    """Return the number printed at each slice; none unless most agree with the angles."""
    found: dict[int, Word] = {}
    pairs = sorted(((_off(p, _angle(pie, w)), i, k) for i, p in enumerate(pie.slices) for k, w in enumerate(numbers)))
    for off, i, k in pairs:
        if i not in found and all(numbers[k] is not w for w in found.values()) and off < 30:
            found[i] = numbers[k]
    values = {i: read_number(_number_in(w.text) or "").value or 0.0 for i, w in found.items()}
    total = sum(values.values())
    if total <= 0 or len(found) < 0.6 * len(pie.slices):
        return {}
    whole = total if len(found) == len(pie.slices) else 100.0
    right = [abs(values[i] / whole - pie.slices[i].share) < SHARE_OFF for i in found]
    return found if np.mean(right) >= 0.7 else {}
