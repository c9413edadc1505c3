"""An axis of numbers: places in pixels to values, from its own ticks."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from ocr2.charts.plot.words import Word

FEWEST = 3  # ticks of an axis; of two alone nothing tells that they are ticks
MOST_TICKS = 40
LOOSE = 0.3  # of a line's height: how far a tick's text may stand from where its number says
POWER = re.compile(r"10([-−–]?\d{1,2})")


@dataclass(frozen=True, slots=True)
class Tick:
    """A number of an axis."""

    place: float  # pixels
    value: float
    word: Word


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from places to values, or to their decimal logarithms."""

    slope: float
    start: float
    log: bool
    ticks: tuple[Tick, ...]  # those that agree, by place
    strays: int = 0  # numbers of the same row or column that do not agree

    def value(self, place: float) -> float:
        """Return the value at a place."""
        measured = self.start + self.slope * place
        return float(10.0 ** min(measured, 300.0)) if self.log else measured

    def place(self, value: float) -> float:
        """Return the place of a value; of a logarithmic axis' values up to 0 that of its lower end."""
        if self.log and value <= 0:
            return max((t.place for t in self.ticks), key=lambda p: -self.value(p))
        return ((math.log10(value) if self.log else value) - self.start) / self.slope

    def times(self, factor: float) -> "Scale":
        """Return the scale of values that are so many times larger than the ticks say."""
        ticks = tuple(replace(t, value=t.value * factor) for t in self.ticks)
        if self.log:
            return replace(self, start=self.start + math.log10(factor), ticks=ticks)
        return replace(self, slope=self.slope * factor, start=self.start * factor, ticks=ticks)

    @property
    def step(self) -> float:
        """Pixels between neighbouring ticks."""
        values = sorted(math.log10(t.value) if self.log else t.value for t in self.ticks)
        gaps = [b - a for a, b in pairwise(values) if b > a]
        return abs(min(gaps) / self.slope) if gaps and self.slope else 1.0

    @property
    def unit(self) -> str | None:
        """What most ticks have beside their digits."""
        units = [t.word.unit for t in self.ticks]
        return max(set(units), key=units.count)


def fit_scale(words: Sequence[Word], along: Callable[[Word], float], *, fewest: int = FEWEST) -> Scale | None:
    """Fit an axis to numbers in a row or column; those that do not agree are left out.

    Args:
        words: Whose texts are numbers.
        along: Of a word, its place along the axis.
        fewest: Ticks that must agree.

    Returns:
        The scale with which most agree, straight ones first; None with fewer.
    """
    ticks = [Tick(along(w), w.value, w) for w in words if w.value is not None][:MOST_TICKS]
    if len(ticks) < 2:
        return None
    loose = LOOSE * sorted(t.word.size for t in ticks)[len(ticks) // 2]
    options = [(False, ticks)]
    positive = [t for t in ticks if t.value > 0]
    if len(positive) >= max(fewest, 0.6 * len(ticks)):
        options.append((True, positive))
    powers = _powers(ticks)
    if powers:
        options.append((True, powers))
    best: Scale | None = None
    for log, candidates in options:
        points = [(t.place, math.log10(t.value) if log else t.value) for t in candidates]
        chosen = _agreeing(points, max(1.5, loose))
        if len(chosen) < 2:
            continue
        scale = _least_squares(_without_flush([points[i] for i in chosen]), log=log)
        agreed = tuple(sorted((candidates[i] for i in chosen), key=lambda t: t.place))
        scale = replace(scale, ticks=agreed, strays=len(ticks) - len(chosen))
        if best is None or len(agreed) > len(best.ticks):
            best = scale
    return best if best is not None and len(best.ticks) >= fewest else None


def _without_flush(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leave out labels at the ends of an axis that were moved inwards: without them the others fit far better."""
    kept = sorted(points)
    for at in (0, -1):
        if len(kept) < 4:
            break
        rest = kept[1:] if at == 0 else kept[:-1]
        line = _least_squares(rest, log=False)
        off = [abs(p - (v - line.start) / line.slope) for p, v in rest] if line.slope else [0.0]
        away = abs(kept[at][0] - (kept[at][1] - line.start) / line.slope) if line.slope else 0.0
        if away > max(1.5, 3 * sum(off) / len(off)):
            kept = rest
    return kept


def _powers(ticks: Sequence[Tick]) -> list[Tick]:
    """Return ticks that say powers of ten whose exponents were read as digits at the line's level; few if none do."""
    found = []
    for tick in ticks:
        match = POWER.fullmatch(tick.word.text.replace(" ", ""))
        if match is not None:
            found.append(replace(tick, value=10.0 ** int(match[1].replace("−", "-").replace("–", "-"))))
    exponents = sorted(math.log10(t.value) for t in found)
    # "100", "101", "102" may be numbers; minus signs, or ten to the power of nine behind one of eight, are none.
    sure = any("-" in t.word.text or "−" in t.word.text for t in found) or any(e < 0 or e > 9 for e in exponents)
    return found if sure and len(found) == len(ticks) else []


def _agreeing(points: Sequence[tuple[float, float]], loose: float) -> list[int]:
    """Return the largest set of points on one line, among those through two of them, by their numbers."""
    most: list[int] = []
    error = math.inf
    for (p, v), (q, w) in combinations(points, 2):
        if abs(p - q) < 3 * loose or v == w:
            continue
        off = [abs(p + (b - v) * (q - p) / (w - v) - a) for a, b in points]
        near = _one_a_place([i for i, o in enumerate(off) if o <= loose], points, off)
        total = sum(off[i] for i in near)
        if len(near) > len(most) or (len(near) == len(most) and total < error):
            most, error = near, total
    return most


def _one_a_place(chosen: Sequence[int], points: Sequence[tuple[float, float]], off: Sequence[float]) -> list[int]:
    best: dict[float, int] = {}
    for i in chosen:
        value = points[i][1]
        if value not in best or off[i] < off[best[value]]:
            best[value] = i
    return list(best.values())


def _least_squares(points: Sequence[tuple[float, float]], *, log: bool) -> Scale:
    n = len(points)
    mean_p, mean_v = sum(p for p, _ in points) / n, sum(v for _, v in points) / n
    spread = sum((p - mean_p) ** 2 for p, _ in points)
    slope = sum((p - mean_p) * (v - mean_v) for p, v in points) / spread
    return Scale(slope, mean_v - slope * mean_p, log, ())
