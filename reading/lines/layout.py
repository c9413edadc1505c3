"""A page made upright and cut into lines and strips."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import DetectedLine, LineReader, StripReading
from ocr2.tiling.bend import Bend, fit_bend
from ocr2.tiling.columns import Band
from ocr2.tiling.detected import DetectedText, band_of_ink, find_text
from ocr2.tiling.ink import Ink, find_ink, without_other_ink
from ocr2.tiling.layout import TextLine, find_lines
from ocr2.tiling.strips import StripBox, crop_strip, cut_strips
from ocr2.tiling.upright import IGNORED_SKEW, Frame, estimate_skew, is_sideways, straighten, turn

Gray = NDArray[np.uint8]
LEVEL = 20.0  # degrees from level, or from a quarter turn, that a line of that direction may be off
# A page of which the detector sees less than this share, missing so many sure lines, is print that it was not taught.
STRANGE, STRANGE_LINES = 0.8, 3
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
        sideways: Layouts of the lines that run up or down: the page turned so that they are level, and the other way
            up, as a detector may take up for down.
    """

    gray: Gray
    ink: Ink
    frame: Frame
    skew: float
    lines: list[TextLine]
    strips: list[StripBox]
    crowded: int = 0
    sideways: tuple[tuple["Layout", "Layout"], ...] = ()


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
    aside: dict[int, list[tuple[float, float, DetectedLine]]] = {1: [], 3: []}
    for line in detected:
        quarter = round(line.angle / 90) % 4
        if abs(line.angle - 90 * round(line.angle / 90)) > LEVEL:
            continue
        if quarter == 0:
            bands.append(_band(line.x, line.y, line))
        elif quarter in aside:
            aside[quarter].append((line.x, line.y, line))
    text = find_text(level, ink, bands)
    for x, y, line in (found for turned in aside.values() for found in turned):
        wide, long = 1.5 * line.x_height, line.length / 2 + line.x_height
        text.places[max(0, int(y - long)) : int(y + long), max(0, int(x - wide)) : int(x + wide)] = 1
    if missed := _missed(ink, text, bands, reader):
        if len(missed) >= STRANGE_LINES and _seen(ink, text) < STRANGE:
            return _by_white_space(level, ink, frame, skew, reader)
        text = find_text(level, ink, [*bands, *missed])
    own = without_other_ink(ink, text.mask, text.places)
    pairs = [
        tuple(_sideways(level, ink, frame, skew, way, found, reader) for way in (turns, 4 - turns))
        for turns, found in aside.items()
        if found
    ]
    sideways = tuple((first, other) for first, other in pairs)
    return Layout(level, own, frame, skew, text.lines, _strips(own, text.lines, reader), sideways=sideways)


def _by_white_space(level: Gray, ink: Ink, frame: Frame, skew: float, reader: LineReader) -> Layout:
    lines = find_lines(ink.mask, ink.x_height)
    return Layout(level, ink, frame, skew, lines, _strips(ink, lines, reader))


def _seen(ink: Ink, text: DetectedText) -> float:
    """Return the share of a page's writing that lies where lines were detected."""
    return float((ink.mask & text.places).sum()) / max(1.0, float(ink.mask.sum()))


def _missed(ink: Ink, text: DetectedText, bands: Sequence[Band], reader: LineReader) -> list[Band]:
    """Return lines that the detector does not see, such as faded print: ink in rows that is read without doubt."""
    rest = np.asarray(ink.mask > text.places, np.uint8)
    boxes = [line.box for line in find_lines(rest, ink.x_height)]
    strips = cut_strips(rest, boxes, max_width=reader.max_strip_width)
    strips = [strip for strip in strips if boxes[strip.line].height > LOW * ink.x_height]
    if len(strips) > MOST_GUESSES and not _any_sure(ink, strips[:: len(strips) // PROBES], reader):
        return []
    readings = _read(ink, strips, reader)
    sure = [strip.box for strip, reading in zip(strips, readings, strict=True) if _is_sure(reading)]
    found = [band for box in sure if (band := band_of_ink(rest, box, ink.x_height)) is not None]
    return [band for band in found if not any(_meet(band, other) for other in bands)]


def _meet(a: Band, b: Band) -> bool:
    return min(a.right, b.right) > max(a.left, b.left) and min(a.bottom, b.bottom) > max(a.top, b.top)


def _any_sure(ink: Ink, strips: Sequence[StripBox], reader: LineReader) -> bool:
    """Say whether a quarter of strips from all over a page is read without doubt."""
    readings = _read(ink, strips, reader)
    return 4 * sum(map(_is_sure, readings)) >= len(readings)


def _read(ink: Ink, strips: Sequence[StripBox], reader: LineReader) -> list[StripReading]:
    crops = [crop_strip(ink.clean, strip.box)[:, : reader.max_strip_width] for strip in strips]
    return reader.read_strips(crops) if crops else []


def _is_sure(reading: StripReading) -> bool:
    letters = sum(c.isalnum() for c in reading.text)
    if letters < GUESS_LETTERS or 2 * letters < len(reading.text):
        return False
    return reading.agreement * float(np.mean(reading.probabilities)) >= GUESS_SURE


def _band(x: float, y: float, line: DetectedLine) -> Band:
    return Band(x - line.length / 2, y - line.x_height / 2, x + line.length / 2, y + line.x_height / 2)


def _sideways(
    level: Gray,
    ink: Ink,
    frame: Frame,
    skew: float,
    quarter: int,
    lines: Sequence[tuple[float, float, DetectedLine]],
    reader: LineReader,
) -> Layout:
    """Return the lines of a page that run up or down, on the page turned: `quarter` is their own turn."""
    turns = 4 - quarter
    gray = turn(level, turns)
    mask, rules, clean, paper, drawn = (
        turn(part, turns) for part in (ink.mask, ink.rules, ink.clean, ink.paper, ink.drawn)
    )
    turned = replace(ink, figures=(), mask=mask, rules=rules, clean=clean, paper=paper, drawn=drawn)
    height, width = level.shape
    bands = []
    for x, y, line in lines:
        # One turn counter-clockwise takes (x, y) to (y, width - x).
        u, v = (y, width - x) if turns == 1 else (height - y, x)
        bands.append(_band(u, v, line))
    text = find_text(gray, turned, bands)
    own = without_other_ink(turned, text.mask, text.places)
    return Layout(gray, own, Frame(width, height, turns, np.array([[1.0, 0, 0], [0, 1, 0]])), 0.0, text.lines,
                  _strips(own, text.lines, reader))  # fmt: skip


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
