"""The body of a table: which lines begin a row, and cells over several rows."""

import itertools
from collections.abc import Sequence

from ocr2.reading.tables.frame import Frame, GridCell, GridLine, is_number, put

PARTS_ROWS = 0.5  # share of the table's width from which a level rule parts rows
RULED_ROWS = 2.6  # lines between rules, on average, up to which rules alone part rows
WRAPPED = 1.45  # line pitches: step from which a line begins a row
ROOM = 0.35  # em: room that a word must have left for its line to be ended on purpose
LEADING = 1.2  # usual line pitch, em
LEAST_WRAPPED, LEAST_CAPITAL = 4.0, 9.0  # em: narrowest column whose text wraps, before a small letter or a capital
NEARLY_FULL = 0.6  # share of it that a wrapped line takes
CENTRED = 0.6  # line pitches: how far the middle of a label is from that of the rows it stands beside
OPEN_ENDS = ("-", ",", "/")  # of text that goes on


def body_cells(frame: Frame, head: int, first_row: int) -> list[GridCell]:
    """Return the cells below the head.

    Args:
        frame: The table.
        head: Lines of its head.
        first_row: Number of the first row.
    """
    lines = frame.lines[head:]
    bands = _bands(frame, lines)
    rows: list[list[GridLine]] = []
    cells: list[GridCell] = []
    by_rules = len(bands) > 1 and len(lines) <= RULED_ROWS * len(bands)
    for band in bands:
        label = _label(frame, band)
        is_row = _row_starts(frame, band, by_rules=by_rules, several=len(bands) > 1, label=label)
        first = len(rows)
        for line, begins in zip(band, is_row, strict=True):
            if begins:
                rows.append([])
            rows[-1].append(line)
            for columns, piece in line.pieces:
                row = first if label and columns == (0, 1) else len(rows) - 1
                put(cells, first_row + row, columns, piece)
        if label:
            for cell in (c for c in cells if (c.row, c.column, c.columns) == (first_row + first, 0, 1)):
                cell.rows = len(rows) - first
    _narrow(frame, cells)
    _stretch(frame, cells, rows, first_row)
    return cells


def _bands(frame: Frame, lines: Sequence[GridLine]) -> list[list[GridLine]]:
    """Return the lines between level rules."""
    bands = [[line] for line in lines[:1]]
    for above, line in itertools.pairwise(lines):
        if _is_parted(frame, above, line):
            bands.append([])
        bands[-1].append(line)
    return bands


def _is_parted(frame: Frame, above: GridLine, below: GridLine) -> bool:
    left, right = frame.box.left, frame.box.right
    return any(
        above.middle < rule.at < below.middle and rule.covers(left, right) > PARTS_ROWS for rule in frame.rules.level
    )


def _row_starts(frame: Frame, band: Sequence[GridLine], *, by_rules: bool, several: bool, label: bool) -> list[bool]:
    """Say of every line between two rules whether a row begins with it."""
    if label:  # its lines begin no row; those above the first row belong to it
        first = next(i for i, line in enumerate(band) if len(line.columns - {0}) > 1)
        return [i == 0 or (i > first and len(line.columns - {0}) > 1) for i, line in enumerate(band)]
    is_list = _is_list(band)
    if (by_rules or (several and frame.rules.upright)) and not is_list:
        return [i == 0 for i in range(len(band))]
    starts = [True]
    for i in range(1, len(band)):
        first = max(k for k in range(i) if starts[k])
        around = _is_amid_label(frame, band[i - 1 : i + 2]) or (i > 1 and _is_amid_label(frame, band[i - 2 : i + 1]))
        starts.append(not around and not _goes_on(frame, band[first:i], band[i]))
    return starts


def _is_amid_label(frame: Frame, lines: Sequence[GridLine]) -> bool:
    """Say whether the second of three lines holds the values of a label in two lines, the first and the third."""
    if len(lines) < 3 or lines[0].columns != {0} or lines[2].columns != {0} or 0 in lines[1].columns:
        return False
    return lines[2].middle - lines[0].middle < WRAPPED * frame.em * LEADING


def _is_list(band: Sequence[GridLine]) -> bool:
    """Say whether the lines between two rules are rows of their own: most have several cells, and numbers."""
    rows = [line for line in band if len(line.columns) > 1]
    numbered = sum(any(is_number(piece.text) for _, piece in line.pieces) for line in rows)
    return len(rows) > 1 and len(rows) > 0.6 * len(band) and numbered > 0.5 * len(rows)


