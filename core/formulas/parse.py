"""LaTeX's mathematics as trees (`ocr2.formulas.tree`).

Reads what papers hold, old spellings (`\\over`, `\\bf`, `\\sp`) among them. What is no mathematics or not known raises
with its place.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocr2.formulas.symbols import (
    ACCENTS,
    BROAD,
    DECLARED,
    DROPPED,
    FUNCTIONS,
    IDLE,
    KNOWN,
    LENGTHS,
    NARROW,
    SAME,
    SPELT,
    STYLES,
    TABLES,
    TEXT,
    WORD_SPACES,
    WRAPPERS,
)
from ocr2.formulas.tidy import tidy
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word

TOKEN = re.compile(r"\\(?:(?:operatorname|hspace|vspace|tag)\*|[a-zA-Z]+|.)|\s+|.", re.DOTALL)
LENGTH = re.compile(r"\s*[=+-]?\s*[\d\s.,]*\s*(?:\\\w+|[a-z]\s*[a-z])", re.DOTALL)
MOST_DEPTH = 60
PAIRS = {"()": ("(", ")"), "[]": ("[", "]"), "{}": (r"\{", r"\}"), "||": ("|", "|"), "‖‖": (r"\|", r"\|"),
    "{": (r"\{", None), "}": (None, r"\}")}  # fmt: skip
BIG = frozenset(
    [
        r"\big",
        r"\Big",
        r"\bigg",
        r"\Bigg",
        r"\bigl",
        r"\bigr",
        r"\Bigl",
        r"\Bigr",
        r"\biggl",
        r"\biggr",
        r"\Biggl",
        r"\Biggr",
        r"\bigm",
        r"\left",
        r"\right",
        r"\middle",
    ]
)


class FormulaError(ValueError):
    """Text that is no formula, or one that is not known."""

    def __init__(self, reason: str, place: int) -> None:
        super().__init__(f"{reason} at character {place + 1}")
        self.reason = reason
        self.place = place  # index into the text


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    place: int


def parse_formula(text: str) -> Row:
    """Return the tree of a formula.

    Args:
        text: Mathematics in LaTeX, with or without the signs that begin and end it (`$`, `\\[`, an environment).

    Raises:
        FormulaError: If brackets do not match, a command is not known, or an argument is missing.

    Examples:
        >>> parse_formula(r"x _ { 1 } ^ 2") == parse_formula("x^2_1")
        True
    """
    tokens = [_Token(m.group(), m.start()) for m in TOKEN.finditer(_without_comments(text))]
    parser = _Parser(tokens, len(text))
    row = parser.row((), "")
    parser.expect_end()
    return tidy(row)


def _without_comments(text: str) -> str:
    return re.sub(r"(?<!\\)%.*", lambda m: " " * len(m.group()), text)


class _Parser:
    """Reads tokens from left to right; `style` is that of letters, "text" counts spaces."""

    def __init__(self, tokens: Sequence[_Token], length: int) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.length = length

    def peek(self, *, spaces: bool = False) -> str:
        """Return the next token that is no white space, "" at the end."""
        if not spaces:
            while self.at < len(self.tokens) and self.tokens[self.at].text.isspace():
                self.at += 1
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def take(self, *, spaces: bool = False) -> str:
        token = self.peek(spaces=spaces)
        self.at += 1
        return token

    def rest(self) -> str:
        """Return the next few tokens as they are written."""
        self.peek()
        return "".join(token.text for token in self.tokens[self.at : self.at + 5])

    @property
    def place(self) -> int:
        return self.tokens[self.at].place if self.at < len(self.tokens) else self.length

    def fail(self, reason: str) -> FormulaError:
        return FormulaError(reason, self.place)

    def expect_end(self) -> None:
        token = self.peek()
        if token:
            raise self.fail(f"unexpected {token}")

    def row(self, ends: tuple[str, ...], style: str, *, text: bool = False) -> Row:
        """Read nodes up to one of the tokens that end the row, which is left there."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise self.fail("nested too deeply")
        nodes: list[Node] = []
        over: tuple[str, list[Node]] | None = None
        while True:
            token = self.peek(spaces=text)
            if not token or token in ends:
                break
            if token in ("}", "&", r"\\", r"\cr", r"\end") and token not in ends:
                raise self.fail(f"unexpected {token}")
            if token in (r"\over", r"\atop", r"\choose"):
                if over is not None:
                    raise self.fail(f"a second {token}")
                self.take()
                over, nodes = (token, nodes), []
            elif token in DECLARED:
                self.take()
                style = DECLARED[token]
            else:
                nodes += self.atom(style, nodes, text=text)
        self.depth -= 1
        if over is not None:
            nodes = _divided(over[0], over[1], nodes)
        return tuple(nodes)

    def argument(self, style: str, *, text: bool = False) -> Row:
        """Read one argument: a group or a single atom."""
        token = self.peek()
        if not token or token in ("}", "&", r"\\"):
            raise self.fail("an argument is missing")
        if token == "{":
            self.take()
            row = self.row(("}",), style, text=text)
            self.close("}")
            return row
        if token in DECLARED:
            self.take()
            return self.argument(DECLARED[token])
        return tuple(self.atom(style, [], text=text, scripts=False))

    def close(self, token: str) -> None:
        if self.peek() != token:
            raise self.fail(f"{token} is missing")
        self.take()

    def option(self) -> list[_Token] | None:
        """Take what stands in square brackets, if that comes next."""
        if self.peek() != "[":
            return None
        start = self.at + 1
        depth = 0
        while self.at < len(self.tokens):
            token = self.take(spaces=True)
            depth += (token == "{") - (token == "}")
            if token == "]" and depth == 0:
                return list(self.tokens[start : self.at - 1])
        raise self.fail("] is missing")

    def raw(self) -> str:
        """Take a group as it is written."""
        if self.peek() != "{":
            return self.take()
        depth, parts = 0, []
        while self.at < len(self.tokens):
            token = self.take(spaces=True)
            depth += (token == "{") - (token == "}")
            parts.append(token)
            if depth == 0:
                return "".join(parts[1:-1])
        raise self.fail("} is missing")

    def atom(self, style: str, before: list[Node], *, text: bool = False, scripts: bool = True) -> list[Node]:
        """Read what the next token begins; scripts join the last node `before`."""
        token = self.take(spaces=text)
        if token.isspace() or token in WORD_SPACES:
            return [Word(" ")] if text or style == "rm" or token in (r"\enspace", r"\enskip") else []
        if token in ("^", "_", r"\sp", r"\sb", "'") and not text:
            return self.scripts(token, style, before)
        if token == "{":
            row = self.row(("}",), style, text=text)
            self.close("}")
            if not row and self.peek() in ("^", "_", r"\sp", r"\sb"):
                return self.scripts(self.take(), style, [])
            return list(row)
        if token in ("$", r"\(", r"\)", r"\[", r"\]"):
            if text and token in ("$", r"\("):
                row = self.row(("$", r"\)"), "")
                self.take()
                return list(row)
            return []
        if token.startswith("\\") and len(token) > 1:
            return self.command(token, style, before)
        return [_letter(token, style)]

    def scripts(self, token: str, style: str, before: list[Node]) -> list[Node]:
        if token == "'":
            count = 1
            while self.peek() == "'":
                self.take()
                count += 1
            row: Row = (Symbol(r"\prime"),) * count
            upper = True
        else:
            upper = token in ("^", r"\sp")
            row = self.argument("" if style == "rm" else style) if style != "rm" else self.argument("rm")
        base = before.pop() if before else None
        if isinstance(base, Space):
            before.append(base)
            base = None
        if isinstance(base, Word):  # a script belongs to the word, not to what was written before it
            head, _, tail = base.letters.rstrip().rpartition(" ")
            if head or base.letters.startswith(" "):
                before.append(Word(head + " "))
            base = Word(tail) if tail else None
        if isinstance(base, Scripts) and upper and base.sup is not None:
            if token == "'" or base.sup == (Symbol(r"\prime"),) * len(base.sup):
                return [replace(base, sup=base.sup + row)]
            return [base, Scripts(None, None, row)]
        if isinstance(base, Scripts) and not upper and base.sub is not None:
            return [base, Scripts(None, row, None)]
        old = base if isinstance(base, Scripts) else Scripts(base, None, None)
        return [replace(old, sup=row) if upper else replace(old, sub=row)]

    def command(self, token: str, style: str, before: list[Node]) -> list[Node]:
        name = token.rstrip("*") if token != r"\*" else token
        if name in BIG:
            following = self.peek()
            if following == ".":
                self.take()
            elif following == "<" or following == ">":
                self.take()
                return [Symbol(r"\langle" if following == "<" else r"\rangle")]
            return []
        if name in IDLE or name in NARROW:
            return []
        if name in BROAD:
            return [Space()]
        if name in DROPPED:
            self.raw()
            return []
        if name in LENGTHS:
            return self.length_space(name)
        if name in WRAPPERS:
            self.option()
            return list(self.argument(style))
        if name in STYLES:
            return self.styled(name, style)
        if name in ACCENTS:
            return [Accent(ACCENTS[name], self.argument(style))]
        handler = _HANDLERS.get(name)
        if handler is not None:
            return handler(self, style)
        if name[1:] in FUNCTIONS:
            return [Word(" " + SPELT.get(name[1:], name[1:]) + " ")]
        if name == r"\not":
            return self.negated(style)
        symbol = SAME.get(name, name)
        if symbol in KNOWN or len(symbol) == 1:
            bold = style if style == "bf" else ""
            return [Symbol(symbol, bold if symbol[1:] in _STYLED else "")]
        self.at -= 1
        raise self.fail(f"unknown command {token}")

    def styled(self, name: str, style: str) -> list[Node]:
        new = STYLES[name]
        if style == "bf" and new == "":
            new = "bf"
        if name == r"\operatorname":
            inside = self.argument("rm")
            letters = "".join(node.letters for node in inside if isinstance(node, Word))
            plain = all(isinstance(node, Word) for node in inside)
            return [Word(f" {letters} ")] if plain else [Word(" "), *inside, Word(" ")]
        return list(self.argument(new, text=name in TEXT))

    def negated(self, style: str) -> list[Node]:
        row = self.argument(style)
        same = {(Symbol("="),): r"\neq", (Symbol(r"\in"),): r"\notin"}
        return [Symbol(same[row])] if row in same else [Accent(r"\not", row)]

    def length_space(self, name: str) -> list[Node]:
        if self.peek() == "{":
            written = self.raw().replace(" ", "")
        else:
            parts: list[str] = []
            while self.at < len(self.tokens) and not re.search(r"[a-z]\s*[a-z]$|\\\w+$", "".join(parts)):
                parts.append(self.take(spaces=True))
            written = "".join(parts).replace(" ", "")
        found = re.match(r"[=]?(-?[\d.,]*)(cm|mm|in|pt|em|ex|mu|pc|\\\w+)", written)
        if found is None:
            return []
        try:
            size = float(found[1].replace(",", ".") or 1)
        except ValueError:
            return []
        points = size * {
            "cm": 28.5,
            "mm": 2.85,
            "in": 72.0,
            "pt": 1.0,
            "em": 10.0,
            "ex": 4.3,
            "mu": 0.55,
            "pc": 12.0,
        }.get(found[2], 10.0)
        return [Space()] if points >= 9 else []

    def fraction(self, style: str) -> list[Node]:
        top = self.argument(style)
        return [Fraction(top, self.argument(style))]

    def binomial(self, style: str) -> list[Node]:
        top = self.argument(style)
        return _divided(r"\choose", list(top), list(self.argument(style)))

    def root(self, style: str) -> list[Node]:
        option = self.option()
        index = _Parser(option, self.place).row((), style) if option else None
        return [Root(self.argument(style), index or None)]

    def overset(self, style: str) -> list[Node]:
        over = self.argument(style)
        return [Stack(self.argument(style), over, None)]

    def underset(self, style: str) -> list[Node]:
        under = self.argument(style)
        return [Stack(self.argument(style), None, under)]

    def buildrel(self, style: str) -> list[Node]:
        over = self.row((r"\over",), style)
        self.close(r"\over")
        return [Stack(self.argument(style), over, None)]

    def arrow(self, style: str) -> list[Node]:
        option = self.option()
        under = _Parser(option, self.place).row((), style) if option else None
        name = r"\longrightarrow"
        return [Stack((Symbol(name),), self.argument(style), under or None)]

    def substack(self, style: str) -> list[Node]:
        self.close("{")
        return [self.table(("}",), style)]

    def environment(self, style: str) -> list[Node]:
        name = self.raw().replace(" ", "")
        if name in ("equation", "equation*", "displaymath", "math", "center", "document"):
            row = self.row((r"\end",), style)
            self.end(name)
            return list(row)
        if name not in TABLES:
            raise self.fail(f"unknown environment {name}")
        if name in ("array", "subarray", "tabular", "alignedat", "alignat", "alignat*"):
            self.option()
            self.raw()
        elif name in ("aligned", "gathered", "split") and re.match(r"\[\s*[tbc]\s*\]", self.rest()):
            self.option()
        table = self.table((r"\end",), style)
        self.end(name)
        return _fenced(TABLES[name], table)

    def end(self, name: str) -> None:
        self.close(r"\end") if self.peek() == r"\end" else None
        found = self.raw().replace(" ", "")
        if found != name:
            raise self.fail(f"\\end{{{found}}} for \\begin{{{name}}}")

    def plain_matrix(self, style: str, fence: str) -> list[Node]:
        self.close("{")
        return _fenced(fence, self.table(("}",), style))

    def table(self, ends: tuple[str, ...], style: str) -> Table:
        rows: list[tuple[Row, ...]] = []
        cells: list[Row] = []
        while True:
            cells.append(self.row(("&", r"\\", r"\cr", r"\\*", r"\newline", *ends), style))
            token = self.peek()
            if not token:
                raise self.fail(f"{ends[0]} is missing")
            if token == "&":
                self.take()
                continue
            rows.append(tuple(cells))
            cells = []
            if token in ends:
                if token == "}":
                    self.take()
                return Table(tuple(rows))
            self.take()
            if self.peek() == "[":
                saved = self.at
                option = self.option()
                if option is not None and not LENGTH.fullmatch("".join(t.text for t in option)):
                    self.at = saved


