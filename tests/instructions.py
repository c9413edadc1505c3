"""Instructions to models of whole pages, from flat keywords."""

from collections.abc import Sequence
from typing import Any, Literal

from ocr2.options import BoxUnit, Color, PageInstructions, Where, WholePageOptions, require_box


def asking(
    *,
    box: Sequence[float] | None = None,
    box_unit: BoxUnit = "px",
    color: Color | None = None,
    max_new_tokens: int | None = None,
    markup: bool = False,
    crop: bool = False,
    tiles: int | Literal["auto"] = "auto",
    multi_page: bool = False,
    ngram_size: int | None = None,
) -> dict[str, Any]:
    """Return arguments of `ReadOptions` or `PageInstructions`."""
    boxes = (require_box(box),) if box is not None else ()
    return {
        "where": Where(boxes=boxes, color=color, unit=box_unit),
        "whole_page": WholePageOptions(
            markup=markup, crop=crop, tiles=tiles, multi_page=multi_page, ngram_size=ngram_size
        ),
        "max_new_tokens": max_new_tokens,
    }


def instruct(**told: Any) -> PageInstructions:
    """Return instructions; arguments as of `asking`."""
    return PageInstructions(**asking(**told))
