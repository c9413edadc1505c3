"""OneChart: a chart as JSON with a second opinion on its numbers (Chen et al. 2024, arXiv 2404.09987)."""

from ocr2.onechart.models import MODELS

__all__ = ["MODELS"]
