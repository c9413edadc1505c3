"""Charts for pandas and matplotlib, packages of the extra `charts`."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ocr2.errors import MissingToolError, OutputError
from ocr2.formats.chart.table import table_of
from ocr2.results.chart import Chart

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = ("series", "label", "value", "unit", "printed")
WIDE, HIGH = 8.0, 4.5  # inches
LEVEL_LABELS = 8  # more are written aslant


def chart_to_frame(chart: Chart) -> "pd.DataFrame":
    """Return a table with one row a value; see `Chart.to_frame`."""
    pandas = _library("pandas")
    rows = [(series.name, value.label, value.value, value.unit, value.printed) for series, value in chart.points()]
    return pandas.DataFrame(rows, columns=COLUMNS).astype({"value": "float64"})


def plot_chart(chart: Chart, path: Path) -> Path:
    """Draw bars side by side for each label; see `Chart.plot`."""
    if not any(value.value is not None for _, value in chart.points()):
        raise ValueError(f"a chart without numbers cannot be drawn: {chart.error or chart.reliability.reason}")
    # Not through pyplot, which would keep the figure and choose a window.
    figure = _library("matplotlib.figure").Figure(figsize=(WIDE, HIGH), layout="constrained")
    _draw(chart, figure.add_subplot())
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    return path


def _draw(chart: Chart, axes: "Axes") -> None:
    table = table_of(chart)
    width = 0.8 / len(table.columns)
    for column, name in enumerate(table.columns):
        places, heights = [], []
        for row, (_, values) in enumerate(table.rows):
            value = values[column]
            if value is not None and value.value is not None:
                places.append(row + (column + 0.5) * width - 0.4)
                heights.append(value.value)
        axes.bar(places, heights, width, label=_plain(name))
    axes.set_xticks(range(len(table.rows)), [_plain(label) for label, _ in table.rows])
    if len(table.rows) > LEVEL_LABELS:
        axes.tick_params(axis="x", labelrotation=60)
    if len(table.columns) > 1:
        axes.legend()
    axes.set_title(_plain(chart.title or ""))
    axes.set_xlabel(_plain(chart.x_title or ""))
    axes.set_ylabel(_plain(chart.y_title or ""))


def _plain(text: str) -> str:
    """Return a text in which matplotlib finds no formula, and which its legend does not leave out."""
    escaped = text.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped


def _library(name: str) -> ModuleType:
    package = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingToolError(f"{package} is not installed; pip install 'ocr2[charts]'") from error
