r"""From a model's markup to a tree: Mathpix Markdown, LaTeX and plain Markdown mixed, whole or broken.

Nothing is refused and nothing that is read on a page is dropped: what is not understood is text. An environment
without an end lasts as long as what it stands in; what lies deeper than `MAX_DEPTH` stays as it was written.
"""

import itertools
import re

from ocr2.markup import nodes
from ocr2.markup.commands import (
    AUTHORS,
    FIGURES,
    HEADINGS,
    LIST_ENVIRONMENTS,
    PLACED,
    PLACEMENT,
    SHOWN,
    TABLE_ENVIRONMENTS,
    TABLES,
    TRANSPARENT,
)
from ocr2.markup.inline import MAX_DEPTH, InlineParser
from ocr2.markup.literals import is_literal
from ocr2.markup.scan import DISPLAYS, EDGE, LINE_START_KINDS, Scan, TokenReader
from ocr2.markup.tables import TableParser
from ocr2.markup.tidy import tidy

GROUPS: dict[str, nodes.GroupKind] = {
    "abstract": "abstract", "quote": "quote", "quotation": "quote", "verse": "quote",
    **dict.fromkeys(FIGURES, "figure"), **dict.fromkeys(TABLES, "table"),
}  # fmt: skip
CLOSING_HASHES = re.compile(r"(?:^|\s)#+$")
COUNTER = re.compile(r"\{enum[iv]+\}\{(-?[0-9]{1,6})\}")
LIST_OPTION = re.compile(r"[\w\s=.()\\*,:;-]{0,60}")
BULLETS = frozenset(
    (*map(nodes.Text, "-–—*•·◦○●▪■"), nodes.Math(r"\bullet"), nodes.Math(r"\circ"), nodes.Math(r"\cdot"))
)
BLOCK_KINDS = frozenset(("begin", "display", "drawing", "verbatim"))
Parsed = tuple[tuple[nodes.Block, ...], int]  # blocks, and the token after them


def parse(text: str) -> tuple[nodes.Block, ...]:
    r"""Return what markup says.

    Examples:
        >>> parse(r"\section*{Aim} Let \(x\) be **small**.")[0]
        Heading(level=2, children=(Text(text='Aim'),))
    """
    if is_literal(text):
        return (nodes.Drawing("chart", text.strip()),)
    scan = Scan(text)
    return BlockParser(scan).parse(0, len(scan.tokens), 0)


