"""What post-training needs of a model: it samples answers, and says how likely given answers are.

Axis letters: n answers to one sample, t tokens of an answer, padded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import torch
from numpy.random import Generator
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

S = TypeVar("S", contravariant=True)  # a sample: a picture and its truth
E = TypeVar("E")  # a sample as the decoder is given it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a policy wrote about a sample."""

    ids: tuple[int, ...]  # with the end, if it was written
    log_probs: tuple[float, ...]  # of each id, of the policy it was sampled from; natural, at temperature 1
    stop: str  # "end", "length" or "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the answers to one sample are sampled: one for each temperature; 0 is greedy."""

    temperatures: tuple[float, ...]
    top_p: float = 1.0
    max_new_tokens: int | None = None  # at most the model's own
    seed: int = 0


@dataclass(frozen=True, slots=True)
class LogProbs:
    """Log-probabilities of the tokens of answers."""

    values: Tensor  # (n, t), natural; 0 where padded
    valid: Tensor  # (n, t), boolean

    def sums(self) -> Tensor:
        """Return the log-probability (n,) of each answer."""
        return self.values.sum(dim=1)


class Policy(Protocol[S, E]):
    """A model that answers about samples. Its encoder and the heads on it are frozen: what they find stays the same."""

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def network(self) -> nn.Module:
        """What ships; the trained part has gradients."""

    def encode(self, sample: S, /) -> E:
        """Return a sample as the decoder is given it, without gradients; the reference takes it too."""

    def truth(self, sample: S, /) -> str:
        """Return what a reward compares answers with."""

    def sample(self, encoded: Sequence[E], samplings: Sequence[Sampling]) -> list[list[Answer]]:
        """Sample answers to each sample, under the current weights.

        Answers depend on the sample, its `Sampling` and the weights alone, not on what else is sampled.
        """

    def log_probs(self, encoded: E, answers: Sequence[Answer]) -> LogProbs:
        """Return the log-probabilities of answers to one sample under the current weights, with gradients."""

    def decode(self, encoded: E, answer: Answer) -> str:
        """Return an answer as the text that a reward takes."""

    def supervised_loss(self, samples: Sequence[S], rng: Generator) -> Tensor:
        """Return the mean cross-entropy of a token of the true answers, from inputs with noise as in training."""

    def frozen_copy(self) -> Self:
        """Return a copy that does not learn: the reference."""


def pad_ids(answers: Sequence[Answer], device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the ids (n, t) of answers, padded with 0, and where they are valid (n, t)."""
    rows = [torch.tensor(answer.ids, dtype=torch.long) for answer in answers]
    ids = pad_sequence(rows, batch_first=True).to(device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    return ids, torch.arange(ids.shape[1], device=device) < lengths[:, None]


def chosen_log_probs(logits: Tensor, ids: Tensor, valid: Tensor) -> LogProbs:
    """Return the log-probabilities of ids (n, t), whose logits are (n, t, vocabulary)."""
    values = logits.float().log_softmax(dim=-1).gather(-1, ids[..., None])[..., 0]
    return LogProbs(values.masked_fill(~valid, 0.0), valid)


def sampled_log_probs(answers: Sequence[Answer], device: torch.device) -> Tensor:
    """Return the log-probabilities (n, t) that answers were sampled with; 0 where padded."""
    return pad_sequence([torch.tensor(answer.log_probs) for answer in answers], batch_first=True).to(device)
