"""JSON with everything that is known of a chart; docs/json.md, "Charts", describes it."""

import json
from collections import Counter
from collections.abc import Sequence

from ocr2.results.chart import CHART_SCHEMA_VERSION, Chart, ChartAxis, ChartValue, Series


def chart_to_json(chart: Chart) -> str:
    """Return one chart as indented JSON with a final line end."""
    return json.dumps(chart_to_dict(chart), ensure_ascii=False, indent=1) + "\n"


def charts_to_json(charts: Sequence[Chart]) -> str:
    """Return charts as indented JSON with a final line end: one as an object, several, or none, as a list of them."""
    if len(charts) == 1:
        return chart_to_json(charts[0])
    return json.dumps([chart_to_dict(chart) for chart in charts], ensure_ascii=False, indent=1) + "\n"


def chart_to_dict(chart: Chart) -> dict[str, object]:
    """Return one chart as plain dicts and lists."""
    reliability = chart.reliability
    return {
        "schema_version": CHART_SCHEMA_VERSION,
        "file": chart.file,
        "page": chart.page,
        "width": chart.width,
        "height": chart.height,
        "model": chart.model,
        "weights_sha256": chart.weights_sha256,
        "kind": chart.kind,
        "arrangement": chart.arrangement,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "source": chart.source,
        "x_title": chart.x_title,
        "y_title": chart.y_title,
        "axes": {"x": _axis(chart.x), "y": _axis(chart.y)},
        "values": values_of(chart.series),
        "series": [
            {"name": one.name, "color": one.color, "values": [_value(value) for value in one.values]}
            for one in chart.series
        ],
        "texts": list(chart.texts),
        "reliability": {
            "verdict": reliability.verdict,
            "score": _rounded(reliability.score),
            "distance": _rounded(reliability.distance),
            "reason": reliability.reason,
        },
        "min_confidence": chart.min_confidence,
        "doubtful": chart.doubtful,
        "repaired": chart.repaired,
        "raw": chart.raw,
        "numbers": [_rounded(number) for number in chart.numbers] if chart.numbers is not None else None,
        "stopped": chart.stopped,
        "seconds": {stage: round(value, 4) for stage, value in chart.seconds.items()},
        "warnings": list(chart.warnings),
        "error": chart.error,
    }


def values_of(series: Sequence[Series]) -> dict[str, object]:
    """Return values as OneChart writes them: labels and prints, by series if these have names.

    A name that comes twice gets a number, as a dictionary can hold it once.

    Examples:
        >>> values_of([Series(None, (ChartValue("a", "1", 1.0), ChartValue("a", "2", 2.0)))])
        {'a': '1', 'a (2)': '2'}
    """
    shown = _Named()
    for one in series:
        inside = shown if one.name is None else _Named()
        for value in one.values:
            inside.add(value.label, value.printed)
        if one.name is not None:
            shown.add(one.name, inside.content)
    return shown.content


class _Named:
    """A dictionary to which names may be given twice."""

    def __init__(self) -> None:
        self.content: dict[str, object] = {}
        self._last: Counter[str] = Counter()  # numbers that were tried, or many equal names would take long

    def add(self, name: str, content: object) -> None:
        """Put something under a name, or the first numbered one that is free."""
        free = name
        while free in self.content:
            self._last[name] += 1
            free = f"{name} ({self._last[name] + 1})"
        self.content[free] = content


def _value(value: ChartValue) -> dict[str, object]:
    return {
        "label": value.label,
        "printed": value.printed,
        "value": value.value,
        "unit": value.unit,
        "disagrees": value.disagrees,
        "confidence": _rounded(value.confidence),
        "measured": value.measured,
        "box": [round(side, 1) for side in value.box] if value.box is not None else None,
    }


def _axis(axis: ChartAxis | None) -> dict[str, object] | None:
    if axis is None:
        return None
    ticks = [{"place": round(place, 1), "text": text} for place, text in axis.ticks]
    return {"title": axis.title, "scale": axis.scale, "unit": axis.unit, "ticks": ticks}


def _rounded(value: float | None) -> float | None:
    return None if value is None or value != value else round(value, 4)
