"""Dimensions of a decoder and of a whole multimodal model: data only, importable without torch."""

from dataclasses import dataclass
from typing import Literal

from ocr2.vision.config import ClipConfig, VisionConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """Dimensions of one causal decoder, named as its published `config.json` names them."""

    family: Literal["qwen2", "opt"]
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    max_position_embeddings: int
    rope_theta: float
    norm_eps: float
    tie_word_embeddings: bool

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size must be a multiple of num_attention_heads = {self.num_attention_heads}, "
                f"got {self.hidden_size}"
            )
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError(
                f"num_attention_heads must be a multiple of num_key_value_heads = "
                f"{self.num_key_value_heads}, got {self.num_attention_heads}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MultimodalConfig:
    """One model: its encoders, how their features meet, its decoder, and the id of an image slot."""

    encoders: tuple[VisionConfig | ClipConfig, ...]  # several encoders see the same image; features join on channels
    decoder: DecoderConfig
    image_token_id: int  # prompts hold it once for every image token

    def __post_init__(self) -> None:
        if self.decoder.hidden_size % len(self.encoders):
            raise ValueError(
                f"hidden_size must be a multiple of the number of encoders = {len(self.encoders)}, "
                f"got {self.decoder.hidden_size}"
            )
        if not 0 <= self.image_token_id < self.decoder.vocab_size:
            raise ValueError(
                f"image_token_id must lie in a vocabulary of {self.decoder.vocab_size}, got {self.image_token_id}"
            )

    @property
    def document(self) -> VisionConfig:
        """The encoder of documents: the only one, or the last."""
        encoder = self.encoders[-1]
        assert isinstance(encoder, VisionConfig)
        return encoder
