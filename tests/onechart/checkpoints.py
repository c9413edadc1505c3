"""Small OneChart checkpoints with random weights, and a vocabulary that knows the words of the prompt."""

import json
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from ocr2.decoder.bpe_files import CHARACTERS
from ocr2.multimodal.families.sam_opt import SYSTEM_IDS
from ocr2.onechart.checkpoint import LAYOUTS
from ocr2.onechart.config import PRESETS, OneChartConfig
from ocr2.onechart.network import OneChartModel
from ocr2.onechart.prompts import QUERY_IDS, VERB_IDS
from tests.random_weights import randomised, stored_state

(ORIGINAL,) = LAYOUTS
MINI = PRESETS["onechart-mini"]
SIZE = 50_265  # tokens of the vocabulary file
FREE = 1000  # first id for what the test's vocabulary adds; those of the prompt are skipped
BLANK = CHARACTERS[ord(" ")]

# fmt: off
SYSTEM_TOKENS = (
    "A", " chat", " between", " a", " curious", " user", " and", " an", " artificial", " intelligence", " assistant",
    ".", " The", " assistant", " gives", " helpful", ",", " detailed", ",", " and", " polite", " answers", " to",
    " the", " user", "'s", " questions", ".", " US", "ER", ":",
)
VERB_TOKENS = ("Con", "vert")
QUERY_TOKENS = (
    " the", " key", " information", " of", " the", " chart", " to", " a", " python", " dict", ":", "\n", " ASS", "IST",
    "ANT", ":",
)
# fmt: on


def random_model(seed: int = 0, config: OneChartConfig = MINI) -> OneChartModel:
    """Build a model in which every part changes what passes through it."""
    return randomised(OneChartModel(config), seed=seed)


def original_state(model: OneChartModel) -> dict[str, Tensor]:
    """Return what the published checkpoint stores, the tied head included."""
    return stored_state(model, ORIGINAL, table="model.decoder.embed_tokens.weight")


def write_checkpoint(folder: Path, state: dict[str, Tensor]) -> Path:
    """Write a folder as the release has it, without its code."""
    folder.mkdir(exist_ok=True)
    config = {
        "architectures": ["OneChartOPTForCausalLM"],
        "model_type": "OneChart",
        "auto_map": {"AutoModel": "modeling_OneChart.OneChartOPTForCausalLM"},
        "torch_dtype": "bfloat16",
    }
    (folder / "config.json").write_text(json.dumps(config))
    added = {"<imgpad>": 50_265, "<img>": 50_266, "</img>": 50_267, "<Number>": 50_268}
    (folder / "added_tokens.json").write_text(json.dumps(added))
    write_vocabulary(folder)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def write_vocabulary(folder: Path) -> None:
    """Write `vocab.json` and `merges.txt`: single bytes, the words of the prompt at their published ids, fillers."""
    ids = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": SIZE - 1, BLANK: 1437}
    words = [*zip(SYSTEM_TOKENS, SYSTEM_IDS, strict=True), *zip(QUERY_TOKENS, QUERY_IDS, strict=True)]
    for text, number in [*words, *zip(VERB_TOKENS, VERB_IDS, strict=True)]:
        ids[as_characters(text)] = number
    merges: list[str] = []
    free = iter(sorted(set(range(FREE, SIZE)) - set(ids.values())))
    # Words that begin with a blank first: they grow from the left, and nothing else in them merges before.
    for token in sorted((token for token in ids if token[0] != "<"), key=lambda token: not token.startswith(BLANK)):
        for end in range(2, len(token) + 1):
            merge = f"{token[: end - 1]} {token[end - 1]}"
            if merge not in merges:
                merges.append(merge)
            if token[:end] not in ids:
                ids[token[:end]] = next(free)
    for character in CHARACTERS.values():
        if character not in ids:
            ids[character] = next(free)
    for i in sorted(set(range(SIZE)) - set(ids.values())):
        ids[f"madeupword{i:05}"] = i
    in_order = dict(sorted(ids.items(), key=lambda item: item[1]))
    (folder / "vocab.json").write_text(json.dumps(in_order, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")


def as_characters(text: str) -> str:
    """Write text as vocabularies do, one character a byte."""
    return "".join(CHARACTERS[value] for value in text.encode())
