"""Inline parts in their normal form: texts joined, blanks single and not at the ends."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ocr2.markup.nodes import Inline, LineBreak, Style, Styled, Text

# Not `__`, which is more often part of a name.
MARKS: dict[str, Style] = {"**": "bold", "*": "italic", "_": "italic", "~~": "strike"}
BLANKS = re.compile(r"[ \t]*\n\s*|[ \t]+")


def tidy(parts: Iterable[Inline], *, trim: bool = True) -> tuple[Inline, ...]:
    """Return inline parts with texts joined and blanks collapsed.

    Args:
        parts: What is to be tidied.
        trim: Whether blanks and line breaks at the ends go.
    """
    joined: list[Inline] = []
    texts: list[str] = []
    for part in (*parts, None):
        if isinstance(part, Text):
            texts.append(part.text)
            continue
        text = BLANKS.sub(lambda match: "\n" if "\n" in match[0] else " ", "".join(texts))
        texts.clear()
        if joined and isinstance(joined[-1], LineBreak):
            text = text.lstrip()
        if isinstance(part, LineBreak):
            text = text.rstrip()
        if text:
            joined.append(Text(text))
        if part is not None:
            joined.append(part)
    return _trimmed(joined) if trim else tuple(joined)


def _trimmed(parts: Sequence[Inline]) -> tuple[Inline, ...]:
    left, right = 0, len(parts)
    while left < right and _is_blank(parts[left]):
        left += 1
    while right > left and _is_blank(parts[right - 1]):
        right -= 1
    kept = list(parts[left:right])
    if kept and isinstance(first := kept[0], Text):
        kept[0] = Text(first.text.lstrip())
    if kept and isinstance(last := kept[-1], Text):
        kept[-1] = Text(last.text.rstrip())
    return tuple(kept)


def _is_blank(part: Inline) -> bool:
    return isinstance(part, LineBreak) or (isinstance(part, Text) and part.text.isspace())


def styled(style: Style, children: Sequence[Inline]) -> list[Inline]:
    """Return parts in a style, with the blanks at their ends outside of it."""
    inside = tidy(children)
    around = tidy(children, trim=False)
    if not inside:
        return list(around)
    before, after = around[0], around[-1]
    parts: list[Inline] = [Styled(style, inside)]
    if isinstance(before, LineBreak) or (isinstance(before, Text) and before.text[0].isspace()):
        parts.insert(0, Text(" ") if isinstance(before, Text) else before)
    if isinstance(after, LineBreak) or (isinstance(after, Text) and after.text[-1].isspace()):
        parts.append(Text(" ") if isinstance(after, Text) else after)
    return parts


class Run:
    """Inline parts as they come, with Markdown's marks of emphasis paired.

    A mark that opens stands in the parts as text until its twin comes, so what has none needs nothing more.

    Args:
        room: How deep emphasis may lie within emphasis.
    """

    def __init__(self, room: int) -> None:
        self.parts: list[Inline] = []
        self._depths: list[int] = []
        self._opened: list[tuple[str, int]] = []  # marks that wait for their twin, and where they stand
        self._waiting: Counter[str] = Counter()
        self._room = room

    def add(self, *parts: Inline) -> None:
        """Append parts."""
        self.parts += parts
        self._depths += [0] * len(parts)

    def mark(self, mark: str, *, before: str, after: str) -> None:
        """Take a run of one kind of mark between two characters."""
        marks = ["**", "*"] if mark == "***" else [mark]
        if any(m not in MARKS for m in marks):
            self.add(Text(mark))
            return
        opens, closes = _can_open(mark, before, after), _can_open(mark, after, before)
        while closes and any(self._waiting[m] for m in marks):
            while self._opened[-1][0] not in marks:
                self._waiting[self._opened.pop()[0]] -= 1
            marks.remove(self._opened[-1][0])
            self._close()
        for m in marks:
            if opens:
                self._opened.append((m, len(self.parts)))
                self._waiting[m] += 1
            self.add(Text(m))

    def _close(self) -> None:
        mark, start = self._opened.pop()
        self._waiting[mark] -= 1
        depth = 1 + max(self._depths[start + 1 :], default=0)
        inside = self.parts[start + 1 :]
        if depth > self._room or not tidy(inside):
            self.add(Text(mark))
            if depth > self._room:  # what was opened before lies around this and would be deeper still
                self._opened.clear()
                self._waiting.clear()
            return
        del self.parts[start:], self._depths[start:]
        self.parts += (new := styled(MARKS[mark], inside))
        self._depths += [depth] * len(new)


def _can_open(mark: str, before: str, after: str) -> bool:
    """Return whether a mark can open between two characters; read backwards, whether it can close."""
    if not after or after.isspace():
        return False
    if mark == "**":
        return not (before.isdigit() and after.isdigit())
    return not (before.isascii() and before.isalnum())
