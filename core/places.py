"""Places of pages in pixels and in thousandths of the sides, and which tasks fit which places.

Published models count boxes in thousandths; GOT's code cuts fractions, Fox's rounds them.
"""

from collections.abc import Sequence
from typing import Literal

from ocr2.options import BoxUnit, FocusTask, Where, require_box
from ocr2.results.box import require_inside

THOUSANDTHS = 1000
MAX_PAGES = 8  # of one question, as Fox was trained
TASKS_OF_SEVERAL_PAGES: tuple[FocusTask, ...] = ("ocr", "compare")


def require_places(task: FocusTask, where: Where, sizes: Sequence[tuple[int, int]]) -> None:
    """Refuse places that do not fit the pages, and tasks that do not fit the places.

    Args:
        task: Task at the places.
        where: The places.
        sizes: Width and height of each page, pixels.

    Raises:
        ValueError: If there are too many pages, boxes for other pages than there are, a place outside of its page, or a
            task that such places cannot have.
    """
    count = len(sizes)
    if not 1 <= count <= MAX_PAGES:
        raise ValueError(f"a question takes 1 to {MAX_PAGES} pages, got {count}")
    if where.point is not None or where.color is not None:
        what = "a point" if where.point is not None else "a colour"
        if task != "ocr" or count > 1:
            raise ValueError(f"{what} says where to read one page; got {task} of {count}")
        if where.point is not None:
            point_in_pixels(where.point, sizes[0], where.unit)
        return
    if where.boxes and len(where.boxes) != count:
        raise ValueError(f"expected a box for each page: got {len(where.boxes)} boxes for {count} pages")
    for box, size in zip(where.boxes, sizes, strict=False):
        box_in_pixels(box, size, where.unit)
    if count == 1 and task == "compare":
        raise ValueError(f"{task} is a task for several pages, got one")
    if count > 1 and task not in TASKS_OF_SEVERAL_PAGES:
        known = " or ".join(TASKS_OF_SEVERAL_PAGES)
        raise ValueError(f"{task} is a task for one page, got {count}; several can be {known}")


def point_in_pixels(point: tuple[float, float], size: tuple[int, int], unit: BoxUnit) -> tuple[float, float]:
    """Return a point of a page (width, height) in pixels.

    Raises:
        ValueError: If it lies outside.
    """
    x, y = point
    width, height = size if unit == "px" else (THOUSANDTHS, THOUSANDTHS)
    if not (0 <= x <= width and 0 <= y <= height):
        raise ValueError(f"the point {[x, y]} is not inside a page of {width} x {height}")
    return x * size[0] / width, y * size[1] / height


def box_in_pixels(box: Sequence[float], size: tuple[int, int], unit: BoxUnit) -> tuple[float, float, float, float]:
    """Return a box of a page (width, height) in pixels.

    Raises:
        ValueError: If it has not four numbers, is empty, or lies outside.

    Examples:
        >>> box_in_pixels([100, 100, 500, 500], (800, 1200), "thousandths")
        (80.0, 120.0, 400.0, 600.0)
    """
    if unit == "px":
        container = f"a page of {size[0]} x {size[1]} pixels"
        return require_inside(require_box(box), width=size[0], height=size[1], container=container)
    inside = require_inside(require_box(box), width=THOUSANDTHS, height=THOUSANDTHS, container=f"0..{THOUSANDTHS}")
    left, top, right, bottom = inside
    x, y = size
    return left * x / THOUSANDTHS, top * y / THOUSANDTHS, right * x / THOUSANDTHS, bottom * y / THOUSANDTHS


def box_in_thousandths(
    box: Sequence[float], size: tuple[int, int], unit: BoxUnit, *, rounding: Literal["nearest", "down"]
) -> tuple[int, int, int, int]:
    """Return a box of a page (width, height) in thousandths of its sides.

    Args:
        box: Left, top, right, bottom.
        size: Width and height of the page, pixels.
        unit: Unit of the box.
        rounding: "nearest" as Fox, "down" as GOT.

    Raises:
        ValueError: If it has not four numbers, is empty, or lies outside.

    Examples:
        >>> box_in_thousandths([80, 120, 400, 601], (800, 1200), "px", rounding="nearest")
        (100, 100, 500, 501)
        >>> box_in_thousandths([80, 120, 400, 601], (800, 1200), "px", rounding="down")
        (100, 100, 500, 500)
    """
    width, height = size if unit == "px" else (THOUSANDTHS, THOUSANDTHS)
    box_in_pixels(box, size, unit)  # refuses what lies outside
    shares = [value / side * THOUSANDTHS for value, side in zip(box, (width, height, width, height), strict=True)]
    left, top, right, bottom = (int(share) if rounding == "down" else round(share) for share in shares)
    return left, top, right, bottom
