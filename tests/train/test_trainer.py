"""The trainer: exact resumption, the decay that branches off, Muon."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ocr2.got.nano.reader import load_vocabulary
from ocr2.got.network import GOTModel
from ocr2.synth.groups import group_path
from ocr2.synth.pool import Bucket, read_group, write_group
from ocr2.train.got_nano import Batch, GroupReader, Phases, TextTask, join_groups, teacher_forcing
from ocr2.train.optimizer import MuonAdamW, OptimizerConfig, orthogonalise, split_parameters
from ocr2.train.pack import state_member
from ocr2.train.parallel import Workers
from ocr2.train.trainer import TrainConfig, Trainer, attend_by_products


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    """Two groups of noise with random targets."""
    folder = tmp_path / "pool"
    folder.mkdir()
    for number in range(2):
        rng = np.random.default_rng(number)
        lengths = rng.integers(1, 6, 200)
        targets = rng.integers(5, 300, (200, 6)).astype(np.uint16) * (np.arange(6) < lengths[:, None])
        pixels = rng.integers(0, 255, (200, 32, 128), dtype=np.uint8)
        write_group(group_path(folder, number), {128: Bucket(pixels, targets.astype(np.uint16), lengths)})
    return folder


QUICK = TrainConfig(warmup_steps=2, evaluate_steps=1000, log_steps=2)


def trainer(pool: Path, folder: Path, config: TrainConfig = QUICK) -> Trainer:
    torch.manual_seed(0)
    task = TextTask(pool, pool.parent / "no-validation", phases=Phases(decoder_from=1, wide_from=1), preset="got-tiny")
    return Trainer(task, folder, config)


def weights(run: Trainer) -> dict[str, torch.Tensor]:
    return {k: v.clone() for k, v in run.task.model.state_dict().items()}


def test_a_resumed_run_takes_the_same_steps(pool: Path, tmp_path: Path) -> None:
    whole = trainer(pool, tmp_path / "whole")
    whole.train(steps=6)
    first = trainer(pool, tmp_path / "parts")
    first.train(steps=3)
    second = trainer(pool, tmp_path / "parts")
    assert second.resume()
    second.train(steps=6)
    assert second.step == 6
    assert second.task.samples_seen == whole.task.samples_seen
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(second)[name], value, rtol=0, atol=0, msg=name)


def test_a_decay_leaves_the_resumable_state_alone(pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trainer(pool, tmp_path / "run")
    run.train(steps=2)
    before = (tmp_path / "run" / "state.pt").read_bytes()
    factors: list[float] = []
    step = run.optimizer.step

    def note(factor: float, *, stop: bool = False) -> bool:
        factors.append(factor)
        return step(factor, stop=stop)

    monkeypatch.setattr(run.optimizer, "step", note)
    run.decay(steps=2)
    assert (tmp_path / "run" / "state.pt").read_bytes() == before
    assert factors == [1.0, 0.5]


def test_a_stopped_decay_goes_on_where_it_stood(pool: Path, tmp_path: Path) -> None:
    whole = trainer(pool, tmp_path / "whole")
    whole.train(steps=2)
    assert whole.decay(steps=4)
    first = trainer(pool, tmp_path / "parts")
    first.train(steps=2)
    stop_at_step(first, 4)
    assert not first.decay(steps=4)
    second = trainer(pool, tmp_path / "parts")
    assert second.resume()
    assert second.decay(steps=4)
    assert second.step == whole.step == 6
    assert not (tmp_path / "parts" / "decay.pt").exists()
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(second)[name], value, rtol=0, atol=0, msg=name)


def test_a_run_out_of_time_saves_and_goes_on_later(pool: Path, tmp_path: Path) -> None:
    config = TrainConfig(warmup_steps=2, evaluate_steps=1000, log_steps=2, seconds=0.0)
    first = trainer(pool, tmp_path / "run", config)
    first.train(steps=3)
    assert first.step == 1
    second = trainer(pool, tmp_path / "run", config)
    assert second.resume()
    assert not second.decay(steps=2)
    assert (tmp_path / "run" / "decay.pt").exists()
    third = trainer(pool, tmp_path / "run", config)
    assert third.resume()
    assert third.decay(steps=2)  # the last step needs no more time
    assert third.step == 3


def test_a_packed_state_is_resumed_in_full_precision(pool: Path, tmp_path: Path) -> None:
    first = trainer(pool, tmp_path / "run")
    first.train(steps=2)
    name, data = state_member(tmp_path / "run" / "state.pt")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / name).write_bytes(data)
    second = trainer(pool, tmp_path / "there")
    assert second.resume()
    assert {v.dtype for v in second.average.values() if v.is_floating_point()} == {torch.float32}
    for name, value in weights(first).items():
        torch.testing.assert_close(weights(second)[name], value, rtol=0, atol=0, msg=name)
    second.train(steps=3)


def stop_at_step(run: Trainer, step: int) -> None:
    """Send the run the signal of a shutdown when it reaches a step."""
    losses = run.task.losses

    def stopping(at: int, progress: float) -> dict[str, torch.Tensor]:
        if at == step - 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return losses(at, progress)

    run.task.losses = stopping  # type: ignore[method-assign, assignment]


def test_nothing_to_resume_is_said(pool: Path, tmp_path: Path) -> None:
    assert trainer(pool, tmp_path / "fresh").resume() is False


def test_a_pool_without_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="render a pool first"):
        GroupReader(tmp_path, seed=1).load(0)


def test_every_strip_comes_once_an_epoch(pool: Path) -> None:
    reader = GroupReader(pool, seed=1)
    first, second = (reader.batches_of(0, reader.load(0)) for _ in range(2))
    rows = np.concatenate([rows for _, rows in first])
    assert len(rows) == len(set(rows.tolist())) == 200 // 96 * 96
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))


def test_a_larger_batch_reads_more_groups_as_one(pool: Path) -> None:
    groups = [read_group(group_path(pool, i))[128] for i in range(2)]
    joined = join_groups([{128: groups[0]}, {128: groups[1], 256: groups[1]}])
    assert np.array_equal(joined[128].pixels, np.concatenate([g.pixels for g in groups]))
    assert np.array_equal(joined[256].targets, groups[1].targets)
    reader = GroupReader(pool, seed=1, batch=2)
    order = reader.batches_of(1, reader.load(1))
    assert [(width, len(rows)) for width, rows in order] == [(128, 192), (128, 192)]


def test_batches_of_several_pools_are_mixtures_of_them(pool: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    bucket = read_group(group_path(pool, 0))[128]
    write_group(group_path(other, 0), {128: Bucket(np.zeros_like(bucket.pixels), bucket.targets, bucket.lengths)})
    reader = GroupReader(pool, other, seed=1)
    group = reader.load(3)  # the other pool has one group, which comes again
    assert len(group[128].lengths) == 400
    for width, rows in reader.batches_of(3, group):
        blank = (group[width].pixels[rows] == 0).all(axis=(1, 2)).mean()
        assert 0.2 < blank < 0.8


def test_groups_with_texts_of_any_length_are_joined(pool: Path) -> None:
    bucket = read_group(group_path(pool, 0))[128]
    short = Bucket(bucket.pixels, bucket.targets[:, :2], np.minimum(bucket.lengths, 2))
    assert join_groups([{128: short}, {128: bucket}])[128].targets.shape == (400, 6)


def test_a_batch_that_no_group_can_fill_is_refused(pool: Path) -> None:
    reader = GroupReader(pool, seed=1, batch=8)
    with pytest.raises(ValueError, match="has the strips of one batch"):
        reader.batches_of(0, reader.load(0))
    with pytest.raises(ValueError, match="batch must be at least 1, got 0"):
        GroupReader(pool, seed=1, batch=0)


def test_a_pool_may_grow_while_a_group_is_read(pool: Path) -> None:
    task = TextTask(pool, pool, phases=Phases(), preset="got-tiny")
    task.seek({"group": 3, "batch": 1, "samples": 0})  # of two groups: number 1
    open_strips = task._group[128].pixels
    few = {128: Bucket(open_strips[:1], np.ones((1, 1), np.uint16), np.ones(1, np.int64))}
    for number in (2, 3):
        write_group(group_path(pool, number), few)
    task._next_batch(0, narrow=False)
    assert task.cursor == (3, 2)
    assert task._group[128].pixels is open_strips


def test_groups_are_read_as_written(pool: Path) -> None:
    bucket = read_group(group_path(pool, 1))[128]
    assert bucket.pixels.shape == (200, 32, 128)
    assert bucket.lengths.max() <= 5


def test_labels_are_the_text_and_its_end() -> None:
    vocabulary = load_vocabulary()
    targets = torch.tensor([[10, 11, 0], [12, 0, 0]])
    batch = Batch(torch.zeros(2, 1, 32, 128), targets, torch.tensor([2, 1]))
    inputs, labels = teacher_forcing(batch, replaced=0.0, rng=torch.Generator())
    start, end = vocabulary.special("ocr"), vocabulary.special("end")
    assert inputs.tolist() == [[start, 10, 11, 0], [start, 12, 0, 0]]
    assert labels.tolist() == [[10, 11, end, -100], [12, end, -100, -100]]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("shape", [(4, 8, 8), (2, 16, 6), (1, 6, 16)])
def test_orthogonalised_matrices_have_equal_singular_values(
    shape: tuple[int, ...], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr2.train.optimizer.choose_dtype", lambda name, device: dtype)
    torch.manual_seed(0)
    matrices = torch.randn(shape)
    found = orthogonalise(matrices)
    values = torch.linalg.svdvals(found)
    assert float(values.min()) > 0.4
    assert float(values.max()) < 1.4
    monkeypatch.setattr("ocr2.train.optimizer.choose_dtype", lambda name, device: torch.float32)
    error = float((found - orthogonalise(matrices.double()).float()).abs().max())
    assert (error < 1e-5) == (dtype == torch.float32)


def test_muon_lowers_a_loss() -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(8, 8, bias=False)
    target = torch.randn(8, 8)
    optimizer = MuonAdamW(model, OptimizerConfig(muon_lr=0.1), Workers())
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (model.weight - target).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step(1.0)
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.2 * losses[0]


def test_the_rest_is_trained_as_torchs_own_adamw_does() -> None:
    torch.manual_seed(0)
    ours, theirs = (torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.LayerNorm(3)) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    config = OptimizerConfig(muon_lr=None, adam_lr=0.01, average=None)
    optimizer = MuonAdamW(ours, config, Workers())
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.005, betas=(0.9, 0.98), weight_decay=0.0)
    for _ in range(5):
        x = torch.randn(4, 5)
        optimizer.zero_grad()
        (ours(x) ** 2).sum().backward()
        optimizer.step(0.5)
        reference.zero_grad()
        (theirs(x) ** 2).sum().backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
        reference.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_convolutions_stored_channels_last_stay_so() -> None:
    model = torch.nn.Conv2d(3, 4, 2).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    before = model.weight.detach().clone()
    optimizer = MuonAdamW(model, OptimizerConfig(), Workers())
    assert torch.equal(model.weight, before)
    assert model.weight.is_contiguous(memory_format=torch.channels_last)
    model(torch.ones(1, 3, 4, 4)).sum().backward()
    optimizer.step(1.0)
    assert not torch.equal(model.weight, before)


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    """Both see the same weights, each owns half of the matrices, and the mean of their gradients counts."""
    script = tmp_path / "step.py"
    script.write_text(TWO_PROCESSES)
    one = subprocess.run([sys.executable, script, tmp_path / "one.pt"], capture_output=True, text=True)
    assert one.returncode == 0, one.stderr
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    two = subprocess.run([*torchrun, str(script), str(tmp_path / "two.pt")], capture_output=True, text=True)
    assert two.returncode == 0, two.stderr
    expected, found = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("one", "two"))
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-4, msg=name)


TWO_PROCESSES = """
import sys
import torch
from ocr2.train.optimizer import MuonAdamW, OptimizerConfig
from ocr2.train.parallel import Workers

