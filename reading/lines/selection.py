"""Places of a page: which of its lines a box meets or a point means, and which words a box holds."""

import dataclasses

import numpy as np

from ocr2.reading.lines.layout import Layout
from ocr2.reading.lines.line import ReadLine
from ocr2.results.box import Box, union
from ocr2.results.document import Line, mean_confidence
from ocr2.tiling.upright import Frame

Point = tuple[float, float]  # x, y
Place = Box | Point  # pixels of the given image


def lines_at(layout: Layout, place: Place | None) -> Layout:
    """Return a page with the strips of those lines alone that a box meets, or of the one nearest to a point.

    Args:
        layout: The page.
        place: In pixels of the given image; None for all.
    """
    if place is None:
        return layout
    if isinstance(place, Box):
        met = {strip.line for strip in layout.strips if layout.frame.to_source(strip.box).overlaps(place)}
        figures = tuple(box for box in layout.ink.figures if layout.frame.to_source(box).overlaps(place))
    else:
        met, figures = _nearest(layout, place), ()
    strips = [strip for strip in layout.strips if strip.line in met]
    return dataclasses.replace(layout, strips=strips, ink=dataclasses.replace(layout.ink, figures=figures))


def _nearest(layout: Layout, point: Point) -> set[int]:
    """Return the number of the line that a point lies on, or next to; none if there are no lines."""
    x, y = layout.frame.to_upright(*point)

    def distance(number: int) -> tuple[float, float]:
        box = layout.lines[number].box
        aside = max(box.left - x, 0, x - box.right)
        above = max(box.top - y, 0, y - box.bottom)
        return float(np.hypot(aside, 3 * above)), abs(box.middle[1] - y)  # a line is long, not high

    numbers = {strip.line for strip in layout.strips}
    return {min(numbers, key=distance)} if numbers else set()


def words_inside(line: ReadLine, frame: Frame, box: Box) -> ReadLine | None:
    """Return a line with only those words that a box of the given image holds; None if it holds none.

    It holds a word if it holds the point where the middle of the word and the middle of its line meet.
    """
    whole = line.line.box
    words = tuple(
        word
        for word in line.line.words
        if box.contains(*frame.to_source(Box(word.box.left, whole.top, word.box.right, whole.bottom)).middle)
    )
    if not words:
        return None
    kept = union(word.box for word in words)
    text, confidence = " ".join(w.text for w in words), mean_confidence([w.confidence for w in words])
    gaps = tuple(gap for gap in line.gaps if gap[0] > kept.left and gap[1] < kept.right)
    return dataclasses.replace(line, line=Line(text, kept, confidence, words), gaps=gaps)
