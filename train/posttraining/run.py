"""A run of post-training from its config to its weights; the same call goes on after a stop."""

import dataclasses
import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch

from ocr2.checkpoints.hashing import sha256_of
from ocr2.checkpoints.weights import load_safetensors, save_safetensors
from ocr2.compute.device import choose_device
from ocr2.models.loading import weights_of
from ocr2.models.registry import find as find_model
from ocr2.rewards import Reward, get_reward, weighted_mean
from ocr2.train.optimizer import OptimizerConfig
from ocr2.train.posttraining.config import Method, RunConfig
from ocr2.train.posttraining.grpo import GRPOTask
from ocr2.train.posttraining.models import PUBLISHED, Trainable, find
from ocr2.train.posttraining.nano_policy import NanoPolicy
from ocr2.train.posttraining.perpo import PerPOTask
from ocr2.train.posttraining.policy import Sampling
from ocr2.train.posttraining.reper import RePerTask
from ocr2.train.posttraining.sft import SupervisedTask
from ocr2.train.posttraining.task import PostTrainingTask, easiest_first, sampling_seed
from ocr2.train.trainer import TrainConfig, Trainer

logger = logging.getLogger(__name__)

AnyPolicy = NanoPolicy[Any, Any]
AnyTask = PostTrainingTask[Any, Any]
STATE, PLAN, CURRICULUM = "run", "plan.json", "curriculum.json"  # in the output folder


def post_train(method: Method, config: RunConfig) -> Path | None:
    """Train, and write the weights; returns their path, or None if the run was stopped before its end.

    Raises:
        CheckpointError: If the weights do not fit.
        DocumentError: If records cannot be read.
        FileNotFoundError: If a pool is empty.
        ValueError: If the model, the method or the reward do not go together, or the folder holds another run.
    """
    if config.model == PUBLISHED:
        from ocr2.train.posttraining.published import tune_published

        return tune_published(method, config)
    if config.lora_rank:
        raise ValueError(f"low-rank adapters are for published models; {config.model} is small enough as it is")
    model = find(config.model)
    reward = reward_of(config, model)
    torch.manual_seed(config.seed)
    cv2.setNumThreads(1)
    policy, details, weights = load_policy(config, model)
    claim_folder(method, config, weights)
    out = config.out / f"{config.model}.safetensors"
    if config.schedule == "linear" and out.is_file():
        return out
    task = make_task(method, config, model, policy, reward)
    trainer = Trainer(task, config.out / STATE, train_config(config))
    trainer.on_log = _tensorboard(config.out) if config.tensorboard and trainer.workers.is_first else None
    trainer.resume()
    if not _run(trainer, config):
        return None
    if trainer.workers.is_first:
        save_safetensors(
            {name: value.clone() for name, value in policy.network.state_dict().items()},
            out,
            metadata={"ocr2": json.dumps(dict(details))},
        )
    return out


def _run(trainer: Trainer, config: RunConfig) -> bool:
    """Train to the end of the schedule; says whether it was reached."""
    if config.schedule == "constant":
        return trainer.train(steps=config.steps) and trainer.step >= config.steps
    warmup = config.warmup_steps
    return trainer.train(steps=warmup) and trainer.decay(steps=config.steps - warmup)


def reward_of(config: RunConfig, model: Trainable) -> Reward:
    """Return the reward of a run.

    Raises:
        ValueError: If there is none of a name, or a weight is not above 0.
    """
    if len(config.reward) < 2:
        return get_reward(next(iter(config.reward), model.reward))
    return weighted_mean("reward", {get_reward(name): weight for name, weight in config.reward.items()})


def load_policy(config: RunConfig, model: Trainable) -> tuple[AnyPolicy, Mapping[str, object], str]:
    """Return the policy with the weights that it starts from, what their file says of itself, and their hash."""
    path = config.weights if config.weights is not None else weights_of(find_model(config.model))
    policy = model.build(config.model)
    metadata = load_safetensors(policy.network, path)
    policy.network.to(choose_device(config.device))
    return policy, dict(json.loads(metadata.get("ocr2", "{}"))), sha256_of(path)


