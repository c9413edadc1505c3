"""Going through a tree."""

from collections.abc import Iterator, Sequence

from ocr2.markup.nodes import Block, Footnote, Group, Heading, Inline, Link, List, Paragraph, Styled, Table


def iter_blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks and what they hold, as they stand on the page."""
    for block in blocks:
        yield block
        match block:
            case List(_, items):
                for item in items:
                    yield from iter_blocks(item.blocks)
            case Group(_, inside):
                yield from iter_blocks(inside)
            case Table(_, rows):
                for row in rows:
                    for cell in row.cells:
                        yield from iter_blocks(cell.blocks)


def iter_leaves(blocks: Sequence[Block]) -> Iterator[Inline]:
    """Yield the inline parts of blocks that hold no others."""
    for block in iter_blocks(blocks):
        if isinstance(block, Paragraph | Heading):
            yield from _leaves(block.children)
        elif isinstance(block, List):
            for item in block.items:
                yield from _leaves(item.label)


def _leaves(parts: Sequence[Inline]) -> Iterator[Inline]:
    for part in parts:
        if isinstance(part, Styled | Link | Footnote):
            yield from _leaves(part.children)
        else:
            yield part
