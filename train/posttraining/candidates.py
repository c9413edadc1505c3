"""Candidates: answers of the frozen start at several temperatures, as if sampled before the run."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from ocr2.rewards import Reward
from ocr2.train.posttraining.config import CandidateConfig
from ocr2.train.posttraining.policy import Policy, Sampling
from ocr2.train.posttraining.sampled import SampledTask
from ocr2.train.posttraining.task import sampling_seed

S = TypeVar("S")
E = TypeVar("E")
C = TypeVar("C", bound=CandidateConfig)


class CandidateTask(SampledTask[S, E], Generic[S, E, C]):
    """A task on candidates; they are the same whenever a sample comes, and are not kept: sampling again is exact.

    Args:
        policy: What is trained.
        samples: What it is trained on.
        val: What it is scored on.
        reward: How answers are judged.
        config: Of the method.
        seed: Of the order and of sampling.
    """

    def __init__(
        self,
        policy: Policy[S, E],
        samples: Sequence[S],
        val: Sequence[S],
        *,
        reward: Reward,
        config: C,
        seed: int = 1,
    ) -> None:
        super().__init__(
            policy, samples, val, reward=reward, batch=config.groups, min_spread=config.min_spread, seed=seed
        )
        self.config = config

    @property
    def sampled_policy(self) -> Policy[S, E]:
        """The frozen start."""
        return self.reference

    def sampling(self, step: int, place: int, number: int) -> Sampling:
        """Return how answers are sampled; see `SampledTask`."""
        config = self.config
        return Sampling(
            temperatures=config.temperatures,
            top_p=config.top_p,
            max_new_tokens=config.max_new_tokens,
            seed=sampling_seed(self.seed, number),
        )
