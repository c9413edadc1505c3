"""Value axes: limits, round steps, and positions of values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """A value axis."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def share(self, value: float) -> float:
        """Return the position of a value along the axis, 0 to 1."""
        if self.log:
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)


def nice_axis(values: Sequence[float], *, count: int, from_zero: bool, log: bool = False) -> Axis:
    """Choose limits and about `count` round steps that hold all values.

    Examples:
        >>> nice_axis([3, 17], count=4, from_zero=True).ticks
        (0.0, 5.0, 10.0, 15.0, 20.0)
    """
    low, high = min(values), max(values)
    if log and low > 0:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9)
        last = max(last, first + 1)
        return Axis(10.0**first, 10.0**last, tuple(10.0**e for e in range(first, last + 1)), log=True)
    if from_zero or low == high:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1.0
    step = nice_step((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(i * step, 12) for i in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def nice_step(step: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= step * (1 - 1e-9))


def tick_decimals(axis: Axis) -> int:
    """Return how many decimals the ticks of an axis need."""
    for decimals in range(8):
        if all(abs(round(t, decimals) - t) <= 1e-9 * max(1.0, abs(t)) for t in axis.ticks):
            return decimals
    return 8
