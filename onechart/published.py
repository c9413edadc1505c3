"""The released OneChart checkpoint: its folder, its tokenizer, its weights in memory."""

from pathlib import Path

import torch

from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.multimodal import published, sam_opt
from ocr2.onechart.checkpoint import LAYOUTS
from ocr2.onechart.config import PRESETS
from ocr2.onechart.model import OneChartModel
from ocr2.onechart.prompts import QUERY, QUERY_IDS, SPECIALS, VERB, VERB_IDS

# The released class, its name when it was first uploaded, and that of the code on GitHub.
ARCHITECTURES = ("OneChartOPTForCausalLM", "MMGPTOPTForCausalLM", "varyOPTForCausalLM")


Published = published.Published[OneChartModel, GPT2Tokenizer]


def load_published(
    folder: Path, *, preset: str = "onechart", device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Published:
    """Load a released checkpoint.

    Args:
        folder: Holds `config.json`, weights as safetensors, `vocab.json` and `merges.txt`.
        preset: Dimensions that the checkpoint must have.
        device: Where to put it.
        dtype: Of the parameters; the released file is bfloat16.

    Raises:
        CheckpointError: If the folder is another model's, or weights or tokenizer are missing, damaged or of
            another shape.
    """
    return published.load_checkpoint(
        folder,
        lambda: OneChartModel(PRESETS[preset]),
        load_tokenizer,
        architectures=ARCHITECTURES,
        layouts=LAYOUTS,
        device=device,
        dtype=dtype,
    )


def load_tokenizer(folder: Path) -> GPT2Tokenizer:
    """Read the tokenizer of a checkpoint's folder.

    Raises:
        CheckpointError: If there is none, its special tokens are not OneChart's, or it would write the words of the
            prompt with other ids.
    """
    return sam_opt.load_tokenizer(folder, specials=SPECIALS, known={VERB + QUERY: VERB_IDS + QUERY_IDS})
