"""A tree as CommonMark with GitHub's tables, footnotes and formulas in dollars."""

import re
import unicodedata
from collections.abc import Sequence

from ocr2.markup import nodes
from ocr2.markup.escape import code_span, escape_inline, escape_start, fence
from ocr2.markup.formulas import escape_percent
from ocr2.markup.grid import has_spans, rows_of, width_of
from ocr2.markup.html import TAGS, HtmlWriter
from ocr2.markup.tables import columns_of

MARKS: dict[nodes.Style, str] = {"bold": "**", "italic": "_", "strike": "~~"}
LANGUAGES: dict[nodes.DrawingKind, str] = {"tikz": "tikz", "kern": "kern", "chart": "json"}
ALIGNMENTS = {"c": ":---:", "r": "---:"}
HARD_BREAK = "\\\n"
CLOSING_HASHES = re.compile(r"(?<!\S)(#+)$")  # of a heading: not shown unless escaped
TABLE_LINE = re.compile(r"(?=[\s|:-]*\|)(?=[\s|:-]*-)[\s|:-]+")  # would make the line above the head of a table
NOTE_LINE = re.compile(r"^(\[\^[^\]\s]+\]):")
TAG_START = re.compile(r"<(?=[A-Za-z/!?])")  # in a formula


def to_markdown(blocks: Sequence[nodes.Block], *, notes: str = "") -> str:
    """Return blocks as CommonMark without a final line end, footnotes below the block that has them.

    Args:
        blocks: A tree.
        notes: What the names of footnotes begin with, to be unique in a document.
    """
    return MarkdownWriter(notes).document(blocks)


