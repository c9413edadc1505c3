"""The byte-pair tokenizer of GPT-2 and OPT, from `vocab.json` and `merges.txt`, decoding as their Python class does.

The fast tokenizers of today keep blanks that the class of transformers 4.32 took away; models of that time were run and
measured with it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tokenizers import Tokenizer as FastTokenizer
from tokenizers import decoders, models, pre_tokenizers

from ocr2.errors import CheckpointError

# What is written without the blank in front of it, in the order in which the blanks are taken away.
TIGHT = (
    *((f" {mark}", mark) for mark in ".?!,"),
    (" ' ", "'"),
    *((f" {ending}", ending) for ending in ("n't", "'m", "'s", "'ve", "'re")),
)


class GPT2Tokenizer:
    """Byte pairs with special tokens, of which some were added behind the vocabulary.

    Args:
        vocabulary: `vocab.json`: tokens, one character a byte, with their ids from 0.
        merges: `merges.txt`: pairs of tokens in the order in which they are merged.
        specials: Names of the special tokens and their ids, added ones included.

    Raises:
        CheckpointError: If the files are not such, or the vocabulary has a special token at another id.
    """

    def __init__(self, vocabulary: Path, merges: Path, *, specials: Mapping[str, int]) -> None:
        ids = _read_vocabulary(vocabulary)
        wrong = [name for name, number in specials.items() if ids.get(name, number) != number]
        if wrong:
            name = wrong[0]
            raise CheckpointError(f"{vocabulary} has {name} at {ids[name]}, expected {specials[name]}")
        added = [number for name, number in specials.items() if name not in ids]
        if sorted(added) != list(range(len(ids), len(ids) + len(added))):
            raise CheckpointError(f"{vocabulary} has {len(ids)} tokens, expected {min(added, default=0)}")
        self.specials = dict(specials)
        self.vocab_size = len(ids) + len(added)
        self._added = frozenset(added)
        self._silent = frozenset(specials.values()) - self._added
        self._tokenizer = _build(ids, merges)

    def special(self, name: str) -> int:
        """Return the id of a special token; KeyError if there is none."""
        return self.specials[name]

    def encode(self, text: str) -> list[int]:
        """Return the ids of text; special names inside it stay text."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens left out.

        An added token parts the text around it by a blank; blanks before punctuation are taken away.
        """
        pieces: list[list[int]] = [[]]
        for i in ids:
            if i in self._added:
                pieces.append([])
            elif i not in self._silent:
                pieces[-1].append(i)
        return clean_up_spaces(" ".join(self._tokenizer.decode(piece) for piece in pieces if piece))


def clean_up_spaces(text: str) -> str:
    """Take away the blanks before punctuation and English contractions, as transformers 4 does after decoding.

    Examples:
        >>> clean_up_spaces("It 's 1 , 234 . 5 % - do n't")
        "It's 1, 234. 5 % - don't"
    """
    for loose, tight in TIGHT:
        text = text.replace(loose, tight)
    return text


def _read_vocabulary(path: Path) -> dict[str, int]:
    try:
        ids = json.loads(path.read_text(encoding="utf-8"))
        numbered = sorted(ids.values()) == list(range(len(ids)))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is not a vocabulary: {error}") from error
    if not numbered:
        raise CheckpointError(f"{path} does not number its {len(ids)} tokens from 0")
    return dict(ids)


def _build(ids: dict[str, int], merges: Path) -> FastTokenizer:
    try:
        lines = merges.read_text(encoding="utf-8").split("\n")
        pairs = [(left, right) for left, right in map(str.split, filter(None, lines[1:]))]  # the first says a version
        tokenizer = FastTokenizer(models.BPE(vocab=ids, merges=pairs))
    except Exception as error:  # the library raises plain Exception
        raise CheckpointError(f"{merges} does not fit the vocabulary beside it: {error}") from error
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
