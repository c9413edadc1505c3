"""Drawn charts: whatever the renderer, the truth is where the pixels are, and the sketch says the whole answer."""

import json
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr2.metrics.chart_records import ChartPair
from ocr2.metrics.charts import score_charts
from ocr2.onechart.nano.answer import AnswerBuilder
from ocr2.onechart.nano.data_points import MAX_POINTS
from ocr2.onechart.nano.output_language import Sketch, SketchPoint, SketchSeries, read_sketch, write_sketch
from ocr2.onechart.nano.text_lines import MAX_LINES
from ocr2.synth.charts.content import NumberStyle
from ocr2.synth.charts.engine import ChartEngine, ChartSample, Renderer
from ocr2.synth.charts.sampler import ContentSampler
from ocr2.synth.charts.scale import nice_axis
from ocr2.synth.charts.tables import parse_table
from ocr2.synth.charts.targets import cell_targets, lines_of, points_of, sketch_of
from ocr2.synth.charts.words import Words
from ocr2.synth.fonts import FontLibrary
from ocr2.synth.groups import read_group, write_group

RENDERERS: tuple[Renderer, ...] = ("fast", "matplotlib", "vega-lite")
CHARTS = 6  # of each renderer

WORDS = Words(
    {"country": tuple(f"Land {i}" for i in range(40)), "person": tuple(f"Name {i}" for i in range(40))},
    tuple(f"words and more {i}" for i in range(60)),
)


@pytest.fixture(scope="module")
def fonts() -> FontLibrary:
    return FontLibrary.find([Path(matplotlib.get_data_path()) / "fonts" / "ttf"], held_out=False)


@pytest.fixture(scope="module", params=RENDERERS)
def samples(request: pytest.FixtureRequest, fonts: FontLibrary) -> list[ChartSample]:
    engine = ChartEngine(ContentSampler(WORDS, []), fonts, held_out=False, shares={request.param: 1.0})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [engine.draw(np.random.default_rng([7, i])) for i in range(CHARTS)]


def test_a_seed_is_a_chart(fonts: FontLibrary) -> None:
    engine = ChartEngine(ContentSampler(WORDS, []), fonts, held_out=False, shares={"fast": 1.0})
    first, second = (engine.draw(np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.record == second.record


def test_writing_has_ink_where_the_truth_says(samples: list[ChartSample]) -> None:
    for sample in samples:
        for row in sample.record["texts"]:
            if row["angle"] == 0:
                x, y, w, h = (row[k] for k in ("x", "y", "width", "height"))
                part = sample.pixels[
                    max(0, int(y - h / 2)) : int(y + h / 2) + 2, max(0, int(x - w / 2)) : int(x + w / 2) + 2
                ]
                assert np.ptp(part.astype(int), axis=(0, 1)).max() > 15, row


def test_the_sketch_with_the_true_writing_gives_the_answer(samples: list[ChartSample]) -> None:
    """Within the high tolerance: silent values are measured, their prints are rounded."""
    pairs = []
    for sample in samples:
        record = sample.record
        if record["log"] or not (record["printed"] or any(t["role"] == "tick" for t in record["texts"])):
            continue
        lines = lines_of(record)
        marks, owners = points_of(record, 48)
        sketch = read_sketch(write_sketch(sketch_of(record, lines, owners, len(lines))[0]))
        answer = AnswerBuilder(sketch, [line.text for line in lines], marks, sample.pixels).answer()
        assert answer["title"] == record["answer"]["title"]
        pairs.append(ChartPair("", record["answer"], answer))
    assert pairs
    assert score_charts(pairs).average_precision("high") > 0.6


def test_dense_targets_mark_every_value(samples: list[ChartSample]) -> None:
    for sample in samples:
        roles, marks = cell_targets(sample.record, 48)
        places = {
            (int(p["y"] / sample.record["height"] * 48), int(p["x"] / sample.record["width"] * 48))
            for p in sample.record["points"]
        }
        assert {(int(a), int(b)) for a, b in np.argwhere(marks[..., 0] > 0)} == {p for p in places if max(p) < 48}
        assert roles.any()


def test_a_group_is_read_as_it_was_written(samples: list[ChartSample], tmp_path: Path) -> None:
    write_group(tmp_path / "group-00000.npz", samples)
    assert [record for _, record in read_group(tmp_path / "group-00000.npz")] == [s.record for s in samples]


keypoints = st.integers(0, MAX_LINES + MAX_POINTS - 1)
points = st.builds(SketchPoint, st.lists(keypoints, min_size=1, max_size=3).map(tuple), keypoints)
series = st.builds(
    SketchSeries,
    st.lists(keypoints, max_size=2).map(tuple),
    st.lists(points, max_size=4).map(tuple),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(series, max_size=3), st.lists(keypoints, min_size=1, max_size=4))
def test_reading_undoes_writing(parts: list[SketchSeries], title: list[int]) -> None:
    sketch = Sketch("line", "single", {"title": tuple(title)}, tuple(parts))
    assert read_sketch(write_sketch(sketch)) == sketch


@given(st.lists(st.integers(0, 600)))
def test_any_ids_are_understood_somehow(ids: list[int]) -> None:
    answer = json.loads(AnswerBuilder(read_sketch(ids), [], [(0.5, 0.5)], np.zeros((9, 9, 3), np.uint8)).to_json())
    assert isinstance(answer["values"], dict)


@pytest.mark.parametrize(
    ("style", "value", "shown"),
    [
        (NumberStyle(0), -0.4, "0"),
        (NumberStyle(2, ","), 1234567.891, "1,234,567.89"),
        (NumberStyle(1, suffix="%"), 60.49, "60.5%"),
        (NumberStyle(0, " ", "€"), -12345, "-€12 345"),
    ],
)
def test_numbers_are_printed_in_their_style(style: NumberStyle, value: float, shown: str) -> None:
    assert style.show(value) == shown


@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=9), st.integers(3, 9), st.booleans()
)
def test_an_axis_holds_all_values_between_its_ends(values: list[float], count: int, from_zero: bool) -> None:
    axis = nice_axis(values, count=count, from_zero=from_zero)
    assert all(-1e-6 <= axis.share(v) <= 1 + 1e-6 for v in values)
    assert len(axis.ticks) >= 2


def test_a_table_is_cut_to_labels_and_numbers() -> None:
    table = parse_table("t.csv", "id,city,x,note\n1,Rome,2.5,a\n2,Oslo,3,a\n3,Bonn,4,b\n4,Bern,5,b\n")
    assert table is not None
    assert table.labels == ("Rome", "Oslo", "Bonn", "Bern")
    assert "x" in table.names
    assert parse_table("t.csv", "a,b\nx,y\n") is None
