"""Display formulas among the lines of a page: found by how strange their lines read, read by a reader of formulas.

A reading is taken only if it is sure, explains all that was found, and holds what text does not: so that a page without
formulas stays as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocr2.formulas.symbols import FUNCTIONS, GREEK, LARGE, RELATIONS, names
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word
from ocr2.formulas.write import write_formula
from ocr2.models.protocols import FormulaReader, ReadFormula
from ocr2.reading.lines.layout import Gray
from ocr2.reading.lines.line import ReadLine
from ocr2.results.box import Box, union
from ocr2.results.document import Block

WORD = re.compile(r"[^\W\d_²³¹⁰-₟]{3,}")
MIXED = re.compile(r"[a-zA-Z][Α-ω]|[Α-ω][a-zA-Z]")  # Greek beside Latin, as in products
FENCES = ("(", "[", r"\{", "|", r"\|")
SIGN = re.compile(r"[=<>^∑∫√∞≤≥≈±×÷∂∇αβγδεζηθλμνξπρστφχψω]|(?<!\w)[b-zB-HJ-Z](?![\w.):])")
STRANGE = 0.6  # confidence below which a line may be part of a formula, whatever it reads as
WORDY = 0.5  # share of a line's letters in words from which it is text
SHORT = 8  # letters of a line that belongs to a formula beside it, such as a denominator
APART = 1.1  # em between the lines of one formula, at most
NEAR = 3.0  # em between parts beside each other that nothing parts
RUNNING, COLUMN = 20, 2  # letters of a line of running text, and such lines that make a column
AROUND = 1.0  # em by which a formula may reach beyond its lines
SURE = 0.9  # mean probability of what was written
UNEXPLAINED = 0.06  # share of the signs that may be left over
COVERED = 0.9  # share of the ink that signs cover: print 0.97, bonds of molecules or staves less than 0.4
MOST_AREAS = 24  # of a page that are looked at
LOOKS = 3  # at an area, parted each time
FEWEST_SIGNS = 3
UPRIGHT = 0.5  # share of the signs that are letters of words, from which it is text
NUMBER = re.compile(r"\([0-9][0-9A-Za-z.]*\)$")
NUMBER_LETTERS = re.compile(r"[0-9A-Z][0-9A-Za-z.\-*′]{0,7}")


@dataclass(frozen=True, slots=True)
class FoundFormula:
    """A formula and the words that it took from each line, by the number of the line."""

    block: Block
    words: dict[int, frozenset[int]]


def find_formulas(
    lines: Sequence[ReadLine],
    taken: frozenset[int],
    gray: Gray,
    reader: FormulaReader,
    *,
    in_tables: frozenset[int] = frozenset(),
) -> list[FoundFormula]:
    """Return the display formulas of a page.

    Args:
        lines: In reading order, boxes in pixels of the upright page.
        taken: Numbers of lines that are not asked about, such as those of ruled tables.
        gray: The upright page (height, width).
        reader: Of formulas.
        in_tables: Numbers of lines that may be rows of a table: there a formula must be more than rows and columns.
    """
    strange = {i for i, line in enumerate(lines) if i not in taken and is_strange(line)}
    short = {i for i, line in enumerate(lines) if i not in taken and _may_belong(line)}
    groups = [group for group in _grouped(lines, sorted(strange | short)) if strange.intersection(group)]
    found: list[FoundFormula] = []
    for _ in range(LOOKS):
        groups = groups[:MOST_AREAS]
        areas = [_area(lines, group, gray.shape) for group in groups]
        readings = reader.read_formulas([gray[a.top : a.bottom, a.left : a.right] for a in areas]) if areas else []
        left: list[list[int]] = []
        for group, area, reading in zip(groups, areas, readings, strict=True) if readings is not None else ():
            is_one = is_formula(reading) and not (in_tables.intersection(group) and _is_grid(reading.tree))
            parts = [part for part in _halves(lines, group) if strange.intersection(part)]
            if not is_one or (parts and _is_numbered_in_rows(reading.tree)):
                left += parts
            if is_one:
                found.append(_found(lines, group, area, reading))
        groups = left
    return _without_wholes(found)


def _without_wholes(found: Sequence[FoundFormula]) -> list[FoundFormula]:
    """Leave out a whole whose lines all are in formulas found as its parts, else the parts; in order of the page."""
    kept: list[FoundFormula] = []
    for formula in sorted(found, key=lambda one: -len(one.words)):
        parts = [other for other in found if other is not formula and other.words.keys() < formula.words.keys()]
        covered = set[int]().union(*(part.words for part in parts))
        if covered != formula.words.keys() and not any(formula.words.keys() & one.words.keys() for one in kept):
            kept.append(formula)
    return sorted(kept, key=lambda formula: min(formula.words))


def _is_numbered_in_rows(tree: Row) -> bool:
    """Say whether rows without brackets around them have numbers of their own: formulas, one below the other."""
    rows = (row for table in _loose_tables(tree) for row in table.rows)
    return any(NUMBER.search("".join(_plain(node) for cell in row for node in cell)) for row in rows)


def _loose_tables(tree: Row) -> list[Table]:
    """Return rows and columns of a tree that have no bracket before them."""
    return [
        node
        for before, node in pairwise((None, *tree))
        if isinstance(node, Table) and not (isinstance(before, Symbol) and before.name in FENCES)
    ]


def _plain(node: Node) -> str:
    return node.name if isinstance(node, Symbol) else node.letters if isinstance(node, Word) else "?"


def _found(lines: Sequence[ReadLine], group: Sequence[int], area: Box, reading: ReadFormula) -> FoundFormula:
    words = {i: frozenset(range(len(lines[i].line.words))) for i in group}
    parts = tuple(lines[i].line for i in group)
    return FoundFormula(Block("formula", written(reading.tree), area, reading.confidence, parts), words)


def _halves(lines: Sequence[ReadLine], group: Sequence[int]) -> list[list[int]]:
    """Part a group at the widest white across it: formulas may stand below each other. Without white, no parts."""
    ordered = sorted(group, key=lambda i: lines[i].line.box.top)
    bottom = np.maximum.accumulate([lines[i].line.box.bottom for i in ordered])
    white = [lines[j].line.box.top - int(bottom[k]) for k, j in enumerate(ordered[1:])]
    if not white or max(white) <= 0:
        return []
    at = int(np.argmax(white)) + 1
    return [sorted(ordered[:at]), sorted(ordered[at:])]


def _is_grid(tree: Row) -> bool:
    """Say whether a tree is rows and columns as of a table: without brackets, and without a relation in each row."""
    return any(
        not all(any(_is_relation(part) for cell in row for part in cell) for row in table.rows)
        for table in _loose_tables(tree)
    )


def _is_relation(node: Node) -> bool:
    return isinstance(node, Symbol) and (node.name in "=<>" or node.name[1:] in RELATIONS)


def _may_belong(line: ReadLine) -> bool:
    """Say whether a line may belong to a formula beside it: a denominator, a limit of a sum, a number."""
    return len(line.line.text) <= SHORT and not _is_wordy(line)


def is_strange(line: ReadLine) -> bool:
    """Say whether a line may be part of a formula: few of its letters stand in words."""
    return not _is_wordy(line) and (line.line.confidence < STRANGE or SIGN.search(line.line.text) is not None)


def _is_wordy(line: ReadLine) -> bool:
    letters = sum(c.isalpha() for c in line.line.text)
    return letters > 0 and letters_in_words(line.line.text) >= WORDY * letters


def letters_in_words(text: str) -> int:
    """Return how many letters of a text stand in words, those of functions left out."""
    return sum(len(word) for word in WORD.findall(text) if word not in FUNCTIONS and not MIXED.search(word))


def _grouped(lines: Sequence[ReadLine], strange: Sequence[int]) -> list[list[int]]:
    """Join lines that stand beside or close above each other."""
    em = float(np.median([line.em for line in lines])) if lines else 0.0
    starts = [line.line.box.left for line in lines if _is_running(line)]
    groups: list[list[int]] = []
    for i in strange:
        near = [g for g in groups if any(_belong(lines[i].line.box, lines[j].line.box, em, starts) for j in g)]
        merged = [i, *(j for group in near for j in group)]
        groups = [group for group in groups if group not in near] + [sorted(merged)]
    return sorted(groups)


def _is_running(line: ReadLine) -> bool:
    return len(line.line.text) >= RUNNING and _is_wordy(line)


def _belong(a: Box, b: Box, em: float, starts: Sequence[int]) -> bool:
    beside = min(a.bottom, b.bottom) - max(a.top, b.top)
    over = min(a.right, b.right) - max(a.left, b.left)
    if beside > 0:
        first, last = min(a.right, b.right), max(a.left, b.left)
        # A column of running text that begins between two parts parts them, however near.
        return over > -NEAR * em or sum(first < start <= last + em for start in starts) < COLUMN
    return -beside < APART * em and over > -em


def _area(lines: Sequence[ReadLine], group: Sequence[int], shape: tuple[int, ...]) -> Box:
    """Return where a formula may be: all of the column beside its lines, and around them as far as others allow."""
    box = union(lines[i].line.box for i in group)
    em = max(lines[i].em for i in group)
    middle = (box.left + box.right) / 2
    column = [
        line.line.box for line in lines if _is_running(line) and line.line.box.left <= middle < line.line.box.right
    ]
    left = min([box.left - em, *(other.left for other in column)])
    right = max([box.right + em, *(other.right for other in column)])
    top, bottom = box.top - AROUND * em, box.bottom + AROUND * em
    for i, line in enumerate(lines):
        other = line.line.box
        if i in group or min(other.right, right) <= max(other.left, left):
            continue
        if other.bottom <= box.top + 0.3 * em:
            top = max(top, other.bottom)
        elif other.top >= box.bottom - 0.3 * em:
            bottom = min(bottom, other.top)
    for i, line in enumerate(lines):
        other = line.line.box
        if i not in group and min(other.bottom, bottom) - max(other.top, top) > 0.3 * em:
            if other.right <= box.left:
                left = max(left, other.right)
            elif other.left >= box.right:
                right = min(right, other.left)
    height, width = shape[:2]
    return Box(max(0, int(left)), max(0, int(top)), min(width, int(right) + 1), min(height, int(bottom) + 1))


def is_formula(
    reading: ReadFormula, *, sure: float = SURE, unexplained: float = UNEXPLAINED, covered: float = COVERED
) -> bool:
    """Say whether a reading is sure enough, and is a formula rather than text.

    Args:
        reading: Of a picture or a part of it.
        sure: Mean probability that it must have.
        unexplained: Share of the signs that it may leave over.
        covered: Share of the ink that its signs must cover.
    """
    signs = list(_signs(reading.tree))
    if reading.stopped != "end" or reading.confidence < sure or len(signs) < FEWEST_SIGNS:
        return False
    if reading.unexplained > max(1, unexplained * reading.found) or reading.covered < covered:
        return False
    words = sum(sign.startswith("rm:") for sign in signs)
    return words < UPRIGHT * len(signs) and _is_mathematics(reading.tree)


def _is_mathematics(row: Row) -> bool:
    """Say whether a tree holds what a line of text does not."""
    return any(
        isinstance(node, Fraction | Root | Accent | Scripts | Stack)
        or (isinstance(node, Table) and len(node.rows) > 1)
        or (isinstance(node, Symbol) and (node.name[1:] in _MATHEMATICAL or node.name in "=<>"))
        for node in row
    )


_MATHEMATICAL = frozenset((*GREEK, *LARGE, *names("rightarrow infty partial nabla leq geq in pm times")))


def _signs(row: Row) -> list[str]:
    found: list[str] = []
    for node in row:
        found += _signs_of(node)
    return found


def _signs_of(node: Node | None) -> list[str]:
    match node:
        case Symbol(name):
            return [name]
        case Word(letters):
            return ["\\" + letters] if letters in FUNCTIONS else [f"rm:{c}" for c in letters if c != " "]
        case Scripts(base, sub, sup):
            return _signs_of(base) + _signs(sub or ()) + _signs(sup or ())
        case Fraction(top, bottom):
            return ["\\frac", *_signs(top), *_signs(bottom)]
        case Root(body, index):
            return ["\\sqrt", *_signs(body), *_signs(index or ())]
        case Accent(name, body):
            return [name, *_signs(body)]
        case Stack(base, over, under):
            return _signs(base) + _signs(over or ()) + _signs(under or ())
        case Table(rows):
            return [sign for cells in rows for cell in cells for sign in _signs(cell)]
    return []


def written(tree: Row) -> str:
    """Return a display formula as markup; a number behind a gap at its end is its tag.

    Examples:
        >>> from ocr2.formulas.parse import parse_formula
        >>> print(written(parse_formula(r"a=b \\quad (3.1)")))
        \\[ a=b \\tag{3.1} \\]
    """
    body, tag = tree, ""
    for i in range(len(tree) - 1, 0, -1):
        if isinstance(tree[i - 1], Space):
            text = "".join(map(_plain, tree[i:]))
            if text.startswith("(") and text.endswith(")") and NUMBER_LETTERS.fullmatch(text[1:-1]):
                body, tag = tree[: i - 1], rf" \tag{{{text[1:-1]}}}"
            break
    return rf"\[ {write_formula(body)}{tag} \]"