class BlockParser(TokenReader):
    """Reads runs of tokens as blocks.

    Args:
        scan: The tokens.
    """

    def __init__(self, scan: Scan) -> None:
        super().__init__(scan)
        self.inline = InlineParser(scan)
        self.tables = TableParser(scan, self.inline, self._cell)

    def parse(self, i: int, stop: int, depth: int, *, markdown: bool = True) -> tuple[nodes.Block, ...]:
        """Return the blocks of tokens; in a LaTeX table Markdown's marks at a line's start are text."""
        if depth > MAX_DEPTH:
            return self._paragraph_of(self.scan.raw(i, stop))
        blocks: list[nodes.Block] = []
        start = i
        while i < stop:
            found = self._block(i, stop, depth, markdown=markdown)
            if found is None and self.tokens[i].kind != "blank":
                i = self._after_argument(i, stop)
                continue
            blocks += self._paragraph(start, i, depth)
            blocks += found[0] if found is not None else ()
            i = start = found[1] if found is not None else i + 1
        return (*blocks, *self._paragraph(start, stop, depth))

    def _cell(self, i: int, stop: int, depth: int) -> tuple[nodes.Block, ...]:
        return self.parse(i, stop, depth, markdown=False)

    def _paragraph(self, i: int, stop: int, depth: int) -> tuple[nodes.Block, ...]:
        children = self.inline.parse(i, stop, depth) if i < stop else ()
        return (nodes.Paragraph(children),) if children else ()

    def _paragraph_of(self, text: str) -> tuple[nodes.Block, ...]:
        children = tidy([nodes.Text(text)])
        return (nodes.Paragraph(children),) if children else ()

    def _after_argument(self, i: int, stop: int) -> int:
        """Return the next token to look at: what stands in a command's braces belongs to its paragraph."""
        token = self.tokens[i]
        if token.kind == "command" and token.value in ("footnote", "thanks"):
            group = self.scan.group(i + 1, stop, paragraphs=True)
            return group[1] + 1 if group is not None else i + 1
        if token.kind == "open" and i > 0 and self.tokens[i - 1].kind in ("command", "close", "right", "escape"):
            group = self.scan.group(i, stop)
            return group[1] + 1 if group is not None else i + 1
        return i + 1

    def _block(self, i: int, stop: int, depth: int, *, markdown: bool) -> Parsed | None:
        """Return the blocks that begin at a token; None if a paragraph begins or goes on there."""
        token = self.tokens[i]
        if i == 0 or self.tokens[i - 1].kind in ("newline", "blank"):
            if token.kind in LINE_START_KINDS:
                return self._line_start(i, stop, depth) if markdown or token.kind in ("fence", "kern") else None
            if markdown and (table := self.tables.pipes(i, stop, depth)) is not None:
                return (table[0],), table[1]
        match token.kind:
            case "display":
                return self._formula(i), i + 1
            case "drawing":
                return (nodes.Drawing("tikz", token.value),), i + 1
            case "verbatim":
                return (nodes.CodeBlock(token.value, token.name),), i + 1
            case "begin":
                return self._environment(i, stop, depth)
            case "command":
                return self._command(i, stop, depth)
        return None

    def _line_start(self, i: int, stop: int, depth: int) -> Parsed:
        token = self.tokens[i]
        match token.kind:
            case "hashes":
                end = min(self.scan.line_end[i], stop)
                children = self.inline.parse(i + 1, end, depth)
                if children and isinstance(last := children[-1], nodes.Text):
                    children = tidy((*children[:-1], nodes.Text(CLOSING_HASHES.sub("", last.text))))
                return (nodes.Heading(len(token.value), children),), end
            case "fence":
                return (nodes.CodeBlock(token.value, token.name),), i + 1
            case "kern":
                return (nodes.Drawing("kern", token.value),), i + 1
            case "rule":
                return (nodes.Rule(),), i + 1
        return self._markdown_list(i, stop, depth)

    def _formula(self, i: int) -> tuple[nodes.Block, ...]:
        token = self.tokens[i]
        if not token.value:
            return ()
        begin = EDGE.match(token.value)
        if not token.name and begin is not None and begin[2] in DISPLAYS:
            end = rf"\end{{{begin[2]}}}"
            inside = token.value[begin.end() :].removesuffix(end)
            if token.value.endswith(end) and end not in inside:
                return (nodes.MathBlock(inside.strip(), begin[2]),)
        return (nodes.MathBlock(token.value, token.name),)

    def _indent(self, i: int) -> int:
        """Return the blanks before the first token of a line."""
        return len(self.tokens[i - 1].value.rpartition("\n")[2].expandtabs(4)) if i > 0 else 0

    def _markdown_list(self, i: int, stop: int, depth: int) -> Parsed:
        """Return the list that begins with a bullet or number; a number that does not follow begins another."""
        first = self.tokens[i]
        ordered = first.kind == "number"
        start = expected = int(first.value[:-1]) if ordered else 1
        items: list[nodes.Item] = []
        while i < stop and self._goes_on(i, first.kind, expected):
            end = self._item_end(i, stop)
            items.append(nodes.Item(self.parse(i + 1, end, depth + 1)))
            expected += 1
            i = end + 1  # after the line's end
        return (nodes.List(ordered, tuple(items), start),), min(i - 1, stop)

    def _goes_on(self, i: int, kind: str, expected: int) -> bool:
        token = self.tokens[i]
        return token.kind == kind and (kind == "bullet" or int(token.value[:-1]) == expected)

    def _item_end(self, i: int, stop: int) -> int:
        """Return the line's end that ends the item of a list whose mark is a token."""
        indent = self._indent(i)
        k = i + 1
        while k < stop:
            kind = self.tokens[k].kind
            if kind == "begin":
                k = max(k + 1, min(self.scan.after[k], stop))
                continue
            if kind in ("newline", "blank") and k + 1 < stop:
                following = self.tokens[k + 1].kind
                is_item = following in ("bullet", "number")
                if self._indent(k + 1) <= indent and (kind == "blank" or self._ends_item(k + 1)):
                    return k
                if is_item and self._indent(k + 1) <= indent + 1:
                    return k
            k += 1
        return stop

    def _ends_item(self, i: int) -> bool:
        """Return whether a line that is not set in begins something that does not belong to the item above it."""
        token = self.tokens[i]
        return token.kind in LINE_START_KINDS or token.kind == "begin" or token.value in HEADINGS

    def _environment(self, i: int, stop: int, depth: int) -> Parsed | None:
        name = self.tokens[i].value
        end, after = min(self.scan.content_end[i], stop), min(self.scan.after[i], stop)
        if name in TABLE_ENVIRONMENTS:
            if depth > MAX_DEPTH - 1:
                return self._paragraph_of(self.scan.raw(i, after)), after
            return self.tables.tabular(i + 1, end, depth), after
        if name in LIST_ENVIRONMENTS:
            return self._latex_list(i, end, depth), after
        if name in GROUPS or name in TRANSPARENT:
            blocks = self.parse(self._after_placement(i + 1, end), end, depth + 1)
            return ((nodes.Group(GROUPS[name], blocks),) if name in GROUPS else blocks), after
        return None

    def _after_placement(self, i: int, stop: int) -> int:
        """Return the token after what says where and how wide an environment is to be."""
        name = self.tokens[i - 1].value
        option = self.scan.option(i, stop) if name in PLACED else None
        if option is not None and PLACEMENT.fullmatch(self.scan.raw(*option)) is not None:
            i = option[1] + 1
        for _ in range(PLACED.get(name, 0)):
            group = self.scan.group(i, stop)
            if group is None or PLACEMENT.fullmatch(self.scan.raw(*group).strip()) is None:
                break
            i = group[1] + 1
        return i

    def _latex_list(self, i: int, stop: int, depth: int) -> tuple[nodes.Block, ...]:
        """Return the list of an environment; what comes before its first item stands before it."""
        ordered = self.tokens[i].value in ("enumerate", "compactenum")
        option = self.scan.option(i + 1, stop)
        hidden = option is not None and LIST_OPTION.fullmatch(self.scan.raw(*option)) is not None
        begin = option[1] + 1 if option is not None and hidden else i + 1
        places = self._items(begin, stop)
        first = places[0] if places else stop
        start = 1
        for k in range(begin, first):
            if self.tokens[k].value == "setcounter":
                counter = COUNTER.match(self.scan.text, self.tokens[k].end)
                start = int(counter[1]) + 1 if counter is not None else start
        items = tuple(self._item(k, end, depth) for k, end in itertools.pairwise((*places, stop)))
        before = self.parse(begin, first, depth + 1)
        return (*before, nodes.List(ordered, items, max(0, start))) if items else before

    def _items(self, i: int, stop: int) -> list[int]:
        places = []
        while i < stop:
            token = self.tokens[i]
            if token.kind == "command" and token.value == "item":
                places.append(i)
            if token.kind == "begin":
                i = max(i + 1, self.scan.after[i])
            elif token.kind == "open" and i < self.scan.partner[i] < stop:
                i = self.scan.partner[i] + 1
            else:
                i += 1
        return places

    def _item(self, i: int, stop: int, depth: int) -> nodes.Item:
        option = self.scan.option(self.scan.skip_space(i + 1, stop), stop)
        if option is None:
            return nodes.Item(self.parse(i + 1, stop, depth + 1))
        label = self.inline.parse(*option, depth + 1)
        is_bullet = len(label) == 1 and isinstance(label[0], nodes.Text | nodes.Math) and label[0] in BULLETS
        return nodes.Item(self.parse(option[1] + 1, stop, depth + 1), () if is_bullet else label)

    def _command(self, i: int, stop: int, depth: int) -> Parsed | None:
        name = self.tokens[i].value
        if name == "par":
            return (), i + 1
        if name == "hrule":
            return (nodes.Rule(),), i + 1
        if name in SHOWN:
            return self._box(i, stop, depth)
        if name not in HEADINGS and name not in AUTHORS and name not in ("caption", "captionof", "footnotetext"):
            return None
        at = i + 1
        option = self.scan.option(at, stop)
        at = option[1] + 1 if option is not None else at
        if name == "captionof" and (kind := self.scan.group(at, stop)) is not None:
            at = kind[1] + 1
        group = self.scan.group(at, stop, paragraphs=True)
        if group is None:
            return None
        children = self.inline.parse(*group, depth + 1)
        if name == "footnotetext" and option is not None:
            number = self.inline.parse(*option, depth + 1)
            children = tidy((nodes.Styled("superscript", number), nodes.Text(" "), *children) if number else children)
        if not children:
            return (), group[1] + 1
        if name in HEADINGS:
            return (nodes.Heading(HEADINGS[name], children),), group[1] + 1
        role: nodes.Role = "author" if name in AUTHORS else "caption" if name.startswith("caption") else "body"
        return (nodes.Paragraph(children, role),), group[1] + 1

    def _box(self, i: int, stop: int, depth: int) -> Parsed | None:
        """Return the blocks of a box that holds more than text."""
        option = self.scan.option(i + 1, stop)
        at = self.inline.arguments(option[1] + 1 if option is not None else i + 1, stop, SHOWN[self.tokens[i].value])
        group = self.scan.group(at, stop, paragraphs=True) if at is not None else None
        if group is None or not any(self.tokens[k].kind in BLOCK_KINDS for k in range(*group)):
            return None
        return self.parse(*group, depth + 1), group[1] + 1
