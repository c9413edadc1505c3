"""Fox: looking at boxes, points and colours, on one page or several."""

from ocr2.fox.models import MODELS

__all__ = ["MODELS"]
