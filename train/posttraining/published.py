"""Supervised training of the published GOT on records, by `ocr2.train.finetune`."""

from pathlib import Path

from ocr2.checkpoints.weights import SINGLE
from ocr2.train.finetune import Plan, finetune
from ocr2.train.posttraining.config import Method, RunConfig


def tune_published(method: Method, config: RunConfig) -> Path | None:
    """Train decoder and projector, or low-rank adapters; returns the tuned folder, or None if the run was stopped.

    Raises:
        ModelError: If adapters are asked for and peft is not installed.
        ValueError: If the method is not supervised training, or the config lacks the folder of the checkpoint.
    """
    if method != "sft":
        raise ValueError(f"{config.model} is trained by sft alone; {method} is for nano models")
    if config.weights is None:
        raise ValueError(f"{config.model} needs weights: the folder of a released checkpoint")
    if len(config.data) > 1 or len(config.val) > 1:
        raise ValueError(f"{config.model} takes one file of records as data, and one as val")
    plan = Plan(
        records=config.data[0],
        weights=config.weights,
        out=config.out,
        steps=config.steps,
        val=config.val[0] if config.val else None,
        batch_size=config.sft.batch,
        rate=config.rate,
        rank=config.lora_rank,
        device=config.device,
        seconds=config.seconds,
    )
    return config.out / SINGLE if finetune(plan) else None
