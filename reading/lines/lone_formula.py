"""A picture that shows one formula and nothing else, as papers' figures, screenshots and data sets do.

It is read before the page is turned or cut: its signs stand in no lines, so what finds lines and their direction is
wrong about it more often than not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import FormulaReader, ReadFormula, StripReading
from ocr2.reading.lines.formulas import is_formula, letters_in_words, written
from ocr2.results.box import Box
from ocr2.results.document import Block

Gray = NDArray[np.uint8]
MOST_STRIPS = 60  # pieces of lines of a picture that may be one formula
READ = 0.92  # certainty of strips that are read as text
WORDY = 0.5  # share of the letters in words of such strips from which a picture is text
CONTRAST, FAINTEST = 0.3, 25.0  # of ink with its ground: share of the strongest ink's; grey levels
MOST_PARTS, LEAST_PART = 400, 3.0  # pieces of ink of a picture that may be one formula; pixels of their usual height
WIDEST, HIGHEST = 200.0, 30.0  # such a picture's sides, in usual heights of its pieces
WHOLE = 0.985  # share of the ink that is covered from which nothing is missing
AROUND = 5  # pixels that are left around the ink
# Mean probability of what was written, and share of the signs left over: no text was read with more than the first
# and less than the second, some way up; nineteen formulas of twenty are.
SURE, UNEXPLAINED = 0.95, 0.06
# The same where nothing else was read either, with the share of the ink that is covered.
DOUBTFUL, UNEXPLAINED_DOUBTFUL, COVERED_DOUBTFUL = 0.65, 0.35, 0.6


@dataclass(frozen=True, slots=True)
class LoneFormula:
    """What was read in a picture taken for one formula."""

    reading: ReadFormula
    box: Box  # of its ink, pixels

    @property
    def is_sure(self) -> bool:
        """Whether it is a formula beyond doubt, whatever else was read."""
        return is_formula(self.reading, sure=SURE, unexplained=UNEXPLAINED)

    @property
    def is_likely(self) -> bool:
        """Whether it is better than nothing."""
        return is_formula(self.reading, sure=DOUBTFUL, unexplained=UNEXPLAINED_DOUBTFUL, covered=COVERED_DOUBTFUL)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a user should know: that some of the ink is in no sign that was read."""
        if self.reading.covered >= WHOLE:
            return ()
        return (f"{1 - self.reading.covered:.0%} of the ink of the formula has no place in what was read",)

    def to_block(self) -> Block:
        """Return it as a display formula."""
        return Block("formula", written(self.reading.tree), self.box, self.reading.confidence, ())


def may_be_formula(readings: Sequence[StripReading]) -> bool:
    """Say whether a picture may be one formula: few letters of its strips stand in words read without doubt."""
    if len(readings) > MOST_STRIPS:
        return False
    letters = sum(c.isalpha() for reading in readings for c in reading.text)
    words = sum(letters_in_words(reading.text) for reading in readings if reading.certainty >= READ)
    return words < WORDY * max(1, letters)


def read_lone_formula(gray: Gray, reader: FormulaReader) -> LoneFormula | None:
    """Read a picture (height, width) as one formula; None if its ink cannot be one, or the reader reads none."""
    off = np.abs(gray.astype(np.int16) - int(np.median(gray)))
    mask = off > max(FAINTEST, CONTRAST * float(np.percentile(off, 99)))
    rows, columns = np.nonzero(mask)
    if not len(rows) or not _may_be_signs(mask, int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1):
        return None
    box = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    top, left = max(0, box.top - AROUND), max(0, box.left - AROUND)
    readings = reader.read_formulas([gray[top : box.bottom + AROUND, left : box.right + AROUND]])
    return LoneFormula(readings[0], box) if readings else None


def _may_be_signs(mask: NDArray[np.bool_], width: int, height: int) -> bool:
    """Say whether ink may be one formula: not too many parts, and not too large for them. A photograph is neither."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    if count - 1 > MOST_PARTS:
        return False
    usual = float(np.median(stats[1:, cv2.CC_STAT_HEIGHT]))
    return usual >= LEAST_PART and width <= WIDEST * usual and height <= HIGHEST * usual
