"""Words of a table as pieces: what stands together in one line of one cell."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.reading.lines.line import ReadLine
from ocr2.reading.tables.rules import Rule
from ocr2.results.box import Box, union
from ocr2.results.document import Word

# In em of the line.
APART = 0.85  # white between words of two cells
ROW_SHARE = 0.5  # share of the lower of two pieces that they have in common in one row


@dataclass(frozen=True, slots=True)
class Piece:
    """Words side by side, without wide white or an upright rule between them."""

    words: tuple[Word, ...]
    box: Box  # as wide as its words, as high as its line
    em: float

    @property
    def text(self) -> str:
        """Its words."""
        return " ".join(word.text for word in self.words)


def pieces_of(lines: Sequence[ReadLine], upright: Sequence[Rule]) -> list[Piece]:
    """Return the pieces of lines, parted at wide white and at upright rules."""
    found = []
    for line in lines:
        run: list[Word] = []
        for word in line.line.words:
            if run and (_is_apart(run[-1], word, line.em) or _is_ruled(run[-1], word, upright)):
                found.append(_piece(run, line))
                run = []
            run.append(word)
        if run:
            found.append(_piece(run, line))
    return found


def _is_apart(left: Word, right: Word, em: float) -> bool:
    return right.box.left - left.box.right > APART * em


def _is_ruled(left: Word, right: Word, upright: Sequence[Rule]) -> bool:
    low, high = left.box.middle[0], right.box.middle[0]
    middle = (left.box.middle[1] + right.box.middle[1]) / 2
    return any(low < rule.at < high and rule.start <= middle <= rule.end for rule in upright)


def _piece(words: Sequence[Word], line: ReadLine) -> Piece:
    box = union(word.box for word in words)
    return Piece(
        tuple(words), Box(box.left, line.line.box.top, max(box.right, box.left + 1), line.line.box.bottom), line.em
    )


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces in lines from top to bottom, each from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.box.top + piece.box.bottom):
        row = next((row for row in reversed(rows[-4:]) if all(_beside(piece.box, other.box) for other in row)), None)
        if row is None:
            rows.append([piece])
        else:
            row.append(piece)
    ordered = [sorted(row, key=lambda piece: piece.box.left) for row in rows]
    return sorted(ordered, key=lambda row: sum(p.box.top + p.box.bottom for p in row) / len(row))


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared > ROW_SHARE * min(a.height, b.height)


def gaps_of(row: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return the white between neighbouring pieces of a row: (left, right)."""
    return [(a.box.right, b.box.left) for a, b in itertools.pairwise(row)]
