"""Lines of programs, known by letters that keep to one grid over lines, by signs, and by numbers before lines."""

import dataclasses
import re
from collections.abc import Sequence

from ocr2.reading.lines.line import ReadLine
from ocr2.results.document import BlockKind

# Signs of programs and commands.
CODE = re.compile(
    r"[{}]|\w\(\)|[=<>!]=|\w=\w|->|::|;$|^\s*(?:[$#%]|>>>) |(?:^|\s)--?\w+(?:[ =]|$)|(?:^|\s)\.?/\w|\w_\w|\\\w"
)
LISTED = re.compile(r"^(\d{1,5})\s+(?=\S)")  # a line of a listing
# Of lines with numbers, which rows of tables and items of lists have as well: signs that only programs have.
STRONG = re.compile(r"[{}\\]|\w\(\w*\)|[=!]=|->|::|:=|\w=\w")

ON_GRID, SHORT_ON_GRID = 0.72, 0.82  # agreement with a grid of long lines and of short ones that are monospaced
WIDTHS = (0.42, 0.75)  # letter widths of monospaced faces, em
EXACT_GRID, WIDEST_EXACT = 0.97, 0.9  # agreement with a grid beyond doubt, and its widest letters, em
LONG_CODE = 20  # letters that show an even grid by themselves
SAME_PITCH = 0.025  # difference of the letter widths of neighbours that share a grid
FRAGMENT, OFF_CELL = 10, 0.2  # letters too few to show a grid; cells that such a line may stand off the grid above
CODE_GAP = 2.2  # line pitches: white within code


def is_monospaced(lines: Sequence[ReadLine], i: int) -> bool:
    """Say whether a line is set on an even grid; a short one, which may be so by chance, needs a neighbour that is."""
    line = lines[i]
    if not _on_grid(line):
        return False
    near = [lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines) and lines[j].column == line.column]
    return len(line.line.text) >= LONG_CODE or any(
        _on_grid(x) and abs(x.pitch / line.pitch - 1) < SAME_PITCH for x in near
    )


def _on_grid(line: ReadLine) -> bool:
    # How deep brackets reach differs from face to face, and with it the em that a line of them seems to have; a grid
    # without error needs no help from it.
    widest = WIDEST_EXACT if line.grid > EXACT_GRID else WIDTHS[1]
    least = ON_GRID if len(line.line.text) >= LONG_CODE else SHORT_ON_GRID
    return line.grid > least and WIDTHS[0] < line.pitch / line.em < widest


def with_fragments(kinds: Sequence[BlockKind], lines: Sequence[ReadLine], pitch: float) -> list[BlockKind]:
    """Take lines too short to show a grid, such as a lone bracket, for code where they stand on the grid above."""
    kept, lines = list(kinds), list(lines)
    for i in range(1, len(kept)):
        above, line = lines[i - 1], lines[i]
        text, step = line.line.text, line.line.box.bottom - above.line.box.bottom
        if kept[i - 1] != "code" or kept[i] != "paragraph" or len(text) > FRAGMENT or above.column != line.column:
            continue
        cells = (line.line.box.left - above.line.box.left) / above.pitch if above.pitch else 0.5
        if 0 < step < CODE_GAP * pitch and (abs(cells - round(cells)) < OFF_CELL or CODE.search(text)):
            kept[i] = "code"
            lines[i] = dataclasses.replace(line, pitch=above.pitch)
    return kept


def without_single_code(kinds: Sequence[BlockKind], lines: Sequence[ReadLine]) -> list[BlockKind]:
    """Take single lines of code for text, unless they have the signs of programs: letters may lie on a grid."""
    kept = list(kinds)
    for i, kind in enumerate(kinds):
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(lines) and lines[j].column == lines[i].column]
        if kind == "code" and not any(kinds[j] == "code" for j in near) and not CODE.search(lines[i].line.text):
            kept[i] = "paragraph"
    return kept


def is_typescript(lines: Sequence[ReadLine]) -> bool:
    """Say whether most text of a page is monospaced: then an even grid does not mean code."""
    monospaced = sum(len(x.line.text) for x in lines if _on_grid(x))
    return monospaced > 0.8 * sum(len(x.line.text) for x in lines)


def is_numbered_code(lines: Sequence[ReadLine], i: int) -> bool:
    """Say whether a line is one of a listing: numbered after or before its neighbour's number, one with signs."""
    number = LISTED.match(lines[i].line.text)
    if number is None:
        return False
    for j in (i - 1, i + 1):
        other = LISTED.match(lines[j].line.text) if 0 <= j < len(lines) else None
        if other is None or lines[j].column != lines[i].column or int(other[1]) - int(number[1]) != j - i:
            continue
        if has_code(lines[i].line.text[number.end() :]) or has_code(lines[j].line.text[other.end() :]):
            return True
    return False


def has_code(text: str) -> bool:
    """Say whether a text has signs that programs alone have."""
    return STRONG.search(text) is not None
