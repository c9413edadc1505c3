"""Texts that a page's answer is expected to be like: they change how fast a large model writes, never what."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr2.documents.pdf import TextChar
from ocr2.models.protocols import Ask, Draft, Reader
from ocr2.reading.lines.page import read_page
from ocr2.reading.lines.text_layer import is_sound

logger = logging.getLogger(__name__)

NANO = "got-nano"  # reads a page for the drafts of others

Gray = NDArray[np.uint8]


def layer_text(characters: Sequence[TextChar], *, sound: bool) -> str:
    """Return the text of a PDF's text layer, or nothing.

    Args:
        characters: Of the page.
        sound: Give it only if it is readable.
    """
    if sound and not is_sound(characters):
        return ""
    return "".join(c.text for c in characters).strip()


class NanoDrafts:
    """Drafts that a small model reads, for a large one; the small one is loaded when it is first needed.

    Args:
        load: Loads it.
        draft: What the user chose.
        ask: What the large model is asked.
        device_type: Where the large model runs.
    """

    def __init__(self, load: Callable[[], Reader], draft: Draft, ask: Ask, device_type: str) -> None:
        # A region is not worth the reading of its whole page, nor is a page for a decoder that is fast by itself.
        pays = device_type == "cpu" and ask.box is None and ask.color is None
        self.wanted = draft == "nano" or (draft == "auto" and pays)
        self._load = load
        self._reader: Reader | None = None

    def read(self, gray: Gray) -> str:
        """Return what the small model reads on a page (height, width), or nothing if that is not wanted."""
        if not self.wanted:
            return ""
        try:
            if self._reader is None:
                self._reader = self._load()
            return read_page(gray, self._reader).text
        except Exception as error:  # a page without a draft is read all the same, only more slowly
            logger.warning("no draft by %s: %s", NANO, error)
            self.wanted = self._reader is not None
            return ""
