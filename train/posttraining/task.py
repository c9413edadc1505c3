"""What the tasks of post-training share: which samples a step takes, scoring, evaluation, measurements."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from ocr2.rewards import Reward, RewardResult
from ocr2.train.parallel import Workers
from ocr2.train.posttraining.policy import Answer, Policy, Sampling

S = TypeVar("S")
E = TypeVar("E")
EVALUATED_AT_ONCE = 64  # samples


class PostTrainingTask(ABC, Generic[S, E]):
    """A task of `ocr2.train.trainer.Trainer` over a list of samples, every one once an epoch.

    What a step does depends on its number, the seed and the weights alone. Processes of torchrun share its samples.

    Args:
        policy: What is trained.
        samples: What it is trained on.
        val: What it is scored on; may be empty.
        reward: How answers are judged.
        batch: Samples of a step, of all processes; a multiple of their number.
        seed: Of the order and of sampling.
        order: Numbers of the samples in the order of every epoch; None for a random one.

    Raises:
        ValueError: If there are no samples, or processes cannot share a step evenly.
    """

    def __init__(
        self,
        policy: Policy[S, E],
        samples: Sequence[S],
        val: Sequence[S],
        *,
        reward: Reward,
        batch: int,
        seed: int = 1,
        order: Sequence[int] | None = None,
    ) -> None:
        self.workers = Workers()
        if not samples:
            raise ValueError("there are no samples to learn from")
        if batch < 1 or batch % self.workers.count:
            raise ValueError(f"a step of {batch} samples cannot be shared by {self.workers.count} processes")
        self.model: nn.Module = policy.network
        self.policy = policy
        self.samples = samples
        self.val = val
        self.reward = reward
        self.batch = batch
        self.seed = seed
        self.order = order
        self.samples_seen = 0

    @property
    def share(self) -> int:
        """Samples of a step that this process takes."""
        return self.batch // self.workers.count

    @abstractmethod
    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss and the measurements of a step; its gradients may be there already."""

    def draw(self, step: int) -> list[tuple[int, int]]:
        """Return this process's samples of a step: how many were drawn before each in the run, and its number."""
        self.samples_seen += self.batch
        places = self.workers.share_of(np.arange(step * self.batch, (step + 1) * self.batch))
        return [(place, self._number(place)) for place in places.tolist()]

    def _number(self, place: int) -> int:
        epoch, index = divmod(place, len(self.samples))
        if self.order is not None:
            return self.order[index]
        return int(np.random.default_rng([self.seed, epoch]).permutation(len(self.samples))[index])

    def score(self, number: int, encoded: E, answers: Sequence[Answer]) -> list[RewardResult]:
        """Return the rewards of answers to a sample, by its number."""
        truth = self.policy.truth(self.samples[number])
        return [self.reward(self.policy.decode(encoded, answer), truth) for answer in answers]

    def evaluate(self, model: nn.Module) -> dict[str, float]:
        """Return the mean reward of greedy answers to the validation samples, its parts, and their length."""
        assert model is self.model
        results: list[RewardResult] = []
        answers: list[Answer] = []
        for start in range(0, len(self.val), EVALUATED_AT_ONCE):
            part = self.val[start : start + EVALUATED_AT_ONCE]
            encoded = [self.policy.encode(sample) for sample in part]
            found = self.policy.sample(encoded, [Sampling(temperatures=(0.0,))] * len(part))
            for sample, one, (answer,) in zip(part, encoded, found, strict=True):
                results.append(self.reward(self.policy.decode(one, answer), self.policy.truth(sample)))
                answers.append(answer)
        return {name: float(value) for name, value in measure(results, answers).items()}

    def position(self) -> dict[str, int]:
        """Return the samples drawn; the order follows the step."""
        return {"samples": self.samples_seen}

    def seek(self, position: dict[str, int]) -> None:
        """Go on from a position."""
        self.samples_seen = position["samples"]


def measure(results: Sequence[RewardResult], answers: Sequence[Answer]) -> dict[str, Tensor]:
    """Return what is logged of answers: mean reward and its parts, length in tokens, shares of those that ended."""
    if not results:
        return {}
    values: dict[str, list[float]] = {"reward": [result.total for result in results]}
    for result in results:
        for name, value in result.parts.items():
            values.setdefault(f"reward_{name}", []).append(value)
    values["tokens"] = [len(answer.ids) for answer in answers]
    values["ended"] = [answer.stop == "end" for answer in answers]
    values["looped"] = [answer.stop == "loop" for answer in answers]
    return {name: torch.tensor(float(np.mean(found))) for name, found in values.items()}


def accumulated(loss: float) -> Tensor:
    """Return the loss of gradients that are there already, for a trainer that goes backwards from it once more."""
    return torch.tensor(loss, requires_grad=True)


def sampling_seed(seed: int, place: int) -> int:
    """Return the seed of the answers to the sample at a place of the run."""
    return seed * 1_000_000 + place


def easiest_first(
    policy: Policy[S, E], samples: Sequence[S], reward: Reward, sampling: Sampling
) -> tuple[list[int], list[float]]:
    """Return the numbers of samples from the highest mean reward of their answers to the lowest, and these rewards."""
    means: list[float] = []
    for start in range(0, len(samples), EVALUATED_AT_ONCE):
        part = samples[start : start + EVALUATED_AT_ONCE]
        encoded = [policy.encode(sample) for sample in part]
        for sample, one, answers in zip(part, encoded, policy.sample(encoded, [sampling] * len(part)), strict=True):
            truth = policy.truth(sample)
            means.append(float(np.mean([reward(policy.decode(one, answer), truth).total for answer in answers])))
    order = sorted(range(len(samples)), key=lambda i: (-means[i], i))
    return order, [means[i] for i in order]


def growing(first: int, last: int, share: float) -> int:
    """Return a number that grows evenly from the first to the last as a share goes from 0 to 1.

    Examples:
        >>> [growing(4, 8, share) for share in (0.0, 0.5, 0.99, 2.0)]
        [4, 6, 8, 8]
    """
    return first + math.floor((last - first + 1) * min(share, 0.999_999)) if last > first else first
