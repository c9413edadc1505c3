"""What Fox is asked: to look at boxes, a point or a colour, on one page or several.

Source: docs/models/fox.md, "Prompts", "Coordinates".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ocr2.results.box import require_inside

Task = Literal["ocr", "translate", "summary", "caption", "latex", "compare"]
Color = Literal["red", "green", "blue"]
BoxUnit = Literal["px", "thousandths"]
RANGE = 1000  # coordinates are thousandths of a page's sides
WHOLE = (2, 2, 998, 998)  # the box of a whole page
MOST_PAGES = 8  # of one question

# Of one box; the words around it.
OF_A_BOX: dict[Task, str] = {
    "ocr": "Give the OCR results of the box {}.",
    "translate": "Translate the content of the box {}.",
    "summary": "Summarize the content of the box {}.",
    "caption": "What is this in the box {}?",
    "latex": "Convert the box {} to Latex format.",
}
# Of one box on each of several pages.
OF_PAGES: dict[Task, str] = {
    "ocr": "OCR boxes on multiple pages. {}.",
    "compare": "Which page's box contains more characters? {}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """Where to look; nothing given means the whole page.

    Raises:
        ValueError: If more than one way is given, or a colour is unknown.
    """

    boxes: tuple[tuple[float, ...], ...] = ()  # one a page: left, top, right, bottom
    point: tuple[float, float] | None = None  # on a line of writing
    color: Color | None = None  # of a frame that is drawn on the page
    unit: BoxUnit = "px"

    def __post_init__(self) -> None:
        given = [name for name in ("boxes", "point", "color") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"boxes, a point or a colour say where to look; give one, not {' and '.join(given)}")
        if self.color is not None and self.color not in get_args(Color):
            raise ValueError(f"color must be one of {', '.join(get_args(Color))}, got {self.color!r}")
        if self.unit not in get_args(BoxUnit):
            raise ValueError(f"unit must be one of {', '.join(get_args(BoxUnit))}, got {self.unit!r}")


def focus_question(task: Task, focus: Focus, pages: Sequence[tuple[int, int]]) -> str:
    """Return the question that asks for a task.

    Args:
        task: What to do there.
        focus: Where to look.
        pages: Width and height of each page, pixels.

    Raises:
        ValueError: If the task was not taught for such a place, or the boxes do not fit the pages.

    Examples:
        >>> focus_question("ocr", Focus(boxes=((80, 120, 400, 600),)), [(800, 1200)])
        'Give the OCR results of the box [100, 100, 500, 500].'
        >>> focus_question("ocr", Focus(point=(400, 300)), [(800, 1200)])
        'OCR the line [500, 250].'
    """
    if task not in get_args(Task):
        raise ValueError(f"task must be one of {', '.join(get_args(Task))}, got {task!r}")
    if not 1 <= len(pages) <= MOST_PAGES:
        raise ValueError(f"a question takes 1 to {MOST_PAGES} pages, got {len(pages)}")
    if focus.point is not None or focus.color is not None:
        return _of_a_mark(task, focus, pages)
    if focus.boxes and len(focus.boxes) != len(pages):
        raise ValueError(f"expected a box for each page: got {len(focus.boxes)} boxes for {len(pages)} pages")
    boxes = [in_thousandths(b, size, focus.unit) for b, size in zip(focus.boxes, pages, strict=False)]
    boxes = boxes or [WHOLE] * len(pages)
    if len(pages) == 1:
        if task not in OF_A_BOX:
            raise ValueError(f"{task} is a task for several pages, got one")
        return OF_A_BOX[task].format(_written(boxes[0]))
    if task not in OF_PAGES:
        raise ValueError(f"{task} is a task for one page, got {len(pages)}; several can be {' or '.join(OF_PAGES)}")
    listed = ", ".join(f"Page {i}: {_written(box)}" for i, box in enumerate(boxes, start=1))
    return OF_PAGES[task].format(listed)


def _of_a_mark(task: Task, focus: Focus, pages: Sequence[tuple[int, int]]) -> str:
    what = "a point" if focus.point is not None else "a colour"
    if task != "ocr" or len(pages) > 1:
        raise ValueError(f"{what} says where to read one page; got {task} of {len(pages)}")
    if focus.point is None:
        return f"OCR {focus.color} box"
    x, y = focus.point
    width, height = pages[0] if focus.unit == "px" else (RANGE, RANGE)
    if not (0 <= x <= width and 0 <= y <= height):
        raise ValueError(f"the point {[x, y]} is not inside a page of {width} x {height}")
    return f"OCR the line {_written((_share(x, width), _share(y, height)))}."


def in_thousandths(box: Sequence[float], size: tuple[int, int], unit: BoxUnit) -> tuple[int, int, int, int]:
    """Return a box in thousandths of a page's sides, rounded.

    Raises:
        ValueError: If it has not four numbers, is empty, or lies outside the page.
    """
    width, height = size if unit == "px" else (RANGE, RANGE)
    what = f"a page of {width} x {height} pixels" if unit == "px" else f"0..{RANGE}"
    left, top, right, bottom = require_inside(box, width=width, height=height, what=what)
    return _share(left, width), _share(top, height), _share(right, width), _share(bottom, height)


def _share(value: float, side: float) -> int:
    return min(RANGE, max(0, round(value / side * RANGE)))


def _written(numbers: Sequence[int]) -> str:
    return f"[{', '.join(map(str, numbers))}]"
