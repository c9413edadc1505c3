"""Tasks: rewards rise, better answers become likelier, what teaches nothing is skipped, a resumed run is the same."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ocr2.rewards import Reward, RewardResult
from ocr2.train.optimizer import OptimizerConfig
from ocr2.train.posttraining.candidates import CandidateTask
from ocr2.train.posttraining.config import GRPOConfig, PerPOConfig, RePerConfig
from ocr2.train.posttraining.grpo import GRPOTask
from ocr2.train.posttraining.perpo import PerPOTask
from ocr2.train.posttraining.policy import Sampling
from ocr2.train.posttraining.reper import RePerTask
from ocr2.train.posttraining.sft import SupervisedTask
from ocr2.train.posttraining.strips import EncodedStrip, StripPolicy, StripSample, build_strips
from ocr2.train.posttraining.task import PostTrainingTask, easiest_first
from ocr2.train.trainer import TrainConfig, Trainer
from tests.train.posttraining.conftest import strips

Task = PostTrainingTask[StripSample, EncodedStrip]


def lower_case(answer: str, truth: str, /) -> RewardResult:
    """Score the share of letters that are small, which a random model learns in a few steps."""
    share = sum(c.islower() for c in answer) / max(1, len(answer))
    return RewardResult(share, {"small": share})


TOY = Reward("toy", lower_case, "not needed")
SAME = Reward("same", lambda answer, truth, /: RewardResult(0.5), "not needed")


def trainer(task: Task, folder: Path, *, rate: float = 3e-3, **changes: Any) -> Trainer:
    config = TrainConfig(
        optimizer=OptimizerConfig(muon_lr=None, adam_lr=rate, average=None),
        warmup_steps=1,
        evaluate_steps=1000,
        log_steps=5,
        **changes,
    )
    return Trainer(task, folder, config)


def policy() -> StripPolicy:
    torch.manual_seed(0)
    return build_strips("got-tiny")


def weights(task: Task) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in task.model.state_dict().items()}


def grpo(reward: Reward = TOY, *, steps: int = 30, **changes: Any) -> GRPOTask[StripSample, EncodedStrip]:
    config = GRPOConfig(**{"groups": 2, "answers": 6, "max_new_tokens": 6, **changes})
    return GRPOTask(policy(), strips(), strips(2), reward=reward, config=config, steps=steps)


def mean_reward(task: Task) -> float:
    """Return the mean reward of sampled answers."""
    encoded = [task.policy.encode(sample) for sample in task.samples]
    sampling = Sampling(temperatures=(1.0,) * 8, max_new_tokens=6, seed=99)
    found = task.policy.sample(encoded, [sampling] * len(encoded))
    scores = [r.total for i, a in enumerate(found) for r in task.score(i, encoded[i], a)]
    return sum(scores) / len(scores)


def test_grpo_raises_the_mean_reward(tmp_path: Path) -> None:
    task = grpo()
    before = mean_reward(task)
    trainer(task, tmp_path, rate=1e-2).train(steps=30)
    assert mean_reward(task) > before + 0.2
    rows = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    last = [row for row in rows if row["kind"] == "train"][-1]
    for name in ("reward", "reward_small", "kl", "skipped", "spread", "tokens", "ended", "looped", "answers"):
        assert name in last


def test_the_encoder_is_untouched(tmp_path: Path) -> None:
    task = grpo(steps=2)
    before = weights(task)
    trainer(task, tmp_path).train(steps=2)
    moved = {name for name, value in weights(task).items() if not torch.equal(value, before[name])}
    assert moved
    assert not any("encoders" in name or "draft_head" in name for name in moved)


@pytest.mark.parametrize("method", ["grpo", "perpo", "reper", "sft"])
def test_a_resumed_run_takes_the_same_steps(method: str, tmp_path: Path) -> None:
    def task() -> Task:
        if method == "grpo":
            return grpo(steps=6, most_answers=8)
        if method == "sft":
            return SupervisedTask(policy(), strips(), [], reward=TOY, batch=2)
        if method == "perpo":
            config = PerPOConfig(groups=2, temperatures=(0.5, 1.0, 1.5), max_new_tokens=6)
            return PerPOTask(policy(), strips(), [], reward=TOY, config=config)
        return RePerTask(policy(), strips(), [], reward=TOY, config=RePerConfig(groups=2, max_new_tokens=6))

    whole = task()
    trainer(whole, tmp_path / "whole").train(steps=6)
    trainer(task(), tmp_path / "parts").train(steps=2)
    last = task()
    second = trainer(last, tmp_path / "parts")
    assert second.resume()
    second.train(steps=6)
    assert last.samples_seen == whole.samples_seen == 12
    start = weights(task())
    assert any(not torch.equal(value, start[name]) for name, value in weights(whole).items())
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(last)[name], value, rtol=0, atol=0, msg=name)


def test_groups_without_spread_are_skipped_and_teach_nothing(tmp_path: Path) -> None:
    task = grpo(SAME, steps=2)
    before = weights(task)
    losses = task.losses(0, 0.0)
    assert losses["skipped"] == 1
    assert losses["loss"] == 0
    assert "kl" not in losses
    trainer(task, tmp_path).train(steps=2)
    assert all(torch.equal(value, before[name]) for name, value in weights(task).items())


def test_a_small_spread_is_skipped_too() -> None:
    config = PerPOConfig(groups=3, temperatures=(1.0, 1.5), max_new_tokens=6, min_spread=1.0)
    task = PerPOTask(policy(), strips(), [], reward=TOY, config=config)
    assert task.losses(0, 0.0)["skipped"] == 1


@pytest.mark.parametrize("method", ["perpo", "reper"])
def test_the_better_candidate_gains_on_the_worse(method: str, tmp_path: Path) -> None:
    task: CandidateTask[StripSample, EncodedStrip, Any]
    if method == "perpo":
        task = PerPOTask(policy(), strips(1), [], reward=TOY, config=PerPOConfig(groups=1, max_new_tokens=6))
    else:
        task = RePerTask(policy(), strips(1), [], reward=TOY, config=RePerConfig(groups=1, max_new_tokens=6))
    encoded = task.policy.encode(task.samples[0])
    (answers,) = task.sampled_policy.sample([encoded], [task.sampling(0, 0, 0)])
    ranked = sorted(answers, key=lambda answer: task.score(0, encoded, [answer])[0].total)
    pair = [ranked[-1], ranked[0]]
    before = task.policy.log_probs(encoded, pair).sums().detach()
    trainer(task, tmp_path).train(steps=15)
    after = task.policy.log_probs(encoded, pair).sums().detach()
    assert after[0] - after[1] > before[0] - before[1] + 1


def test_candidates_are_those_of_the_start_in_every_epoch(tmp_path: Path) -> None:
    config = PerPOConfig(groups=1, temperatures=(1.0,) * 4, max_new_tokens=6)
    task = PerPOTask(policy(), strips(2), [], reward=TOY, config=config)
    number = task.draw(0)[0][1]
    encoded = task.policy.encode(task.samples[number])
    first = task.sampled_policy.sample([encoded], [task.sampling(0, 0, number)])
    trainer(task, tmp_path).train(steps=4)
    again = task.sampled_policy.sample([encoded], [task.sampling(4, 4, number)])
    assert first == again


def test_every_sample_comes_once_an_epoch_and_a_curriculum_has_its_order() -> None:
    task = grpo(groups=3)
    numbers = [number for step in range(4) for _, number in task.draw(step)]
    assert sorted(numbers[:6]) == sorted(numbers[6:]) == list(range(6))
    assert numbers[:6] != numbers[6:]
    task.order = [5, 3, 1, 0, 2, 4]
    assert [number for step in range(2) for _, number in task.draw(step)] == task.order


def test_the_easiest_samples_come_first() -> None:
    task = grpo()
    sampling = Sampling(temperatures=(1.0,) * 3, max_new_tokens=6)
    order, means = easiest_first(task.policy, task.samples, TOY, sampling)
    assert sorted(order) == list(range(6))
    assert means == sorted(means, reverse=True)
    assert means[0] > means[-1]


def test_more_answers_are_sampled_towards_the_end() -> None:
    task = grpo(steps=10, answers=4, most_answers=8)
    counts = [len(task.sampling(step, step, 0).temperatures) for step in range(10)]
    assert counts[0] == 4
    assert counts[-1] == 8
    assert counts == sorted(counts)


def test_processes_share_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean of two processes' gradients is the gradient of one."""
    gradients: list[Tensor] = []
    for count, ranks in ((1, [0]), (2, [0, 1])):
        parts: list[Tensor] = []
        for rank in ranks:
            task = grpo(groups=2)
            monkeypatch.setattr(task.workers, "count", count)
            monkeypatch.setattr(task.workers, "rank", rank)
            task.losses(0, 0.0)
            parts.append(torch.cat([p.grad.flatten() for p in task.model.parameters() if p.grad is not None]))
        gradients.append(torch.stack(parts).mean(dim=0))
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-6)


def test_a_step_that_processes_cannot_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(samples: Sequence[StripSample], batch: int) -> None:
        SupervisedTask(policy(), samples, [], reward=TOY, batch=batch)

    with pytest.raises(ValueError, match="no samples to learn from"):
        refuse([], 1)
    with pytest.raises(ValueError, match="a step of 0 samples"):
        refuse(strips(1), 0)


def test_evaluation_is_greedy_and_names_the_parts() -> None:
    task = grpo()
    with torch.inference_mode():
        scores = task.evaluate(task.model)
        assert task.evaluate(task.model) == scores
    assert {"reward", "reward_small", "tokens", "ended", "looped"} == set(scores)
