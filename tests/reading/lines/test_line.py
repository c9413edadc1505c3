"""Strips into lines."""

import numpy as np
import pytest

from ocr2.models.protocols import StripReading
from ocr2.reading.lines.line import assemble_line
from ocr2.results.box import Box
from ocr2.tiling.layout import TextLine
from ocr2.tiling.strips import StripBox


def test_a_word_is_as_sure_as_all_its_letters_and_a_line_as_its_words_on_average() -> None:
    box = Box(0, 0, 80, 20)
    reading = StripReading("ab c", (0.5, 0.5, 1.0, 0.9), (0.1, 0.3, 0.5, 0.9), 1.0, "end")
    line = assemble_line(0, TextLine(box, 0), [StripBox(box, 0, 0.0)], [reading], np.ones((20, 80), np.uint8))
    assert line is not None
    assert [word.confidence for word in line.line.words] == pytest.approx([0.25, 0.9])
    assert line.line.confidence == pytest.approx((0.25 + 0.9) / 2)


def test_words_are_parted_at_the_widest_white_between_their_letters() -> None:
    box = Box(0, 0, 100, 20)
    mask = np.ones((20, 100), np.uint8)
    mask[:, 44:46] = 0  # inside the first word's last letter
    mask[:, 60:70] = 0  # the space
    reading = StripReading("ab cd", (0.9,) * 5, (0.2, 0.4, 0.65, 0.72, 0.9), 1.0, "end")
    line = assemble_line(0, TextLine(box, 0), [StripBox(box, 0, 0.0)], [reading], mask)
    assert line is not None
    assert [(word.box.left, word.box.right) for word in line.line.words] == [(0, 60), (70, 100)]
