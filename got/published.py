"""The released GOT checkpoint: its folder, its tokenizer, its weights in memory."""

from pathlib import Path

import torch

from ocr2.decoder.tokenizer import Tokenizer
from ocr2.got.config import PRESETS
from ocr2.got.layouts import LAYOUTS
from ocr2.got.model import GOTModel
from ocr2.multimodal import published
from ocr2.multimodal.qwen_chat import load_tokenizer

ARCHITECTURES = ("GOTQwenForCausalLM", "GotOcr2ForConditionalGeneration")


Published = published.Published[GOTModel, Tokenizer]


def load_published(
    folder: Path, *, preset: str = "got", device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Published:
    """Load a released checkpoint of any known layout.

    Args:
        folder: Holds `config.json`, weights as safetensors, and `qwen.tiktoken` or `tokenizer.json`.
        preset: Dimensions that the checkpoint must have.
        device: Where to put it.
        dtype: Of the parameters; the released files are bfloat16.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(
        folder,
        lambda: GOTModel(PRESETS[preset]),
        load_tokenizer,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        device=device,
        dtype=dtype,
    )
