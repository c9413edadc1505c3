"""What Fox is asked: to look at boxes, a point or a colour, on one page or several.

Source: docs/models/fox.md, "Prompts", "Coordinates".
"""

from collections.abc import Sequence

from ocr2.options import FocusTask, Where
from ocr2.places import THOUSANDTHS as RANGE
from ocr2.places import box_in_thousandths, point_in_pixels, require_places

WHOLE = (2, 2, 998, 998)  # the box of a whole page

# Of one box; the words around it.
OF_A_BOX: dict[FocusTask, str] = {
    "ocr": "Give the OCR results of the box {}.",
    "translate": "Translate the content of the box {}.",
    "summary": "Summarize the content of the box {}.",
    "caption": "What is this in the box {}?",
    "latex": "Convert the box {} to Latex format.",
}
# Of one box on each of several pages.
OF_PAGES: dict[FocusTask, str] = {
    "ocr": "OCR boxes on multiple pages. {}.",
    "compare": "Which page's box contains more characters? {}.",
}


def focus_question(task: FocusTask, where: Where, pages: Sequence[tuple[int, int]]) -> str:
    """Return the question that asks for a task.

    Args:
        task: What to do there.
        where: Places to look at.
        pages: Width and height of each page, pixels.

    Raises:
        ValueError: If the task was not taught for such a place, or the boxes do not fit the pages.

    Examples:
        >>> focus_question("ocr", Where(boxes=((80, 120, 400, 600),)), [(800, 1200)])
        'Give the OCR results of the box [100, 100, 500, 500].'
        >>> focus_question("ocr", Where(point=(400, 300)), [(800, 1200)])
        'OCR the line [500, 250].'
    """
    require_places(task, where, pages)
    if where.color is not None:
        return f"OCR {where.color} box"
    if where.point is not None:
        x, y = point_in_pixels(where.point, pages[0], where.unit)
        width, height = pages[0]
        return f"OCR the line {_written((round(x / width * RANGE), round(y / height * RANGE)))}."
    boxes = [
        box_in_thousandths(box, size, where.unit, rounding="nearest")
        for box, size in zip(where.boxes, pages, strict=False)
    ]
    boxes = boxes or [WHOLE] * len(pages)
    if len(pages) == 1:
        return OF_A_BOX[task].format(_written(boxes[0]))
    listed = ", ".join(f"Page {i}: {_written(box)}" for i, box in enumerate(boxes, start=1))
    return OF_PAGES[task].format(listed)


def _written(numbers: Sequence[int]) -> str:
    return f"[{', '.join(map(str, numbers))}]"
