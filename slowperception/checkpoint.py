"""The released Slow Perception checkpoints: their folders, tokenizers, and weights in memory.

Source: docs/models/slowperception.md, "Released files".
"""

from pathlib import Path

import torch

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
    return published.CheckpointFormat(
        build=lambda: SlowModel(PRESETS[preset]),
        load_tokenizer=load_tokenizer,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        write_companions=write_companions,
    )


def load_published(
    folder: Path,
    *,
    preset: str = "slowperception",
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors, and `qwen.tiktoken` or `tokenizer.json`.
        preset: Dimensions that the checkpoint must have.
        device: Where to put it.
        dtype: Of the parameters.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(folder, checkpoint_format(preset), device=device, dtype=dtype)
