"""The released OneChart checkpoint: its folder, its tokenizer, its weights in memory."""

import json
from pathlib import Path

import torch

from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.errors import CheckpointError
from ocr2.multimodal import published
from ocr2.onechart.checkpoint import LAYOUTS
from ocr2.onechart.config import PRESETS
from ocr2.onechart.model import OneChartModel
from ocr2.onechart.prompts import QUERY, QUERY_IDS, SPECIALS, SYSTEM, SYSTEM_IDS, VERB, VERB_IDS

# The released class, its name when it was first uploaded, and that of the code on GitHub.
ARCHITECTURES = ("OneChartOPTForCausalLM", "MMGPTOPTForCausalLM", "varyOPTForCausalLM")
VOCABULARY, MERGES, ADDED = "vocab.json", "merges.txt", "added_tokens.json"


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
    _check_added(folder / ADDED)
    tokenizer = GPT2Tokenizer(folder / VOCABULARY, folder / MERGES, specials=SPECIALS)
    for text, ids in ((SYSTEM, SYSTEM_IDS), (VERB + QUERY, VERB_IDS + QUERY_IDS)):
        found = tokenizer.encode(text)
        if found != list(ids):
            raise CheckpointError(f"the tokenizer of {folder} writes {text!r} as {found}, expected {list(ids)}")
    return tokenizer


def _check_added(path: Path) -> None:
    """Refuse a list of added tokens that gives one of ours another id; without a list the ids are taken as known."""
    if not path.is_file():
        return
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is not a list of tokens: {error}") from error
    for name, number in found.items():
        if SPECIALS.get(name, number) != number:
            raise CheckpointError(f"{path} has {name} at {number}, expected {SPECIALS[name]}")
