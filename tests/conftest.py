"""Shared fixtures: faces and prose that every machine has, and one thread for torch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import ImageFont

# Tests run beside other work; threads that wait for each other would make them slow.
torch.set_num_threads(1)

TEXT = """
the of and to in a is that it was for on are with as his they at be this from have or by one had not but what all were
when we there can an your which their said if do will each about how up out them then she many some so these would
other into has more her two like him see time could no make than first been its who now people my made over did down
only way find use may water long little very after words called just where most know get through back machine reading
document analysis character recognition quality typesetting paragraph Germany Europe, October; (Figure), model-based,
well-known, 1987, 42%, e.g., queue, jumping, quickly. Next, however, yet.
"""
WORDS = TEXT.split()


@pytest.fixture(scope="session")
def page_fonts() -> Callable[[str, int], ImageFont.FreeTypeFont]:
    """Pillow's built-in face for every role; bold and mono look the same, which layout must not need."""

    def load(role: str, size: int) -> ImageFont.FreeTypeFont:
        font = ImageFont.load_default(size=max(6, size))
        assert isinstance(font, ImageFont.FreeTypeFont)
        return font

    return load


@pytest.fixture
def prose() -> Callable[[int], str]:
    """Seeded running text of about so many characters."""
    rng = np.random.default_rng(7)

    def write(length: int) -> str:
        words: list[str] = []
        while sum(map(len, words)) + len(words) < length:
            words.append(str(rng.choice(WORDS)))
        return " ".join(words).capitalize() + "."

    return write
