r"""A tree as Mathpix Markdown, the markup that `parse` reads: written and read again it is the same tree.

Sources of formulas and drawings are written as they are, so they must not hold their own delimiters.
"""

import re
from collections.abc import Sequence

from ocr2.markup.escape import code_span, fence
from ocr2.markup.nodes import (
    Block,
    Code,
    CodeBlock,
    Drawing,
    Group,
    Image,
    Inline,
    Link,
    Math,
    MathBlock,
    Role,
    Smiles,
    Text,
)
from ocr2.markup.tex import TexWriter

COMMANDS = ("title", "section*", "subsection*", "subsubsection*", "paragraph", "subparagraph")
# One pass, so that what stands for one character is not escaped again.
SPECIAL = re.compile(r"[\\{}$%&#_*`~]|<(?=smiles>)|\](?=\()")
NAMED = {
    "\\": r"\textbackslash{}", "`": r"\textasciigrave{}", "~": r"\textasciitilde{}", "<": r"\textless{}",
    "]": r"\rbrack{}",
}  # fmt: skip
LINE_START = re.compile(r"^(\s*)(?:([-+])(?=\s|[-\s]*$)|(•)(?=\s)|([0-9]{1,3})([.)])(?=\s))", re.MULTILINE)
TABLE_LINE = re.compile(r"(?=[\s|:-]*\|)(?=[\s|:-]*-)[\s|:-]+")


def to_mmd(blocks: Sequence[Block]) -> str:
    """Return blocks as Mathpix Markdown without a final line end."""
    if len(blocks) == 1 and isinstance(chart := blocks[0], Drawing) and chart.kind == "chart":
        return chart.source
    return MmdWriter().blocks(blocks)


class MmdWriter(TexWriter):
    """Writes Mathpix Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self._in_cell = False

    def heading(self, level: int, text: str) -> str:
        """Return a heading."""
        return f"\\{COMMANDS[min(max(level, 1), 6) - 1]}{{{text}}}"

    def paragraph(self, children: Sequence[Inline], role: Role) -> str:
        """Return a paragraph none of whose lines begins something else."""
        written = self.inline(children)
        if role != "body":
            return f"\\{role}{{{written}}}"
        lines = LINE_START.sub(_escape_start, written).split("\n")
        return "\n".join(line.replace("-", r"\-", 1) if TABLE_LINE.fullmatch(line) else line for line in lines)

    def group(self, group: Group) -> str:
        """Return an environment."""
        return f"\\begin{{{group.kind}}}\n{self.guarded(self.blocks(group.blocks))}\n\\end{{{group.kind}}}"

    def code_block(self, block: CodeBlock) -> str:
        """Return lines of code."""
        return fence(block.text, block.language)

    def formula_block(self, block: MathBlock) -> str:
        """Return a formula."""
        if block.environment:
            return f"\\begin{{{block.environment}}}\n{block.source}\n\\end{{{block.environment}}}"
        return f"\\[\n{block.source}\n\\]"

    def drawing(self, drawing: Drawing) -> str:
        """Return a drawing."""
        return fence(drawing.source, "json") if drawing.kind == "chart" else drawing.source

    def rule(self) -> str:
        """Return a line across the page."""
        return r"\hrule"

    def leaf(self, part: Math | Code | Smiles | Image) -> str:
        """Return an inline part."""
        match part:
            case Math(source):
                return rf"\( {source} \)"
            case Code(text):
                # Two ticks and a later '' would be quotation marks.
                return rf"\texttt{{{self.text(text)}}}" if "''" in text and "`" in text else code_span(text)
            case Smiles(source):
                return f"<smiles>{source}</smiles>"
            case Image(target, alt):
                return f"![{alt}]({target})" if alt else rf"\includegraphics{{{target}}}"

    def link(self, link: Link) -> str:
        """Return a link."""
        target = re.sub(r"([%_#&])", r"\\\1", link.target)
        if link.children == (Text(link.target),):
            return rf"\url{{{target}}}"
        return rf"\href{{{target}}}{{{self.inline(link.children)}}}"

    def footnote(self, children: Sequence[Inline]) -> str:
        """Return a footnote."""
        return rf"\footnote{{{self.inline(children)}}}"

    def inline(self, parts: Sequence[Inline]) -> str:
        """Return inline parts; a second piece of code in a row goes into a command, to be a piece of its own."""
        written = ""
        for part in parts:
            joins = isinstance(part, Code) and written.endswith("`")
            written += rf"\texttt{{{self.text(part.text)}}}" if isinstance(part, Code) and joins else self.part(part)
        return written

    def guarded(self, content: str) -> str:
        """Return what follows a command."""
        return re.sub(r"\A\[", r"\\lbrack{}", content)

    def label(self, text: str) -> str:
        """Return what an item has instead of its bullet or number."""
        return f"[{text}]"

    def strike(self, text: str) -> str:
        """Return text that was struck out."""
        return rf"\sout{{{text}}}"

    def text(self, text: str) -> str:
        """Return text that is read as it is."""
        return SPECIAL.sub(lambda match: NAMED.get(match[0], f"\\{match[0]}"), text)

    def cell_blocks(self, blocks: Sequence[Block]) -> str:
        """Return blocks on lines of their own."""
        outside, self._in_cell = self._in_cell, True
        written = self.blocks(blocks)
        self._in_cell = outside
        return f"\n{written}\n"

    def line_break(self) -> str:
        """Return a line break, which must not end a row."""
        return "\\newline\n" if self._in_cell else super().line_break()

    def wider(self, spec: str, width: int) -> str:
        """Return a specification as it is if the table has one."""
        return spec or super().wider(spec, width)


def _escape_start(match: re.Match[str]) -> str:
    space, mark, bullet, number, dot = match.groups()
    if number:
        return f"{space}\\text{{{number}}}{dot}"  # `\)` is no escape
    return space + (r"\textbullet{}" if bullet else f"\\{mark}")
