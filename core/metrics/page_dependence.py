"""Which answers need several pages: the filter of multi-page training pairs.

Source: the filter by temporal perplexity of arXiv 2502.12081, with pages in the place of frames; that it goes beyond
two pages is ours.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import TypeVar

from ocr2.results.page_dependence import MARGIN, PageDependence, require_margin

P = TypeVar("P")


def depends_on_pages(dependence: PageDependence, count: int, *, margin: float = MARGIN) -> bool:
    """Say whether an answer depends on at least `count` of its pages.

    It does if neither no picture nor any `count - 1` pages explain it within the margin, mean over the tokens. What
    several pages explain is judged token by token by the best of them alone, for the model did not see them together.

    Args:
        dependence: Of the answer.
        count: Pages; 1 asks whether pages are needed at all, 2 whether no page alone is enough.
        margin: Nats a token.

    Raises:
        ValueError: If `count` is less than 1 or the margin negative.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    require_margin(margin)
    if count > len(dependence.places) or _mean(dependence.control) <= margin:
        return False
    if count == 1:
        return True
    subsets = combinations(dependence.pages, count - 1)
    return all(_mean(map(min, zip(*subset, strict=True))) > margin for subset in subsets)


def keep_dependent(pairs: Iterable[tuple[P, PageDependence]], *, count: int = 2, margin: float = MARGIN) -> list[P]:
    """Return the pairs whose answer depends on at least `count` pages by a margin; arguments as of `depends_on_pages`.

    Args:
        pairs: Training pairs of any kind, each with the dependence of its answer.
        count: Pages.
        margin: Nats a token.
    """
    return [pair for pair, dependence in pairs if depends_on_pages(dependence, count, margin=margin)]


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
