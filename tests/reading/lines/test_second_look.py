"""Doubtful lines read once more."""

from collections.abc import Sequence

import numpy as np

from ocr2.reading.lines.layout import Layout
from ocr2.reading.lines.line import ReadLine
from ocr2.reading.lines.second_look import look_again
from ocr2.results.box import Box
from ocr2.results.document import Line
from ocr2.tiling.ink import find_ink
from ocr2.tiling.layout import TextLine
from ocr2.tiling.strips import StripBox
from ocr2.tiling.upright import Frame


def line(text: str, top: int, certainty: float, *, high: int = 20, left: int = 0, column: int = 0) -> ReadLine:
    box = Box(left, top, left + 200, top + high)
    return ReadLine(Line(text, box, certainty, ()), column, 20, 0.1, 0.3, 10, (), certainty)


def seen_again(lines: Sequence[ReadLine], again: Sequence[ReadLine]) -> tuple[list[str], list[int]]:
    """Return the text of lines after a second look that would find others, and which of these were read."""
    page = np.full((300, 500), 255, np.uint8)
    read: list[int] = []

    def other() -> Layout:
        boxes = [one.line.box for one in again]
        strips = [StripBox(box, number, 0.0) for number, box in enumerate(boxes)]
        frame = Frame(500, 300, 0, np.eye(3)[:2])
        return Layout(page, find_ink(page), frame, 0.0, [TextLine(box, 0) for box in boxes], strips)

    def read_lines(layout: Layout) -> list[ReadLine]:
        read.extend(strip.line for strip in layout.strips)
        return [again[number] for number in read]

    return [one.line.text for one in look_again(lines, other, read_lines)], read


def test_two_tight_rows_taken_for_one_line_are_read_apart() -> None:
    lines = [line("IKEA Cheras", 0, 0.99), line("Mo 2f.2ala,Coptrane", 30, 0.4, high=50), line("TAX INVOICE", 90, 0.99)]
    again = [line("No 2A Jalan Cochrane", 30, 0.98), line("Taman Maluri", 58, 0.99), line("TAX INVOICE", 90, 1.0)]
    texts, read = seen_again(lines, again)
    assert texts == ["IKEA Cheras", "No 2A Jalan Cochrane", "Taman Maluri", "TAX INVOICE"]
    assert read == [0, 1]


def test_what_is_read_worse_is_left_out() -> None:
    lines = [line("Total 24.00", 0, 0.8)]
    assert seen_again(lines, [line("iotal 2d.ooo", 0, 0.5)]) == (["Total 24.00"], [0])
    assert seen_again(lines, [line("a map beside the text", 100, 1.0)]) == (["Total 24.00"], [])


def test_lines_of_two_columns_are_never_joined() -> None:
    lines = [line("left", 0, 0.5), line("right", 0, 0.5, left=220, column=1)]
    whole = ReadLine(Line("left right", Box(0, 0, 420, 20), 1.0, ()), 0, 20, 0.1, 0.3, 10, ())
    assert seen_again(lines, [whole])[0] == ["left", "right"]


def test_a_page_without_doubt_is_not_read_again() -> None:
    assert seen_again([line("sure", 0, 0.99)], [line("SURE", 0, 1.0)]) == (["sure"], [])
