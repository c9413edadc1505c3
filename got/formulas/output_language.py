"""What got-nano-formulas writes: a formula's tree with its visible signs pointed at, and structure between them.

Every sign that has ink of its own (letters, brackets of any size, bars of fractions, roots, accents, braces) is an
*element* of the picture and is named by its number; what has none (where a script begins and ends) is a token.
"""

from collections.abc import Sequence

from ocr2.formulas.tidy import tidy
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word

NAMES = (
    "pad", "image", "end", "sub", "sup", "index", "close", "next", "row", "table", "stack", "empty", "space", "gap",
)  # fmt: skip
IDS = {name: i for i, name in enumerate(NAMES)}
MAX_ELEMENTS = 320
FIRST_ELEMENT = len(NAMES)
VOCAB_SIZE = FIRST_ELEMENT + MAX_ELEMENTS  # elements come last: they differ from picture to picture
ELEMENT_IDS = range(FIRST_ELEMENT, VOCAB_SIZE)
FRACTION, ROOT = r"\frac", r"\sqrt"  # the elements that are the bar and the root's sign
UPRIGHT = "rm:"  # before letters of words

Item = tuple[str, str]  # ("element", its class) or ("token", its name)


def linearise(row: Row) -> list[Item]:
    """Return what is written for a tree.

    Examples:
        >>> from ocr2.formulas.parse import parse_formula
        >>> [name for _, name in linearise(parse_formula("x^2"))]
        ['x', 'sup', '2', 'close']
    """
    return [item for node in row for item in _items(node)]


def _items(node: Node) -> list[Item]:
    match node:
        case Symbol(name, style):
            return [element(f"{style}:{name}" if style else name)]
        case Word(letters):
            return [_token("space") if c == " " else element(UPRIGHT + c) for c in letters]
        case Space():
            return [_token("gap")]
        case Scripts(base, sub, sup):
            items = [_token("empty")] if base is None else _items(base)
            if isinstance(base, Scripts):
                items.append(_token("empty"))
            items += [_token("sub"), *linearise(sub), _token("close")] if sub else []
            return items + ([_token("sup"), *linearise(sup), _token("close")] if sup else [])
        case Fraction(top, bottom):
            return [element(FRACTION), *linearise(top), _token("next"), *linearise(bottom), _token("close")]
        case Root(body, index):
            before = [_token("index"), *linearise(index), _token("close")] if index else []
            return [element(ROOT), *before, *linearise(body), _token("close")]
        case Accent(name, body):
            return [element(name), *linearise(body), _token("close")]
        case Stack(base, over, under):
            parts = [linearise(base), linearise(over or ()), linearise(under or ())]
            return [_token("stack"), *_divided(parts, "next"), _token("close")]
        case Table(rows):
            lines = [_divided([linearise(cell) for cell in cells], "next") for cells in rows]
            return [_token("table"), *_divided(lines, "row"), _token("close")]


def element(name: str) -> Item:
    """Return the item of a visible sign."""
    return "element", name


def _token(name: str) -> Item:
    return "token", name


def _divided(parts: Sequence[list[Item]], name: str) -> list[Item]:
    items: list[Item] = []
    for i, part in enumerate(parts):
        items += ([_token(name)] if i else []) + part
    return items


def assemble(items: Sequence[Item], *, accents: frozenset[str]) -> Row:
    """Return the tree of what was written; nothing raises: what is open at the end is closed, what is odd is left out.

    Args:
        items: Of `linearise`, or of a network.
        accents: Classes of elements that take what follows under or over themselves.
    """
    reader = _Reader(items, accents)
    nodes: list[Node] = []
    while not reader.done:
        nodes += reader.row()
        reader.skip()
    return tidy(tuple(nodes))


class _Reader:
    def __init__(self, items: Sequence[Item], accents: frozenset[str]) -> None:
        self.items = items
        self.accents = accents
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.items)

    def next_is(self, name: str) -> bool:
        return not self.done and self.items[self.at] == ("token", name)

    def skip(self) -> None:
        """Pass over one item, whatever it is."""
        self.at += 1

    def passed(self, name: str) -> bool:
        """Pass over a token if it comes next; say whether it did."""
        found = self.next_is(name)
        self.at += found
        return found

    def row(self) -> Row:
        """Read nodes up to a token that ends a part, which is left there."""
        nodes: list[Node] = []
        while not self.done:
            kind, name = self.items[self.at]
            if kind == "token" and name in ("close", "next", "row"):
                break
            self.at += 1
            if kind == "token" and name in ("sub", "sup"):
                self.script(nodes, upper=name == "sup")
            elif (node := self.node(kind, name)) is not None:
                _append(nodes, node)
        return tuple(nodes)

    def part(self) -> Row:
        """Read a row and the `close` behind it."""
        row = self.row()
        while self.next_is("next") or self.next_is("row"):
            self.skip()
            row += self.row()
        self.passed("close")
        return row

    def script(self, nodes: list[Node], *, upper: bool) -> None:
        body = self.part()
        base = nodes.pop() if nodes and not isinstance(nodes[-1], Space) else None
        if isinstance(base, Word):
            head, _, tail = base.letters.rpartition(" ")
            if head:
                nodes.append(Word(head + " "))
            base = Word(tail) if tail else None
        if isinstance(base, Scripts) and (base.sup if upper else base.sub) is None:
            nodes.append(Scripts(base.base, base.sub if upper else body, body if upper else base.sup))
            return
        if isinstance(base, Scripts):
            nodes.append(base)
            base = None
        nodes.append(Scripts(base, None if upper else body, body if upper else None))

    def node(self, kind: str, name: str) -> Node | None:
        if kind == "element":
            return self.visible(name)
        if name == "space":
            return Word(" ")
        if name == "gap":
            return Space()
        if name == "empty":
            return Scripts(None, None, None)
        if name == "stack":
            return self.stack()
        if name == "table":
            return self.table()
        return None

    def visible(self, name: str) -> Node:
        if name == FRACTION:
            top = self.row()
            self.passed("next")
            return Fraction(top, self.part())
        if name == ROOT:
            index = self.part() if self.passed("index") else None
            return Root(self.part(), index)
        if name in self.accents:
            return Accent(name, self.part())
        if name.startswith(UPRIGHT) and len(name) > len(UPRIGHT):
            return Word(name.removeprefix(UPRIGHT))
        style, _, rest = name.partition(":")
        return Symbol(rest, style) if rest and style else Symbol(name)

    def stack(self) -> Node:
        base = self.row()
        over = self.row() if self.passed("next") else ()
        under = self.row() if self.passed("next") else ()
        self.passed("close")
        return Stack(base, over or None, under or None)

    def table(self) -> Node:
        rows: list[tuple[Row, ...]] = [(self.row(),)]
        while not self.done and not self.next_is("close"):
            if self.passed("row"):
                rows.append((self.row(),))
            else:
                self.skip()
                rows[-1] += (self.row(),)
        self.passed("close")
        return Table(tuple(rows))


def _append(nodes: list[Node], node: Node) -> None:
    last = nodes[-1] if nodes else None
    if isinstance(node, Word) and isinstance(last, Word):
        nodes[-1] = Word(last.letters + node.letters)
    else:
        nodes.append(node)
