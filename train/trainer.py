"""One trainer for all nano models: steps, schedule, averages, checkpoints, log.

A run is a constant phase that can be resumed for ever, and decays that branch off it: `train` saves the
resumable state; `decay` starts from that state, lowers the rate linearly to zero and leaves the state as it
was (Hu et al. 2024, arXiv 2404.06395, "warm-up, stable, decay"). A decay that was stopped goes on where it
stood. Everything depends on the step number and the seed alone, so a resumed run takes the same steps as an
uninterrupted one.
"""

import json
import logging
import math
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, PreTrainedModel

from ocr2.compute.device import choose_dtype
from ocr2.train.optimizer import MuonAdamW, OptimizerConfig, average_decay
from ocr2.train.parallel import Workers
from ocr2.train.pause import pausable

logger = logging.getLogger(__name__)

PRODUCTS = "ocr2_products"  # name of `attend_by_products` among transformers' attention functions
MASKED = -1e4  # logit of what must not be attended to


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """How a run trains; data and losses belong to its task."""

    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    warmup_steps: int = 60
    checkpoint_seconds: float = 600.0
    evaluate_steps: int = 250
    log_steps: int = 25
    seed: int = 1
    seconds: float = math.inf  # after the trainer was built: `train` and `decay` save and stop


def autocast(device: torch.device) -> torch.autocast:
    """Return the context that losses are computed in: bfloat16 where the hardware multiplies it, else fp32."""
    dtype = choose_dtype("auto", device)
    return torch.autocast(device.type, torch.bfloat16, enabled=dtype != torch.float32)


class Task(Protocol):
    """What is trained on what."""

    model: nn.Module

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return named loss terms of the batch of a step; they are summed. `progress` runs 0..1 in a decay.

        Tensors without a gradient are measurements: they are logged and not summed.
        """

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Return scores of a model on fixed data."""

    @property
    def samples_seen(self) -> int:
        """Samples consumed so far."""

    def position(self) -> dict[str, int]:
        """Return where in its data the task stands."""

    def seek(self, position: dict[str, int]) -> None:
        """Go on from a position."""


