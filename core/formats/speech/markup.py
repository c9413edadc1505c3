"""A model's markup in sentences."""

import re
from collections.abc import Iterator, Sequence

from ocr2.formats.speech.cleaning import counted, is_spoken, sentence, sentences, speakable
from ocr2.formats.speech.notes import Notes, reference
from ocr2.formats.speech.tables import table_sentences
from ocr2.formulas.speech import formula_to_words
from ocr2.markup import nodes
from ocr2.markup.grid import rows_of
from ocr2.results.table import Table, TableCell

TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")  # number of an equation
MAX_HEAD = 3  # rows of a table's head
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
DRAWINGS = {"tikz": "Drawing", "kern": "Musical score", "chart": "Chart"}


def heading(level: int, text: str) -> list[str]:
    """Return a heading, announced; level 0 is a title."""
    begin = "Title" if level == 0 else "Heading" if level == 1 else f"Heading of level {level}"
    return [sentence(f"{begin}: {text}")] if is_spoken(speakable(text)) else []


def code_sentences(text: str) -> list[str]:
    """Return code, announced, line by line."""
    lines = [said for line in text.split("\n") if (said := sentence(line))]
    return [f"Code, {counted(len(lines), 'line')}.", *lines, "End of code."] if lines else []


def formula_sentences(source: str) -> list[str]:
    """Return a displayed formula in words, announced with its number if it has one."""
    tag = TAG.search(source)
    words = formula_to_words(source)
    number = f" {speakable(tag[1])}" if tag is not None else ""
    return [sentence(f"Formula{number}: {words}")] if words else []


class MarkupScript:
    """Says blocks of markup.

    Args:
        notes: Takes the footnotes of the page.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def passages(self, blocks: Sequence[nodes.Block]) -> Iterator[list[str]]:
        """Yield what belongs together, each in sentences."""
        for block in blocks:
            if isinstance(block, nodes.Group) and block.kind in ("abstract", "quote"):
                begin = "Abstract." if block.kind == "abstract" else "Quotation."
                if block.kind == "quote" or not nodes.says_abstract(block.blocks):
                    yield [begin]
                yield from self.passages(block.blocks)
                yield [f"End of {block.kind}."] if block.kind == "abstract" else ["End of quotation."]
            else:
                yield self._block(block)

    def _block(self, block: nodes.Block) -> list[str]:
        match block:
            case nodes.Heading(level, children):
                return heading(level - 1, self._inline(children))
            case nodes.Paragraph(children, role):
                begin = {"caption": "Caption: ", "author": "By: "}.get(role, "")
                text = self._inline(children)
                return sentences(begin + text) if is_spoken(text) else []
            case nodes.List():
                return self._list(block)
            case nodes.Group(_, blocks):  # a figure or table with its caption, which is said first
                inside = sorted(
                    blocks, key=lambda one: not (isinstance(one, nodes.Paragraph) and one.role == "caption")
                )
                return self._all(inside)
            case nodes.CodeBlock(text):
                return code_sentences(text)
            case nodes.MathBlock(source, environment):
                whole = rf"\begin{{{environment}}}{source}\end{{{environment}}}" if environment else source
                return formula_sentences(whole)
            case nodes.Drawing(kind, _):
                return [f"{DRAWINGS[kind]}, without description."]
            case nodes.Table():
                return table_sentences(self._table(block))
        return []  # a rule

    def _all(self, blocks: Sequence[nodes.Block]) -> list[str]:
        return [said for passage in self.passages(blocks) for said in passage]

    def _list(self, block: nodes.List, path: str = "") -> list[str]:
        begin = f"Below item {path}, a list" if path else "List"
        found = [f"{begin} of {counted(len(block.items), 'item')}."]
        for number, item in enumerate(block.items, start=block.start):
            place = f"{path} point {number}" if path else str(number)
            label = self._inline(item.label)
            inner = [one for one in item.blocks if isinstance(one, nodes.List)]
            own = self._all([one for one in item.blocks if not isinstance(one, nodes.List)])
            found += sentences(f"Item {place}{f', {label}' if label else ''}: " + (" ".join(own) or "blank"))
            for one in inner:
                found += self._list(one, place)
        return found

    def _table(self, table: nodes.Table) -> Table:
        cells: list[TableCell] = []
        for number, places in enumerate(rows_of(table)):
            column = 0
            for cell in places:
                if cell is not None:
                    text = self._cell(cell.blocks)
                    rows = min(cell.rows, len(table.rows) - number)
                    cells.append(TableCell(number, column, text, max(1, rows), max(1, cell.columns)))
                column += max(1, cell.columns) if cell is not None else 1
        ruled = (i for i, row in enumerate(table.rows) if i and row.rules)
        head = next(ruled, 1)
        return Table(tuple(cells), min(head if head <= MAX_HEAD else 1, len(table.rows)))

    def _cell(self, blocks: Sequence[nodes.Block]) -> str:
        if nodes.is_simple(blocks := tuple(blocks)):
            return self._inline(nodes.inline_of(blocks))
        return " ".join(self._all(blocks))

    def _inline(self, parts: Sequence[nodes.Inline]) -> str:
        return "".join(self._part(part) for part in parts)

    def _part(self, part: nodes.Inline) -> str:
        match part:
            case nodes.Text(text) | nodes.Code(text):
                return text
            case nodes.Math(source):
                return f" {formula_to_words(source)} "
            case nodes.Styled("superscript", children):
                return self._inline(children).translate(RAISED)
            case nodes.Styled(_, children) | nodes.Link(_, children):
                return self._inline(children)
            case nodes.LineBreak():
                return "\n"
            case nodes.Image(_, alt):
                return f" Picture: {alt}. " if alt else " Picture, without description. "
            case nodes.Smiles():
                return " Molecule, without description. "
            case nodes.Footnote(children):
                return reference(self._notes.add(self._inline(children)))
        return ""  # a label is not seen
