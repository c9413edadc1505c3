"""Reading charts: open, decode page by page, read the text where a model needs it, read the chart, check it.

Whatever goes wrong with a picture becomes its chart's `error`; the rest goes on.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.parse_answer import parse_answer
from ocr2.charts.plot.expected import expected_labels, labels_of_bars
from ocr2.charts.plot.read import read_plot
from ocr2.charts.plot.result import Plot
from ocr2.charts.reliability import check_as_authors, check_estimate, check_values
from ocr2.documents.sources import Source
from ocr2.models.protocols import ChartReader, ChartReading, LineReader, TextBox
from ocr2.options import ChartOptions, ReliabilityRule
from ocr2.reading.charts.find_text import find_chart_text, read_expected
from ocr2.reading.charts.plots import chart_of_plot
from ocr2.reading.charts.text_at_boxes import recognise_text
from ocr2.reading.charts.unread import unread_chart, unread_kind
from ocr2.reading.pages.each_page import PictureWork, Taken, read_pictures
from ocr2.reading.pages.open import Readable
from ocr2.results.chart import Chart, Reliability

RGB = NDArray[np.uint8]  # (height, width, 3)
NOT_READ = Reliability("unverifiable", None, None, "no values were read")
NO_AXES = "there are no marks beside an axis with numbers, and no circle of slices"
ALONE = 0.6  # trust from which the network's answer stands where geometry finds no chart
STOPS = {
    "loop": "the model repeated itself and was stopped: values may be missing or made up",
    "length": "the answer was cut short at the most tokens allowed: values may be missing",
}


OnChart = Callable[[Chart, RGB | None, int], None]


def read_charts(
    source: Readable | Source,
    reader: ChartReader,
    options: ChartOptions,
    *,
    text_reader: Callable[[], LineReader],
    on_chart: OnChart | None = None,
) -> list[Chart]:
    """Read every page or picture as one chart.

    Args:
        source: What `read_document` takes; of a path also a folder, or a pattern that is no file's name.
        reader: A loaded model that reads charts.
        options: How.
        text_reader: Returns the model that reads the chart's text, where the chart model needs one.
        on_chart: Called with each chart as it is done, its picture (None if there is none) and the number of charts of
            the document (0 if unknown).

    Raises:
        ValueError: If a selection of pages fits nothing, or a folder or pattern holds no picture.
    """
    job = ChartJob(reader, options, text_reader)
    charts: list[Chart] = []
    for chart, picture, count in read_pictures(source, options, PictureWork(job.read, job.fail)):
        charts.append(chart)
        if on_chart is not None:
            on_chart(chart, picture, count)
    return charts


class ChartJob:
    """A reader, and what reads the text for it once that is needed.

    Args:
        reader: A loaded model that reads charts.
        options: How.
        text_reader: Returns the model that reads the chart's text.
        known: Whether pictures are known to be charts: then the network's answer stands where geometry finds none.
    """

    def __init__(
        self,
        reader: ChartReader,
        options: ChartOptions,
        text_reader: Callable[[], LineReader],
        *,
        known: bool = False,
    ) -> None:
        self._reader = reader
        self._options = options
        self._text_reader = text_reader
        self._least = 0.0 if known else ALONE

    def read(self, taken: Taken) -> Chart:
        """Read one picture."""
        assert taken.picture is not None
        started = time.perf_counter()
        texts = self._texts(taken.picture)
        found = time.perf_counter()
        plot, texts = self._plot(taken.picture, texts)
        measured = time.perf_counter()
        (reading,) = self._reader.read_charts([taken.picture], [texts], max_new_tokens=self._options.max_new_tokens)
        seconds = {"decode": taken.seconds, "text": found - started, "geometry": measured - found}
        seconds["model"] = time.perf_counter() - measured
        blank = self._blank(taken)
        kind = unread_kind(reading, plot)
        if kind is not None:
            chart = unread_chart(kind, taken.picture, texts, blank)
        elif plot is not None and plot.series:
            chart = chart_of_plot(plot, reading, blank, rule=self._options.rule)
        elif self._reader.needs_text and reading.trust is not None and reading.trust < self._least:
            chart = replace(blank, error=f"page {blank.page} of {blank.file}: no chart was found: {NO_AXES}")
        else:
            chart = chart_of(reading, blank, rule=self._options.rule)
        return replace(chart, seconds=seconds, warnings=(*taken.warnings, *chart.warnings))

    def fail(self, taken: Taken, error: str) -> Chart:
        """Return a chart with an error."""
        return replace(self._blank(taken), error=error, warnings=taken.warnings)

    def _texts(self, picture: RGB) -> list[TextBox]:
        if not self._reader.needs_text:
            return []
        texts = find_chart_text(picture, self._text_reader())
        if texts is not None:
            return read_expected(picture, texts, expected_labels(picture, texts), self._text_reader())
        places = self._reader.find_text(picture)
        return recognise_text(picture, places, self._text_reader()) if places else []

    def _plot(self, picture: RGB, texts: list[TextBox]) -> tuple[Plot | None, list[TextBox]]:
        """Read the chart by geometry, once more where bars show that labels are missing; returns all texts as well."""
        plot = read_plot(picture, texts) if self._reader.needs_text else None
        if plot is None:
            return None, texts
        found = read_expected(picture, texts, labels_of_bars(picture, texts, plot), self._text_reader())
        return (read_plot(picture, found), found) if len(found) > len(texts) else (plot, texts)

    def _blank(self, taken: Taken) -> Chart:
        height, width = taken.picture.shape[:2] if taken.picture is not None else (0, 0)
        return Chart(
            file=taken.file,
            page=taken.page,
            width=width,
            height=height,
            model=self._reader.name,
            weights_sha256=self._reader.weights_sha256,
            reliability=NOT_READ,
            min_confidence=self._options.min_confidence,
        )


def chart_of(reading: ChartReading, blank: Chart, *, rule: ReliabilityRule = "ours") -> Chart:
    """Make a chart of what a model wrote.

    Args:
        reading: The answer.
        blank: The chart without what is read.
        rule: Of its reliability; "authors" asks the authors' script for the verdict, of whole answers too.

    Returns:
        The chart; without values it has an error that says why. An answer that was cut short is unverifiable: without
        all values their scale is unknown.
    """
    cut = reading.stopped != "end"
    answer = parse_answer(reading.answer, cut=cut)
    if reading.trust is None:
        check = check_values(answer.series, reading.numbers)
    else:
        check = check_estimate(answer.series, reading.trust, reading.confidences)
    reliability = check.reliability
    if cut:
        reliability = Reliability("unverifiable", None, None, STOPS.get(reading.stopped, reading.stopped))
    if rule == "authors":
        reliability = check_as_authors(reading.answer, reading.numbers)
    warnings = [STOPS[reading.stopped]] if reading.stopped in STOPS else []
    if answer.repaired and answer.reason is None and not cut:
        warnings.append("the model's answer was not well-formed and was repaired: values may be missing")
    count = sum(len(series.values) for series in answer.series)
    error = None
    if answer.reason is not None:
        reason = f"{answer.reason}; {STOPS[reading.stopped]}" if reading.stopped in STOPS else answer.reason
        error = f"page {blank.page} of {blank.file}: no chart was found: {reason}"
    return replace(
        blank,
        title=answer.title,
        source=answer.source,
        x_title=answer.x_title,
        y_title=answer.y_title,
        series=check.series,
        reliability=reliability if error is None else NOT_READ,
        repaired=answer.repaired,
        raw=reading.answer,
        numbers=tuple(reading.numbers[:count]) if reading.numbers is not None else None,
        stopped=reading.stopped,
        warnings=tuple(warnings),
        error=error,
    )
