"""Charts as JSON, CSV, Markdown, HTML, a pandas table and a plot."""

import csv
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ocr2.errors import MissingToolError, OutputError
from ocr2.formats.chart.csv import COLUMNS
from ocr2.formats.chart.render import CHART_SUFFIXES, render_charts
from ocr2.results.chart import Chart, ChartValue, Reliability, Series

SURE = Reliability("reliable", 0.93, 0.0105, "the two readings differ by 0.010 on average, below 0.1")
CHART = Chart(
    file="sales.png",
    page=1,
    width=640,
    height=480,
    model="fake",
    weights_sha256="0" * 64,
    title="Sales",
    source="Office",
    x_title="Month",
    y_title="Tonnes",
    series=(
        Series("2019", (ChartValue("Jan", "1,234", 1234.0), ChartValue("Feb", "$5", 5.0, "$", disagrees=True))),
        Series("2020", (ChartValue("Feb", "n/a", None),)),
    ),
    reliability=SURE,
    raw="{…}",
    numbers=(1.0, 0.0, 0.5),
    seconds={"model": 0.123456},
)
FAILED = replace(
    CHART, page=2, series=(), title=None, reliability=Reliability("unverifiable", None, None, "no values were read"),
    error="page 2 of sales.png: no chart was found: the answer is empty",
)  # fmt: skip
SHOWN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
SHOWN |= st.sampled_from(["=1+1", "|", "<b>", "a\nb", "\\|", "`", "# x", "x #", '"', "'", "&amp;", "[a](b)", "***"])
NASTY = st.text(st.characters(codec="utf-8")) | st.sampled_from(
    ["=1+1", "|", "<b>", "a\nb", "\\|", "`", "# x", '"', "'"]
)


def chart_of_values(*values: ChartValue, name: str | None = None) -> Chart:
    return replace(CHART, series=(Series(name, values),))


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_json_holds_everything() -> None:
    content = json.loads(CHART.to_json())
    assert content == CHART.to_dict()
    assert content["schema_version"] == "1.2"
    assert content["values"] == {"2019": {"Jan": "1,234", "Feb": "$5"}, "2020": {"Feb": "n/a"}}
    assert content["series"][0]["values"][1] == {
        "label": "Feb", "printed": "$5", "value": 5.0, "unit": "$", "disagrees": True, "confidence": None,
        "measured": None, "box": None,
    }  # fmt: skip
    assert content["reliability"] == {
        "verdict": "reliable", "score": 0.93, "distance": 0.0105, "reason": SURE.reason,
    }  # fmt: skip
    assert content["seconds"] == {"model": 0.1235}
    assert (content["doubtful"], content["error"]) == (False, None)


def test_values_have_the_shape_that_onechart_writes() -> None:
    values = (ChartValue("a", "1", 1.0), ChartValue("b", "2", 2.0), ChartValue("a", "3", 3.0))
    assert chart_of_values(*values).to_dict()["values"] == {"a": "1", "b": "2", "a (2)": "3"}
    assert chart_of_values(*values[:2], name="S").to_dict()["values"] == {"S": {"a": "1", "b": "2"}}


def test_csv_has_a_row_for_each_value() -> None:
    assert rows_of(CHART.to_csv()) == [
        list(COLUMNS),
        ["2019", "Jan", "1234", "", "1,234", "sales.png", "1"],
        ["2019", "Feb", "5", "$", "$5", "sales.png", "1"],
        ["2020", "Feb", "", "", "n/a", "sales.png", "1"],
    ]
    assert rows_of(FAILED.to_csv()) == [list(COLUMNS)]


@pytest.mark.parametrize(
    "label", ["=1+1", "+1+1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-3+cmd|' /C calc'!A0"]
)
def test_no_cell_of_csv_is_a_formula(label: str) -> None:
    (_, row) = rows_of(chart_of_values(ChartValue(label, "1", 1.0)).to_csv())
    assert row[1] == f"'{label}"


@pytest.mark.parametrize("printed", ["-3", "+5%", "-1,234.5", "−3", "5"])
def test_numbers_with_a_sign_stay_as_they_are_in_csv(printed: str) -> None:
    (_, row) = rows_of(chart_of_values(ChartValue("a", printed, 1.0)).to_csv())
    assert row[4] == printed


@given(NASTY, NASTY)
def test_csv_gives_back_what_was_read(label: str, printed: str) -> None:
    (_, row) = rows_of(chart_of_values(ChartValue(label, printed, None)).to_csv())
    assert row[1] in (label, f"'{label}")
    assert row[4] in (printed, f"'{printed}")


def test_markdown_has_titles_a_table_and_the_reliability() -> None:
    assert CHART.to_markdown() == (
        "# Sales\n\n*Tonnes*\n\n"
        "| Month | 2019 | 2020 |\n| --- | ---: | ---: |\n| Jan | 1,234 |  |\n| Feb | <mark>$5</mark> | n/a |\n\n"
        "Source: Office\n\n"
        f"Reliable (0.93): {SURE.reason}.\n"
    )


