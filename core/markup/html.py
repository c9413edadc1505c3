"""A tree as a fragment of HTML: formulas in MathML, nothing that runs, nothing that is loaded from elsewhere."""

import re
from collections.abc import Sequence
from html import escape
from typing import Literal

from ocr2.markup import nodes
from ocr2.markup.formulas import FormulaError, to_mathml
from ocr2.markup.grid import rows_of
from ocr2.markup.tables import columns_of

Formulas = Literal["mathml", "dollars"]

TAGS: dict[nodes.Style, str] = {
    "bold": "strong", "italic": "em", "underline": "u", "strike": "s", "superscript": "sup", "subscript": "sub",
}  # fmt: skip


def to_html(blocks: Sequence[nodes.Block], *, notes: str = "") -> str:
    """Return blocks as HTML, footnotes below the block that has them.

    Args:
        blocks: A tree.
        notes: What the names of footnotes begin with, to be unique on a page.
    """
    return HtmlWriter(notes=notes).document(blocks)


class HtmlWriter:
    """Writes HTML.

    Args:
        formulas: As MathML, or as their source in dollars.
        notes: What the names of footnotes begin with.
        first_note: Number of the first footnote.
    """

    def __init__(self, *, formulas: Formulas = "mathml", notes: str = "", first_note: int = 1) -> None:
        self._formulas = formulas
        self._prefix = notes
        self._number = first_note
        self.pending: list[tuple[int, str]] = []  # footnotes that have not been set: number, text

    def document(self, blocks: Sequence[nodes.Block]) -> str:
        """Return blocks, each followed by its footnotes."""
        parts = []
        for block in blocks:
            parts.append(self.block(block))
            parts += [
                f'<p class="footnote" id="{escape(self._prefix)}note-{number}"><sup>{number}</sup> {text}</p>'
                for number, text in self.pending
            ]
            self.pending.clear()
        return "\n".join(parts)

    def block(self, block: nodes.Block) -> str:
        """Return one block."""
        match block:
            case nodes.Heading(level, children):
                tag = f"h{min(max(level, 1), 6)}"
                return f"<{tag}>{self.inline(children)}</{tag}>"
            case nodes.Paragraph(children, role):
                mark = f' class="{role}"' if role != "body" else ""
                return f"<p{mark}>{self.inline(children)}</p>"
            case nodes.List():
                return self._list(block)
            case nodes.Group():
                return self._group(block)
            case nodes.CodeBlock(text, language):
                mark = f' class="language-{escape(language)}"' if language else ""
                return f"<pre><code{mark}>{self._kept(text)}</code></pre>"
            case nodes.Drawing(kind, source):
                return f'<pre class="{kind}"><code>{self._kept(source)}</code></pre>'
            case nodes.MathBlock(source, environment):
                return f'<div class="formula">{self._formula(source, environment, display=True)}</div>'
            case nodes.Rule():
                return "<hr>"
            case nodes.Table():
                return self.table(block)

    def _blocks(self, blocks: Sequence[nodes.Block]) -> str:
        return "\n".join(self.block(block) for block in blocks)

    def _kept(self, text: str) -> str:
        # An empty line would end a piece of HTML in Markdown.
        written = escape(text, quote=False)
        return written.replace("\n", "&#10;") if self._formulas == "dollars" else written

    def _group(self, group: nodes.Group) -> str:
        blocks = self._blocks(group.blocks)
        match group.kind:
            case "abstract":
                heading = "" if nodes.says_abstract(group.blocks) else f"<p><strong>{nodes.ABSTRACT}</strong></p>\n"
                return f'<div class="abstract">\n{heading}{blocks}\n</div>'
            case "quote":
                return f"<blockquote>\n{blocks}\n</blockquote>"
        return f'<figure class="{group.kind}">\n{blocks}\n</figure>'

    def _list(self, block: nodes.List) -> str:
        tag = "ol" if block.ordered else "ul"
        start = f' start="{block.start}"' if block.ordered and block.start != 1 else ""
        items = "\n".join(self._item(item) for item in block.items)
        return f"<{tag}{start}>\n{items}\n</{tag}>"

    def _item(self, item: nodes.Item) -> str:
        label = self.inline(item.label)
        first, *rest = item.blocks or (nodes.Paragraph(()),)
        if isinstance(first, nodes.Paragraph) and first.role == "body":
            lead, blocks = self.inline(first.children), self._blocks(rest)
        else:
            lead, blocks = "", self._blocks(item.blocks)
        opening = '<li class="labelled">' if label else "<li>"
        return f"{opening}{' '.join(filter(None, (label, lead)))}{blocks and chr(10) + blocks + chr(10)}</li>"

    def table(self, table: nodes.Table) -> str:
        """Return a table; cells that cover several rows or columns say so."""
        columns = columns_of(table.spec)
        rows = []
        for places in rows_of(table):
            cells, column = [], 0
            for cell in places:
                if cell is not None:
                    cells.append(self._cell(cell, columns[column] if column < len(columns) else "l"))
                column += cell.columns if cell is not None else 1
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return "<table>\n" + "".join(f"{row}\n" for row in rows) + "</table>"

    def _cell(self, cell: nodes.Cell, column: str) -> str:
        alignment = (columns_of(cell.spec) or [column])[0]
        marks = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        marks += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
        if self._formulas == "mathml" and alignment in ("c", "r"):
            marks += f' style="text-align:{"center" if alignment == "c" else "right"}"'
        inside = (
            self.inline(nodes.inline_of(cell.blocks)) if nodes.is_simple(cell.blocks) else self._blocks(cell.blocks)
        )
        return f"<td{marks}>{inside}</td>"

    def inline(self, parts: Sequence[nodes.Inline]) -> str:
        """Return inline parts."""
        return "".join(self._part(part) for part in parts)

    def _part(self, part: nodes.Inline) -> str:
        match part:
            case nodes.Text(text):
                return self._text(text)
            case nodes.Math(source):
                return self._formula(source, "", display=False)
            case nodes.Styled(style, children):
                return f"<{TAGS[style]}>{self.inline(children)}</{TAGS[style]}>"
            case nodes.Code(text):
                return f"<code>{self._text(text)}</code>"
            case nodes.LineBreak():
                return "<br>"
            case nodes.Link(target, children):
                return f'<a href="{escape(target)}">{self.inline(children)}</a>'
            case nodes.Image(target, alt):
                return f'<span class="image">[{self._text(f"{alt}: {target}" if alt else target)}]</span>'
            case nodes.Footnote(children):
                return self._footnote(children)
            case nodes.Smiles(source):
                return f'<code class="smiles">{self._text(source)}</code>'
        return ""  # a label is not seen

    def _text(self, text: str) -> str:
        written = escape(text, quote=False)
        return written.replace("$", "&#36;") if self._formulas == "dollars" else written

    def _footnote(self, children: Sequence[nodes.Inline]) -> str:
        number, self._number = self._number, self._number + 1
        place = len(self.pending)
        self.pending.append((number, ""))  # a note within this one comes after it
        self.pending[place] = (number, self.inline(children))
        return f"<sup>{number}</sup>"

    def _formula(self, source: str, environment: str, *, display: bool) -> str:
        if self._formulas == "dollars":
            dollars = "$$" if display else "$"
            inside = rf"\begin{{{environment}}} {source} \end{{{environment}}}" if environment else source
            return dollars + escape(re.sub(r"\s+", " ", inside), quote=False) + dollars
        try:
            return to_mathml(source, environment=environment, display=display)
        except FormulaError:
            return f'<code class="math">{escape(source, quote=False)}</code>'
