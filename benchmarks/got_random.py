"""GOT with random weights, in our model and in transformers' around the same tensors."""

import copy
from typing import Any

import torch
from torch import Tensor
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration

from ocr2.checkpoints.weights import published_state
from ocr2.cli.bench.measure import with_weights
from ocr2.got.checkpoint import LAYOUTS, decoder_config
from ocr2.got.config import PRESETS, GOTConfig
from ocr2.got.network import GOTModel
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.runtime import DecoderRuntime
from tests.random_weights import scaled_state

TRANSFORMERS_5 = next(layout for layout in LAYOUTS if layout.name == "transformers 5")
LOUD = 2048  # one word in so many competes for the best
PAD = 151_643  # the id that fills rows which ended; none does here
QUIET = 1e-3  # of what the layers of a walking decoder add


def in_transformers(model: GOTModel) -> Any:
    """Return transformers' model with our tensors, attention as its defaults choose."""
    config = _transformers_config(model.config)
    with torch.device("meta"):
        theirs = GotOcr2ForConditionalGeneration(config).eval()
    state = published_state(model, TRANSFORMERS_5)
    state["lm_head.weight"] = state["model.language_model.embed_tokens.weight"]
    theirs.load_state_dict(state, assign=True, strict=True)
    theirs.tie_weights()
    restore_buffers(theirs.model.language_model)
    return theirs.to(next(model.parameters()).device).requires_grad_(False)


def _transformers_config(config: GOTConfig) -> GotOcr2Config:
    vision = config.skeleton.document
    sees = {
        "hidden_size": vision.embed_dim,
        "output_channels": vision.neck[0].out_chans,
        "num_hidden_layers": vision.depth,
        "num_attention_heads": vision.num_heads,
        "image_size": config.image_height,
        "patch_size": vision.stem[0].kernel[0],
        "window_size": vision.window_size[0],
        "global_attn_indexes": list(vision.global_attn_indexes),
        "mlp_dim": vision.mlp_dim,
    }
    return GotOcr2Config(
        text_config={"model_type": "qwen2", **decoder_config(config)},
        vision_config=sees,
        tie_word_embeddings=True,
        image_token_id=config.skeleton.image_token_id,
    )


@torch.inference_mode()
def their_text(theirs: Any, embeds: Tensor, tokens: int, **options: Any) -> Tensor:
    """Return ids (b, tokens) that transformers writes after prompts (b, t, hidden)."""
    ids: Tensor = theirs.generate(
        inputs_embeds=embeds,
        attention_mask=torch.ones(embeds.shape[:2], dtype=torch.long, device=embeds.device),
        max_new_tokens=tokens,
        min_new_tokens=tokens,
        do_sample=False,
        pad_token_id=PAD,
        eos_token_id=None,
        **options,
    )
    return ids[:, -tokens:]


def scaled_model(preset: str, *, seed: int = 0) -> GOTModel:
    """Return a float32 model in which every layer matters and the best token leads by more than rounding."""
    with torch.device("meta"):
        model = GOTModel(PRESETS[preset]).eval()
    state = scaled_state(model, seed=seed)
    words = state["skeleton.decoder.model.embed_tokens.weight"]
    words[::LOUD] *= 3
    state["skeleton.decoder.lm_head.weight"] = words
    return with_weights(model, state)


def walking_runtime(model: GOTModel, *, seed: int = 0) -> DecoderRuntime:
    """Return a decoder of a model's size that writes a long text without repeats, whatever rounding does.

    Its layers add little, and its head holds for every token the embedding of the one before on a random walk through
    the vocabulary, so that the next token of the walk leads by far. Random weights alone soon write in circles.
    """
    decoder: Any = copy.deepcopy(model.skeleton.decoder)
    for layer in decoder.base_model.layers:
        for product in (layer.self_attn.o_proj, layer.mlp.down_proj):
            product.weight.data *= QUIET
    table = decoder.get_input_embeddings().weight.data
    walk = torch.randperm(len(table), generator=torch.Generator().manual_seed(seed))
    before = torch.empty_like(walk)
    before[walk] = walk.roll(1)
    decoder.lm_head.weight = torch.nn.Parameter(table[before], requires_grad=False)
    return DecoderRuntime(decoder, model.config.skeleton.decoder, dtype=table.dtype, consume=True)