class Trainer:
    """Train one task in a folder: `state.pt` (constant phase), `decay.pt` (an unfinished decay), `log.jsonl`."""

    def __init__(self, task: Task, folder: Path, config: TrainConfig) -> None:
        self.task = task
        self.folder = folder
        self.config = config
        self.device = next(task.model.parameters()).device
        self.step = 0
        self.cpu_seconds = 0.0  # CPU time of this process, all threads; others take as much
        self.gpu_seconds = 0.0  # wall time of the steps on a GPU
        self.workers = Workers()
        self.on_log: Callable[[str, int, Mapping[str, float]], None] | None = None  # with kind, step and values
        self._stop = self._asked = False  # all processes stop after the same step; this one was asked to
        self._deadline = time.monotonic() + config.seconds
        folder.mkdir(parents=True, exist_ok=True)
        use_products(task.model, self.device)
        self.optimizer = MuonAdamW(task.model, config.optimizer, self.workers)
        keeps_average = config.optimizer.average is not None
        self.buffers = {name: value.clone() for name, value in _float_buffers(task.model).items() if keeps_average}

    @property
    def average(self) -> dict[str, Tensor]:
        """The moving average of the learnt weights and of what norms have measured, by name; empty if none is kept."""
        return self.optimizer.averaged() | self.buffers

    def restart_average(self) -> None:
        """Let the moving average begin with the model as it is; for a run that starts from other weights."""
        self.optimizer.restart_average()
        for name, value in _float_buffers(self.task.model).items():
            if name in self.buffers:
                self.buffers[name].copy_(value)

    def resume(self) -> bool:
        """Load `state.pt` if it is there; says whether it was."""
        return self._load("state.pt") is not None

    def _load(self, name: str) -> dict[str, int] | None:
        """Load a saved state; returns the decay it belongs to (empty for none), or None if there is no file."""
        path = self.folder / name
        if not path.exists():
            return None
        state = torch.load(path, weights_only=True, map_location="cpu")  # written on another device, perhaps
        load_learnt(self.task.model, state["model"])
        self.optimizer.load_state(state["optimizer"])
        for buffer, value in state["buffers"].items():
            self.buffers[buffer].copy_(value)
        self.step, self.cpu_seconds = state["step"], state["cpu_seconds"]
        self.gpu_seconds = state.get("gpu_seconds", 0.0)
        self.task.seek(state["position"])
        torch.set_rng_state(state["rng"])
        if self.device.type == "cuda" and "cuda_rng" in state:
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)
        return dict(state.get("decay", {}))

    def save(self, name: str = "state.pt", *, decay: dict[str, int] | None = None) -> None:
        """Write the resumable state, whole or not at all."""
        state = {
            "model": {name: value.clone() for name, value in learnt_state(self.task.model).items()},
            "optimizer": self.optimizer.state(),
            "buffers": self.buffers,
            "position": self.task.position(),
            "step": self.step,
            "cpu_seconds": self.cpu_seconds,
            "gpu_seconds": self.gpu_seconds,
            "rng": torch.get_rng_state(),
            "decay": decay or {},
        }
        if self.device.type == "cuda":
            state["cuda_rng"] = torch.cuda.get_rng_state(self.device)
        unfinished = self.folder / f".{name}"
        torch.save(state, unfinished)
        unfinished.replace(self.folder / name)

    def train(self, *, steps: int) -> bool:
        """Run the constant phase up to a step number, the time limit, SIGTERM or SIGINT, and save.

        Says whether it was not stopped.
        """
        before = self.step
        self._run(steps, lambda step: min(1.0, (step + 1) / self.config.warmup_steps))
        if self.step > before and self.workers.is_first:
            self.save()
        return not self._stop

    def decay(self, *, steps: int) -> bool:
        """Branch off: lower the rate linearly to zero over `steps`; says whether the end was reached.

        A stopped decay leaves `decay.pt`; the same call goes on from there.
        """
        start = self.step
        plan = {"start": start, "steps": steps}
        if self._saved_plan() == plan:
            self._load("decay.pt")
        self._run(start + steps, lambda step: 1 - (step - start) / steps, decay=plan)
        if self._stop:
            if self.workers.is_first:
                self.save("decay.pt", decay=plan)
            return False
        if self.workers.is_first:
            (self.folder / "decay.pt").unlink(missing_ok=True)
        return True

    def _saved_plan(self) -> dict[str, int] | None:
        path = self.folder / "decay.pt"
        return dict(torch.load(path, weights_only=True, mmap=True)["decay"]) if path.exists() else None

    def _run(self, last: int, rate: Callable[[int], float], *, decay: dict[str, int] | None = None) -> None:
        with pausable(self.folder):
            self._run_steps(last, rate, decay=decay)

    def _run_steps(self, last: int, rate: Callable[[int], float], *, decay: dict[str, int] | None) -> None:
        self._stop = self._asked = False
        previous = [signal.signal(s, self._on_signal) for s in (signal.SIGTERM, signal.SIGINT)]
        saved, window = time.monotonic(), _Window(self.task.samples_seen)
        try:
            while self.step < last and not self._stop:
                progress = (self.step - decay["start"]) / decay["steps"] if decay else 0.0
                window.add(self._one_step(rate(self.step), progress))
                if self.step % self.config.log_steps == 0:
                    self._log("train", window.summary(self.task.samples_seen))
                    window = _Window(self.task.samples_seen)
                if self.workers.is_first and time.monotonic() - saved > self.config.checkpoint_seconds:
                    self.save("decay.pt" if decay else "state.pt", decay=decay)
                    saved = time.monotonic()
                if self.step % self.config.evaluate_steps == 0 or self.step == last:
                    if self.workers.is_first:
                        self._log("eval-decay" if decay else "eval", self.evaluate(averaged=not decay))
                    self.workers.wait()  # evaluation exchanges the weights that all share
                if time.monotonic() > self._deadline and self.step < last:
                    logger.info("%.0f seconds are over: stopping", self.config.seconds)
                    self._asked = True
                    self._stop = self.workers.count == 1  # others hear of it with the next step
        finally:
            for number, handler in zip((signal.SIGTERM, signal.SIGINT), previous, strict=True):
                signal.signal(number, handler)

    def _one_step(self, factor: float, progress: float) -> dict[str, float]:
        before, started = time.process_time(), time.monotonic()
        self.task.model.train()
        self.optimizer.zero_grad()
        losses = self.task.losses(self.step, progress)
        total = torch.stack([value for value in losses.values() if value.requires_grad]).sum()
        if not math.isfinite(total.item()):
            raise FloatingPointError(f"the loss of step {self.step} is {total.item()}: {losses}")
        total.backward()  # type: ignore[no-untyped-call]
        self._stop = self.optimizer.step(factor, stop=self._asked)
        self._follow_buffers()
        self.step += 1
        values = {name: float(value.detach()) for name, value in losses.items()}  # waits for a GPU
        self.cpu_seconds += time.process_time() - before
        if self.device.type == "cuda":
            self.gpu_seconds += time.monotonic() - started
        return values

    @torch.no_grad()
    def _follow_buffers(self) -> None:
        config = self.config.optimizer
        for name, value in _float_buffers(self.task.model).items() if self.buffers else ():
            assert config.average is not None
            self.buffers[name].lerp_(value, 1 - average_decay(config.average, self.optimizer.steps))

    def evaluate(self, *, averaged: bool) -> dict[str, float]:
        """Score the averaged or the current weights; the model keeps its current ones."""
        model = self.task.model
        current = {k: v.clone() for k, v in learnt_state(model).items()} if averaged and self.average else {}
        if current:
            load_learnt(model, current | self.average)
        model.eval()
        with torch.inference_mode():
            scores = self.task.evaluate(model)
        if current:
            load_learnt(model, current)
        return scores

    def _log(self, kind: str, values: dict[str, float]) -> None:
        if not self.workers.is_first:
            return
        row = {
            "kind": kind,
            "step": self.step,
            "samples": self.task.samples_seen,
            "core_hours": round(self.cpu_seconds * self.workers.count / 3600, 4),
            **({"gpu_hours": round(self.gpu_seconds / 3600, 4)} if self.gpu_seconds else {}),
            "time": int(time.time()),
            "pid": os.getpid(),
            **{k: round(v, 5) for k, v in values.items()},
        }
        logger.info("%s", row)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        if self.on_log is not None:
            self.on_log(kind, self.step, values)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        logger.info("signal %d: stopping after this step", number)
        self._asked = True


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a finished decay, or the averages of a state to resume from."""
    saved = torch.load(path, weights_only=True, map_location="cpu")
    if "optimizer" not in saved:
        return dict(saved)
    return {**saved["model"], **saved["optimizer"]["average"], **saved["buffers"]}


def use_products(model: nn.Module, device: torch.device) -> None:
    """Let decoders attend by plain products on a CPU, where the fused kernel's backward pass is slow."""
    for module in model.modules():
        if device.type == "cpu" and isinstance(module, PreTrainedModel):
            AttentionInterface.register(PRODUCTS, attend_by_products)
            module.set_attn_implementation(PRODUCTS)


