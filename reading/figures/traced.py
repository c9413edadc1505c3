"""What was traced of a figure, and the ways that its strokes take. Lengths are pixels of the picture."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.results.figure import Arc, Circle, Segment


@dataclass(frozen=True, slots=True)
class Geometry:
    """Strokes of a figure."""

    segments: tuple[Segment, ...] = ()
    circles: tuple[Circle, ...] = ()
    arcs: tuple[Arc, ...] = ()


def segment_path(segment: Segment) -> NDArray[np.float64]:
    """Return the points of a segment, a pixel apart."""
    count = max(2, round(math.dist(segment.start, segment.end)) + 1)
    return np.linspace(segment.start, segment.end, count)


def circle_path(circle: Circle) -> NDArray[np.float64]:
    """Return the points of a circle, about a pixel apart."""
    turns = np.linspace(0, 2 * math.pi, max(12, round(2 * math.pi * circle.radius)))
    return np.stack(
        [circle.center[0] + circle.radius * np.cos(turns), circle.center[1] + circle.radius * np.sin(turns)], axis=1
    )


def arc_path(arc: Arc) -> NDArray[np.float64]:
    """Return the points of an arc, about a pixel apart."""
    whole = math.radians(arc.end - arc.start)
    turns = math.radians(arc.start) + np.linspace(0, whole, max(6, round(whole * arc.radius)))
    return np.stack([arc.center[0] + arc.radius * np.cos(turns), arc.center[1] - arc.radius * np.sin(turns)], axis=1)
