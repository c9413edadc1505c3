"""Constructions on a screen are traced whole: every stroke, no other, and most of their names."""

import math

import numpy as np
import pytest

import ocr2
from ocr2.metrics.traces import circle_counts, segment_counts
from tests.slowperception.screens import SCREENS, draw_screen, strokes_of

NEAR = 8.0  # pixels


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_a_construction_is_traced_whole(name: str) -> None:
    screen = SCREENS[name]
    trace = ocr2.trace(np.asarray(draw_screen(screen)))
    assert trace.error is None
    found = segment_counts([(s.start, s.end) for s in trace.segments], strokes_of(screen), tolerance=NEAR)
    assert (found.found, found.answers) == (found.truths, found.truths)
    circles = [(*screen.points[middle], radius) for middle, radius in screen.circles]
    rounds = circle_counts([(*c.center, c.radius) for c in trace.circles], circles, tolerance=NEAR)
    assert (rounds.found, rounds.answers) == (len(circles), len(circles))


def test_names_are_at_their_points() -> None:
    right = wanted = 0
    for screen in SCREENS.values():
        trace = ocr2.trace(np.asarray(draw_screen(screen)))
        wanted += len(screen.points)
        right += sum(
            name in trace.letters and math.dist(trace.points[name], point) <= NEAR
            for name, point in screen.points.items()
        )
    assert right / wanted >= 0.55  # labels that touch strokes are often lost