def _label(frame: Frame, band: Sequence[GridLine]) -> bool:
    """Say whether the first column holds one label beside several rows, in their middle."""
    rows = [line for line in band if len(line.columns - {0}) > 1]
    beside = [line for line in band if 0 in line.columns]
    if not frame.rules.upright or len(rows) < 2 or not beside or len(beside) >= len(band) or not _is_list(rows):
        return False
    if any(is_number(piece.text) for line in beside for piece in line.in_column(0)):
        return False
    middle = (beside[0].top + beside[-1].bottom) / 2
    return abs(middle - (rows[0].top + rows[-1].bottom) / 2) < CENTRED * frame.pitch


def _goes_on(frame: Frame, row: Sequence[GridLine], line: GridLine) -> bool:
    """Say whether a line goes on with the cells of a row above it."""
    if line.bottom - row[-1].bottom > WRAPPED * frame.pitch:
        return False
    above = set[int]().union(*(part.columns for part in row))
    columns = line.columns
    has_number = any(is_number(piece.text) for _, piece in line.pieces)
    if columns <= above and all(piece.text[:1].islower() for _, piece in line.pieces):
        return True
    if not has_number and columns <= above and len(columns) < max(2, len(above)):
        return all(_is_full(frame, row, column, line) for column in columns)
    return _ends_label(frame, row, line)


def _ends_label(frame: Frame, row: Sequence[GridLine], line: GridLine) -> bool:
    """Say whether a line is the last of a label whose values stand beside that."""
    above = set[int]().union(*(part.columns for part in row))
    if len(above) != 1 or not above < line.columns:
        return False
    column = next(iter(above))
    here = line.in_column(column)
    return bool(here) and _is_full(frame, row, column, line) and here[0].text[:1].islower()


def _is_full(frame: Frame, row: Sequence[GridLine], column: int, line: GridLine) -> bool:
    """Say whether a cell's last line had no room for the first word of the next, or the next begins small."""
    before = [piece for part in row for piece in part.in_column(column)]
    here = line.in_column(column)
    if not before or not here:
        return False
    if here[0].text[:1].islower() or before[-1].text.endswith(OPEN_ENDS):
        return True
    if before[-1].box.bottom < row[-1].top:
        return False
    widest = max(
        (p.box.width for part in frame.lines for columns, p in part.pieces if columns == (column, column + 1)),
        default=0,
    )
    used = before[-1].box.width
    least = LEAST_WRAPPED if not here[0].text[:1].isupper() else LEAST_CAPITAL
    if widest < least * frame.em or used < NEARLY_FULL * widest:
        return False
    needed = used + here[0].words[0].box.width + ROOM * frame.em
    return needed > widest and here[0].box.left - before[0].box.left > -0.5 * frame.em


def _narrow(frame: Frame, cells: list[GridCell]) -> None:
    """Let cells span columns only up to the next; one at the left that is alone in its row spans all, as a heading."""
    for cell in cells:
        others = [other for other in cells if other.row == cell.row and other is not cell]
        if not others and cell.column == 0:
            cell.columns = frame.count
        for other in others:
            if cell.column < other.column < cell.column + cell.columns:
                cell.columns = other.column - cell.column


def _stretch(frame: Frame, cells: Sequence[GridCell], rows: Sequence[Sequence[GridLine]], first_row: int) -> None:
    """Let a cell reach over rows in which its column is empty, where rules part the others but not it."""
    filled = {
        (row - first_row, column)
        for cell in cells
        for row in range(cell.row, cell.row + cell.rows)
        for column in range(cell.column, cell.column + cell.columns)
    }
    for cell in sorted(cells, key=lambda cell: cell.row):
        span = (cell.column, cell.column + cell.columns)
        while (below := cell.row - first_row + cell.rows) < len(rows):
            top, bottom = rows[below - 1][-1].middle, rows[below][0].middle
            if any((below, column) in filled for column in range(*span)) or frame.is_ruled(top, bottom, span):
                break
            if not _is_partly_ruled(frame, top, bottom):
                break
            filled |= {(below, column) for column in range(*span)}
            cell.rows += 1


def _is_partly_ruled(frame: Frame, top: float, bottom: float) -> bool:
    left, right = frame.box.left, frame.box.right
    return any(
        top < rule.at < bottom and rule.length > 2 * frame.em and rule.covers(left, right) < 0.97
        for rule in frame.rules.level
    )
