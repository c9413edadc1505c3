"""Rows of onechart-nano's training: what is taught is what reading will see."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ocr2.onechart.config import PRESETS
from ocr2.onechart.nano.network import ChartNano
from ocr2.onechart.nano.output_language import FIRST_ELEMENT, IDS, read_sketch
from ocr2.synth.charts.content import Kind
from ocr2.synth.charts.records import ChartRecord, PointRecord, SeriesRecord, TextRecord
from ocr2.synth.charts.rendered import Role
from ocr2.synth.charts.targets import lines_of, link_values, points_of, sketch_of
from ocr2.train import onechart_nano as training
from ocr2.train.initialise import take_encoder
from ocr2.train.onechart_nano import TrainedNano, batch_losses, make_batch, noisy_points, normalised
from ocr2.train.pointing import IGNORE
from ocr2.train.pools import Drawn
from ocr2.train.text_finder import SIDE, count_hits, crop_with_target


def line(text: str, x: float, y: float, role: Role, series: int, index: int) -> TextRecord:
    return {
        "text": text, "x": x, "y": y, "width": 20.0, "height": 8.0, "angle": 0.0, "role": role, "series": series,
        "index": index,
    }  # fmt: skip


def point(series: int, index: int, x: float, y: float, base: tuple[float, float]) -> PointRecord:
    return {"series": series, "index": index, "x": x, "y": y, "base_x": base[0], "base_y": base[1]}


RECORD: ChartRecord = {
    "width": 200,
    "height": 100,
    "renderer": "fast",
    "kind": "bar",
    "arrangement": "single",
    "printed": True,
    "log": False,
    "numeric_labels": False,
    "labels": ["a", "b", "c"],
    "series": [{"name": None, "line": False, "second": False, "values": [3.0, None, 9.0]}],
    "answer": {
        "title": "Sales",
        "source": "None",
        "x_title": "None",
        "y_title": "None",
        "values": {"a": "3", "c": "9"},
    },
    "texts": [
        line("Sales", 100, 8, "title", -1, -1),
        line("a", 50, 92, "label", -1, 0),
        line("b", 100, 92, "label", -1, 1),
        line("c", 150, 92, "label", -1, 2),
        line("3", 50, 60, "value", 0, 0),
    ],
    "points": [point(0, 0, 50.0, 62.5, (50.0, 80.0)), point(0, 2, 150.0, 31.25, (150.0, 80.0))],
}


def chart(record: ChartRecord) -> Drawn[ChartRecord]:
    pixels = np.random.default_rng(0).integers(0, 256, (record["height"], record["width"], 3), np.uint8)
    return cv2.imencode(".png", pixels)[1].ravel(), record


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be dropped, moved or made up."""
    for name in (
        "DROPPED_LINES",
        "WRONG_LETTERS",
        "DROPPED_POINTS",
        "FALSE_POINTS",
        "POINT_JITTER",
        "LONELY_POINTS",
        "FALSE_LINES",
    ):
        monkeypatch.setattr(training, name, ((0.0, 1.0),) if name == "DROPPED_LINES" else 0.0)


