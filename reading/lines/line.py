"""Strips read by a model, put together into lines of words with boxes and confidences."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import StripReading
from ocr2.reading.lines.spacing import Letter, respace, widest_gap
from ocr2.results.box import Box, union
from ocr2.results.document import Line, Word, mean_confidence
from ocr2.tiling.ink import Mask
from ocr2.tiling.layout import TextLine
from ocr2.tiling.strips import StripBox

FOREIGN = "\ufffd"

# Shares of the em above and below the base line, typical of text faces; they turn ink height into size.
CAP_HEIGHT, X_HEIGHT, DESCENT = 0.70, 0.47, 0.21
ASCENDERS = frozenset("bdfhijklt0123456789()[]{}|/\\ß$&%#@!?\"'’‘“”*^")
DESCENDERS = frozenset("gjpqyçş,;()[]{}|/\\Q$")
CELL_GAP = 1.2  # of a line's height: white that may separate the cells of a table
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOW = frozenset(".,;:-–—_~+=<>•·…")
LEAST_WORD = 4  # letters of a word that tell how wide one is
PITCHES = np.linspace(0.97, 1.03, 61)  # of the width that words tell, tried on the line


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line with what layout needs to know about its looks."""

    line: Line  # boxes in pixels of the upright page
    column: int
    em: float  # font size, pixels
    stroke: float  # mean horizontal run of ink, in em: boldness
    grid: float  # how well letters keep to one even grid from end to end, 0..1; above 0.8 in monospaced faces
    pitch: float  # width of a letter on that grid, pixels
    gaps: tuple[tuple[int, int], ...]  # (left, right) of the wide white between its parts, pixels
    certainty: float = 1.0  # of the model, by the letters of its strips


def assemble_line(
    number: int, text_line: TextLine, strips: Sequence[StripBox], readings: Sequence[StripReading], mask: Mask
) -> ReadLine | None:
    """Join the strips of one line; None if nothing was read there."""
    letters: list[Letter] = []
    gaps: list[tuple[int, int]] = []
    end = 0  # of the part before
    for strip, reading in zip(strips, readings, strict=True):
        if not reading.text:
            continue
        if letters and strip.starts_word:
            letters.append(Letter(" ", 1.0, float(strip.box.left), strip.box))
        if letters and strip.space > CELL_GAP:
            gaps.append((end, strip.box.left))
        end = strip.box.right
        raised = strip.mark == "raised" and reading.text.isdigit()
        written = reading.text.translate(RAISED) if raised else reading.text
        for character, p, x in zip(written, reading.probabilities, reading.positions, strict=True):
            letters.append(Letter(character, p, strip.box.left + x * strip.box.width, strip.box))
    box = text_line.box
    inked = np.asarray(mask[box.top : box.bottom, box.left : box.right].any(axis=0), np.bool_)
    letters = respace(letters, inked, box.left)
    words = _words(letters, box, mask, inked)
    if not words:
        return None
    text = " ".join(word.text for word in words)
    box = union(word.box for word in words)
    confidence = mean_confidence([word.confidence for word in words])
    pitch, grid = measure_grid([[letter.x for letter in word] for word in _split(letters)])
    em = estimate_em(text, text_line.box.height)
    if text_line.x_height is not None and not 0.8 < text_line.x_height / X_HEIGHT / em < 1.25:
        em = text_line.x_height / X_HEIGHT  # the ink is not the letters' alone
    return ReadLine(
        line=Line(text, box, confidence, tuple(words)),
        column=text_line.column,
        em=em,
        stroke=measure_stroke(mask, text_line.box) / em,
        grid=grid,
        pitch=pitch,
        gaps=tuple(gaps),
        certainty=certainty_of(readings),
    )


def certainty_of(readings: Sequence[StripReading]) -> float:
    """Say how sure a model is of strips, 0..1: its probabilities, less where decoder and draft disagree.

    Strips count by their length, as a page stands or falls with its running text.
    """
    weights = [len(reading.text) for reading in readings]
    return float(np.average([reading.certainty for reading in readings], weights=weights)) if any(weights) else 0.0


