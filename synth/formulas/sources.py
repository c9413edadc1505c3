"""Data augmentation of formulas: formulas of papers, changed and recombined.

Letters and signs are exchanged for others of their kind, parts of one formula replace parts of another, formulas are
cut at relations, joined, put into roots, fractions, matrices and cases.
"""

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.random import Generator

from ocr2.formulas.parse import FormulaError, parse_formula
from ocr2.formulas.symbols import ARROWS, GREEK, LARGE, OPERATORS, RELATIONS, names
from ocr2.formulas.tidy import tidy
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Stack, Symbol, Table, Word

HELD_OUT = 16  # one formula in 16 is held out for validation
LATIN = "abcdefghijklmnopqrstuvwxyz"
KINDS: tuple[tuple[str, ...], ...] = (
    tuple(LATIN), tuple(LATIN.upper()), tuple("0123456789"),
    tuple("\\" + name for name in GREEK if name[0].islower()),
    tuple("\\" + name for name in GREEK if name[0].isupper()),
    (*tuple("\\" + name for name in RELATIONS), "=", "<", ">"), tuple("\\" + name for name in ARROWS),
    (*tuple("\\" + name for name in OPERATORS), "+", "-", "*"), tuple("\\" + name for name in LARGE),
)  # fmt: skip
RARE = names(
    r"\infty \partial \nabla \hbar \ell \wp \Re \Im \aleph \imath \jmath \forall \exists \neg \emptyset \angle "
    r"\flat \natural \sharp \prime \ldots \cdots \vdots \ddots \langle \rangle \lfloor \rfloor \lceil \rceil \| "
    r"\triangle \{ \} \% \# \& \S ! ? ; : / [ ] ( ) | , . \top \neq \notin \Box"
)
ACCENT_NAMES = names(
    r"\hat \tilde \bar \vec \dot \ddot \check \breve \acute \grave \underline \overbrace \underbrace \not"
)
STYLED = ("bf", "cal", "bb", "frak", "sf", "tt")
WORDS = (
    "if", "for all", *names("otherwise where and with const eff max min in out Tr tr diag rank Re Im sgn sign GeV"),
    *names("loc tot free int i d e T on off ext Ric Vol"),
)  # fmt: skip
FUNCTIONS = names(
    "sin cos tan log ln exp lim max min sup inf det dim arg sinh cosh tanh cot sec arctan arcsin deg gcd ker Pr"
)
Rows = Sequence[Row]


