"""Counts of what was found, and the shares that follow from them."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MatchCounts:
    """What was found, of how many answers and truths."""

    found: int = 0
    answers: int = 0
    truths: int = 0

    EMPTY: ClassVar[float] = 1.0  # share of nothing

    @property
    def precision(self) -> float:
        """Share of the answers that are right; `EMPTY` without answers."""
        return self.found / self.answers if self.answers else self.EMPTY

    @property
    def recall(self) -> float:
        """Share of the truths that were found; `EMPTY` without truths."""
        return self.found / self.truths if self.truths else self.EMPTY

    @property
    def f1(self) -> float:
        """Harmonic mean of both; `EMPTY` without either."""
        total = self.answers + self.truths
        return 2 * self.found / total if total else self.EMPTY
