"""Vary: Vary-toy as released, and vary-nano, which finds the regions of pages."""

from ocr2.vary.models import MODELS

__all__ = ["MODELS"]
