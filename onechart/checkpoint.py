"""The published OneChart checkpoint: names of its tensors, its folder in memory, and the files beside the weights.

No code is ever written or copied: the release carries some, which ocr2 does not need.

Source: docs/models/onechart.md, "Tensor names", "Released files".
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Unpack

from ocr2.checkpoints.tensor_names import Layout, Rename
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.errors import CheckpointError
from ocr2.multimodal import published
from ocr2.multimodal.families import sam_opt
from ocr2.multimodal.families.sam_opt import ADDED, END, MERGES, RULES, TIED, VOCABULARY
from ocr2.onechart.config import PRESETS, OneChartConfig
from ocr2.onechart.network import OneChartModel
from ocr2.onechart.prompts import NUMBER_TOKEN, QUERY, QUERY_IDS, SPECIALS, VERB, VERB_IDS

LAYOUTS = (Layout("original", (*RULES, Rename("num_decoder.", "num_decoder.")), TIED),)


# The released class, its name when it was first uploaded, and that of the code on GitHub.
ARCHITECTURES = ("OneChartOPTForCausalLM", "MMGPTOPTForCausalLM", "varyOPTForCausalLM")


Published = published.Published[OneChartModel, GPT2Tokenizer]


def checkpoint_format(preset: str = "onechart") -> published.CheckpointFormat[OneChartModel, GPT2Tokenizer]:
    """Return how a preset's published checkpoint is stored."""
    config = PRESETS[preset]
    return published.CheckpointFormat(
        partial(OneChartModel, config), load_tokenizer, ARCHITECTURES, LAYOUTS, partial(write_companions, config=config)
    )


def load_published(folder: Path, *, preset: str = "onechart", **placement: Unpack[published.Placement]) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors, `vocab.json` and `merges.txt`.
        preset: Dimensions that the checkpoint must have.
        placement: Where the parameters are put, and as what; the released file is bfloat16.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(folder, checkpoint_format(preset), **placement)


def load_tokenizer(folder: Path) -> GPT2Tokenizer:
    """Read the tokenizer of a checkpoint's folder.

    Raises:
        CheckpointError: If there is none, its special tokens are not OneChart's, or it would write the words of the
            prompt with other ids.
    """
    return sam_opt.load_tokenizer(folder, specials=SPECIALS, known={VERB + QUERY: VERB_IDS + QUERY_IDS})


CONFIG = "config.json"
COPIED = ("generation_config.json", "special_tokens_map.json", "tokenizer_config.json", ADDED, MERGES, VOCABULARY)


def write_companions(source: Path, target: Path, layout: str, dtype: str, *, config: OneChartConfig) -> list[str]:
    """Copy configs and tokenizer, the number type of the weights brought up to date.

    Args:
        source: The checkpoint that was converted.
        target: Folder to write to.
        layout: Name of the layout of the weights; there is one.
        dtype: Number type of the weights.
        config: Dimensions of the model.

    Returns:
        What a user should know of these files: nothing.
    """
    values = _stored_config(source / CONFIG) or _own_config(config)
    text = json.dumps({**values, "torch_dtype": dtype}, indent=2, ensure_ascii=False)
    (target / CONFIG).write_text(text + "\n", encoding="utf-8")
    for name in COPIED:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    return []


def _stored_config(path: Path) -> dict[str, object]:
    """Return the values of a config without what names code, nothing if there is no file."""
    if not path.is_file():
        return {}
    try:
        values = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is not a model's config: {error}") from error
    values.pop("auto_map", None)
    return values


def _own_config(config: OneChartConfig) -> dict[str, object]:
    decoder = config.skeleton.decoder
    return {
        "architectures": [ARCHITECTURES[0]],
        "model_type": "OneChart",
        "vocab_size": decoder.vocab_size,
        "hidden_size": decoder.hidden_size,
        "word_embed_proj_dim": decoder.hidden_size,
        "ffn_dim": decoder.intermediate_size,
        "num_hidden_layers": decoder.num_hidden_layers,
        "num_attention_heads": decoder.num_attention_heads,
        "max_position_embeddings": decoder.max_position_embeddings,
        "activation_function": "relu",
        "do_layer_norm_before": True,
        "enable_bias": True,
        "bos_token_id": SPECIALS[END],
        "eos_token_id": SPECIALS[END],
        "pad_token_id": SPECIALS["<pad>"],
        "im_patch_token": SPECIALS["<imgpad>"],
        "im_start_token": SPECIALS["<img>"],
        "im_end_token": SPECIALS["</img>"],
        "number_token": SPECIALS[NUMBER_TOKEN],
        "image_token_len": config.num_image_tokens,
        "use_im_start_end": True,
        "use_cache": True,
    }
