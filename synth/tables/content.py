"""Random content of tables: a grid of cells with heads, headings, labels over several rows, numbers and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from numpy.random import Generator

from ocr2.results.table import Table, TableCell

Style = str  # "booktabs", "lines", "grid", "head", "none", "columns"
STYLES: dict[Style, float] = {"booktabs": 0.33, "lines": 0.12, "grid": 0.25, "head": 0.1, "none": 0.08, "columns": 0.12}
COUNTS = (
    "No.",
    "Total",
    "Mean",
    "Rate (%)",
    "n (%)",
    "Share",
    "SD",
    "Median",
    "P value",
    "Change",
    "2001",
    "2015",
    "Q1",
)


@dataclass(slots=True)
class Content:
    """A table before it is typeset."""

    columns: int
    header_rows: int
    style: Style
    wide_labels: bool  # the first column is as wide as its box, and its text wraps
    cells: list[TableCell] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)  # rows that are a single heading

    @property
    def table(self) -> Table:
        """Its cells."""
        ordered = sorted(self.cells, key=lambda cell: (cell.row, cell.column))
        return Table(tuple(ordered), self.header_rows)


class Words:
    """Draws words and phrases from texts.

    Args:
        texts: Running text.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text for text in texts if text.isascii() and len(text.split()) > 12]

    def phrase(self, rng: Generator, least: int, most: int) -> str:
        """Return consecutive words of a text, without punctuation, the first with a capital."""
        count = int(rng.integers(least, most + 1))
        while True:
            words = self._texts[int(rng.integers(len(self._texts)))].split()
            start = int(rng.integers(max(1, len(words) - count)))
            picked = [word.strip(".,;:()[]{}\"'`*_<>") for word in words[start : start + count]]
            text = " ".join(word for word in picked if word.replace("-", "").isalpha() and len(word) < 14)
            if text:
                return text[0].upper() + text[1:]


def draw_content(rng: Generator, words: Words) -> Content:
    """Draw the content of a table and the style of its rules."""
    names, shares = zip(*STYLES.items(), strict=True)
    columns = int(rng.integers(2, 9))
    levels = 2 if columns > 3 and rng.random() < 0.35 else 1
    wide = bool(rng.random() < 0.25)
    content = Content(columns, levels, str(rng.choice(names, p=shares)), wide)
    _draw_head(rng, content, words)
    makers = [_maker(rng, words) for _ in range(columns)]
    row = levels
    groups = content.style == "grid" and columns > 2 and rng.random() < 0.35
    sections = not groups and rng.random() < 0.25
    last = levels + int(rng.integers(3, 15))
    empty = float(rng.choice([0.0, 0.0, 0.05, 0.2]))
    while row < last:
        if sections and rng.random() < 0.25:
            content.cells.append(TableCell(row, 0, words.phrase(rng, 1, 3), columns=columns))
            content.sections.add(row)
            row += 1
        rows = int(rng.integers(2, 4)) if groups else 1
        label = words.phrase(rng, 1, 9 if wide else 3)
        content.cells.append(TableCell(row, 0, label, rows=rows))
        for at in range(row, row + rows):
            for column in range(1, columns):
                text = "" if rng.random() < empty else makers[column](rng)
                content.cells.append(TableCell(at, column, text))
        row += rows
    return content


def _draw_head(rng: Generator, content: Content, words: Words) -> None:
    columns = content.columns

    def name() -> str:
        return str(rng.choice(COUNTS)) if rng.random() < 0.5 else words.phrase(rng, 1, 2)

    if content.header_rows == 1:
        first = "" if rng.random() < 0.15 else words.phrase(rng, 1, 2)
        content.cells += [TableCell(0, 0, first), *(TableCell(0, column, name()) for column in range(1, columns))]
        return
    content.cells.append(TableCell(0, 0, words.phrase(rng, 1, 2), rows=2 if content.style == "grid" else 1))
    if content.style != "grid":
        content.cells.append(TableCell(1, 0, ""))
    column = 1
    while column < columns:
        span = min(int(rng.integers(2, 4)), columns - column)
        if span > 1:
            content.cells.append(TableCell(0, column, words.phrase(rng, 1, 2), columns=span))
            content.cells += [TableCell(1, at, name()) for at in range(column, column + span)]
        else:
            content.cells.append(TableCell(0, column, name(), rows=2 if content.style == "grid" else 1))
            content.cells += [] if content.style == "grid" else [TableCell(1, column, "")]
        column += span


def _maker(rng: Generator, words: Words) -> Callable[[Generator], str]:
    """Return a function that draws the cells of one column."""
    size = float(rng.choice([9, 99, 999, 99_999, 9_999_999]))
    places = int(rng.integers(0, 4))
    kinds: list[Callable[[Generator], str]] = [
        lambda rng: f"{rng.uniform(0, size):,.{places}f}",
        lambda rng: f"{rng.uniform(0, 100):.1f}%",
        lambda rng: f"${rng.uniform(0, 9999):,.2f}",
        lambda rng: f"{rng.uniform(0, 99):.1f} ({rng.uniform(0, 50):.1f}-{rng.uniform(50, 99):.1f})",
        lambda rng: f"{int(rng.integers(1, 400))} ({rng.uniform(0, 99):.1f})",
        lambda rng: str(rng.choice(["Yes", "No", "n/a", "Low", "High", "+", "-"])),
        lambda rng: words.phrase(rng, 1, 2),
    ]
    return kinds[int(rng.choice(len(kinds), p=[0.45, 0.1, 0.05, 0.1, 0.1, 0.05, 0.15]))]
