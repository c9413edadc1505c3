"""Rows of slowperception-nano's training: what is taught is what tracing will see."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.grammar import split_segment
from ocr2.slowperception.nano.keypoints import CIRCLE, END
from ocr2.slowperception.nano.output_language import (
    DIRECTIONS,
    FIRST_DIRECTION,
    FIRST_KEYPOINT,
    IDS,
    RULERS,
    read_sketch,
)
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.targets import ends_of, false_circle, false_end, keypoint_cells, letter_cells, stroke_cells
from ocr2.train import slowperception_nano as training
from ocr2.train.__main__ import main as train
from ocr2.train.initialise import start_from
from ocr2.train.pointing import IGNORE
from ocr2.train.pools import Drawn
from ocr2.train.slowperception_nano import (
    TrainedNano,
    answer_losses,
    batch_losses,
    make_batch,
    noisy_keypoints,
)

# A triangle with a line from its top to its base, and a circle.
RECORD: FigureRecord = {
    "scene": "tri",
    "segments": [[-6, -3, 6, -3], [-6, -3, 0, 5], [0, 5, 6, -3], [0, 5, 1, -3]],
    "dashed": [False] * 4,
    "circles": [[0.0, -0.5, 2.5]],
    "letters": [["A", -6, -3, -6.5, -3.5], ["Z", 0, 5, 0, 5.6]],
    "signs": 0,
    "side": 96,
    "width": 1.0,
    "wobble": 0.0,
}


def figure(record: FigureRecord) -> Drawn[FigureRecord]:
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96), np.uint8)
    return cv2.imencode(".png", pixels)[1].ravel(), record


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be dropped, moved or made up."""
    for name in ("JITTER", "DROPPED", "FALSE_KEYPOINTS", "LONELY_KEYPOINTS", "FALSE_CIRCLES"):
        monkeypatch.setattr(training, name, 0.0)


def test_ends_are_counted_once() -> None:
    ends, pairs = ends_of(RECORD)
    assert ends == [(-6, -3), (6, -3), (0, 5), (1, -3)]
    assert pairs == [(0, 1), (0, 2), (2, 1), (2, 3)]


def test_cells_tell_of_ends_round_ink_strokes_and_letters() -> None:
    keypoints = keypoint_cells(RECORD, 48)
    rows, columns = np.nonzero(keypoints[..., 0])
    places = {
        (20 * (c + keypoints[r, c, 2]) / 48 - 10, 10 - 20 * (r + keypoints[r, c, 3]) / 48)
        for r, c in zip(rows, columns, strict=True)
    }
    assert {(round(float(x), 3), round(float(y), 3)) for x, y in places} == {
        tuple(map(float, e)) for e in ends_of(RECORD)[0]
    }
    y, x = np.nonzero(keypoints[..., 1])
    off = np.hypot(20 * (x + 0.5) / 48 - 10, 10 - 20 * (y + 0.5) / 48 + 0.5) - 2.5
    assert len(off) > 30
    assert np.abs(off).max() < 0.31
    strokes = stroke_cells(RECORD, 48)
    assert strokes[31, 24, 0] == 1  # the base
    assert strokes[31, 14, 1:] == pytest.approx([1.0, 0.0], abs=1e-6)
    letters = letter_cells(RECORD, 48)
    assert sorted(letters[letters > 0]) == [1, 26]
    assert letters[int((10 - 5.6) / 20 * 48), 24] == 26


def test_false_things_lie_in_the_picture() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        assert max(map(abs, false_end(RECORD, rng))) < 12
        assert 0 < false_circle(RECORD, rng)[2] <= 10


def test_things_are_numbered_in_order_and_segments_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    keypoints, joined, circles = noisy_keypoints(RECORD, np.random.default_rng(0))
    assert [(t.place, t.kind) for t in keypoints] == [
        ((-6, -3), END), ((0, -0.5), CIRCLE), ((0, 5), END), ((1, -3), END), ((6, -3), END),
    ]  # fmt: skip
    assert sorted(map(tuple, map(sorted, joined))) == [(0, 2), (0, 4), (2, 3), (2, 4)]
    assert circles == [1]


