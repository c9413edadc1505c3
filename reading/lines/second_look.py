"""Doubtful lines of a page read once more, as the white between them parts them instead of the text detector.

A detector takes tight rows of worn print for one line, or sees half of one; white space takes lines that touch, or what
stands beside text, for one. Which of both is right shows when both are read: where lines of both ways share a place,
those stay that were read with more certainty.
"""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cmp_to_key

from ocr2.reading.lines.layout import Layout
from ocr2.reading.lines.line import ReadLine
from ocr2.results.box import Box

DOUBTFUL = 0.96  # certainty of a line below which it is read once more
SHARED = 0.3  # of the lower of two lines, at one place, that is level with the other
BETTER = 0.6  # letters, of full certainty, that the second way must gain at a place

Read = Callable[[Layout], list[ReadLine]]


def look_again(lines: Sequence[ReadLine], other: Callable[[], Layout], read: Read) -> list[ReadLine]:
    """Return lines, the doubtful ones replaced where white space parts them so that they are read better.

    Args:
        lines: In reading order.
        other: Returns the page's lines by white space.
        read: Reads the lines of a layout.
    """
    doubtful = [line.line.box for line in lines if line.certainty < DOUBTFUL]
    if not doubtful:
        return list(lines)
    layout = other()
    chosen = {n for n, line in enumerate(layout.lines) if any(_meet(line.box, box) for box in doubtful)}
    strips = [strip for strip in layout.strips if strip.line in chosen]
    return _merge(lines, read(dataclasses.replace(layout, strips=strips)))


def _merge(lines: Sequence[ReadLine], again: Sequence[ReadLine]) -> list[ReadLine]:
    kept = list(enumerate(lines))  # with the place of each
    for first, second in _places([line.line.box for line in lines], [line.line.box for line in again]):
        was, found = [lines[i] for i in first], [again[i] for i in second]
        column = was[0].column
        if any(line.column != column for line in was) or sum(map(_worth, found)) < sum(map(_worth, was)) + BETTER:
            continue
        kept = [(place, line) for place, line in kept if place not in first]
        ordered = sorted(found, key=cmp_to_key(_order))
        kept += [(first[0], dataclasses.replace(line, column=column)) for line in ordered]
    return [line for _, line in sorted(kept, key=lambda pair: pair[0])]


def _worth(line: ReadLine) -> float:
    """Return letters of full certainty that a line is worth: those read by a coin's toss are worth nothing."""
    return len(line.line.text) * (2 * line.certainty - 1)


def _places(first: Sequence[Box], second: Sequence[Box]) -> list[tuple[list[int], list[int]]]:
    """Return groups of boxes of both kinds that meet one another, directly or through others."""
    groups: list[tuple[list[int], list[int]]] = []
    for j, box in enumerate(second):
        met = [i for i, other in enumerate(first) if _meet(box, other)]
        joined = [group for group in groups if set(group[0]) & set(met)]
        groups = [group for group in groups if group not in joined]
        numbers = sorted({*met, *(i for group in joined for i in group[0])})
        if numbers:
            groups.append((numbers, sorted([j, *(i for group in joined for i in group[1])])))
    return groups


def _order(first: ReadLine, second: ReadLine) -> int:
    """Compare two lines: those of one row from left to right, others from top to bottom."""
    a, b = first.line.box, second.line.box
    level = min(a.bottom, b.bottom) - max(a.top, b.top)
    return a.left - b.left if level > SHARED * min(a.height, b.height) else a.top - b.top


def _meet(a: Box, b: Box) -> bool:
    level = min(a.bottom, b.bottom) - max(a.top, b.top)
    return min(a.right, b.right) > max(a.left, b.left) and level > SHARED * min(a.height, b.height)
