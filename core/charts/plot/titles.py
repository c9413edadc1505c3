"""Titles: what stands above, below and beside a plot and is of no axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocr2.charts.plot.words import Word

SOURCES = ("source", "data:", "note", "quelle", "fuente", "fonte", "sources", "data source")
LARGER = 1.12  # ratio of sizes by which a title is larger than other text


@dataclass(frozen=True, slots=True)
class Titles:
    """The words around a plot."""

    title: str | None = None
    subtitle: str | None = None
    source: str | None = None
    x: str | None = None
    y: str | None = None


def find_titles(free: Sequence[Word], plot: tuple[int, int, int, int], usual: float) -> Titles:
    """Tell titles apart by their places.

    Args:
        free: Words that are of no axis, no legend and no mark.
        plot: Left, top, right, bottom.
        usual: Height of the text of axes, pixels.
    """
    left, top, right, bottom = plot
    words = [w for w in free if any(c.isalpha() for c in w.text) and len(w.text) > 0]
    source = [w for w in words if w.text.lower().startswith(SOURCES) and w.y > bottom]
    rest = [w for w in words if w not in source]
    above = [w for w in rest if w.level and w.y < top + 0.12 * (bottom - top) and w.size >= 0.8 * usual]
    sideways = [w for w in rest if not w.level and not w.slanted and (w.x < left or w.x > right)]
    below = [w for w in rest if w.level and w.y > bottom and w not in above]
    title, subtitle = _title(above, usual)
    y = " ".join(w.text for w in sorted((w for w in sideways if w.x < left), key=lambda w: w.x)) or None
    if y is None:
        spare = [w for w in above if w.text not in (title or "") and w.text not in (subtitle or "")]
        beside = [w for w in rest if w.level and w.right <= left + 1 and top < w.y < bottom]
        chosen = beside or [w for w in spare if w.x < left + 0.2 * (right - left)]
        y = chosen[0].text if chosen else None
    x = " ".join(w.text for w in _first_line(below)) or None
    return Titles(title, subtitle, " ".join(w.text for w in source) or None, x, y)


def _first_line(below: Sequence[Word]) -> list[Word]:
    if not below:
        return []
    first = min(below, key=lambda w: w.y)
    return sorted((w for w in below if abs(w.y - first.y) < 0.6 * first.size), key=lambda w: w.x)


def _title(above: Sequence[Word], usual: float) -> tuple[str | None, str | None]:
    """Return the title, of one line or several of one size, and the smaller lines below it."""
    if not above:
        return None, None
    largest = max(w.size for w in above)
    lines = sorted((w for w in above if w.size >= largest / LARGER), key=lambda w: (round(w.y / max(1.0, w.size)), w.x))
    if largest < LARGER * usual and len(lines) > 2:
        lines = lines[:1]
    smaller = [w for w in above if w not in lines and w.y > lines[-1].y and w.y - lines[-1].y < 2.5 * largest]
    return " ".join(w.text for w in lines), " ".join(w.text for w in sorted(smaller, key=lambda w: w.y)) or None
