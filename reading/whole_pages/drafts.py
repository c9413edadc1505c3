"""Texts that a page's answer is expected to be like: they change how fast a large model writes, never what."""

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import LineReader
from ocr2.options import Draft, PageInstructions
from ocr2.reading.lines.page import read_page

logger = logging.getLogger(__name__)

Gray = NDArray[np.uint8]


class NanoDrafts:
    """Drafts that a small model reads, for a large one; the small one is loaded when it is first needed.

    Args:
        load: Loads it; None drafts nothing.
        draft: What the user chose.
        instructions: What the large model is told.
        device_type: Where the large model runs.
    """

    def __init__(
        self, load: Callable[[], LineReader] | None, draft: Draft, instructions: PageInstructions, device_type: str
    ) -> None:
        # A region is not worth the reading of its whole page, nor is a page for a decoder that is fast by itself.
        pays = device_type == "cpu" and instructions.where.is_whole_page
        self.wanted = load is not None and (draft == "nano" or (draft == "auto" and pays))
        self._load = load
        self._reader: LineReader | None = None

    def read(self, gray: Gray) -> str:
        """Return what the small model reads on a page (height, width), or nothing if that is not wanted."""
        if not self.wanted:
            return ""
        try:
            if self._reader is None:
                assert self._load is not None
                self._reader = self._load()
            return read_page(gray, self._reader).text
        except Exception as error:  # a page without a draft is read all the same, only more slowly
            logger.warning("no draft by a nano model: %s", error)
            self.wanted = self._reader is not None
            return ""
