"""The published Vary-tiny checkpoint: names of its tensors, its folder in memory, and the files beside the weights.

Source: docs/models/vary.md, "Vary-tiny".
"""

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

Published = published.Published[TinyModel, GPT2Tokenizer]
write_companions = published.companion_writer(VOCABULARY, MERGES, ADDED)


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
