"""Where tables are on a page: between rules of equal width, and where white runs down through rows of text."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocr2.reading.lines.code import LISTED, has_code
from ocr2.reading.lines.line import ReadLine, line_of_words
from ocr2.reading.lines.notes import is_caption
from ocr2.reading.tables.grid import build_table
from ocr2.reading.tables.pieces import Piece, pieces_of, rows_of
from ocr2.reading.tables.rules import Rule, Rules
from ocr2.results.box import Box, union
from ocr2.results.table import Table

# In em of the page.
LEAST_RULE = 7.0  # length of a rule that may bound a table
MARGIN = 0.5  # how far writing may reach out of a table's rules
SHARED_GAP = 0.5  # white that two rows have in common
ROW_STEP, LINE_STEP = 4.0, 2.0  # between rows without rules, and between lines that others of one table part
MOST_HEAD, HEAD_WHITE = 3, 1.2  # rows above others that may be their head, and white between both
CELL_SPACES = 1.7  # spaces between words
MOST_CROSSING = 1  # lines between two rows that cross their white
MOST_BETWEEN = 4  # lines without white between two rows that have some in common
FLUSH, INDENTED = 0.6, 3.0  # how far ends, and starts, of lines of justified text are off its margins
NEAR_LINES = 4  # above and below a line, that tell its margins
EVEN = 1.9  # widest space of a stretched line beside its middle one
LONG_STEP = 3.0  # white in a table without rules
ALIKE, INSIDE = 0.5, 0.9  # of two rules of one table: ratio of lengths, share of the shorter beside the longer
PROSE_LINES, PROSE_WIDTH = 3, 0.62  # lines side by side of running text, and how much of the width they take
# Shares of a table's width: from where, and how long, a line without white above or below its rows is a note.
NOTE_LEFT, NOTE_WIDTH = 0.3, 0.5
TRIMMED = 1.5  # white above or below rows beyond which a frame holds more than them
LATTICE = 4  # level rules from which cells of running text are a table
COLUMN_LINES, COLUMN_LETTERS = 5, 25  # lines of a column of running text, and letters of its lines
MOST_LETTERS = 700  # in a cell
LEAST_FILLED = 0.3  # share of a table's cells with text
MOST_IN_ONE = 0.5  # share of a table's letters in one cell, without rules
LONGEST = 60  # letters of a cell on average, without rules
NUMBERED = re.compile(r"^(?:[•●○◦▪■·‣*–—-]|[\[(]?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)\]])$")
LISTING = 3  # most columns of what may be numbered lines of a program
LEADERS = re.compile(r"(?:[.·…_]\s?){4,}")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table and the words that it took from each line, by the number of the line."""

    table: Table
    box: Box
    words: dict[int, frozenset[int]]  # number of a line -> places of its words
    is_ruled: bool  # found by its rules, not by white alone


def find_tables(lines: Sequence[ReadLine], rules: Rules) -> list[FoundTable]:
    """Return the tables of a page, from top to bottom.

    Args:
        lines: Of an upright page.
        rules: Of the page.
    """
    if not lines:
        return []
    em = float(np.median([line.em for line in lines]))
    found: list[FoundTable] = []
    taken: dict[int, frozenset[int]] = {}
    runs = _unruled(lines, em)
    ruled = _ruled(lines, rules, em)
    for box, is_ruled in [
        *((_grown(box, runs, em), True) for box in ruled),
        *((_grown(box, runs, em, wider=True), True) for box in ruled),
        *((box, False) for box in runs),
    ]:
        if any(_covers(other.box, box) for other in found):
            continue
        inside = {
            number: numbers
            for number, line in enumerate(lines)
            if (numbers := _words_inside(line, box, em) - taken.get(number, frozenset()))
        }
        inside = _without_notes(lines, inside, rules.upright)
        if not inside:
            continue
        parts = [_part(lines[number], numbers) for number, numbers in inside.items()]
        box = _between(box, parts, em)
        here = rules.inside(box, MARGIN * em)
        around = _around(box, parts, here)
        table = build_table(pieces_of(parts, here.upright), here, around)
        if table is None or not _is_table(table, is_ruled) or (not _is_lattice(here, around) and _are_columns(parts)):
            continue
        if (table.column_count <= LISTING and _is_listing(table)) or (not is_ruled and _are_contents(parts)):
            continue
        found.append(FoundTable(table, around, inside, is_ruled))
        for number, numbers in inside.items():
            taken[number] = taken.get(number, frozenset()) | numbers
    return sorted(found, key=lambda one: one.box.top)