def attend_by_products(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **others: object,
) -> tuple[Tensor, None]:
    """Attend as transformers asks it of an attention function, by two batched products and a softmax.

    Args:
        module: Attention layer, of no use here.
        query: (b, n, t, d).
        key: (b, m, s, d); n is a multiple of m, each key serves n / m queries.
        value: (b, m, s, d).
        attention_mask: Additive or boolean (b or 1, 1, t, s); None for causal attention.
        scaling: Factor of the logits; None for d ** -0.5.
        others: What other attention functions take.

    Returns:
        (b, t, n, d), and no weights.
    """
    b, n, t, d = query.shape
    m, s = key.shape[1], key.shape[2]
    scaled = (query * (d**-0.5 if scaling is None else scaling)).reshape(b * m, n // m * t, d)
    logits = torch.bmm(scaled, key.reshape(b * m, s, d).transpose(1, 2)).view(b, n, t, s)
    if attention_mask is None:
        ahead = torch.ones(t, s, dtype=torch.bool, device=query.device).triu(s - t + 1)
        logits = logits.masked_fill(ahead, MASKED)
    elif attention_mask.dtype == torch.bool:
        logits = logits.masked_fill(~attention_mask, MASKED)
    else:
        logits = logits + attention_mask
    weights = logits.softmax(dim=-1).to(value.dtype).view(b * m, n // m * t, s)
    mixed = torch.bmm(weights, value.reshape(b * m, s, d)).view(b, n, t, d)
    return mixed.transpose(1, 2).contiguous(), None


def _float_buffers(model: nn.Module) -> dict[str, Tensor]:
    """Return what norms have measured: the floating-point buffers that are part of the state."""
    params = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    state = model.state_dict()
    return {name: value for name, value in state.items() if name not in params and value.is_floating_point()}


def learnt_state(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's state without the parameters that are not trained."""
    frozen = {name for name, param in model.named_parameters(remove_duplicate=False) if not param.requires_grad}
    return {name: value for name, value in model.state_dict().items() if name not in frozen}


def load_learnt(model: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Put back what `learnt_state` gave.

    Raises:
        ValueError: If it is the state of another model, or of other trained parameters.
    """
    other = set(state) ^ set(learnt_state(model))
    if other:
        raise ValueError(f"the saved state is another model's: {', '.join(sorted(other)[:3])}")
    model.load_state_dict(dict(state), strict=False)


class _Window:
    """Means of the losses since the last log line, and the throughput."""

    def __init__(self, samples: int) -> None:
        self._started, self._samples = time.monotonic(), samples
        self._values: dict[str, list[float]] = {}

    def add(self, losses: dict[str, float]) -> None:
        for name, value in losses.items():
            self._values.setdefault(name, []).append(value)

    def summary(self, samples: int) -> dict[str, float]:
        seconds = time.monotonic() - self._started
        means = {name: sum(values) / len(values) for name, values in self._values.items()}
        return {**means, "samples_per_s": (samples - self._samples) / max(seconds, 1e-9)}
