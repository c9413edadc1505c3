"""Footnotes: said where their page ends, and named where the text refers to them."""

import re
from collections.abc import Sequence

from ocr2.formats.document.note_marks import LEVEL, MARK, RAISED, references
from ocr2.formats.speech.cleaning import sentences

NOTE_MARK = re.compile(rf"^({MARK})\s?")
SIGNS = {"*": "star", "†": "dagger", "‡": "double dagger"}


class Notes:
    """The footnotes of one page.

    Args:
        texts: Of the blocks that are footnotes, each with the mark that it begins with.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._unnamed: dict[str, str] = {}  # marks that no text has been seen to refer to -> their names
        self._said: list[str] = []
        self._anchored = 0
        for text in texts:
            mark = NOTE_MARK.match(text)
            name = _name(mark[1]) if mark is not None else ""
            if mark is not None:
                self._unnamed.setdefault(mark[1], name)
            begin = f"Footnote {name}" if name else "Footnote"
            self._said += sentences(f"{begin}: {text[mark.end() :] if mark is not None else text}")

    def named(self, text: str) -> str:
        """Return a text with the names of the notes it refers to, each named once on a page."""
        for mark, name in list(self._unnamed.items()):
            found = next(references(mark, text), None)
            if found is not None:
                text = f"{text[: found.start()]}{reference(name)}{text[found.end() :]}"
                del self._unnamed[mark]
        return text

    def add(self, text: str) -> str:
        """Take a note that is anchored in a text, and return its name."""
        self._anchored += 1
        self._said += sentences(f"Footnote {self._anchored}: {text}")
        return str(self._anchored)

    @property
    def sentences(self) -> list[str]:
        """All notes, in sentences."""
        return self._said


def reference(name: str) -> str:
    """Return what is said where a text refers to a note."""
    return f" (footnote {name})"


def _name(mark: str) -> str:
    return mark.translate(LEVEL) if mark[0] in RAISED else " ".join(SIGNS[sign] for sign in mark)