class MarkdownWriter:
    """Writes CommonMark.

    Args:
        notes: What the names of footnotes begin with.
    """

    def __init__(self, notes: str = "") -> None:
        self._prefix = notes
        self._number = 1
        self._pending: list[str] = []  # footnotes that have not been set

    def document(self, blocks: Sequence[nodes.Block]) -> str:
        """Return blocks, each followed by its footnotes."""
        parts: list[str] = []
        for block, other in _marked(blocks):
            parts += [self._block(block, other), *self._pending]
            self._pending.clear()
        return "\n\n".join(part for part in parts if part)

    def _blocks(self, blocks: Sequence[nodes.Block], between: str = "\n\n") -> str:
        written = (self._block(block, other) for block, other in _marked(blocks))
        return between.join(part for part in written if part)

    def _block(self, block: nodes.Block, other: bool) -> str:
        match block:
            case nodes.Heading(level, children):
                return "#" * min(max(level, 1), 6) + " " + self._heading(children)
            case nodes.Paragraph(children):
                return _lines(self._inline(children))
            case nodes.List():
                return self._list(block, other)
            case nodes.Group(kind, blocks):
                written = self._blocks(blocks)
                if kind == "abstract" and not nodes.says_abstract(blocks):
                    return f"**{nodes.ABSTRACT}**\n\n{written}"
                return re.sub("^", "> ", written, flags=re.MULTILINE) if kind == "quote" else written
            case nodes.CodeBlock(text, language):
                return fence(text, language)
            case nodes.Drawing(kind, source):
                return fence(source, LANGUAGES[kind])
            case nodes.MathBlock(source, environment):
                return _display(source, environment)
            case nodes.Rule():
                return "***"  # `---` in a list's item would make all of it a rule
            case nodes.Table():
                return self._table(block)

    def _heading(self, children: Sequence[nodes.Inline]) -> str:
        line = " ".join(self._inline(children, line_break=" ").split())
        return CLOSING_HASHES.sub(r"\\\1", line)

    def _list(self, block: nodes.List, other: bool) -> str:
        """Return a list; `other` marks tell it from one of its kind right before it."""
        tight = all(_is_tight(item) for item in block.items)
        rows = []
        for number, item in enumerate(block.items, start=block.start):
            mark = f"{number}{')' if other else '.'} " if block.ordered else "* " if other else "- "
            first, *rest = self._item(item, tight).split("\n")
            below = [f"{' ' * len(mark)}{line}" if line else "" for line in rest]
            rows.append("\n".join([(mark + first).rstrip(), *below]))
        return ("\n" if tight else "\n\n").join(rows)

    def _item(self, item: nodes.Item, tight: bool) -> str:
        blocks = item.blocks
        if item.label:
            first = blocks[0] if blocks else None
            opens = isinstance(first, nodes.Paragraph) and first.role == "body"
            label = (
                (*item.label, nodes.Text(" "), *first.children)
                if isinstance(first, nodes.Paragraph) and opens
                else item.label
            )
            blocks = (nodes.Paragraph(label), *(blocks[1:] if opens else blocks))
        return self._blocks(blocks, "\n" if tight else "\n\n")

    def _table(self, table: nodes.Table) -> str:
        if not table.rows:
            return ""
        if has_spans(table) or not all(nodes.is_simple(cell.blocks) for row in table.rows for cell in row.cells):
            return self._html_table(table)
        rows = [[self._cell(cell.blocks) for cell in row.cells] for row in table.rows]
        width = max(width_of(places) for places in rows_of(table))
        rows[0] += [""] * (width - len(rows[0]))  # the others may be shorter
        columns = [column[0] for column in columns_of(table.spec)[:width]]
        rule = [ALIGNMENTS.get(column, "---") for column in [*columns, *"l" * (width - len(columns))]]
        return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))

    def _cell(self, blocks: tuple[nodes.Block, ...]) -> str:
        line = " ".join(self._inline(nodes.inline_of(blocks), line_break="<br>").split())
        return line.replace("|", r"\|")  # GitHub takes this escape away first, in code and formulas too

    def _html_table(self, table: nodes.Table) -> str:
        writer = HtmlWriter(formulas="dollars", first_note=self._number)
        written = re.sub(r"\n\s*\n", "\n", writer.table(table))  # an empty line would end the piece of HTML
        self._number += len(writer.pending)
        self._pending += [f"<p><sup>{number}</sup> {text}</p>" for number, text in writer.pending]
        return written

    def _inline(
        self,
        parts: Sequence[nodes.Inline],
        *,
        line_break: str = HARD_BREAK,
        around: tuple[str, str] = ("", ""),
        styles: frozenset[nodes.Style] = frozenset(),
    ) -> str:
        """Return inline parts.

        Args:
            parts: What is written.
            line_break: Stands for a line break.
            around: The characters before and after.
            styles: What the parts stand in.
        """
        written = around[0]
        for i, part in enumerate(parts):
            after = _first(parts[i + 1]) if i + 1 < len(parts) else around[1]
            match part:
                case nodes.Text(text):
                    piece = self._text(text, parts[i - 1] if i else None, after)
                case nodes.Styled(style, children):
                    mark = MARKS.get(style, ">")
                    inside = self._inline(
                        children, line_break=line_break, around=(mark[-1], mark[0]), styles=styles | {style}
                    )
                    before = written[-1:]
                    if style in styles or style not in MARKS or not _can_stand(mark, inside, before, after):
                        piece = f"<{TAGS[style]}>{inside}</{TAGS[style]}>"
                    else:
                        piece = f"{mark}{inside}{mark}"
                case nodes.LineBreak():
                    piece = line_break
                case nodes.Link(target, children):
                    shown = self._inline(children, line_break=line_break, around=("[", "]"), styles=styles)
                    piece = f"[{shown}]({_address(target)})"
                case nodes.Footnote(children):
                    piece = self._footnote(children)
                case _:
                    piece = _leaf(part)
                    # Two formulas or two pieces of code side by side would make one.
                    joins = i > 0 and not isinstance(parts[i - 1], nodes.Text) and piece[:1] == written[-1:]
                    piece = f" {piece}" if joins and piece[:1] in ("$", "`") else piece
            written += piece
        return written[len(around[0]) :]

    def _text(self, text: str, before: nodes.Inline | None, after: str) -> str:
        written = escape_inline(text).replace("$", r"\$").replace("~", r"\~")
        if after == "[" and written.endswith("!"):  # would make a picture of a link
            written = written[:-1] + r"\!"
        if isinstance(before, nodes.Footnote) and text.startswith("("):  # would be the address of a link
            written = "\\" + written
        return written

    def _footnote(self, children: Sequence[nodes.Inline]) -> str:
        name = f"{self._prefix}{self._number}"
        self._number += 1
        place = len(self._pending)
        self._pending.append("")  # a note within this one comes after it
        line = " ".join(self._inline(children, line_break=" ").split())
        self._pending[place] = f"[^{name}]: {escape_start(line)}"
        return f"[^{name}]"


