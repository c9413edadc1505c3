"""The SAM and OPT family, which OneChart and Vary-tiny share: dimensions, names of released tensors, tokenizer, frame.

Source: docs/models/onechart.md, "Decoder", "Tensor names", "Tokenizer", "Prompt".
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr2.checkpoints.tensor_names import Rename, Tied
from ocr2.decoder.gpt2 import GPT2Tokenizer
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.errors import CheckpointError
from ocr2.multimodal.config import DecoderConfig
from ocr2.multimodal.families.sam_names import sam_renames

# Dimensions of the published decoder: OPT-125M's with twice its positions, and the words that all of the family add.
OPT_125M = DecoderConfig(
    family="opt",
    vocab_size=50_268,
    hidden_size=768,
    intermediate_size=3072,
    num_hidden_layers=12,
    num_attention_heads=12,
    num_key_value_heads=12,
    max_position_embeddings=4096,
    rope_theta=1e4,  # of no effect: positions are a learned table
    norm_eps=1e-5,
    tie_word_embeddings=True,
)
# The published wiring at a size that runs in milliseconds.
TINY_OPT = dataclasses.replace(
    OPT_125M, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4
)

END = "</s>"  # begins a prompt too
SPECIALS = {"<s>": 0, "<pad>": 1, END: 2, "<imgpad>": 50_265, "<img>": 50_266, "</img>": 50_267}
IMAGE_PAD = SPECIALS["<imgpad>"]
# Vicuna's opening words, with ids: tokenizers of different versions do not agree on blanks around added tokens.
SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions. USER:"
)
SYSTEM_IDS = (
    250, 7359, 227, 10, 10691, 3018, 8, 41, 7350, 2316, 3167, 4, 20, 3167, 2029, 7163, 6, 4271, 6, 8, 24908, 5274, 7, 5,
    3018, 18, 1142, 4, 382, 2076, 35,
)  # fmt: skip
VOCABULARY, MERGES, ADDED = "vocab.json", "merges.txt", "added_tokens.json"

ENCODER, PROJECTOR, DECODER = "skeleton.encoders.0.", "skeleton.projectors.0.", "skeleton.decoder."
RULES = (
    *sam_renames("model.vision_tower.", ENCODER),
    Rename("model.mm_projector.", PROJECTOR),
    Rename("model.decoder.", f"{DECODER}model.decoder."),
    Rename("lm_head.", f"{DECODER}lm_head."),
)
TIED = (Tied("model.decoder.embed_tokens.weight", "lm_head.weight", stored=True),)


def open_prompt(tokenizer: Tokenizer, *, num_tokens: int, blank: Sequence[int] = (), begin: bool = True) -> list[int]:
    """Return the ids of a prompt up to its picture and with it.

    Args:
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens of the picture.
        blank: Ids between the opening words and the picture.
        begin: Whether the token of the beginning stands in front.
    """
    pads = [tokenizer.special("<imgpad>")] * num_tokens
    first = [tokenizer.special(END)] if begin else []
    return [*first, *SYSTEM_IDS, *blank, tokenizer.special("<img>"), *pads, tokenizer.special("</img>")]


def load_tokenizer(
    folder: Path, *, specials: Mapping[str, int] = SPECIALS, known: Mapping[str, Sequence[int]] | None = None
) -> GPT2Tokenizer:
    """Read the tokenizer of a checkpoint's folder.

    Args:
        folder: Of the checkpoint.
        specials: Names and ids of special tokens.
        known: Texts that must be written with these ids, beside the opening words.

    Raises:
        CheckpointError: If there is none, its special tokens are others, or it would write a known text with other
            ids.
    """
    _check_added(folder / ADDED, specials)
    tokenizer = GPT2Tokenizer(folder / VOCABULARY, folder / MERGES, specials=specials)
    for text, ids in {SYSTEM: SYSTEM_IDS, **(known or {})}.items():
        found = tokenizer.encode(text)
        if found != list(ids):
            raise CheckpointError(f"the tokenizer of {folder} writes {text!r} as {found}, expected {list(ids)}")
    return tokenizer


def _check_added(path: Path, specials: Mapping[str, int]) -> None:
    """Refuse a list of added tokens that gives one of ours another id; without a list the ids are taken as known."""
    if not path.is_file():
        return
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path} is not a list of tokens: {error}") from error
    for name, number in found.items():
        if specials.get(name, number) != number:
            raise CheckpointError(f"{path} has {name} at {number}, expected {specials[name]}")
