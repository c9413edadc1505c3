"""Fox's one path: its family's; CLIP sees the whole picture squashed, and a question may name places.

Source: docs/models/fox.md, "Image preprocessing", "Prompts".
"""

from collections.abc import Sequence
from typing import Unpack

from ocr2.fox.checkpoint import Published
from ocr2.fox.prompts import focus_question
from ocr2.models.protocols import Answer, Question
from ocr2.multimodal.families.clip_sam.reader import ClipSamReader
from ocr2.multimodal.families.clip_sam.views import RGB
from ocr2.multimodal.published_reader import ReaderOptions
from ocr2.options import FocusTask, Where


class FoxReader(ClipSamReader):
    """Fox with weights; arguments as of `ClipSamReader`."""

    default_name = "fox"

    def __init__(self, published: Published, **options: Unpack[ReaderOptions]) -> None:
        super().__init__(published, clip_resize="squash", **options)

    def read_places(
        self, task: FocusTask, where: Where, pictures: Sequence[RGB], *, max_new_tokens: int | None = None
    ) -> Answer:
        """Do a task at places of pages (height, width, 3).

        Raises:
            ValueError: If the task was not trained for such places, or they do not fit the pages.
        """
        sizes = [(picture.shape[1], picture.shape[0]) for picture in pictures]
        question = Question(tuple(pictures), focus_question(task, where, sizes))
        (answer,) = self.answer([question], max_new_tokens=max_new_tokens)
        return answer
