"""The released GOT checkpoint: its folder, its tokenizer, its weights in memory."""

from dataclasses import dataclass
from pathlib import Path

import torch

from ocr2.checkpoint import Weights, check_architecture, choose_layout, load_layout
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.got.config import PRESETS
from ocr2.got.layouts import LAYOUTS
from ocr2.got.model import GOTModel
from ocr2.multimodal.decoders import restore_buffers
from ocr2.multimodal.qwen_chat import load_tokenizer

ARCHITECTURES = ("GOTQwenForCausalLM", "GotOcr2ForConditionalGeneration")


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint in memory."""

    model: GOTModel
    tokenizer: Tokenizer
    layout: str  # name of the layout it was stored in
    sha256: str


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
    check_architecture(folder, ARCHITECTURES)
    tokenizer = load_tokenizer(folder)
    weights = Weights(folder)
    layout = choose_layout(weights, LAYOUTS)
    with torch.device("meta"):
        model = GOTModel(PRESETS[preset])
    load_layout(model, weights, layout, dtype=dtype)
    model.skeleton.decoder.tie_weights()
    restore_buffers(model.skeleton.decoder)
    return Published(model.to(device).eval(), tokenizer, layout.name, weights.sha256())
