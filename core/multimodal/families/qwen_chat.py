"""The chat of the SAM and Qwen family, which GOT and Slow Perception share: vocabulary, special tokens, turns.

Source: docs/models/got.md, "Tokenizer", "Prompts".
"""

from pathlib import Path

from ocr2.decoder.bpe import JsonTokenizer, TiktokenTokenizer
from ocr2.decoder.tokenizer import Tokenizer
from ocr2.errors import CheckpointError

TIKTOKEN, TOKENIZER = "qwen.tiktoken", "tokenizer.json"

# The published vocabulary; docs/models/got.md, "Tokenizer".
SPLIT_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIALS = {
    "<|endoftext|>": 151643,
    "<|im_start|>": 151644,
    "<|im_end|>": 151645,
    **{f"<|extra_{i}|>": 151646 + i for i in range(205)},
    "<ref>": 151851,
    "</ref>": 151852,
    "<box>": 151853,
    "</box>": 151854,
    "<quad>": 151855,
    "</quad>": 151856,
    "<img>": 151857,
    "</img>": 151858,
    "<imgpad>": 151859,
}
END_TOKENS = ("<|im_end|>", "<|endoftext|>")
SYSTEM = "You should follow the instructions carefully and explain your answers in detail."


def system_turn(tokenizer: Tokenizer) -> list[int]:
    """Return the ids of the system's turn."""
    start, end = tokenizer.special("<|im_start|>"), tokenizer.special(END_TOKENS[0])
    return [start, *tokenizer.encode(f"system\n{SYSTEM}"), end]


def user_turn(words: str, tokenizer: Tokenizer, *, num_tokens: int, images: int = 1) -> list[int]:
    """Return the ids of a user's turn and of the assistant's beginning.

    Args:
        words: The query; special names inside it stay text.
        tokenizer: Of the checkpoint.
        num_tokens: Image tokens in front of the query; 0 for a turn without images.
        images: That these belong to, each between marks of its own.
    """
    start, end = tokenizer.special("<|im_start|>"), tokenizer.special(END_TOKENS[0])
    # Special tokens cut the text into pieces, which are encoded each for itself.
    if num_tokens:
        pads = [tokenizer.special("<imgpad>")] * (num_tokens // images)
        image = [tokenizer.special("<img>"), *pads, tokenizer.special("</img>")]
        said = [*tokenizer.encode("user\n"), *image * images, *tokenizer.encode("\n" + words)]
    else:
        said = tokenizer.encode("user\n" + words)
    return [start, *said, end, start, *tokenizer.encode("assistant"), *tokenizer.encode("\n")]


def load_tokenizer(folder: Path) -> Tokenizer:
    """Read the tokenizer of a checkpoint's folder.

    Raises:
        CheckpointError: If there is none, or its special tokens are not GOT's.
    """
    tokenizer: Tokenizer
    if (folder / TIKTOKEN).is_file():
        tokenizer = TiktokenTokenizer(folder / TIKTOKEN, pattern=SPLIT_PATTERN, specials=SPECIALS)
    elif (folder / TOKENIZER).is_file():
        tokenizer = JsonTokenizer(folder / TOKENIZER)
    else:
        raise CheckpointError(f"{folder} holds neither {TIKTOKEN} nor {TOKENIZER}")
    for name in ("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<img>", "</img>", "<imgpad>"):
        try:
            found = tokenizer.special(name)
        except KeyError:
            found = None
        if found != SPECIALS[name]:
            raise CheckpointError(f"the tokenizer of {folder} has {name} at {found}, expected {SPECIALS[name]}")
    return tokenizer
