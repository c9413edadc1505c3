"""Rows of slowperception-nano's training: what is taught is what tracing will see."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.grammar import split_segment
from ocr2.slowperception.nano.keypoints import CIRCLE, END, MARKS, Signs
from ocr2.slowperception.nano.output_language import (
    DIRECTIONS,
    FIRST_DIRECTION,
    FIRST_KEYPOINT,
    IDS,
    RULERS,
    Sketch,
    SketchCircle,
    read_sketch,
    sketch_strokes,
)
from ocr2.slowperception.nano.reader import NanoTracer, Sight
from ocr2.slowperception.nano.texts import STEP, merge_text_boxes
from ocr2.synth.geometry.records import FigureRecord
from ocr2.synth.geometry.targets import (
    ends_of,
    false_circle,
    false_end,
    keypoint_cells,
    letter_cells,
    mark_cells,
    rounds_of,
    stroke_cells,
    text_cells,
    writing_cells,
)
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
    score_frozen,
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
# The same with what textbooks have besides.
TEXTBOOK: FigureRecord = {
    **RECORD,
    "style": "textbook",
    "arcs": [[2.0, 3.0, 4.0, 0.0, 90.0]],
    "arrows": [[6.0, -3.0], [0.0, 5.0]],
    "marks": [
        ["square", 1, 0.5, -2.5, 1.0, -3.0, 0.0, 5.0, 6.0, -3.0],
        ["tick", 3, -3.0, 1.0, -6.0, -3.0, 0.0, 5.0],
    ],
    "texts": [
        ["A", "point", -7.0, -4.0, -6.0, -3.2, -6.0, -3.0],
        ["12 cm", "side", -1.5, -4.5, 2.5, -3.5, -6.0, -3.0, 6.0, -3.0],
    ],
}


def figure(record: FigureRecord, *, colour: bool = False) -> Drawn[FigureRecord]:
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3) if colour else (96, 96), np.uint8)
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


def test_cells_tell_of_marks() -> None:
    cells = mark_cells(TEXTBOOK, 48, MARKS)
    assert cells.shape == (48, 48)
    assert sorted(cells[cells > 0].tolist()) == [1 + MARKS.index(("square", 1)), 1 + MARKS.index(("tick", 3))]
    assert cells[int((10 + 2.5) / 20 * 48), int(10.5 / 20 * 48)] == 1
    assert mark_cells(RECORD, 48, MARKS).max() == 0
    assert mark_cells({**TEXTBOOK, "marks": [["tick", 1, 99.0, 1.0]]}, 48, MARKS).max() == 0  # outside of the picture
    with pytest.raises(ValueError, match="not in tuple"):
        mark_cells({**TEXTBOOK, "marks": [["tick", 7, 0.0, 0.0]]}, 48, MARKS)


def test_cells_tell_of_writing_and_heads_of_arrows() -> None:
    texts, arrows = np.moveaxis(writing_cells(TEXTBOOK, 40), -1, 0)  # cells of half a unit
    rows, columns = np.nonzero(texts)
    inside = {(-10 + (c + 0.5) / 2, 10 - (r + 0.5) / 2) for r, c in zip(rows.tolist(), columns.tolist(), strict=True)}
    assert len(inside) == 2 * 2 + 8 * 2
    assert all((-7 < x < -6 and -4 < y < -3) or (-1.5 < x < 2.5 and -4.5 < y < -3.5) for x, y in inside)
    assert {(-10 + c / 2, 10 - r / 2) for r, c in zip(*(v.tolist() for v in np.nonzero(arrows)), strict=True)} == {
        (6.0, -3.0), (0.0, 5.0),
    }  # fmt: skip
    assert writing_cells(RECORD, 40).max() == 0
    edge: FigureRecord = {**TEXTBOOK, "texts": [["x", "free", -12.0, 9.4, -9.4, 12.0]], "arrows": [[10.0, 0.0]]}
    assert np.argwhere(writing_cells(edge, 40)).tolist() == [[0, 0, 0]]  # none beyond the picture
    beyond: FigureRecord = {**TEXTBOOK, "texts": [["x", "free", -12.0, 3.0, -10.6, 3.1]], "arrows": []}
    assert np.argwhere(writing_cells(beyond, 40)).tolist() == [[14, 0, 0]]  # one cell, not a row


def test_cells_tell_of_the_sides_of_their_writing() -> None:
    cells = text_cells(TEXTBOOK, 40)  # of half a unit
    is_writing = writing_cells(TEXTBOOK, 40)[..., 0] > 0
    assert (cells[~is_writing] == 0).all()
    rows, columns = np.nonzero(is_writing)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        left, top, right, bottom = cells[row, column].tolist()
        box = (column + 0.5 - left) / 2 - 10, 10 - (row + 0.5 + bottom) / 2, (column + 0.5 + right) / 2 - 10
        assert box == pytest.approx((-7, -4, -6) if column < 10 else (-1.5, -4.5, 2.5), abs=1e-5)
        assert 10 - (row + 0.5 - top) / 2 == pytest.approx(-3.2 if column < 10 else -3.5, abs=1e-5)
    inner: FigureRecord = {**TEXTBOOK, "texts": [["x", "free", -1, -1, 0, 0], ["all", "free", -4, -4, 4, 4]]}
    assert text_cells(inner, 40)[21, 19, 0] == pytest.approx(1.5)  # the smaller box's, whatever their order


def test_boxes_that_cells_are_taught_are_the_boxes_that_are_read() -> None:
    sides = np.arcsinh(text_cells(TEXTBOOK, 48) / STEP)
    found = merge_text_boxes(writing_cells(TEXTBOOK, 48)[..., 0], sides, threshold=0.5)
    assert sorted(found) == [
        pytest.approx((-7, -4, -6, -3.2), abs=1e-3),
        pytest.approx((-1.5, -4.5, 2.5, -3.5), abs=1e-3),
    ]


def test_arcs_are_round_like_circles_as_far_as_they_go() -> None:
    assert rounds_of(TEXTBOOK) == [(0.0, -0.5, 2.5, 0.0, 360.0), (2.0, 3.0, 4.0, 0.0, 90.0)]
    assert rounds_of(RECORD) == [(0.0, -0.5, 2.5, 0.0, 360.0)]
    more = keypoint_cells(TEXTBOOK, 48)[..., 1] - keypoint_cells(RECORD, 48)[..., 1]
    rows, columns = np.nonzero(more)
    x, y = 20 * (columns + 0.5) / 48 - 10, 10 - 20 * (rows + 0.5) / 48
    assert len(x) > 12
    assert np.abs(np.hypot(x - 2, y - 3) - 4).max() < 0.31
    assert min(x.min() - 2, y.min() - 3) > -0.5


@pytest.mark.parametrize("record", [RECORD, TEXTBOOK])
def test_false_things_lie_in_the_picture(record: FigureRecord) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        assert max(map(abs, false_end(record, rng))) < 12
        assert 0 < false_circle(record, rng)[2] <= 10


def test_arcs_are_keypoints_too(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch)
    keypoints, _, circles = noisy_keypoints(TEXTBOOK, np.random.default_rng(0))
    assert [(keypoints[i].place, keypoints[i].radius) for i in circles] == [((0, -0.5), 2.5), ((2, 3), 4)]


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


def test_losses_of_a_textbook_figure_are_finite_and_reach_every_head() -> None:
    torch.manual_seed(0)
    model = TrainedNano()
    batch = make_batch([figure(TEXTBOOK, colour=True), figure(RECORD)], np.random.default_rng(0))
    assert batch.ink.shape == (2, 1, 384, 384)
    assert batch.cell_marks.amax(dim=(1, 2)).tolist() == [1 + MARKS.index(("tick", 3)), 0]
    assert (batch.cell_writing.sum(dim=(1, 2)) > 0).tolist() == [[True, True], [False, False]]
    losses = batch_losses(model, batch)
    assert {"marks", "writing", "arrows", "sides", "letters", "round"} <= set(losses)
    assert all(math.isfinite(float(loss.detach())) and float(loss.detach()) > 0 for loss in losses.values())
    torch.stack([losses[name] for name in ("marks", "writing", "arrows", "sides")]).sum().backward()  # type: ignore[no-untyped-call]
    for head in (model.nano.mark_head, model.nano.writing_head, model.nano.text_head):
        assert head.weight.grad is not None
        assert float(head.weight.grad.abs().max()) > 0


def test_the_truth_of_a_textbook_figure_scores_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its arc counts as a circle; the wrong radius does not."""
    quiet(monkeypatch)
    off = 0.0

    def trace_inks(tracer: NanoTracer, inks: Sequence[torch.Tensor], *, ruler: float) -> list[Sight]:
        keypoints, joined, circles = noisy_keypoints(TEXTBOOK, np.random.default_rng(0))
        moved = [replace(k, radius=k.radius + off * (k.radius == 4)) for k in keypoints]
        strokes = sketch_strokes(joined, [k.place for k in keypoints], ruler)
        sketch = Sketch(tuple(strokes), tuple(SketchCircle(i) for i in circles))
        none = np.zeros((len(keypoints),) * 2, np.float32)
        return [Sight(sketch, moved, Signs([], [], [], []), none, "end", ruler)] * len(inks)

    monkeypatch.setattr(NanoTracer, "trace_inks", trace_inks)
    nano = TrainedNano().nano
    scores = score_frozen(nano, [figure(TEXTBOOK, colour=True)])
    assert scores == {
        "ends_inf_0.5": 100, "ends_inf_0.25": 100, "ends_4_0.5": 100, "ends_4_0.25": 100,
        "circles_inf": 100, "circles_4": 100,
    }  # fmt: skip
    off = 1.0
    assert score_frozen(nano, [figure(TEXTBOOK, colour=True)])["circles_inf"] == pytest.approx(50)
