"""The released Slow Perception checkpoints: their folders, tokenizers, and weights in memory.

Source: docs/models/slowperception.md, "Released files".
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from ocr2.checkpoint import Weights, check_architecture, choose_layout, load_layout
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.qwen_chat import load_tokenizer
from ocr2.multimodal.sam_qwen import original_layout
from ocr2.slowperception.config import PRESETS
from ocr2.slowperception.model import SlowModel

ARCHITECTURES = ("SPQwenForCausalLM", "GOTQwenForCausalLM")  # its own name, and that of the model it was tuned from
LAYOUTS = (original_layout(),)


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint in memory."""

    model: SlowModel
    tokenizer: Tokenizer
    sha256: str


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
    check_architecture(folder, ARCHITECTURES)
    tokenizer = load_tokenizer(folder)
    weights = Weights(folder)
    with torch.device("meta"):
        model = SlowModel(PRESETS[preset])
    load_layout(model, weights, choose_layout(weights, LAYOUTS), dtype=dtype)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    return Published(model.to(device).eval(), tokenizer, weights.sha256())
