"""Boxes and points in answers: in brackets, in the marks of Qwen's models, in JSON, and as Vary and Fox name them.

Coordinates are thousandths of the picture's sides unless said otherwise; x to the right, y down.
"""

import json
import math
import re
from dataclasses import dataclass

from ocr2.metrics.detection import Point
from ocr2.metrics.regions import NamedRegion
from ocr2.multimodal.named_boxes import BOX_RANGE, MAX_BOXES, read_boxes

Box = tuple[float, float, float, float]  # left, top, right, bottom

FAR = 1e6  # no coordinate of a picture
NUMBER = r"\s*(-?\d{1,6}(?:\.\d{0,8})?)\s*"
QUADRUPLE = re.compile(
    rf"\[{NUMBER},{NUMBER},{NUMBER},{NUMBER}\]"
    rf"|\({NUMBER},{NUMBER},{NUMBER},{NUMBER}\)"
    rf"|\({NUMBER},{NUMBER}\)\s*,\s*\({NUMBER},{NUMBER}\)"
)
FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Detections:
    """What an answer says was found."""

    items: int  # entries, right in form or not
    regions: tuple[NamedRegion, ...]  # those right in form


def read_quadruples(text: str) -> list[Box]:
    """Return four numbers that stand together, at most `MAX_BOXES` times: `[a,b,c,d]`, `(a,b,c,d)` or `(a,b),(c,d)`.

    Examples:
        >>> read_quadruples("<|box_start|>(1,2),(3,4)<|box_end|> and [5, 6, 7, 8.5]")
        [(1.0, 2.0, 3.0, 4.0), (5.0, 6.0, 7.0, 8.5)]
    """
    found: list[Box] = []
    for match in QUADRUPLE.finditer(text):
        left, top, right, bottom = (float(number) for number in match.groups() if number is not None)
        found.append((left, top, right, bottom))
        if len(found) == MAX_BOXES:
            break
    return found


def in_thousandths(box: Box) -> Box:
    """Return a box in thousandths; if no number is above 1, they are shares of the picture's sides."""
    if max(map(abs, box)) > 1:
        return box
    left, top, right, bottom = (number * BOX_RANGE for number in box)
    return left, top, right, bottom


def middle(box: Box) -> Point:
    """Return a box's middle, (x, y)."""
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def read_points(text: str) -> list[Point]:
    """Return the points of a JSON list: `[x, y]` each, or boxes, whose middles count.

    Raises:
        ValueError: If it is no such list.

    Examples:
        >>> read_points("[[10, 20], [0, 0, 100, 50]]")
        [(10.0, 20.0), (50.0, 25.0)]
    """
    entries = _load_list(text)
    if entries is None:
        raise ValueError(f"expected a JSON list of points, got {text[:40]!r}")
    points: list[Point] = []
    for entry in entries:
        numbers = _numbers(entry)
        if numbers is None or len(numbers) not in (2, 4):
            raise ValueError(f"expected [x, y] or [left, top, right, bottom], got {entry!r}")
        points.append((numbers[0], numbers[1]) if len(numbers) == 2 else middle(_box(numbers)))
    return points


def read_detections(text: str, kinds: frozenset[str] | None = None) -> Detections | None:
    """Read named boxes: a JSON list of {"bbox_2d": [left, top, right, bottom], "label": name}, or names before boxes.

    An entry is right in form if its label is known and its box has an extent. Labels are compared in small letters.

    Args:
        text: An answer; a fence around JSON does not count.
        kinds: Known labels in small letters; None for any.

    Returns:
        What was found; None if it is neither.

    Examples:
        >>> read_detections('[{"bbox_2d": [0, 0, 5, 5], "label": "Cat"}, {"label": "dog"}]')
        Detections(items=2, regions=(('cat', (0.0, 0.0, 5.0, 5.0)),))
    """
    entries = _load_list(text)
    if entries is not None and all(isinstance(entry, dict) for entry in entries):
        read = [_region(entry) for entry in entries]
    elif named := read_boxes(text):
        read = [(one.name.casefold(), _box(list(one.box))) for one in named]
    else:
        return None
    known = tuple(region for region in read if region is not None and (kinds is None or region[0] in kinds))
    return Detections(len(read), known)


def _region(entry: object) -> NamedRegion | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
        return None
    numbers = _numbers(entry.get("bbox_2d"))
    if numbers is None or len(numbers) != 4 or numbers[0] >= numbers[2] or numbers[1] >= numbers[3]:
        return None
    return " ".join(entry["label"].split()).casefold(), _box(numbers)


def _box(numbers: list[float] | list[int]) -> Box:
    left, top, right, bottom = map(float, numbers)
    return left, top, right, bottom


def _load_list(text: str) -> list[object] | None:
    """Return a JSON list, perhaps in a fence; None if the text is none."""
    fenced = FENCE.search(text)
    try:
        loaded = json.loads(fenced[1] if fenced is not None else text)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, list) else None


def _numbers(value: object) -> list[float] | None:
    """Return a list of coordinates; None if it is none."""
    if not isinstance(value, list) or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < FAR and math.isfinite(v) for v in value
    ):
        return None
    return [float(v) for v in value]
