"""Lines of text as onechart-nano is given them: letters, what their number says, and where they stand.

Axis letters: b charts, l lines, c letters, f features, n facts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ocr2.charts.numbers import read_number
from ocr2.models.protocols import TextBox
from ocr2.multimodal.position_features import PLACE_FEATURES, place_features

MAX_LINES = 128
MOST_LETTERS = 20  # of a line, shown to the network
CHARACTERS = "".join(map(chr, range(32, 127))) + "".join(map(chr, range(161, 383))) + "–—‘’“”•…€−≤≥×°μ"
ALPHABET = {c: 2 + i for i, c in enumerate(dict.fromkeys(CHARACTERS))}
NO_LETTER, OTHER_LETTER = 0, 1
ALPHABET_SIZE = 2 + len(ALPHABET)
FACTS = 5


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Lines of several charts, padded behind."""

    letters: Tensor  # (b, l, c)
    facts: Tensor  # (b, l, n)
    places: Tensor  # (b, l, f)
    boxes: Tensor  # (b, l, 4): left, top, right, bottom of the lines as they lie, shares of the sides
    valid: Tensor  # (b, l), boolean

    def to(self, device: torch.device) -> "LineBatch":
        """Return the lines on a device."""
        return LineBatch(*(x.to(device) for x in (self.letters, self.facts, self.places, self.boxes, self.valid)))


def line_place(text: TextBox, width: int, height: int) -> list[float]:
    """Return the place features of a line of text in a picture of so many pixels."""
    left, top, right, bottom = text.box
    middle = (left + right) / 2 / width, (top + bottom) / 2 / height
    return place_features(*middle, (right - left) / width, (bottom - top) / height, text.angle)


def lying_box(text: TextBox, width: int, height: int) -> tuple[float, float, float, float]:
    """Return the box around a line as it lies in the picture, turned by its angle, as shares of the sides."""
    left, top, right, bottom = text.box
    turn = math.radians(text.angle)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    half_w = ((right - left) * cos + (bottom - top) * sin) / 2 / width
    half_h = ((right - left) * sin + (bottom - top) * cos) / 2 / height
    x, y = (left + right) / 2 / width, (top + bottom) / 2 / height
    return x - half_w, y - half_h, x + half_w, y + half_h


def facts_of(text: str) -> list[float]:
    """Return what a line's number says: whether it is one, its sign, its magnitude, its unit, and the line's length."""
    number = read_number(text)
    length = min(2.0, len(text) / 20)
    if number.value is None:
        return [0.0, 0.0, 0.0, 0.0, length]
    magnitude = math.log10(1 + min(abs(number.value), 1e15)) / 3
    return [1.0, float(number.value < 0), magnitude, float(number.unit is not None), length]


def order_lines(texts: Sequence[TextBox], height: int) -> list[TextBox]:
    """Sort text lines from top to bottom, then left to right, and keep as many as have numbers."""

    def key(text: TextBox) -> tuple[int, float]:
        return round(48 * (text.box[1] + text.box[3]) / 2 / height), text.box[0]

    return sorted(texts, key=key)[:MAX_LINES]


def batch_lines(charts: Sequence[tuple[Sequence[TextBox], int, int]]) -> LineBatch:
    """Put lines into tensors.

    Args:
        charts: Lines, in the order of their numbers, width and height of the picture they were found in.
    """
    longest = max(len(texts) for texts, _, _ in charts)
    shape = len(charts), longest
    letters = torch.full((*shape, MOST_LETTERS), NO_LETTER)
    facts, places, boxes = (torch.zeros(*shape, size) for size in (FACTS, PLACE_FEATURES, 4))
    valid = torch.zeros(shape, dtype=torch.bool)
    for i, (texts, width, height) in enumerate(charts):
        if not texts:
            continue
        spelt = [[ALPHABET.get(c, OTHER_LETTER) for c in t.text[:MOST_LETTERS]] for t in texts]
        rows = [row + [NO_LETTER] * (MOST_LETTERS - len(row)) for row in spelt]
        letters[i, : len(texts)] = torch.tensor(rows)
        facts[i, : len(texts)] = torch.tensor([facts_of(t.text) for t in texts])
        places[i, : len(texts)] = torch.tensor([line_place(t, width, height) for t in texts])
        boxes[i, : len(texts)] = torch.tensor([lying_box(t, width, height) for t in texts])
        valid[i, : len(texts)] = True
    return LineBatch(letters, facts, places, boxes, valid)
