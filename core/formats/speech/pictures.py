"""Charts and plane figures in sentences."""

import re
from collections.abc import Iterator

from ocr2.formats.chart.table import table_of
from ocr2.formats.speech.cleaning import counted, sentence
from ocr2.results.chart import Chart, Series
from ocr2.results.figure import Point, Relation, Trace

POINT = re.compile(r"\D\d*['′]*")  # in names of segments: "AB'", "P1Q"
MIN_VALUES = 3  # of a series whose extremes are told
KINDS = {"bar": "Bar chart", "hbar": "Bar chart", "line": "Line chart", "area": "Area chart", "pie": "Pie chart",
    "scatter": "Scatter chart", "donut": "Pie chart", "combo": "Chart of bars and lines"}  # fmt: skip
DOUBTS = {"unreliable": "These values are not reliable.", "unverifiable": "These values could not be checked."}
RELATIONS = {"parallel": "{} and {} are parallel", "perpendicular": "{} and {} are perpendicular",
    "equal": "{} and {} are equally long", "equal-angles": "The angles {} and {} are equal",
    "tangent": "{} touches {}", "on-circle": "{} lies on {}"}  # fmt: skip


def chart_sentences(chart: Chart) -> list[str]:
    """Return a chart in sentences: titles, extremes, and all values, label by label."""
    name = KINDS.get(chart.kind or "", "Chart")
    if chart.error is not None:
        return [f"{name} that could not be read."]
    titles = ". ".join(" ".join(title.split()) for title in (chart.title, chart.subtitle) if title)
    found = [f"{name}: {titles}" if titles else name]
    found += [f"{what}: {title}" for what, title in (("Labels", chart.x_title), ("Values", chart.y_title)) if title]
    names = [series.name for series in chart.series if series.name]
    if len(chart.series) > 1:
        found.append(f"{len(chart.series)} series: {', '.join(names)}" if names else f"{len(chart.series)} series")
    found += [_extremes(series) for series in chart.series]
    found += _values(chart)
    found += [f"Source: {chart.source}"] if chart.source else []
    found += [DOUBTS[chart.reliability.verdict]] if chart.reliability.verdict in DOUBTS else []
    return [said for text in found if (said := sentence(text))]


def _extremes(series: Series) -> str:
    """Return where a series is highest and lowest; "" of few values or equal ones."""
    known = [(one.value, one) for one in series.values if one.value is not None]
    if len(known) < MIN_VALUES:
        return ""
    low, high = min(known, key=lambda pair: pair[0])[1], max(known, key=lambda pair: pair[0])[1]
    if low.value == high.value:
        return ""
    name = f"{series.name}: highest" if series.name else "Highest"
    return f"{name} at {high.label}, {high.printed}; lowest at {low.label}, {low.printed}"


def _values(chart: Chart) -> Iterator[str]:
    table = table_of(chart)
    for label, values in table.rows:
        if len(table.columns) == 1:
            yield f"{label}: {values[0].printed if values[0] is not None else 'no value'}"
        else:
            pairs = zip(table.columns, values, strict=True)
            told = "; ".join(f"{column}, {value.printed}" for column, value in pairs if value is not None)
            yield f"{label}: {told or 'no value'}"


def trace_sentences(trace: Trace) -> list[str]:
    """Return a plane figure in sentences: how many strokes, its named points and parts, and what holds between them."""
    if trace.error is not None:
        return ["Plane figure that could not be read."]
    names = {point: name for name, point in trace.points.items()}
    found = [f"Plane figure with {counted(len(trace.segments), 'segment')} and {counted(len(trace.circles), 'circle')}"]
    if trace.points:
        found.append(f"{'Point' if len(trace.points) == 1 else 'Points'} {', '.join(trace.points)}")
    ends = [(names.get(one.start), names.get(one.end), one.dashed) for one in trace.segments]
    strokes = [f"{a} {b}{', dashed' if dashed else ''}" for a, b, dashed in ends if a and b]
    if strokes:
        found.append(f"{'Segment' if len(strokes) == 1 else 'Segments'} {'; '.join(strokes)}")
    for number, circle in enumerate(trace.circles, start=1):
        center = _near(circle.center, names)
        found.append(f"The middle of circle {number} is {center}" if center else "")
    found += [_relation(relation) for relation in trace.relations]
    if trace.texts:
        found.append(f"Written in it: {', '.join(trace.texts)}")
    return [said for text in found if (said := sentence(text))]


def _near(point: Point, names: dict[Point, str], reach: float = 1.0) -> str:
    """Return the name of a point within a pixel of another; "" if none has one."""
    found = (name for (x, y), name in names.items() if abs(x - point[0]) <= reach and abs(y - point[1]) <= reach)
    return next(found, "")


def _relation(relation: Relation) -> str:
    parts = [part if part.startswith("circle") else " ".join(POINT.findall(part)) for part in relation.of]
    form = RELATIONS.get(relation.kind, "")
    return form.format(*parts) if len(parts) == form.count("{}") > 0 else f"{', '.join(parts)}: {relation.kind}"
