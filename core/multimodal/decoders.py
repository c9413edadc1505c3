"""Decoders by family: transformers' own classes under our dimensions."""

import inspect

from torch import nn
from transformers import OPTConfig, OPTForCausalLM, PreTrainedModel, Qwen2Config, Qwen2ForCausalLM

from ocr2.multimodal.config import DecoderConfig


def build_decoder(config: DecoderConfig) -> PreTrainedModel:
    """Build the causal decoder of a family with random weights, attention through SDPA."""
    if config.family == "opt":
        return OPTForCausalLM(_opt_config(config))
    return Qwen2ForCausalLM(_qwen2_config(config))


def cache_argument(decoder: nn.Module) -> str:
    """Return how a decoder calls its cache: `cache` from transformers 5.24 on, `past_key_values` before."""
    return "cache" if "cache" in inspect.signature(decoder.forward).parameters else "past_key_values"


def _qwen2_config(config: DecoderConfig) -> Qwen2Config:
    return Qwen2Config(
        **_common(config),
        intermediate_size=config.intermediate_size,
        num_key_value_heads=config.num_key_value_heads,
        rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
        rms_norm_eps=config.norm_eps,
    )


def _opt_config(config: DecoderConfig) -> OPTConfig:
    return OPTConfig(
        **_common(config),
        word_embed_proj_dim=config.hidden_size,
        ffn_dim=config.intermediate_size,
        dropout=0.0,
        pad_token_id=0,
    )


def _common(config: DecoderConfig) -> dict[str, object]:
    """Return what all families' configs call alike."""
    return {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "tie_word_embeddings": config.tie_word_embeddings,
        "attn_implementation": "sdpa",
        "num_hidden_layers": config.num_hidden_layers,
        "num_attention_heads": config.num_attention_heads,
        "max_position_embeddings": config.max_position_embeddings,
        "bos_token_id": None,
        "eos_token_id": None,
    }


def restore_buffers(decoder: PreTrainedModel) -> None:
    """Compute what a decoder built on the meta device lacks beside its weights: rotary frequencies."""
    inner = decoder.base_model
    rotary = getattr(inner, "rotary_emb", None)
    if rotary is not None:
        inner.rotary_emb = type(rotary)(config=decoder.config)
