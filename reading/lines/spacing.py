"""Spaces of a line by where its letters stand: faces whose letters all have one width, and numbers, keep to a grid."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocr2.results.box import Box
from ocr2.tiling.lines import runs_of

LEAST_STEPS, LEAST_DIGITS = 6, 3  # steps within words, or within numbers, that show a grid
OFF_GRID, FAR_OFF, MOST_FAR = 0.14, 0.3, 0.1  # mean error of steps in pitches; what is far off, and how many may be
OFF_SPACED, NEAR = 0.2, 4.0  # mean error of steps over spaces, of those that are shorter than some pitches
NEIGHBOURS, APART = 1.3, 1.7  # pitches between letters of one word at most, of two words at least
# Pitches of white: at most between letters of one word, or of one number in other faces; at least between words; of an
# empty cell, as a rule.
CLOSE, CLOSE_DIGITS, WHITE, EMPTY = 0.8, 0.62, 0.75, 0.9
EMPTY_OFF = 0.4  # pitches by which the step over one empty cell may be off
MOST_PIECES = 2.5  # pieces of ink to a letter, of a line whose letters are where they are said to be


class Letter(NamedTuple):
    """One character that was read."""

    character: str
    probability: float
    x: float  # pixels of the page
    strip: Box  # that it was read in


def respace(letters: Sequence[Letter], inked: NDArray[np.bool_], left: int) -> list[Letter]:
    """Return the letters of a line with the spaces that the grid of its face, or of its digits, shows.

    Args:
        letters: From left to right, spaces among them.
        inked: (width,): columns of the line that hold ink.
        left: Where the line begins, pixels of the page.
    """
    seen = [letter for letter in letters if not letter.character.isspace()]
    pieces = runs_of(inked)
    if len(seen) < 2 or not pieces or len(pieces) > MOST_PIECES * len(seen):
        return list(letters)
    spaced = _spaced(letters)
    steps = np.diff(_centred(np.array([letter.x - left for letter in seen]), pieces))
    gaps = [widest_gap(inked, a.x - left, b.x - left) for a, b in itertools.pairwise(seen)]
    white = np.array([end - start for start, end in gaps])
    parted = np.array(spaced)
    pitch = fixed_pitch(steps, white, parted)
    if pitch is not None:
        close = (steps < NEIGHBOURS * pitch) & (white < CLOSE * pitch)
        apart = (steps > APART * pitch) & (white > WHITE * pitch)
        if not _has_empty_cell(steps, white, parted, pitch):  # nothing shows that spaces of the face are this wide
            close &= _inside_numbers(seen)
        parted = np.where(parted, ~close, apart)
    else:
        parted &= ~_within_numbers(seen, steps, white, parted)
    if parted.tolist() == spaced:
        return list(letters)
    found = [seen[0]]
    for letter, is_apart in zip(seen[1:], parted.tolist(), strict=True):
        if is_apart:
            found.append(Letter(" ", 1.0, letter.x, letter.strip))
        found.append(letter)
    return found


def _centred(places: NDArray[np.float64], pieces: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """Move places of letters to the middles of the pieces of ink, (start, end), that hold one letter alone."""
    starts, ends = np.array(pieces).T
    piece = np.clip(np.searchsorted(starts, places, side="right") - 1, 0, None)
    holds = np.bincount(piece[places < ends[piece]], minlength=len(pieces))
    alone = (places < ends[piece]) & (places >= starts[piece]) & (holds[piece] == 1)
    centred = np.where(alone, (starts[piece] + ends[piece]) / 2, places)
    return np.asarray(np.maximum.accumulate(centred), np.float64)


def _spaced(letters: Sequence[Letter]) -> list[bool]:
    """Say for each letter but the first whether a space stands before it."""
    found: list[bool] = []
    is_spaced = False
    for letter in letters:
        if letter.character.isspace():
            is_spaced = True
        else:
            found.append(is_spaced)
            is_spaced = False
    return found[1:]


def fixed_pitch(steps: NDArray[np.float64], white: NDArray[np.int64], spaced: NDArray[np.bool_]) -> float | None:
    """Return the width of a letter of a face that gives all letters one, pixels; None if letters keep to no grid.

    Args:
        steps: From each letter's middle to the next one's, pixels.
        white: Between them, pixels.
        spaced: Whether a space was read between them.
    """
    inner = steps[~spaced]
    if len(inner) < LEAST_STEPS or np.median(inner) <= 0:
        return None
    usual = float(np.median(inner))
    near = inner[np.abs(inner / usual - 1) < 2 * FAR_OFF]
    if not len(near):
        return None
    pitch = float(near.mean())
    cells = white[spaced & (steps > NEIGHBOURS * pitch)]
    if len(cells) and np.median(cells) < EMPTY * pitch:
        return None
    within, over = _off_grid(inner, pitch), _off_grid(steps[spaced & (steps < NEAR * pitch)], pitch)
    if within.mean() > OFF_GRID or (within > FAR_OFF).mean() > MOST_FAR or (len(over) and over.mean() > OFF_SPACED):
        return None
    return pitch


def _has_empty_cell(
    steps: NDArray[np.float64], white: NDArray[np.int64], spaced: NDArray[np.bool_], pitch: float
) -> bool:
    """Say whether a space that was read is one cell without ink, as it is in a face of one width."""
    one = (np.abs(steps / pitch - 2) < EMPTY_OFF) & (white >= EMPTY * pitch) & (white < 2 * pitch)
    return bool((spaced & one).any())


def _inside_numbers(seen: Sequence[Letter]) -> NDArray[np.bool_]:
    """Mark steps from digit to digit, and from the point, comma or colon after one to the next."""
    text = "".join(letter.character for letter in seen)
    return np.array([
        b.isdecimal() and (a.isdecimal() or (a in ".,:" and i > 0 and text[i - 1].isdecimal()))
        for i, (a, b) in enumerate(itertools.pairwise(text))
    ])  # fmt: skip


def _off_grid(steps: NDArray[np.float64], pitch: float) -> NDArray[np.float64]:
    cells = steps / pitch
    return np.asarray(np.abs(cells - np.maximum(1, np.rint(cells))), np.float64)


def _within_numbers(
    seen: Sequence[Letter], steps: NDArray[np.float64], white: NDArray[np.int64], spaced: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Mark steps from digit to digit over a space that are no longer than those within numbers."""
    digit = np.array([letter.character.isdecimal() for letter in seen])
    pairs = digit[:-1] & digit[1:]
    inner = steps[pairs & ~spaced]
    if len(inner) < LEAST_DIGITS:
        return np.zeros(len(steps), np.bool_)
    usual = float(np.median(inner))
    return np.asarray(pairs & spaced & (steps < NEIGHBOURS * usual) & (white < CLOSE_DIGITS * usual), np.bool_)


def widest_gap(inked: NDArray[np.bool_], start: float, end: float) -> tuple[int, int]:
    """Return the widest white between two places, pixels: nothing in their middle where there is none."""
    low, high = max(0, round(start)), min(inked.size, round(end) + 1)
    gaps = runs_of(np.logical_not(inked[low:high]))
    if not gaps:
        middle = round((start + end) / 2)
        return middle, middle
    a, b = max(gaps, key=lambda gap: gap[1] - gap[0])
    return low + a, low + b
