"""Fine-tuning a small checkpoint of the published layout: what is taught, what moves, and that it can be read with."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from ocr2.errors import DocumentError
from ocr2.got.checkpoint import load_published
from ocr2.got.losses import IGNORE
from ocr2.got.reader import ViewReader, cut_views
from ocr2.got.records import Record, read_records
from ocr2.train import finetune
from ocr2.train.finetune import Plan, RecordTask
from tests.got.test_published import original_state, random_model, write_checkpoint
from tests.instructions import instruct

ANSWER = "abc def"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint and two records about two pictures."""
    folder = tmp_path_factory.mktemp("finetune")
    write_checkpoint(folder / "got", original_state(random_model()))
    rows = []
    for i in range(2):
        pixels = np.random.default_rng(i).integers(0, 256, (128, 128, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
        rows.append({"query": "<image>OCR: ", "response": ANSWER if i else "x y", "images": [f"{i}.png"]})
    (folder / "records.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def plan(folder: Path, out: Path, **changes: Any) -> Plan:
    out.mkdir(exist_ok=True)
    settings: dict[str, Any] = {"steps": 12, "rate": 3e-3, "preset": "got-mini", "device": "cpu", **changes}
    return Plan(records=folder / "records.jsonl", weights=folder / "got", out=out, **settings)


def task(folder: Path) -> RecordTask:
    published = load_published(folder / "got", preset="got-mini")
    return RecordTask(published.model, published.tokenizer, read_records(folder / "records.jsonl"))


def test_answers_and_their_end_are_taught_and_nothing_else(folder: Path) -> None:
    trained = task(folder)
    tokenizer = trained._tokenizer
    batch = trained.make_batch(trained._records)
    for i, answer in enumerate(("x y", ANSWER)):
        taught = batch.labels[i] != IGNORE
        following = torch.roll(batch.ids[i], -1)[taught]
        assert batch.labels[i][taught].tolist() == following.tolist()
        assert following.tolist() == [*tokenizer.encode(answer), 151_645]
        first = int(taught.nonzero()[0])
        assert tokenizer.decode(batch.ids[i, : first + 1].tolist()).endswith("OCR: assistant\n")


def test_padding_changes_nothing(folder: Path) -> None:
    """The loss of two rows of different lengths is that of each alone, weighed by its taught tokens."""
    trained = task(folder)
    with torch.no_grad():
        together = float(trained._loss(trained.make_batch(trained._records)))
        apart = [trained.make_batch([record]) for record in trained._records]
        counts = [int((batch.labels != IGNORE).sum()) for batch in apart]
        losses = [float(trained._loss(batch)) for batch in apart]
    mean = sum(count * loss for count, loss in zip(counts, losses, strict=True)) / sum(counts)
    assert together == pytest.approx(mean, rel=2e-2)  # in bfloat16


def test_a_tuned_checkpoint_reads_what_it_was_taught(folder: Path, tmp_path: Path) -> None:
    assert finetune.finetune(plan(folder, tmp_path, steps=60, rate=1e-2))
    before, after = (load_file(f / "model.safetensors") for f in (folder / "got", tmp_path))
    moved = {name for name, value in after.items() if not torch.equal(value.float(), before[name].bfloat16().float())}
    assert not any("vision_tower" in name for name in moved)
    assert {"model.mm_projector_vary.weight", "model.norm.weight"} <= moved
    reader = ViewReader(load_published(tmp_path, preset="got-mini"))
    page = np.asarray(Image.open(folder / "1.png"))
    assert reader.read_views(cut_views(page, side=128), instructions=instruct(max_new_tokens=12)).text == ANSWER


def test_a_stopped_run_goes_on_and_ends_the_same(folder: Path, tmp_path: Path) -> None:
    assert finetune.finetune(plan(folder, tmp_path / "whole", steps=4))
    calls = 0
    while not finetune.finetune(plan(folder, tmp_path / "parts", steps=4, seconds=0.0)):
        calls += 1
        assert calls < 8
    assert calls > 1
    whole, parts = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "parts"))
    for name, value in whole.items():
        assert torch.equal(value, parts[name]), name


def test_the_encoder_learns_if_asked(folder: Path, tmp_path: Path) -> None:
    assert finetune.finetune(plan(folder, tmp_path, steps=2, train_encoder=True))
    before, after = (load_file(f / "model.safetensors") for f in (folder / "got", tmp_path))
    name = "model.vision_tower_high.blocks.0.mlp.lin1.weight"
    assert not torch.equal(before[name].bfloat16(), after[name])


def test_adapters_alone_learn_and_are_merged(folder: Path, tmp_path: Path) -> None:
    assert finetune.finetune(plan(folder, tmp_path, steps=3, rank=2))
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
    before, after = (load_file(f / "model.safetensors") for f in (folder / "got", tmp_path))
    moved = {name for name, value in after.items() if not torch.equal(value, before[name].bfloat16())}
    assert moved
    assert all("_proj.weight" in name and "layers" in name for name in moved)
    assert load_published(tmp_path, preset="got-mini").layout == "original"


def test_bad_input_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="adapters are for the decoder"):
        plan(folder, tmp_path, rank=2, train_encoder=True)
    for changes in ({"steps": 1}, {"batch_size": 0}, {"rate": 0.0}, {"rate": float("nan")}):
        with pytest.raises(ValueError, match="must be"):
            plan(folder, tmp_path, **changes)
    (tmp_path / "0.png").write_bytes(b"no image")
    row = {"query": "<image>OCR: ", "response": "x", "images": ["0.png"]}
    (tmp_path / "records.jsonl").write_text(json.dumps(row))
    broken = Plan(
        records=tmp_path / "records.jsonl",
        weights=folder / "got",
        out=tmp_path,
        steps=2,
        preset="got-mini",
        device="cpu",
    )
    with pytest.raises(DocumentError, match=r"0\.png is no image"):
        finetune.finetune(broken)
    shutil.rmtree(tmp_path / "run")
    (tmp_path / "records.jsonl").write_text(json.dumps({**row, "response": "word " * 9000}))
    with pytest.raises(DocumentError, match="none of 1 records fits 8192 tokens"):
        finetune.finetune(broken)


