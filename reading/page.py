"""One page: image -> upright page -> lines -> strips -> model -> lines -> blocks."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr2.reader import Reader, StripReading
from ocr2.reading.lines import FOREIGN, ReadLine, assemble_line
from ocr2.reading.structure import build_blocks
from ocr2.results import Block, Line, Page, Word, mean_confidence
from ocr2.tiling.ink import Ink, find_ink
from ocr2.tiling.layout import TextLine, find_lines
from ocr2.tiling.strips import StripBox, crop_strip, cut_strips
from ocr2.tiling.upright import Frame, estimate_skew, is_sideways, straighten, turn

Gray = NDArray[np.uint8]

# Mean probability of a character below which a strip is taken for a picture or dirt, not writing.
NOT_WRITING = 0.45
NOT_A_MARK = 0.6  # the same for strips of one or two letters
SOLID, SOLID_LETTERS = 0.85, 4  # confidence and letters of a strip that is writing beyond doubt
# A line of dashes, dots or the like is drawn to separate, not to be read.
SEPARATOR = re.compile(r"^[-–—=_*~.·•:→\"'\s]{5,}$")
DOUBTFUL = 0.75  # mean confidence of a page below which it is tried upside down
PROBE_STRIPS = 16  # strips read to decide that


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """What a caller may set for a page."""

    batch_size: int | None = None
    max_new_tokens: int | None = None
    detect_rotation: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A page made upright, with its lines and strips."""

    gray: Gray
    ink: Ink
    frame: Frame
    skew: float
    lines: list[TextLine]
    strips: list[StripBox]


def read_page(
    gray: Gray, reader: Reader, *, number: int = 1, dpi: float | None = None, options: PageOptions | None = None
) -> Page:
    """Read one page.

    Args:
        gray: (height, width) uint8.
        reader: A loaded model.
        number: From 1, in its document.
        dpi: Of the image, if known.
        options: See `PageOptions`.

    Returns:
        The page with blocks in reading order, boxes in pixels of `gray`.
    """
    options = options or PageOptions()
    started = time.perf_counter()
    layout = analyse(gray, reader.max_strip_width, detect_rotation=options.detect_rotation)
    analysed = time.perf_counter()
    readings = _read(layout, layout.strips, reader, options)
    if options.detect_rotation and layout.strips and _confidence(readings) < DOUBTFUL:
        layout, readings = _upright_of_two(gray, layout, readings, reader, options)
    read = time.perf_counter()
    lines, dropped = _assemble(layout, readings)
    blocks = tuple(_to_source(block, layout.frame) for block in build_blocks(lines, layout.gray.shape[0]))
    done = time.perf_counter()
    words = [word.confidence for block in blocks for line in block.lines for word in line.words]
    return Page(
        number=number,
        width=gray.shape[1],
        height=gray.shape[0],
        dpi=dpi,
        blocks=blocks,
        rotation=90 * layout.frame.quarter_turns,
        skew=round(layout.skew, 3),
        confidence=mean_confidence(words) if words else None,
        seconds={"layout": analysed - started, "model": read - analysed, "structure": done - read},
        warnings=tuple(_warnings(lines, readings, dropped)),
    )


def analyse(gray: Gray, max_strip_width: int, *, detect_rotation: bool = True, quarter_turns: int = 0) -> Layout:
    """Turn a page upright (but for upside down, which only reading can tell) and cut it into strips."""
    height, width = gray.shape
    turned = turn(gray, quarter_turns)
    ink = find_ink(turned)
    if detect_rotation and quarter_turns == 0 and is_sideways(ink.mask, ink.x_height):
        return analyse(gray, max_strip_width, quarter_turns=1)
    skew = estimate_skew(ink.mask)
    level, matrix = straighten(turned, skew)
    if level is not turned:
        ink = find_ink(level)
    lines = find_lines(ink.mask, ink.x_height)
    strips = cut_strips(ink.mask, [line.box for line in lines], max_width=max_strip_width)
    return Layout(level, ink, Frame(width, height, quarter_turns, matrix), skew, lines, strips)


