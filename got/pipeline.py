"""GOT's one path: strip -> pixels -> ids -> text."""

from functools import lru_cache
from importlib import resources

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ocr2.decoder.tokenizer import CharacterTokenizer
from ocr2.tiling.strips import BACKGROUND, INK_SPAN


@lru_cache(maxsize=1)
def load_vocabulary() -> CharacterTokenizer:
    """Return got-nano's character vocabulary."""
    return CharacterTokenizer.load(resources.files("ocr2.got.assets") / "vocab.json")


def pixels_from_strips(strips: NDArray[np.uint8]) -> Tensor:
    """Turn normalised strips (b, height, width) into pixel values (b, 1, height, width): ground 0, ink 1."""
    return (torch.from_numpy(strips).float() - BACKGROUND)[:, None] / INK_SPAN
