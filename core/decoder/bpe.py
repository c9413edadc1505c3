"""Byte-pair tokenizers of published models, through the libraries that read their files."""

import base64
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer as FastTokenizer

from ocr2.errors import CheckpointError


class TiktokenTokenizer:
    """A tokenizer read from a `.tiktoken` file: base64 byte strings with their ranks.

    Args:
        path: The file.
        pattern: Regular expression that splits text before merging.
        specials: Names of the special tokens and their ids.

    Raises:
        CheckpointError: If the file is not one.
    """

    def __init__(self, path: Path, *, pattern: str, specials: dict[str, int]) -> None:
        import tiktoken

        self.specials = specials
        ranks = read_ranks(path)
        first = min(specials.values())
        if sorted(ranks.values()) != list(range(first)):
            raise CheckpointError(f"{path} holds {len(ranks)} ranks; expected 0 to {first - 1}, each once")
        self._encoding = tiktoken.Encoding(path.stem, pat_str=pattern, mergeable_ranks=ranks, special_tokens=specials)
        self._special_ids = frozenset(specials.values())

    @property
    def vocab_size(self) -> int:
        """Number of ids, specials included."""
        return self._encoding.n_vocab

    def special(self, name: str) -> int:
        """Return the id of a special token; KeyError if there is none."""
        return self.specials[name]

    def encode(self, text: str) -> list[int]:
        """Return the ids of NFC text; special names inside it stay text."""
        return self._encoding.encode_ordinary(unicodedata.normalize("NFC", text))

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens left out; broken UTF-8 becomes U+FFFD."""
        kept = [i for i in ids if i not in self._special_ids]
        return self._encoding.decode_bytes(kept).decode("utf-8", "replace")


def read_ranks(path: Path) -> dict[bytes, int]:
    """Read lines of base64 bytes and rank (tiktoken's own loader would cache the file outside its folder).

    Raises:
        CheckpointError: If the file is not one.
    """
    try:
        pairs = [line.split() for line in path.read_bytes().splitlines() if line]
        return {base64.b64decode(token, validate=True): int(rank) for token, rank in pairs}
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not a tiktoken vocabulary: {error}") from error


class JsonTokenizer:
    """A tokenizer read from a `tokenizer.json`.

    Raises:
        CheckpointError: If the file is not one.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = FastTokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception
            raise CheckpointError(f"{path} is not a tokenizer.json: {error}") from error
        self._tokenizer.encode_special_tokens = True  # special names inside text stay text

    @property
    def vocab_size(self) -> int:
        """Number of ids, specials included."""
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def special(self, name: str) -> int:
        """Return the id of a special token; KeyError if there is none."""
        found = self._tokenizer.token_to_id(name)
        if found is None:
            raise KeyError(name)
        return int(found)

    def encode(self, text: str) -> list[int]:
        """Return the ids of NFC text; special names inside it stay text."""
        return list(self._tokenizer.encode(unicodedata.normalize("NFC", text), add_special_tokens=False).ids)

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens left out."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))


def clean_reply(text: str, *, end: str) -> str:
    """Strip white space and one end marker that was written out as text.

    Examples:
        >>> clean_reply(" a b <|im_end|> ", end="<|im_end|>")
        'a b'
    """
    return re.sub(re.escape(end) + "$", "", text.strip()).strip()
