"""Rows of vary-nano's training: candidates are what the cells tell, completed by what they miss."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ocr2.checkpoints.shipped import load_shipped
from ocr2.results.region import REGION_KINDS
from ocr2.synth.groups import decode_gray, write_group
from ocr2.synth.layouts.engine import LayoutSample
from ocr2.synth.layouts.records import Box, PageRecord, WindowRecord, regions_of
from ocr2.synth.layouts.targets import OTHER, region_boxes, region_kinds
from ocr2.synth.layouts.texts import TextWindow
from ocr2.train import vary_nano as training
from ocr2.train.__main__ import main as train
from ocr2.train.export import POINTING
from ocr2.train.initialise import take_encoder
from ocr2.train.pools import Drawn
from ocr2.train.vary_nano import (
    LayoutTask,
    TextAndLayout,
    batch_losses,
    cell_losses,
    complete,
    make_batch,
    make_windows,
    name_candidates,
    overlap_of,
)
from ocr2.vary.config import PRESETS
from ocr2.vary.nano.candidates import KINDS, Candidates
from ocr2.vary.nano.network import LayoutNano

RECORD: PageRecord = {
    "layout": "columns", "width": 64, "height": 96, "skew": 0.0,
    "regions": [["title", 8, 8, 56, 16], ["paragraph", 8, 20, 28, 80], ["chart", 34, 20, 58, 60]],
}  # fmt: skip


@pytest.fixture
def mini(monkeypatch: pytest.MonkeyPatch) -> LayoutNano:
    monkeypatch.setattr(training, "PRESETS", {"vary-nano": PRESETS["vary-nano-tiny"]})
    torch.manual_seed(0)
    return LayoutNano(PRESETS["vary-nano-tiny"])


@pytest.fixture
def both(mini: LayoutNano) -> TextAndLayout:
    model = TextAndLayout(mini.config)
    model.nano = mini
    return model


def window() -> Drawn[WindowRecord]:
    """Two letters and a dash of another alphabet, which stand at the middles that the record names."""
    gray = np.full((96, 64), 255, np.uint8)
    record: WindowRecord = {"width": 64, "height": 96, "text": "aZ—", "x": [8.0, 40.0, 20.0], "y": [10.0, 10.0, 80.0]}
    for x, y in zip((8, 40, 20), (10, 10, 80), strict=True):
        gray[y - 3 : y + 3, x - 2 : x + 2] = x
    return cv2.imencode(".png", gray)[1].ravel(), record


def page(seed: int = 0) -> Drawn[PageRecord]:
    gray = np.full((96, 64), 255, np.uint8)
    rng = np.random.default_rng(seed)
    for _, box in regions_of(RECORD):
        left, top, right, bottom = map(int, box)
        gray[top:bottom, left:right] = rng.integers(0, 256, (bottom - top, right - left))
    return cv2.imencode(".png", gray)[1].ravel(), RECORD


def cell_of(box: Box, network: LayoutNano) -> tuple[int, int]:
    """Return the row and column of the cell at the middle of a box."""
    rows, columns = network.cells
    return int(box[1] + box[3]) // 2 * rows // 96, int(box[0] + box[2]) // 2 * columns // 64


def found(*boxes: tuple[float, float, float, float], kind: int = 1) -> Candidates:
    kinds = np.zeros((len(boxes), KINDS), np.float32)
    kinds[:, kind] = 1
    return Candidates(np.array(boxes, np.float32).reshape(-1, 4), kinds, np.ones(len(boxes), np.float32))


def test_candidates_that_are_regions_are_named_in_reading_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MISSED", 0.0)
    boxes, kinds = region_boxes(RECORD), region_kinds(RECORD)
    false = (0.0, 0.9, 0.2, 1.0)
    told = found(false, *[tuple(boxes[i].tolist()) for i in (2, 0)])
    candidates, true, order = complete(told, boxes, kinds, np.random.default_rng(0))
    assert [tuple(candidates.boxes[i].tolist()) for i in order] == [tuple(boxes[i].tolist()) for i in (0, 2)]
    assert true[order].tolist() == [kinds[0], kinds[2]]
    assert true.tolist().count(0) == 1
    tops = candidates.boxes[:, 1].tolist()
    assert tops == sorted(tops)


def test_regions_that_are_missing_are_added_near_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MISSED", 1.0)
    boxes, kinds = region_boxes(RECORD), region_kinds(RECORD)
    candidates, true, order = complete(found(), boxes, kinds, np.random.default_rng(0))
    assert true[order].tolist() == kinds.tolist()
    np.testing.assert_allclose(candidates.boxes[order], boxes, atol=0.12)
    assert (candidates.kinds[order].argmax(axis=1) == kinds).all()


def test_two_candidates_of_one_region_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MISSED", 0.0)
    boxes, kinds = region_boxes(RECORD), region_kinds(RECORD)
    near = tuple((boxes[1] + [0.02, 0, 0, 0]).tolist())
    _, true, order = complete(found(near, tuple(boxes[1].tolist())), boxes, kinds, np.random.default_rng(0))
    assert len(order) == 1
    assert sorted(true.tolist()) == [0, kinds[1]]


def test_a_batch_tells_cells_their_kind_and_box(mini: LayoutNano) -> None:
    batch = make_batch(mini, [page()], np.random.default_rng(0))
    rows, columns = mini.cells
    assert batch.cell_kinds.shape == (1, rows, columns)
    for i, (kind, (left, top, right, bottom)) in enumerate(regions_of(RECORD)):
        row, column = cell_of((left, top, right, bottom), mini)
        assert batch.cell_kinds[0, row, column] == 1 + REGION_KINDS.index(kind)
        scaled = [left * columns / 64, top * rows / 96, right * columns / 64, bottom * rows / 96]
        assert batch.cell_boxes[0, row, column].tolist() == pytest.approx(scaled)
        assert batch.kinds[0][i] == 1 + REGION_KINDS.index(kind)


def test_overlap_of_equal_apart_and_half(mini: LayoutNano) -> None:
    one = torch.tensor([[0.0, 0.0, 2.0, 2.0]] * 3)
    other = torch.tensor([[0.0, 0.0, 2.0, 2.0], [4.0, 0.0, 6.0, 2.0], [0.0, 0.0, 2.0, 1.0]])
    iou, giou = overlap_of(one, other)
    assert iou.tolist() == pytest.approx([1, 0, 0.5])
    assert giou.tolist() == pytest.approx([1, -1 / 3, 0.5])


def test_losses_fall_on_one_page(mini: LayoutNano, both: TextAndLayout) -> None:
    rng = np.random.default_rng(0)
    batch = make_batch(mini, [page(), page(1)], rng)
    windows = make_windows(mini, [window()], rng)
    optimizer = torch.optim.AdamW(both.parameters(), lr=3e-3)
    totals = []
    for _ in range(40):
        losses = batch_losses(both, batch, rng, windows)
        assert set(losses) >= {"letters", "cells", "sides", "giou", "fits", "order", "kinds"}
        total = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        totals.append(total.detach().item())
    assert totals[-1] < 0.5 * totals[0]
    assert losses["letters"] < 0.5


def test_windows_tell_cells_their_letters(mini: LayoutNano) -> None:
    letters = make_windows(mini, [window()], np.random.default_rng(0)).letters[0]
    rows, columns = mini.cells
    assert letters.shape == (rows, columns)
    told = [int(letters[y * rows // 96, x * columns // 64]) for x, y in ((8, 10), (40, 10), (20, 80))]
    assert told == [ord("a") - 32, ord("Z") - 32, OTHER]
    assert int((letters > 0).sum()) == 3


def test_cells_of_small_regions_count_more(mini: LayoutNano) -> None:
    batch = make_batch(mini, [page()], np.random.default_rng(0))
    rows, columns = mini.cells
    losses = {}
    for region in (0, 1):  # a title of few cells, a paragraph of many
        kinds = 20 * torch.nn.functional.one_hot(batch.cell_kinds, KINDS).float()
        kinds[0, *cell_of(regions_of(RECORD)[region][1], mini)] = 0
        sides, fits = torch.zeros(1, rows, columns, 4), torch.zeros(1, rows, columns)
        losses[region] = float(cell_losses(kinds, sides, fits, batch)["cells"])
    assert losses[0] > 1.2 * losses[1] > 0


def test_an_empty_page_is_learnt_from_too(mini: LayoutNano, both: TextAndLayout) -> None:
    png, record = page()
    empty: PageRecord = {**record, "regions": []}
    rng = np.random.default_rng(0)
    batch = make_batch(mini, [(png, empty)], rng)
    with torch.no_grad():
        losses = batch_losses(both, batch, rng)
    assert "letters" not in losses
    assert all(bool(torch.isfinite(loss)) for loss in losses.values())
    kinds = torch.full((1, *mini.cells, KINDS), -10.0)
    kinds[..., 0] = 10
    named = name_candidates(kinds, torch.zeros(1, *mini.cells, 4), torch.zeros(1, *mini.cells), batch, rng)
    assert named.counts.tolist() == [0]


def test_a_task_goes_on_where_it_stood(mini: LayoutNano, tmp_path: Path) -> None:
    pixels = cv2.imdecode(page()[0], cv2.IMREAD_GRAYSCALE)
    (tmp_path / "texts").mkdir()
    samples = [LayoutSample(np.asarray(pixels, np.uint8), RECORD)] * 40
    write_group(tmp_path / "group-00000.npz", samples)
    write_group(tmp_path / "frozen.npz", samples[:10])
    task = LayoutTask([tmp_path], tmp_path)
    first = [task.losses(step, 0.0)["cells"].item() for step in range(3)]
    again = LayoutTask([tmp_path], tmp_path)
    again.model.load_state_dict(task.model.state_dict())
    again.seek({"group": 0, "batch": 1, "seen": 16})
    assert again.losses(1, 0.0)["cells"].item() == pytest.approx(first[1])
    assert (task.samples_seen, task.position()["group"]) == (48, 1)
    scores = task.evaluate(task.model)
    assert {"f1", "order", "f1_chart"} <= set(scores)
    write_group(tmp_path / "texts" / "group-00000.npz", [TextWindow(decode_gray(window()[0]), window()[1])] * 5)
    assert "letters" not in task.losses(3, 0.0)
    assert "letters" in LayoutTask([tmp_path], tmp_path, texts=tmp_path / "texts").losses(3, 0.0)
    with pytest.raises(FileNotFoundError, match="render a pool first"):
        LayoutTask([tmp_path / "none"], tmp_path).losses(0, 0.0)


def test_what_is_exported_is_what_was_trained(
    mini: LayoutNano, both: TextAndLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POINTING, "vary-nano", lambda: LayoutNano(PRESETS["vary-nano-tiny"]))
    torch.save(both.state_dict(), tmp_path / "decayed-7.pt")
    train(["vary-nano", "export", str(tmp_path / "decayed-7.pt"), str(tmp_path / "out.safetensors")])
    nano = load_shipped(lambda: LayoutNano(PRESETS["vary-nano-tiny"]), tmp_path / "out.safetensors").network
    weight = mini.kind_head.weight
    torch.testing.assert_close(nano.kind_head.weight, weight, atol=1e-3, rtol=1e-3)


def test_the_encoder_of_charts_is_taken_over() -> None:
    weights = Path(__file__).parents[2] / "onechart" / "assets" / "onechart-nano.safetensors"
    nano = LayoutNano(PRESETS["vary-nano"])
    before = nano.skeleton.encoders[0].blocks[0].attn.qkv.weight.clone()  # type: ignore[union-attr,index]
    assert take_encoder(nano.skeleton.encoders[0], weights) == 63
    assert not torch.equal(before, nano.skeleton.encoders[0].blocks[0].attn.qkv.weight)  # type: ignore[union-attr,index]
