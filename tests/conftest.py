"""Shared fixtures: faces and prose that every machine has, a hub of models, and one thread for torch."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from hypothesis import settings
from PIL import ImageFont

from tests.hub import Hub, serving

# Tests run beside other work; threads that wait for each other would make them slow.
torch.set_num_threads(1)

# The same examples everywhere: whether a change passes must not be a matter of luck. HYPOTHESIS_PROFILE=search looks
# for new ones.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("search", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

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


@pytest.fixture
def wordnet_folder(tmp_path: Path) -> Path:
    """A WordNet of five senses in the form of its database files."""
    licence = "  1 A licence would stand here.  \n"
    senses = {
        "noun": ["dog hound", "goose", "Great_Dane dog"],
        "verb": ["run"],
        "adj": ["big great(a)"],
        "adv": [],
    }
    folder = tmp_path / "wordnet"
    folder.mkdir()
    for pos, synsets in senses.items():
        data, offsets = licence, dict[str, list[int]]()
        for words in map(str.split, synsets):
            for word in words:
                offsets.setdefault(word.partition("(")[0].lower(), []).append(len(data))
            lemmas = " ".join(f"{word} 0" for word in words)
            data += f"{len(data):08d} 03 {pos[0]} {len(words):02x} {lemmas} 000 | a gloss  \n"
        rows = [
            f"{word} {pos[0]} {len(places)} 1 @ {len(places)} 0 {' '.join(f'{place:08d}' for place in places)}  \n"
            for word, places in sorted(offsets.items())
        ]
        (folder / f"data.{pos}").write_text(data)
        (folder / f"index.{pos}").write_text(licence + "".join(rows))
        (folder / f"{pos}.exc").write_text("geese goose\n" if pos == "noun" else "")
    return folder


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty, whatever this machine has in its own."""
    cache = tmp_path / "hub-cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return cache


@pytest.fixture
def hub(hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on this machine that takes the place of the real one."""
    with serving() as server:
        template = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", server.address + template)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr("time.sleep", lambda seconds: None)  # between attempts
        yield server
