"""The published Vary-tiny checkpoint: names of its tensors, its folder in memory, and the files beside the weights.

Source: docs/models/vary.md, "Vary-tiny".
"""

from functools import partial
from pathlib import Path
from typing import Unpack

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
    model = partial(TinyModel, config)
    return published.CheckpointFormat(model, load_tokenizer, ARCHITECTURES, LAYOUTS, write_companions)


def load_published(
    folder: Path, *, config: TinyConfig = PRESETS["vary-tiny"], **placement: Unpack[published.Placement]
) -> Published:
    """Load a released checkpoint; errors as of `published.load_checkpoint`.

    Args:
        folder: Holds `config.json`, weights as safetensors, `vocab.json` and `merges.txt`.
        config: Dimensions that the checkpoint must have.
        placement: Where the parameters are put, and as what.
    """
    return published.load_checkpoint(folder, checkpoint_format(config), **placement)
