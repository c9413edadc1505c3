"""Rows of onechart-nano's training: what is taught is what reading will see."""

from typing import Any

import numpy as np

from ocr2.onechart.nano_model import NOWHERE
from ocr2.onechart.sketch import FIRST_CHARACTER, FIRST_LINE, IDS, read_sketch
from ocr2.synth.charts.targets import lines_of, sketch_of
from ocr2.train.onechart_nano import make_row, normalised
from ocr2.train.text_finder import SIDE, count_hits, crop_with_target

RECORD: dict[str, Any] = {
    "width": 200,
    "height": 100,
    "kind": "bar",
    "arrangement": "single",
    "printed": True,
    "numeric_labels": False,
    "series": [{"name": None, "line": False, "second": False, "values": [3.0, None, 9.0]}],
    "texts": [
        {"text": t, "x": x, "y": y, "width": 20.0, "height": 8.0, "angle": 0.0, "role": role, "series": s, "index": i}
        for t, x, y, role, s, i in (
            ("Sales", 100, 8, "title", -1, -1),
            ("a", 50, 92, "label", -1, 0),
            ("b", 100, 92, "label", -1, 1),
            ("c", 150, 92, "label", -1, 2),
            ("3", 50, 60, "value", 0, 0),
        )
    ],
    "points": [
        {"series": 0, "index": i, "x": x, "y": y, "base_x": x, "base_y": 80.0}
        for i, x, y in ((0, 50.0, 64.0), (2, 150.0, 31.25))
    ],
}


def test_a_row_holds_the_sketch_and_the_places_of_its_lines() -> None:
    ids, places, start, roles, numbers = make_row(RECORD, None)
    assert len(ids) == len(places)
    assert ids[start] == IDS["number"]
    assert read_sketch(ids[start:]) == sketch_of(RECORD, lines_of(RECORD))
    prompt = {i: p for i, p in zip(ids[:start], places[:start], strict=True) if FIRST_LINE <= i < FIRST_CHARACTER}
    answer = [(i, p) for i, p in zip(ids[start:], places[start:], strict=True) if FIRST_LINE <= i < FIRST_CHARACTER]
    assert answer
    assert all(place == prompt[i] != NOWHERE for i, place in answer)
    assert [ids[at] for at, _ in roles] == list(prompt)
    assert numbers.tolist() == [0.0, 1.0]


def test_a_printed_value_is_named_and_a_silent_one_has_a_place() -> None:
    (series,) = sketch_of(RECORD, lines_of(RECORD)).series
    assert [type(point.value) for point in series.points] == [int, float]
    assert series.points[1].value == 0.3125


def test_line_numbers_may_begin_anywhere() -> None:
    ids, _, start, _, _ = make_row(RECORD, np.random.default_rng(5))
    named = {i for i in ids[start:] if FIRST_LINE <= i < FIRST_CHARACTER}
    assert named <= {i for i in ids[:start] if FIRST_LINE <= i < FIRST_CHARACTER}


def test_values_that_say_nothing_are_left_out() -> None:
    assert np.isnan(normalised([5.0])).all()
    assert np.isnan(normalised([5.0, 5.0])).all()
    assert normalised([2.0, 4.0, 3.0]).tolist() == [0.0, 1.0, 0.5]


def test_a_crop_has_cores_of_its_lines() -> None:
    pixels = np.full((100, 200, 3), 255, np.uint8)
    ink, target = crop_with_target(pixels, RECORD, np.random.default_rng(1))
    assert ink.shape == (3, SIDE, SIDE)
    assert target.shape == (3, SIDE // 2, SIDE // 2)
    assert 0 < target[0].mean() < 0.2
    assert (target[1][target[0] > 0] == 1).all()


def test_hits_are_lines_found_by_half() -> None:
    right = [(90.0, 4.0, 110.0, 12.0), (40.0, 88.0, 60.0, 96.0), (0.0, 0.0, 5.0, 5.0)]
    assert count_hits(right, RECORD) == 2
    assert count_hits([], RECORD) == 0
