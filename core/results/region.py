"""Regions of a page: what stands where, in reading order. Plain frozen data, no torch."""

from dataclasses import dataclass
from typing import Literal, get_args

from ocr2.results.box import Box

RegionKind = Literal[
    "title", "paragraph", "list", "table", "formula", "figure", "chart", "molecule", "score", "geometry"
]  # fmt: skip
REGION_KINDS: tuple[RegionKind, ...] = get_args(RegionKind)
# Regions that are drawn, not written.
PICTURE_KINDS: frozenset[RegionKind] = frozenset(("figure", "chart", "molecule", "score", "geometry"))


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a page."""

    kind: str  # one of `REGION_KINDS`; from models that find any named thing, its name
    box: Box  # pixels of the page
    confidence: float | None  # probability that it is there, of this kind; None from models that give none
