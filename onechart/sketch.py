"""What onechart-nano writes: not the chart's words, but which lines of writing they are and where values stand.

Lines of the picture are numbered; a title is the numbers of its lines, a value the number of the line that prints it
or, if nothing does, its place along the value axis. So the model copies nothing letter by letter, and a place becomes
a number by the axis' own ticks (`ocr2.onechart.scales`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ocr2.onechart.lines import MOST_LINES

LEVELS = 1024  # places along a side of the picture
FINE = 16  # places that share a coarse token
KINDS = ("bar", "hbar", "line", "area", "scatter", "pie", "donut", "rose", "combo")
ARRANGEMENTS = ("single", "grouped", "stacked")
FIELDS = ("title", "source", "x_title", "y_title", "second_title", "value_axis", "second_axis", "label_axis")
MARKS = ("series", "by_line", "on_second", "point", "at")
NAMES = ("pad", "image", "end", "number", *FIELDS, *MARKS, *KINDS, *ARRANGEMENTS)

FIRST_COARSE = len(NAMES)
FIRST_FINE = FIRST_COARSE + LEVELS // FINE
FIRST_LINE = FIRST_FINE + FINE
VOCAB_SIZE = FIRST_LINE + MOST_LINES  # the lines come last: what they mean differs from chart to chart
IDS = {name: i for i, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class SketchPoint:
    """One value: its label, lines or a place, and itself, a line or a place (0..1 of the picture's side)."""

    label: tuple[int, ...] | float
    value: int | float


@dataclass(frozen=True, slots=True)
class SketchSeries:
    """One series."""

    name: tuple[int, ...]  # lines
    points: tuple[SketchPoint, ...]
    by_line: bool = False
    on_second: bool = False


@dataclass(frozen=True, slots=True)
class Sketch:
    """A chart by numbers of lines and places."""

    kind: str
    arrangement: str
    fields: dict[str, tuple[int, ...]] = field(default_factory=dict)
    series: tuple[SketchSeries, ...] = ()


def write_sketch(sketch: Sketch) -> list[int]:
    """Return the ids of a sketch, the auxiliary token first and the end last.

    Examples:
        >>> point = SketchPoint((3,), 0.5)
        >>> sketch = Sketch("bar", "single", {"title": (0, 1)}, (SketchSeries((), (point,)),))
        >>> read_sketch(write_sketch(sketch)) == sketch
        True
    """
    ids = [IDS["number"], IDS[sketch.kind], IDS[sketch.arrangement]]
    for name in FIELDS:
        if sketch.fields.get(name):
            ids += [IDS[name], *_lines(sketch.fields[name])]
    for series in sketch.series:
        ids += [IDS["series"], *_lines(series.name)]
        ids += [IDS["by_line"]] * series.by_line + [IDS["on_second"]] * series.on_second
        for point in series.points:
            ids.append(IDS["point"])
            ids += _lines(point.label) if isinstance(point.label, tuple) else _place(point.label)
            ids.append(IDS["at"])
            ids += [FIRST_LINE + point.value] if isinstance(point.value, int) else _place(point.value)
    return [*ids, IDS["end"]]


def read_sketch(ids: Sequence[int]) -> Sketch:
    """Understand what was written; whatever makes no sense is left out, and nothing raises."""
    kind, arrangement = "bar", "single"
    fields: dict[str, tuple[int, ...]] = {}
    series: list[SketchSeries] = []
    for head, rest in _sections([i for i in ids if i != IDS["number"]]):
        name = NAMES[head]
        if name in KINDS:
            kind = name
        elif name in ARRANGEMENTS:
            arrangement = name
        elif name in FIELDS:
            fields.setdefault(name, _numbers_of_lines(rest))
        elif name == "series":
            series.append(_read_series(rest))
    return Sketch(kind, arrangement, fields, tuple(series))


def _sections(ids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Cut ids into a head (a kind, a field, a series) and what belongs to it."""
    heads = {IDS[n] for n in (*KINDS, *ARRANGEMENTS, *FIELDS, "series")}
    head = -1
    rest: list[int] = []
    for i in ids:
        if i == IDS["end"]:
            break
        if i in heads:
            if head >= 0:
                yield head, rest
            head, rest = i, []
        else:
            rest.append(i)
    if head >= 0:
        yield head, rest


def _read_series(ids: list[int]) -> SketchSeries:
    parts: list[list[int]] = [[]]
    for i in ids:
        if i == IDS["point"]:
            parts.append([])
        else:
            parts[-1].append(i)
    head = parts[0]
    points = [point for part in parts[1:] if (point := _read_point(part)) is not None]
    return SketchSeries(_numbers_of_lines(head), tuple(points), IDS["by_line"] in head, IDS["on_second"] in head)


def _read_point(ids: list[int]) -> SketchPoint | None:
    if IDS["at"] not in ids:
        return None
    cut = ids.index(IDS["at"])
    before, after = ids[:cut], ids[cut + 1 :]
    label: tuple[int, ...] | float | None = _numbers_of_lines(before) or _read_place(before)
    lines = _numbers_of_lines(after)
    value: int | float | None = lines[0] if lines else _read_place(after)
    if label is None or value is None:
        return None
    return SketchPoint(label, value)


def _lines(numbers: Sequence[int]) -> list[int]:
    return [FIRST_LINE + n for n in numbers]


def _numbers_of_lines(ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(i - FIRST_LINE for i in ids if i >= FIRST_LINE)


def _place(share: float) -> list[int]:
    level = min(LEVELS - 1, max(0, round(share * LEVELS)))
    return [FIRST_COARSE + level // FINE, FIRST_FINE + level % FINE]


def _read_place(ids: Sequence[int]) -> float | None:
    coarse = next((i - FIRST_COARSE for i in ids if FIRST_COARSE <= i < FIRST_FINE), None)
    fine = next((i - FIRST_FINE for i in ids if FIRST_FINE <= i < FIRST_LINE), 0)
    return None if coarse is None else (coarse * FINE + fine) / LEVELS
