"""What the policies of all nano models share: sampling on the one generation loop, freezing, copying."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Self, TypeVar

import torch
from numpy.random import Generator
from torch import Tensor, nn

from ocr2.decoder.generate import GenerationConfig, PointerVocabulary, Request, Scheduler
from ocr2.multimodal.model import MultimodalModel
from ocr2.train.posttraining.policy import Answer, LogProbs, Sampling
from ocr2.train.trainer import use_products

SLOTS = 64  # answers that are written at a time
S = TypeVar("S")
E = TypeVar("E")


class NanoPolicy(ABC, Generic[S, E]):
    """A small model as a `Policy`; computes in float32, in whose place bfloat16 would round small steps away.

    Args:
        network: What ships.
        name: Name of the model.
        frozen: Parts of the network that do not learn.
    """

    def __init__(self, network: nn.Module, *, name: str, frozen: Sequence[nn.Module]) -> None:
        self.network = network
        self.name = name
        for part in frozen:
            part.requires_grad_(False)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.network.parameters()).device

    @property
    @abstractmethod
    def skeleton(self) -> MultimodalModel:
        """The encoder and decoder."""

    @property
    @abstractmethod
    def end_id(self) -> int:
        """Id of the end of an answer."""

    @abstractmethod
    def encode(self, sample: S, /) -> E:
        """Return a sample as the decoder is given it; see `Policy`."""

    @abstractmethod
    def truth(self, sample: S, /) -> str:
        """Return what a reward compares answers with."""

    @abstractmethod
    def log_probs(self, encoded: E, answers: Sequence[Answer]) -> LogProbs:
        """Return the log-probabilities of answers to one sample; see `Policy`."""

    @abstractmethod
    def decode(self, encoded: E, answer: Answer) -> str:
        """Return an answer as the text that a reward takes."""

    @abstractmethod
    def supervised_loss(self, samples: Sequence[S], rng: Generator) -> Tensor:
        """Return the mean cross-entropy of a token of the true answers; see `Policy`."""

    @abstractmethod
    def max_new_tokens(self, encoded: E) -> int:
        """Return the most tokens of an answer."""

    @abstractmethod
    def prompt(self, encoded: E) -> tuple[Tensor, PointerVocabulary | None]:
        """Return the prompt (t, hidden) of a sample under the current weights, and its elements if it has any."""

    @torch.no_grad()
    def sample(self, encoded: Sequence[E], samplings: Sequence[Sampling]) -> list[list[Answer]]:
        """Sample answers; see `Policy`."""
        runtime = self.skeleton.runtime(dtype=torch.float32)  # of the weights as they are now
        runtime.use_graphs = False
        requests: dict[int, tuple[Request, int, int]] = {}  # by identity: a request and which answer it is
        for i, (one, sampling) in enumerate(zip(encoded, samplings, strict=True)):
            embeds, pointers = self.prompt(one)
            most = self.max_new_tokens(one)
            for j, temperature in enumerate(sampling.temperatures):
                config = GenerationConfig(
                    end_ids=(self.end_id,),
                    max_new_tokens=min(sampling.max_new_tokens or most, most),
                    temperature=temperature,
                    top_p=sampling.top_p,
                    seed=sampling.seed,
                )
                request = Request(inputs_embeds=embeds, config=config, pointers=pointers, number=j)
                requests[id(request)] = request, i, j
        answers: list[dict[int, Answer]] = [{} for _ in encoded]
        waiting = [request for request, _, _ in requests.values()]
        scheduler = Scheduler(runtime, slots=max(1, min(SLOTS, len(waiting))))
        for request, written in scheduler.run(waiting):
            _, i, j = requests[id(request)]
            ids = (*written.ids, self.end_id) if written.stop == "end" else tuple(written.ids)
            answers[i][j] = Answer(ids, tuple(written.log_probs), written.stop)
        return [[found[j] for j in range(len(found))] for found in answers]

    def frozen_copy(self) -> Self:
        """Return a copy that does not learn; see `Policy`."""
        twin = copy.copy(self)
        twin.network = copy.deepcopy(self.network).requires_grad_(False)
        use_products(twin.network, self.device)  # as the trainer does: both must give the same numbers
        return twin
