"""Which notation an answer is in, and whether what it holds of one is sound, as far as can be checked here.

A model that is asked for markup decides by itself what to write: prose in Mathpix Markdown, formulas and tables in
LaTeX, geometry in TikZ, molecules in SMILES, music in **kern, charts as dictionaries.
"""

import importlib
import importlib.util
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ocr2.markup.kern import kern_problem
from ocr2.markup.literals import read_literal
from ocr2.markup.nodes import (
    Block,
    CodeBlock,
    Drawing,
    Inline,
    Label,
    LineBreak,
    Math,
    MathBlock,
    Paragraph,
    Smiles,
    Table,
    Text,
)
from ocr2.markup.parse import parse
from ocr2.markup.structure import formulas_problem, latex_pieces, markup_problem
from ocr2.markup.text import to_text
from ocr2.markup.tikz import tikz_problem
from ocr2.markup.walk import iter_blocks, iter_leaves

Kind = Literal["mmd", "latex", "tikz", "smiles", "kern", "chart", "text"]

NAMES: dict[Kind, str] = {
    "mmd": "Mathpix Markdown", "latex": "LaTeX", "tikz": "TikZ", "smiles": "SMILES", "kern": "**kern",
    "chart": "chart", "text": "plain text",
}  # fmt: skip
CHART_START = re.compile(r"""\{\s*(?:"[^"\n]*"|'[^'\n]*')\s*:""")
# Atoms, bonds, branches and rings.
ATOM = r"(?:\[[^\[\]\s]{1,20}\]|Br|Cl|[BCNOPSFIbcnops*])"
SMILES = re.compile(rf"{ATOM}(?:{ATOM}|[-=#$:/\\.()~@]|[0-9]|%[0-9]{{2}})*")
SMILES_SIGN = re.compile(r"[=#()\[\]0-9]|CC")  # words in capitals have none of these
RING = re.compile(r"\[[^\]]*\]|(%[0-9]{2}|[0-9])")
VEROVIO = """import sys, verovio
verovio.enableLog(verovio.LOG_OFF)
toolkit = verovio.toolkit()
drawn = toolkit.renderToSVG(1) if toolkit.loadData(sys.stdin.read()) and toolkit.getPageCount() else ""
sys.exit(0 if 'class="note' in drawn or 'class="rest' in drawn else 4)
"""
VEROVIO_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Notation:
    """What an answer holds of a notation."""

    kind: Kind
    text: str  # empty if it holds nothing of it
    valid: bool | None  # None if it could not be checked
    reason: str | None  # why it is not valid, or what was checked


def detect(text: str) -> Kind:
    r"""Return the notation that a whole answer is in; prose with anything in it is "mmd".

    Examples:
        >>> detect(r"\[ x^2 \]"), detect("Just words."), detect("# Title")
        ('latex', 'text', 'mmd')
    """
    stripped = text.strip()
    if CHART_START.match(stripped):
        return "chart"
    if _is_smiles(stripped):
        return "smiles"
    blocks = parse(text)
    kinds = {_kind_of(block) for block in blocks}
    if kinds <= {"text"}:
        is_plain = to_text(blocks).split() == text.split() and markup_problem(text) is None
        return "text" if is_plain else "mmd"
    return kinds.pop() if len(kinds) == 1 else "mmd"


def describe(text: str) -> Notation:
    """Return the notation that a whole answer is in, checked."""
    kind = detect(text)
    return Notation("text", text.strip(), None, None) if kind == "text" else extract(text, kind)


def extract(text: str, notation: Kind) -> Notation:
    r"""Return what an answer holds of a notation, several pieces separated by blank lines, molecules one a line.

    Args:
        text: The answer.
        notation: What is wanted of it.

    Returns:
        The pieces; if there are none, no text and the reason why it is not valid.

    Raises:
        ValueError: If the notation is "text", or none.

    Examples:
        >>> extract("Just words.", "tikz").reason
        'no TikZ: the answer is plain text'
    """
    if notation not in CHECKS:
        raise ValueError(f"notation must be one of {', '.join(CHECKS)}, got {notation!r}")
    pieces = list(_pieces(text, notation))
    if not pieces:
        found = NAMES[detect(text)] if text.strip() else "empty"
        return Notation(notation, "", False, f"no {NAMES[notation]}: the answer is {found}")
    verdicts = [CHECKS[notation](piece) for piece in pieces]
    # The worst of them speaks for all.
    valid, reason = min(verdicts, key=lambda verdict: (False, None, True).index(verdict[0]))
    return Notation(notation, ("\n" if notation == "smiles" else "\n\n").join(pieces), valid, reason)


