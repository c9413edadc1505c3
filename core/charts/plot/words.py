"""Text of a chart as geometry needs it: where it lies, what number it is."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ocr2.charts.numbers import Number, read_number
from ocr2.models.protocols import TextBox

POWER = re.compile(r"([-−]?\d(?:[.]\d+)?)[x×·]10([-−]?\d{1,2})")  # as gnuplot writes 2×10⁶
SNAP = 12.0  # degrees from a quarter turn that count as one


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text where it lies in the picture; all lengths in pixels."""

    text: str
    x: float  # of its middle
    y: float
    width: float  # of the upright box around it, as it lies
    height: float
    size: float  # height of the line
    angle: float  # degrees counter-clockwise; 0, 90 and -90 where it is near
    confidence: float
    value: float | None
    unit: str | None

    @property
    def left(self) -> float:
        """Left edge."""
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + self.height / 2

    @property
    def level(self) -> bool:
        """Whether it reads from left to right."""
        return self.angle == 0.0

    @property
    def slanted(self) -> bool:
        """Whether it is neither level nor upright."""
        return self.angle not in (0.0, 90.0, -90.0)


def words_of(texts: Sequence[TextBox]) -> list[Word]:
    """Return the words of texts, in their order."""
    return [_word(text) for text in texts]


def _word(text: TextBox) -> Word:
    left, top, right, bottom = text.box
    angle = (text.angle + 180) % 360 - 180
    quarter = 90.0 * round(angle / 90.0)
    angle = quarter if abs(angle - quarter) <= SNAP else angle
    angle = 0.0 if abs(angle) == 180.0 else angle
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    long, high = right - left, bottom - top
    number = read_number(text.text)
    power = POWER.fullmatch(text.text.replace(" ", ""))
    if power is not None:  # the exponent is read as digits at the line's level
        number = Number(float(power[1].replace("−", "-")) * 10.0 ** int(power[2].replace("−", "-")))
    return Word(
        text=text.text,
        x=(left + right) / 2,
        y=(top + bottom) / 2,
        width=long * cos + high * sin,
        height=long * sin + high * cos,
        size=high,
        angle=angle,
        confidence=text.confidence,
        value=number.value,
        unit=number.unit,
    )


def aligned(
    words: Sequence[Word], key: Callable[[Word], float], *, reach: float = 0.6, fewest: int = 2
) -> Iterator[list[Word]]:
    """Yield groups of words whose key differs little from the next one's.

    Args:
        words: To be grouped.
        key: A place, pixels.
        reach: Of a line's height, by which neighbours in a group may differ.
        fewest: Words of a group.
    """
    group: list[Word] = []
    for word in sorted(words, key=key):
        if group and key(word) - key(group[-1]) > reach * min(word.size, group[-1].size):
            if len(group) >= fewest:
                yield group
            group = []
        group.append(word)
    if len(group) >= fewest:
        yield group
