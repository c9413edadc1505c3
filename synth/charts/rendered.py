"""A rendered chart: pixels, and the positions of its text and data points."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal[
    "title", "source", "x_title", "y_title", "second_title", "label", "tick", "second_tick", "value", "legend", "other"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RenderedText:
    """A line of text; pixels."""

    text: str
    x: float  # middle
    y: float
    width: float  # along the text
    height: float  # across it
    angle: float  # degrees counter-clockwise
    role: Role
    series: int = -1  # number of the series of a legend entry or value
    index: int = -1  # number of the label of a label or value


@dataclass(frozen=True, slots=True)
class DataPoint:
    """Position of a value, pixels: the end of a bar, a point of a line, the middle of a slice's outer edge."""

    series: int
    index: int
    x: float
    y: float
    base_x: float  # start of a bar, centre of a round chart
    base_y: float


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """A chart."""

    pixels: NDArray[np.uint8]  # (height, width, 3)
    texts: tuple[RenderedText, ...]
    points: tuple[DataPoint, ...]
    printed: bool  # whether values are printed beside their data points
    log: bool  # whether the value axis is logarithmic
    renderer: str