def _covers(a: Box, b: Box) -> bool:
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return width > 0 and height > 0 and width * height > 0.5 * b.width * b.height


def _words_inside(line: ReadLine, box: Box, em: float) -> frozenset[int]:
    margin = round(MARGIN * em)
    wide = Box(box.left - margin, box.top - 1, box.right + margin, box.bottom + 1)
    whole = line.line.box
    middle = (whole.top + whole.bottom) / 2
    return frozenset(i for i, word in enumerate(line.line.words) if wide.contains(word.box.middle[0], middle))


def _part(line: ReadLine, numbers: frozenset[int]) -> ReadLine:
    words = [word for i, word in enumerate(line.line.words) if i in numbers]
    return line_of_words(line, words)


def _without_notes(
    lines: Sequence[ReadLine], inside: dict[int, frozenset[int]], upright: Sequence[Rule]
) -> dict[int, frozenset[int]]:
    """Leave out what a table's frame holds above and below its rows: its caption, notes and sources."""
    parts = {number: _part(lines[number], numbers) for number, numbers in inside.items()}
    kept = dict(inside)
    rows = rows_of_lines(parts)
    left = min((part.line.box.left for part in parts.values()), default=0)
    width = max((part.line.box.right for part in parts.values()), default=0) - left
    for ordered in (rows, rows[::-1]):
        short: list[int] = []  # lines that may end a note
        for row in ordered:
            part = parts[row[0]]
            if len(row) > 1 or len(pieces_of([part], upright)) > 1:
                break
            short.append(row[0])
            is_left = part.line.box.left - left < NOTE_LEFT * width
            if (is_left and part.line.box.width >= NOTE_WIDTH * width) or is_caption(part.line.text):
                for number in short:
                    kept.pop(number, None)
                short = []
    return kept


def rows_of_lines(parts: dict[int, ReadLine]) -> list[list[int]]:
    """Return the numbers of lines in rows, from top to bottom."""
    rows: list[list[int]] = []
    for number in sorted(parts, key=lambda number: parts[number].line.box.top + parts[number].line.box.bottom):
        box = parts[number].line.box
        last = union(parts[other].line.box for other in rows[-1]) if rows else None
        if last is not None and min(box.bottom, last.bottom) - max(box.top, last.top) > 0.5 * min(
            box.height, last.height
        ):
            rows[-1].append(number)
        else:
            rows.append([number])
    return rows


def _between(box: Box, parts: Sequence[ReadLine], em: float) -> Box:
    """Return a table's box without what its notes took."""
    words = union(part.line.box for part in parts)
    top = box.top if words.top - box.top < TRIMMED * em else words.top - round(0.5 * em)
    bottom = box.bottom if box.bottom - words.bottom < TRIMMED * em else words.bottom + round(0.5 * em)
    return Box(box.left, top, box.right, bottom)


def _around(box: Box, parts: Sequence[ReadLine], rules: Rules) -> Box:
    words = union([box, *(part.line.box for part in parts)]) if parts else box
    return Box(min(box.left, words.left), box.top, max(box.right, words.right), box.bottom)


# -- with rules --------------------------------------------------------------------------------------------------


def _ruled(lines: Sequence[ReadLine], rules: Rules, em: float) -> list[Box]:
    """Return boxes between the first and the last of level rules of one width, running text not among them."""
    groups: list[list[Rule]] = []
    for rule in rules.level:
        if rule.length < LEAST_RULE * em:
            continue
        for group in groups:
            if _fits(group, rule) and not _is_prose_between(lines, group[-1], rule, em):
                group.append(rule)
                break
        else:
            groups.append([rule])
    boxes = [_box_of(group, rules.upright, em) for group in groups if len(group) > 1]
    return sorted(boxes, key=lambda box: -box.width * box.height)


def _fits(group: Sequence[Rule], rule: Rule) -> bool:
    last = group[-1]
    left, right = min(r.start for r in group), max(r.end for r in group)
    short, long = sorted((right - left, rule.length))
    shared = min(right, rule.end) - max(left, rule.start)
    return short > ALIKE * long and shared > INSIDE * short and rule.at > last.at