def _marked(blocks: Sequence[nodes.Block]) -> list[tuple[nodes.Block, bool]]:
    """Return blocks, and whether a list follows one of its kind, which needs another mark not to go on."""
    marked: list[tuple[nodes.Block, bool]] = []
    for block in blocks:
        before, other = marked[-1] if marked else (None, False)
        follows = isinstance(block, nodes.List) and isinstance(before, nodes.List) and block.ordered == before.ordered
        marked.append((block, follows and not other))
    return marked


def _is_tight(item: nodes.Item) -> bool:
    """Return whether an item needs no empty lines: it is a paragraph and lists that may follow one directly."""
    first, *rest = item.blocks or (nodes.Paragraph(()),)
    starts = isinstance(first, nodes.List) or (isinstance(first, nodes.Paragraph) and first.role == "body")
    return starts and all(isinstance(block, nodes.List) and _can_interrupt(block) for block in rest)


def _can_interrupt(block: nodes.List) -> bool:
    """Return whether a list is seen as one right below a line of text; CommonMark 0.31, 5.2."""
    return (not block.ordered or block.start == 1) and bool(block.items[0].blocks or block.items[0].label)


def _lines(written: str) -> str:
    """Return a paragraph none of whose lines begins something else."""
    lines = []
    for line in written.split("\n"):
        line = NOTE_LINE.sub(r"\1\\:", escape_start(line.strip()))
        lines.append("\\" + line if TABLE_LINE.fullmatch(line) else line)
    return "\n".join(lines)


def _leaf(part: nodes.Inline) -> str:
    match part:
        case nodes.Math(source):
            return _dollars(source)
        case nodes.Code(text) | nodes.Smiles(text):
            return code_span(text)
        case nodes.Image(target, alt):
            return f"![{escape_inline(alt)}]({_address(target)})"
    return ""  # a label is not seen


def _first(part: nodes.Inline) -> str:
    """Return the character that a part begins with; a letter where it may be anything."""
    match part:
        case nodes.Text(text):
            return escape_inline(text)[:1]
        case nodes.Styled(style):
            return MARKS.get(style, "<")[0]
        case nodes.Link() | nodes.Footnote():
            return "["
        case nodes.Math():
            return "$"
        case nodes.Code() | nodes.Smiles():
            return "`"
        case nodes.LineBreak():
            return "\\"
        case nodes.Image():
            return "!"
    return "a"


def _can_stand(mark: str, inside: str, before: str, after: str) -> bool:
    """Return whether marks of emphasis around a text are taken as such; CommonMark 0.31, 6.2."""
    if not inside or inside[0].isspace() or inside[-1].isspace():
        return False
    if mark[0] in (before, after, inside[0], inside[-1]):
        return False
    if mark == "_" and (before.isalnum() or after.isalnum()):
        return False
    edges = ((inside[0], before), (inside[-1], after))
    return all(not _is_mark(inner) or not outer or outer.isspace() or _is_mark(outer) for inner, outer in edges)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _address(target: str) -> str:
    escaped = re.sub(r"([\\<>])", r"\\\1", target)
    return f"<{escaped}>" if re.search(r"[\s()<>]", target) else escaped


def _formula(source: str) -> str:
    return TAG_START.sub("< ", escape_percent(source))


def _dollars(source: str) -> str:
    line = " ".join(_formula(source).split())
    if not line or "$" in line.replace(r"\$", ""):
        return code_span(line) if line else ""
    cut = len(line) - len(line.rstrip("\\"))
    return f"${line} {{}}$" if cut % 2 else f"${line}$"


def _display(source: str, environment: str) -> str:
    """Return a formula on lines of its own, none of which begins something else or is empty."""
    if environment.rstrip("*") in ("", "equation", "displaymath", "dmath"):  # say no more than the dollars
        whole = source
    else:
        whole = f"\\begin{{{environment}}}\n{source}\n\\end{{{environment}}}"
    lines = ["$$"]
    for line in filter(None, map(str.strip, _formula(whole).split("\n"))):
        if escape_start(line) != line or line[0] in ">*|`~" or TABLE_LINE.fullmatch(line):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return "\n".join([*lines, "$$"])
