"""Charts as CommonMark with GitHub's tables; values on which the model's two readings disagree in `<mark>`."""

from collections.abc import Iterator, Sequence

from ocr2.formats.chart.table import failure_line, reliability_line, table_of
from ocr2.markup.escape import escape_inline
from ocr2.results.chart import Chart, ChartValue


def charts_to_markdown(charts: Sequence[Chart]) -> str:
    """Return charts one below the other; a paragraph stands for one that could not be read."""
    return "\n\n".join(part for chart in charts for part in _parts(chart)) + "\n"


def _parts(chart: Chart) -> Iterator[str]:
    if chart.error is not None:
        yield _line(failure_line(chart))
        return
    title = chart.title or f"Chart on page {chart.page} of {chart.file}"
    # Closing hashes would be markup.
    yield f"# {_line(title)}" + (" #" if title.rstrip().endswith("#") else "")
    if chart.y_title is not None and any(series.name is not None for series in chart.series):
        yield f"*{_line(chart.y_title)}*"
    yield "\n".join(table_to_markdown(chart))
    if chart.source is not None:
        yield f"Source: {_line(chart.source)}"
    doubt = reliability_line(chart)
    yield f"**{_line(doubt)}**" if chart.doubtful else _line(doubt)


def table_to_markdown(chart: Chart) -> Iterator[str]:
    """Yield the lines of a chart's values as a table of GitHub's."""
    table = table_of(chart)
    yield _row([table.corner, *table.columns])
    yield f"| --- |{' ---: |' * len(table.columns)}"
    for label, values in table.rows:
        yield _row([label], values)


def _row(texts: Sequence[str], values: Sequence[ChartValue | None] = ()) -> str:
    cells = [_line(text).replace("|", r"\|") for text in texts]
    for value in values:
        printed = _line(value.printed).replace("|", r"\|") if value is not None else ""
        cells.append(f"<mark>{printed}</mark>" if value is not None and value.disagrees else printed)
    return f"| {' | '.join(cells)} |"


def _line(text: str) -> str:
    return escape_inline(" ".join(text.split()))
