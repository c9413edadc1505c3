"""The released Slow Perception checkpoints: their folders, tokenizers, and weights in memory.

Source: docs/models/slowperception.md, "Released files".
"""

from functools import partial
from pathlib import Path
from typing import Unpack

from ocr2.decoder.tokenizer import Tokenizer
from ocr2.multimodal import published
from ocr2.multimodal.families.qwen_chat import TIKTOKEN, TOKENIZER, load_tokenizer
from ocr2.multimodal.families.sam_qwen import original_layout
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.network import SlowModel

ARCHITECTURES = ("SPQwenForCausalLM", "GOTQwenForCausalLM")  # its own name, and that of the model it was tuned from
LAYOUTS = (original_layout(),)


Published = published.Published[SlowModel, Tokenizer]
write_companions = published.companion_writer(TIKTOKEN, TOKENIZER)


def checkpoint_format(preset: str = "slowperception") -> published.CheckpointFormat[SlowModel, Tokenizer]:
    """Return how a preset's published checkpoint is stored."""
    model = partial(SlowModel, PRESETS[preset])
    return published.CheckpointFormat(model, load_tokenizer, ARCHITECTURES, LAYOUTS, write_companions)


def load_published(
    folder: Path, *, preset: str = "slowperception", **placement: Unpack[published.Placement]
) -> Published:
    """Load a released checkpoint; errors as of `published.load_checkpoint`.

    Args:
        folder: Holds `config.json`, weights as safetensors, and `qwen.tiktoken` or `tokenizer.json`.
        preset: Dimensions that the checkpoint must have.
        placement: Where the parameters are put, and as what.
    """
    return published.load_checkpoint(folder, checkpoint_format(preset), **placement)
