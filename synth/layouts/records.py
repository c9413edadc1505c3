"""Records of drawn pages: their regions, or their characters, as JSON holds them."""

from typing import TypedDict

Box = tuple[float, float, float, float]  # left, top, right, bottom


class PageRecord(TypedDict):
    """A page of regions."""

    layout: str  # one of `ocr2.synth.layouts.engine.LAYOUTS`
    width: int  # pixels
    height: int
    skew: float  # degrees
    regions: list[list[str | float]]  # kind, left, top, right, bottom in pixels; in reading order


class WindowRecord(TypedDict):
    """A window of text."""

    width: int  # pixels
    height: int
    text: str  # without spaces
    x: list[float]  # middle of each character, pixels
    y: list[float]


def regions_of(record: PageRecord) -> list[tuple[str, Box]]:
    """Return the kind and box of each region, in reading order."""
    return [
        (str(kind), (float(left), float(top), float(right), float(bottom)))
        for kind, left, top, right, bottom in record["regions"]
    ]
