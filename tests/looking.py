"""Pages to look at, and models that need no weights."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocr2.fox.prompts import focus_question
from ocr2.models.protocols import Answer, Question, RegionReading
from ocr2.multimodal.named_boxes import find_by_asking
from ocr2.options import FocusTask, Where
from ocr2.results.box import Box
from ocr2.results.region import REGION_KINDS, Region

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

    region_kinds: tuple[str, ...] = ()
    writes_answers = True

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.asked: list[Question] = []

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        self.asked += questions
        return [Answer(self.text if self.text is not None else q.text, "end", (0.5, 1.0)) for q in questions]

    def find_regions(
        self, pictures: Sequence[RGB], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        return find_by_asking(self, pictures, names, max_new_tokens=max_new_tokens)

    def read_places(
        self, task: FocusTask, where: Where, pictures: Sequence[RGB], *, max_new_tokens: int | None = None
    ) -> Answer:
        sizes = [(picture.shape[1], picture.shape[0]) for picture in pictures]
        (answer,) = self.answer([Question(tuple(pictures), focus_question(task, where, sizes))])
        return answer


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

    region_kinds: tuple[str, ...] = REGION_KINDS
    writes_answers = False

    def find_regions(
        self, pictures: Sequence[NDArray[np.uint8]], names: Sequence[str] = (), *, max_new_tokens: int | None = None
    ) -> list[RegionReading]:
        return [RegionReading(tuple(r for r in self.regions if not names or r.kind in names)) for _ in pictures]


def framed(page: RGB, box: Sequence[int], color: tuple[int, int, int]) -> RGB:
    """Return a page with a hollow frame just around a box."""
    drawn = np.ascontiguousarray(page.copy())
    left, top, right, bottom = box
    cv2.rectangle(drawn, (left - 5, top - 5), (right + 5, bottom + 5), color, 5)
    return drawn
