"""What `reading` needs of a model that reads strips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StripReading:
    """What a model read on one strip."""

    text: str
    probabilities: tuple[float, ...]  # of each character
    positions: tuple[float, ...]  # x of each character's middle, as a share of the strip's width
    agreement: float  # of draft and decoder, 0..1; 1 without a draft
    stopped: str  # "end", "length" or "loop"
    rescued: bool = False  # the draft's reading, taken because the decoder strayed from it


class Reader(Protocol):
    """A loaded model."""

    name: str
    weights_sha256: str
    max_strip_width: int  # pixels at the strip height

    def read_strips(
        self,
        strips: Sequence[NDArray[np.uint8]],
        *,
        batch_size: int | None = None,
        max_new_tokens: int | None = None,
        on_batch: Callable[[int], None] | None = None,
    ) -> list[StripReading]:
        """Read normalised strips (height, width), in order."""
