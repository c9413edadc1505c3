"""What rows of formulas look like: questions that writing them in words asks."""

from collections.abc import Sequence

from ocr2.formulas import spoken
from ocr2.formulas.tree import Accent, Node, Row, Scripts, Symbol, Table, Word
from ocr2.formulas.write import RELATION, UPRIGHT, bracket_pairs

BEFORE_NEGATIVE = frozenset(("", "(", "[", r"\{", "=", "<", ">", ",", ";", ":", "+", "-", r"\leq", r"\geq", r"\neq",
    r"\equiv", r"\approx", r"\sim", r"\times", r"\cdot", r"\in", "/", r"\pm"))  # fmt: skip


def name_of(node: Node | None) -> str:
    """Return the name of a sign, "" of anything else."""
    return node.name if isinstance(node, Symbol) else ""


def printed_sign(node: Node) -> str:
    """Return a sign as it is printed, "" of anything but one in the usual letters."""
    return node.name if isinstance(node, Symbol) and not node.style and len(node.name) == 1 else ""


def is_short(row: Row) -> bool:
    """Return whether a listener hears where a row ends: a number, a sign with simple scripts, at most two letters."""
    if len(row) == 1 and isinstance(row[0], Scripts):
        return all(
            part is None or (len(part) == 1 and isinstance(part[0], Symbol)) for part in (row[0].sub, row[0].sup)
        )
    signed = row[1:] if row[:1] == (Symbol("-"),) else row
    if len(signed) == 1:
        return isinstance(signed[0], Symbol | Word | Accent)
    printed = [node.name if isinstance(node, Symbol) else "" for node in signed]
    if all(name.isdecimal() or (name != "" and name in ".,") for name in printed):
        return True
    return len(printed) <= 2 and all(name.isalnum() or name[1:] in (*spoken.LETTERS, "partial") for name in printed)


def is_aligned(rows: Sequence[Sequence[Row]]) -> bool:
    """Return whether rows are equations below each other: all cells of some column begin with a relation."""
    columns = zip(*(cells[1:] for cells in rows), strict=False)
    return any(all(not cell or name_of(cell[0]) in RELATION for cell in column) and any(column) for column in columns)


def sound_pairs(row: Row) -> dict[int, int]:
    """Return where each opening bracket of a row is closed; upright bars that cross other brackets are none."""
    pairs = bracket_pairs(row)
    return {
        start: end
        for start, end in pairs.items()
        if name_of(row[start]) not in UPRIGHT or all((start < a < end) == (start < b < end) for a, b in pairs.items())
    }


def size_of(table: Table) -> tuple[int, int]:
    """Return the number of rows and columns."""
    return len(table.rows), max((len(cells) for cells in table.rows), default=0)
