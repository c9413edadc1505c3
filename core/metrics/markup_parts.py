"""Formulas and tables cut out of a page's markup, as GOT's scripts do it and as it should be done."""

import re
from collections.abc import Iterator
from typing import Literal

Part = Literal["text", "scene", "formula", "table"]

# As published. The dot ends at a line's end in formulas and not in tables; a table may lack its end.
GOT_INLINE = re.compile(r"\\\((.*?)\\\)")
GOT_DISPLAY = re.compile(r"\\\[(.*?)\\\]")
GOT_TABLE = re.compile(r"\\begin\{tabular\}(.*?)(?:\\end\{tabular\}|\Z)", re.DOTALL)

# A backslash before the delimiter makes it another one: `\\[2pt]` ends a table's row, `\$` is money. A single dollar
# opens a formula only before, and closes it only after, something else than a blank, and not before a digit.
FORMULA = re.compile(
    r"""(?<!\\)\\\( (.+?) (?<!\\)\\\)
      | (?<!\\)\\\[ (.+?) (?<!\\)\\\]
      | (?<!\\)\$\$ (.+?) (?<!\\)\$\$
      | (?<![\\$])\$(?![\s$]) ((?:[^$\\\n]|\\.)+?) (?<!\s)\$(?![\d$])""",
    re.DOTALL | re.VERBOSE,
)
TABLE_EDGE = re.compile(r"(?P<begin>\\begin\{tabular\}|<table\b[^>]*>)|\\end\{tabular\}|</table\s*>")


def cut_part(text: str, part: Part, *, compat: bool = False) -> str:
    r"""Return a page's formulas or its tables, one after the other; empty if it has none.

    Args:
        text: The page, in Markdown or LaTeX.
        part: Which of it; `text` and `scene` are all of it.
        compat: As GOT's scripts. They take formulas within a line only, those in `\( \)` first and those in
            `\[ \]` after them without a gap, and end a table where one inside it ends. Otherwise formulas come as
            they stand on the page, also those in dollars, and a table goes to its own end; HTML tables count.

    Examples:
        >>> cut_part(r"Let \[x\] be $y$, \(z\).", "formula").split()
        ['x', 'y', 'z']
        >>> cut_part(r"Let \[x\] be $y$, \(z\).", "formula", compat=True)
        'zx'
    """
    if part == "formula":
        return _got_formulas(text) if compat else "\n".join(_formulas(text))
    if part == "table":
        return "\n".join(GOT_TABLE.findall(text) if compat else _tables(text))
    return text


def _got_formulas(text: str) -> str:
    return "\n".join(GOT_INLINE.findall(text)) + "\n".join(GOT_DISPLAY.findall(text))


def _formulas(text: str) -> Iterator[str]:
    for match in FORMULA.finditer(text):
        yield next(body for body in match.groups() if body is not None).strip()


def _tables(text: str) -> Iterator[str]:
    """Yield what stands inside each outermost table; one without an end goes to the end of the text."""
    depth = begin = 0
    for edge in TABLE_EDGE.finditer(text):
        if edge["begin"] is not None:
            begin = begin if depth else edge.end()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield text[begin : edge.start()].strip()
    if depth:
        yield text[begin:].strip()