_STYLED = frozenset(name[1:] for name in KNOWN if name[1:2].isalpha())
_HANDLERS: dict[str, Callable[[_Parser, str], list[Node]]] = {
    r"\frac": _Parser.fraction, r"\dfrac": _Parser.fraction, r"\tfrac": _Parser.fraction, r"\cfrac": _Parser.fraction,
    r"\binom": _Parser.binomial, r"\dbinom": _Parser.binomial, r"\tbinom": _Parser.binomial, r"\sqrt": _Parser.root,
    r"\stackrel": _Parser.overset, r"\overset": _Parser.overset, r"\underset": _Parser.underset,
    r"\buildrel": _Parser.buildrel, r"\xrightarrow": _Parser.arrow, r"\begin": _Parser.environment,
    r"\substack": _Parser.substack, r"\matrix": lambda p, s: p.plain_matrix(s, ""),
    r"\pmatrix": lambda p, s: p.plain_matrix(s, "()"), r"\cases": lambda p, s: p.plain_matrix(s, "{"),
    r"\eqalign": lambda p, s: p.plain_matrix(s, ""), r"\bmod": lambda p, s: [Word(" mod ")],
    r"\pmod": lambda p, s: [Symbol("("), Word("mod "), *p.argument(s), Symbol(")")],
    r"\mod": lambda p, s: [Word(" mod ")],
}  # fmt: skip


def _letter(character: str, style: str) -> Node:
    if style == "rm" and (character.isalpha() or character in "-"):
        return Word(character)
    if character.isalnum() and style not in ("", "rm"):
        return Symbol(character, style if _has_style(character, style) else "")
    return Symbol(character)


def _has_style(character: str, style: str) -> bool:
    """Say whether a style has a letter or digit of its own: script and blackboard have capitals alone."""
    if style in ("cal", "bb"):
        return character.isupper()
    return character.isalpha() or style in ("bf", "sf", "tt")


def _divided(command: str, top: list[Node], bottom: list[Node]) -> list[Node]:
    if command == r"\over":
        return [Fraction(tuple(top), tuple(bottom))]
    table = Table(((tuple(top),), (tuple(bottom),)))
    return [Symbol("("), table, Symbol(")")] if command == r"\choose" else [table]


def _fenced(fence: str, table: Table) -> list[Node]:
    left, right = PAIRS[fence] if fence else (None, None)
    return [*([Symbol(left)] if left else []), table, *([Symbol(right)] if right else [])]
