"""What a piece of markup says, as a tree: blocks below each other, inline parts within them.

The normal form, which `parse` gives: no two texts side by side, no blanks at the ends of a paragraph or around a
line break, one blank where there were several; a `\\n` in a text is where the line broke.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Style = Literal["bold", "italic", "underline", "strike", "superscript", "subscript"]
Role = Literal["body", "author", "caption"]
GroupKind = Literal["abstract", "quote", "figure", "table"]
DrawingKind = Literal["tikz", "kern", "chart"]


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text."""

    text: str


@dataclass(frozen=True, slots=True)
class Math:
    """A formula within a line: LaTeX without its delimiters."""

    source: str


@dataclass(frozen=True, slots=True)
class Styled:
    """Inline parts set in another way than their surroundings."""

    style: Style
    children: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Code:
    """Code within a line."""

    text: str


@dataclass(frozen=True, slots=True)
class LineBreak:
    """A line that was ended on purpose."""


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to an address, which is http, https or mailto."""

    target: str
    children: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its file name or address."""

    target: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note at the foot of the page, anchored here."""

    children: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Smiles:
    """A molecule in SMILES."""

    source: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name that LaTeX refers to; it is not seen."""

    name: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a title, 2 a section, as many as `#` before it in Markdown."""

    level: int
    children: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, a line of authors or a caption."""

    children: "tuple[Inline, ...]"
    role: Role = "body"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list."""

    blocks: "tuple[Block, ...]"
    label: "tuple[Inline, ...]" = ()  # instead of the bullet or number


@dataclass(frozen=True, slots=True)
class List:
    """A list; an ordered one counts up from its start."""

    ordered: bool
    items: tuple[Item, ...]
    start: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks that belong together."""

    kind: GroupKind
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class MathBlock:
    """A formula on lines of its own."""

    source: str
    environment: str = ""  # such as "align*"; empty for plain delimiters


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, music or a chart in a notation of its own."""

    kind: DrawingKind
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; it stands in the first of the rows and columns it covers."""

    blocks: "tuple[Block, ...]" = ()
    columns: int = 1
    rows: int = 1
    spec: str = ""  # of its column in LaTeX, where it differs from the table's


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: the cells that begin in it."""

    cells: tuple[Cell, ...]
    rules: tuple[str, ...] = ()  # lines above it, `\\hline` or `\\cline{2-3}`


@dataclass(frozen=True, slots=True)
class Table:
    """A table; rows may be shorter than its widest one."""

    spec: str  # of its columns in LaTeX, such as `|l|c|`
    rows: tuple[Row, ...]
    rules: tuple[str, ...] = ()  # lines below the last row


ABSTRACT = "Abstract"  # LaTeX prints it, so it was on the page

Inline: TypeAlias = Text | Math | Styled | Code | LineBreak | Link | Image | Footnote | Smiles | Label
Block: TypeAlias = Heading | Paragraph | List | Group | CodeBlock | MathBlock | Drawing | Rule | Table


def is_simple(blocks: tuple[Block, ...]) -> bool:
    """Return whether blocks are nothing more than one line of text."""
    return not blocks or (len(blocks) == 1 and isinstance(blocks[0], Paragraph) and blocks[0].role == "body")


def inline_of(blocks: tuple[Block, ...]) -> tuple[Inline, ...]:
    """Return the inline parts of simple blocks."""
    return blocks[0].children if blocks and isinstance(blocks[0], Paragraph) else ()


def says_abstract(blocks: tuple[Block, ...]) -> bool:
    """Return whether an abstract says that it is one, so that no heading need be set above it."""
    first = blocks[0] if blocks else None
    children = first.children if isinstance(first, Paragraph | Heading) else ()
    while children and isinstance(outer := children[0], Styled):
        children = outer.children
    lead = children[0] if children else None
    return isinstance(lead, Text) and lead.text.lower().startswith("abstract")
