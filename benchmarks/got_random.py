"""GOT at its published size with random weights, in our model and in transformers' around the same tensors."""

from typing import Any

import torch
from torch import Tensor
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from ocr2.checkpoint import published_state
from ocr2.got.config import IMAGE_PAD, PRESETS
from ocr2.got.layouts import LAYOUTS
from ocr2.got.model import GOTModel
from ocr2.multimodal.decoders import restore_buffers

TRANSFORMERS_5 = next(layout for layout in LAYOUTS if layout.name == "transformers 5")
TOKENS = 256  # of one view


def random_model(dtype: torch.dtype, *, device: str = "cpu", seed: int = 0) -> GOTModel:
    """Return our model."""
    with torch.device("meta"):
        model = GOTModel(PRESETS["got"]).eval()
    generator = torch.Generator(device).manual_seed(seed)
    state: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        noise = torch.randn(value.shape, generator=generator, device=device).to(dtype)
        state[name] = 0.02 * noise + (1 if "norm" in name and name.endswith("weight") else 0)
    model.load_state_dict(state, assign=True, strict=True)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    return model.to(device).requires_grad_(False)


def in_transformers(model: GOTModel) -> Any:
    """Return transformers' model with our tensors, attention as its defaults choose."""
    decoder = PRESETS["got"].skeleton.decoder
    text = {
        "model_type": "qwen2",
        "vocab_size": decoder.vocab_size,
        "hidden_size": decoder.hidden_size,
        "intermediate_size": decoder.intermediate_size,
        "num_hidden_layers": decoder.num_hidden_layers,
        "num_attention_heads": decoder.num_attention_heads,
        "num_key_value_heads": decoder.num_key_value_heads,
        "rms_norm_eps": decoder.norm_eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": decoder.rope_theta},
        "tie_word_embeddings": True,
    }
    config = GotOcr2Config(text_config=text, tie_word_embeddings=True, image_token_id=IMAGE_PAD)
    with torch.device("meta"):
        theirs = GotOcr2ForConditionalGeneration(config).eval()
    state = published_state(model, TRANSFORMERS_5)
    state["lm_head.weight"] = state["model.language_model.embed_tokens.weight"]
    theirs.load_state_dict(state, assign=True, strict=True)
    theirs.tie_weights()
    restore_buffers(theirs.model.language_model)
    return theirs.to(next(model.parameters()).device).requires_grad_(False)
