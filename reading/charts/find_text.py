"""Text of a chart: found by the detector of pages, freed from samples and tick marks, read upright.

Short lines have no direction of their own: they are read at every quarter turn that is possible, and where that does
not tell, their row does.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.plot.expected import Expected, is_expected, with_expected
from ocr2.models.protocols import DetectedLine, LineReader, TextBox
from ocr2.reading.charts.text_at_boxes import cut_upright, read_places

RGB = NDArray[np.uint8]  # (height, width, 3)
MARGIN = 24  # pixels of ground around the picture
X_HEIGHT = 1 / 110, 4.5, 14.0  # usual x-height as a share of the longer side, and its bounds, pixels
SHORT = 2.9  # x-heights: a line no longer than this has no direction
QUARTER = 14.0  # degrees from a quarter turn that count as one
SIZE = 1.9  # x-heights that a line measures, with tall and deep letters
RISE = 0.1  # x-heights that a line's middle lies above its band's
ENDS = 0.15  # x-heights beside a band's ends that belong to its line
LEVEL_FIRST = 0.12  # by how much surer another direction must be than the level one
GAP = 0.3  # of a line's height: white that parts a sample, or a tick mark, from text
OTHER_COLOUR = 55.0  # by how much a sample is more colourful than the text
DASH = 0.22  # of a line's height, that a tick mark is high at most
STROKES = ("I", "l", "1", "|", "i", "!")  # what a dash is read as when it is turned
CONTRAST = 40.0  # distance of ink from the ground
ROW = 0.7  # of a line's height, by which the labels of a row may begin apart
FEWEST = 3  # labels of a row that say how it runs
TICKED = re.compile(r"([-−]?[\d.,]+[%kKM]?)\s?[-–—_]")
TICKED_LABEL = re.compile(r"(.*\w)\s?[-–—_]")  # that reads upwards, to its tick mark
LOOKALIKES = {"9": "gG", "0": "oO", "1": "lI", "5": "sS", "8": "bB", "6": "bG", "2": "zZ", "4": "aA"}
READ = 0.5  # mean confidence below which dots of a grid, hatching and the like were taken for text
SOLID = 0.85  # share of a box that a sample in the text's colour fills


@dataclass(frozen=True, slots=True)
class _Line:
    """A found line, and the directions in which it may read."""

    place: TextBox  # at 0 degrees
    angles: tuple[float, ...]
    short: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """A line read in one direction."""

    angle: float
    texts: tuple[TextBox, ...]

    @property
    def sure(self) -> float:
        """Mean confidence; 0 without text."""
        return sum(t.confidence for t in self.texts) / len(self.texts) if self.texts else 0.0


def find_chart_text(picture: RGB, reader: LineReader) -> list[TextBox] | None:
    """Find and read the text of a chart (height, width, 3); None if the reader has no detector."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    ground = tuple(int(v) for v in np.median(edge, axis=0))
    padded = np.asarray(
        cv2.copyMakeBorder(picture, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=ground), np.uint8
    )
    share, low, high = X_HEIGHT
    guess = min(max(share * max(picture.shape[:2]), low), high)
    found = reader.find_lines(np.asarray(cv2.cvtColor(padded, cv2.COLOR_RGB2GRAY), np.uint8), guess)
    if found is None:
        return None
    lines = [_directions(line) for line in found]
    readings = _read(padded, [(line, angle) for line in lines for angle in line.angles], reader)
    at = 0
    chosen: list[_Reading | None] = []
    for line in lines:
        chosen.append(_surest(line, readings[at : at + len(line.angles)]))
        at += len(line.angles)
    chosen = _by_rows(padded, lines, chosen, reader)
    kept = [_shifted(_clean(text)) for reading in chosen if reading is not None for text in reading.texts]
    kept = [text for text in kept if text.confidence >= READ]
    return _letters_in_rows([text for text in kept if text.text])


def read_expected(
    picture: RGB, texts: Sequence[TextBox], expected: Sequence[Expected], reader: LineReader
) -> list[TextBox]:
    """Look again where labels of a chart must stand that were not found; returns all texts.

    Args:
        picture: (height, width, 3).
        texts: That were found.
        expected: Where to look.
        reader: Of their lines.
    """
    if not expected:
        return list(texts)
    parts = [cut_parts(picture, one.place) for one in expected]
    readings = iter(read_places(picture, [part[0] for part in parts], reader))
    found = [(one, _clean(text)) for one in expected for text in next(readings)[:1]]
    return with_expected(texts, [(one, text) for one, text in found if is_expected(text, one)])


def _read(picture: RGB, tries: Sequence[tuple[_Line, float]], reader: LineReader) -> list[_Reading]:
    """Read lines, each in one direction."""
    parts = [cut_parts(picture, replace(line.place, angle=angle)) for line, angle in tries]
    texts = iter(read_places(picture, [place for part in parts for place in part], reader))
    return [
        _Reading(angle, tuple(text for _ in part for text in next(texts)))
        for (_, angle), part in zip(tries, parts, strict=True)
    ]


