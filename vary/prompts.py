"""What Vary-toy is asked, and how it answers with boxes.

Source: docs/models/vary.md, "Prompts", "Boxes".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

READ = "Provide the OCR results of this image."
MARKDOWN = "Convert the image to markdown format."
DETECT_ALL = "Detect all objects in this image."
DESCRIBE = "Describe this image."
SHORT = "Answer using a single word or phrase."
BOX_RANGE = 1000  # boxes count thousandths of the picture's sides
MOST_BOXES = 1000  # more are a loop

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
        if left < right and top < bottom and len(found) < MOST_BOXES:
            found.append(NamedBox(name, (left, top, right, bottom)))
    return found
