"""A chart's values as a list of points, numbers as they are printed, and ways to lay two charts side by side."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocr2.metrics.chart_text import alternatives
from ocr2.metrics.text import normalise

MAX_DEPTH = 20  # of nested values; a chart has two levels
MAX_LENGTH = 64  # of a printed number, characters

PLAIN = str.maketrans("−‐‑–﹣－．，（）", "-----" + "-.,()")
CURRENCY = r"(?:[A-Za-z]{0,3}[$€£¥￥₹₩₽฿]|[A-Z]{3})?"
DIGITS = (
    r"(?P<grouped>[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?)"  # 1,234.5 and, in India, 12,34,567
    r"|(?P<dotted>\d{1,3}(?:\.\d{3})+,\d+)"  # 1.234,5
    r"|\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d+)?"  # 1 234.5
    r"|\d+(?:\.\d*)?|\.\d+|\d+,\d+"  # a comma that cannot part thousands parts decimals
)
NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*{CURRENCY}\s*(?P<minus>[-+]?)(?P<digits>{DIGITS})(?P<power>[eE][-+]?\d+)?(?:[^\d]*)"
)
FOOTNOTE = re.compile(r"(?<=\S)\s*(?:\[\d+\]|\(\d+\))$")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart and the two names it stands under."""

    series: str | None  # None where the chart has one series without a name
    label: str
    value: Any  # as it came from JSON; after `tidy` a number or a text


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's values and its title, which some scores count as one more value."""

    title: str | None
    points: tuple[Point, ...]


def table_of(chart: Mapping[str, object]) -> Table:
    """Return the points of a chart of the form {title, ..., values}; `data` stands for `values` too.

    Values are flat, {label: value}, or nested, {series: {label: value}}. Entries of a list are called by their
    number, and levels above the two last ones are joined into one name.

    Raises:
        ValueError: If there are no values.

    Examples:
        >>> table_of({"title": "None", "values": {"Sales": {"2020": "5"}}})
        Table(title=None, points=(Point(series='Sales', label='2020', value='5'),))
    """
    values = chart.get("values", chart.get("data"))
    if not isinstance(values, dict | list):
        raise ValueError(f"expected values as an object, got {type(values).__name__}")
    titles = alternatives(chart.get("title"), compat=False)
    return Table(titles[0] if titles else None, tuple(_walk(values, ())))


def parse_number(value: object) -> float | None:
    """Return what a printed value says, its unit left away; None if that is no number.

    Examples:
        >>> [parse_number(text) for text in ("1,234", "1.2e3", "(5)", "12 %", "−3", "$1.50", "1.234,5", "10-20")]
        [1234.0, 1200.0, -5.0, 12.0, -3.0, 1.5, 1234.5, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = _parse_text(value) if isinstance(value, str) else float(value)
    except OverflowError:
        return None
    return number if number is not None and math.isfinite(number) else None


def tidy(points: Sequence[Point]) -> list[Point]:
    """Return points with names in small letters, without surplus blanks, and values as numbers where they are some."""
    return [
        Point(None if point.series is None else _name(point.series), _name(point.label), _tidy_value(point.value))
        for point in points
    ]


def transpose(points: Sequence[Point]) -> list[Point]:
    """Exchange series and labels; points without a series stay."""
    return [
        point if point.series is None else replace(point, series=point.label, label=point.series) for point in points
    ]


def arrangements(truth: list[Point], answer: list[Point]) -> Iterator[tuple[list[Point], list[Point]]]:
    """Yield the ways in which two charts may be compared.

    Which of the two names is the series is not seen in a chart, so one side is also taken with them exchanged. If
    one side has a series without a name and the other one named series, that name does not count.
    """
    if not _has_names(truth):
        for view in _views(answer):
            yield truth, _without_lone_name(view)
    elif not _has_names(answer):
        for view in _views(truth):
            yield _without_lone_name(view), answer
    else:
        for view in _views(answer):
            yield truth, view


def _views(points: list[Point]) -> Iterator[list[Point]]:
    yield points
    if _has_names(points):
        yield transpose(points)


def _has_names(points: Sequence[Point]) -> bool:
    return any(point.series is not None for point in points)


def _without_lone_name(points: list[Point]) -> list[Point]:
    if len({point.series for point in points}) != 1:
        return points
    return [replace(point, series=None) for point in points]


def _walk(value: object, path: tuple[str, ...]) -> Iterator[Point]:
    if len(path) > MAX_DEPTH:
        raise ValueError(f"expected values of at most {MAX_DEPTH} levels, got more")
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _walk(child, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, child in enumerate(value, start=1):
            yield from _walk(child, (*path, str(number)))
    else:
        yield Point(" ".join(path[:-1]) if len(path) > 1 else None, path[-1], value)


def _parse_text(text: str) -> float | None:
    if len(text) > MAX_LENGTH:
        return None
    text = FOOTNOTE.sub("", text.strip().translate(PLAIN))
    is_loss = text.startswith("(") and text.endswith(")")  # as in accounts
    found = NUMBER.fullmatch(text[1:-1].strip() if is_loss else text)
    if found is None:
        return None
    digits = re.sub(r"[ '’\u00a0\u202f]", "", found["digits"])
    if found["grouped"]:
        digits = digits.replace(",", "")
    elif found["dotted"]:
        digits = digits.replace(".", "")
    number = float(digits.replace(",", ".") + (found["power"] or ""))
    return -number if is_loss or "-" in found["sign"] + found["minus"] else number


def _name(text: str) -> str:
    return normalise(text).casefold()


def _tidy_value(value: object) -> float | str:
    number = parse_number(value)
    if number is not None:
        return number
    return "" if value is None else _name(str(value))
