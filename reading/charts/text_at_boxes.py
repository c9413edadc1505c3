"""Writing at known places of a picture, at any angle, read by a model that reads strips."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.charts.numbers import read_number
from ocr2.models.protocols import LineReader, StripReading, TextBox
from ocr2.results.box import Box
from ocr2.tiling.strips import StripBox, crop_strip, cut_strips

Gray = NDArray[np.uint8]  # (height, width)
RGB = NDArray[np.uint8]  # (height, width, 3)
MARGIN = 0.25  # of a line's height: paper cut out around it
FAINT = 0.35  # of the strongest contrast: what differs less from the ground is no ink
LEAST_CONTRAST = 20.0  # grey levels
FARTHEST = 92  # percentile of the distance from the ground, above which is ink
TALLEST = 64  # pixels of a line; larger ones are cut out at less than their size


def recognise_text(picture: RGB, places: Sequence[TextBox], reader: LineReader) -> list[TextBox]:
    """Read the text at places of a picture (height, width, 3).

    A place where no letter and no digit is read is left out; one that holds several numbers side by side, which no
    writer means as one, becomes several.
    """
    return [text for texts in read_places(picture, places, reader) for text in texts]


def read_places(picture: RGB, places: Sequence[TextBox], reader: LineReader) -> list[list[TextBox]]:
    """Read the text at places of a picture (height, width, 3); see `recognise_text`. Returns a list for each place."""
    strips: list[Gray] = []
    cuts: list[tuple[TextBox, Gray, list[StripBox]]] = []
    for place in places:
        piece = gray_by_ground(cut_upright(picture, place))
        boxes = strips_in(piece, reader.max_strip_width)
        strips += [crop_strip(piece, box.box) for box in boxes]
        cuts.append((place, piece, boxes))
    readings = iter(reader.read_strips(strips))
    found: list[list[TextBox]] = []
    for place, piece, boxes in cuts:
        letters = _join(boxes, [next(readings) for _ in boxes])
        sound = any(letter.character.isalnum() for letter in letters)
        found.append([_part(place, part, letters, piece.shape[1]) for part in split_numbers(letters)] if sound else [])
    return found


@dataclass(frozen=True, slots=True)
class Letter:
    """A character that was read."""

    character: str
    probability: float
    x: float  # its middle in the piece, pixels


def split_numbers(letters: Sequence[Letter]) -> list[Sequence[Letter]]:
    """Part a line that holds nothing but several numbers, and is none itself; any other line is one part."""
    words: list[list[Letter]] = [[]]
    for letter in letters:
        if letter.character == " ":
            words.append([])
        else:
            words[-1].append(letter)
    words = [word for word in words if word]
    texts = ["".join(letter.character for letter in word) for word in words]
    if len(words) < 2 or read_number(" ".join(texts)).value is not None:
        return [letters]
    if any(read_number(text).value is None for text in texts):
        return [letters]
    return list(words)


def _part(place: TextBox, part: Sequence[Letter], letters: Sequence[Letter], width: int) -> TextBox:
    """Return one part of a line, where it stands."""
    text = " ".join("".join(letter.character for letter in part).split())
    sure = float(np.mean([letter.probability for letter in part if letter.character != " "]))
    if len(part) == len(letters):
        return replace(place, text=text, confidence=sure)
    scale, turn = _scale(place), math.radians(place.angle)
    pitch = (part[-1].x - part[0].x) / (len(part) - 1) if len(part) > 1 else place.height * scale / 2
    first, last = part[0].x - pitch / 2, part[-1].x + pitch / 2
    along = ((first + last) / 2 - width / 2) / scale  # from the line's middle
    x = (place.box[0] + place.box[2]) / 2 + along * math.cos(turn)
    y = (place.box[1] + place.box[3]) / 2 - along * math.sin(turn)
    half = (last - first) / scale / 2, place.height / 2
    return replace(place, text=text, confidence=sure, box=(x - half[0], y - half[1], x + half[0], y + half[1]))


def _scale(place: TextBox) -> float:
    """Return the pixels of a place's piece for one of the picture."""
    return min(1.0, TALLEST / max(place.height, 1.0))


