"""A page made upright and cut into lines and strips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import DetectedLine, LineReader, StripReading
from ocr2.tiling.bend import Bend, fit_bend
from ocr2.tiling.columns import Band
from ocr2.tiling.detected import band_of_ink, find_text
from ocr2.tiling.ink import Ink, Mask, find_ink, without_other_ink
from ocr2.tiling.layout import TextLine, find_lines
from ocr2.tiling.strips import StripBox, crop_strip, cut_strips
from ocr2.tiling.upright import IGNORED_SKEW, Frame, estimate_skew, is_sideways, straighten, turn

Gray = NDArray[np.uint8]
LEVEL = 20.0  # degrees from level, or from a quarter turn, that a line of that direction may be off
LOW = 0.6  # x-heights of the lowest ink that may be a line which the detector missed
GUESS_SURE, GUESS_LETTERS = 0.85, 2  # certainty and letters of such a line
MOST_GUESSES, PROBES = 80, 20  # strips that are read without a sample first, and strips of a sample
MAX_SKEW = 15.0  # degrees that a page is turned back by


@dataclass(frozen=True, slots=True)
class Layout:
    """A page made upright, with its lines and strips.

    Attributes:
        gray: (height, width).
        ink: Of the page; that of its lines alone where a text detector found them.
        frame: How it came out of the given image.
        skew: Degrees, clockwise, that it was turned back by.
        lines: In reading order.
        strips: Of the lines.
        crowded: Strips that were not worth reading.
        sideways: For lines that run up and for lines that run down, what lays them out level: on the page turned as the
            detector sees them, and the other way up, as it may take up for down.
        otherwise: Where a text detector found the lines: returns them as white space parts them.
    """

    gray: Gray
    ink: Ink
    frame: Frame
    skew: float
    lines: list[TextLine]
    strips: list[StripBox]
    crowded: int = 0
    sideways: tuple[tuple[Callable[[], "Layout"], ...], ...] = ()
    otherwise: Callable[[], "Layout"] | None = None


def analyse(
    gray: Gray, reader: LineReader, *, detect_rotation: bool = True, quarter_turns: int = 0, looks: int = 2
) -> Layout:
    """Turn a page upright and cut it into strips.

    A text detector sees which way lines run; without one a page upside down is known by reading alone.

    Args:
        gray: (height, width).
        reader: Of the text; it may have a text detector.
        detect_rotation: Turn the page by quarters if its lines run otherwise.
        quarter_turns: Counter-clockwise turns to begin with.
        looks: How often the detector may turn the page.
    """
    height, width = gray.shape
    turned = turn(gray, quarter_turns)
    ink = find_ink(turned)
    detected = reader.find_lines(turned, ink.x_height)
    if detect_rotation and detected is None and quarter_turns == 0 and is_sideways(ink.mask, ink.x_height):
        return analyse(gray, reader, quarter_turns=1)
    if detect_rotation and detected is not None and looks > 0 and (turns := turns_of(detected)):
        return analyse(gray, reader, quarter_turns=(quarter_turns + turns) % 4, looks=looks - 1)
    skew = estimate_skew(ink.mask) if detected is None else skew_of(detected)
    level, matrix = straighten(turned, skew)
    if detected is None:
        if level is not turned:
            ink = find_ink(level)
        return _by_white_space(level, ink, Frame(width, height, quarter_turns, matrix), skew, reader)
    placed = [_placed(line, matrix, skew) for line in detected]
    bend = bend_of(placed, level.shape)
    if bend is not None:
        level = bend.level(level)
        placed = [_unbent(line, bend) for line in placed]
    if level is not turned:
        ink = find_ink(level)
    return _of_detected(level, ink, Frame(width, height, quarter_turns, matrix, bend), skew, placed, reader)


def _placed(line: DetectedLine, matrix: NDArray[np.float64], skew: float) -> DetectedLine:
    """Return a line on the page turned back by its skew."""
    points = np.array([(line.x, line.y, 1.0), *((x, y, 1.0) for x, y in line.points)]) @ matrix.T
    (x, y), *rest = points.tolist()
    angle = (line.angle + skew + 180) % 360 - 180
    return replace(line, x=x, y=y, angle=angle, points=tuple((u, v) for u, v in rest))


def bend_of(lines: Sequence[DetectedLine], shape: tuple[int, ...]) -> Bend | None:
    """Return the bend of a page (height, width), by its level lines."""
    level = [line for line in lines if abs(line.angle) < LEVEL and len(line.points) > 1]
    points = [np.array(line.points) for line in level]
    return fit_bend(points, [line.x_height for line in level], shape[1], shape[0])


def _unbent(line: DetectedLine, bend: Bend) -> DetectedLine:
    """Return a line on the page made level."""
    points = np.array([*line.points, (line.x, line.y)])
    moved = points[:, 1] - bend.shift(points[:, 0], points[:, 1])
    along = tuple(zip(points[:-1, 0].tolist(), moved[:-1].tolist(), strict=True))
    if abs(line.angle) >= LEVEL:
        return replace(line, y=float(moved[-1]), points=along)
    return replace(line, y=float(np.mean(moved[:-1])), points=along, angle=0.0)


def _strips(ink: Ink, lines: Sequence[TextLine], reader: LineReader) -> list[StripBox]:
    boxes, marks = [line.box for line in lines], [line.marks for line in lines]
    return cut_strips(ink.mask, boxes, max_width=reader.max_strip_width, marks=marks)


def _of_detected(
    level: Gray, ink: Ink, frame: Frame, skew: float, detected: Sequence[DetectedLine], reader: LineReader
) -> Layout:
    bands: list[Band] = []
    aside: dict[int, list[DetectedLine]] = {1: [], 3: []}
    for line in detected:
        quarter = round(line.angle / 90) % 4
        if abs(line.angle - 90 * round(line.angle / 90)) > LEVEL:
            continue
        if quarter in aside:
            aside[quarter].append(line)
        else:  # a line upside down is level too, and the detector may take it for one that is not
            bands.append(_band(line))
    text = find_text(level, ink, bands)
    upright = np.zeros_like(text.places)  # where lines run up or down
    for line in (line for lines in aside.values() for line in lines):
        wide, long = 1.5 * line.x_height, line.length / 2 + line.x_height
        across = slice(max(0, int(line.x - wide)), int(line.x + wide))
        upright[max(0, int(line.y - long)) : int(line.y + long), across] = 1
    text.places[upright > 0] = 1
    if missed := _missed(ink, text.mask | upright, bands, reader):
        text = find_text(level, ink, [*bands, *missed])
    own = without_other_ink(ink, text.mask, text.places)
    sideways = tuple(
        tuple(partial(_turned, level, ink, 4 - way, lines, reader) for way in (quarter, 4 - quarter))
        for quarter, lines in aside.items()
        if lines
    )
    otherwise = partial(_by_white_space, level, ink, frame, skew, reader)
    strips = _strips(own, text.lines, reader)
    return Layout(level, own, frame, skew, text.lines, strips, sideways=sideways, otherwise=otherwise)


def _by_white_space(level: Gray, ink: Ink, frame: Frame, skew: float, reader: LineReader) -> Layout:
    lines = find_lines(ink.mask, ink.x_height)
    return Layout(level, ink, frame, skew, lines, _strips(ink, lines, reader))


def _missed(ink: Ink, taken: Mask, bands: Sequence[Band], reader: LineReader) -> list[Band]:
    """Return lines that the detector does not see, such as faded print: ink in rows that is read without doubt."""
    rest = np.asarray(ink.mask > taken, np.uint8)
    for known in bands:
        rest[max(0, round(known.top)) : round(known.bottom), max(0, round(known.left)) : round(known.right)] = 0
    boxes = [line.box for line in find_lines(rest, ink.x_height)]
    strips = cut_strips(rest, boxes, max_width=reader.max_strip_width)
    strips = [strip for strip in strips if boxes[strip.line].height > LOW * ink.x_height]
    if len(strips) > MOST_GUESSES and not _any_sure(ink, strips[:: len(strips) // PROBES], reader):
        return []
    readings = _read(ink, strips, reader)
    sure = [strip.box for strip, reading in zip(strips, readings, strict=True) if _is_sure(reading)]
    x_height = float(np.median([band.x_height for band in bands])) if bands else ink.x_height
    found = [band for box in sure if (band := band_of_ink(rest, box, x_height)) is not None]
    return [band for band in found if not any(_meet(band, other) for other in bands)]


def _meet(a: Band, b: Band) -> bool:
    return min(a.right, b.right) > max(a.left, b.left) and min(a.bottom, b.bottom) > max(a.top, b.top)


def _any_sure(ink: Ink, strips: Sequence[StripBox], reader: LineReader) -> bool:
    """Say whether a quarter of strips from all over a page is read without doubt."""
    readings = _read(ink, strips, reader)
    return 4 * sum(map(_is_sure, readings)) >= len(readings)


def _read(ink: Ink, strips: Sequence[StripBox], reader: LineReader) -> list[StripReading]:
    return reader.read_strips(crops_of(ink, strips, reader)) if strips else []


def crops_of(ink: Ink, strips: Sequence[StripBox], reader: LineReader) -> list[Gray]:
    """Cut strips out of a page, normalised, no wider than a reader takes."""
    return [crop_strip(ink.clean, strip.box)[:, : reader.max_strip_width] for strip in strips]


def _is_sure(reading: StripReading) -> bool:
    letters = sum(c.isalnum() for c in reading.text)
    return letters >= GUESS_LETTERS and 2 * letters >= len(reading.text) and reading.certainty >= GUESS_SURE


def _band(line: DetectedLine) -> Band:
    half, high = line.length / 2, line.x_height / 2
    return Band(line.x - half, line.y - high, line.x + half, line.y + high)


def _turned(level: Gray, ink: Ink, turns: int, lines: Sequence[DetectedLine], reader: LineReader) -> Layout:
    """Return lines that run up or down on the page turned counter-clockwise by quarters: once or three times."""
    gray = turn(level, turns)
    mask, rules, clean, paper, drawn = (
        turn(part, turns) for part in (ink.mask, ink.rules, ink.clean, ink.paper, ink.drawn)
    )
    turned = replace(ink, figures=(), mask=mask, rules=rules, clean=clean, paper=paper, drawn=drawn)
    height, width = level.shape
    # One turn takes (x, y) to (y, width - x).
    places = [(line.y, width - line.x) if turns == 1 else (height - line.y, line.x) for line in lines]
    bands = [_band(replace(line, x=x, y=y)) for line, (x, y) in zip(lines, places, strict=True)]
    text = find_text(gray, turned, bands)
    own = without_other_ink(turned, text.mask, text.places)
    frame = Frame(width, height, turns, np.array([[1.0, 0, 0], [0, 1, 0]]))
    return Layout(gray, own, frame, 0.0, text.lines, _strips(own, text.lines, reader))


def turns_of(lines: Sequence[DetectedLine]) -> int:
    """Return how many quarter turns counter-clockwise make most of a page's text run level, left to right."""
    lengths = [0.0] * 4
    for line in lines:
        lengths[round(line.angle / 90) % 4] += line.length * line.confidence
    return (4 - int(np.argmax(lengths))) % 4


def skew_of(lines: Sequence[DetectedLine]) -> float:
    """Return the clockwise angle of a page's level lines, degrees: the median by length; 0 if it is tiny."""
    level = sorted((-line.angle, line.length) for line in lines if abs(line.angle) < LEVEL)
    if not level:
        return 0.0
    angles, lengths = np.array(level).T
    skew = float(angles[np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)])
    return skew if IGNORED_SKEW <= abs(skew) <= MAX_SKEW else 0.0
