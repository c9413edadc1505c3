"""What pictures are read as, one kind a command: how an engine reads them, and how results are written and drawn."""

import functools

from ocr2.cli.picture_job import PictureKind
from ocr2.formats.answers import render_detections, render_replies
from ocr2.formats.chart.render import CHART_SUFFIXES, render_charts
from ocr2.formats.chart.table import reliability_line
from ocr2.formats.figure.render import TRACE_SUFFIXES, render_traces
from ocr2.options import AskOptions, ChartOptions, DetectOptions, FigureOptions
from ocr2.reading.charts.redraw import redraw
from ocr2.reading.figures.overlay import draw_trace
from ocr2.reading.figures.redraw import redraw as redraw_figure
from ocr2.reading.regions.overlay import draw_regions
from ocr2.results.answer import Detection, Reply
from ocr2.results.chart import Chart
from ocr2.results.figure import Trace


def chart_kind(options: ChartOptions) -> PictureKind[Chart]:
    """Return how charts are read."""
    return PictureKind(
        task="chart",
        name="chart",
        suffixes=CHART_SUFFIXES,
        how="--json or the like",
        read=lambda engine, source, on_result: engine.read_charts(source, options, on_chart=on_result),
        render=render_charts,  # type: ignore[arg-type]  # its formats are names of their own
        draw=redraw,
        doubt=lambda chart: reliability_line(chart) if chart.doubtful else None,
    )


def figure_kind(options: FigureOptions, *, body_only: bool, anew: bool = False) -> PictureKind[Trace]:
    """Return how figures are read; `anew`: drawn beside their pictures instead of over them."""
    return PictureKind(
        task="trace",
        name="figure",
        suffixes=TRACE_SUFFIXES,
        read=lambda engine, source, on_result: engine.read_traces(source, options, on_trace=on_result),
        render=functools.partial(render_traces, body_only=body_only),
        draw=redraw_figure if anew else draw_trace,
    )


def detection_kind(options: DetectOptions) -> PictureKind[Detection]:
    """Return how regions are found."""
    return PictureKind(
        task="detect",
        prepare=lambda engine: engine.require_detect(options),
        read=lambda engine, source, on_result: engine.detect(source, options=options, on_detection=on_result),
        render=render_detections,  # type: ignore[arg-type]
        draw=draw_regions,
    )


def reply_kind(options: AskOptions) -> PictureKind[Reply]:
    """Return how questions are answered."""
    return PictureKind(
        task="ask",
        read=lambda engine, source, on_result: engine.ask(source, options, on_reply=on_result),
        render=render_replies,  # type: ignore[arg-type]
    )
