"""What LaTeX and Mathpix Markdown have in common: commands, environments and tabulars of a tree."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ocr2.markup import nodes
from ocr2.markup.grid import rows_of, width_of
from ocr2.markup.tables import columns_of

STYLES: dict[nodes.Style, str] = {
    "bold": "textbf", "italic": "textit", "underline": "underline", "superscript": "textsuperscript",
    "subscript": "textsubscript",
}  # fmt: skip
ORDINALS = ("i", "ii", "iii", "iv")  # of the counters of nested lists


class TexWriter(ABC):
    """Writes a tree with LaTeX's commands; what the two notations write in their own way is abstract."""

    def __init__(self) -> None:
        self.enumerated = 0  # numbered lists around

    def blocks(self, blocks: Sequence[nodes.Block]) -> str:
        """Return blocks separated by blank lines."""
        return "\n\n".join(part for part in map(self.block, blocks) if part)

    def block(self, block: nodes.Block) -> str:
        """Return one block."""
        match block:
            case nodes.Heading(level, children):
                return self.heading(level, " ".join(self.inline(children).split("\n")))
            case nodes.Paragraph(children, role):
                return self.paragraph(children, role)
            case nodes.List():
                return self.list(block)
            case nodes.Group():
                return self.group(block)
            case nodes.CodeBlock():
                return self.code_block(block)
            case nodes.MathBlock():
                return self.formula_block(block)
            case nodes.Drawing():
                return self.drawing(block)
            case nodes.Rule():
                return self.rule()
            case nodes.Table():
                return self.table(block)

    @abstractmethod
    def heading(self, level: int, text: str) -> str:
        """Return a heading."""

    @abstractmethod
    def paragraph(self, children: Sequence[nodes.Inline], role: nodes.Role) -> str:
        """Return a paragraph."""

    @abstractmethod
    def group(self, group: nodes.Group) -> str:
        """Return an environment."""

    @abstractmethod
    def code_block(self, block: nodes.CodeBlock) -> str:
        """Return lines of code."""

    @abstractmethod
    def formula_block(self, block: nodes.MathBlock) -> str:
        """Return a formula on lines of its own."""

    @abstractmethod
    def drawing(self, drawing: nodes.Drawing) -> str:
        """Return a drawing."""

    @abstractmethod
    def rule(self) -> str:
        """Return a line across the page."""

    @abstractmethod
    def leaf(self, part: nodes.Math | nodes.Code | nodes.Smiles | nodes.Image) -> str:
        """Return an inline part without text of its own."""

    @abstractmethod
    def link(self, link: nodes.Link) -> str:
        """Return a link."""

    @abstractmethod
    def footnote(self, children: Sequence[nodes.Inline]) -> str:
        """Return a footnote."""

    @abstractmethod
    def strike(self, text: str) -> str:
        """Return text that was struck out."""

    @abstractmethod
    def text(self, text: str) -> str:
        """Return text that is not taken for commands."""

    @abstractmethod
    def cell_blocks(self, blocks: Sequence[nodes.Block]) -> str:
        """Return the content of a cell that holds more than one line of text."""

    @abstractmethod
    def guarded(self, content: str) -> str:
        """Return what follows a command, so that its bracket is not taken for an argument."""

    @abstractmethod
    def label(self, text: str) -> str:
        """Return what an item has instead of its bullet or number, in brackets."""

    def list(self, block: nodes.List) -> str:
        """Return a list."""
        name = "enumerate" if block.ordered else "itemize"
        counter = ORDINALS[min(self.enumerated, len(ORDINALS) - 1)]
        start = f"\\setcounter{{enum{counter}}}{{{block.start - 1}}}\n" if block.ordered and block.start != 1 else ""
        self.enumerated += block.ordered
        items = "\n".join(self.item(item) for item in block.items)
        self.enumerated -= block.ordered
        return f"\\begin{{{name}}}\n{start}{items}\n\\end{{{name}}}"

    def item(self, item: nodes.Item) -> str:
        """Return an item of a list."""
        label = self.label(self.inline(item.label)) if item.label else ""
        content = self.blocks(item.blocks)
        space = " " if not item.blocks or isinstance(item.blocks[0], nodes.Paragraph) else "\n"
        return f"\\item{label}{space}{content if label else self.guarded(content)}".rstrip()

    def table(self, table: nodes.Table) -> str:
        """Return a tabular; empty cells stand where one above covers the place."""
        lines = []
        width = max([width_of(places) for places in rows_of(table)], default=1)
        columns = max(width, len(columns_of(table.spec)))
        for row, places in zip(table.rows, rows_of(table), strict=True):
            cells = [self.cell(cell, table) if cell is not None else "" for cell in places]
            lines += [*self.rules(row.rules, columns), self.guarded(" & ".join(cells)) + r" \\"]
        spec = table.spec if columns == len(columns_of(table.spec)) else self.wider(table.spec, width)
        below = self.rules(table.rules, columns)
        return "\n".join([f"\\begin{{tabular}}{{{spec}}}", *lines, *below, r"\end{tabular}"])

    def rules(self, rules: Sequence[str], columns: int) -> Sequence[str]:
        """Return the lines between rows of a table of so many columns."""
        return rules

    def wider(self, spec: str, width: int) -> str:
        """Return a specification with at least so many columns."""
        return spec + "l" * (width - len(columns_of(spec)))

    def cell(self, cell: nodes.Cell, table: nodes.Table) -> str:
        """Return one cell."""
        if nodes.is_simple(cell.blocks):
            children = nodes.inline_of(cell.blocks)
            content = self.inline(children)
            if any(isinstance(part, nodes.LineBreak) for part in children):
                content = rf"\shortstack{{{content}}}"
        else:
            content = self.cell_blocks(cell.blocks)
        if cell.rows > 1:
            content = rf"\multirow{{{cell.rows}}}{{*}}{{{content}}}"
        if cell.columns > 1 or cell.spec:
            content = rf"\multicolumn{{{cell.columns}}}{{{cell.spec or 'l'}}}{{{content}}}"
        return content

    def line_break(self) -> str:
        """Return a line break."""
        return "\\\\\n"

    def inline(self, parts: Sequence[nodes.Inline]) -> str:
        """Return inline parts."""
        return "".join(self.part(part) for part in parts)

    def part(self, part: nodes.Inline) -> str:
        """Return an inline part."""
        match part:
            case nodes.Text(text):
                return self.text(text)
            case nodes.Styled("strike", children):
                return self.strike(self.inline(children))
            case nodes.Styled(style, children):
                return f"\\{STYLES[style]}{{{self.inline(children)}}}"
            case nodes.LineBreak():
                return self.line_break()
            case nodes.Link():
                return self.link(part)
            case nodes.Footnote(children):
                return self.footnote(children)
            case nodes.Label(name):
                return rf"\label{{{name}}}"
            case nodes.Math() | nodes.Code() | nodes.Smiles() | nodes.Image():
                return self.leaf(part)
