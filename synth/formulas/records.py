"""The record of a drawn formula: its answer and the box of every element, as JSON holds them."""

from typing import TypedDict


class FormulaRecord(TypedDict):
    """A formula."""

    latex: str
    items: list[str]  # elements and tokens of `ocr2.got.formulas.output_language.linearise`; tokens are "<name>"
    boxes: list[list[float]]  # left, top, right, bottom of each element, pixels
    width: int  # pixels
    height: int
    em: float  # pixels