def test_a_batch_teaches_the_sketch_behind_picture_and_things(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    bare: ChartRecord = {**RECORD, "texts": [], "numeric_labels": True}
    batch = make_batch([chart(RECORD), chart(bare)], np.random.default_rng(5))
    image, widest = PRESETS["onechart-nano"].num_image_tokens, batch.valid.shape[1]
    assert batch.valid.tolist() == [[True] * 7, [False] * 5 + [True] * 2]
    for i, (record, elements) in enumerate(((RECORD, 7), (bare, 2))):
        taught = (batch.labels[i] != IGNORE).nonzero()[:, 0]
        assert taught[0] == image + elements - 1  # the last position of the prompt
        ids = batch.labels[i][taught].tolist()
        assert ids[0] == IDS["number"]
        assert read_sketch(ids) == sketch_of(record, lines_of(record), points_of(record, 48)[1], 5)[0]
        shown = (image + batch.valid[i].nonzero()[:, 0]).tolist()
        assert batch.sources[i, : image + elements].tolist() == [*range(image), *shown]
        # What was written is read on: a word from where its element stands, anything else from the answer.
        for place, token in zip(taught[1:].tolist(), ids[:-1], strict=True):
            source = int(batch.sources[i, place])
            if token >= FIRST_ELEMENT:
                assert source == image + token - FIRST_ELEMENT
                assert batch.valid[i, token - FIRST_ELEMENT]
            else:
                assert batch.answers[i, source - image - widest] == token
    assert batch.numbers[0, :2].tolist() == [0.0, 1.0]


@given(st.integers(0, 2**32))
def test_moved_marks_stay_those_of_their_values(seed: int) -> None:
    places, owners = noisy_points(RECORD, 48, np.random.default_rng(seed))
    assert places == sorted(places, key=lambda p: (round(p[0] * 96), p[1]))
    for (_, index), number in owners.items():
        true = next(p for p in RECORD["points"] if p["index"] == index)
        assert places[number] == pytest.approx((true["x"] / 200, true["y"] / 100), abs=0.02)


def test_losses_of_a_batch_are_finite_and_teach_every_parameter() -> None:
    torch.manual_seed(0)
    model = TrainedNano()
    bare: ChartRecord = {**RECORD, "texts": []}
    losses = batch_losses(model, make_batch([chart(RECORD), chart(bare)], np.random.default_rng(5)))
    assert set(losses) == {"answer", "roles", "kin", "entries", "numbers", "cells", "marks", "offsets"}
    assert all(bool(loss.isfinite()) for loss in losses.values())
    torch.autograd.backward(list(losses.values()))
    silent = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert silent == []


def test_a_printed_value_is_its_line_and_a_silent_one_its_mark() -> None:
    marks, owners = points_of(RECORD, 48)
    assert marks == [(0.25, 0.625), (0.75, 0.3125)]
    (series,) = sketch_of(RECORD, lines_of(RECORD), owners, 5)[0].series
    printed, silent = series.points
    assert lines_of(RECORD)[printed.value].text.text == "3"
    assert silent.value == 5 + 1


def test_values_without_line_and_mark_are_left_out() -> None:
    (series,) = sketch_of(RECORD, lines_of(RECORD), {}, 5)[0].series
    assert len(series.points) == 1


def test_values_that_say_nothing_are_left_out() -> None:
    assert np.isnan(normalised([5.0])).all()
    assert np.isnan(normalised([5.0, 5.0])).all()
    assert normalised([2.0, 4.0, 3.0]).tolist() == [0.0, 1.0, 0.5]


def test_a_crop_has_cores_of_its_lines() -> None:
    pixels = np.full((100, 200, 3), 255, np.uint8)
    ink, target = crop_with_target(pixels, RECORD, np.random.default_rng(1))
    assert ink.shape == (3, SIDE, SIDE)
    assert target.shape == (4, SIDE // 2, SIDE // 2)
    assert 0 < target[0].mean() < 0.2
    assert (target[1][target[0] > 0] == 1).all()


def test_hits_are_lines_found_by_half() -> None:
    right = [(90.0, 4.0, 110.0, 12.0), (40.0, 88.0, 60.0, 96.0), (0.0, 0.0, 5.0, 5.0)]
    assert count_hits(right, RECORD) == 2
    assert count_hits([], RECORD) == 0


def two_series(kind: Kind) -> ChartRecord:
    """Return a chart of two series and two labels; the legend and the labels stand in the other order than the data."""
    texts = [
        line("second", 150, 5, "legend", 1, -1),
        line("first", 150, 20, "legend", 0, -1),
        line("a", 20, 80, "label", -1, 0),
        line("b", 20, 40, "label", -1, 1),
    ]
    points = [point(s, i, 50.0 + 10 * s, 80.0 - 40 * i - 4 * s, (0.0, 0.0)) for s in (0, 1) for i in (0, 1)]
    series: list[SeriesRecord] = [
        {"name": n, "line": False, "second": False, "values": [1.0 + s, 3.0 + s]} for s, n in enumerate("AB")
    ]
    return {**RECORD, "kind": kind, "arrangement": "grouped", "series": series, "texts": texts, "points": points}


def test_the_order_is_that_of_the_picture() -> None:
    record = two_series("hbar")
    lines = lines_of(record)
    sketch, values = sketch_of(record, lines, points_of(record, 48)[1], 4)
    words = [[lines[i].text.text for i in one.name] for one in sketch.series]
    assert words == [["second"], ["first"]]
    assert [[lines[p.label[0]].text.text for p in one.points] for one in sketch.series] == [["b", "a"], ["b", "a"]]
    assert values == [4.0, 2.0, 3.0, 1.0]


def test_values_know_their_label_and_their_entry_of_the_legend() -> None:
    record = two_series("hbar")
    lines = lines_of(record)
    _, owners = points_of(record, 48)
    kin = link_values(lines, owners, 4)
    assert len(kin) == 4
    for (series, index), number in owners.items():
        label, entry = kin[4 + number]
        assert (lines[label].text.text, lines[entry].text.text) == ("ab"[index], ("first", "second")[series])
    printed = link_values(lines_of(RECORD), {}, 5)
    (value,) = (i for i, line in enumerate(lines_of(RECORD)) if line.role == "value")
    assert set(printed) == {value}
    assert lines_of(RECORD)[printed[value][0]].text.text == "a"
    assert printed[value][1] == -1


def test_the_encoder_of_a_reader_of_grey_strips_is_taken_over() -> None:
    weights = Path(__file__).parents[2] / "got" / "assets" / "got-nano.safetensors"
    encoder = ChartNano(PRESETS["onechart-nano"]).multimodal.encoders[0]
    assert take_encoder(encoder, weights) == 61
    first = dict(encoder.named_parameters())["patch_embed.0.weight"]  # one colour's weights, shared out over three
    torch.testing.assert_close(first[:, 0], first[:, 2])
