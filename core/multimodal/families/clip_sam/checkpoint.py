"""Checkpoints as Vary-toy's was released: tensor names, the pickle it comes in, weights in memory.

Source: docs/models/vary.md, "Released files", "Tensor names".
"""

import json
from functools import partial
from pathlib import Path
from typing import Unpack

from ocr2.checkpoints.tensor_names import Layout, Rename
from ocr2.checkpoints.weights import INDEX, SINGLE, PickledWeights, Weights
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.errors import CheckpointError
from ocr2.multimodal import published
from ocr2.multimodal.families.clip_sam.config import PUBLISHED, ClipSamConfig
from ocr2.multimodal.families.clip_sam.network import ClipSamModel
from ocr2.multimodal.families.qwen_chat import TIKTOKEN, TOKENIZER, load_tokenizer
from ocr2.multimodal.families.sam_names import sam_renames

CONFIG, PICKLE = "config.json", "pytorch_model.bin"
ARCHITECTURES = ("MMGPTQwenForCausalLM", "varyQwenForCausalLM")
FUSED = {".attn.c_attn": ("q", "k", "v")}
# Tables of positions and masks that may be stored, and follow from the config.
IGNORED = (".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq", ".embeddings.position_ids")
DEPTH = 24  # layers of the published decoder; rules of layers that a smaller one lacks match nothing
CLIP, SAM, DECODER = "skeleton.encoders.0.tower.", "skeleton.encoders.1.", "skeleton.decoder."
BASE_WIDTH = 4096  # hidden size of Vary-base, which is another model

Published = published.Published[ClipSamModel, Tokenizer]
write_companions = published.companion_writer(TIKTOKEN, TOKENIZER)


def _layer(number: int) -> list[Rename]:
    theirs, ours = f"transformer.h.{number}.", f"{DECODER}model.layers.{number}."
    return [
        Rename(f"{theirs}ln_1.", f"{ours}input_layernorm."),
        Rename(f"{theirs}ln_2.", f"{ours}post_attention_layernorm."),
        *(Rename(f"{theirs}attn.c_attn.{part}.", f"{ours}self_attn.{part}_proj.") for part in "qkv"),
        Rename(f"{theirs}attn.c_proj.", f"{ours}self_attn.o_proj."),
        Rename(f"{theirs}mlp.w1.", f"{ours}mlp.up_proj."),
        Rename(f"{theirs}mlp.w2.", f"{ours}mlp.gate_proj."),  # the second is the gate
        Rename(f"{theirs}mlp.c_proj.", f"{ours}mlp.down_proj."),
    ]


def original_layout() -> Layout:
    """Return how the authors' file names its tensors, fused ones parted (`FUSED`)."""
    return Layout(
        "original",
        (
            Rename("transformer.vision_tower.vision_model.", CLIP),
            *sam_renames("transformer.vision_tower_high.", SAM),
            Rename("transformer.mm_projector.", "skeleton.projectors.0."),
            Rename("transformer.mm_projector_vary.", "skeleton.projectors.1."),
            Rename("transformer.wte.", f"{DECODER}model.embed_tokens."),
            *(rule for number in range(DEPTH) for rule in _layer(number)),
            Rename("transformer.ln_f.", f"{DECODER}model.norm."),
            Rename("lm_head.", f"{DECODER}lm_head."),
        ),
    )


LAYOUTS = (original_layout(),)


def checkpoint_format(config: ClipSamConfig = PUBLISHED) -> published.CheckpointFormat[ClipSamModel, Tokenizer]:
    """Return how the published checkpoint of a config is stored."""
    return published.CheckpointFormat(
        partial(ClipSamModel, config), load_tokenizer, ARCHITECTURES, LAYOUTS, write_companions, open_weights
    )


def load_published(
    folder: Path, *, config: ClipSamConfig = PUBLISHED, **placement: Unpack[published.Placement]
) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors or as the pickle of the release, and `qwen.tiktoken`.
        config: Dimensions that the checkpoint must have.
        placement: Where the parameters are put, and as what; the released file is bfloat16.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of another
            shape.
    """
    refuse_base(folder)
    return published.load_checkpoint(folder, checkpoint_format(config), **placement)


def refuse_base(folder: Path) -> None:
    """Refuse a checkpoint of Vary-base, whose decoder is four times as wide.

    Raises:
        CheckpointError: If it is one.
    """
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # without a config the tensors themselves will tell
        return
    if isinstance(values, dict) and values.get("hidden_size") == BASE_WIDTH:
        raise CheckpointError(f"{folder} is a Vary-base checkpoint (hidden size {BASE_WIDTH}); expected Vary-toy's")


def open_weights(folder: Path) -> Weights:
    """Return the weights of a checkpoint, also of one that is still a pickle; fused tensors are parted."""
    pickle = folder / PICKLE
    written = (folder / SINGLE).is_file() or (folder / INDEX).is_file()  # as safetensors
    opened, where = (PickledWeights, pickle) if pickle.is_file() and not written else (Weights, folder)
    return opened(where, fused=FUSED, ignored=IGNORED)
