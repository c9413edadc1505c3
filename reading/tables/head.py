"""The head of a table: how many lines it has, its levels, and the columns its cells stand over."""

import itertools
import re
from collections.abc import Sequence

from ocr2.reading.tables.columns import column_range
from ocr2.reading.tables.frame import FULL_RULE, Columns, Frame, GridCell, GridLine, is_number, put
from ocr2.reading.tables.pieces import Piece

MOST_HEAD, HEAD_LINES = 0.5, 6  # share and number of lines that a head may have
CLOSE = 1.7  # em: step between lines of one text
CENTRED = 0.3  # em: by how much wider columns must fit a piece better than its own
YEAR = re.compile(r"^\D{0,2}(?:1[89]|20)\d\d\D{0,6}\d{0,4}$")


def count_head_lines(frame: Frame) -> int:
    """Return how many lines belong to the head: those above the first full rule, else the first, or none."""
    for y in frame.full_rules:
        above = sum(line.middle < y for line in frame.lines)
        if above and above < len(frame.lines):
            if above <= max(1, min(HEAD_LINES, MOST_HEAD * len(frame.lines))):
                return 0 if _is_ruled_throughout(frame) and _is_data(frame, above) else above
            break
    first = next((i for i, line in enumerate(frame.lines) if len(line.columns) >= 0.5 * frame.count), 0)
    above = min(first + 1, len(frame.lines) - 1)
    return 0 if _is_data(frame, above) else above


def _is_ruled_throughout(frame: Frame) -> bool:
    return len(frame.full_rules) > 3


def _is_data(frame: Frame, head: int) -> bool:
    """Say whether the first lines hold numbers, but for years, where those below do."""
    first, rest = frame.lines[:head], frame.lines[head:]
    for column in range(1, frame.count):
        here = [piece.text for line in first for piece in line.in_column(column)]
        below = [piece.text for line in rest for piece in line.in_column(column)]
        numbers = sum(map(is_number, below))
        if here and numbers > 0.6 * len(below) and all(is_number(x) and not YEAR.match(x) for x in here):
            return True
    return False


def head_cells(frame: Frame, count: int) -> list[GridCell]:
    """Return the cells of the first lines of a table."""
    lines = frame.lines[:count]
    levels = _levels(frame, lines)
    cells: list[GridCell] = []
    for line, level in zip(lines, levels, strict=True):
        below = [other for other, at in zip(lines, levels, strict=True) if at == level + 1]
        for columns, piece in line.pieces:
            span = _stands_over(frame, count, line, columns, piece, below) if below else columns
            cell = put(cells, level, span, piece)
            stop = max(cell.column + cell.columns, span[1])
            cell.column = min(cell.column, span[0])
            cell.columns = stop - cell.column
    cells = _joined_lines(frame, cells)
    return _tall(frame, cells, lines, levels) if frame.rules.upright else cells


def _joined_lines(frame: Frame, cells: list[GridCell]) -> list[GridCell]:
    """Join cells of one column that are lines of one text, though rules part the levels in other columns."""
    kept: list[GridCell] = []
    for cell in sorted(cells, key=lambda cell: (cell.column, cell.row)):
        above = kept[-1] if kept else None
        if above is not None and above.column == cell.column and above.columns == cell.columns == 1:
            top, bottom = above.pieces[-1].box, cell.pieces[0].box
            close = bottom.bottom - top.bottom < CLOSE * frame.em
            if close and not frame.is_ruled(top.top, bottom.bottom, (cell.column, cell.column + 1)):
                above.pieces += cell.pieces
                above.rows = cell.row + cell.rows - above.row
                continue
        kept.append(cell)
    return kept


def _levels(frame: Frame, lines: Sequence[GridLine]) -> list[int]:
    """Return the level of every line: a rule over some columns, or a piece over several, ends one."""
    levels = [0] if lines else []
    for above, below in itertools.pairwise(lines):
        ruled = any(above.middle < rule.at < below.middle for rule in frame.rules.level)
        wide = [columns for columns, _ in above.pieces if columns[1] - columns[0] > 1]
        parted = any(sum(a <= c and d <= b for (c, d), _ in below.pieces) > 1 for a, b in wide)
        levels.append(levels[-1] + (ruled or parted))
    return levels


def _stands_over(
    frame: Frame, head: int, line: GridLine, columns: Columns, piece: Piece, below: Sequence[GridLine]
) -> Columns:
    """Return the columns that a piece above other lines of the head stands over.

    They are those of the rule below it, if it has its own; else those in whose middle it is.
    """
    middle = piece.box.middle[0]
    for rule in frame.rules.level:
        near = line.middle < rule.at < below[0].top + 0.5 * frame.em
        if not near or not rule.start < middle < rule.end or rule.length > FULL_RULE * frame.box.width:
            continue
        first, stop = column_range(rule.start + 0.3 * frame.em, rule.end - 0.3 * frame.em, frame.edges[1:-1])
        if not any(first <= other < stop for (other, _), one in line.pieces if one is not piece):
            return min(first, columns[0]), max(stop, columns[1])
    return _centred(frame, head, line, columns, middle)


def _centred(frame: Frame, head: int, line: GridLine, columns: Columns, middle: float) -> Columns:
    first, stop = columns
    low = max((b for (_, b), _ in line.pieces if b <= first), default=0)
    high = min((a for (a, _), _ in line.pieces if a >= stop), default=frame.count)
    best, least = columns, abs(_middle_of(frame, head, columns) - middle) - CENTRED * frame.em
    for a in range(low, first + 1):
        for b in range(stop, high + 1):
            off = abs(_middle_of(frame, head, (a, b)) - middle)
            if off < least and (a > 0 or first == 0):
                best, least = (a, b), off
    return best


def _middle_of(frame: Frame, head: int, columns: Columns) -> float:
    """Return the middle of what stands in columns below the head; of the columns if nothing does."""
    boxes = [
        piece.box
        for line in frame.lines[head:]
        for (first, stop), piece in line.pieces
        if columns[0] <= first and stop <= columns[1] and len(line.pieces) > 1
    ]
    if not boxes:
        return (frame.edges[columns[0]] + frame.edges[columns[1]]) / 2
    return (min(box.left for box in boxes) + max(box.right for box in boxes)) / 2


def _tall(frame: Frame, cells: list[GridCell], lines: Sequence[GridLine], levels: Sequence[int]) -> list[GridCell]:
    """Let cells reach over the levels in which their columns hold nothing else and no rule parts them."""
    count = levels[-1] + 1 if levels else 0
    taken = {(cell.row, column) for cell in cells for column in range(cell.column, cell.column + cell.columns)}
    tops = [min(line.top for line, at in zip(lines, levels, strict=True) if at == level) for level in range(count)]
    bottoms = [max(line.bottom for line, at in zip(lines, levels, strict=True) if at == k) for k in range(count)]
    for cell in cells:
        if cell.columns > 1:
            continue
        column = (cell.column, cell.column + 1)
        while cell.row > 0 and (cell.row - 1, cell.column) not in taken:
            if frame.is_ruled(tops[cell.row - 1], bottoms[cell.row], column):
                break
            cell.row, cell.rows = cell.row - 1, cell.rows + 1
            taken.add((cell.row, cell.column))
        while (last := cell.row + cell.rows) < count and (last, cell.column) not in taken:
            if frame.is_ruled(tops[last - 1], bottoms[last], column):
                break
            cell.rows += 1
            taken.add((last, cell.column))
    return cells
