"""A formula as a tree: what a picture shows of it, and nothing that it does not show.

Spaces, sizes of brackets, the names of environments and the many spellings of one sign are no part of it, so that two
sources with the same picture give the same tree.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbol:
    """One sign."""

    name: str  # as LaTeX writes it: "x", r"\\alpha", "(", r"\\{"
    style: str = ""  # "bf", "cal", "bb", "frak", "sf" or "tt"; "" as mathematics sets it


@dataclass(frozen=True, slots=True)
class Word:
    """Upright letters in a row: a function's name, an index, text."""

    letters: str  # words part at single spaces


@dataclass(frozen=True, slots=True)
class Space:
    """A gap that is wide enough to be seen as one."""


@dataclass(frozen=True, slots=True)
class Scripts:
    """What stands below and above the end of a node, or under and over a large operator."""

    base: "Node | None"  # None where nothing stands before
    sub: "Row | None"
    sup: "Row | None"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction with a bar."""

    top: "Row"
    bottom: "Row"


@dataclass(frozen=True, slots=True)
class Root:
    """A root."""

    body: "Row"
    index: "Row | None" = None


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark over or under a row: a hat, a bar, a brace."""

    name: str  # LaTeX's short name, "\\\\hat"
    body: "Row"


@dataclass(frozen=True, slots=True)
class Stack:
    """A row with a smaller one set over or under it, where no script would stand."""

    base: "Row"
    over: "Row | None"
    under: "Row | None"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells without rules: a matrix, cases, aligned equations."""

    rows: "tuple[tuple[Row, ...], ...]"


Node = Symbol | Word | Space | Scripts | Fraction | Root | Accent | Stack | Table
Row = tuple[Node, ...]
