"""The structure of a page's markup: which blocks follow each other, headings, and marks within lines.

Markdown, Mathpix Markdown and LaTeX are one structure: both sides are parsed first. What the page says does not
count, but for headings; use it with `page_text`.
"""

from collections.abc import Iterator, Sequence

from ocr2.markup import nodes
from ocr2.markup.parse import parse
from ocr2.markup.text import to_text
from ocr2.markup.walk import iter_blocks
from ocr2.metrics.text import normalise, normalised_distance
from ocr2.rewards.reward import RewardResult

NOTHING = "blank"


def score_markdown_structure(answer: str, truth: str, /) -> RewardResult:
    """Return the mean of 1 - edit distance of up to three lists, each left out where both sides have nothing for it.

    Outline: kinds of blocks in order, with levels of headings, items of lists, rows of tables with their number of
    cells. Headings: level and text of each. Marks: bold, italic, formulas, links and the like, in order.

    Examples:
        >>> result = score_markdown_structure("## Aim\\n\\nIt *works*.", "# Aim\\n\\nIt *works*.")
        >>> result.parts
        {'outline': 0.5, 'headings': 0.0, 'marks': 1.0}
    """
    given, wanted = parse(answer), parse(truth)
    lists = {
        "outline": (outline(given), outline(wanted)),
        "headings": (_headings(given), _headings(wanted)),
        "marks": (_marks(given), _marks(wanted)),
    }
    parts = {name: 1 - normalised_distance(b, a) for name, (a, b) in lists.items() if a or b}
    return RewardResult(sum(parts.values()) / len(parts) if parts else 1.0, parts)


def outline(blocks: Sequence[nodes.Block]) -> list[str]:
    """Return kinds of blocks in the order of the page; an end stands after what holds others."""
    return [kind for block in blocks for kind in _kinds(block)]


def _kinds(block: nodes.Block) -> Iterator[str]:
    match block:
        case nodes.Heading(level):
            yield f"heading {level}"
        case nodes.Paragraph(_, role):
            yield role
        case nodes.List(ordered, items):
            yield "ordered list" if ordered else "list"
            for item in items:
                yield "item"
                lead = bool(item.blocks) and isinstance(item.blocks[0], nodes.Paragraph)
                yield from outline(item.blocks[lead:])  # its first paragraph is the item
            yield "end"
        case nodes.Group(kind, inside):
            yield kind
            yield from outline(inside)
            yield "end"
        case nodes.Table(_, rows):
            yield "table"
            yield from (f"row {len(row.cells)}" for row in rows)
        case nodes.Drawing(kind):
            yield kind
        case nodes.CodeBlock():
            yield "code"
        case nodes.MathBlock():
            yield "formula"
        case nodes.Rule():
            yield "rule"


def _headings(blocks: Sequence[nodes.Block]) -> list[str]:
    found = (block for block in iter_blocks(blocks) if isinstance(block, nodes.Heading))
    return [f"{block.level} {normalise(to_text([block])) or NOTHING}" for block in found]


def _marks(blocks: Sequence[nodes.Block]) -> list[str]:
    found = (b for b in iter_blocks(blocks) if isinstance(b, nodes.Paragraph | nodes.Heading))
    return [mark for block in found for mark in _inline_marks(block.children)]


def _inline_marks(parts: Sequence[nodes.Inline]) -> Iterator[str]:
    for part in parts:
        match part:
            case nodes.Styled(style, children):
                yield style
                yield from _inline_marks(children)
            case nodes.Link(_, children) | nodes.Footnote(children):
                yield type(part).__name__.lower()
                yield from _inline_marks(children)
            case nodes.Math() | nodes.Code() | nodes.Image() | nodes.Smiles():
                yield type(part).__name__.lower()
