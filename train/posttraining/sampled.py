"""A step that samples groups of answers and learns from each: GRPO, PerPO, RePer."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from ocr2.rewards import Reward, RewardResult
from ocr2.rewards.groups import spread
from ocr2.train.posttraining.policy import Answer, Policy, Sampling
from ocr2.train.posttraining.task import PostTrainingTask, accumulated, measure

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True)  # no slots: with them a generic alias cannot be called
class Group(Generic[E]):
    """The answers to one sample, and what they are worth."""

    encoded: E
    answers: Sequence[Answer]
    results: Sequence[RewardResult]

    @property
    def rewards(self) -> list[float]:
        """Their totals."""
        return [result.total for result in self.results]


class SampledTask(PostTrainingTask[S, E]):
    """Samples answers to every sample of a step, scores them, and learns from groups whose rewards differ.

    Gradients are accumulated group by group, so that memory does not grow with the batch. A group that is skipped
    counts as a loss of 0.

    Args:
        policy: What is trained.
        samples: What it is trained on.
        val: What it is scored on.
        reward: How answers are judged.
        batch: Groups of a step.
        min_spread: Best less worst reward of a group below which it is skipped; at 0 only if all are equal.
        seed: Of the order and of sampling.
        order: See `PostTrainingTask`.
    """

    def __init__(
        self,
        policy: Policy[S, E],
        samples: Sequence[S],
        val: Sequence[S],
        *,
        reward: Reward,
        batch: int,
        min_spread: float = 0.0,
        seed: int = 1,
        order: Sequence[int] | None = None,
    ) -> None:
        super().__init__(policy, samples, val, reward=reward, batch=batch, seed=seed, order=order)
        self.min_spread = min_spread
        self.reference = policy.frozen_copy()

    @property
    def sampled_policy(self) -> Policy[S, E]:
        """The policy whose answers are learnt from."""
        return self.policy

    @abstractmethod
    def sampling(self, step: int, place: int, number: int) -> Sampling:
        """Return how answers are sampled.

        Args:
            step: Number of the step.
            place: How many samples of the run came before.
            number: Of the sample.
        """

    @abstractmethod
    def learn(self, group: Group[E], scale: float) -> dict[str, float]:
        """Go backwards from a group's loss times a factor; returns the loss as "loss", and more to be logged."""

    def losses(self, step: int, progress: float) -> dict[str, Tensor]:
        """Return the loss, whose gradients are there already, and the measurements of a step."""
        drawn = self.draw(step)
        encoded = [self.policy.encode(self.samples[number]) for _, number in drawn]
        samplings = [self.sampling(step, place, number) for place, number in drawn]
        written = self.sampled_policy.sample(encoded, samplings)
        learnt: list[dict[str, float]] = []
        groups: list[Group[E]] = []
        for (_, number), one, answers in zip(drawn, encoded, written, strict=True):
            group = Group(one, answers, self.score(number, one, answers))
            groups.append(group)
            width = spread(group.rewards)
            if width > 0 and width >= self.min_spread:
                learnt.append(self.learn(group, 1 / self.share))
        total = sum(values["loss"] for values in learnt) / self.share
        return {"loss": accumulated(total), **self._measurements(groups, learnt)}

    def _measurements(self, groups: Sequence[Group[E]], learnt: Sequence[dict[str, float]]) -> dict[str, Tensor]:
        results = [result for group in groups for result in group.results]
        measured = measure(results, [answer for group in groups for answer in group.answers])
        measured["answers"] = torch.tensor(len(results) / len(groups))
        measured["spread"] = torch.tensor(float(np.mean([spread(group.rewards) for group in groups])))
        measured["skipped"] = torch.tensor(1 - len(learnt) / len(groups))
        for name in sorted({name for values in learnt for name in values} - {"loss"}):
            measured[name] = torch.tensor(float(np.mean([values[name] for values in learnt])))
        return measured
