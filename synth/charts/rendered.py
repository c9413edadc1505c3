"""A drawn chart with its truth in pixels."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal[
    "title", "source", "x_title", "y_title", "second_title", "label", "tick", "second_tick", "value", "legend", "other"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextMark:
    """A line of writing."""

    text: str
    x: float  # middle
    y: float
    width: float  # along the writing
    height: float  # across it
    angle: float  # degrees counter-clockwise
    role: Role
    series: int = -1  # of a legend entry or value
    index: int = -1  # of a label or value


@dataclass(frozen=True, slots=True)
class PointMark:
    """Where a value stands: the end of a bar, a point of a line, the outer middle of a slice."""

    series: int
    index: int
    x: float
    y: float
    base_x: float  # where a bar begins, the centre of a round chart
    base_y: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart."""

    pixels: NDArray[np.uint8]  # (height, width, 3)
    texts: tuple[TextMark, ...]
    points: tuple[PointMark, ...]
    printed: bool  # whether values are written beside what shows them
    log: bool  # value axis
    renderer: str
