"""Trees as LaTeX, in one form.

Scripts as `_{}^{}`, function names by their commands, other upright letters as `\\mathrm` or `\\text`; brackets grow
(`\\left`, `\\right`) around what is tall; tables get the environment that their brackets and signs ask for.
"""

from collections.abc import Sequence

from ocr2.formulas.symbols import FUNCTIONS, LARGE, SPELT, WIDE, WRITTEN_STYLES
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word

OPENING = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil"}
CLOSING = {right: left for left, right in OPENING.items()}
UPRIGHT = ("|", r"\|")
FENCED = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", (r"\{", r"\}"): "Bmatrix", ("|", "|"): "vmatrix"}
RELATION = frozenset(("=", "<", ">", r"\leq", r"\geq", r"\equiv", r"\approx", r"\sim", r"\simeq", r"\rightarrow"))
COMPOSED = {spelt: name for name, spelt in SPELT.items()}


def write_formula(row: Row) -> str:
    """Return the LaTeX of a tree.

    Examples:
        >>> from ocr2.formulas.parse import parse_formula
        >>> write_formula(parse_formula(r"{ \\rm sin } ^ 2 x \\over 2"))
        '\\\\frac{\\\\sin^{2}x}{2}'
    """
    pieces: list[str] = []
    matches = bracket_pairs(row)
    i = 0
    while i < len(row):
        end = matches.get(i)
        if end is not None and end == i + 2 and isinstance(row[i + 1], Table) and _fence(row[i], _bare(row[end])):
            table = row[i + 1]
            assert isinstance(table, Table)
            name = _fence(row[i], _bare(row[end]))
            pieces.append(_environment(name, table) + _script_text(row[end]))
            i = end + 1
            continue
        if isinstance(row[i], Symbol) and end is None and i + 1 < len(row) and isinstance(row[i + 1], Table):
            table = row[i + 1]
            assert isinstance(table, Table)
            if row[i] == Symbol(r"\{"):
                pieces.append(_environment("cases", table))
                i += 2
                continue
        pieces.append(_node(row[i], tall=i in matches or i in matches.values()))
        if end is not None and _is_tall(row[i + 1 : end]):
            pieces[-1] = r"\left" + pieces[-1]
        starts = [start for start, stop in matches.items() if stop == i]
        if starts and _is_tall(row[starts[0] + 1 : i]):
            pieces[-1] = r"\right" + pieces[-1]
        i += 1
    return _joined(pieces)


def _joined(pieces: Sequence[str]) -> str:
    """Join pieces; a blank keeps a command from the letter behind it."""
    text = ""
    for piece in pieces:
        if text and piece and piece[0].isalpha() and _ends_in_command(text):
            text += " "
        text += piece
    return text


def _ends_in_command(text: str) -> bool:
    stripped = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return stripped.endswith("\\") and len(stripped) < len(text)


def _node(node: Node, *, tall: bool = False) -> str:
    match node:
        case Symbol(name, style):
            if style == "bf" and name.startswith("\\"):
                return rf"\boldsymbol{{{name}}}"
            return f"{WRITTEN_STYLES[style]}{{{name}}}" if style else name
        case Word(letters):
            return _word(letters)
        case Space():
            return r"\quad "
        case Scripts(base, _, _):
            return ("{}" if base is None else _base(base)) + _script_text(node)
        case Fraction(top, bottom):
            return rf"\frac{{{write_formula(top)}}}{{{write_formula(bottom)}}}"
        case Root(body, index):
            degree = write_formula(index) if index else ""
            option = f"[{{{degree}}}]" if "[" in degree or "]" in degree else f"[{degree}]" if degree else ""
            return rf"\sqrt{option}{{{write_formula(body)}}}"
        case Accent(name, body):
            many = len(body) > 1 or not isinstance(body[0], Symbol)
            return f"{WIDE.get(name, name) if many else name}{{{write_formula(body)}}}"
        case Stack(base, over, under):
            text = write_formula(base)
            if over:
                text = rf"\overset{{{write_formula(over)}}}{{{text}}}"
            return rf"\underset{{{write_formula(under)}}}{{{text}}}" if under else text
        case Table():
            return _environment(_environment_of(node), node)


def _word(letters: str) -> str:
    if letters in COMPOSED:
        return "\\" + COMPOSED[letters]
    parts = letters.split(" ")
    pieces: list[str] = []
    text: list[str] = []
    for part in [*parts, ""]:
        if part and part not in FUNCTIONS:
            text.append(part)
            continue
        if text:
            pieces.append((r"\text{" if len(text) > 1 else r"\mathrm{") + " ".join(text) + "}")
            text = []
        if part:
            pieces.append("\\" + part)
    return _joined(pieces)


def _base(base: Node) -> str:
    text = _node(base)
    return f"{{{text}}}" if isinstance(base, Scripts | Stack) else text


def _script_text(node: Node) -> str:
    if not isinstance(node, Scripts):
        return ""
    sub = f"_{{{write_formula(node.sub)}}}" if node.sub else ""
    return sub + (f"^{{{write_formula(node.sup)}}}" if node.sup else "")


def _bare(node: Node) -> Node:
    return node.base if isinstance(node, Scripts) and node.base is not None else node


def bracket_pairs(row: Row) -> dict[int, int]:
    """Return where each opening bracket of a row is closed."""
    found: dict[int, int] = {}
    open_: list[tuple[int, str]] = []
    upright: dict[str, int] = {}
    for i, node in enumerate(row):
        bare = _bare(node)
        if not isinstance(bare, Symbol):
            continue
        name = bare.name
        if name in OPENING and bare is node:
            open_.append((i, name))
        elif name in CLOSING and open_ and open_[-1][1] == CLOSING[name]:
            found[open_.pop()[0]] = i
        elif name in UPRIGHT:
            if name in upright:
                found[upright.pop(name)] = i
            elif bare is node:
                upright[name] = i
    return found


def _is_tall(row: Row) -> bool:
    return any(_tall(node) for node in row)


def _tall(node: Node) -> bool:
    match node:
        case Fraction() | Table() | Stack():
            return True
        case Scripts(base, sub, sup):
            large = isinstance(base, Symbol) and base.name[1:] in LARGE
            return large or (base is not None and _tall(base)) or any(_is_tall(part) for part in (sub, sup) if part)
        case Symbol(name):
            return name[1:] in LARGE
        case Root(body, _) | Accent(_, body):
            return _is_tall(body)
    return False


def _fence(left: Node, right: Node) -> str:
    if isinstance(left, Symbol) and isinstance(right, Symbol):
        return FENCED.get((left.name, right.name), "")
    return ""


def _environment(name: str, table: Table) -> str:
    between = " & "
    lines = [between.join(write_formula(cell) for cell in cells).rstrip() for cells in table.rows]
    return rf"\begin{{{name}}} " + r" \\ ".join(lines) + rf" \end{{{name}}}"


def _environment_of(table: Table) -> str:
    """Return `aligned` for equations one above the other, else `matrix`."""
    behind = [cell for cells in table.rows for cell in cells[1:]]
    signs = [_bare(cell[0]) for cell in behind if cell]
    starts = sum(isinstance(sign, Symbol) and sign.name in RELATION for sign in signs)
    equations = len(table.rows[0]) <= 3 and len(behind) > 0 and 2 * starts >= len(table.rows)
    return "aligned" if equations else "matrix"
