"""Cells of a chart: values under their own label and series, to within a twentieth.

The measure of what a reader of the table gets: recall of the truth's cells, and precision of those given.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocr2.charts.numbers import read_number

NEAR = 0.05  # share of a value, by which the answer's may differ


@dataclass(frozen=True, slots=True)
class CellScores:
    """Counts of cells."""

    hits: int
    wanted: int
    given: int

    @property
    def recall(self) -> float:
        """Share of the true cells that are there."""
        return self.hits / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of the given cells that are right."""
        return self.hits / self.given if self.given else 0.0

    def __add__(self, other: "CellScores") -> "CellScores":
        return CellScores(self.hits + other.hits, self.wanted + other.wanted, self.given + other.given)


def score_cells(truth: Mapping[str, Any], answer: Mapping[str, Any] | None) -> CellScores:
    """Count the cells of two tables of values, by label or by series and label, that agree.

    A name of the only series on either side does not count: charts seldom print it.

    Examples:
        >>> score_cells({"a": "10", "b": "20"}, {"Sales": {"a": "10.3", "b": "25"}})
        CellScores(hits=1, wanted=2, given=2)
    """
    wanted, given = _cells(truth), _cells(answer or {})
    if len({series for series, _ in wanted}) == 1 and len({series for series, _ in given}) == 1:
        wanted, given = ({("", label): value for (_, label), value in cells.items()} for cells in (wanted, given))
    hits = sum(_is_near(value, given.get(key)) for key, value in wanted.items())
    return CellScores(hits, len(wanted), len(given))


def _cells(values: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    cells: dict[tuple[str, str], Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            cells |= {(_plain(name), _label(label)): inner for label, inner in value.items()}
        else:
            cells["", _label(name)] = value
    return cells


def _is_near(truth: object, answer: object) -> bool:
    wanted, given = _number(truth), _number(answer)
    return wanted is not None and given is not None and abs(wanted - given) <= NEAR * abs(wanted) + 1e-9


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else read_number(str(value)).value


def _label(text: str) -> str:
    number = read_number(text).value
    return f"#{number:g}" if number is not None else _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower().replace("\u2212", "-")).strip()
