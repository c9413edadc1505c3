"""Names of the places where a chart has values: its labels, numbers of its axis, and what lies between."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.charts.numbers import read_number
from ocr2.charts.plot.scale import Scale
from ocr2.charts.plot.sequences import SEQUENCES
from ocr2.charts.plot.words import Word

AT_TICK = 1.2  # pixels: nearer than this, a mark stands at a tick
BESIDE = 0.35  # of the distance between ticks: marks that are all as far from theirs stand at them too
EVEN = 0.8  # share of the marks that must be so
UNEVEN = 0.12  # of it, by which these distances may differ
EXACT = 0.9  # pixels to which a mark's middle is exact


@dataclass(frozen=True, slots=True)
class Label:
    """A label and where it stands along the axis, pixels."""

    text: str
    place: float
    confidence: float = 1.0


BETWEEN, BEFORE, AFTER = "between ", "before ", "after "  # how places without a label of their own are called


def is_unnamed(label: str) -> bool:
    """Say whether a label is one of ours, as the chart has none at its place."""
    return label.startswith((BETWEEN, BEFORE, AFTER))


def name_places(places: Sequence[float], labels: Sequence[Label], scale: Scale | None) -> list[str]:
    """Return a name for each place, in order along the axis.

    Args:
        places: Of values, pixels, sorted.
        labels: Of the axis; not every place has one.
        scale: Of the axis, if its labels are numbers.
    """
    names: list[str | None] = [None] * len(places)
    pitch = _pitch(places) or _pitch([label.place for label in labels]) or math.inf
    for label in labels:
        best = min(range(len(places)), key=lambda i: abs(places[i] - label.place), default=None)
        if best is not None and abs(places[best] - label.place) <= 0.4 * pitch:
            held = names[best]
            if held is None or _distance(labels, held, places[best]) > abs(places[best] - label.place):
                names[best] = label.text
    if scale is not None:
        shift = _shift(places, scale)
        return [_numbered(name, place, scale, shift) for name, place in zip(names, places, strict=True)]
    return [name if name is not None else _between(names, i) for i, name in enumerate(names)]


def _distance(labels: Sequence[Label], text: str, place: float) -> float:
    return min(abs(label.place - place) for label in labels if label.text == text)


def _pitch(places: Sequence[float]) -> float | None:
    gaps = sorted(b - a for a, b in zip(sorted(places), sorted(places)[1:], strict=False) if b - a > 1)
    return gaps[len(gaps) // 2] if gaps else None


def _shift(places: Sequence[float], scale: Scale) -> float | None:
    """Return by how much all places are beside a tick of the axis, unread ones too; None if they are unevenly so."""
    first = scale.ticks[0].place
    near = [first + scale.step * round((place - first) / scale.step) for place in places]
    off = sorted(place - tick for place, tick in zip(places, near, strict=True))
    if not off or len(set(near)) < len(near):
        return None
    middle = off[len(off) // 2]
    even = [o for o in off if abs(o - middle) <= max(1.0, UNEVEN * scale.step)]
    return middle if abs(middle) <= BESIDE * scale.step and len(even) >= EVEN * len(off) else None


def _numbered(name: str | None, place: float, scale: Scale, shift: float | None) -> str:
    near = min(scale.ticks, key=lambda t: abs(t.place - place))
    if abs(near.place - place) <= AT_TICK or (shift is not None and abs(near.place + shift - place) < 0.4 * scale.step):
        return near.word.text
    first = scale.ticks[0]
    steps = round((place - first.place) / scale.step)
    on = shift is not None and abs(first.place + steps * scale.step + shift - place) <= max(1.5, UNEVEN * scale.step)
    if on and not scale.log:
        return f"{first.value + steps * scale.step * scale.slope:.6g}"
    if name is not None and read_number(name).value is None:
        return name
    return round_number(scale.value(place - EXACT), scale.value(place + EXACT))


def round_number(one: float, other: float) -> str:
    """Print the number of fewest digits between two.

    Examples:
        >>> round_number(2004.7, 2005.2), round_number(-0.3, 0.1), round_number(0.112, 0.138), round_number(990, 1020)
        ('2005', '0', '0.12', '1000')
    """
    low, high = sorted((one, other))
    if low <= 0 <= high:
        return "0"
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return f"{low:g}"
    middle = (low + high) / 2
    for power in range(math.floor(math.log10(max(abs(low), abs(high)))), -15, -1):
        unit = 10.0**power
        first, last = math.ceil(low / unit - 1e-9), math.floor(high / unit + 1e-9)
        if first <= last:
            return f"{min(max(round(middle / unit), first), last) * unit:.{max(0, -power)}f}"
    return f"{middle:g}"


def _between(names: Sequence[str | None], i: int) -> str:
    """Name a place that has no label by its neighbours."""
    before = next((j for j in range(i - 1, -1, -1) if names[j] is not None), None)
    behind = next((j for j in range(i + 1, len(names)) if names[j] is not None), None)
    a = names[before] if before is not None else None
    b = names[behind] if behind is not None else None
    for sequence in SEQUENCES:
        known = [(j, sequence.index(n.lower())) for j, n in enumerate(names) if n is not None and n.lower() in sequence]
        if len(known) >= 2 and len(known) == sum(n is not None for n in names):
            steps = {(p - q) - (j - k) for (j, p), (k, q) in itertools.pairwise(known)}
            if steps == {0} or all(s % len(sequence) == 0 for s in steps):
                j, p = known[0]
                word = sequence[(p + i - j) % len(sequence)]
                sample = names[j] or ""
                return word.upper() if sample.isupper() else word.capitalize() if sample[:1].isupper() else word
    numbers = [(j, v) for j, n in enumerate(names) if n is not None and (v := read_number(n).value) is not None]
    if len(numbers) >= 2:
        (j, v), (k, w) = numbers[0], numbers[-1]
        return f"{v + (w - v) * (i - j) / (k - j):g}"
    if a is not None and b is not None:
        return f"{BETWEEN}{a} and {b}"
    return f"{AFTER}{a}" if a is not None else f"{BEFORE}{b}" if b is not None else str(i + 1)


def joined_labels(row: Sequence[Word], words: Sequence[Word]) -> list[str]:
    """Return the texts of labels below a plot, lines below most of them joined to theirs."""
    texts = [w.text for w in row]
    level = [w for w in words if w.level and all(w is not r for r in row)]
    last = list(row)
    for _ in range(3):
        below: dict[int, Word] = {}
        for i, word in enumerate(last):
            for other in level:
                close = 0 <= other.y - word.y < 1.7 * max(word.size, other.size)
                if (
                    close
                    and other.y > word.y + 0.6 * word.size
                    and abs(other.x - word.x) < 0.5 * max(word.size, 0.5 * word.width)
                ):
                    below[i] = other
        if 2 * len(below) < len(row) or any(w.slanted or not w.level for w in row):
            break
        for i, other in below.items():
            texts[i] = f"{texts[i]} {other.text}"
            last[i] = other
            level = [w for w in level if w is not other]
    return texts