def line_of_words(line: ReadLine, words: Sequence[Word]) -> ReadLine:
    """Return a line with some of its words, as high as it is."""
    if len(words) == len(line.line.words):
        return line
    box = union(word.box for word in words)
    text, sure = " ".join(word.text for word in words), mean_confidence([word.confidence for word in words])
    gaps = tuple(gap for gap in line.gaps if gap[0] >= box.left and gap[1] <= box.right)
    whole = Box(box.left, line.line.box.top, box.right, line.line.box.bottom)
    return replace(line, line=Line(text, whole, sure, tuple(words)), gaps=gaps)


def estimate_em(text: str, ink_height: int) -> float:
    """Return the font size, pixels, that gives a text this ink height."""
    visible = [c for c in text if not c.isspace()]
    if all(c in LOW for c in visible):
        return float(ink_height) / X_HEIGHT
    tall = any(c.isupper() or c in ASCENDERS for c in visible)
    deep = any(c in DESCENDERS for c in visible)
    return ink_height / ((CAP_HEIGHT if tall else X_HEIGHT) + (DESCENT if deep else 0.01))


def measure_stroke(mask: Mask, box: Box) -> float:
    """Return the mean horizontal run of ink inside a box of a page, pixels."""
    part = mask[box.top : box.bottom, box.left : box.right]
    starts = int((np.diff(part, axis=1, prepend=0) == 1).sum())
    return float(part.sum()) / max(1, starts)


def measure_grid(words: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return the width of a letter, pixels, and how well all letters of a line keep to one grid of cells of this width.

    Words alone may seem even by chance; over a line, spaces included, letters of a face of many widths stand anywhere
    in their cells (0.3 for 50 letters), those of a monospaced one in their middles (0.85 where a model says where they
    stand, 1 where a text layer does).

    Args:
        words: Where the letters of each word stand, pixels.
    """
    steps: list[float] = []
    for word in words:
        if len(word) >= LEAST_WORD:
            slope = float(np.polyfit(np.arange(len(word)), word, 1)[0])
            if slope > 0:
                steps.append(slope)
    if not steps:
        return 0.0, 0.0
    places = np.concatenate([np.asarray(word, np.float64) for word in words])
    pitches = float(np.median(steps)) * PITCHES
    agreement = np.abs(np.exp(2j * np.pi * places[None, :] / pitches[:, None]).mean(axis=1))
    best = int(agreement.argmax())
    return float(pitches[best]), float(agreement[best])


def _words(letters: Sequence[Letter], line: Box, mask: Mask, inked: NDArray[np.bool_]) -> list[Word]:
    groups = _split(letters)
    gaps = [widest_gap(inked, a[-1].x - line.left, b[0].x - line.left) for a, b in itertools.pairwise(groups)]
    cuts = [sum(gap) // 2 for gap in gaps]
    edges = [line.left, *(line.left + cut for cut in cuts), line.right]
    words = []
    for group, left, right in zip(groups, edges, edges[1:], strict=False):
        # What a strip beside it holds that was not read, such as a sign, is no part of a word.
        left, right = max(left, group[0].strip.left), min(right, group[-1].strip.right)
        text = "".join(letter.character for letter in group)
        confidence = math.prod(letter.probability for letter in group)
        words.append(Word(text, _ink_box(mask, line, left, right), confidence))
    return words


def _ink_box(mask: Mask, line: Box, left: int, right: int) -> Box:
    left = min(max(left, line.left), line.right - 1)
    right = min(max(right, left + 1), line.right)
    part = mask[line.top : line.bottom, left:right]
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    if not columns.size:
        return Box(left, line.top, right, line.bottom)
    return Box(
        left + int(columns[0]), line.top + int(rows[0]), left + int(columns[-1]) + 1, line.top + int(rows[-1]) + 1
    )


def _split(letters: Sequence[Letter]) -> list[list[Letter]]:
    groups = itertools.groupby(letters, key=lambda letter: letter.character.isspace())
    return [list(group) for is_space, group in groups if not is_space]
