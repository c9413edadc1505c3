"""Two pages side by side on one picture, such as an open book: where they meet, and their readings put together."""

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.options import Spreads
from ocr2.reading.lines.layout import Layout
from ocr2.results.box import Box, union
from ocr2.results.document import Block, Line, Page, Word, mean_confidence, word_confidences
from ocr2.tiling.layout import TextLine
from ocr2.tiling.upright import Frame

Gray = NDArray[np.uint8]
WIDE = 1.15  # least width of two pages, of their height
NEAR_MIDDLE = 0.1  # of the width: how far from its middle they may meet
WHITE = 2.5  # x-heights of white between them
LINES, LONG = 6, 12.0  # lines of each at least, and the length of the usual one, x-heights
HIGH = 0.35  # of the picture's height that each one's lines reach over


def find_fold(layout: Layout, spreads: Spreads) -> int | None:
    """Return where two pages meet, pixels of the upright picture from the left; None if it is one page.

    Args:
        layout: Of the picture.
        spreads: "auto" wants a wide picture with running text on both sides of white near its middle; "always" cuts at
            the white nearest to the middle, or there.
    """
    height, width = layout.gray.shape
    if spreads == "never" or (spreads == "auto" and width < WIDE * height):
        return None
    boxes = [line.box for line in layout.lines]
    white = _white_near_middle(boxes, width)
    if spreads == "always":
        return round(sum(white) / 2) if white is not None else width // 2
    if white is None:
        return None
    x_height = float(np.median([_x_height(line) for line in layout.lines]))
    fold = sum(white) / 2
    sides = [[b for b in boxes if b.right <= fold], [b for b in boxes if b.left >= fold]]
    if white[1] - white[0] < WHITE * x_height or not all(_is_page(side, x_height, height) for side in sides):
        return None
    return round(fold)


def _x_height(line: TextLine) -> float:
    return line.x_height if line.x_height is not None else 0.5 * line.box.height


def _white_near_middle(boxes: Sequence[Box], width: int) -> tuple[int, int] | None:
    """Return the widest white between lines that lies near the middle of a picture."""
    covered = np.zeros(width + 1, np.bool_)
    for box in boxes:
        covered[max(0, box.left) : box.right] = True
    inked = np.flatnonzero(covered)
    if not inked.size:
        return None
    ends = [(a + 1, b) for a, b in itertools.pairwise(inked.tolist()) if b - a > 1]
    near = [gap for gap in ends if abs(sum(gap) / 2 - width / 2) < NEAR_MIDDLE * width]
    return max(near, key=lambda gap: gap[1] - gap[0], default=None)


def _is_page(boxes: Sequence[Box], x_height: float, height: int) -> bool:
    if len(boxes) < LINES:
        return False
    return union(boxes).height > HIGH * height and float(np.median([b.width for b in boxes])) > LONG * x_height


def read_spread(layout: Layout, fold: int, read: Callable[[Gray], Page], analysing: float) -> Page:
    """Read two pages one after the other; the result is one page in the picture's pixels.

    Args:
        layout: Of the picture.
        fold: Where they meet, pixels of the upright picture.
        read: Reads one of them.
        analysing: Seconds that the layout took.
    """
    gray, frame = layout.gray, layout.frame
    left, right = read(np.ascontiguousarray(gray[:, :fold])), read(np.ascontiguousarray(gray[:, fold:]))
    beside = Frame(gray.shape[1], gray.shape[0], 0, np.array([[1.0, 0, -fold], [0, 1, 0]]))
    blocks = [*left.blocks, *(block_in_source(block, beside) for block in right.blocks)]
    placed = tuple(block_in_source(block, frame) for block in blocks)
    confidences = word_confidences(placed)
    return dataclasses.replace(
        left,
        width=frame.width,
        height=frame.height,
        blocks=placed,
        rotation=90 * frame.quarter_turns,
        skew=round(layout.skew, 3),
        confidence=mean_confidence(confidences) if confidences else None,
        draft_agreement=None,
        seconds=_summed(left.seconds, right.seconds, {"layout": analysing}),
        warnings=(
            "two pages side by side were read one after the other",
            *(f"left page: {warning}" for warning in left.warnings),
            *(f"right page: {warning}" for warning in right.warnings),
        ),
    )


def _summed(*parts: Mapping[str, float]) -> dict[str, float]:
    return {stage: sum(part.get(stage, 0.0) for part in parts) for stage in parts[0]}


def block_in_source(block: Block, frame: Frame) -> Block:
    """Return a block of an upright page in the pixels that the page came from."""
    lines = tuple(
        Line(
            line.text,
            frame.to_source(line.box),
            line.confidence,
            tuple(Word(word.text, frame.to_source(word.box), word.confidence) for word in line.words),
        )
        for line in block.lines
    )
    return dataclasses.replace(
        block,
        box=frame.to_source(block.box) if block.box is not None else None,
        lines=lines,
        table=block.table.moved(frame.to_source) if block.table is not None else None,
    )