def _directions(line: DetectedLine) -> _Line:
    size = SIZE * line.x_height
    long = line.length + 2 * ENDS * line.x_height
    angle = (line.angle + 180) % 360 - 180
    turn = math.radians(angle)
    x, y = line.x - RISE * line.x_height * math.sin(turn), line.y - RISE * line.x_height * math.cos(turn)
    short = line.length <= SHORT * line.x_height
    if short:
        side = max(long, 0.9 * size)
        box = line.x - side / 2, line.y - size / 2 - RISE * line.x_height, line.x + side / 2, line.y + size / 2
        return _Line(TextBox("", box, 0.0), (0.0, 90.0), short)
    quarter = 90.0 * round(angle / 90.0)
    if abs(angle - quarter) <= QUARTER:
        angles = (0.0,) if quarter in (0.0, 180.0, -180.0) else (90.0, -90.0)
        if angles[0] != 0.0:
            x, y = line.x, line.y
    else:
        angles = (angle, (angle + 360) % 360 - 180)
    return _Line(TextBox("", (x - long / 2, y - size / 2, x + long / 2, y + size / 2), 0.0), angles, short)


def _surest(line: _Line, readings: Sequence[_Reading]) -> _Reading | None:
    """Return the reading in the direction that is surest, the level one unless another is clearly so."""
    best = max(readings, key=lambda r: r.sure + (LEVEL_FIRST if line.short and r.angle == 0.0 else 0.0))
    return best if best.texts else None


def _by_rows(
    picture: RGB, lines: Sequence[_Line], chosen: Sequence[_Reading | None], reader: LineReader
) -> list[_Reading | None]:
    """Give the labels of a row below an axis one direction: the one in which they read best together."""
    settled = list(chosen)
    tops = [_top(line, reading) for line, reading in zip(lines, chosen, strict=True)]
    left = {i for i, reading in enumerate(chosen) if reading is not None}
    while left:
        first = min(left, key=lambda i: tops[i])
        row = [i for i in left if abs(tops[i] - tops[first]) < ROW * lines[first].place.height]
        left -= set(row)
        readings = [r for i in row if (r := settled[i]) is not None]
        turned = sum(r.angle != 0.0 for r in readings)
        if len(row) < FEWEST or not turned > 0 or (turned == len(row) and _agree(readings)):
            for i in row:
                if len(row) < FEWEST and lines[i].short and _is_stroke(settled[i]):
                    settled[i] = None  # a dash, such as a legend has
            continue
        angles = {0.0, 90.0, 45.0, -45.0, float(np.median([r.angle for r in readings if r.angle != 0.0]))}
        tried = {
            angle: _read(picture, [(_widened(lines[i], angle), angle) for i in row], reader) for angle in sorted(angles)
        }
        best = max(tried, key=lambda angle: sum(r.sure for r in tried[angle]))
        if sum(r.sure for r in tried[best]) >= sum(r.sure for r in readings) - 0.1 * len(row):
            for i, reading in zip(row, tried[best], strict=True):
                settled[i] = reading if reading.texts else None
    return settled


def _agree(readings: Sequence[_Reading]) -> bool:
    angles = [r.angle for r in readings]
    return max(angles) - min(angles) < 4.0


def _is_stroke(reading: _Reading | None) -> bool:
    return reading is not None and reading.angle != 0.0 and all(t.text in STROKES for t in reading.texts)


def _widened(line: _Line, angle: float) -> _Line:
    """Return a short line's place made to hold its text at an angle."""
    if not line.short or angle == 0.0:
        return line
    left, top, right, bottom = line.place.box
    x, y, half = (left + right) / 2, (top + bottom) / 2, line.place.height / 2
    long = max(right - left, 2 * half) / 2
    return replace(line, place=replace(line.place, box=(x - long, y - half, x + long, y + half)))


def _top(line: _Line, reading: _Reading | None) -> float:
    """Return where a line begins, from above, as it lies."""
    angle = reading.angle if reading is not None else 0.0
    left, top, right, bottom = line.place.box
    turn = math.radians(angle)
    tall = abs((right - left) * math.sin(turn)) + abs((bottom - top) * math.cos(turn))
    return (top + bottom) / 2 - tall / 2


def _clean(text: TextBox) -> TextBox:
    """Take off a tick mark that was read behind a number."""
    if len(text.text) == 2 and text.text[0].isalpha() and text.text[1] in ".,'":
        return replace(text, text=text.text[0])
    match = (TICKED if text.angle == 0.0 else TICKED_LABEL).fullmatch(text.text)
    if match is None:
        return text
    left, top, right, bottom = text.box
    cut = (right - left) * (1 - len(match[1]) / len(text.text))
    turn = math.radians(text.angle)
    x = (left + right) / 2 - cut / 2 * math.cos(turn)
    y = (top + bottom) / 2 + cut / 2 * math.sin(turn)
    half = (right - left - cut) / 2, (bottom - top) / 2
    return replace(text, text=match[1], box=(x - half[0], y - half[1], x + half[0], y + half[1]))


