"""One byte-pair vocabulary, two files: `.tiktoken` (bytes and ranks) and `tokenizer.json` (characters and merges)."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers
from tokenizers import Tokenizer as FastTokenizer

from ocr2.decoder.bpe import read_ranks
from ocr2.errors import CheckpointError

SEEN = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
HIDDEN = [value for value in range(256) if value not in SEEN]
# The character that stands for each byte in a tokenizer.json: itself if it can be seen, else one from U+0100 on.
CHARACTERS = {value: chr(value) for value in SEEN} | {value: chr(256 + i) for i, value in enumerate(HIDDEN)}


def write_tokenizer_json(source: Path, target: Path, *, pattern: str, specials: Mapping[str, int]) -> None:
    """Write the `tokenizer.json` that gives the ids of a `.tiktoken` file.

    Args:
        source: The `.tiktoken` file.
        target: The file to write.
        pattern: Regular expression that splits text before merging.
        specials: Names of the special tokens and their ids, which must follow the ranks.

    Raises:
        CheckpointError: If the source is no vocabulary.
    """
    ranks = read_ranks(source)
    # Words of the vocabulary are taken whole, and a token may be merged from any two others: as tiktoken does it.
    model = models.BPE(
        vocab={_as_characters(token): rank for token, rank in ranks.items()},
        merges=list(_merges(ranks)),
        ignore_merges=True,
    )
    tokenizer = FastTokenizer(model)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    names = sorted(specials, key=lambda name: specials[name])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    assert all(tokenizer.token_to_id(name) == number for name, number in specials.items())
    tokenizer.save(str(target))


def write_tiktoken(source: Path, target: Path, *, count: int) -> None:
    """Write the `.tiktoken` file of a `tokenizer.json`.

    Args:
        source: The `tokenizer.json`.
        target: The file to write.
        count: Ids below are ranks, the others are special tokens.

    Raises:
        CheckpointError: If the source lacks one of these ids, or holds characters that stand for no byte.
    """
    to_byte = {character: value for value, character in CHARACTERS.items()}
    try:
        vocabulary = json.loads(source.read_text(encoding="utf-8"))["model"]["vocab"]
        tokens = {int(rank): bytes(to_byte[c] for c in token) for token, rank in vocabulary.items() if rank < count}
        lines = [base64.b64encode(tokens[rank]) + b" %d\n" % rank for rank in range(count)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{source} holds no byte-pair vocabulary of {count} tokens: {error!r}") from error
    target.write_bytes(b"".join(lines))


def _merges(ranks: Mapping[bytes, int]) -> Iterator[tuple[str, str]]:
    """Yield every pair of tokens that makes another, in the order of what it makes."""
    for token in sorted(ranks, key=lambda token: ranks[token]):
        pairs = [(token[:i], token[i:]) for i in range(1, len(token)) if token[:i] in ranks and token[i:] in ranks]
        for left, right in sorted(pairs, key=lambda pair: (ranks[pair[0]], ranks[pair[1]])):
            yield _as_characters(left), _as_characters(right)


def _as_characters(token: bytes) -> str:
    return "".join(CHARACTERS[value] for value in token)
