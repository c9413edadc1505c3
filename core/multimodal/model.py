"""The one skeleton: image -> encoders -> projectors -> image slots of a prompt -> causal decoder.

The arrangement is LLaVA's (Liu et al. 2023, arXiv 2304.08485) as GOT, Vary, OneChart and Fox use it.
Axis letters: b rows of a batch, t positions, v image tokens.
"""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from transformers import Cache

from ocr2.multimodal.config import MultimodalConfig
from ocr2.multimodal.decoders import build_decoder, cache_argument
from ocr2.multimodal.runtime import DecoderRuntime
from ocr2.options import Quantize
from ocr2.vision.config import ClipConfig, VisionConfig
from ocr2.vision.encoder import EncoderOutput, VisionEncoder


def build_encoder(config: VisionConfig | ClipConfig) -> nn.Module:
    """Build an encoder with random weights; CLIP's library is loaded for CLIP alone."""
    if isinstance(config, VisionConfig):
        return VisionEncoder(config)
    from ocr2.vision.clip import ClipEncoder

    return ClipEncoder(config)


class MultimodalModel(nn.Module):
    """Encoders, projectors and decoder of one model; siblings differ in config, prompts and heads."""

    def __init__(self, config: MultimodalConfig) -> None:
        super().__init__()
        self.config = config
        share = config.decoder.hidden_size // len(config.encoders)
        self.encoders = nn.ModuleList(build_encoder(encoder) for encoder in config.encoders)
        self.projectors = nn.ModuleList(nn.Linear(encoder.out_dim, share) for encoder in config.encoders)
        self.decoder = build_decoder(config.decoder)

    @property
    def embed_tokens(self) -> nn.Module:
        """The decoder's input embedding."""
        return self.decoder.get_input_embeddings()  # type: ignore[no-any-return]

    @property
    def num_layers(self) -> int:
        """Decoder layers, each with keys and values of its own."""
        return self.config.decoder.num_hidden_layers

    def encode(self, pixel_values: Sequence[Tensor]) -> list[EncoderOutput]:
        """Run every encoder on its own preprocessing of the same images.

        Args:
            pixel_values: One (b, channels, height, width) tensor for each encoder.
        """
        if len(pixel_values) != len(self.encoders):
            raise ValueError(f"expected pixel values for {len(self.encoders)} encoders, got {len(pixel_values)}")
        return [encoder(pixels) for encoder, pixels in zip(self.encoders, pixel_values, strict=True)]

    def project(self, encoded: Sequence[EncoderOutput]) -> Tensor:
        """Map the encoders' tokens to decoder width and join them on channels: (b, v, hidden_size)."""
        parts = [projector(e.tokens) for projector, e in zip(self.projectors, encoded, strict=True)]
        return torch.cat(parts, dim=-1)

    def embed(self, input_ids: Tensor, image_features: Tensor) -> Tensor:
        """Embed a prompt and put image features over its image slots, in order.

        Args:
            input_ids: (b, t).
            image_features: (images, v, hidden_size); images times v must equal the slots of the batch.

        Returns:
            (b, t, hidden_size).

        Raises:
            ValueError: If the number of slots and of image tokens differ.
        """
        inputs_embeds: Tensor = self.embed_tokens(input_ids)
        slots = input_ids == self.config.image_token_id
        features = image_features.reshape(-1, image_features.shape[-1]).to(inputs_embeds.dtype)
        if int(slots.sum()) != features.shape[0]:
            raise ValueError(
                f"the prompt has {int(slots.sum())} image slots, the images gave {features.shape[0]} tokens"
            )
        return inputs_embeds.masked_scatter(slots[..., None], features)

    def decode(
        self,
        inputs_embeds: Tensor,
        *,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: Cache | None = None,
        logits_to_keep: int = 0,
    ) -> Tensor:
        """Run the decoder over embeddings.

        Args:
            inputs_embeds: (b, t, hidden_size).
            attention_mask: Additive or boolean (b, 1, t, keys), or None for plain causal attention; None
                with a filled cache is right for t = 1 only.
            position_ids: (b, t); counted on from the cache when left out.
            cache: Keys and values of earlier positions; extended in place.
            logits_to_keep: Compute logits for this many last positions only; 0 for all.

        Returns:
            Logits (b, kept, vocab_size).
        """
        hidden = self.hidden_states(
            inputs_embeds, attention_mask=attention_mask, position_ids=position_ids, cache=cache
        )[:, -logits_to_keep:]
        # As a matrix: for a slice with three axes the head's product would copy its whole weight.
        return self.head(hidden.flatten(0, 1)).view(*hidden.shape[:2], -1)

    def freeze_encoders(self) -> None:
        """Exchange the encoders' linear modules for products that the machine reads fastest; not reversible."""
        for encoder in self.encoders:
            encoder.freeze()  # type: ignore[operator]  # a ModuleList does not say what it holds

    def runtime(self, *, dtype: torch.dtype, quantize: Quantize = "none", consume: bool = False) -> DecoderRuntime:
        """Return the decoder as reading runs it; arguments as of `DecoderRuntime`."""
        return DecoderRuntime(self.decoder, self.config.decoder, dtype=dtype, quantize=quantize, consume=consume)

    def hidden_states(
        self,
        inputs_embeds: Tensor,
        *,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        cache: Cache | None = None,
    ) -> Tensor:
        """Run the decoder without its head; arguments as for `decode`, result (b, t, hidden_size)."""
        output = self.decoder.base_model(
            inputs_embeds=inputs_embeds,
            # transformers' Qwen2 takes a ready mask as it is only under its kind; OPT takes it bare.
            attention_mask={"full_attention": attention_mask}
            if self.config.decoder.family == "qwen2"
            else attention_mask,
            position_ids=position_ids,
            use_cache=cache is not None,
            **{cache_argument(self.decoder.base_model): cache},
        )
        hidden: Tensor = output.last_hidden_state
        return hidden

    def head(self, hidden: Tensor) -> Tensor:
        """Return logits (n, vocab_size) of hidden states (n, hidden_size)."""
        logits: Tensor = self.decoder.get_output_embeddings()(hidden)
        return logits

    def forward(self, input_ids: Tensor, pixel_values: Sequence[Tensor]) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) that hold the images' slots."""
        features = self.project(self.encode(pixel_values))
        return self.decode(self.embed(input_ids, features))


class HasSkeleton(Protocol):
    """Dimensions of a model."""

    @property
    def skeleton(self) -> MultimodalConfig:
        """Those of its skeleton."""


C = TypeVar("C", bound=HasSkeleton)


class SkeletonModel(nn.Module, Generic[C]):
    """A model of one encoder that is the skeleton and nothing else."""

    def __init__(self, config: C) -> None:
        super().__init__()
        self.config = config
        self.skeleton = MultimodalModel(config.skeleton)

    def encode(self, pixel_values: Tensor) -> Tensor:
        """Encode pictures (b, 3, side, side) into decoder features (b, v, hidden_size)."""
        return self.skeleton.project(self.skeleton.encode([pixel_values]))

    def forward(self, input_ids: Tensor, pixel_values: Tensor) -> Tensor:
        """Return logits (b, t, vocab_size) of prompts (b, t) for pictures (b, 3, side, side) in their slots."""
        return self.skeleton.decode(self.skeleton.embed(input_ids, self.encode(pixel_values)))
