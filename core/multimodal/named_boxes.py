"""Named boxes in answers, as Vary and Fox write them: how they are asked for, and read.

Source: docs/models/vary.md, "Prompts", "Boxes".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ocr2.models.protocols import Answer, Question, RegionReading
from ocr2.results.box import Box
from ocr2.results.region import Region

DETECT_ALL = "Detect all objects in this image."
BOX_RANGE = 1000  # boxes count thousandths of the picture's sides
MAX_BOXES = 1000  # more are a loop

NUMBER = r"\s*(-?\d{1,6})\s*"
BOX = re.compile(rf"\[{NUMBER},{NUMBER},{NUMBER},{NUMBER}\]")
NAME = re.compile(r"([^\[\]\n,;:]{1,60}?)\s*:\s*$")


@dataclass(frozen=True, slots=True)
class NamedBox:
    """Something found, and where: thousandths of the picture's sides."""

    name: str  # "" if the answer names none
    box: tuple[int, int, int, int]  # left, top, right, bottom


def detect_question(names: Sequence[str]) -> str:
    """Return how things are asked for: all if none is named, one as in RefCOCO, several as in detection.

    Examples:
        >>> detect_question(["Tuba", "Gloves", "Bow Tie"])
        'Detect Tuba,Gloves and Bow Tie in this image'
    """
    if not names:
        return DETECT_ALL
    if len(names) == 1:
        return f"Detect an object: {names[0]}."
    return f"Detect {','.join(names[:-1])} and {names[-1]} in this image"


def read_boxes(text: str) -> list[NamedBox]:
    """Read boxes out of an answer, as it names them; numbers may have zeros in front, and are cut to 0..1000.

    Examples:
        >>> read_boxes("Person: [535, 544, 568, 591]; Car: [009, 552, 58, 1737], [0, 0, 0, 9].")
        [NamedBox(name='Person', box=(535, 544, 568, 591)), NamedBox(name='Car', box=(9, 552, 58, 1000))]
    """
    found: list[NamedBox] = []
    name, behind = "", 0
    for match in BOX.finditer(text):
        before = NAME.search(text[behind : match.start()])
        name = before[1].strip() if before else name
        behind = match.end()
        left, top, right, bottom = (min(BOX_RANGE, max(0, int(v))) for v in match.groups())
        if left < right and top < bottom and len(found) < MAX_BOXES:
            found.append(NamedBox(name, (left, top, right, bottom)))
    return found


def named_regions(text: str, width: int, height: int, *, unnamed: str = "thing") -> list[Region]:
    """Return the boxes of an answer in pixels of a picture; those that vanish there are left out.

    Args:
        text: Answer of the model.
        width: Width of the picture, pixels.
        height: Height of the picture, pixels.
        unnamed: Name of boxes that the answer gives none.
    """
    regions = []
    for found in read_boxes(text):
        left, top, right, bottom = found.box
        box = Box(
            round(left * width / BOX_RANGE),
            round(top * height / BOX_RANGE),
            round(right * width / BOX_RANGE),
            round(bottom * height / BOX_RANGE),
        )
        if box.width > 0 and box.height > 0:
            regions.append(Region(found.name or unnamed, box, None))
    return regions


class Answerer(Protocol):
    """A model that answers questions."""

    def answer(self, questions: Sequence[Question], *, max_new_tokens: int | None = None) -> list[Answer]:
        """Answer questions, in order."""


def find_by_asking(
    model: Answerer, pictures: Sequence[NDArray[np.uint8]], names: Sequence[str], *, max_new_tokens: int | None
) -> list[RegionReading]:
    """Find named things by asking a model for their boxes.

    Args:
        model: A loaded model.
        pictures: Pictures (height, width, 3).
        names: Names of what to look for; everything if empty.
        max_new_tokens: Bound of the tokens of an answer.
    """
    unnamed = names[0] if len(names) == 1 else "thing"
    readings = []
    for picture in pictures:
        (answer,) = model.answer([Question((picture,), detect_question(names))], max_new_tokens=max_new_tokens)
        regions = named_regions(answer.text, picture.shape[1], picture.shape[0], unnamed=unnamed)
        readings.append(RegionReading(tuple(regions), answer.text, answer.stopped))
    return readings
