"""Pointing: a decoder that answers with elements of its picture instead of writing them (Vinyals et al. 2015).

A nano model finds elements (text lines and data points of a chart, keypoints of a figure, candidate regions of a page),
turns each into a vector, and shows the decoder the image tokens followed by these vectors. An element that the decoder
names is read back as its input embedding, and scored by the product of its output embedding with the decoder's state.
Here is what such models share: the network's part, the prompt, and the loop. Source: arXiv 1506.03134.

Axis letters: b pictures, v image tokens, n elements, t positions, c channels.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ocr2.decoder.generate import (
    Constraint,
    Decoder,
    Generated,
    GenerationConfig,
    PointerVocabulary,
    Request,
    Scheduler,
)
from ocr2.models.loading import load_nano
from ocr2.models.spec import ModelSpec
from ocr2.multimodal.model import MultimodalModel
from ocr2.multimodal.position_features import grid_places
from ocr2.options import LoadOptions
from ocr2.vision.encoder import EncoderOutput


class PointingNetwork(nn.Module, ABC):
    """A network that points; a subclass makes the three layers under these names, which its weights carry."""

    place: nn.Linear  # of position features
    to_word: nn.Linear  # an element's input embedding
    to_head: nn.Linear  # an element's output embedding

    @property
    @abstractmethod
    def multimodal(self) -> MultimodalModel:
        """The encoder and decoder that it is built on."""

    @property
    def device(self) -> torch.device:
        """Where its weights are."""
        return self.place.weight.device

    def encode_picture(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Encode pictures (b, c, height, width), background 0.

        Returns:
            Patches (b, h, w, c), and image tokens with their positions (b, v, hidden).
        """
        (encoded,) = self.multimodal.encode([pixels])
        height, width = pixels.shape[-2:]
        return encoded.patches, self.image_tokens(encoded, (height, width))

    def image_tokens(self, encoded: EncoderOutput, size: tuple[int, int]) -> Tensor:
        """Return the image tokens (b, v, hidden), with their positions, of encoded pictures of a (height, width)."""
        positions = grid_places(*self.multimodal.config.encoders[0].token_grid(size))
        tokens: Tensor = self.multimodal.project([encoded]) + self.place(positions.to(encoded.tokens.device))
        return tokens

    def pointers(self, elements: Tensor) -> tuple[Tensor, Tensor]:
        """Return the input and the output embeddings of elements (..., hidden)."""
        return self.to_word(elements), self.to_head(elements) * elements.shape[-1] ** -0.5


def element_layers(hidden: int, *, heads: int, mlp: int, count: int) -> nn.ModuleList:
    """Make layers in which elements attend to each other and to the image tokens."""
    return nn.ModuleList(
        nn.TransformerDecoderLayer(
            hidden, heads, mlp, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        for _ in range(count)
    )


def with_null_element(null: Tensor, elements: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Put a learnt element (hidden,) in front of all: attention needs one where a picture has none.

    Args:
        null: The learnt element.
        elements: (b, n, hidden).
        valid: (b, n), boolean: False where padded.

    Returns:
        Elements (b, 1 + n, hidden), and what to mask (b, 1 + n), boolean.
    """
    b = len(elements)
    x = torch.cat([null.to(elements.dtype).expand(b, 1, -1), elements], dim=1)
    return x, torch.cat([valid.new_zeros(b, 1), ~valid], dim=1)


def sample_patches(patches: Tensor, points: Tensor) -> Tensor:
    """Interpolate patches (b, h, w, c) at normalised points (b, n, k, 2): (b, n, k, c), in float32."""
    maps = patches.permute(0, 3, 1, 2).float()
    grid = (2 * points - 1).float()
    return F.grid_sample(maps, grid, align_corners=False, padding_mode="border").permute(0, 2, 3, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointerPrompt:
    """A picture as the decoder is given it."""

    embeds: Tensor  # (t, hidden): image tokens, elements, what is asked
    pointers: PointerVocabulary  # its elements
    constraint: Constraint | None = None  # on the answer


def prompt_parts(
    network: PointingNetwork,
    features: Tensor,
    elements: Tensor,
    *,
    ids: range,
    asked: int | None = None,
    dtype: torch.dtype,
) -> tuple[Tensor, PointerVocabulary]:
    """Put together what a `PointerPrompt` holds.

    Args:
        network: The network.
        features: Image tokens (v, hidden).
        elements: (n, hidden).
        ids: That name elements.
        asked: Id of the task that follows the elements; none if None.
        dtype: Compute type of the decoder.
    """
    embeddings, heads = network.pointers(elements)
    pointers = PointerVocabulary(ids.start, ids.stop, embeddings.to(dtype), heads.to(dtype))
    parts = [features.to(dtype), pointers.embeddings]
    if asked is not None:
        parts.append(network.multimodal.embed_tokens(torch.tensor([asked], device=features.device)).to(dtype))
    return torch.cat(parts), pointers


N = TypeVar("N", bound=PointingNetwork)


class PointingReader(Generic[N]):
    """A small model with weights, and its decoder as it answers.

    Args:
        nano: The network, in evaluation mode on its device.
        name: Name of the model.
        weights_sha256: Hash of the weights.
        dtype: Compute type.
    """

    def __init__(self, nano: N, *, name: str, weights_sha256: str, dtype: torch.dtype) -> None:
        self.nano = nano
        self.name = name
        self.weights_sha256 = weights_sha256
        self.dtype = dtype
        self.runtime = nano.multimodal.runtime(dtype=dtype)
        self.runtime.use_graphs = False

    @classmethod
    def load(cls, spec: ModelSpec, options: LoadOptions, build: Callable[[], N]) -> Self:
        """Load a model, ready to read; arguments and errors as of `load_nano`."""
        found = load_nano(spec, options, build)
        return cls(found.network, name=spec.name, weights_sha256=found.shipped.sha256, dtype=found.dtype)


P = TypeVar("P", bound=PointerPrompt)


def answer_prompts(
    runtime: Decoder,
    prompts: Iterator[P],
    config: GenerationConfig,
    *,
    slots: int,
    watch_id: int | None = None,
) -> Iterator[tuple[int, P, Generated]]:
    """Answer prompts, each made when there is room for it; in the order in which they are done.

    Args:
        runtime: The decoder.
        prompts: Made one by one.
        config: How to write.
        slots: Pictures at a time.
        watch_id: Id whose state is to be kept.

    Yields:
        The number of a prompt, the prompt and its answer.
    """
    waiting: dict[int, P] = {}

    def requests() -> Iterator[Request]:
        for i, prompt in enumerate(prompts):
            waiting[i] = prompt
            yield Request(
                inputs_embeds=prompt.embeds,
                config=config,
                pointers=prompt.pointers,
                constraint=prompt.constraint,
                watch_id=watch_id,
                number=i,
            )

    for request, generated in Scheduler(runtime, slots=max(1, slots)).run(requests()):
        yield request.number, waiting.pop(request.number), generated