def cut_upright(picture: RGB, place: TextBox) -> RGB:
    """Cut a line out of a picture, turned so that it reads from left to right, with paper around."""
    left, top, right, bottom = place.box
    width, height = right - left, bottom - top
    scale = _scale(place)
    margin = MARGIN * height
    size = max(4, math.ceil((width + 2 * margin) * scale)), max(4, math.ceil((height + 2 * margin) * scale))
    turn = math.radians(place.angle)
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = (left + right) / 2, (top + bottom) / 2
    # From a pixel of the piece to one of the picture: y points down, the angle is counter-clockwise.
    a = np.array([[cos, sin], [-sin, cos]]) / scale
    b = np.array([x, y]) - a @ (np.array(size) / 2) - 0.5 + a @ np.array([0.5, 0.5])
    matrix = np.column_stack([a, b])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def gray_by_ground(piece: RGB) -> Gray:
    """Show a piece as dark ink on white: how far each pixel is from the ground, in the direction of the ink's colour.

    Red on green of the same lightness is as clear as black on white.
    """
    rim = np.concatenate([piece[0], piece[-1], piece[:, 0], piece[:, -1]])
    away = piece.astype(np.float32) - np.median(rim, axis=0).astype(np.float32)
    lengths = np.linalg.norm(away, axis=2)
    far = away[lengths >= max(1.0, float(np.percentile(lengths, FARTHEST)))]
    if not len(far):
        return np.full(piece.shape[:2], 255, np.uint8)
    direction = far[np.argmax(np.linalg.norm(far, axis=1))] if len(far) < 3 else np.median(far, axis=0)
    direction = direction / max(1e-6, float(np.linalg.norm(direction)))
    ink = (away @ direction).clip(0)
    return (
        np.asarray(255 - ink * 255 / max(LEAST_CONTRAST * 2, float(np.percentile(ink, 99.5))), np.float32)
        .clip(0, 255)
        .astype(np.uint8)
    )


def strips_in(piece: Gray, max_width: int) -> list[StripBox]:
    """Cut the line in a piece of `cut_upright`, shown by its ground, into strips."""
    mask = ink_of(piece)
    height = piece.shape[0]
    edge = round(height * MARGIN / (1 + 2 * MARGIN) / 2)  # half of the margin: what lies only there belongs elsewhere
    rows = np.flatnonzero(mask[edge : height - edge].any(axis=1))
    columns = np.flatnonzero(mask[edge : height - edge].any(axis=0))
    if not len(rows) or not len(columns):
        return []
    line = Box(int(columns[0]), edge + int(rows[0]), int(columns[-1]) + 1, edge + int(rows[-1]) + 1)
    return cut_strips(mask.astype(np.uint8), [line], max_width=max_width)


def ink_of(piece: Gray) -> NDArray[np.bool_]:
    """Return what differs from the ground of a line's piece (height, width); its rim is taken for the ground."""
    rim = np.concatenate([piece[0], piece[-1], piece[:, 0], piece[:, -1]])
    away = np.abs(piece.astype(np.float32) - float(np.median(rim)))
    return np.asarray(away > max(LEAST_CONTRAST, FAINT * float(np.percentile(away, 98))), np.bool_)


def _join(boxes: Sequence[StripBox], readings: Sequence[StripReading]) -> list[Letter]:
    """Put the strips of one line together, a space where a word begins."""
    letters: list[Letter] = []
    for box, reading in zip(boxes, readings, strict=True):
        if reading.text and letters and box.starts_word:
            letters.append(Letter(" ", 1.0, float(box.box.left)))
        for character, p, x in zip(reading.text, reading.probabilities, reading.positions, strict=True):
            letters.append(Letter(character, p, box.box.left + x * box.box.width))
    return letters
