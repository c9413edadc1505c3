"""Charts of a kind that is not read: the kind, titles and texts, no values, and an error in one line."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.charts.plot.result import Plot, PlotSeries, PlotValue, Signs
from ocr2.models.protocols import ChartReading, TextBox, UnreadKind
from ocr2.options import ChartOptions
from ocr2.reading.charts.read import read_charts
from ocr2.reading.charts.unread import DIAL, LIKELY, SURE, unread_chart, unread_kind
from ocr2.results.chart import Chart, Reliability

RGB = NDArray[np.uint8]
PICTURE = np.full((240, 320, 3), 255, np.uint8)
TEXTS = [
    TextBox("Lengths by group", (90, 6, 230, 22)),
    TextBox("A", (100, 205, 108, 215)),
    TextBox("B", (200, 205, 208, 215)),
    TextBox("", (10, 10, 12, 12)),
]
BLANK = Chart(
    file="a.png",
    page=2,
    width=320,
    height=240,
    model="m",
    weights_sha256="0",
    reliability=Reliability("unverifiable", None, None, "no values were read"),
)


def plot_of(count: int, signs: Signs) -> Plot:
    values = tuple(PlotValue(label, "1", 1.0, True, (0, 0, 1, 1), 0.9) for label in "abcdef"[:count])
    return Plot(kind="bar", arrangement="single", series=(PlotSeries(None, None, values),), signs=signs)


SOUND, POOR = Signs(ticks=8), Signs(ticks=2, unread=3, strays=4, off=4.0, least_tick=0.1, least_label=0.1, unnamed=1.0)


def reading(probability: float, name: str = "box") -> ChartReading:
    answer = '{"values": {"a": "1", "b": "1"}}'
    return ChartReading(answer, None, "end", unread=UnreadKind(name, probability))


@pytest.mark.parametrize(
    ("probability", "plot", "kind"),
    [
        (SURE, plot_of(6, SOUND), "box"),
        (SURE - 0.01, plot_of(6, SOUND), None),
        (LIKELY, plot_of(6, POOR), "box"),
        (LIKELY, plot_of(1, SOUND), "box"),
        (LIKELY, None, "box"),
        (LIKELY - 0.01, None, None),
    ],
)
def test_more_must_speak_for_an_unread_kind_where_values_would_be_lost(
    probability: float, plot: Plot | None, kind: str | None
) -> None:
    assert unread_kind(reading(probability), plot) == kind


def test_a_gauge_of_one_value_is_no_pie_however_sure_its_value() -> None:
    assert unread_kind(reading(DIAL, "gauge"), plot_of(1, SOUND)) == "gauge"
    assert unread_kind(reading(DIAL, "gauge"), plot_of(2, SOUND)) is None
    assert unread_kind(reading(DIAL, "sunburst"), plot_of(1, SOUND)) is None


def test_a_model_that_knows_no_kinds_names_none() -> None:
    assert unread_kind(ChartReading("", None, "end"), None) is None


def test_titles_and_texts_stay() -> None:
    chart = unread_chart("box", PICTURE, TEXTS, BLANK)
    assert (chart.kind, chart.title, chart.series) == ("box", "Lengths by group", ())
    assert chart.texts == ("Lengths by group", "A", "B")
    assert chart.error == "page 2 of a.png: this is a box plot, a kind that is not read"
    assert chart.reliability.verdict == "unverifiable"


def test_a_chart_without_text_has_none() -> None:
    assert unread_chart("gauge", PICTURE, [], BLANK).texts == ()


class Reader:
    """Takes every picture for one kind."""

    name = "fake"
    weights_sha256 = "0" * 64
    needs_text = False

    def find_text(self, picture: RGB) -> list[TextBox]:
        return []

    def read_charts(
        self, pictures: Sequence[RGB], texts: Sequence[Sequence[TextBox]], *, max_new_tokens: int | None = None
    ) -> list[ChartReading]:
        return [reading(0.97, "gauge") for _ in pictures]


def test_an_unread_kind_gives_no_values_though_the_model_wrote_some() -> None:
    (chart,) = read_charts(PICTURE, Reader(), ChartOptions(), text_reader=lambda: pytest.fail("needs none"))
    assert (chart.kind, chart.series, chart.raw) == ("gauge", (), "")
    content = chart.to_dict()
    assert (content["kind"], content["values"], content["series"], content["texts"]) == ("gauge", {}, [], [])
    assert content["error"] == "page 1 of image: this is a gauge, a kind that is not read"
