"""Columns of a table: white that runs down through its rows, and upright rules."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.reading.tables.pieces import Piece
from ocr2.reading.tables.rules import Rule
from ocr2.results.box import Box

# In em of the table.
WORD_SPACE = 0.45  # white inside of a cell
LEAST_RIVER = 0.4  # width of the white that runs down
CORE = 0.6  # share of the most pieces that a row has which tells where columns are
CROSSED = (0.0, 0.06, 0.12, 0.18)  # shares of those rows that may cross the white, tried until there are columns enough
MANY_ROWS = 6  # of a table, in which a column has something in two
RULED = 0.3  # share of a table's height that an upright rule covers
MOST_CUT = 0.2  # share of rows of which an upright rule may cut a word
SIGNS = frozenset("$€£¥%*†‡§—–-")

Run = tuple[int, int]  # left and right of words without wide white between them


def find_separators(rows: Sequence[Sequence[Piece]], upright: Sequence[Rule], box: Box, em: float) -> list[float]:
    """Return where columns are parted, x from left to right, none at the table's own edges.

    Args:
        rows: Lines of pieces.
        upright: Rules inside the table.
        box: Of the table.
        em: Of its text, pixels.
    """
    runs = [_runs_of(row, em) for row in rows]
    ruled = [
        rule.at
        for rule in upright
        if rule.length > RULED * box.height and _has_both_sides(rows, rule.at) and not _cuts_words(rows, rule)
    ]
    most = max(len(row) for row in runs)
    core = [row for row in runs if len(row) >= max(2, CORE * most)]
    usual = float(np.median([len(row) for row in core])) if core else 0.0
    separators: list[float] = []
    for share in CROSSED:
        separators = _without_empty(runs, ruled, _rivers(core, share, box, em), em)
        if len(separators) + 1 >= usual:
            break
    return _without_signs(rows, separators)


def _has_both_sides(rows: Sequence[Sequence[Piece]], x: float) -> bool:
    return any(row[0].box.middle[0] < x for row in rows) and any(row[-1].box.middle[0] > x for row in rows)


def _cuts_words(rows: Sequence[Sequence[Piece]], rule: Rule) -> bool:
    """Say whether a rule goes through words: it is strokes of letters below each other."""
    cut = sum(
        word.box.left + 2 < rule.at < word.box.right - 2 and rule.start < word.box.middle[1] < rule.end
        for row in rows
        for piece in row
        for word in piece.words
    )
    return cut > MOST_CUT * len(rows)


def _runs_of(row: Sequence[Piece], em: float) -> list[Run]:
    runs: list[Run] = []
    for piece in row:
        is_new = True
        for word in piece.words:
            left, right = word.box.left, max(word.box.right, word.box.left + 1)
            if not is_new and left - runs[-1][1] < WORD_SPACE * em:
                runs[-1] = runs[-1][0], max(right, runs[-1][1])
            else:
                runs.append((left, right))
            is_new = False
    return runs


def _rivers(core: Sequence[Sequence[Run]], share: float, box: Box, em: float) -> list[float]:
    """Return the middles of the white that runs down through the rows with many pieces."""
    crossed, parted = np.zeros(box.width + 1), np.zeros(box.width + 1)
    for row in core:
        taken, inside = np.zeros(box.width + 1, np.bool_), np.zeros(box.width + 1, np.bool_)
        for left, right in row:
            taken[max(0, left - box.left) : max(0, right - box.left)] = True
        inside[max(0, row[0][0] - box.left) : max(0, row[-1][1] - box.left)] = True
        crossed += taken
        parted += inside & ~taken
    free = (parted >= min(2, len(core))) & (crossed <= share * (parted + crossed))
    found = []
    for start, end in _stretches(free):
        least = crossed[start:end].min()
        a, b = max(_stretches(crossed[start:end] <= least), key=lambda stretch: stretch[1] - stretch[0])
        if b - a >= LEAST_RIVER * em:
            found.append(box.left + start + (a + b) / 2)
    return found


def _stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _without_empty(
    runs: Sequence[Sequence[Run]], ruled: Sequence[float], rivers: Sequence[float], em: float
) -> list[float]:
    """Return rules and rivers, one of two without anything between them: the rule, for white alone parts nothing."""
    kept: list[float] = []
    for x in sorted([*ruled, *rivers]):
        if kept and kept[-1] in ruled and x in ruled:
            if x - kept[-1] > 0.3 * em:  # an empty column, not a double rule
                kept.append(x)
        elif kept and not _has_content(runs, kept[-1], x, em):
            kept[-1] = x if x in ruled else kept[-1]
        else:
            kept.append(x)
    while kept and kept[-1] not in ruled and not _has_content(runs, kept[-1], float("inf"), em):
        kept.pop()
    return kept


def _has_content(runs: Sequence[Sequence[Run]], left: float, right: float, em: float) -> bool:
    slack = 0.25 * em
    count = sum(any(left - slack <= a and b <= right + slack for a, b in row) for row in runs)
    return count >= (2 if len(runs) >= MANY_ROWS else 1)


def _without_signs(rows: Sequence[Sequence[Piece]], separators: Sequence[float]) -> list[float]:
    """Join columns that hold nothing but signs of currencies, percents and notes with the numbers they belong to."""
    kept = list(separators)
    edges = [float("-inf"), *separators, float("inf")]
    for i in range(len(edges) - 1, 0, -1):
        texts = [
            word.text
            for row in rows
            for piece in row
            for word in piece.words
            if edges[i - 1] < (word.box.left + word.box.right) / 2 < edges[i]
        ]
        if texts and all(set(text) <= SIGNS for text in texts):
            money = any(set(text) & set("$€£¥") for text in texts)
            joined = edges[i] if money else edges[i - 1]
            if joined in kept:
                kept.remove(joined)
    return kept


def column_range(left: float, right: float, separators: Sequence[float]) -> tuple[int, int]:
    """Return the first column and the one behind the last that a stretch lies in; a fifth of it may stick out.

    Examples:
        >>> column_range(0, 40, [50, 100]), column_range(0, 90, [50, 100])
        ((0, 1), (0, 2))
    """
    slack = min(0.2 * (right - left), 6.0)
    first = int(np.searchsorted(separators, left + slack, side="right"))
    last = int(np.searchsorted(separators, right - slack, side="left"))
    return first, max(first, last) + 1
