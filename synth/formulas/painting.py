"""Formula trees as LaTeX with a colour for every sign, from which the box of each is read off the picture.

The order of the colours is that of `ocr2.got.formulas.output_language.linearise`. How a formula is set (sizes of
brackets, blanks, environments, display or text style) is drawn at random: the tree has none of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ocr2.formulas.symbols import WIDE
from ocr2.formulas.tree import Accent, Fraction, Node, Root, Row, Scripts, Space, Stack, Symbol, Table, Word
from ocr2.formulas.write import OPENING
from ocr2.got.formulas.output_language import FRACTION, ROOT, UPRIGHT

STEP = 30  # between levels of a colour channel
VALUES = 8  # levels of a channel, 0 to 210
SOFT = 17  # grey levels by which antialiased full ink may be paler
BLANKS = (r"\,", r"\;", r"\ ", r"\:", r"\!")
SIZES = ("", r"\big", r"\Big", r"\bigg")
LIMITED = frozenset(("lim", "max", "min", "sup", "inf", "det", "lim inf", "lim sup", "gcd", "Pr"))
COMMANDS = {"bf": r"\mathbf", "cal": r"\mathcal", "bb": r"\mathbb", "frak": r"\mathfrak", "sf": r"\mathsf",
    "tt": r"\mathtt"}  # fmt: skip
DELIMITERS = frozenset((*OPENING, *OPENING.values(), "|", r"\|", "/", r"\uparrow", r"\downarrow"))


def _make_colours() -> NDArray[np.int16]:
    """Return colours (n, 3) with a channel of 0: no antialiased edge of another colour looks like one of them."""
    steps = np.stack(np.meshgrid(*[np.arange(VALUES)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(STEP * steps[steps.min(axis=1) == 0], np.int16)


COLOURS = _make_colours()


def elements_of(pixels: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Return the element whose ink is in each pixel of (h, w, 3), -1 where it is uncertain: (h, w)."""
    table = np.full((VALUES,) * 3, -1, np.int16)
    for number, (red, green, blue) in enumerate(COLOURS // STEP):
        table[red, green, blue] = number
    steps = pixels // STEP
    certain = (pixels.min(axis=2) <= SOFT) & (pixels - STEP * steps <= SOFT).all(axis=2) & (steps < VALUES).all(axis=2)
    red, green, blue = np.moveaxis(np.minimum(steps, VALUES - 1), 2, 0)
    return np.where(certain, table[red, green, blue], np.int16(-1))


@dataclass(slots=True)
class Painter:
    """Writes one formula.

    Attributes:
        names: Classes of the elements, in the order of their colours.
        halved: Numbers of accents whose colour their single letter has too: the ink above a gap is the accent's.
    """

    rng: Generator
    blanks: float  # probability of a blank between two signs
    grow: float  # share of the brackets that grow with their content
    names: list[str]
    halved: dict[int, int]

    def mark(self, name: str) -> str:
        """Begin the ink of a new element."""
        self.names.append(name)
        return self.again(len(self.names) - 1)

    def again(self, number: int) -> str:
        """Continue the ink of an element."""
        if number >= len(COLOURS):
            raise ValueError(f"a formula has more than {len(COLOURS)} signs")
        red, green, blue = (f"{(part + 0.5) / 255:.4f}" for part in COLOURS[number])
        return rf"\special{{color rgb {red} {green} {blue}}}"

    def row(self, row: Row) -> str:
        """Return the LaTeX of a row."""
        fences = self._fences(row)
        parts: list[str] = []
        for i, node in enumerate(row):
            if i and self.rng.random() < self.blanks:
                parts.append(str(self.rng.choice(BLANKS)))
            parts.append(self.node(node, fence=fences.get(i, "")))
        return "".join(parts)

    def _fences(self, row: Row) -> dict[int, str]:
        """Choose the sizes of matching brackets of a row: the command before each."""
        found: dict[int, str] = {}
        open_: list[int] = []
        for i, node in enumerate(row):
            bare = node.base if isinstance(node, Scripts) else node
            if not isinstance(bare, Symbol):
                continue
            if bare.name in OPENING and bare is node:
                open_.append(i)
            elif open_ and OPENING.get(_name(row[open_[-1]])) == bare.name:
                start = open_.pop()
                if self.rng.random() < self.grow:
                    found[start], found[i] = r"\left", r"\right"
                else:
                    size = str(self.rng.choice(SIZES, p=(0.85, 0.07, 0.05, 0.03)))
                    found[start], found[i] = (size + "l", size + "r") if size else ("", "")
        for i, node in enumerate(row[:-1]):
            if node == Symbol(r"\{") and isinstance(row[i + 1], Table) and i not in found:
                found[i] = r"\left"
                found[i + 1] = r"\right."
        return found

    def node(self, node: Node, *, fence: str = "") -> str:
        """Return the LaTeX of a node."""
        match node:
            case Symbol(name, style):
                return self.symbol(name, style, fence)
            case Word(letters):
                return self.word(letters)
            case Space():
                return str(self.rng.choice((r"\quad ", r"\qquad ", r"\hspace{1cm}", r"\ \ \ ")))
            case Scripts():
                return self.scripts(node, fence)
            case Fraction(top, bottom):
                mark = self.mark(FRACTION)
                number = len(self.names) - 1
                command = r"\dfrac" if self.rng.random() < 0.08 else r"\frac"
                above = self.row(top)
                return rf"{mark}{command}{{{above}{self.again(number)}}}{{{self.row(bottom)}}}"
            case Root(body, index):
                mark = self.mark(ROOT)
                number = len(self.names) - 1
                option = f"[{{{self.row(index)}{self.again(number)}}}]" if index else ""
                return rf"{mark}\sqrt{option}{{{self.row(body)}}}"
            case Accent(name, body):
                return self.accent(name, body)
            case Stack(base, over, under):
                text = self.row(base)
                above = self.row(over) if over else ""
                below = self.row(under) if under else ""
                text = rf"\overset{{{above}}}{{{text}}}" if over else text
                return rf"\underset{{{below}}}{{{text}}}" if under else text
            case Table(rows):
                return self.table(rows) + fence

    def symbol(self, name: str, style: str, fence: str) -> str:
        mark = self.mark(f"{style}:{name}" if style else name)
        if fence and name in DELIMITERS:
            return rf"{mark}{fence}{name} "
        if style == "bf" and name.startswith("\\"):
            return rf"{mark}\boldsymbol{{{name}}}"
        if style:
            return rf"{mark}{COMMANDS[style]}{{{name}}}"
        return f"{mark}{name} " if name.startswith("\\") else mark + name

    def word(self, letters: str, *, limits: bool = False) -> str:
        inside = "".join(r"\ " if c == " " else self.mark(UPRIGHT + c) + c for c in letters)
        if limits or (len(letters) > 1 and self.rng.random() < 0.6):
            return rf"\mathop{{\mathrm{{{inside}}}}}" + ("" if limits else r"\nolimits ")
        return rf"\mathrm{{{inside}}}"

    def scripts(self, node: Scripts, fence: str) -> str:
        base = node.base
        if base is None:
            text = "{}"
        elif isinstance(base, Word):
            text = self.word(base.letters, limits=base.letters in LIMITED)
        elif isinstance(base, Scripts | Stack | Table):
            text = f"{{{self.node(base)}}}"
        else:
            text = self.node(base, fence=fence)
        sub = f"_{{{self.row(node.sub)}}}" if node.sub else ""
        return text + sub + (f"^{{{self.row(node.sup)}}}" if node.sup else "")

    def accent(self, name: str, body: Row) -> str:
        mark = self.mark(name)
        number = len(self.names) - 1
        if name in (r"\underline", r"\underbrace"):
            return rf"{mark}{name}{{{self.row(body)}{self.again(number)}}}"
        if name == r"\not":
            return rf"{mark}\not{self.row(body)}" if len(body) == 1 else rf"{mark}\not{{{self.row(body)}}}"
        single = len(body) == 1 and isinstance(body[0], Symbol)
        wide = (not single) or self.rng.random() < 0.15
        command = WIDE.get(name, name) if wide else name
        if command == r"\overline" and self.rng.random() < 0.2:
            command = r"\bar"
        if single and command not in (r"\overline", r"\overrightarrow", r"\overbrace", r"\overleftarrow"):
            inner = self.row(body)
            self.halved[number] = number + 1
            return rf"{mark}{command}{{{inner[inner.index('}') + 1 :]}}}"
        return rf"{mark}{command}{{{self.row(body)}}}"

    def table(self, rows: tuple[tuple[Row, ...], ...]) -> str:
        width = max(len(cells) for cells in rows)
        lines = r" \\ ".join(" & ".join(self.row(cell) for cell in cells) for cells in rows)
        kind = self.rng.random()
        if kind < 0.35:
            return rf"\begin{{matrix}} {lines} \end{{matrix}}"
        if kind < 0.5:
            return rf"\begin{{aligned}} {lines} \end{{aligned}}"
        if kind < 0.65 and width == 3:
            return rf"\begin{{array}}{{rcl}} {lines} \end{{array}}"
        columns = "".join(self.rng.choice(("c", "l", "r"), size=width, p=(0.5, 0.35, 0.15)))
        return rf"\begin{{array}}{{{columns}}} {lines} \end{{array}}"


def paint(row: Row, rng: Generator) -> tuple[str, list[str], dict[int, int]]:
    """Return a formula's LaTeX, the classes of its elements in the order of their colours, and `Painter.halved`.

    Raises:
        ValueError: If it has more elements than there are colours.
    """
    blanks = float(rng.choice((0.0, 0.02, 0.15), p=(0.4, 0.4, 0.2)))
    painter = Painter(rng, blanks, float(np.clip(rng.normal(0.55, 0.4), 0, 1)), [], {})
    text = painter.row(row)
    return text, painter.names, painter.halved


def _name(node: Node) -> str:
    return node.name if isinstance(node, Symbol) else ""
