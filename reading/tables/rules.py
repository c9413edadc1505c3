"""Straight rules of a page as segments."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box

# All in x-heights of the page.
LEAST_LENGTH = 2.5
BREAK = 0.6  # white that a rule may have inside: dashes, a crossing, a cell's padding
THICKEST = 0.9
SAME_PLACE = 0.45  # how far the pieces of one rule lie beside each other


@dataclass(frozen=True, slots=True)
class Rule:
    """One level or upright rule, pixels."""

    at: float  # y of a level rule, x of an upright one
    start: float  # along it
    end: float

    @property
    def length(self) -> float:
        """From start to end."""
        return self.end - self.start

    def covers(self, start: float, end: float) -> float:
        """Return the share of a stretch that it covers."""
        return max(0.0, min(self.end, end) - max(self.start, start)) / max(1e-6, end - start)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a page, or of a part of it."""

    level: tuple[Rule, ...] = ()  # from top to bottom
    upright: tuple[Rule, ...] = ()  # from left to right

    def inside(self, box: Box, margin: float) -> "Rules":
        """Return the parts of rules that lie in a box, or up to a margin beyond it."""
        return Rules(
            _clipped(self.level, (box.top, box.bottom), (box.left, box.right), margin),
            _clipped(self.upright, (box.left, box.right), (box.top, box.bottom), margin),
        )


def _clipped(rules: Sequence[Rule], across: tuple[int, int], along: tuple[int, int], margin: float) -> tuple[Rule, ...]:
    kept = []
    for rule in rules:
        start, end = max(rule.start, along[0] - margin), min(rule.end, along[1] + margin)
        if across[0] - margin <= rule.at <= across[1] + margin and end - start > margin:
            kept.append(Rule(rule.at, start, end))
    return tuple(kept)


def find_rules(mask: NDArray[np.uint8], x_height: float) -> Rules:
    """Return the rules of a page.

    Args:
        mask: (height, width): its long straight lines.
        x_height: Of the page, pixels.
    """
    return Rules(_level(mask, x_height), _level(np.ascontiguousarray(mask.T), x_height))


def _level(mask: NDArray[np.uint8], x_height: float) -> tuple[Rule, ...]:
    least = max(8, round(LEAST_LENGTH * x_height))
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, least), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    pieces = sorted(
        (
            Rule(y + h / 2, float(x), float(x + w))
            for x, y, w, h, _ in stats[1:].tolist()
            if h < THICKEST * x_height + 3
        ),
        key=lambda rule: (rule.at, rule.start),
    )
    joined: list[Rule] = []
    for piece in pieces:
        i = _partner(joined, piece, x_height)
        if i is None:
            joined.append(piece)
            continue
        other = joined[i]
        at = (piece.at * piece.length + other.at * other.length) / (piece.length + other.length)
        joined[i] = Rule(at, min(piece.start, other.start), max(piece.end, other.end))
    return tuple(sorted(joined, key=lambda rule: rule.at))


def _partner(rules: Sequence[Rule], piece: Rule, x_height: float) -> int | None:
    """Return which of the rules above a piece goes on in it."""
    for i in range(len(rules) - 1, -1, -1):
        if piece.at - rules[i].at > SAME_PLACE * x_height + 1:
            return None
        if max(piece.start, rules[i].start) - min(piece.end, rules[i].end) < BREAK * x_height:
            return i
    return None
