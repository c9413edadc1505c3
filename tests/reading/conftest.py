"""A reader that needs no weights."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr2.models.protocols import DetectedLine, StripReading


class FixedReader:
    """Reads every strip as the same word."""

    name = "fixed"
    weights_sha256 = "0" * 64
    max_strip_width = 512

    def __init__(self, text: str = "word", probability: float = 0.95, agreement: float = 1.0) -> None:
        self.text = text
        self.probability = probability
        self.agreement = agreement
        self.lines: list[DetectedLine] | None = None
        self.seen = 0

    def find_lines(self, gray: NDArray[np.uint8], x_height: float) -> list[DetectedLine] | None:
        return self.lines

    def read_strips(
        self,
        strips: Sequence[NDArray[np.uint8]],
        *,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        on_batch: Callable[[int], None] | None = None,
        use_draft: bool | None = None,
    ) -> list[StripReading]:
        self.seen += len(strips)
        if on_batch is not None:
            on_batch(len(strips))
        n = len(self.text)
        positions = tuple((i + 0.5) / n for i in range(n))
        return [StripReading(self.text, (self.probability,) * n, positions, self.agreement, "end") for _ in strips]


@pytest.fixture
def fixed_reader() -> Callable[..., FixedReader]:
    """Build a reader that answers every strip alike."""
    return FixedReader