def _letters_in_rows(texts: Sequence[TextBox]) -> list[TextBox]:
    """Read single signs as letters where their row is one of letters: a 9 among them is a g."""
    found = list(texts)
    for i, text in enumerate(texts):
        if len(text.text) != 1 or text.text not in LOOKALIKES:
            continue
        top = text.box[1]
        row = [t.text for j, t in enumerate(texts) if j != i and abs(t.box[1] - top) < 0.5 * text.height]
        row = [t for t in row if len(t) == 1]
        letters = [t for t in row if t.isalpha()]
        if len(row) >= 3 and len(letters) >= 0.7 * len(row):
            lower = sum(t.islower() for t in letters) * 2 > len(letters)
            found[i] = replace(text, text=LOOKALIKES[text.text][0 if lower else 1])
    return found


def _shifted(text: TextBox) -> TextBox:
    left, top, right, bottom = text.box
    return replace(text, box=(left - MARGIN, top - MARGIN, right - MARGIN, bottom - MARGIN))


def cut_parts(picture: RGB, place: TextBox) -> list[TextBox]:
    """Bring a place to its ink, without what is no text: a legend's samples, which part its entries, a tick mark."""
    piece = cut_upright(picture, place)
    rim = np.concatenate([piece[0], piece[-1]]).astype(np.float32)
    ground = np.median(rim, axis=0)
    away = np.linalg.norm(piece.astype(np.float32) - ground, axis=2)
    ink = away > max(CONTRAST, 0.35 * float(np.percentile(away, 98)))
    scale = piece.shape[0] / (place.height * 1.5)
    size = place.height * scale
    runs = _runs(ink.any(axis=0), max(2, round(GAP * size * 0.6)))
    if not runs:
        return [place]
    colours = [_strongest(piece[:, a:b], away[:, a:b]) for a, b in runs]
    main = min(colours, key=lambda c: float(np.ptp(c)))  # text is the least colourful
    samples = [_is_sample(ink, run, colour, main, size) for run, colour in zip(runs, colours, strict=True)]
    if all(samples):
        samples = [False] * len(runs)
    last = len(runs)
    while last > 1 and not samples[last - 1] and _is_dash(ink, runs[last - 1], size) and not all(samples[: last - 1]):
        last -= 1
    parts: list[tuple[int, int]] = []
    fresh = True
    for run, sample in zip(runs[:last], samples[:last], strict=True):
        if sample:
            fresh = True
        elif fresh:
            parts.append(run)
            fresh = False
        else:
            parts[-1] = parts[-1][0], run[1]
    return [_part_of(place, piece.shape[1] / scale, (a - 1) / scale, (b + 1) / scale) for a, b in parts]


def _part_of(place: TextBox, long: float, start: float, end: float) -> TextBox:
    """Return a part of a place, by its ends along a piece of so many pixels that was cut out with margins."""
    middle = (place.box[0] + place.box[2]) / 2
    low, high = middle - long / 2 + start, middle - long / 2 + end
    shift = (low + high) / 2 - middle
    turn = math.radians(place.angle)
    x = middle + shift * math.cos(turn)
    y = (place.box[1] + place.box[3]) / 2 - shift * math.sin(turn)
    half = max(high - low, 0.3 * place.height) / 2
    return replace(place, box=(x - half, y - place.height / 2, x + half, y + place.height / 2))


def _strongest(part: NDArray[np.uint8], away: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the mean colour of the third of the pixels that differs most from the ground."""
    chosen = away >= np.percentile(away[away > 0], 80) if (away > 0).any() else np.ones(away.shape, np.bool_)
    return np.asarray(part[chosen].astype(np.float32).mean(axis=0))


def _runs(columns: NDArray[np.bool_], gap: int) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for x in np.flatnonzero(columns).tolist():
        if runs and x - runs[-1][1] < gap:
            runs[-1] = runs[-1][0], x + 1
        else:
            runs.append((x, x + 1))
    return runs


def _is_sample(
    ink: NDArray[np.bool_], run: tuple[int, int], colour: NDArray[np.floating], main: NDArray[np.floating], size: float
) -> bool:
    if float(np.ptp(colour)) - float(np.ptp(main)) > OTHER_COLOUR:
        return True
    part = ink[:, run[0] : run[1]]
    rows = np.flatnonzero(part.any(axis=1))
    high = int(rows[-1] - rows[0] + 1)
    solid = float(part[rows[0] : rows[-1] + 1].mean()) > SOLID
    return solid and (run[1] - run[0] > 0.9 * size or (run[1] - run[0] > 0.3 * size and high > 0.3 * size))


def _is_dash(ink: NDArray[np.bool_], run: tuple[int, int], size: float) -> bool:
    part = ink[:, run[0] : run[1]]
    rows = np.flatnonzero(part.any(axis=1))
    middle = abs((rows[0] + rows[-1] + 1) / 2 - ink.shape[0] / 2) < 0.3 * size
    return bool(rows[-1] - rows[0] + 1 <= max(2.0, DASH * size) and middle)
