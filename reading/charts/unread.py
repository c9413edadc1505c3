"""Charts of a kind that is not read: which kind, and the texts that they show, but no values."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr2.charts.kinds import describe_unread
from ocr2.charts.plot.layout import find_layout
from ocr2.charts.plot.result import Plot
from ocr2.charts.plot.titles import Titles, find_titles
from ocr2.charts.plot.words import words_of
from ocr2.models.protocols import ChartReading, TextBox
from ocr2.reading.charts.plots import estimate, trust_features
from ocr2.results.chart import Chart

RGB = NDArray[np.uint8]  # (height, width, 3)
# Probability from which a chart is of a kind that is not read. Source: benchmarks/RESULTS.md, "Kinds of charts".
SURE = 0.97  # where its values are probably right, and would be lost
LIKELY = 0.9  # where they are probably wrong, or there are none
DIAL = 0.5  # of a gauge with one value: a dial looks like a pie of one slice, which no pie has
TRUSTED = 0.5  # estimated probability of right values, from which a chart is reliable


def unread_kind(reading: ChartReading, plot: Plot | None) -> str | None:
    """Return the kind of a chart that is not read; None if it may be read, or is no chart.

    Args:
        reading: What the network says.
        plot: What geometry read, if anything.
    """
    if reading.unread is None:
        return None
    trust, count = reading.trust or 0.0, len(reading.confidences)
    if plot is not None and plot.series:
        trust, count = estimate(trust_features(plot, reading)), sum(len(one.values) for one in plot.series)
    threshold = SURE if trust >= TRUSTED and count > 1 else LIKELY
    if count == 1 and reading.unread.name == "gauge":
        threshold = DIAL
    return reading.unread.name if reading.unread.probability >= threshold else None


def unread_chart(kind: str, picture: RGB, texts: Sequence[TextBox], blank: Chart) -> Chart:
    """Make a chart of a kind that is not read: its titles and texts, and an error that says so.

    Args:
        kind: One of `ocr2.charts.kinds.UNREAD_KINDS`.
        picture: (height, width, 3).
        texts: Its text.
        blank: The chart without what is read.
    """
    titles = _titles_of(picture, texts)
    return replace(
        blank,
        kind=kind,
        title=titles.title,
        subtitle=titles.subtitle,
        source=titles.source,
        x_title=titles.x,
        y_title=titles.y,
        texts=tuple(t.text for t in sorted(texts, key=lambda t: (t.box[1] + t.box[3], t.box[0])) if t.text.strip()),
        error=f"page {blank.page} of {blank.file}: {describe_unread(kind)}",
    )


def _titles_of(picture: RGB, texts: Sequence[TextBox]) -> Titles:
    words = [w for w in words_of(texts) if w.text.strip()]
    if not words:
        return Titles()
    layout = find_layout(picture, words)
    return find_titles(layout.free, layout.plot, float(np.median([w.size for w in words])))
