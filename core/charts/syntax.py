"""Dictionaries as models write them, whole or broken, as ordered pairs: JSON, Python's notation, unquoted, cut short.

One pass from left to right, so that its time grows with the length alone; nothing is evaluated, nothing is refused.
"""

import re
from dataclasses import dataclass, field

MAX_NESTING = 50  # what is nested deeper is left out
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.)|\Z)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
# A quote ends a string only before what may follow one: models forget to escape those within.
TOKEN = re.compile(
    r"""(?P<mark>[{}\[\]:,])
    | (?P<quote>["'])
      (?P<inside>(?:\\(?:.|\Z) | (?!(?P=quote))[^\\] | (?P=quote)(?!\s*(?:[][,:{}]|\Z)|\s+["']))*)
      (?P<end>(?P=quote)?)
    | (?P<bare>[^\s"'{}\[\],:][^"{}\[\],:\n]*)
    | \s+""",
    re.VERBOSE | re.DOTALL,
)
# A value without quotes whose commas group digits; in JSON no digit can follow the comma behind a value.
GROUPED = re.compile(r"""\s*(?P<bare>[^\s"'{}\[\],:\d]*\d{1,3}(?:,\d{3})+(?!\d)[^"{}\[\],:\n]*)""")


@dataclass(slots=True)
class Group:
    """A dictionary; or a list, whose items are named by their number, from 1."""

    is_list: bool = False
    items: "list[tuple[str, str | Group]]" = field(default_factory=list)  # a name may come twice; leaves as written


def read_tree(text: str, *, cut: bool = False) -> Group | None:
    """Return the first dictionary of a text, or what can be made of it; None if there is none.

    Brackets that are missing at the end are taken as given, commas and colons that are missing are supplied, an
    unfinished string is dropped with its label.

    Args:
        text: A model's answer.
        cut: Whether it was cut short: a number at its very end may then lack digits, and is dropped.

    Examples:
        >>> read_tree('Sure: {"a": 1.50, "b": {"c": "2').items
        [('a', '1.50'), ('b', Group(is_list=False, items=[]))]
    """
    at = text.find("{") + 1
    if at == 0:
        return None
    builder = _Builder()
    while at < len(text) and builder.open:
        match = (GROUPED.match(text, at) if builder.awaits_value else None) or TOKEN.match(text, at)
        assert match is not None  # every character begins a token
        at = match.end()
        if match.lastgroup == "mark":
            builder.mark(match["mark"])
        elif match.lastgroup == "end":
            if not match["end"]:
                break
            builder.leaf(_unescape(match["inside"]))
        elif match.lastgroup == "bare" and not (cut and at == len(text)):
            builder.leaf(match["bare"].rstrip())
    builder.finish()
    return builder.root


class _Builder:
    """Groups that are open, and what was read since the last comma: a label, a leaf."""

    def __init__(self) -> None:
        self.root = Group()
        self.open = [self.root]
        self._label: str | None = None
        self._leaf: str | None = None

    @property
    def awaits_value(self) -> bool:
        """Whether a label and its colon were just read."""
        return self._label is not None and self._leaf is None

    def leaf(self, text: str) -> None:
        """Take a string, number or word; the comma or colon before it may be missing."""
        if self._leaf is not None and self._label is None and not self.open[-1].is_list:
            self._label = self._leaf
        elif self._leaf is not None:
            self._close_item()
        self._leaf = text

    def mark(self, mark: str) -> None:
        """Take a bracket, comma or colon."""
        if mark == ":":
            self._label, self._leaf = self._leaf if self._leaf is not None else self._label, None
        elif mark in "{[":
            self._open_group(is_list=mark == "[")
        else:
            self._close_item()
            if mark in "}]":
                self.open.pop()

    def finish(self) -> None:
        """Take the end of the text: a label without a value is dropped."""
        if self.open and self._leaf is not None:
            self._close_item()

    def _open_group(self, *, is_list: bool) -> None:
        if self._label is not None and self._leaf is not None:
            self._close_item()
        group = Group(is_list)
        name = self._label if self._label is not None else self._leaf
        if len(self.open) <= MAX_NESTING:
            around = self.open[-1].items
            around.append((str(len(around) + 1) if name is None else name, group))
        self.open.append(group)
        self._label = self._leaf = None

    def _close_item(self) -> None:
        items = self.open[-1].items
        if self._label is not None:
            items.append((self._label, self._leaf or ""))
        elif self._leaf is not None and self.open[-1].is_list:
            items.append((str(len(items) + 1), self._leaf))
        self._label = self._leaf = None


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    made = ESCAPE.sub(_escaped, text)
    # Halves of a pair of surrogates come as two escapes; a lonely one cannot be written.
    return made.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(match: re.Match[str]) -> str:
    code, character = match[1] or match[2], match[3]
    return chr(int(code, 16)) if code else ESCAPED.get(character, character) if character else ""
