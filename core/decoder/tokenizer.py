"""Tokenizers: one interface for all models, and the character vocabulary of the nano models."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol


class Tokenizer(Protocol):
    """Text to ids and back, with special tokens found by name."""

    @property
    def vocab_size(self) -> int:
        """Number of ids."""

    def special(self, name: str) -> int:
        """Return the id of a special token."""

    def encode(self, text: str) -> list[int]:
        """Return the ids of plain text; special names inside it stay text."""

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids, special tokens left out."""


class CharacterTokenizer:
    """One id a character, after the special tokens.

    Args:
        specials: Names in id order, from 0. `other` (optional) stands for what the vocabulary lacks
            and reads back as U+FFFD.
        characters: The alphabet in id order, following the specials.

    Examples:
        >>> tokenizer = CharacterTokenizer(["end", "other"], "abc")
        >>> tokenizer.encode("cab!")
        [4, 2, 3, 1]
        >>> tokenizer.decode([4, 2, 1, 0])
        'ca\\ufffd'
    """

    def __init__(self, specials: Iterable[str], characters: Iterable[str]) -> None:
        self.specials = {name: i for i, name in enumerate(specials)}
        self.characters = list(characters)
        offset = len(self.specials)
        self._ids = {character: offset + i for i, character in enumerate(self.characters)}
        if len(self._ids) != len(self.characters):
            raise ValueError("the alphabet names a character twice")
        self._texts = [""] * offset + self.characters
        self._other = self.specials.get("other")
        if self._other is not None:
            self._texts[self._other] = "\ufffd"

    @property
    def vocab_size(self) -> int:
        """Number of ids, specials included."""
        return len(self._texts)

    def special(self, name: str) -> int:
        """Return the id of a special token; KeyError if there is none of that name."""
        return self.specials[name]

    def covers(self, text: str) -> bool:
        """Say whether every character of `text` has an id of its own."""
        return all(character in self._ids for character in text)

    def encode(self, text: str) -> list[int]:
        """Return one id a character; unknown ones become `other`, or a ValueError without it."""
        if self._other is None and not self.covers(text):
            missing = next(c for c in text if c not in self._ids)
            raise ValueError(f"the vocabulary has no character {missing!r}")
        return [self._ids.get(character, self._other or 0) for character in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; special tokens but `other`, and spare ids of a model, give nothing."""
        return "".join(self._texts[i] for i in ids if i < len(self._texts))

    def to_dict(self) -> dict[str, object]:
        """Return what `from_dict` reads."""
        return {"specials": list(self.specials), "characters": "".join(self.characters)}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "CharacterTokenizer":
        """Build from `{"specials": [...], "characters": "..."}`."""
        specials, characters = data["specials"], data["characters"]
        if not isinstance(specials, list) or not isinstance(characters, str):
            raise ValueError("a character vocabulary holds a list `specials` and a string `characters`")
        return cls(specials, characters)

    @classmethod
    def load(cls, path: Path | Traversable) -> "CharacterTokenizer":
        """Read a vocabulary file (JSON)."""
        return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))