def test_noise_moves_drops_and_adds() -> None:
    rng = np.random.default_rng(0)
    counts, moved = [], []
    for _ in range(300):
        keypoints, joined, circles = noisy_keypoints(RECORD, rng)
        counts.append(len(keypoints))
        assert all(keypoints[i].kind == END for pair in joined for i in pair)
        assert all(keypoints[i].kind == CIRCLE for i in circles)
        moved += [math.dist(keypoints[i].place, (0, -0.5)) for i in circles]
    assert min(counts) < 5 < max(counts)
    assert 0.01 < float(np.mean(moved)) < 0.1


def test_a_batch_teaches_the_sketch_behind_picture_things_and_ruler(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    config = PRESETS["slowperception-nano"]
    image = config.num_image_tokens
    bare: FigureRecord = {**RECORD, "segments": [], "dashed": [], "circles": [], "letters": []}
    batch = make_batch([figure(RECORD), figure(bare)], np.random.default_rng(3))
    assert batch.valid.tolist() == [[True] * 5, [False] * 5]
    for i, (keypoints, segments) in enumerate(((5, 4), (0, 0))):
        taught = (batch.labels[i] != IGNORE).nonzero()[:, 0]
        start = image + keypoints
        assert taught[0] == start  # where the ruler is read
        assert batch.sources[i, :start].tolist() == list(range(start))
        ids = batch.labels[i][taught].tolist()
        assert ids[-1] == IDS["end"]
        ruler = RULERS[int(batch.answers[i, 0]) - IDS["ruler inf"]]
        sketch = read_sketch(ids)
        assert (len(sketch.strokes), len(sketch.circles)) == (segments, keypoints // 5)
        for stroke in sketch.strokes:
            ends = [tuple((batch.places[i, n] * 20 - 10).tolist()) for n in (stroke.start, stroke.end)]
            places = [(x, -y) for x, y in ends]
            assert len(stroke.directions) == len(split_segment(places[0], places[1], ruler)) - 2
            way = math.atan2(places[1][1] - places[0][1], places[1][0] - places[0][0])
            assert all(abs(direction - way) < math.pi / DIRECTIONS for direction in stroke.directions)
        for place, token in zip(taught[1:].tolist(), ids[:-1], strict=True):  # what was written is read on
            source = int(batch.sources[i, place])
            if token >= FIRST_KEYPOINT:
                assert source == image + token - FIRST_KEYPOINT
            else:
                assert batch.answers[i, source - image - batch.valid.shape[1]] == token
    assert batch.joined[0].sum() == 8


def test_a_direction_that_is_nearly_right_is_nearly_as_good() -> None:
    wanted = torch.tensor([FIRST_DIRECTION + 80, IDS["end"]])
    losses = []
    for number in (80, 81, 120):
        logits = torch.zeros(2, FIRST_KEYPOINT + 4)
        logits[0, FIRST_DIRECTION + number] = 8
        logits[1, IDS["end"]] = 20
        losses.append(answer_losses(logits, wanted))
    assert losses[0]["directions"] < losses[1]["directions"] < losses[2]["directions"] - 0.5
    assert all(float(loss["answer"]) < 1e-4 for loss in losses)


def test_a_batch_is_learnt_and_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = TrainedNano()
    batch = make_batch([figure(RECORD)] * 2, np.random.default_rng(0))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(4):
        loss = torch.stack(list(batch_losses(model, batch).values())).sum()
        losses.append(float(loss.detach()))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    assert losses[-1] < losses[0]
    state = tmp_path / "state.pt"
    torch.save({"model": {}, "optimizer": {"average": model.state_dict()}, "buffers": {}}, state)
    other = TrainedNano()
    start_from(other, state, shipped=other.nano)
    assert torch.equal(other.nano.letter_head.weight, model.nano.letter_head.weight)
    out = tmp_path / "nano.safetensors"
    train(["slowperception-nano", "export", str(state), str(out)])
    assert out.stat().st_size < 12 * 2**20


def test_figures_without_directions_teach_none() -> None:
    logits = torch.zeros(1, FIRST_KEYPOINT + 4)
    logits[0, -1] = -torch.inf  # a keypoint that is not there
    losses = answer_losses(logits, torch.tensor([IDS["end"]]))
    assert float(losses["directions"]) == 0.0
    assert math.isfinite(float(losses["answer"]))
