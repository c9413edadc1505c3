"""CSV with a row for each value of each chart. Nothing in it is a formula to a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from ocr2.results.chart import Chart

COLUMNS = ("series", "label", "value", "unit", "printed", "file", "page")
FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r\n")
PLAIN_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*\s?%?")  # what begins with a sign and is harmless


def charts_to_csv(charts: Sequence[Chart]) -> str:
    """Return the values of charts, one a row; a chart that could not be read has none."""
    lines = io.StringIO()
    writer = csv.writer(lines)  # its line ends, RFC 4180's, let it quote both kinds within a cell
    writer.writerow(COLUMNS)
    writer.writerows(row for chart in charts for row in _rows(chart))
    return lines.getvalue()


def as_text(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before one that it might.

    Examples:
        >>> as_text("=1+1"), as_text("-3"), as_text("-A1")
        ("'=1+1", '-3', "'-A1")
    """
    stripped = cell.lstrip(" \u00a0")
    if stripped.startswith(FORMULA_STARTS) and PLAIN_NUMBER.fullmatch(stripped) is None:
        return f"'{cell}"
    return cell


def _rows(chart: Chart) -> Iterator[tuple[str, ...]]:
    for series, value in chart.points():
        number = "" if value.value is None else f"{value.value:.15g}"
        texts = (series.name or "", value.label, value.unit or "", value.printed, chart.file)
        name, label, unit, printed, file = map(as_text, texts)
        yield name, label, number, unit, printed, file, str(chart.page)