def load_formulas(folder: Path, *, held_out: bool) -> list[Row]:
    """Return the parsable formulas of one split in a folder's `*.txt.gz`, a formula a line."""
    rows = []
    for path in sorted(folder.glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                try:
                    row = parse_formula(line)
                except FormulaError:
                    continue
                if row and is_held_out(repr(row)) == held_out:
                    rows.append(row)
    return rows


def is_held_out(key: str) -> bool:
    """Say whether a formula is held out for validation; the key identifies it."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % HELD_OUT == 0


@dataclass(frozen=True, slots=True)
class Sources:
    """Draws formulas."""

    real: Rows
    changed: bool = True  # whether real ones are changed

    def draw(self, rng: Generator) -> Row:
        """Return one formula."""
        row = self._real(rng)
        if not self.changed:
            return row
        if rng.random() < 0.25:
            row = self._recombined(rng, row)
        if rng.random() < 0.2:
            row = _cut(rng, row)
        if rng.random() < 0.12:
            row = self._wrapped(rng, row)
        if rng.random() < 0.5:
            row = _relettered(rng, row)
        if rng.random() < 0.35:
            row = _sprinkled(rng, row)
        return tidy(row)

    def _real(self, rng: Generator) -> Row:
        return self.real[int(rng.integers(len(self.real)))]

    def _recombined(self, rng: Generator, row: Row) -> Row:
        """Exchange some parts for parts of another formula."""
        parts = [part for part in _parts(self._real(rng)) if 0 < len(part) <= 8]
        if not parts:
            return row

        def change(part: Row) -> Row:
            return parts[int(rng.integers(len(parts)))] if len(part) <= 6 and rng.random() < 0.25 else part

        return _map_parts(row, change)

    def _wrapped(self, rng: Generator, row: Row) -> Row:
        short = [_cut(rng, self._real(rng))[:6] for _ in range(9)]
        choice = rng.random()
        if choice < 0.2:
            return (Fraction(short[0], short[1]), Symbol("="), *row[:20])
        if choice < 0.35:
            return (Root(short[0], (Symbol(str(rng.integers(2, 6))),) if rng.random() < 0.4 else None), *row[:20])
        if choice < 0.65:
            high, wide = int(rng.integers(2, 5)), int(rng.integers(1, 5))
            cells = [_cut(rng, self._real(rng))[: 1 if wide > 2 else 3] for _ in range(high * wide)]
            if rng.random() < 0.4:
                cells = [(Symbol(str(rng.integers(10))),) for _ in cells]
            table = Table(tuple(tuple(cells[i * wide : (i + 1) * wide]) for i in range(high)))
            left, right = (("(", ")"), ("[", "]"), ("|", "|"))[int(rng.integers(3))]
            return (*row[:6], Symbol("="), Symbol(left), table, Symbol(right))
        if choice < 0.85:
            lines = tuple(
                (short[i], (Word(str(rng.choice(("if", "for", "otherwise")))), *short[i + 4][:4]))
                for i in range(int(rng.integers(2, 4)))
            )
            return (*row[:6], Symbol("="), Symbol(r"\{"), Table(lines))
        relation: Row = (Symbol("="),)
        equations = tuple((short[i], relation, short[i + 4]) for i in range(int(rng.integers(2, 5))))
        return (Table(equations),)


def _cut(rng: Generator, row: Row) -> Row:
    """Return the part between two relations, or a few signs."""
    signs = [i for i, node in enumerate(row) if isinstance(node, Symbol) and node.name in (*KINDS[5], ",")]
    if signs and rng.random() < 0.6:
        edges = [-1, *signs, len(row)]
        start = int(rng.integers(len(edges) - 1))
        return row[edges[start] + 1 : edges[min(len(edges) - 1, start + int(rng.integers(1, 3)))]] or row
    start = int(rng.integers(len(row)))
    return row[start : start + int(rng.integers(1, 9))]


def _relettered(rng: Generator, row: Row) -> Row:
    """Exchange letters and digits for others of their kind, the same for the same."""
    share = rng.uniform(0.1, 0.7)
    renamed: dict[str, str] = {}
    for kind in KINDS[:5]:
        for name in kind:
            if rng.random() < share:
                renamed[name] = kind[int(rng.integers(len(kind)))]

    def change(node: Node) -> Node:
        if isinstance(node, Symbol):
            return replace(node, name=renamed.get(node.name, node.name))
        if isinstance(node, Word) and len(node.letters) <= 3 and rng.random() < 0.2:
            return Word(str(rng.choice(WORDS)))
        return node

    return _map_nodes(row, change)


def _sprinkled(rng: Generator, row: Row) -> Row:
    """Exchange single signs for rare ones, give letters another style, an accent, a script."""
    rate = rng.uniform(0.02, 0.2)

    def change(node: Node) -> Node:
        if not isinstance(node, Symbol) or rng.random() >= rate:
            return node
        choice = rng.random()
        for kind in KINDS:
            if node.name in kind and choice < 0.35:
                return Symbol(kind[int(rng.integers(len(kind)))], node.style)
        if choice < 0.5:
            return Symbol(str(rng.choice(RARE)))
        if choice < 0.7 and len(node.name) == 1 and node.name.isalpha():
            style = str(rng.choice(STYLED, p=(0.35, 0.2, 0.15, 0.1, 0.1, 0.1)))
            return Symbol(node.name.upper() if style in ("cal", "bb") else node.name, style)
        if choice < 0.75 and node.name.startswith("\\") and node.name[1:] in GREEK:
            return Symbol(node.name, "bf")
        if choice < 0.85 and (node.name.isalpha() or node.name[1:] in GREEK):
            return Accent(str(rng.choice(ACCENT_NAMES)), (node,))
        if choice < 0.9:
            return Word(str(rng.choice(FUNCTIONS + WORDS)))
        if choice < 0.94:
            return Stack((node,), (Symbol(str(rng.choice(tuple(LATIN)))),), None)
        small = (Symbol(str(rng.choice(KINDS[int(rng.integers(5))]))),)
        return Scripts(node, small if choice < 0.97 else None, small if choice >= 0.97 else None)

    return _map_nodes(row, change)


def _parts(row: Row) -> list[Row]:
    """Return all rows inside a row."""
    found: list[Row] = []
    _map_parts(row, lambda part: found.append(part) or part)  # type: ignore[func-returns-value]
    return found


def _map_parts(row: Row, change: Callable[[Row], Row]) -> Row:
    """Return a row whose inner rows are changed, the innermost first."""

    def inner(part: Row) -> Row:
        return change(_map_parts(part, change))

    return tuple(_with_parts(node, inner) for node in row)


def _map_nodes(row: Row, change: Callable[[Node], Node]) -> Row:
    """Return a row with all its nodes changed, inner ones too."""
    return tuple(change(_with_parts(node, lambda part: _map_nodes(part, change), change)) for node in row)


def _with_parts(node: Node, inner: Callable[[Row], Row], base_change: Callable[[Node], Node] | None = None) -> Node:
    match node:
        case Scripts(base, sub, sup):
            if base is not None:
                base = _with_parts(base, inner, base_change)
                base = base_change(base) if base_change and not isinstance(base, Scripts) else base
            return Scripts(base, inner(sub) if sub else None, inner(sup) if sup else None)
        case Fraction(top, bottom):
            return Fraction(inner(top), inner(bottom))
        case Root(body, index):
            return Root(inner(body), inner(index) if index else None)
        case Accent(name, body):
            return Accent(name, inner(body))
        case Stack(base, over, under):
            return Stack(inner(base), inner(over) if over else None, inner(under) if under else None)
        case Table(rows):
            return Table(tuple(tuple(inner(cell) for cell in cells) for cells in rows))
    return node
