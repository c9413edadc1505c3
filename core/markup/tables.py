r"""Tables: LaTeX's tabular with `\multicolumn`, `\multirow` and rules, and Markdown's rows of pipes."""

import itertools
import re
from collections.abc import Callable

from ocr2.markup.grid import MAX_SPAN, GridBuilder
from ocr2.markup.inline import InlineParser
from ocr2.markup.nodes import Block, Cell, Paragraph, Row, Table
from ocr2.markup.scan import Scan, Token, TokenReader

Range = tuple[int, int]  # first token, stop
ParseBlocks = Callable[[int, int, int], tuple[Block, ...]]  # first token, stop, depth

SPEC_PART = re.compile(
    r"""(?P<bar>\|) | (?P<letter>[A-Za-z]) | \s+
    | (?P<look>[@!<>][ ]?\{(?:[^{}]|\{[^{}]*\})*\})""",
    re.VERBOSE,
)
SPEC_WIDTH = re.compile(
    r"[ ]?\{[ ]*([0-9.]*[ ]?(?:cm|mm|in|pt|em|ex|\\(?:text|line|column)width))[ ]*\}|[ ]?\{[^{}]*\}"
)
SPEC_REPEAT = re.compile(r"\*[ ]?\{[ ]*([0-9]{1,2})[ ]*\}[ ]?\{((?:[^{}]|\{[^{}]*\})*)\}")
LETTERS = {"X": "l", "J": "l", "Y": "c", "S": "c", "C": "c", "L": "l", "R": "r", "Z": "c", "m": "p", "b": "p", "P": "p"}
COLUMN = re.compile(r"[lcr]|p\{[^{}]*\}")
LONG_TABLES = frozenset(("longtable", "supertabular"))
HLINE = r"\hline"
_LENGTHS = r"(?:\{[0-9.]+[ ]?[a-z]{2}\})"
# Rules and what follows their names; a range of columns is group 1.
RULES = {
    "hline": re.compile(""),
    **dict.fromkeys(("toprule", "midrule", "bottomrule"), re.compile(r"(?:\[[^\[\]\n]*\])?")),
    "Xhline": re.compile(_LENGTHS),
    "specialrule": re.compile(_LENGTHS * 3),
    "hhline": re.compile(r"\{[-=|~#:tbrl ]*\}"),
    "cline": re.compile(r"[ ]?\{[ ]*([0-9]{1,3}[ ]*-[ ]*[0-9]{1,3})[ ]*\}"),
    "cmidrule": re.compile(r"(?:\[[^\[\]\n]*\])?(?:\([lr]*\))?\{[ ]*([0-9]{1,3}[ ]*-[ ]*[0-9]{1,3})[ ]*\}"),
}
ROW_SPACE = re.compile(r"\*?(?:[ ]?\[[-0-9. ]+(?:pt|mm|cm|in|em|ex)\])?")
ALIGNMENT_ROW = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


def columns_of(spec: str) -> list[str]:
    """Return the columns of a normal specification: `l`, `c`, `r` or `p{…}` each.

    Examples:
        >>> columns_of("|l|cp{3cm}|")
        ['l', 'c', 'p{3cm}']
    """
    return COLUMN.findall(spec)


def normal_spec(written: str) -> str | None:
    """Return a specification of columns without what only decorates it; None if it is something else.

    Examples:
        >>> normal_spec("|*{2}{c|}@{}X")
        '|c|c|l'
    """
    written = SPEC_REPEAT.sub(lambda match: match[2] * int(match[1]), written)
    parts, at = [], 0
    while at < len(written):
        match = SPEC_PART.match(written, at)
        if match is None or (match["letter"] or "c") not in {*LETTERS, *"lcrp"}:
            return None
        at = match.end()
        letter = LETTERS.get(match["letter"] or "", match["letter"] or "")
        if letter == "p":
            width = SPEC_WIDTH.match(written, at)
            at = width.end() if width is not None else at
            letter = f"p{{{width[1].replace(' ', '')}}}" if width is not None and width[1] else "l"
        parts.append(match["bar"] or letter)
    return "".join(parts)


