"""What onechart-nano writes: not the chart's words, but which of the elements seen in the picture are which.

Elements are the text lines, then the data points (`data_points`), numbered in this order. A title is its lines; a
value is the line that prints it or, if nothing does, its data point. So the model copies nothing letter by letter and
measures nothing: a data point becomes a number by the axis' own ticks (`ocr2.onechart.nano.axis_scales`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ocr2.onechart.nano.data_points import MAX_POINTS
from ocr2.onechart.nano.text_lines import MAX_LINES

KINDS = ("bar", "hbar", "line", "area", "scatter", "pie", "donut", "rose", "combo")
ARRANGEMENTS = ("single", "grouped", "stacked")
FIELDS = ("title", "source", "x_title", "y_title", "second_title", "value_axis", "second_axis", "label_axis")
MARKS = ("series", "by_line", "on_second", "point", "at")
NAMES = ("pad", "image", "end", "number", *FIELDS, *MARKS, *KINDS, *ARRANGEMENTS)

FIRST_ELEMENT = len(NAMES)
VOCAB_SIZE = FIRST_ELEMENT + MAX_LINES + MAX_POINTS  # elements come last: they differ from chart to chart
ELEMENT_IDS = range(FIRST_ELEMENT, VOCAB_SIZE)
IDS = {name: i for i, name in enumerate(NAMES)}
Token = tuple[int, float]  # an id and its probability


@dataclass(frozen=True, slots=True)
class SketchPoint:
    """One value, by numbers of elements."""

    label: tuple[int, ...]  # its lines, or its data point if the labels are numbers of an axis
    value: int  # the line that prints it, or its data point
    sure: float = field(default=1.0, compare=False)  # probability of the least sure token that says so


@dataclass(frozen=True, slots=True)
class SketchSeries:
    """One series."""

    name: tuple[int, ...]
    points: tuple[SketchPoint, ...]
    by_line: bool = False
    on_second: bool = False


@dataclass(frozen=True, slots=True)
class Sketch:
    """A chart by numbers of elements."""

    kind: str
    arrangement: str
    fields: dict[str, tuple[int, ...]] = field(default_factory=dict)
    series: tuple[SketchSeries, ...] = ()


def write_sketch(sketch: Sketch) -> list[int]:
    """Return the ids of a sketch, the auxiliary token first and the end last.

    Examples:
        >>> point = SketchPoint((3,), 5)
        >>> sketch = Sketch("bar", "single", {"title": (0, 1)}, (SketchSeries((), (point,)),))
        >>> read_sketch(write_sketch(sketch)) == sketch
        True
    """
    ids = [IDS["number"], IDS[sketch.kind], IDS[sketch.arrangement]]
    for name in FIELDS:
        if sketch.fields.get(name):
            ids += [IDS[name], *_ids(sketch.fields[name])]
    for series in sketch.series:
        ids += [IDS["series"], *_ids(series.name)]
        ids += [IDS["by_line"]] * series.by_line + [IDS["on_second"]] * series.on_second
        for point in series.points:
            ids.append(IDS["point"])
            ids += [*_ids(point.label), IDS["at"], *_ids([point.value])]
    return [*ids, IDS["end"]]


def read_sketch(ids: Sequence[int], probabilities: Sequence[float] = ()) -> Sketch:
    """Understand what was written; whatever makes no sense is left out, and nothing raises.

    Args:
        ids: What was written.
        probabilities: Of each id; those that are missing count as 1.
    """
    kind, arrangement = "bar", "single"
    fields: dict[str, tuple[int, ...]] = {}
    series: list[SketchSeries] = []
    sure = [*probabilities[: len(ids)], *[1.0] * (len(ids) - len(probabilities))]
    for head, rest in _sections([token for token in zip(ids, sure, strict=True) if token[0] != IDS["number"]]):
        name = NAMES[head]
        if name in KINDS:
            kind = name
        elif name in ARRANGEMENTS:
            arrangement = name
        elif name in FIELDS:
            fields.setdefault(name, _things(rest))
        elif name == "series":
            series.append(_read_series(rest))
    return Sketch(kind, arrangement, fields, tuple(series))


def tidy_sketch(sketch: Sketch, lines: int) -> Sketch:
    """Drop what cannot be: a label twice in a series, a printed value that two points have, a series said twice.

    Of points that share a line the surest stays.

    Args:
        sketch: As it was written.
        lines: How many of the elements are lines.
    """
    surest: dict[int, float] = {}
    for point in (point for series in sketch.series for point in series.points):
        surest[point.value] = max(point.sure, surest.get(point.value, 0.0))
    kept: list[SketchSeries] = []
    taken: set[int] = set()
    for series in dict.fromkeys(sketch.series):
        points: list[SketchPoint] = []
        for point in series.points:
            printed = point.value < lines
            if any(point.label == other.label for other in points) or (printed and point.value in taken):
                continue
            if printed and point.sure < surest[point.value]:
                continue
            taken |= {point.value} if printed else set()
            points.append(point)
        if points:
            kept.append(replace(series, points=tuple(points)))
    return replace(sketch, series=tuple(kept))


def _sections(tokens: Sequence[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Cut tokens into a head (a kind, a field, a series) and what belongs to it."""
    heads = {IDS[n] for n in (*KINDS, *ARRANGEMENTS, *FIELDS, "series")}
    head = -1
    rest: list[Token] = []
    for token in tokens:
        if token[0] == IDS["end"]:
            break
        if token[0] in heads:
            if head >= 0:
                yield head, rest
            head, rest = token[0], []
        else:
            rest.append(token)
    if head >= 0:
        yield head, rest


def _read_series(tokens: list[Token]) -> SketchSeries:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token[0] == IDS["point"]:
            parts.append([])
        else:
            parts[-1].append(token)
    head = [i for i, _ in parts[0]]
    points = [point for part in parts[1:] if (point := _read_point(part)) is not None]
    return SketchSeries(_things(parts[0]), tuple(points), IDS["by_line"] in head, IDS["on_second"] in head)


def _read_point(tokens: list[Token]) -> SketchPoint | None:
    ids = [i for i, _ in tokens]
    if IDS["at"] not in ids:
        return None
    cut = ids.index(IDS["at"])
    label, value = _things(tokens[:cut]), _things(tokens[cut + 1 :])
    return SketchPoint(label, value[0], min(p for _, p in tokens)) if label and value else None


def _ids(elements: Sequence[int]) -> list[int]:
    return [FIRST_ELEMENT + n for n in elements]


def _things(tokens: Sequence[Token]) -> tuple[int, ...]:
    return tuple(i - FIRST_ELEMENT for i, _ in tokens if i >= FIRST_ELEMENT)
