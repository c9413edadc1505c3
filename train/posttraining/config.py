"""What a run of post-training is: a TOML file, checked. docs/posttraining.md has every key."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from ocr2.rewards.groups import BETA, GAMMA, MIN_SPREAD_OCR
from ocr2.rewards.reflection import ALPHA
from ocr2.train.posttraining.toml import read_toml

Method = Literal["sft", "grpo", "perpo", "reper"]
METHODS: tuple[Method, ...] = get_args(Method)
KL_WEIGHT = 0.04  # of GRPO, as published
MAX_TEMPERATURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SFTConfig:
    """`[sft]`."""

    batch: int = 16  # samples of a step

    def __post_init__(self) -> None:
        _require(self.batch >= 1, f"sft.batch must be at least 1, got {self.batch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GRPOConfig:
    """`[grpo]`."""

    groups: int = 4  # samples of a step
    answers: int = 8  # to each
    most_answers: int | None = None  # at the end of the run, growing evenly; None keeps `answers`
    temperature: float = 1.0
    top_p: float = 1.0  # published: 0.9, which leaves the answers of a nano model all alike
    max_new_tokens: int | None = None
    beta: float = KL_WEIGHT  # weight of the divergence from the start
    scale: bool = True  # divide advantages by the group's standard deviation
    clip: float | None = None  # PPO's, against the log-probabilities that the sampler noted
    curriculum: bool = False  # the samples whose answers have the highest mean reward first

    def __post_init__(self) -> None:
        _require(self.groups >= 1, f"grpo.groups must be at least 1, got {self.groups}")
        _require(self.answers >= 2, f"grpo.answers must be at least 2, got {self.answers}")
        _require(
            (self.most_answers or self.answers) >= self.answers, "grpo.most_answers must not be below grpo.answers"
        )
        _require(self.clip is None or 0 < self.clip < 1, f"grpo.clip must lie between 0 and 1, got {self.clip}")
        _require(self.beta >= 0, f"grpo.beta must not be negative, got {self.beta}")
        _require(self.temperature > 0, f"grpo.temperature must be above 0, got {self.temperature}")
        _require_sampling("grpo", (self.temperature,), self.top_p)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateConfig:
    """What `[perpo]` and `[reper]` share."""

    groups: int = 4  # samples of a step
    temperatures: tuple[float, ...] = (0.0, 0.4, 0.6, 0.8, 1.0, 1.2)  # of each answer to a sample
    top_p: float = 1.0
    max_new_tokens: int | None = None
    min_spread: float = MIN_SPREAD_OCR  # best less worst reward from which a group is learnt from

    def __post_init__(self) -> None:
        _require(self.groups >= 1, f"groups must be at least 1, got {self.groups}")
        _require(len(self.temperatures) >= 2, f"temperatures must be at least 2, got {list(self.temperatures)}")
        _require(0 <= self.min_spread <= 1, f"min_spread must lie between 0 and 1, got {self.min_spread}")
        _require_sampling("temperatures and", self.temperatures, self.top_p)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerPOConfig(CandidateConfig):
    """`[perpo]`."""

    beta: float = BETA  # strength of the reference
    gamma: float = GAMMA  # exponent of the reward's margin

    def __post_init__(self) -> None:
        CandidateConfig.__post_init__(self)
        _require(self.beta > 0, f"perpo.beta must be above 0, got {self.beta}")
        _require(self.gamma >= 0, f"perpo.gamma must not be negative, got {self.gamma}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RePerConfig(CandidateConfig):
    """`[reper]`."""

    alpha: float = ALPHA  # weight of the unlikelihood

    def __post_init__(self) -> None:
        CandidateConfig.__post_init__(self)
        _require(self.alpha >= 0, f"reper.alpha must not be negative, got {self.alpha}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """A file."""

    model: str
    data: tuple[Path, ...]  # pools, or files of records
    out: Path
    steps: int
    weights: Path | None = None  # to start from; None for those that ship
    val: tuple[Path, ...] = ()
    samples: int = 5000  # most that are learnt from
    val_samples: int = 200
    reward: Mapping[str, float] = field(default_factory=dict)  # weights by name; the model's own by default
    rate: float = 1e-5  # highest learning rate
    warmup: float = 0.03  # share of the steps
    schedule: Literal["linear", "constant"] = "linear"  # after it: to 0 at the end, or as it is
    clip_norm: float = 1.0  # of the gradients
    seed: int = 1
    device: str = "cpu"
    seconds: float = math.inf  # save and stop after so long
    evaluate_steps: int = 100
    log_steps: int = 10
    checkpoint_seconds: float = 600.0
    tensorboard: bool = False
    lora_rank: int = 0  # of adapters; of published models alone
    sft: SFTConfig = field(default_factory=SFTConfig)
    grpo: GRPOConfig = field(default_factory=GRPOConfig)
    perpo: PerPOConfig = field(default_factory=PerPOConfig)
    reper: RePerConfig = field(default_factory=RePerConfig)

    def __post_init__(self) -> None:
        _require(bool(self.data), "data must name a pool or a file of records")
        _require(self.steps >= 2, f"steps must be at least 2, got {self.steps}")
        _require(self.samples >= 1 and self.val_samples >= 1, "samples and val_samples must be at least 1")
        _require(0 < self.rate < math.inf, f"rate must be above 0, got {self.rate}")
        _require(0 <= self.warmup < 1, f"warmup must lie from 0 to below 1, got {self.warmup}")
        _require(self.clip_norm > 0, f"clip_norm must be above 0, got {self.clip_norm}")
        _require(0 <= self.seed < 10**6, f"seed must lie between 0 and 999999, got {self.seed}")
        _require(self.lora_rank >= 0, f"lora_rank must not be negative, got {self.lora_rank}")
        _require(self.evaluate_steps >= 1 and self.log_steps >= 1, "evaluate_steps and log_steps must be at least 1")

    def section(self, method: Method) -> SFTConfig | GRPOConfig | CandidateConfig:
        """Return what concerns one method."""
        sections: dict[Method, SFTConfig | GRPOConfig | CandidateConfig] = {
            "sft": self.sft,
            "grpo": self.grpo,
            "perpo": self.perpo,
            "reper": self.reper,
        }
        return sections[method]

    def changed(self, *, steps: int | None, seconds: float | None, out: Path | None) -> "RunConfig":
        """Return it with what a command says instead of the file; None keeps the file's.

        Raises:
            ValueError: If a value is out of range.
        """
        return dataclasses.replace(
            self,
            steps=self.steps if steps is None else steps,
            seconds=self.seconds if seconds is None else seconds,
            out=self.out if out is None else out,
        )

    @property
    def warmup_steps(self) -> int:
        """Steps in which the rate rises."""
        return max(1, round(self.warmup * self.steps))


def read_config(path: Path) -> RunConfig:
    """Read a file.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is no TOML, a key is unknown or missing, or a value is of the wrong type or out of range; the
            file and the key are named.
    """
    return read_toml(path, RunConfig)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)


def _require_sampling(where: str, temperatures: tuple[float, ...], top_p: float) -> None:
    wrong = [value for value in temperatures if not 0 <= value <= MAX_TEMPERATURE]
    _require(not wrong, f"{where}: a temperature lies between 0 and {MAX_TEMPERATURE:g}, got {wrong}")
    _require(0 < top_p <= 1, f"{where}: top_p must lie above 0 and at most at 1, got {top_p}")