class TableParser(TokenReader):
    """Reads tables.

    Args:
        scan: The tokens.
        inline: Reads cells of Markdown tables.
        blocks: Reads cells of LaTeX tables.
    """

    def __init__(self, scan: Scan, inline: InlineParser, blocks: ParseBlocks) -> None:
        super().__init__(scan)
        self.inline = inline
        self.blocks = blocks

    def tabular(self, i: int, stop: int, depth: int) -> tuple[Block, ...]:
        r"""Return the table between the token after `\begin{tabular}` and its end, captions of long ones before it."""
        is_long = self.tokens[i - 1].value in LONG_TABLES
        spec, i = self._specification(i, stop)
        rows = self._rows(i, stop)
        rules: tuple[str, ...] = ()
        if len(rows[-1][0]) == 1 and rows[-1][0][0][0] >= rows[-1][0][0][1]:  # nothing after the last row
            rules = rows.pop()[1]
        read = [([self._cell(*cell, depth + 1) for cell in cells], above) for cells, above in rows]
        captions = [block for cells, _ in read if is_long and _is_caption(cells) for block in cells[0].blocks]
        read = [(cells, above) for cells, above in read if not (is_long and _is_caption(cells))]
        widths = [sum(cell.columns for cell in cells) for cells, _ in read]
        builder = GridBuilder(max([len(columns_of(spec)), *widths]))
        for cells, above in read:
            builder.add(cells, above)
        return (*captions, Table(spec, builder.rows(), rules))

    def _specification(self, i: int, stop: int) -> tuple[str, int]:
        """Return the columns and the first token of the content."""
        option = self.scan.option(i, stop)
        at = option[1] + 1 if option is not None else i
        first = self.scan.group(at, stop)
        if self.tokens[i - 1].value in ("tabular*", "tabularx", "tabulary") and first is not None:
            at = first[1] + 1  # the width comes before
            first = self.scan.group(at, stop)
        spec = normal_spec(self.scan.raw(*first)) if first is not None else None
        return (spec, first[1] + 1) if first is not None and spec is not None else ("", i)

    def _rows(self, i: int, stop: int) -> list[tuple[list[Range], tuple[str, ...]]]:
        """Return the rows, each as its cells and the rules above it; nothing may follow the last rules."""
        rows: list[tuple[list[Range], tuple[str, ...]]] = []
        cells: list[Range] = []
        rules: list[str] = []
        start = i
        while i < stop:
            token = self.tokens[i]
            after = self._after(i, stop)
            rule = self._rule(i, stop)
            if rule is not None and not cells and self._trimmed(start, i) == (i, i):
                rules.append(rule[0])
                start = i = rule[1]
                continue
            if token.kind == "cell":
                cells.append(self._trimmed(start, i))
                start = after
            elif rule is not None or _ends_row(token):  # before a rule the end of the row may be forgotten
                rows.append(([*cells, self._trimmed(start, i)], tuple(rules)))
                cells, rules = [], []
                start = after = i if rule is not None else self._skip_space(i, stop)
            i = after
        rows.append(([*cells, self._trimmed(start, stop)], tuple(rules)))
        return rows

    def _after(self, i: int, stop: int) -> int:
        """Return the token after one, or after the group or environment that begins with it."""
        if self.tokens[i].kind == "begin":
            return min(stop, max(i + 1, self.scan.after[i]))
        partner = self.scan.partner[i]
        return partner + 1 if self.tokens[i].kind == "open" and i < partner < stop else i + 1

    def _rule(self, i: int, stop: int) -> tuple[str, int] | None:
        """Return a rule and the token after it."""
        token = self.tokens[i]
        if token.kind != "command" or token.value not in RULES:
            return None
        match = RULES[token.value].match(self.scan.text, token.end)
        if match is None:
            return None
        after = self.scan.index(match.end(), i + 1) if match[0] else i + 1
        if after > stop or (after < stop and self.tokens[after].start < match.end()):
            return None
        return (rf"\cline{{{match[1].replace(' ', '')}}}" if match.re.groups else HLINE), after

    def _skip_space(self, i: int, stop: int) -> int:
        r"""Return the token after the end of a row and what it says about the space below it."""
        match = ROW_SPACE.match(self.scan.text, self.tokens[i].end)
        after = self.scan.index(match.end(), i + 1) if match is not None else i + 1
        return after if match is not None and after <= stop and self._begins(after, match.end()) else i + 1

    def _begins(self, i: int, place: int) -> bool:
        return i == len(self.tokens) or self.tokens[i].start == place

    def _trimmed(self, i: int, stop: int) -> Range:
        while i < stop and self._is_space(i):
            i += 1
        while stop > i and self._is_space(stop - 1):
            stop -= 1
        return i, stop

    def _is_space(self, i: int) -> bool:
        token = self.tokens[i]
        return token.kind in ("newline", "blank") or (token.kind == "text" and token.value.isspace())

    def _cell(self, i: int, stop: int, depth: int) -> Cell:
        cell = Cell()
        behind: tuple[Block, ...] = ()
        while i < stop and (span := self._span(i, stop)) is not None:
            given, content, after = span
            cell = Cell((), max(cell.columns, given.columns), max(cell.rows, given.rows), given.spec or cell.spec)
            behind = self.blocks(*self._trimmed(after, stop), depth) + behind
            i, stop = self._trimmed(*content)
        return Cell(self.blocks(i, stop, depth) + behind, cell.columns, cell.rows, cell.spec)

    def _span(self, i: int, stop: int) -> tuple[Cell, Range, int] | None:
        r"""Return what `\multicolumn` or `\multirow` says, its content and the token after it."""
        name = self.tokens[i].value
        if self.tokens[i].kind != "command" or name not in ("multicolumn", "multirow"):
            return None
        count, at = self._argument(i + 1, stop)
        look, at = self._argument(at, stop)
        option = self.scan.option(at, stop) if at is not None else None
        content = self.scan.group(option[1] + 1 if option is not None else at, stop, paragraphs=True) if at else None
        if content is None or count is None or re.fullmatch(r"-?[0-9]{1,6}", count) is None:
            return None
        number = max(1, int(count))
        if name == "multirow":
            return Cell(rows=number), content, content[1] + 1
        spec = normal_spec(look or "")
        return (Cell(columns=min(number, MAX_SPAN), spec=spec), content, content[1] + 1) if spec is not None else None

    def _argument(self, i: int | None, stop: int) -> tuple[str | None, int | None]:
        """Return an argument as it is written, brackets before it left out, and the token after it."""
        if i is None:
            return None, None
        option = self.scan.option(i, stop)
        i = self.scan.skip_space(option[1] + 1 if option is not None else i, stop)
        if i < stop and self.tokens[i].value == "*":  # as in `\multirow{2}*{…}`
            return "*", i + 1
        group = self.scan.group(i, stop)
        return (self.scan.raw(*group).strip(), group[1] + 1) if group is not None else (None, None)

    def pipes(self, i: int, stop: int, depth: int) -> tuple[Table, int] | None:
        """Return a table of lines with pipes that begins at a token, and the token after it."""
        end = min(self.scan.line_end[i], stop)
        header = self._split(i, end)
        if not header or end >= stop or self.tokens[end].kind != "newline":
            return None
        below = min(self.scan.line_end[end + 1], stop)
        alignments = self.scan.raw(end + 1, below)
        if "|" not in alignments or ALIGNMENT_ROW.fullmatch(alignments) is None:
            return None
        marks = [mark.strip() for mark in alignments.strip().strip("|").split("|")]
        if len(marks) != len(header):
            return None
        lines = [header]
        while below < stop and self.tokens[below].kind == "newline":
            end = min(self.scan.line_end[below + 1], stop)
            cells = self._split(below + 1, end)
            if not cells:
                break
            lines.append(cells)
            below = end
        rows = [
            Row(tuple(self._pipe_cell(*cell, depth + 1) for cell in line), (HLINE,) if number == 1 else ())
            for number, line in enumerate(lines)
        ]
        spec = "".join("lrc"[mark.endswith(":") + (mark.endswith(":") and mark.startswith(":"))] for mark in marks)
        return Table(spec, tuple(rows)), below

    def _split(self, i: int, stop: int) -> list[Range]:
        """Return the cells of a line; none if it has no pipe."""
        places = [k for k in range(i, stop) if self.tokens[k].kind == "pipe"]
        edges = [i - 1, *places, stop]
        cells = [self._trimmed(left + 1, right) for left, right in itertools.pairwise(edges)]
        first = 1 if cells[0][0] >= cells[0][1] else 0
        last = len(cells) - 1 if places and cells[-1][0] >= cells[-1][1] else len(cells)
        return cells[first:last] if len(places) else []

    def _pipe_cell(self, i: int, stop: int, depth: int) -> Cell:
        children = self.inline.parse(i, stop, depth)
        return Cell((Paragraph(children),) if children else ())


def _is_caption(cells: list[Cell]) -> bool:
    """Return whether a row holds nothing but captions."""
    captions = [isinstance(block, Paragraph) and block.role == "caption" for cell in cells for block in cell.blocks]
    return len(cells) == 1 and bool(captions) and all(captions)


def _ends_row(token: Token) -> bool:
    if token.kind == "break":
        return len(token.value) == 2
    return token.kind == "command" and token.value in ("tabularnewline", "cr")
