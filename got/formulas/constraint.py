"""What an answer of got-nano-formulas must be: well formed, and no sign in it twice.

That it holds every sign is not asked for: made to go on, the network puts what it does not understand anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.got.formulas.elements import NONE, TAKING
from ocr2.got.formulas.output_language import FIRST_ELEMENT, FRACTION, IDS, NAMES, ROOT

PARTS = {"fraction": 2, "stack": 3}  # of what has a fixed number of them; one of all else but tables


@dataclass(slots=True)
class _Open:
    kind: str  # "table", one of `PARTS`, or "part"
    parts: int = 1  # begun

    @property
    def is_whole(self) -> bool:
        """Whether it may be closed; what is open at the end closes by itself."""
        return self.kind == "table" or self.parts == PARTS.get(self.kind, 1)


class WellFormed:
    """Bans what would leave an answer malformed, a sign written twice, and what was taken for a sign and is none.

    Args:
        signs: Class of every sign of the picture.
    """

    def __init__(self, signs: Sequence[str]) -> None:
        self._signs = signs
        self._open: list[_Open] = []
        self._written = {FIRST_ELEMENT + i for i, name in enumerate(signs) if name == NONE}
        self._last = ""

    def add(self, token: int) -> None:
        """Take note of a token that was written."""
        if token >= FIRST_ELEMENT:
            self._written.add(token)
            self._last = self._signs[token - FIRST_ELEMENT]
            if self._last == FRACTION:
                self._open.append(_Open("fraction"))
            elif self._last == ROOT or self._last in TAKING:
                self._open.append(_Open("part"))
            return
        self._last = NAMES[token]
        if self._last in ("sub", "sup", "index"):
            self._open.append(_Open("part"))
        elif self._last in ("stack", "table"):
            self._open.append(_Open(self._last))
        elif self._last == "next" and self._open:
            self._open[-1].parts += 1
        elif self._last == "close" and self._open:
            self._open.pop()

    def banned(self) -> set[int]:
        """Return the ids that may not come now."""
        banned = {IDS["pad"], IDS["image"], *self._written}
        if self._last != ROOT:
            banned.add(IDS["index"])
        if not all(part.is_whole for part in self._open):
            banned.add(IDS["end"])
        if not self._open:
            banned.update((IDS["close"], IDS["next"], IDS["row"]))
            return banned
        top = self._open[-1]
        if top.kind != "table":
            banned.add(IDS["row"])
            banned.add(IDS["next"] if top.is_whole else IDS["close"])
        return banned