def test_a_series_without_a_name_is_headed_by_the_axis() -> None:
    value = ChartValue("a", "1", 1.0)
    assert "\n\n| Month | Tonnes |\n" in chart_of_values(value).to_markdown()
    plain = replace(chart_of_values(value), x_title=None, y_title=None, title=None)
    assert plain.to_markdown().startswith("# Chart on page 1 of sales.png\n\n|  | value |\n")


def test_a_label_that_comes_twice_gets_two_rows() -> None:
    text = chart_of_values(ChartValue("a", "1", 1.0), ChartValue("a", "2", 2.0)).to_markdown()
    assert "| a | 1 |\n| a | 2 |" in text


@given(SHOWN, SHOWN, SHOWN)
def test_markdown_shows_texts_as_they_are(title: str, name: str, label: str) -> None:
    chart = replace(chart_of_values(ChartValue(label, "1", 1.0), name=name), title=title)
    html = MarkdownIt("commonmark").enable("table").render(chart.to_markdown())
    body = ElementTree.fromstring(f"<div>{html}</div>")
    assert len(body.findall(".//h1")) == 1
    assert len(body.findall(".//tbody/tr")) == 1
    assert len(body.findall(".//th")) == len(body.findall(".//td")) == 2


def test_a_chart_that_is_not_as_sure_as_asked_is_marked() -> None:
    doubtful = replace(CHART, min_confidence=0.95)
    assert doubtful.doubtful
    assert f"**Reliable (0.93), less than the 0.95 that was asked for: {SURE.reason}.**" in doubtful.to_markdown()
    assert 'class="note doubtful"' in doubtful.to_html()
    assert not replace(CHART, min_confidence=0.93).doubtful
    assert replace(FAILED, min_confidence=0.01).doubtful
    assert not FAILED.doubtful


def test_a_chart_that_could_not_be_read_leaves_a_line() -> None:
    line = "the chart on page 2 of sales.png could not be read: no chart was found: the answer is empty"
    assert FAILED.to_markdown() == f"\\[{line}\\]\n"
    assert f'<p class="failed">[{line}]</p>' in FAILED.to_html()


@given(NASTY, NASTY)
def test_html_shows_texts_as_they_are(title: str, label: str) -> None:
    chart = replace(chart_of_values(ChartValue(label, "<i>", None)), title=title)
    html = chart.to_html()
    assert html.count("<") == replace(
        chart, title="x", series=(Series(None, (ChartValue("a", "b", None),)),)
    ).to_html().count("<")
    assert "&lt;i&gt;" in html


def test_several_charts_go_into_one_file() -> None:
    charts = [CHART, FAILED, replace(CHART, page=3)]
    assert len(json.loads(render_charts(charts, "json"))) == 3
    assert [row[6] for row in rows_of(render_charts(charts, "csv").decode())[1:]] == ["1"] * 3 + ["3"] * 3
    assert render_charts(charts, "markdown").decode().count("# Sales") == 2
    assert render_charts(charts, "html").decode().count("<section>") == 3


@pytest.mark.parametrize("format", CHART_SUFFIXES)
def test_names_that_are_no_utf8_are_written_all_the_same(format: str) -> None:
    assert render_charts([replace(CHART, file="a\udcff.png", title=None)], format)  # type: ignore[arg-type]


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown format 'docx'; expected one of markdown, json, csv, html, vega-lite"):
        render_charts([CHART], "docx")  # type: ignore[arg-type]  # the point


def test_a_frame_has_tidy_columns() -> None:
    pytest.importorskip("pandas")
    frame = CHART.to_frame()
    assert list(frame.columns) == ["series", "label", "value", "unit", "printed"]
    assert frame["value"].tolist()[:2] == [1234.0, 5.0]
    assert frame["value"].isna().tolist() == [False, False, True]
    assert len(FAILED.to_frame()) == 0


def test_a_plot_is_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    nasty = replace(CHART, title="$a_b$ \\frac", y_title="_x", series=(*CHART.series, Series("_", ())))
    for name in ("plot.png", "plot.svg"):
        assert nasty.plot(tmp_path / name) == tmp_path / name
        assert (tmp_path / name).stat().st_size > 1000
    with pytest.raises(ValueError, match="a chart without numbers cannot be drawn: page 2 of sales"):
        FAILED.plot(tmp_path / "none.png")
    with pytest.raises(OutputError, match="cannot write"):
        CHART.plot(tmp_path / "missing" / "plot.png")


@pytest.mark.parametrize("library", ["pandas", "matplotlib"])
def test_a_missing_library_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingToolError, match=rf"{library} is not installed; pip install 'ocr2\[charts\]'"):
        _ = CHART.to_frame() if library == "pandas" else CHART.plot(tmp_path / "plot.png")
