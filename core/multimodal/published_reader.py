"""What the readers of published models share: the parts of a checkpoint, ready to read, and its loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Generic, Self, TypedDict, TypeVar, Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ocr2.decoder.generate import Generated, GenerationConfig, Request, Scheduler
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.models.loading import LoadPublished, load_folder
from ocr2.models.protocols import Answer, Question, RegionReading
from ocr2.models.spec import ModelSpec
from ocr2.multimodal.named_boxes import find_by_asking
from ocr2.multimodal.published import Published, reading_runtime, skeleton_of
from ocr2.options import LoadOptions, Quantize

M = TypeVar("M", bound=nn.Module)
T = TypeVar("T", bound=Tokenizer)
R = TypeVar("R")


class ReaderOptions(TypedDict, total=False):
    """How any published model is made ready."""

    name: str  # of the model
    quantize: Quantize  # keeps the decoder's matrices in fewer bits
    # Takes the weights out of the checkpoint as they are brought into the form that reading needs, so that they are
    # never held twice; its model cannot be used otherwise then.
    consume: bool


class CheckpointReader(Generic[M, T]):
    """A published model with weights.

    Args:
        published: The checkpoint in memory.
        options: As of `ReaderOptions`.
    """

    default_name: ClassVar[str]
    slots: ClassVar[Mapping[str, int]] = {"cpu": 8, "cuda": 32}  # requests at a time by device; elsewhere one

    def __init__(self, published: Published[M, T], **options: Unpack[ReaderOptions]) -> None:
        self.model = published.model
        self.tokenizer = published.tokenizer
        self.name = options.get("name", self.default_name)
        self.weights_sha256 = published.sha256
        parameter = next(skeleton_of(self.model).projectors.parameters())
        self.dtype, self.device = parameter.dtype, parameter.device
        self.runtime = reading_runtime(
            self.model, quantize=options.get("quantize", "none"), consume=options.get("consume", False)
        )

    @classmethod
    def load(cls, spec: ModelSpec, options: LoadOptions, load: LoadPublished[Published[M, T]]) -> Self:
        """Load a model from the folder of its checkpoint, ready to read; arguments and errors as of `load_folder`."""
        return cls(load_folder(spec, options, load), name=spec.name, quantize=options.quantize, consume=True)

    def write(self, requests: Iterable[Request], read: Callable[[int, Generated], R], *, count: int) -> list[R]:
        """Let the model write, several requests at a time, and return what was read out of each, in order.

        Args:
            requests: Numbered from 0; taken when there is room for one more.
            read: Reads what was written, given the request's number.
            count: Number of requests.
        """
        readings: dict[int, R] = {}
        slots = min(self.slots.get(self.device.type, 1), max(1, count))
        for request, generated in Scheduler(self.runtime, slots=slots).run(requests):
            readings[request.number] = read(request.number, generated)
        return [readings[i] for i in range(count)]

    @torch.inference_mode()
    def embed(self, ids: Sequence[int], features: Tensor) -> Tensor:
        """Return a prompt's embeddings (t, hidden_size), image features (b, v, hidden_size) in its slots."""
        return skeleton_of(self.model).embed(torch.tensor([ids], device=self.device), features)[0]


class AskedReader(CheckpointReader[M, T], ABC):
    """A published model with weights that answers questions, and finds things when asked where they are."""

    region_kinds: tuple[str, ...] = ()
    writes_answers = True

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions, several at a time, in order; greedy, so that two runs agree.

        Args:
            questions: With their pictures.
            max_new_tokens: Of an answer; never more than the context leaves.

        Raises:
            ValueError: If a question has more or fewer pictures than the model takes, or leaves no room for an answer.
        """
        prompts = [self.prompt(question) for question in questions]
        requests = self._requests(questions, prompts, max_new_tokens)
        return self.write(requests, lambda _, generated: self.read_answer(generated), count=len(questions))

    def find_regions(
        self, pictures: Sequence[NDArray[np.uint8]], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        """Find named things in pictures (height, width, 3), or all that the model knows."""
        return find_by_asking(self, pictures, names, max_new_tokens=max_new_tokens)

    @abstractmethod
    def prompt(self, question: Question) -> list[int]:
        """Return the ids of a question; errors as of `answer`."""

    @abstractmethod
    def embed_question(self, question: Question, ids: Sequence[int]) -> Tensor:
        """Return a prompt's embeddings (t, hidden_size), the question's pictures in their slots."""

    @abstractmethod
    def generation(self, prompt: Sequence[int], asked: int | None) -> GenerationConfig:
        """Return how an answer is written, of at most `asked` tokens."""

    @abstractmethod
    def read_answer(self, generated: Generated) -> Answer:
        """Return the answer that was written."""

    def _requests(
        self, questions: Sequence[Question], prompts: Sequence[list[int]], asked: int | None
    ) -> Iterator[Request]:
        """Encode questions one by one, each when there is room for it."""
        for i, (question, ids) in enumerate(zip(questions, prompts, strict=True)):
            config = self.generation(ids, asked)
            yield Request(inputs_embeds=self.embed_question(question, ids), config=config, number=i)
