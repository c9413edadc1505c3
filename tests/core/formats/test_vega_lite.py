"""Specifications that draw charts anew: Vega-Lite takes them, and they hold kind, scale, colours and values."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ocr2.formats.chart.render import chart_format_of, render_charts
from ocr2.results.chart import Chart, ChartAxis, ChartValue, Reliability, Series

CHART = Chart(
    file="a.png", page=1, width=300, height=200, model="onechart-nano", weights_sha256="0" * 64, title="Sales",
    kind="bar", arrangement="grouped", x_title="month", y_title="t", x=ChartAxis("month", "category"),
    y=ChartAxis("t", "linear"), reliability=Reliability("reliable", 0.9, None, "sure"),
    series=(
        Series("north", (ChartValue("Jan", "1", 1.0), ChartValue("Feb", "3", 3.0)), "#1f77b4"),
        Series("south", (ChartValue("Jan", "2", 2.0), ChartValue("Feb", "n/a", None)), "#ff7f0e"),
    ),
)  # fmt: skip


def spec_of(chart: Chart) -> dict[str, Any]:
    spec = json.loads(render_charts([chart], "vega-lite"))
    assert isinstance(spec, dict)
    return spec


def one_series(kind: str, x: ChartAxis, y: ChartAxis, labels: list[str]) -> Chart:
    values = tuple(ChartValue(label, str(i + 1), i + 1.0) for i, label in enumerate(labels))
    return replace(CHART, kind=kind, arrangement="single", x=x, y=y, series=(Series(None, values),))


def test_grouped_bars_keep_their_groups_and_colours() -> None:
    spec = spec_of(CHART)
    assert (spec["mark"], spec["title"]) == ("bar", "Sales")
    assert spec["data"]["values"] == [
        {"label": "Jan", "value": 1.0, "series": "north"},
        {"label": "Feb", "value": 3.0, "series": "north"},
        {"label": "Jan", "value": 2.0, "series": "south"},
    ]
    assert spec["encoding"]["xOffset"]["field"] == "series"
    assert spec["encoding"]["color"]["scale"]["range"] == ["#1f77b4", "#ff7f0e"]


def test_lying_bars_have_their_values_across() -> None:
    number, names = ChartAxis(None, "linear"), ChartAxis(None, "category")
    encoding = spec_of(one_series("hbar", number, names, ["a", "b"]))["encoding"]
    assert (encoding["x"]["field"], encoding["y"]["field"]) == ("value", "label")


def test_points_keep_numbers_for_labels_and_a_logarithmic_scale() -> None:
    chart = one_series("scatter", ChartAxis(None, "linear"), ChartAxis(None, "log"), ["1", "2.5", "10"])
    spec = spec_of(chart)
    assert [row["label"] for row in spec["data"]["values"]] == [1.0, 2.5, 10.0]
    assert spec["encoding"]["y"]["scale"] == {"type": "log"}


@pytest.mark.parametrize("kind", ["bar", "hbar", "line", "area", "scatter", "pie", "donut", "combo", None])
def test_vega_lite_draws_every_kind(kind: str | None) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    chart = replace(CHART, kind=kind)
    assert vl_convert.vegalite_to_svg(render_charts([chart], "vega-lite").decode()).startswith("<svg")


def test_several_charts_stand_below_each_other_and_failed_ones_are_left_out() -> None:
    failed = replace(CHART, series=(), error="no chart was found")
    content = json.loads(render_charts([CHART, failed, CHART], "vega-lite"))
    assert len(content["vconcat"]) == 2


def test_the_name_of_a_file_tells_a_specification_from_a_result() -> None:
    assert chart_format_of(Path("a.vl.json")) == "vega-lite"
    assert chart_format_of(Path("a.json")) == "json"