def _pieces(text: str, notation: Kind) -> Iterator[str]:
    stripped = text.strip()
    match notation:
        case "mmd":
            if stripped and detect(text) not in ("kern", "chart"):
                yield stripped
        case "latex":
            yield from latex_pieces(text)
        case "chart" if CHART_START.match(stripped):
            yield stripped
        case "smiles" if _is_smiles(stripped):
            yield stripped
        case "smiles":
            yield from (part.source for part in iter_leaves(parse(text)) if isinstance(part, Smiles))
        case _:
            for block in iter_blocks(parse(text)):
                if isinstance(block, Drawing) and block.kind == notation:
                    yield block.source.strip()
                elif isinstance(block, CodeBlock):
                    yield from _drawn(block, notation)


def _drawn(block: CodeBlock, notation: Kind) -> Iterator[str]:
    """Yield the drawings in a block of code, where some models put them."""
    if notation == "chart":
        if CHART_START.match(block.text.strip()):
            yield block.text.strip()
        return
    for inside in iter_blocks(parse(block.text)):
        if isinstance(inside, Drawing) and inside.kind == notation:
            yield inside.source.strip()


def _is_smiles(text: str) -> bool:
    """Return whether a text is a molecule and nothing else: also no word, and no formula such as CO2."""
    if len(text) < 3 or SMILES.fullmatch(text) is None or SMILES_SIGN.search(text) is None:
        return False
    rings = Counter(match[1].lstrip("%0") for match in RING.finditer(text) if match[1])
    return text.count("(") == text.count(")") and all(count % 2 == 0 for count in rings.values())


def _kind_of(block: Block) -> Kind:
    """Return the notation that one block is in."""
    match block:
        case Drawing(kind):
            return kind
        case MathBlock() | Table():
            return "latex"
        case Paragraph(children, "body"):
            kinds = {type(part) for part in children if not _is_space(part)}
            if kinds == {Smiles}:
                return "smiles"
            return "latex" if kinds == {Math} else "text" if kinds == {Text} else "mmd"
    return "mmd"


def _is_space(part: Inline) -> bool:
    return isinstance(part, LineBreak | Label) or (isinstance(part, Text) and not part.text.strip(" \n.,;"))


Verdict = tuple[bool | None, str]


def _check_mmd(text: str) -> Verdict:
    problem = markup_problem(text)
    return problem is None, problem or "environments, delimiters and formulas are whole"


def _check_latex(text: str) -> Verdict:
    problem = markup_problem(text)
    if problem is not None:
        return False, problem
    valid, reason = formulas_problem(text)
    return valid, reason or "braces, environments and delimiters are whole; latex2mathml reads the formulas"


def _check_tikz(text: str) -> Verdict:
    problem = tikz_problem(text)
    return problem is None, problem or "environments, braces and statements are whole; TeX was not run"


def _check_smiles(text: str) -> Verdict:
    if any(character.isspace() for character in text):
        return False, f"{text!r} holds a blank"
    chem = _library("rdkit.Chem")
    if chem is None:
        return None, "rdkit is not installed"
    with importlib.import_module("rdkit.rdBase").BlockLogs():
        molecule = chem.MolFromSmiles(text)
    return molecule is not None, f"rdkit reads {text}" if molecule is not None else f"rdkit does not read {text}"


def _check_kern(text: str) -> Verdict:
    problem = kern_problem(text)
    if problem is not None:
        return False, problem
    checked = "spines and notes are whole"
    if importlib.util.find_spec("verovio") is None:
        return True, f"{checked}; verovio is not installed"
    # Its parser ends the process on some input, so it gets one of its own.
    command = [sys.executable, "-c", VEROVIO]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=VEROVIO_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return True, f"{checked}; verovio did not answer: {type(error).__name__}"
    return done.returncode == 0, f"{checked}; verovio draws it" if done.returncode == 0 else "verovio does not draw it"


def _check_chart(text: str) -> Verdict:
    try:
        read_literal(text)
    except ValueError as error:
        return False, str(error)
    return True, "it is a dictionary"


CHECKS: dict[Kind, Callable[[str], Verdict]] = {
    "mmd": _check_mmd,
    "latex": _check_latex,
    "tikz": _check_tikz,
    "smiles": _check_smiles,
    "kern": _check_kern,
    "chart": _check_chart,
}


def _library(name: str) -> Any:
    """Return a module; None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
