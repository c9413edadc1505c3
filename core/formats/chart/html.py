"""Charts as one self-contained HTML page; values on which the model's two readings disagree in `<mark>`."""

from collections.abc import Iterator, Sequence
from html import escape

from ocr2.formats.chart.table import failure_line, reliability_line, table_of
from ocr2.results.chart import Chart, ChartValue

STYLE = (
    "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 serif;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}"
    "td{text-align:right}caption{text-align:left}section+section{border-top:1px solid #ccc}mark{background:#ffe58a}"
    ".failed,.doubtful{color:#a00}.note{font-size:.9rem}"
)


def charts_to_html(charts: Sequence[Chart]) -> str:
    """Return a page with one section a chart; it loads nothing and runs nothing."""
    title = charts[0].title or charts[0].file if len(charts) == 1 else "Charts"
    sections = "\n".join("\n".join(["<section>", *_parts(chart), "</section>"]) for chart in charts)
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def _parts(chart: Chart) -> Iterator[str]:
    if chart.error is not None:
        yield f'<p class="failed">{escape(failure_line(chart))}</p>'
        return
    yield f"<h1>{escape(chart.title or f'Chart on page {chart.page} of {chart.file}')}</h1>"
    yield table_to_html(chart)
    if chart.source is not None:
        yield f'<p class="note">Source: {escape(chart.source)}</p>'
    yield f'<p class="note{" doubtful" if chart.doubtful else ""}">{escape(reliability_line(chart))}</p>'


def table_to_html(chart: Chart) -> str:
    """Return a chart's values as a table."""
    return "\n".join(_table(chart))


def _table(chart: Chart) -> Iterator[str]:
    table = table_of(chart)
    yield "<table>"
    if chart.y_title is not None and any(series.name is not None for series in chart.series):
        yield f"<caption>{escape(chart.y_title)}</caption>"
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in (table.corner, *table.columns))
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
    for label, values in table.rows:
        yield f'<tr><th scope="row">{escape(label)}</th>{"".join(map(_cell, values))}</tr>'
    yield "</tbody>\n</table>"


def _cell(value: ChartValue | None) -> str:
    printed = escape(value.printed) if value is not None else ""
    return f"<td><mark>{printed}</mark></td>" if value is not None and value.disagrees else f"<td>{printed}</td>"
