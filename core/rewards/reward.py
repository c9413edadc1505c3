"""What a reward is: an answer and its truth go in, a number from 0 to 1 with its named parts comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

PUBLISHED = "published"  # part: the total as the original has it, on its own scale


@dataclass(frozen=True, slots=True)
class RewardResult:
    """A reward.

    Attributes:
        total: 0 to 1.
        parts: What it is made of, 0 to 1 each, but for `published`.
        problem: Why the answer could not be read as what it should be; None if it could.
        unchecked: What could not be checked here, and what to install.

    Raises:
        ValueError: If the total is outside of 0 to 1.
    """

    total: float
    parts: Mapping[str, float] = field(default_factory=dict)
    problem: str | None = None
    unchecked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.total <= 1:
            raise ValueError(f"a reward is from 0 to 1, got {self.total}")


class Score(Protocol):
    """A function that judges an answer."""

    def __call__(self, answer: str, truth: str, /) -> RewardResult:
        """Return the reward of an answer."""


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward by name; call it with an answer and its truth.

    Any text may be an answer: one that cannot be read has a low reward and a problem. A truth that cannot be read is
    an error.
    """

    name: str
    score: Score
    truth: str  # what the truth has to be, in words
    needs_truth: bool = True  # otherwise it may be empty

    def __call__(self, answer: str, truth: str = "") -> RewardResult:
        """Return the reward of an answer.

        Args:
            answer: As the model wrote it.
            truth: See `truth`.

        Raises:
            ValueError: If the truth cannot be read.
            ModuleNotFoundError: If a package is missing without which nothing can be said.
        """
        return self.score(answer, truth)


def clipped(value: float) -> float:
    """Return a value, cut to 0 to 1."""
    return min(1.0, max(0.0, value))


def weighted_mean(name: str, weights: Mapping[Reward, float]) -> Reward:
    """Return a reward that is the mean of others, which judge the same answer by the same truth.

    The parts of the result are the totals, by name, and the parts of each as `name.part`.

    Args:
        name: Of the new reward.
        weights: Above 0.

    Raises:
        ValueError: If there are none, or one is not above 0.
    """
    if not weights or min(weights.values()) <= 0:
        raise ValueError(f"weights must be above 0, got {[*weights.values()]}")
    total_weight = sum(weights.values())

    def score(answer: str, truth: str, /) -> RewardResult:
        results = {reward.name: reward(answer, truth) for reward in weights}
        totals = {part: result.total for part, result in results.items()}
        inner = {f"{one}.{part}": value for one, r in results.items() for part, value in r.parts.items()}
        mean = sum(weight * totals[reward.name] for reward, weight in weights.items()) / total_weight
        problems = [f"{one}: {r.problem}" for one, r in results.items() if r.problem is not None]
        unchecked = tuple(dict.fromkeys(line for r in results.values() for line in r.unchecked))
        return RewardResult(clipped(mean), totals | inner, "; ".join(problems) or None, unchecked)

    truths = dict.fromkeys(reward.truth for reward in weights if reward.needs_truth)
    return Reward(name, score, "; ".join(truths), bool(truths))
