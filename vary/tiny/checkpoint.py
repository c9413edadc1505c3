"""The published Vary-tiny checkpoint: names of its tensors, its folder in memory, and the files beside the weights.

Source: docs/models/vary.md, "Vary-tiny".
"""

import json
import shutil
from pathlib import Path

import torch

from ocr2.checkpoints.tensor_names import Layout
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.multimodal import published
from ocr2.multimodal.families.sam_opt import ADDED, MERGES, RULES, TIED, VOCABULARY, load_tokenizer
from ocr2.vary.tiny.config import PRESETS, TinyConfig
from ocr2.vary.tiny.network import TinyModel

ARCHITECTURES = ("varyOPTForCausalLM", "MMGPTOPTForCausalLM")
LAYOUTS = (Layout("original", RULES, TIED),)
CONFIG = "config.json"

Published = published.Published[TinyModel, GPT2Tokenizer]


def checkpoint_format(
    config: TinyConfig = PRESETS["vary-tiny"],
) -> published.CheckpointFormat[TinyModel, GPT2Tokenizer]:
    """Return how the published checkpoint of a config is stored."""
    return published.CheckpointFormat(
        build=lambda: TinyModel(config),
        load_tokenizer=load_tokenizer,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        write_companions=write_companions,
    )


def load_published(
    folder: Path,
    *,
    config: TinyConfig = PRESETS["vary-tiny"],
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors, `vocab.json` and `merges.txt`.
        config: Dimensions that the checkpoint must have.
        device: Where to put it.
        dtype: Of the parameters.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(folder, checkpoint_format(config), device=device, dtype=dtype)


def write_companions(source: Path, target: Path, layout: str, dtype: str) -> list[str]:
    """Copy config and tokenizer, the number type of the weights brought up to date; no code is copied.

    Args:
        source: The checkpoint that was converted.
        target: Folder to write to.
        layout: Name of the layout of the weights; there is one.
        dtype: Number type of the weights.

    Returns:
        What a user should know of these files: nothing.
    """
    values = json.loads((source / CONFIG).read_text(encoding="utf-8")) if (source / CONFIG).is_file() else {}
    values.pop("auto_map", None)
    (target / CONFIG).write_text(json.dumps({**values, "torch_dtype": dtype}, indent=2) + "\n", encoding="utf-8")
    for name in (VOCABULARY, MERGES, ADDED):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    return []
