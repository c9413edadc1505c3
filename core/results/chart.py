"""What reading a chart gives: titles, series of values, and how far to trust them. Plain frozen data, no torch."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ocr2.results.picture import PictureResult

CHART_SCHEMA_VERSION = "1.2"  # of the JSON

Verdict = Literal["reliable", "unreliable", "unverifiable"]


@dataclass(frozen=True, slots=True)
class ChartValue:
    """One value of a series."""

    label: str  # the category, x position or slice it belongs to
    printed: str  # as the model wrote it: "1,234", "60.5%"
    value: float | None  # None if it is no number
    unit: str | None = None  # "%", "$", "kg", ...: what is printed beside the digits
    disagrees: bool = False  # with the model's second opinion
    confidence: float | None = None  # 0..1; None if the model gives none
    measured: bool | None = None  # from the mark's place, nothing prints it; None if that is not known
    box: tuple[float, float, float, float] | None = None  # of its mark: left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together: one legend entry, or the whole chart."""

    name: str | None  # None where the chart has one series without a name
    values: tuple[ChartValue, ...]
    color: str | None = None  # "#rrggbb"


@dataclass(frozen=True, slots=True)
class ChartAxis:
    """One axis."""

    title: str | None
    scale: Literal["linear", "log", "category"]
    unit: str | None = None  # what is printed beside its numbers
    ticks: tuple[tuple[float, str], ...] = ()  # place in pixels, across for x and down for y, and text


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far to trust the values.

    Of the released model: whether two ways of reading agree, the text and the numbers of the auxiliary token. Of
    onechart-nano: its own estimate, by how sure it was of what it wrote and read.
    """

    verdict: Verdict
    score: float | None  # 0..1, 1 for equal values, or the probability that all are right; None where nothing is known
    distance: float | None  # mean absolute difference of the values, min-max normalised
    reason: str  # one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart(PictureResult):
    """One chart; `error` says why it has no values if it could not be read."""

    title: str | None = None
    source: str | None = None  # the chart's own line about where its data come from
    x_title: str | None = None
    y_title: str | None = None
    subtitle: str | None = None
    kind: str | None = None  # bar, hbar, line, ..., or one that is not read (docs/json.md); None if not known
    arrangement: str | None = None  # single, grouped, stacked
    x: ChartAxis | None = None
    y: ChartAxis | None = None
    series: tuple[Series, ...] = ()
    texts: tuple[str, ...] = ()  # all that is written in a chart of a kind that is not read, from top to bottom
    reliability: Reliability
    repaired: bool = False  # the model's answer was not well-formed
    raw: str = ""  # the model's answer
    numbers: tuple[float, ...] | None = None  # of the auxiliary token, 0..1, in the order of the values
    stopped: str = "end"  # "end", "length" or "loop"
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    warnings: tuple[str, ...] = ()
    error: str | None = None
    min_confidence: float = 0.0  # that was asked for

    @property
    def doubtful(self) -> bool:
        """Whether it is less reliable than was asked for; an unverifiable one is, where anything was asked."""
        return self.min_confidence > 0 and (self.reliability.score or 0.0) < self.min_confidence

    def points(self) -> Iterator[tuple[Series, ChartValue]]:
        """Yield all values in order, with their series."""
        for one in self.series:
            for value in one.values:
                yield one, value

    def _repr_html_(self) -> str:
        """Show the chart's data in a notebook."""
        from ocr2.formats.chart.html import table_to_html

        return table_to_html(self)

    def to_dict(self) -> dict[str, object]:
        """Return what the JSON format holds; docs/json.md, "Charts", describes it."""
        from ocr2.formats.chart.json import chart_to_dict

        return chart_to_dict(self)

    def to_json(self) -> str:
        """Return the chart as indented JSON with a final line end."""
        from ocr2.formats.chart.json import chart_to_json

        return chart_to_json(self)

    def to_csv(self) -> str:
        """Return a table with a row for each value; nothing in it is a formula to a spreadsheet."""
        from ocr2.formats.chart.csv import charts_to_csv

        return charts_to_csv([self])

    def to_markdown(self) -> str:
        """Return titles and a table in CommonMark with GitHub's tables."""
        from ocr2.formats.chart.markdown import charts_to_markdown

        return charts_to_markdown([self])

    def to_html(self) -> str:
        """Return a self-contained HTML page with titles and a table."""
        from ocr2.formats.chart.html import charts_to_html

        return charts_to_html([self])

    def to_frame(self) -> Any:
        """Return a pandas data frame with the columns series, label, value, unit and printed, a row for each value.

        Raises:
            MissingToolError: If pandas is not installed.
        """
        from ocr2.formats.chart.extras import chart_to_frame

        return chart_to_frame(self)

    def plot(self, path: str | Path) -> Path:
        """Draw the values as bars with Matplotlib, into a picture whose format follows the suffix.

        Raises:
            MissingToolError: If Matplotlib is not installed.
            ValueError: If there are no numbers, or the suffix names no format.
            OutputError: If the file cannot be written.
        """
        from ocr2.formats.chart.extras import plot_chart

        return plot_chart(self, Path(path))
