"""Pages to look at, and models that need no weights."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.models.protocols import Answer, Question
from ocr2.results.box import Box
from ocr2.results.region import Region

RGB = NDArray[np.uint8]
LINES = ("The first line of the page", "A second line below it", "And the third one, at last")
LINE_BOXES = tuple((40, 60 + 90 * i, 760, 120 + 90 * i) for i in range(len(LINES)))


def written_page(lines: Sequence[str] = LINES, *, width: int = 800, height: int = 400) -> RGB:
    """Return a page with a line of writing every 90 pixels."""
    image = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=34)
    for i, line in enumerate(lines):
        pen.text((60, 68 + 90 * i), line, fill="black", font=font)
    return np.asarray(image, np.uint8)


class FakeAsker:
    """Answers every question with what it was asked."""

    name = "fake-asker"
    weights_sha256 = "0" * 64

    def __init__(self, text: str | None = None, *, teaches: tuple[str, ...] = ("detect", "focus")) -> None:
        self.text = text
        self.teaches = teaches
        self.asked: list[Question] = []

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        self.asked += questions
        return [Answer(self.text if self.text is not None else q.text, "end", (0.5, 1.0)) for q in questions]


class FakeDetector:
    """Finds the same regions on every page."""

    name = "fake-detector"
    weights_sha256 = "1" * 64

    def __init__(self, regions: Sequence[Region] | None = None) -> None:
        self.regions = (
            [Region("title", Box(10, 10, 200, 40), 0.9), Region("chart", Box(10, 60, 200, 160), 0.6)]
            if regions is None
            else list(regions)
        )

    def detect_pages(self, pages: Sequence[NDArray[np.uint8]]) -> list[list[Region]]:
        assert all(page.ndim == 2 for page in pages)
        return [list(self.regions) for _ in pages]


def framed(page: RGB, box: Sequence[int], color: tuple[int, int, int]) -> RGB:
    """Return a page with a hollow frame just around a box."""
    drawn = np.ascontiguousarray(page.copy())
    left, top, right, bottom = box
    cv2.rectangle(drawn, (left - 5, top - 5), (right + 5, bottom + 5), color, 5)
    return drawn
