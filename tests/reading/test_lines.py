"""Strips into lines."""

import numpy as np
import pytest

from ocr2.boxes import Box
from ocr2.reader import StripReading
from ocr2.reading.lines import assemble_line
from ocr2.tiling.layout import TextLine
from ocr2.tiling.strips import StripBox


def test_a_word_is_as_sure_as_all_its_letters_and_a_line_as_its_words_on_average() -> None:
    box = Box(0, 0, 80, 20)
    reading = StripReading("ab c", (0.5, 0.5, 1.0, 0.9), (0.1, 0.3, 0.5, 0.9), 1.0, "end")
    line = assemble_line(0, TextLine(box, 0), [StripBox(box, 0, 0.0)], [reading], np.ones((20, 80), np.uint8))
    assert line is not None
    assert [word.confidence for word in line.line.words] == pytest.approx([0.25, 0.9])
    assert line.line.confidence == pytest.approx((0.25 + 0.9) / 2)
