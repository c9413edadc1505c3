"""The content of a chart: its data and words, without its looks."""

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
    line: bool = False  # whether it is drawn as a line in a combined chart
    second_axis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The data and words of a chart."""

    kind: Kind
    arrangement: Arrangement
    labels: tuple[str, ...]  # names of the categories, or numbers on a numeric axis as text
    places: tuple[float, ...] | None  # positions of the labels on a numeric axis
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
