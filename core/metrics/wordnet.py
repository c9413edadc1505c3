"""WordNet's database files, as much of them as METEOR asks for: which words share a sense.

nltk's own reader wants files that the plain database lacks (`lexnames`, `index.sense`) and refuses folders outside
its data path. METEOR needs only the little here, under nltk's names.

Source: the manual pages wndb(5WN) for the files and morphy(7WN) for the rules.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

POS = ("noun", "verb", "adj", "adv")
FILES = tuple(f"{kind}.{pos}" for kind in ("index", "data") for pos in POS) + tuple(f"{pos}.exc" for pos in POS)
# Where the files lie in the folder that is named: itself, Princeton's archive, nltk_data.
PLACES = ("", "dict", "wordnet", "corpora/wordnet")

# Endings that are taken off, and what takes their place; "ves" is nltk's addition.
RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "noun": (
        *(("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z")),
        *(("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")),
    ),
    "verb": (
        *(("s", ""), ("ies", "y"), ("es", "e"), ("es", "")),
        *(("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    ),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}


@dataclass(frozen=True, slots=True)
class Lemma:
    """A word in one sense."""

    word: str  # several words are joined by "_"

    def name(self) -> str:
        """Return the word."""
        return self.word


@dataclass(frozen=True, slots=True)
class Synset:
    """One sense and its words."""

    words: tuple[str, ...]

    def lemmas(self) -> list[Lemma]:
        """Return the words."""
        return [Lemma(word) for word in self.words]


class WordNet:
    """A WordNet 3.x database, read from its files.

    Args:
        folder: Holds the files, or is Princeton's archive unpacked, or an `nltk_data` folder (with
            `corpora/wordnet` or `corpora/wordnet.zip`).

    Raises:
        ValueError: If the files are not there or not WordNet's.
    """

    def __init__(self, folder: Path) -> None:
        files = _find_files(folder)
        self._name = str(folder)
        self._data = {pos: (files / f"data.{pos}").read_bytes() for pos in POS}
        self._offsets = {pos: self._read_index(pos, (files / f"index.{pos}").read_bytes()) for pos in POS}
        self._exceptions = {pos: _read_exceptions((files / f"{pos}.exc").read_bytes()) for pos in POS}

    def synsets(self, word: str) -> list[Synset]:
        """Return all senses of a word in any form of it, of every part of speech."""
        word = word.lower()
        return [
            self._synset(pos, offset)
            for pos in POS
            for form in self._forms(word, pos)
            for offset in self._offsets[pos].get(form, ())
        ]

    def _forms(self, word: str, pos: str) -> list[str]:
        """Return the word and its base forms, irregular ones from the list of exceptions."""
        bases = self._exceptions[pos].get(word)
        if bases is None:
            bases = [word.removesuffix(end) + base for end, base in RULES[pos] if word.endswith(end)]
        return list(dict.fromkeys([word, *bases]))

    def _synset(self, pos: str, offset: int) -> Synset:
        data = self._data[pos]
        fields = data[offset : data.find(b"\n", offset)].split()
        try:
            if int(fields[0]) != offset:
                raise ValueError
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]  # every other field is a number of the word
        except (ValueError, IndexError) as error:
            raise ValueError(f"{self._name}: data.{pos} has no synset at {offset}") from error
        # Adjectives can have a mark of where they stand: "galore(ip)".
        return Synset(tuple(word.decode(errors="replace").partition("(")[0] for word in words))

    def _read_index(self, pos: str, content: bytes) -> dict[str, list[int]]:
        """Return the offsets of every word's synsets."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            if line.startswith("  "):  # the licence
                continue
            fields = line.split()
            try:
                count = int(fields[2])
                if count < 1 or len(fields) != 6 + int(fields[3]) + count:  # the latter counts kinds of pointers
                    raise ValueError
                found[fields[0]] = [int(offset) for offset in fields[-count:]]
            except (ValueError, IndexError) as error:
                raise ValueError(f"{self._name}: index.{pos}, line {number} is not WordNet's") from error
        return found


def _find_files(folder: Path) -> Path | zipfile.Path:
    for place in PLACES:
        if (folder / place / "index.noun").is_file():
            return _require_all(folder / place)
    archive = folder / "corpora" / "wordnet.zip"
    if archive.is_file() and zipfile.is_zipfile(archive):
        return _require_all(zipfile.Path(archive) / "wordnet")
    raise ValueError(f"{folder}: expected a folder with WordNet's files (index.noun, data.noun, ...), found none")


def _require_all(files: Path | zipfile.Path) -> Path | zipfile.Path:
    missing = [name for name in FILES if not (files / name).is_file()]
    if missing:
        raise ValueError(f"{files}: WordNet's files {', '.join(missing)} are missing")
    return files


def _read_exceptions(content: bytes) -> dict[str, list[str]]:
    """Return the base forms of irregular ones."""
    rows = (line.split() for line in content.decode(errors="replace").splitlines())
    return {row[0]: row[1:] for row in rows if row}
