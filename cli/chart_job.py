"""Charts, as `ocr2.cli.picture_job` reads them."""

from collections.abc import Callable
from typing import Any

from ocr2.cli.picture_job import OnResult, PictureKind
from ocr2.documents.sources import Source, parse_pages
from ocr2.formats.chart.render import CHART_SUFFIXES, render_charts
from ocr2.formats.chart.table import reliability_line
from ocr2.reading.charts.read import ChartOptions, read_charts
from ocr2.reading.charts.redraw import redraw
from ocr2.results.chart import Chart


def chart_kind() -> PictureKind[Chart]:
    """Return what charts become."""
    return PictureKind(
        name="chart",
        suffixes={str(format): suffix for format, suffix in CHART_SUFFIXES.items()},
        how="--json or the like",
        render=render_charts,  # type: ignore[arg-type]  # its formats are names of their own
        draw=redraw,
        doubt=lambda chart: reliability_line(chart) if chart.doubtful else None,
    )


def chart_loader(loading: dict[str, Any], *, pages: str | None, **how: Any) -> Callable[[], Callable[..., object]]:
    """Check the options, and return what loads the model.

    Args:
        loading: Arguments of `ocr2.models.registry.load_chart_reader`.
        pages: Selection, or None.
        how: Other arguments of `ChartOptions`.

    Raises:
        ValueError: If an option is out of range.
    """
    options = ChartOptions(pages=parse_pages(pages) if pages is not None else None, **how)

    def load() -> Callable[..., object]:
        from ocr2.models.registry import load_chart_reader

        reader = load_chart_reader(**loading)

        def read(source: Source, on_result: OnResult[Chart]) -> object:
            return read_charts(source, reader, options, on_chart=on_result)

        return read

    return load
