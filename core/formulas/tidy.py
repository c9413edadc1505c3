"""Formulas in their one form: what shows the same is the same tree."""

from dataclasses import replace

from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Table, Word


def tidy(row: Row) -> Row:
    """Return a row in its one form: words joined, gaps at the ends and doubled ones gone, empty parts left out."""
    nodes: list[Node] = []
    for node in row:
        tidied = _tidy_node(node)
        if tidied is None:
            continue
        last = nodes[-1] if nodes else None
        if isinstance(tidied, Word) and isinstance(last, Word):
            nodes[-1] = Word(last.letters + tidied.letters)
        elif (
            isinstance(tidied, Scripts)
            and isinstance(tidied.base, Word)
            and isinstance(last, Word)
            and not (last.letters.endswith(" ") or tidied.base.letters.startswith(" "))
        ):
            nodes[-1] = replace(tidied, base=Word(last.letters + tidied.base.letters))
        elif not (isinstance(tidied, Space) and isinstance(last, Space | None)):
            nodes.append(tidied)
    cleaned: list[Node] = []
    for node in nodes:
        if isinstance(node, Word):
            letters = " ".join(node.letters.split())
            if letters:
                cleaned.append(Word(letters))
        elif isinstance(node, Scripts) and isinstance(node.base, Word):
            cleaned.append(replace(node, base=Word(" ".join(node.base.letters.split()))))
        else:
            cleaned.append(node)
    while cleaned and isinstance(cleaned[-1], Space):
        cleaned.pop()
    return tuple(cleaned)


def _tidy_node(node: Node) -> Node | None:
    match node:
        case Scripts(base, sub, sup):
            inner = _tidy_node(base) if base is not None and not isinstance(base, Word) else base
            below, above = tidy(sub) if sub else None, tidy(sup) if sup else None
            if not below and not above:
                return inner
            return Scripts(inner, below or None, above or None)
        case Fraction(top, bottom):
            return Fraction(tidy(top), tidy(bottom))
        case Root(body, index):
            return Root(tidy(body), (tidy(index) or None) if index else None)
        case Accent(name, body):
            inside = tidy(body)
            return Accent(name, inside) if inside else None
        case Stack(base, over, under):
            above, below = tidy(over) if over else None, tidy(under) if under else None
            return Stack(tidy(base), above or None, below or None)
        case Table(rows):
            kept = [tuple(tidy(cell) for cell in cells) for cells in rows]
            while kept and not any(kept[-1]):
                kept.pop()
            width = max((len(cells) for cells in kept), default=0)
            full = [cells + ((),) * (width - len(cells)) for cells in kept]
            used = [i for i in range(width) if any(cells[i] for cells in full)]
            return Table(tuple(tuple(cells[i] for i in used) for cells in full)) if kept else None
    return node