def _read(layout: Layout, strips: Sequence[StripBox], reader: Reader, options: PageOptions) -> list[StripReading]:
    crops = [crop_strip(layout.ink.clean, strip.box)[:, : reader.max_strip_width] for strip in strips]
    return reader.read_strips(crops, batch_size=options.batch_size, max_new_tokens=options.max_new_tokens)


def _confidence(readings: Sequence[StripReading]) -> float:
    values = [float(np.mean(r.probabilities)) for r in readings for _ in r.text if r.probabilities]
    return mean_confidence(values)


def _upright_of_two(
    gray: Gray, layout: Layout, readings: list[StripReading], reader: Reader, options: PageOptions
) -> tuple[Layout, list[StripReading]]:
    """Try the page upside down on a few strips; return whichever way reads with more confidence."""
    turns = (layout.frame.quarter_turns + 2) % 4
    other = analyse(gray, reader.max_strip_width, detect_rotation=False, quarter_turns=turns)
    step = max(1, len(other.strips) // PROBE_STRIPS)
    probe = _read(other, other.strips[::step], reader, options)
    if _confidence(probe) <= _confidence(readings) + 0.03:
        return layout, readings
    return other, _read(other, other.strips, reader, options)


def _assemble(layout: Layout, readings: Sequence[StripReading]) -> tuple[list[ReadLine], int]:
    by_line: dict[int, list[int]] = {}
    written = find_writing(readings)
    dropped = sum(bool(reading.text) and not is_writing for reading, is_writing in zip(readings, written, strict=True))
    for i, strip in enumerate(layout.strips):
        if not written[i]:
            continue
        by_line.setdefault(strip.line, []).append(i)
    lines = []
    for number, indices in by_line.items():
        line = assemble_line(
            number,
            layout.lines[number],
            [layout.strips[i] for i in indices],
            [readings[i] for i in indices],
            layout.ink.mask,
        )
        if line is not None and not SEPARATOR.match(line.line.text):
            lines.append(line)
    return lines, dropped


def find_writing(readings: Sequence[StripReading]) -> list[bool]:
    """Say which strips hold writing; pictures and dirt also give strips, mostly read as nothing or with doubt.

    A page without one solid strip (a word or more, read with confidence) holds writing only if half of its
    strips were read with confidence: a page number alone does, a photograph does not.
    """
    sure = [float(np.mean(r.probabilities)) if r.probabilities else 0.0 for r in readings]
    solid = any(
        p >= SOLID and sum(c.isalnum() for c in r.text) >= SOLID_LETTERS for p, r in zip(sure, readings, strict=True)
    )
    if not solid and sum(p for p in sure if p >= SOLID) < 0.5 * len(readings):
        return [False] * len(readings)
    return [
        p >= (NOT_WRITING if sum(c.isalnum() for c in r.text) >= 3 else NOT_A_MARK)
        for p, r in zip(sure, readings, strict=True)
    ]


def _to_source(block: Block, frame: Frame) -> Block:
    lines = tuple(
        Line(
            line.text,
            frame.to_source(line.box),
            line.confidence,
            tuple(Word(word.text, frame.to_source(word.box), word.confidence) for word in line.words),
        )
        for line in block.lines
    )
    return Block(block.kind, block.text, frame.to_source(block.box), block.confidence, lines, block.level)


def _warnings(lines: Sequence[ReadLine], readings: Sequence[StripReading], dropped: int) -> list[str]:
    warnings = []
    foreign = sum(word.text.count(FOREIGN) for line in lines for word in line.line.words)
    if foreign:
        warnings.append(
            f"{foreign} passages in a script this model does not read are marked {FOREIGN}; it reads Latin script"
        )
    loops = sum(reading.stopped == "loop" and not reading.rescued for reading in readings)
    if loops:
        warnings.append(f"{loops} strips were cut short because the model repeated itself")
    rescued = sum(reading.rescued for reading in readings)
    if rescued:
        warnings.append(f"{rescued} strips are the draft's reading because the decoder strayed from it")
    if dropped:
        warnings.append(f"{dropped} marks were left out because they do not look like writing")
    return warnings