torch.set_num_threads(1)
workers = Workers()
torch.manual_seed(workers.rank)  # the first one's weights count
model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Linear(8, 4), torch.nn.LayerNorm(4))
optimizer = MuonAdamW(model, OptimizerConfig(), workers)
data = torch.randn(3, 8, 6, generator=torch.Generator().manual_seed(5))
for batch in data:
    optimizer.zero_grad()
    (model(workers.share_of(batch)) ** 3).mean().backward()
    optimizer.step(1.0)
if workers.is_first:
    torch.save({**model.state_dict(), **{f"average {k}": v for k, v in optimizer.averaged().items()}}, sys.argv[1])
workers.wait()
"""


def test_embeddings_and_heads_are_not_muons(pool: Path, tmp_path: Path) -> None:
    model = trainer(pool, tmp_path / "run").task.model
    params = dict(model.named_parameters())
    matrices, rest = split_parameters(params.items())
    assert sorted([*matrices, *rest]) == sorted(params)
    assert all(params[name].ndim >= 2 for name in matrices)
    assert not any("lm_head" in name or "embed_tokens" in name for name in matrices)


@pytest.mark.parametrize("mask", [None, "additive", "boolean"])
def test_attention_by_products_is_the_fused_one(mask: str | None) -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, n, 7, 8, requires_grad=True) for n in (6, 3, 3))
    seen = torch.ones(7, 7, dtype=torch.bool).tril()
    given = {"additive": torch.zeros(7, 7).masked_fill(~seen, -1e9)[None, None], "boolean": seen[None, None]}
    found, _ = attend_by_products(torch.nn.Identity(), query, key, value, given[mask] if mask else None)
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)
    torch.testing.assert_close(found, expected.transpose(1, 2))


def test_training_sees_what_reading_sees(pool: Path, tmp_path: Path) -> None:
    """The decoder that is trained must not look ahead: its logits are those of the library's own attention."""
    run = trainer(pool, tmp_path / "run")
    model = run.task.model
    assert isinstance(model, GOTModel)
    embeds = torch.randn(2, 9, model.config.skeleton.decoder.hidden_size)
    logits = model.skeleton.decode(embeds)
    model.skeleton.decoder.set_attn_implementation("sdpa")
    torch.testing.assert_close(logits, model.skeleton.decode(embeds), atol=1e-4, rtol=1e-4)
