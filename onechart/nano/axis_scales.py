"""From places to values: an axis measured by its own ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from ocr2.charts.plot.labels import round_number

MOST_OFF = 0.012  # of the picture's side: how far a tick may be from where its number says
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from places (0..1 of a side) to values, or to their logarithms."""

    slope: float
    start: float
    log: bool
    decimals: int  # worth printing

    def value(self, place: float) -> float:
        """Return the value at a place."""
        measured = self.start + self.slope * place
        return float(10.0**measured) if self.log else measured

    def show_round(self, place: float) -> str:
        """Print the roundest value that the place may stand for: labels are rounder than data."""
        ends = sorted(self.value(place + off) for off in (-MOST_OFF / 2, MOST_OFF / 2))
        return round_number(*ends)

    def show(self, place: float) -> str:
        """Print the value at a place with as many digits as can be told apart."""
        value = self.value(place)
        if self.log:
            return f"{value:.3g}"
        return f"{value:.{self.decimals}f}"


def fit_scale(ticks: Sequence[tuple[float, float]]) -> Scale | None:
    """Fit an axis to ticks (place, value), straight or logarithmic, leaving out those that do not agree.

    Returns:
        The scale that most ticks agree with, straight ones first; None with fewer than two different ticks.

    Examples:
        >>> scale = fit_scale([(0.9, 0.0), (0.5, 10.0), (0.1, 20.0)])
        >>> scale.show(0.3)
        '15.00'
    """
    best: tuple[int, Scale] | None = None
    for log in (False, True):
        if log and any(v <= 0 for _, v in ticks):
            continue
        points = [(p, math.log10(v) if log else v) for p, v in ticks]
        agreed = _agreeing(points)
        if len(agreed) >= FEWEST and (best is None or len(agreed) > best[0]):
            best = len(agreed), _least_squares(agreed, log=log)
    return best[1] if best else None


def _agreeing(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the largest set of points on one line, among those through two of them."""
    most: list[tuple[float, float]] = []
    for (p, v), (q, w) in combinations(points, 2):
        if abs(p - q) < MOST_OFF or v == w:
            continue
        near = [(a, b) for a, b in points if abs(p + (b - v) * (q - p) / (w - v) - a) <= MOST_OFF]
        if len(near) > len(most):
            most = near
    return most


def _least_squares(points: Sequence[tuple[float, float]], *, log: bool) -> Scale:
    n = len(points)
    mean_p, mean_v = sum(p for p, _ in points) / n, sum(v for _, v in points) / n
    spread = sum((p - mean_p) ** 2 for p, _ in points)
    slope = sum((p - mean_p) * (v - mean_v) for p, v in points) / spread
    resolution = abs(slope) / 512  # about what a place is exact to
    decimals = 1 - math.ceil(math.log10(resolution)) if resolution > 0 else 0
    return Scale(slope, mean_v - slope * mean_p, log, max(0, min(6, decimals)))
