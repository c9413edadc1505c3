"""Trees of formulas in English words.

After the rules of ClearSpeak, the speech style of mathematics textbooks: "x squared", "the fraction with numerator a
plus b and denominator c, end fraction". What could be taken for something else when heard is closed by a word ("end
root"), what cannot is not.
"""

import re
from collections.abc import Sequence

from ocr2.formulas import spoken
from ocr2.formulas.shapes import BEFORE_NEGATIVE, is_aligned, is_short, name_of, printed_sign, size_of, sound_pairs
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word

NAMED_FUNCTIONS = frozenset("fgh")  # letters that are applied to what stands in parentheses behind them


def row_to_words(row: Row) -> str:
    """Return a formula's tree in words."""
    text = " ".join(" ".join(_Reader(row).parts()).split())
    text = re.sub(r"\s+([,;])", r"\1", text)
    return re.sub(r"([,;])(?:\s*,)+", r"\1", text).strip(" ,")


class _Reader:
    """Reads one row from left to right."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.pairs = sound_pairs(row)
        self.at = 0

    def parts(self) -> list[str]:
        """Return the words of the row, in pieces."""
        found: list[str] = []
        while self.at < len(self.row):
            found.append(self._next())
        return found

    def _next(self) -> str:
        start, node = self.at, self.row[self.at]
        end = self.pairs.get(start)
        number = self._number()
        if number:
            return number
        if end is not None and (fenced := self._fenced(start, end)):
            self.at = end + 1
            return fenced
        self.at += 1
        following = self.row[self.at] if self.at < len(self.row) else None
        if node == Symbol(r"\{") and isinstance(following, Table):
            self.at += 1
            return _cases(following)
        if node == Symbol("-") and self._before(start) in BEFORE_NEGATIVE:
            return "negative"
        if node == Symbol("|") and start not in self.pairs.values():
            inside = any(a < start < b and self.row[a] == Symbol(r"\{") for a, b in self.pairs.items())
            return "such that" if inside else "given"
        if name_of(node.base if isinstance(node, Scripts) else node) in NAMED_FUNCTIONS and following == Symbol("("):
            return f"{_node(node)} of {self._argument()}"
        return _node(node)

    def _argument(self) -> str:
        """Return what stands in the parentheses that open here, if they can be left out; it is then done."""
        end = self.pairs.get(self.at)
        if end is None or not is_short(inside := self.row[self.at + 1 : end]):
            return ""
        script = _scripts_of(self.row[end])
        self.at = end + 1
        return f"{row_to_words(inside)} {script}"

    def _number(self) -> str:
        """Return the digits from here, with points and commas between them; they are then done."""
        digits = ""
        while self.at < len(self.row) and (sign := printed_sign(self.row[self.at])):
            behind = printed_sign(self.row[self.at + 1]) if self.at + 1 < len(self.row) else ""
            if not sign.isdecimal() and not (digits and sign in ".," and behind.isdecimal()):
                break
            digits += sign
            self.at += 1
        last = self.row[self.at] if self.at < len(self.row) else None
        if digits and isinstance(last, Scripts) and last.base is not None and printed_sign(last.base).isdecimal():
            self.at += 1  # the power is that of the whole number
            return digits + _node(last)
        return digits

    def _before(self, place: int) -> str:
        node = self.row[place - 1] if place else Symbol("")
        return node.name if isinstance(node, Symbol) else "space" if not isinstance(node, Space) else ""

    def _fenced(self, start: int, end: int) -> str:
        """Return a matrix, a binomial, an absolute value or a norm; "" of other brackets."""
        last, inside = self.row[end], self.row[start + 1 : end]
        script = _scripts_of(last)
        fence = (name_of(self.row[start]), name_of(last.base if isinstance(last, Scripts) else last))
        if len(inside) == 1 and isinstance(inside[0], Table):
            table = inside[0]
            if fence == ("(", ")") and size_of(table) == (2, 1):
                return f"{row_to_words(table.rows[0][0])} choose {row_to_words(table.rows[1][0])} {script}"
            what = "the determinant of " if fence == ("|", "|") else ""
            return f"{what}{_matrix(table)} {script}"
        name = spoken.FENCES.get(fence)
        if name is None or not inside:
            return ""
        close = "" if is_short(inside) else f", end {name.split()[-2]},"
        return f"{name} {row_to_words(inside)} {close} {script}"


def _node(node: Node) -> str:
    match node:
        case Symbol():
            return _symbol(node)
        case Word(letters):
            return _words(letters)
        case Space():
            return ","
        case Scripts():
            return _scripts(node)
        case Fraction(top, bottom):
            return _fraction(top, bottom)
        case Root(body, index):
            degree = row_to_words(index) if index else "2"
            name = {"2": "the square root of", "3": "the cube root of"}.get(degree, f"the root of index {degree} of")
            return f"{name} {row_to_words(body)}" + ("" if is_short(body) else ", end root,")
        case Accent(name, body):
            return _accent(name, body)
        case Stack(base, over, under):
            return _stack(row_to_words(base), over, under)
        case Table(rows):
            return _table(rows)


def _symbol(symbol: Symbol) -> str:
    name, letters = symbol.name, symbol.name.removeprefix("\\")
    if symbol.style == "bb" and name in spoken.NUMBER_SETS:
        return spoken.NUMBER_SETS[name]
    if name.startswith("\\") and letters in spoken.LARGE:
        return f"{spoken.LARGE[letters]} of"
    if name in spoken.SIGNS:
        said = spoken.SIGNS[name]
    elif len(name) == 1:
        said = f"cap {name}" if name.isupper() else name
    else:
        said = spoken.LETTERS.get(letters, letters)
    return f"{spoken.STYLES.get(symbol.style, '')} {said}".strip()


def _words(letters: str) -> str:
    if letters in spoken.LIMITS:
        return f"{spoken.LIMITS[letters]} of"
    words = letters.split()
    return " ".join(f"{spoken.FUNCTIONS[word]} of" if word in spoken.FUNCTIONS else word for word in words)


def _scripts(node: Scripts) -> str:
    base, sub, sup = node.base, node.sub, node.sup
    name = name_of(base).removeprefix("\\") if isinstance(base, Symbol) and base.name.startswith("\\") else ""
    limit = spoken.LARGE.get(name) or (spoken.LIMITS.get(base.letters) if isinstance(base, Word) else None)
    if limit is not None:
        lower = row_to_words(sub).replace("right arrow", "approaches") if sub else ""
        upper = row_to_words(sup) if sup else ""
        if not lower:
            return f"{limit} up to {upper} of"
        join = "as" if "approaches" in lower else "from" if upper else "over"
        return f"{limit} {join} {lower}" + (f" to {upper}" if upper else "") + " of"
    if isinstance(base, Word) and base.letters in spoken.FUNCTIONS:
        said = spoken.FUNCTIONS[base.letters]
        if sup == (Symbol("-"), Symbol("1")):
            return f"inverse {said} of"
        below = f" base {row_to_words(sub)}" if sub else ""
        return f"{said}{below} {_power(sup) if sup else ''} of"
    head = _node(base) if base is not None else ""
    return f"{head} {_scripts_of(node)}"


def _scripts_of(node: Node) -> str:
    """Return what stands below and above the end of a node; "" if nothing does."""
    if not isinstance(node, Scripts):
        return ""
    below = ""
    if node.sub:
        below = f"sub {row_to_words(node.sub)}" + ("" if len(node.sub) == 1 else ",")
    return f"{below} {_power(node.sup) if node.sup else ''}".strip()


def _power(row: Row) -> str:
    names = [name_of(node) for node in row]
    if all(name == r"\prime" for name in names):
        return spoken.PRIMES[len(names) - 1] if len(names) <= len(spoken.PRIMES) else f"{len(names)} primes"
    if names == [r"\circ"]:
        return "degrees"
    if len(names) == 1 and names[0] in spoken.POWERS:
        return spoken.POWERS[names[0]]
    said = row_to_words(row)
    return f"to the power {said}" if is_short(row) else f"to the power {said}, end power,"


def _fraction(top: Row, bottom: Row) -> str:
    over, under = row_to_words(top), row_to_words(bottom)
    if over in spoken.COUNTS and under in spoken.PARTS:
        part = spoken.PARTS[under]
        many = {"half": "halves"}.get(part, f"{part}s")
        return f"{spoken.COUNTS[over]} {part if over == '1' else many}"
    if is_short(top) and is_short(bottom):
        return f"{over} over {under}"
    return f"the fraction with numerator {over} and denominator {under}, end fraction,"


def _accent(name: str, body: Row) -> str:
    said = row_to_words(body)
    if name == r"\not":
        return f"not {said}"
    mark = spoken.ACCENTS.get(name, name.removeprefix("\\"))
    if mark == "vector":
        return f"vector {said}"
    return f"{said} {mark}" if len(body) == 1 else f"{mark} over {said}, end {mark},"


def _stack(base: str, over: Row | None, under: Row | None) -> str:
    above = f" with {row_to_words(over)} over it," if over else ""
    return base + above + (f" with {row_to_words(under)} under it," if under else "")


def _table(rows: Sequence[Sequence[Row]]) -> str:
    """Return equations below each other, or cells without brackets."""
    lines = [", ".join(words for cell in cells if (words := row_to_words(cell))) for cells in rows]
    if is_aligned(rows):
        lines = [row_to_words(tuple(node for cell in cells for node in cell)) for cells in rows]
    if len(lines) == 1:
        return lines[0]
    return f"{len(lines)} lines: " + "; ".join(f"line {i}: {line}" for i, line in enumerate(lines, start=1)) + ";"


def _matrix(table: Table) -> str:
    height, width = size_of(table)
    rows = (", ".join(row_to_words(cell) or "blank" for cell in cells) for cells in table.rows)
    said = "; ".join(f"row {i}: {row}" for i, row in enumerate(rows, start=1))
    return f"the {height} by {width} matrix, {said}; end matrix"


def _cases(table: Table) -> str:
    lines = (", ".join(words for cell in cells if (words := row_to_words(cell))) for cells in table.rows)
    said = "; ".join(f"case {i}: {line}" for i, line in enumerate(lines, start=1))
    return f"{len(table.rows)} cases, {said}; end cases"
