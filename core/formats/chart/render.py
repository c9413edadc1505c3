"""Output notations of charts: Markdown, JSON, CSV, HTML, Vega-Lite."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ocr2.results.chart import Chart

ChartFormat = Literal["markdown", "json", "csv", "html", "vega-lite"]
CHART_SUFFIXES: dict[ChartFormat, str] = {
    "markdown": ".md", "json": ".json", "csv": ".csv", "html": ".html", "vega-lite": ".vl.json",
}  # fmt: skip


def render_charts(charts: Sequence[Chart], format: ChartFormat) -> bytes:
    """Return charts in a format, UTF-8.

    Raises:
        ValueError: If the format is unknown.
    """
    # Each notation is imported when asked for: most calls need one.
    match format:
        case "markdown":
            from ocr2.formats.chart.markdown import charts_to_markdown as render
        case "json":
            from ocr2.formats.chart.json import charts_to_json as render
        case "csv":
            from ocr2.formats.chart.csv import charts_to_csv as render
        case "html":
            from ocr2.formats.chart.html import charts_to_html as render
        case "vega-lite":
            from ocr2.formats.chart.vega_lite import charts_to_vega_lite as render
        case _:
            raise ValueError(f"unknown format {format!r}; expected one of {', '.join(CHART_SUFFIXES)}")
    # Names of files that are no UTF-8 come as lone surrogates, which cannot be written.
    return render(charts).encode(errors="replace")


def chart_format_of(path: Path) -> ChartFormat | None:
    """Return the format that the suffix of a file name stands for."""
    longest_first = sorted(CHART_SUFFIXES.items(), key=lambda item: -len(item[1]))
    return next((format for format, suffix in longest_first if path.name.lower().endswith(suffix)), None)
