"""A chart model's answer as titles and series of values; whatever it wrote, nothing is raised."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ocr2.charts.numbers import read_number
from ocr2.charts.syntax import Group, read_tree
from ocr2.results.chart import ChartValue, Series

MAX_LENGTH = 200_000  # characters: fifty times what fits the models' context; what follows is not read
SHOWN = 40  # characters of an answer that is no chart
CHART_TOKEN, END_TOKEN = "<Number>", "</s>"
TITLES = ("title", "source", "x_title", "y_title")
VALUES = ("values", "data")
ABSENT = frozenset(("", "none", "null"))
PATH = " / "  # between the names of series within series


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAnswer:
    """What an answer says."""

    title: str | None = None
    source: str | None = None
    x_title: str | None = None
    y_title: str | None = None
    series: tuple[Series, ...] = ()
    repaired: bool = False  # it is not well-formed JSON
    reason: str | None = None  # why there are no values


def parse_answer(text: str, *, cut: bool = False) -> ChartAnswer:
    """Read an answer: JSON, or what is nearly so.

    Values come in the order in which they are written, those of a label that is written twice too. Lists number
    their items from 1, series within series are named with both names, and a value without a series beside those with
    one becomes a series without a name.

    Args:
        text: As the model wrote it.
        cut: Whether the model was stopped before its end.

    Examples:
        >>> answer = parse_answer("<Number>{'title': 'None', 'values': {'Jan': '1,234'")
        >>> answer.title, answer.repaired, answer.series[0].values[0].value
        (None, True, 1234.0)
    """
    stripped = strip_answer(text)
    tree = read_tree(stripped[:MAX_LENGTH], cut=cut or len(stripped) > MAX_LENGTH)
    if tree is None:
        return ChartAnswer(repaired=bool(stripped), reason=_describe(stripped))
    titles: dict[str, str | None] = {}
    series: list[Series] = []
    for name, node in tree.items:
        key = "_".join(name.lower().split())
        if key in VALUES and isinstance(node, Group):
            series += _series(node, ())
        elif key in TITLES and isinstance(node, str):
            titles.setdefault(key, _text(node))
    found = any(one.values for one in series)
    return ChartAnswer(
        title=titles.get("title"),
        source=titles.get("source"),
        x_title=titles.get("x_title"),
        y_title=titles.get("y_title"),
        series=tuple(series) if found else (),
        repaired=not _is_well_formed(stripped),
        reason=None if found else "the answer has no values",
    )


def strip_answer(text: str) -> str:
    """Return an answer without the model's special tokens at its ends, and without a full stop behind it."""
    stripped, before = text.strip(), None
    while stripped != before:
        before = stripped
        stripped = stripped.removeprefix(CHART_TOKEN).lstrip()
        stripped = stripped.removesuffix(CHART_TOKEN).removesuffix(END_TOKEN).removesuffix(".").rstrip()
    return stripped


def _describe(text: str) -> str:
    if not text:
        return "the answer is empty"
    return f"the answer is no dictionary: {text[:SHOWN]!r}{' …' if len(text) > SHOWN else ''}"


def _is_well_formed(text: str) -> bool:
    if len(text) > MAX_LENGTH:
        return False
    try:
        # Digits stay text: Python refuses to read thousands of them as one number.
        return isinstance(json.loads(text, parse_int=str, parse_constant=_refuse), dict)
    except (ValueError, RecursionError):
        return False


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _text(leaf: str) -> str | None:
    tidy = " ".join(leaf.split())
    return None if tidy.lower() in ABSENT else tidy


def _series(group: Group, path: tuple[str, ...]) -> Iterator[Series]:
    """Yield the series of a group in the order of their values; values around a group are series of their own."""
    name = PATH.join(path) if path else None
    run: list[ChartValue] = []
    for label, node in group.items:
        if isinstance(node, str):
            number = read_number(node)
            run.append(ChartValue(label, node, number.value, number.unit))
            continue
        if run:
            yield Series(name, tuple(run))
            run = []
        yield from _series(node, (*path, label))
    if run or (path and not group.items):
        yield Series(name, tuple(run))