def _is_prose_between(lines: Sequence[ReadLine], above: Rule, below: Rule, em: float) -> bool:
    """Say whether running text, or nothing for a long way, stands between two rules."""
    left, right = min(above.start, below.start), max(above.end, below.end)
    inside = [
        line
        for line in lines
        if above.at < (line.line.box.top + line.line.box.bottom) / 2 < below.at
        and min(line.line.box.right, right) > max(line.line.box.left, left)
    ]
    if not inside:
        return below.at - above.at > LONG_STEP * em
    if any(is_caption(line.line.text) for line in inside):
        return True
    rows = rows_of(pieces_of(inside, ()))
    run = 0
    for row in rows:
        long = _longest(row)
        outside = any(_crosses(piece.box, left, 2 * em) or _crosses(piece.box, right, 2 * em) for piece in row)
        is_prose = len(row) == 1 and (
            run > 0 or long > PROSE_WIDTH * (right - left)
        )  # a paragraph's last line is short
        run = run + 1 if is_prose or outside else 0
        if run >= PROSE_LINES:
            return True
    return len(rows) > 2 and all(len(row) == 1 or _longest(row) > PROSE_WIDTH * (right - left) for row in rows)


def _crosses(box: Box, x: float, margin: float) -> bool:
    return box.left < x - margin and box.right > x + margin


def _longest(row: Sequence[Piece]) -> int:
    return max(piece.box.right - piece.box.left for piece in row)


def _box_of(group: Sequence[Rule], upright: Sequence[Rule], em: float) -> Box:
    left, right = min(rule.start for rule in group), max(rule.end for rule in group)
    top, bottom = group[0].at, group[-1].at
    for rule in upright:  # sides may reach further than the last level rule
        if left - em < rule.at < right + em and rule.start < bottom and rule.end > top:
            top, bottom = min(top, rule.start), max(bottom, rule.end)
    return Box(int(left), int(top), int(right) + 1, int(bottom) + 1)


# -- without rules -----------------------------------------------------------------------------------------------


def _unruled(lines: Sequence[ReadLine], em: float) -> list[Box]:
    """Return boxes of rows of one column of the page that have wide white in common."""
    boxes = []
    least = _least_white(lines, em)
    for column in sorted({line.column for line in lines}):
        runs: list[list[ReadLine]] = []
        between: list[ReadLine] = []  # lines without wide white since the last row
        here = [line for line in lines if line.column == column]
        stretched = _stretched(here, em)
        for number, line in enumerate(here):
            if number not in stretched and runs and _goes_on(runs[-1], between, line, em, least):
                runs[-1] += [*between, line]
            elif line.gaps and number not in stretched:
                runs.append([line])
            else:
                between.append(line)
                continue
            between = []
        boxes += [_run_box(run) for run in _with_heads(runs, em) if len(run) > 1]
    return boxes


