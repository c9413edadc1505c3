"""A tree as plain text: formulas in LaTeX, the cells of a table separated by tabs."""

from collections.abc import Sequence

from ocr2.markup import nodes
from ocr2.markup.grid import rows_of


def to_text(blocks: Sequence[nodes.Block]) -> str:
    """Return blocks separated by blank lines, footnotes below the block that has them."""
    return TextWriter().document(blocks)


class TextWriter:
    """Writes plain text."""

    def __init__(self) -> None:
        self._number = 1
        self._pending: list[str] = []  # footnotes that have not been set

    def document(self, blocks: Sequence[nodes.Block]) -> str:
        """Return blocks, each followed by its footnotes."""
        parts: list[str] = []
        for block in blocks:
            parts += [self._block(block), *self._pending]
            self._pending.clear()
        return "\n\n".join(part for part in parts if part)

    def _blocks(self, blocks: Sequence[nodes.Block], between: str = "\n\n") -> str:
        return between.join(part for part in map(self._block, blocks) if part)

    def _block(self, block: nodes.Block) -> str:
        match block:
            case nodes.Heading(_, children):
                return " ".join(self._inline(children).split())
            case nodes.Paragraph(children):
                return self._inline(children)
            case nodes.List():
                return self._list(block)
            case nodes.Group("abstract", blocks) if not nodes.says_abstract(blocks):
                return f"{nodes.ABSTRACT}\n\n{self._blocks(blocks)}"
            case nodes.Group(_, blocks):
                return self._blocks(blocks)
            case nodes.CodeBlock(text):
                return text
            case nodes.Drawing(_, source) | nodes.MathBlock(source):
                return source
            case nodes.Rule():
                return "---"
            case nodes.Table():
                return "\n".join("\t".join(self._cells(places)) for places in rows_of(block))

    def _list(self, block: nodes.List) -> str:
        rows = []
        for number, item in enumerate(block.items, start=block.start):
            mark = self._inline(item.label) or (f"{number}." if block.ordered else "-")
            first, *rest = self._item(item).split("\n")
            indent = " " * (len(mark) + 1)
            rows.append("\n".join([f"{mark} {first}".rstrip(), *(indent + line if line else "" for line in rest)]))
        return "\n".join(rows)

    def _item(self, item: nodes.Item) -> str:
        return self._blocks(item.blocks, "\n")

    def _cells(self, places: Sequence[nodes.Cell | None]) -> list[str]:
        cells = []
        for cell in places:
            cells.append(" ".join(self._blocks(cell.blocks).split()) if cell is not None else "")
            cells += [""] * (cell.columns - 1 if cell is not None else 0)
        return cells

    def _inline(self, parts: Sequence[nodes.Inline]) -> str:
        return "".join(self._part(part) for part in parts)

    def _part(self, part: nodes.Inline) -> str:
        match part:
            case nodes.Text(text) | nodes.Code(text):
                return text
            case nodes.Math(source) | nodes.Smiles(source):
                return source
            case nodes.Styled("superscript", children):
                return "^" + self._inline(children)
            case nodes.Styled("subscript", children):
                return "_" + self._inline(children)
            case nodes.Styled(_, children):
                return self._inline(children)
            case nodes.LineBreak():
                return "\n"
            case nodes.Link(target, children):
                shown = self._inline(children)
                return shown if shown == target else f"{shown} ({target})"
            case nodes.Image(target, alt):
                return f"[{alt}: {target}]" if alt else f"[{target}]"
            case nodes.Footnote(children):
                return self._footnote(children)
        return ""  # a label is not seen

    def _footnote(self, children: Sequence[nodes.Inline]) -> str:
        mark = f"[{self._number}]"
        self._number += 1
        place = len(self._pending)
        self._pending.append("")  # a note within this one comes after it
        self._pending[place] = f"{mark} {' '.join(self._inline(children).split())}"
        return mark
