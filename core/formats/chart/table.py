"""A chart as a table: a row for each label, a column for each series."""

from collections import Counter
from dataclasses import dataclass

from ocr2.results.chart import Chart, ChartValue


@dataclass(frozen=True, slots=True)
class ChartTable:
    """Rows and columns of a chart; None where a series has no value for a label."""

    corner: str  # what the labels are
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ChartValue | None, ...]], ...]


def table_of(chart: Chart) -> ChartTable:
    """Return the table of a chart, labels in the order in which they first come.

    A label that a series has twice gets two rows.
    """
    rows: dict[tuple[str, int], list[ChartValue | None]] = {}
    for column, series in enumerate(chart.series):
        seen: Counter[str] = Counter()
        for value in series.values:
            row = rows.setdefault((value.label, seen[value.label]), [None] * len(chart.series))
            row[column] = value
            seen[value.label] += 1
    unnamed = chart.y_title or "value"
    columns = tuple(series.name if series.name is not None else unnamed for series in chart.series)
    return ChartTable(chart.x_title or "", columns, tuple((label, tuple(row)) for (label, _), row in rows.items()))


def failure_line(chart: Chart) -> str:
    """Return the line that stands for a chart that could not be read."""
    reason = (chart.error or "").removeprefix(f"page {chart.page} of {chart.file}").lstrip(": ")
    return f"[the chart on page {chart.page} of {chart.file} could not be read: {' '.join(reason.split())}]"


def reliability_line(chart: Chart) -> str:
    """Return the line that says how far a chart is to be trusted."""
    reliability = chart.reliability
    score = f" ({reliability.score:.2f})" if reliability.score is not None else ""
    asked = f", less than the {chart.min_confidence:g} that was asked for" if chart.doubtful else ""
    return f"{reliability.verdict.capitalize()}{score}{asked}: {reliability.reason}."