def _stretched(lines: Sequence[ReadLine], em: float) -> set[int]:
    """Return the numbers of lines of justified text: their wide white fills them up to the margin of the text beside.

    Args:
        lines: Of one column, from top to bottom.
        em: Of the page.
    """
    found: set[int] = set()
    for number, line in enumerate(lines):
        spaces = sorted(right - left for left, right in _white(line, 0))
        if not line.gaps or not spaces:
            continue
        flush = [
            other
            for other in lines[max(0, number - NEAR_LINES) : number + NEAR_LINES + 1]
            if abs(other.line.box.right - line.line.box.right) < FLUSH * em
            and abs(other.line.box.left - line.line.box.left) < INDENTED * em
        ]
        text = [other for other in flush if not other.gaps and len(other.line.words) > 1]
        is_even = len(spaces) > 1 and spaces[-1] < EVEN * spaces[len(spaces) // 2]
        if len(text) >= (1 if is_even else 2) and 2 * len(text) > len(flush) - len(text) - 1:
            found.add(number)
    return found


def _with_heads(runs: Sequence[list[ReadLine]], em: float) -> list[list[ReadLine]]:
    """Join rows with those close below that have other white, as the cells of a head over several columns have."""
    found: list[list[ReadLine]] = []
    for run in runs:
        last = found[-1] if found else None
        if (
            last is not None
            and len(last) <= MOST_HEAD
            and len(run) > 1
            and _is_close(_run_box(last), _run_box(run), em)
        ):
            found[-1] = last + run
        else:
            found.append(run)
    return found


def _is_close(head: Box, run: Box, em: float) -> bool:
    inside = head.left > run.left - 2 * em and head.right < run.right + 2 * em
    return inside and run.bottom - head.bottom > 0 and run.top - head.bottom < HEAD_WHITE * em


def _grown(box: Box, runs: Sequence[Box], em: float, *, wider: bool = False) -> Box:
    """Return a table between rules with the rows that go on below its last rule, or above its first.

    Args:
        box: Between the rules.
        runs: Of rows with wide white in common.
        em: Of the page.
        wider: Rows may begin or end beside the rules, as labels of fields do.
    """
    for run in runs:
        shared = min(box.right, run.right) - max(box.left, run.left)
        short, long = sorted((run.width, box.width))
        if shared < INSIDE * (short if wider else run.width) or short < ALIKE * long or shared < ALIKE * box.width:
            continue
        if run.top < box.bottom + ROW_STEP * em and run.bottom > box.top - ROW_STEP * em:
            box = union([box, run])
    return box


def _run_box(run: Sequence[ReadLine]) -> Box:
    return union(line.line.box for line in run)


def _goes_on(run: Sequence[ReadLine], between: Sequence[ReadLine], line: ReadLine, em: float, least: float) -> bool:
    """Say whether a row goes on with those above it, over lines without wide white that end before theirs."""
    above = [*run, *between]
    if len(between) > MOST_BETWEEN or line.line.box.bottom - above[-1].line.box.bottom > ROW_STEP * em:
        return False
    if between and any(is_caption(other.line.text) for other in between):
        return False
    last = run[-1]
    if between and line.line.box.bottom - last.line.box.bottom > LINE_STEP * (len(between) + 1) * em:
        return False
    shared = [(max(a, c), min(b, d)) for a, b in _white(last, least) for c, d in _white(line, least)]
    return any(
        high - low > SHARED_GAP * em
        and sum(_crosses(x.line.box, (low + high) / 2, 0) for x in between) <= MOST_CROSSING
        for low, high in shared
    )


def _white(line: ReadLine, least: float) -> list[tuple[int, int]]:
    """Return the white between the words of a line that is at least so wide."""
    sides = [(a.box.right, b.box.left) for a, b in itertools.pairwise(line.line.words)]
    return [(left, right) for left, right in sides if right - left > least]


def _least_white(lines: Sequence[ReadLine], em: float) -> float:
    """Return how wide white is that parts cells at the least: wider than that inside of sentences, typed ones too."""
    spaces = [right - left for line in lines for left, right in _white(line, 0) if right - left < em]
    return max(SHARED_GAP * em, CELL_SPACES * float(np.median(spaces))) if spaces else SHARED_GAP * em


def _is_lattice(rules: Rules, box: Box) -> bool:
    """Say whether rules part both columns and several rows."""
    return bool(rules.upright) and sum(rule.covers(box.left, box.right) > 0.5 for rule in rules.level) >= LATTICE


def _are_columns(parts: Sequence[ReadLine]) -> bool:
    """Say whether lines are columns of running text, as the page was cut."""
    lengths: dict[int, list[int]] = {}
    for part in parts:
        lengths.setdefault(part.column, []).append(sum(map(str.isalpha, part.line.text)))
    long = [len(found) >= COLUMN_LINES and float(np.median(found)) >= COLUMN_LETTERS for found in lengths.values()]
    return sum(long) > 1


def _are_contents(parts: Sequence[ReadLine]) -> bool:
    return sum(bool(LEADERS.search(part.line.text)) for part in parts) > 0.3 * len(parts)


def _is_listing(table: Table) -> bool:
    """Say whether rows are the lines of a program, numbered one after the other in the first column."""
    lines = [" ".join(cell for cell in row if cell) for row in table.rows()]
    rows = [(int(number[1]), line[number.end() :]) for line in lines if (number := LISTED.match(line))]
    steps = [b - a for (a, _), (b, _) in itertools.pairwise(rows)]
    code = sum(has_code(text) for _, text in rows)
    return len(rows) > 1 and 2 * steps.count(1) > len(steps) and (1 + (len(rows) > 2)) * code >= len(rows)


def _is_table(table: Table, is_ruled: bool) -> bool:
    """Say whether rows and columns are a table, not a list, a table of contents or text between two rules."""
    rows = table.rows()
    texts = [text for row in rows for text in row if text]
    if len(texts) < 3 or len(texts) < LEAST_FILLED * table.row_count * table.column_count:
        return False
    if sum(sum(map(bool, row)) > 1 for row in rows) < 2:
        return False
    if is_ruled:
        return max(map(len, texts)) < MOST_LETTERS
    if table.column_count == 2 and all(NUMBERED.match(row[0]) for row in rows if row[0]):
        return False
    lengths = [len(text) for text in texts]
    return sum(lengths) < LONGEST * len(texts) and max(lengths) < MOST_IN_ONE * max(200, sum(lengths))
