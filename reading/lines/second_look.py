"""Doubtful lines of a page read once more, as the white between them parts them instead of the text detector.

A detector takes tight rows of worn print for one line, or sees half of one; white space takes lines that touch, or what
stands beside text, for one. Which of both is right shows when both are read: where lines of both ways share a place,
those stay that were read with more certainty.
"""

import dataclasses
from bisect import bisect_left
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

    What a page says of its strips as a whole, such as how far drafts agree, stays that of the first look.

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
    replaced: set[int] = set()
    kept: list[tuple[int, ReadLine]] = []  # with the place of each
    for first, second in _places([line.line.box for line in lines], [line.line.box for line in again]):
        was, found = [lines[i] for i in first], [again[i] for i in second]
        column = was[0].column
        if any(line.column != column for line in was) or sum(map(_worth, found)) < sum(map(_worth, was)) + BETTER:
            continue
        replaced.update(first)
        ordered = sorted(found, key=cmp_to_key(_order))
        kept += [(first[0], dataclasses.replace(line, column=column)) for line in ordered]
    kept += [(place, line) for place, line in enumerate(lines) if place not in replaced]
    return [line for _, line in sorted(kept, key=lambda pair: pair[0])]


def _worth(line: ReadLine) -> float:
    """Return letters of full certainty that a line is worth: those read by a coin's toss are worth nothing."""
    return len(line.line.text) * (2 * line.certainty - 1)


def _places(first: Sequence[Box], second: Sequence[Box]) -> list[tuple[list[int], list[int]]]:
    """Return groups of boxes of both kinds that meet one another, directly or through others."""
    order = sorted(range(len(first)), key=lambda i: first[i].top)
    tops = [first[i].top for i in order]
    highest = max((box.height for box in first), default=0)
    groups: dict[int, tuple[set[int], list[int]]] = {}  # by the number of any of the first boxes in it
    for j, box in enumerate(second):
        near = order[bisect_left(tops, box.top - highest) : bisect_left(tops, box.bottom)]
        met = [i for i in near if _meet(box, first[i])]
        if not met:
            continue
        joined = {id(groups[i]): groups[i] for i in met if i in groups}.values()
        group = set(met).union(*(one for one, _ in joined)), [j, *(k for _, others in joined for k in others)]
        groups |= dict.fromkeys(group[0], group)
    return [(sorted(one), sorted(others)) for one, others in {id(group): group for group in groups.values()}.values()]


def _order(first: ReadLine, second: ReadLine) -> int:
    """Compare two lines: those of one row from left to right, others from top to bottom."""
    a, b = first.line.box, second.line.box
    level = min(a.bottom, b.bottom) - max(a.top, b.top)
    return a.left - b.left if level > SHARED * min(a.height, b.height) else a.top - b.top


def _meet(a: Box, b: Box) -> bool:
    level = min(a.bottom, b.bottom) - max(a.top, b.top)
    return min(a.right, b.right) > max(a.left, b.left) and level > SHARED * min(a.height, b.height)