def train_config(config: RunConfig) -> TrainConfig:
    """Return how the trainer works: AdamW for everything, no average."""
    return TrainConfig(
        optimizer=OptimizerConfig(muon_lr=None, adam_lr=config.rate, clip_norm=config.clip_norm, average=None),
        warmup_steps=config.warmup_steps,
        checkpoint_seconds=config.checkpoint_seconds,
        evaluate_steps=config.evaluate_steps,
        log_steps=config.log_steps,
        seed=config.seed,
        seconds=config.seconds,
    )


def make_task(method: Method, config: RunConfig, model: Trainable, policy: AnyPolicy, reward: Reward) -> AnyTask:
    """Read samples and build the task of a method."""
    samples = model.read(config.data, limit=config.samples, seed=config.seed)
    val = model.read(config.val, limit=config.val_samples, seed=0) if config.val else []
    logger.info("%d samples, %d to score", len(samples), len(val))
    if method == "sft":
        return SupervisedTask(policy, samples, val, reward=reward, batch=config.sft.batch, seed=config.seed)
    if method == "perpo":
        return PerPOTask(policy, samples, val, reward=reward, config=config.perpo, seed=config.seed)
    if method == "reper":
        return RePerTask(policy, samples, val, reward=reward, config=config.reper, seed=config.seed)
    order = curriculum(config, policy, samples, reward) if config.grpo.curriculum else None
    return GRPOTask(
        policy, samples, val, reward=reward, config=config.grpo, steps=config.steps, seed=config.seed, order=order
    )


def curriculum(config: RunConfig, policy: AnyPolicy, samples: Sequence[Any], reward: Reward) -> list[int]:
    """Return the numbers of samples, the easiest first, as the start answers them; kept in a file of the run."""
    path = config.out / CURRICULUM
    if path.is_file():
        return [int(number) for number in json.loads(path.read_text(encoding="utf-8"))["order"]]
    sampling = Sampling(
        temperatures=(config.grpo.temperature,) * config.grpo.answers,
        top_p=config.grpo.top_p,
        max_new_tokens=config.grpo.max_new_tokens,
        seed=sampling_seed(config.seed, -1),
    )
    order, means = easiest_first(policy, samples, reward, sampling)
    rows = {"order": order, "reward": [round(mean, 4) for mean in means]}
    _write(path, rows)
    return order


def claim_folder(method: Method, config: RunConfig, weights: str) -> None:
    """Take the output folder for a run.

    Args:
        method: Of the run.
        config: Of the run.
        weights: Hash of the weights that it starts from.

    Raises:
        ValueError: If the folder holds a run that was started otherwise; what differs is named.
    """
    plan = _plan(method, config, weights)
    path = config.out / PLAN
    if path.is_file():
        started = json.loads(path.read_text(encoding="utf-8"))
        differing = [name for name, value in plan.items() if started.get(name) != value]
        if differing:
            raise ValueError(f"{config.out} holds a run with other {', '.join(differing)}; name another folder")
        return
    config.out.mkdir(parents=True, exist_ok=True)
    _write(path, plan)


def _write(path: Path, value: object) -> None:
    """Write JSON, whole or not at all; other processes of the run may write the same."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


FREE = {"out", "seconds", "device", "evaluate_steps", "log_steps", "checkpoint_seconds", "tensorboard", "val"}
FREE |= {"val_samples", "weights", "sft", "grpo", "perpo", "reper"}


def _plan(method: Method, config: RunConfig, weights: str) -> dict[str, object]:
    """Return what a run must keep from its start to its end, as JSON has it."""
    kept = {name: value for name, value in dataclasses.asdict(config).items() if name not in FREE}
    if config.schedule == "constant":
        del kept["steps"]
    whole = {"method": method, "weights": weights, **kept, method: dataclasses.asdict(config.section(method))}
    plain: dict[str, object] = json.loads(json.dumps(whole, default=str))
    return plain


def _tensorboard(folder: Path) -> Callable[[str, int, Mapping[str, float]], None] | None:
    """Return what writes a log line's values for TensorBoard; None, with a warning, without the package."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        logger.warning("TensorBoard is not installed (pip install tensorboard); run/log.jsonl has the same values")
        return None
    writer = SummaryWriter(str(folder / "tensorboard"))

    def write(kind: str, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            writer.add_scalar(f"{kind}/{name}", value, step)
        writer.flush()

    return write
