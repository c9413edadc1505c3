"""Axis-aligned boxes in pixels."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """Pixels from `left`, `top` up to but without `right`, `bottom`; also a sequence of these four numbers.

    Examples:
        >>> left, top, right, bottom = Box(10, 20, 110, 70)
        >>> right - left, list(Box(10, 20, 110, 70))[:2], Box(10, 20, 110, 70)[3]
        (100, [10, 20], 70)
    """

    left: int
    top: int
    right: int
    bottom: int

    def __iter__(self) -> Iterator[int]:
        return iter((self.left, self.top, self.right, self.bottom))

    def __len__(self) -> int:
        return 4

    def __getitem__(self, place: int) -> int:
        return (self.left, self.top, self.right, self.bottom)[place]

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle, (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def contains(self, x: float, y: float) -> bool:
        """Say whether a point lies in it."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def overlaps(self, other: "Box") -> bool:
        """Say whether they share pixels."""
        return max(self.left, other.left) < min(self.right, other.right) and max(self.top, other.top) < min(
            self.bottom, other.bottom
        )

    def shifted(self, x: int, y: int) -> "Box":
        """Return the box moved by (x, y) pixels."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def clipped(self, width: int, height: int) -> "Box":
        """Return the part inside an image of `width` x `height` pixels."""
        left, top = min(max(self.left, 0), width), min(max(self.top, 0), height)
        return Box(left, top, min(max(self.right, left), width), min(max(self.bottom, top), height))

    def turned(self, quarter_turns: int, width: int, height: int) -> "Box":
        """Return the box after an image of `width` x `height` pixels was turned counter-clockwise by quarters.

        Examples:
            >>> Box(0, 0, 2, 1).turned(1, width=10, height=5)
            Box(left=0, top=8, right=1, bottom=10)
        """
        box = self
        for _ in range(quarter_turns % 4):
            box = Box(box.top, width - box.right, box.bottom, width - box.left)
            width, height = height, width
        return box

    def as_list(self) -> list[int]:
        """Return [left, top, right, bottom]."""
        return [self.left, self.top, self.right, self.bottom]


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around boxes; ValueError if there are none."""
    items = list(boxes)
    if not items:
        raise ValueError("the union of no boxes is not a box")
    return Box(
        min(b.left for b in items),
        min(b.top for b in items),
        max(b.right for b in items),
        max(b.bottom for b in items),
    )


def require_inside(
    box: Sequence[float], *, width: float, height: float, container: str
) -> tuple[float, float, float, float]:
    """Return a box that users gave, left, top, right, bottom.

    Args:
        box: Four numbers.
        width: Width of its container, pixels.
        height: Height of its container, pixels.
        container: Name of the container in the error, such as "a page of 800 x 600 pixels".

    Raises:
        ValueError: If it has not four numbers, is empty, or lies outside.
    """
    if len(box) != 4:
        raise ValueError(f"a box is left, top, right, bottom; got {len(box)} numbers")
    left, top, right, bottom = box
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise ValueError(f"the box {list(box)} is empty or not inside {container}")
    return left, top, right, bottom
