"""Values that a chart prints beside its marks."""

from collections.abc import Sequence

from ocr2.charts.plot.scale import Scale
from ocr2.charts.plot.values import Spot
from ocr2.charts.plot.words import Word

PRINTED_NEAR = 0.025  # of the axis, by which a printed number may differ from what was measured
PRINTED_AWAY = 3.2  # line heights between a mark's end and the number that it prints


class PrintedValues:
    """Numbers that stand beside marks."""

    def __init__(self, words: Sequence[Word], scale: Scale, *, upright: bool) -> None:
        self.words = [w for w in words if w.value is not None]
        self.upright = upright
        values = [t.value for t in scale.ticks]
        self.loose = PRINTED_NEAR * (max(values) - min(values)) if not scale.log else 0.0
        self.used: list[Word] = []

    def find(self, spot: Spot, value: float) -> Word | None:
        """Return the number printed at a spot that agrees with what was measured there."""
        best: tuple[float, Word] | None = None
        for word in self.words:
            if word in self.used or word.value is None:
                continue
            if abs(word.value - value) > max(self.loose, 0.04 * abs(value)):
                continue
            across = word.x if self.upright else word.y
            away = abs(across - spot.along)
            end = (word.y if self.upright else word.x) - spot.end
            start = spot.box[3] if self.upright else spot.box[0]
            inside = (
                min(spot.end, start) - word.size
                <= (word.y if self.upright else word.x)
                <= max(spot.end, start) + word.size
            )
            reach = max(
                0.75 * (spot.box[2] - spot.box[0] if self.upright else spot.box[3] - spot.box[1]), 2.5 * word.size
            )
            if away > reach or not (inside or abs(end) < PRINTED_AWAY * word.size + word.width * (not self.upright)):
                continue
            cost = away + abs(end)
            if best is None or cost < best[0]:
                best = cost, word
        if best is None:
            return None
        self.used.append(best[1])
        return best[1]
