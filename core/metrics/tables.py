"""Scores of tables: similarity of their trees (TEDS) and relations of neighbouring cells.

TEDS: Zhong et al. 2020 (arXiv 1911.10683), 1 - edit distance of the HTML trees / nodes of the larger one; inserting,
deleting or renaming a node costs 1, but two cells of equal spans cost the normalised edit distance of their texts.
Relations: Goebel et al. 2013 (ICDAR table competition): every cell with text and the next one with text to the right,
and below.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from rapidfuzz.distance import Levenshtein

from ocr2.metrics.counts import MatchCounts
from ocr2.results.table import Table, TableCell

INSTALL = "TEDS needs apted: pip install 'ocr2[eval]'"
CELLS = frozenset(("td", "th"))
SECTIONS = frozenset(("thead", "tbody", "tfoot", "table", "tr"))
WORD = re.compile(r"\w+")
MAX_DEPTH = 50  # of elements within each other; what lies deeper is left out


@dataclass(slots=True)
class Node:
    """A node of a table's tree: a section, a row, or a cell with its spans and text."""

    tag: str
    rows: int = 1
    columns: int = 1
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def count(self) -> int:
        """Return how many nodes the tree has."""
        return 1 + sum(child.count() for child in self.children)


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("table")
        self.open: list[Node] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in CELLS | SECTIONS:
            return
        given = dict(attrs)
        if tag == "table" and not self.open:
            self.open = [self.root]
            return
        if not self.open or len(self.open) >= MAX_DEPTH:
            return
        node = Node("td" if tag in CELLS else tag, _span(given.get("rowspan")), _span(given.get("colspan")))
        self.open[-1].children.append(node)
        self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        name = "td" if tag in CELLS else tag
        if any(node.tag == name for node in self.open):
            while self.open.pop().tag != name:
                pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].tag == "td":
            self.open[-1].text += data


def _span(given: str | None) -> int:
    return max(1, min(1000, int(given))) if given and given.isdecimal() else 1


def parse_html(html: str) -> Node:
    """Return the tree of the first table in HTML; markup inside of cells is left out, and what is no HTML ends it."""
    builder = _TreeBuilder()
    with contextlib.suppress(AssertionError):  # html.parser's own, of "<![" and a word that it does not know
        builder.feed(html)
    _normalise(builder.root)
    return builder.root


def _normalise(node: Node) -> None:
    node.text = " ".join(node.text.split())
    for child in node.children:
        _normalise(child)


def teds(answer: str, truth: str, *, structure_only: bool = False) -> float:
    """Return how alike two tables are, 0..1.

    Args:
        answer: HTML with a table.
        truth: The same.
        structure_only: Leave out what cells say.

    Raises:
        ModuleNotFoundError: If apted is missing.
    """
    try:
        from apted import APTED, Config
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(INSTALL, name="apted") from error

    class Costs(Config):  # type: ignore[misc]  # apted has no types
        def rename(self, a: Node, b: Node) -> float:
            if (a.tag, a.rows, a.columns) != (b.tag, b.rows, b.columns):
                return 1.0
            if a.tag != "td" or structure_only or not (a.text or b.text):
                return 0.0
            return float(Levenshtein.normalized_distance(a.text, b.text))

    a, b = parse_html(answer), parse_html(truth)
    distance = APTED(a, b, Costs()).compute_edit_distance()
    return 1.0 - float(distance) / max(a.count(), b.count())


Relation = tuple[str, str, str]  # text, text of its neighbour, where that lies


def relations(table: Table) -> Counter[Relation]:
    """Return every cell with text beside the next one to the right in each of its rows, and below in each column.

    Texts are compared without case, spaces and punctuation. A pair that several rows share counts once.
    """
    grid: dict[tuple[int, int], TableCell] = {}
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                grid[row, column] = cell
    found: Counter[Relation] = Counter()
    for cell in table.cells:
        if not (text := plain(cell.text)):
            continue
        beside = {
            id(near): near
            for row in range(cell.row, cell.row + cell.rows)
            if (near := _next(grid, row, cell.column + cell.columns, 0, 1, table)) is not None
        }
        below = {
            id(near): near
            for column in range(cell.column, cell.column + cell.columns)
            if (near := _next(grid, cell.row + cell.rows, column, 1, 0, table)) is not None
        }
        found.update((text, plain(near.text), "right") for near in beside.values())
        found.update((text, plain(near.text), "below") for near in below.values())
    return found


def _next(
    grid: dict[tuple[int, int], TableCell], row: int, column: int, down: int, right: int, table: Table
) -> TableCell | None:
    while row < table.row_count and column < table.column_count:
        cell = grid.get((row, column))
        if cell is not None and plain(cell.text):
            return cell
        row, column = row + down, column + right
    return None


def plain(text: str) -> str:
    """Return the letters and digits of a text, in lower case.

    Examples:
        >>> plain("Total (in %): 12.5")
        'totalin125'
    """
    return "".join(WORD.findall(text)).lower()


class RelationCounts(MatchCounts):
    """Relations of pages: shared, answered, true."""


def count_relations(answers: Sequence[Table], truths: Sequence[Table]) -> RelationCounts:
    """Compare the relations of all tables of a page."""
    found: Counter[Relation] = sum((relations(table) for table in answers), Counter())
    true: Counter[Relation] = sum((relations(table) for table in truths), Counter())
    return RelationCounts(sum((found & true).values()), sum(found.values()), sum(true.values()))
