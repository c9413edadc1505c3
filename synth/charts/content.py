"""What a chart says, before anyone decides how it looks."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["bar", "hbar", "line", "area", "scatter", "pie", "donut", "rose", "combo"]
Arrangement = Literal["single", "grouped", "stacked"]
ROUND: frozenset[Kind] = frozenset(("pie", "donut", "rose"))  # without axes


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How the numbers of a chart are printed."""

    decimals: int
    thousands: str = ""  # between groups of three digits
    prefix: str = ""
    suffix: str = ""

    def show(self, value: float) -> str:
        """Print a value.

        Examples:
            >>> NumberStyle(1, ",", "$").show(-1234.56)
            '-$1,234.6'
        """
        digits = f"{abs(value):,.{self.decimals}f}".replace(",", self.thousands)
        sign = "-" if value < 0 and float(digits.replace(self.thousands or ",", "")) else ""
        return f"{sign}{self.prefix}{digits}{self.suffix}"


@dataclass(frozen=True, slots=True)
class SeriesContent:
    """One series: a value for each label, None where there is none."""

    name: str | None
    values: tuple[float | None, ...]
    line: bool = False  # of a combined chart: drawn as a line
    second_axis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One chart's data and words."""

    kind: Kind
    arrangement: Arrangement
    labels: tuple[str, ...]  # of the categories; of a numeric axis, its numbers as text
    places: tuple[float, ...] | None  # of the labels on a numeric axis
    series: tuple[SeriesContent, ...]
    numbers: NumberStyle
    second_numbers: NumberStyle | None = None
    title: str | None = None
    source: str | None = None
    x_title: str | None = None
    y_title: str | None = None
    second_title: str | None = None

    @property
    def horizontal(self) -> bool:
        """Whether values run from left to right."""
        return self.kind == "hbar"

    def numbers_of(self, series: SeriesContent) -> NumberStyle:
        """Return how a series' numbers are printed."""
        return self.second_numbers if series.second_axis and self.second_numbers is not None else self.numbers