def test_a_folder_in_other_use_is_not_written_to(folder: Path, tmp_path: Path) -> None:
    before = (folder / "got" / "model.safetensors").read_bytes()
    with pytest.raises(ValueError, match="is the checkpoint that is tuned"):
        finetune.finetune(plan(folder, folder / "got"))
    assert (folder / "got" / "model.safetensors").read_bytes() == before
    (tmp_path / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(ValueError, match="holds weights"):
        finetune.finetune(plan(folder, tmp_path))


def test_a_run_goes_on_with_its_own_settings_alone_and_once(folder: Path, tmp_path: Path) -> None:
    assert finetune.finetune(plan(folder, tmp_path, steps=2))
    with pytest.raises(ValueError, match="holds a run with other steps, batch"):
        finetune.finetune(plan(folder, tmp_path, steps=4, batch_size=1))
    written = (tmp_path / "model.safetensors").stat().st_mtime_ns
    assert finetune.finetune(plan(folder, tmp_path, steps=2))
    assert (tmp_path / "model.safetensors").stat().st_mtime_ns == written


def test_the_state_of_adapters_is_theirs_alone(folder: Path, tmp_path: Path) -> None:
    finetune.finetune(plan(folder, tmp_path, steps=2, rank=2))
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert state["model"]
    assert all("lora_" in name for name in state["model"])


def test_records_of_several_views_are_taught_in_order(folder: Path) -> None:
    trained = task(folder)
    first, second = trained._records
    both = Record((*first.images, *second.images), first.turns)
    batch = trained.make_batch([both])
    apart = [trained.make_batch([record]).pixels for record in (first, second)]
    assert torch.equal(batch.pixels, torch.cat(apart))
    assert int((batch.ids == 151_859).sum()) == 8
    assert torch.isfinite(trained._loss(batch))


def test_every_epoch_has_every_record_once_in_an_order_of_its_own(folder: Path) -> None:
    trained = task(folder)
    trained._records *= 4
    trained.batch_size = 8
    orders = [[id(record) for record in trained._draw(step)] for step in range(4)]
    assert all(sorted(order) == sorted(orders[0]) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
